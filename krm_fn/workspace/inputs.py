"""What the arguments of a command name, as bytes: files, directories and stdin.

A directory is searched for regular files only. What a person names may be a pipe as well: `<(kustomize build .)`.
"""

from __future__ import annotations

import os
import stat
import sys
from typing import NamedTuple

from krm_fn.core import wire
from krm_fn.core.errors import InputError
from krm_fn.core.manifest import text
from krm_fn.core.wire.limits import MAX_BYTES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import BinaryIO

STDIN = "-"
STDIN_NAME = "stdin"
"""How messages call it."""
_ENDINGS = (".yaml", ".yml", ".json")
_KUSTOMIZATIONS = {"kustomization.yaml", "kustomization.yml", "Kustomization"}
_PATCH_FIELDS = ("patches", "patchesStrategicMerge", "patchesJson6902")


class Content(NamedTuple):
    """One input: its name for people, its bytes, and the directory it was found in, "" when it was named itself."""

    name: str
    data: bytes
    within: str = ""


def paths(inputs: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Pairs of a file and the directory that it was found in, "" for one that was named itself."""
    for given in inputs:
        if given == STDIN or not os.path.isdir(given):  # noqa: PTH112
            yield given, ""
            continue
        for folder, folders, names in os.walk(given):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            patches = _patches(folder, names)
            for name in sorted(names):
                if name.endswith(_ENDINGS) and not name.startswith(".") and name not in patches:
                    yield os.path.join(folder, name), given  # noqa: PTH118


def _patches(folder: str, names: list[str]) -> set[str]:
    """Files beside a kustomization that it uses as patches: they look like manifests and are not whole ones."""
    found: set[str] = set()
    for name in set(names) & _KUSTOMIZATIONS:
        path = os.path.join(folder, name)  # noqa: PTH118
        for kustomization in wire.read(read_bytes(path, found=True), path):
            for field in _PATCH_FIELDS:
                entries = kustomization.get(field) if isinstance(kustomization, dict) else None
                for entry in entries if isinstance(entries, list) else ():
                    named = text(entry, "path") or (entry if isinstance(entry, str) else "")
                    found.add(named.removeprefix("./"))
    return found


def contents(inputs: Iterable[str]) -> list[Content]:
    """Every file of the inputs. Raises InputError for one that can't be read."""
    return [content(path, within) for path, within in paths(inputs)]


def content(path: str, within: str = "") -> Content:
    """One file, or stdin for `-`. Raises InputError when it can't be read."""
    name = STDIN_NAME if path == STDIN else path
    return Content(name, read_bytes(path, found=bool(within)), within)


def read_bytes(path: str, *, found: bool = False) -> bytes:
    """The bytes of a file, or of stdin for `-`; reading stops at the limit of one input.

    found: it was found in a directory, where only regular files count. Raises InputError.
    """
    if path == STDIN:
        return from_stdin()
    try:
        if found and not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116
            raise InputError(
                f"{path}: is not a regular file: take it out of the directory, or name the files one by one"
            )
        with open(path, "rb") as file:  # noqa: PTH123
            return _bounded(file, path)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None
    except ValueError:
        raise InputError(f"{path!r} is no file name") from None


def from_stdin() -> bytes:
    """Everything on stdin, as far as the limit of one input. Raises InputError when it is closed."""
    if sys.stdin is None:
        raise InputError("stdin is closed: there is nothing to read")
    try:
        return _bounded(sys.stdin.buffer, "stdin")
    except OSError as error:
        raise InputError(f"stdin: {error.strerror}") from None


def _bounded(file: BinaryIO, name: str) -> bytes:
    data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise InputError(f"{name}: is larger than the {MAX_BYTES} bytes that are read of one input; split it")
    return data
