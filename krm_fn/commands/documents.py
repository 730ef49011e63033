"""Files as bytes, for commands that keep a file's comments and so don't read manifests through `files`."""

from __future__ import annotations

import sys

from krm_fn.core.errors import InputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def read_bytes(paths: Iterable[str]) -> list[tuple[str, bytes]]:
    """(name, content) of each file; `-` is stdin. InputError when one can't be read."""
    found = []
    for path in paths:
        try:
            if path == "-":
                found.append(("stdin", sys.stdin.buffer.read()))
            else:
                with open(path, "rb") as file:  # noqa: PTH123
                    found.append((path, file.read()))
        except OSError as error:
            raise InputError(f"{path}: {error.strerror}") from None
    return found


def write_text(path: str | None, text: str) -> None:
    """Write to a file, or to stdout without one."""
    if not path or path == "-":
        sys.stdout.write(text)
        return
    try:
        with open(path, "w", encoding="utf-8", newline="") as file:  # noqa: PTH123
            file.write(text)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None
