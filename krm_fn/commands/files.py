"""Files in, files or stdout out: what every command shares.

Items read here carry the orchestrator's path and index annotations, so that results name the file; `write` takes them
off again.
"""

from __future__ import annotations

import os
import sys

from krm_fn.commands.documents import read_bytes
from krm_fn.core import wire
from krm_fn.core.errors import InputError
from krm_fn.core.manifest import is_local_config, mapping, name_of, namespace_of, text
from krm_fn.kubevirt.api import CONFIG_API

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from typing import Any

    from krm_fn.core.manifest import Manifest

PATH, INDEX = "internal.config.kubernetes.io/path", "internal.config.kubernetes.io/index"
_ENDINGS = (".yaml", ".yml", ".json")
_KUSTOMIZATIONS = {"kustomization.yaml", "kustomization.yml", "Kustomization"}
_PATCH_FIELDS = ("patches", "patchesStrategicMerge", "patchesJson6902")
_LISTS = ("List", "ResourceList")
_TOOLS = ("kustomize.config.k8s.io/", "kpt.dev/", CONFIG_API)
"""apiVersions of files that configure a tool: read where a command looks for them, never written."""


def add_inputs(parser: argparse.ArgumentParser) -> None:
    """Let a command take files, directories and stdin."""
    parser.add_argument(
        "inputs", nargs="+", metavar="FILE|DIR|-", help="manifests: files, directories (read recursively), - for stdin"
    )


def add_outputs(parser: argparse.ArgumentParser) -> None:
    """Let a command write YAML or JSON to stdout, a file or a directory."""
    parser.add_argument(
        "-o", "--format", choices=("yaml", "json"), default="yaml", help="yaml (default) or json (one List)"
    )
    parser.add_argument(
        "-O",
        "--output",
        metavar="PATH",
        help="write to this file, or one file for each object into this directory (DIR/)",
    )


def add_edits(parser: argparse.ArgumentParser) -> None:
    """Let a command rewrite files: in place, to one file, or to stdout."""
    parser.add_argument("-i", "--in-place", action="store_true", help="write the files instead of stdout")
    parser.add_argument("-O", "--output", metavar="FILE", help="write everything to this file instead of stdout")


def read(inputs: list[str]) -> list[Manifest]:
    """Every manifest of the inputs, in their order; directories by name. Raises InputError with the file's name."""
    items: list[Manifest] = []
    for path, given in paths(inputs):
        for index, document in enumerate(_documents(path)):
            if not isinstance(document, dict) or not isinstance(document.get("kind"), str):
                if given:
                    raise InputError(f"{path}: document {index + 1} is not a manifest: it has no kind")
                sys.stderr.write(f"note: {path}: document {index + 1} is not a manifest and is left out\n")
                continue
            items.append(document if path == "-" else _located(document, path, index))
    return items


def configurations(items: list[Manifest]) -> tuple[list[Manifest], list[Manifest]]:
    """(functionConfigs of ours, everything else that is not some tool's configuration)."""
    ours = [item for item in items if item.get("apiVersion") == CONFIG_API]
    return ours, [item for item in items if not text(item, "apiVersion").startswith(_TOOLS)]


def write(items: list[Manifest], options: argparse.Namespace) -> None:
    """Write the items as the options say, without local configuration and without the annotations of `read`."""
    left = shown(items)
    target = options.output
    if target and (target.endswith("/") or os.path.isdir(target)):  # noqa: PTH112
        _write_directory(left, target, options.format)
        return
    output = render(left, options.format)
    if target:
        with open(target, "w", encoding="utf-8") as file:  # noqa: PTH123
            file.write(output)
    else:
        sys.stdout.buffer.write(output.encode())


def shown(items: list[Manifest]) -> list[Manifest]:
    """The items that are written: no local configuration, and none of the annotations of `read`."""
    return [
        clean(item) for item in items if not is_local_config(item) and not text(item, "apiVersion").startswith(_TOOLS)
    ]


def render(items: list[Manifest], form: str) -> str:
    """The items as a YAML stream, or as one JSON List."""
    if form == "json":
        return wire.write_json({"apiVersion": "v1", "kind": "List", "items": items}, 2) + "\n"
    return wire.write_yaml(items)


def paths(inputs: list[str]) -> Iterator[tuple[str, bool]]:
    """Pairs of a file and whether it was named itself, not found in a directory."""
    for given in inputs:
        if given == "-" or not os.path.isdir(given):  # noqa: PTH112
            yield given, True
            continue
        for folder, folders, names in os.walk(given):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            patches = _patches(folder, names)
            for name in sorted(names):
                if name.endswith(_ENDINGS) and not name.startswith(".") and name not in patches:
                    yield os.path.join(folder, name), False  # noqa: PTH118


def _patches(folder: str, names: list[str]) -> set[str]:
    """Files beside a kustomization that it uses as patches: they look like manifests and are not whole ones."""
    found: set[str] = set()
    for name in set(names) & _KUSTOMIZATIONS:
        for kustomization in _documents(os.path.join(folder, name)):  # noqa: PTH118
            for field in _PATCH_FIELDS:
                entries = kustomization.get(field) if isinstance(kustomization, dict) else None
                for entry in entries if isinstance(entries, list) else ():
                    path = text(entry, "path") or (entry if isinstance(entry, str) else "")
                    found.add(path.removeprefix("./"))
    return found


def _documents(path: str) -> Iterator[Any]:
    for name, content in read_bytes([path]):
        for _, _, item in flattened(wire.read(content, name)):
            yield item


def flattened(documents: list[Any]) -> Iterator[tuple[int, str, Any]]:
    """(index of the document, field path in it, item): a List or ResourceList stands for its items."""
    for index, document in enumerate(documents):
        kind = document.get("kind") if isinstance(document, dict) else None
        if kind in _LISTS and isinstance(document.get("items"), list):
            for position, item in enumerate(document["items"]):
                yield index, f"items[{position}]", item
        else:
            yield index, "", document


def _located(item: Manifest, path: str, index: int) -> Manifest:
    metadata = item.get("metadata")
    if isinstance(metadata, dict):
        annotations = metadata.get("annotations")
        if annotations is None or isinstance(annotations, dict):
            metadata["annotations"] = {**(annotations or {}), PATH: path, INDEX: str(index)}
    return item


def clean(item: Manifest) -> Manifest:
    """The item without the annotations of `read`."""
    annotations = mapping(item, "metadata", "annotations")
    if PATH not in annotations:
        return item
    left = {
        key: value
        for key, value in annotations.items()
        if not key.startswith(("internal.config.kubernetes.io/", "config.kubernetes.io/"))
    }
    metadata = {key: value for key, value in item["metadata"].items() if key != "annotations"}
    return {**item, "metadata": {**metadata, "annotations": left} if left else metadata}


def _write_directory(items: list[Manifest], folder: str, form: str) -> None:
    os.makedirs(folder, exist_ok=True)  # noqa: PTH103
    for item in items:
        parts = [text(item, "kind").lower(), namespace_of(item), name_of(item)]
        name = "_".join(part.replace("/", "-") for part in parts if part) + f".{form}"
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:  # noqa: PTH118,PTH123
            file.write(wire.write_json(item, 2) + "\n" if form == "json" else wire.write_yaml([item]))
