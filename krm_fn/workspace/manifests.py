"""Manifests with the places they came from: file, number in the file, and the line of each field."""

from __future__ import annotations

from krm_fn.core import wire
from krm_fn.core.console import note
from krm_fn.core.errors import InputError
from krm_fn.core.fieldpath import join
from krm_fn.core.manifest import file_of, is_local_config, mapping, text
from krm_fn.kubevirt.api import CONFIG_API
from krm_fn.workspace import inputs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from krm_fn.core.manifest import Manifest
    from krm_fn.core.wire.positions import Document
    from krm_fn.workspace.inputs import Content

PATH, INDEX = "internal.config.kubernetes.io/path", "internal.config.kubernetes.io/index"
_LISTS = ("List", "ResourceList")
_FOREIGN = ("kustomize.config.k8s.io/", "kpt.dev/")
"""apiVersions of files that configure another tool: no manifests."""
_TOOLS = (*_FOREIGN, CONFIG_API)


class Workspace:
    """The manifests of some inputs, in their order. `items` holds them, unchanged unless `located`.

    skip_other: leave out documents that are no manifests also in files that were named, which is an InputError else.
    located: each item carries its file and index as an orchestrator's annotations, so that results name the file;
    `shown` takes them off again.

    A manifest that an orchestrator annotated with its file is from there, as in the output of a pipeline on stdin.
    """

    __slots__ = ("_documents", "_from", "items")

    def __init__(self, named: Iterable[str], *, skip_other: bool = False, located: bool = False) -> None:
        self.items: list[Manifest] = []
        self._from: dict[int, tuple[str, int, int, str]] = {}
        self._documents: dict[str, list[Document]] = {}
        for path, within in inputs.paths(named):
            self._read(inputs.content(path, within), strict=not within and not skip_other, located=located)

    def _read(self, content: Content, *, strict: bool, located: bool) -> None:
        name = content.name
        documents = self._documents[name] = wire.read_documents(content.data, name)
        values = [document.value for document in documents]
        for index, (document, below, item) in enumerate(flattened(values)):
            if not isinstance(item, dict) or not isinstance(item.get("kind"), str):
                if strict:
                    raise InputError(f"{name}: document {index + 1} is not a manifest: it has no kind")
                note(f"{name}: document {index + 1} is not a manifest and is left out")
                continue
            if text(item, "apiVersion").startswith(_FOREIGN):
                continue
            self.items.append(item)
            self._from[id(item)] = (name, index, document, below)
            if located and name != inputs.STDIN_NAME:
                _locate(item, name, index)

    def file(self, item: Manifest | None) -> tuple[str, int]:
        """The file of a manifest and its index in it; ("", 0) for none."""
        if item is None or id(item) not in self._from:
            return "", 0
        return file_of(item) if file_of(item)[0] else self._from[id(item)][:2]

    def line(self, item: Manifest | None, path: str) -> int:
        """The line of a field, or of what is nearest above it; 0 when that is not known."""
        if item is None or id(item) not in self._from:
            return 0
        name, index, document, below = self._from[id(item)]
        if file_of(item)[0] and file_of(item) != (name, index):
            return 0
        return self._documents[name][document].line(join(below, path))


def read(named: Iterable[str]) -> list[Manifest]:
    """Every manifest of the inputs, annotated with its file. Raises InputError with the file's name."""
    return Workspace(named, located=True).items


def configurations(items: list[Manifest]) -> tuple[list[Manifest], list[Manifest]]:
    """(functionConfigs of ours, everything else)."""
    ours = [item for item in items if item.get("apiVersion") == CONFIG_API]
    return ours, [item for item in items if not text(item, "apiVersion").startswith(CONFIG_API)]


def shown(items: Iterable[Manifest]) -> list[Manifest]:
    """The items that are written: no local configuration, and none of the annotations of `read`."""
    return [
        clean(item) for item in items if not is_local_config(item) and not text(item, "apiVersion").startswith(_TOOLS)
    ]


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


def flattened(documents: list[Any]) -> Iterator[tuple[int, str, Any]]:
    """(index of the document, field path in it, item): a List or ResourceList stands for its items."""
    for index, document in enumerate(documents):
        kind = document.get("kind") if isinstance(document, dict) else None
        if kind in _LISTS and isinstance(document.get("items"), list):
            for position, item in enumerate(document["items"]):
                yield index, f"items[{position}]", item
        else:
            yield index, "", document


def _locate(item: Manifest, path: str, index: int) -> None:
    metadata = item.get("metadata")
    if isinstance(metadata, dict):
        annotations = metadata.get("annotations")
        if annotations is None or isinstance(annotations, dict):
            metadata["annotations"] = {**(annotations or {}), PATH: path, INDEX: str(index)}
