"""What the arguments of a command name, as bytes: files, directories and stdin.

A directory is searched for regular files only. What a person names may be a pipe as well: `<(kustomize build .)`.
"""

from __future__ import annotations

import os
import stat
import sys
from typing import NamedTuple

from krm_fn.core.console import note
from krm_fn.core.errors import InputError
from krm_fn.core.wire.limits import MAX_BYTES
from krm_fn.workspace import layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import BinaryIO

STDIN = "-"
STDIN_NAME = "stdin"
"""How messages call it."""
_ENDINGS = (".yaml", ".yml", ".json")


class Content(NamedTuple):
    """One input: its name for people, its bytes, and the directory it was found in, "" when it was named itself."""

    name: str
    data: bytes
    within: str = ""


def paths(inputs: Iterable[str], exclude: Iterable[str] = ()) -> list[tuple[str, str]]:
    """Pairs of a file and the directory that it was found in, "" for one that was named itself.

    In a directory, patches of its kustomizations and the templates of Helm charts are no manifests and are left out.
    exclude: globs of files that are left out wherever they come from.
    """
    globs = tuple(exclude)
    found: list[tuple[str, str]] = []
    patches: set[str] = set()
    for given in inputs:
        if given == STDIN or not os.path.isdir(given):  # noqa: PTH112
            found.append((given, ""))
            continue
        for folder, folders, names in os.walk(given):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            if layout.CHART in names:
                note(f"{folder}: is a Helm chart and is left out: give the output of `helm template {folder}`")
                folders[:] = [name for name in folders if name not in (layout.TEMPLATES, "charts")]
                names = [name for name in names if not name.startswith(("Chart", "values"))]  # noqa: PLW2901
            for name in layout.KUSTOMIZATIONS:
                if name in names:
                    patches |= layout.patches(os.path.join(folder, name))  # noqa: PTH118
            found += [
                (os.path.join(folder, name), given)  # noqa: PTH118
                for name in sorted(names)
                if name.endswith(_ENDINGS) and not name.startswith(".")
            ]
    return [
        (path, within)
        for path, within in found
        if not (globs and path != STDIN and layout.is_excluded(path, globs))
        and not (within and patches and os.path.abspath(path) in patches)  # noqa: PTH100
    ]


def contents(inputs: Iterable[str], exclude: Iterable[str] = ()) -> list[Content]:
    """Every file of the inputs. Raises InputError for one that can't be read."""
    return [content(path, within) for path, within in paths(inputs, exclude)]


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
