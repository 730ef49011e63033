"""Documents → block YAML: two spaces a level, lists at their key's column, no aliases, keys in their order."""

from __future__ import annotations

from krm_fn.core.wire.yaml_text import known, literal, scalar, string

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

_SIMPLE_KEY = 1000
"""Readers look this far, in characters, for the colon of a key; longer ones need the `? key` form."""
_PIECES = 20_000


def write_yaml(documents: Iterable[Any]) -> str:
    """The documents as block YAML, `---` between them. TypeError for what isn't plain: containers are dict and list."""
    chunks: list[str] = []
    out: list[str] = []
    for number, document in enumerate(documents):
        if number:
            out.append("---\n")
        if type(document) is dict and document:
            _mapping(out, document, "", "")
        elif type(document) is list and document:
            _sequence(out, document, "", "")
        else:
            out.append(_lone(document) + "\n")
        if len(out) > _PIECES:
            chunks.append("".join(out))
            out.clear()
    return "".join(chunks) + "".join(out)


def _lone(value: Any) -> str:
    """What fits on one line: a scalar, or an empty container."""
    return "{}" if value == {} else "[]" if value == [] else scalar(value)


def _mapping(out: list[str], mapping: dict[str, Any], pad: str, start: str) -> None:
    """Write a mapping that isn't empty; its first line starts with `start`, the others with `pad`."""
    inner = pad + "  "
    append = out.append
    for key, value in mapping.items():
        name = known(key) or _key(key, pad)
        kind = type(value)
        if kind is str:
            text = known(value)
            if text is not None:
                append(f"{start}{name}: {text}\n")
            else:
                _text(out, value, f"{start}{name}:", inner)
        elif kind is dict:
            append(f"{start}{name}:\n" if value else f"{start}{name}: {{}}\n")
            _mapping(out, value, inner, inner)
        elif kind is list:
            append(f"{start}{name}:\n" if value else f"{start}{name}: []\n")
            _sequence(out, value, pad, pad)
        else:
            append(f"{start}{name}: {scalar(value)}\n")
        start = pad


def _sequence(out: list[str], sequence: list[Any], pad: str, start: str) -> None:
    """Write a list that isn't empty; its first line starts with `start`, the others with `pad`."""
    inner = pad + "  "
    for value in sequence:
        kind = type(value)
        if kind is str:
            _text(out, value, f"{start}-", inner)
        elif kind is dict and value:
            _mapping(out, value, inner, f"{start}- ")
        elif kind is list and value:
            _sequence(out, value, inner, f"{start}- ")
        else:
            out.append(f"{start}- {_lone(value)}\n")
        start = pad


def _key(key: str, pad: str) -> str:
    written = string(key)
    return written if len(written) <= _SIMPLE_KEY else f"? {written}\n{pad}"


def _text(out: list[str], value: str, start: str, pad: str) -> None:
    """Write a string behind `start`: on its line, or as a literal block below it where that is exact."""
    block = literal(value) if "\n" in value else None
    if block is None:
        out.append(f"{start} {string(value)}\n")
        return
    header, lines = block
    out.append(f"{start} {header}\n")
    out.extend([f"{pad}{line}\n" if line else "\n" for line in lines])
