"""Running a person's kustomize, and what its answer leaves out.

Called without a shell, with the directory behind the options. Set KRM_FN_KUSTOMIZE or give --kustomize to name another program.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import NamedTuple

from krm_fn.core import wire
from krm_fn.core.errors import InputError
from krm_fn.core.finding import printable
from krm_fn.core.manifest import is_local_config, text
from krm_fn.kubevirt.api import CONFIG_API
from krm_fn.workspace import inputs, layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any

    from krm_fn.core.manifest import Manifest

_LINES = 3
_DEPTH = 32
_NO_FUNCTIONS = (
    "; the kustomization calls functions: to let kustomize run them give --enable-alpha-plugins, and --enable-exec for those "
    "that are programs; or, faster, list the renderer under resources and let `krm-fn build` render"
)


class Flag(NamedTuple):
    """An option of `kustomize build` that is passed on."""

    name: str
    metavar: str = ""
    """What stands behind it; "" for a switch."""


FLAGS = (
    Flag("--enable-alpha-plugins"),
    Flag("--enable-exec"),
    Flag("--enable-helm"),
    Flag("--helm-command", "PROGRAM"),
    Flag("--helm-kube-version", "VERSION"),
    Flag("--helm-api-versions", "VERSION"),
    Flag("--load-restrictor", "NAME"),
    Flag("--network"),
    Flag("--network-name", "NAME"),
    Flag("--mount", "MOUNT"),
    Flag("--env", "NAME"),
    Flag("--as-current-user"),
    Flag("--enable-managedby-label"),
    Flag("--reorder", "ORDER"),
)


def add_flags(parser: argparse.ArgumentParser) -> None:
    """--kustomize PROGRAM and what `kustomize build` takes: `flags(options)` gives the latter back."""
    group = parser.add_argument_group("kustomize", "passed on to `kustomize build`; its own help explains them")
    group.add_argument("--kustomize", metavar="PROGRAM", help="the kustomize to run (default the one on the PATH)")
    for flag in FLAGS:
        if flag.metavar:
            group.add_argument(flag.name, action="append", metavar=flag.metavar, help="as in `kustomize build`")
        else:
            group.add_argument(flag.name, action="store_true", help="as in `kustomize build`")


def flags(options: argparse.Namespace) -> list[str]:
    """Those of kustomize's options that were given, as its arguments."""
    out: list[str] = []
    for flag in FLAGS:
        given = getattr(options, flag.name.removeprefix("--").replace("-", "_"))
        if flag.metavar:
            out += [part for value in given or () for part in (flag.name, value)]
        elif given:
            out.append(flag.name)
    return out


def program(named: str | None = None) -> list[str]:
    """The command that builds: the named one, else kustomize, else kubectl's copy of it. Raises InputError without any."""
    given = named or os.environ.get("KRM_FN_KUSTOMIZE", "")
    if given:
        if shutil.which(given) is None:
            raise InputError(f"--kustomize {given}: there is no such program")
        return [given, "build"]
    if shutil.which("kustomize"):
        return ["kustomize", "build"]
    if shutil.which("kubectl"):
        return ["kubectl", "kustomize"]
    raise InputError(
        "there is no kustomize and no kubectl on the PATH: install one, or name it with --kustomize PROGRAM"
    )


def built(folder: str, command: Sequence[str], options: Sequence[str] = ()) -> list[Manifest]:
    """The manifests that kustomize makes of a directory. Raises InputError with kustomize's last words."""
    return manifests_of(wire.read(*output(folder, command, options)))


def manifests_of(documents: Iterable[Any]) -> list[Manifest]:
    """What is a manifest among the documents of kustomize's output."""
    return [item for item in documents if isinstance(item, dict) and text(item, "kind")]


def output(folder: str, command: Sequence[str], options: Sequence[str] = ()) -> tuple[bytes, str]:
    """What kustomize prints for a directory, and its name for messages. Raises InputError with kustomize's last words."""
    if not os.path.isdir(folder):  # noqa: PTH112
        raise InputError(f"{folder}: is no directory with a kustomization to build")
    given = folder if not folder.startswith("-") else os.path.join(os.curdir, folder)  # noqa: PTH118
    done = subprocess.run(  # noqa: S603 - no shell, and what a person gives stands behind the options
        [*command, *options, given], stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    name = f"{' '.join(command)} {folder}"
    said = [line for line in done.stderr.decode("utf-8", "replace").splitlines() if line.strip()]
    if done.returncode:
        why = printable(" ".join(said[-_LINES:])) or f"exit status {done.returncode}"
        raise InputError(f"{name}: {why}{_NO_FUNCTIONS if 'external plugins disabled' in why else ''}")
    return done.stdout, name


def dropped(folder: str) -> list[str]:
    """Files below a kustomization with definitions of ours that are local configuration, which kustomize does not print."""
    return sorted({path for path in _resources(folder, 0) if _holds_local_definition(path)})


def _resources(folder: str, depth: int) -> Iterator[str]:
    """The local files that a kustomization lists, and those of the kustomizations that it lists."""
    kustomization = layout.kustomization_of(folder)
    if not kustomization or depth > _DEPTH:
        return
    for document in wire.read(inputs.read_bytes(kustomization), kustomization):
        for field in ("resources", "bases", "components"):
            listed = document.get(field) if isinstance(document, dict) else None
            for entry in listed if isinstance(listed, list) else ():
                path = os.path.normpath(os.path.join(folder, str(entry)))  # noqa: PTH118
                if os.path.isdir(path):  # noqa: PTH112
                    yield from _resources(path, depth + 1)
                elif os.path.isfile(path):  # noqa: PTH113
                    yield path


def _holds_local_definition(path: str) -> bool:
    documents = wire.read(inputs.read_bytes(path), path)
    return any(
        isinstance(item, dict) and item.get("apiVersion") == CONFIG_API and is_local_config(item) for item in documents
    )
