"""Documents → block YAML: two spaces a level, lists at their key's column, no aliases, keys in their order."""

from __future__ import annotations

from krm_fn.core.wire.yaml_text import known, literal, quoted, scalar, string

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

_SIMPLE_KEY = 1000
"""Readers look this far, in characters, for the colon of a key; longer ones need the `? key` form."""
_PIECES = 20_000


def write_yaml(documents: Iterable[Any]) -> str:
    """The documents as block YAML, `---` between them. TypeError for values that no YAML document holds."""
    chunks: list[str] = []
    out: list[str] = []
    for number, document in enumerate(documents):
        if number:
            out.append("---\n")
        if isinstance(document, dict) and document:
            _mapping(out, document, "", "")
        elif isinstance(document, list) and document:
            _sequence(out, document, "", "")
        else:
            out.append(_lone(document) + "\n")
        if len(out) > _PIECES:
            chunks.append("".join(out))
            out.clear()
    return "".join(chunks) + "".join(out)


def _lone(document: Any) -> str:
    if isinstance(document, str):
        return quoted(document) if "\n" in document else string(document)
    return _inline(document)


def _inline(value: Any) -> str:
    if isinstance(value, dict):
        return "{}"
    if isinstance(value, list):
        return "[]"
    return scalar(value)


def _mapping(out: list[str], mapping: dict[str, Any], pad: str, first: str) -> None:
    """Write a mapping that isn't empty; its first line starts with `first`, the others with `pad`."""
    start = first
    for key, value in mapping.items():
        written = known(key) or string(key)
        if len(written) > _SIMPLE_KEY:
            written = f"? {written}\n{pad}"
        line = known(value) if type(value) is str else None
        if line is not None:
            out.append(f"{start}{written}: {line}\n")
        elif isinstance(value, dict) and value:
            out.append(f"{start}{written}:\n")
            inner = pad + "  "
            _mapping(out, value, inner, inner)
        elif isinstance(value, list) and value:
            out.append(f"{start}{written}:\n")
            _sequence(out, value, pad, pad)
        elif isinstance(value, str) and "\n" in value:
            _text(out, value, f"{start}{written}:", pad + "  ")
        else:
            out.append(f"{start}{written}: {_inline(value)}\n")
        start = pad


def _sequence(out: list[str], sequence: list[Any], pad: str, first: str) -> None:
    """Write a list that isn't empty; its first line starts with `first`, the others with `pad`."""
    start = first
    inner = pad + "  "
    for value in sequence:
        if isinstance(value, dict) and value:
            _mapping(out, value, inner, start + "- ")
        elif isinstance(value, list) and value:
            _sequence(out, value, inner, start + "- ")
        elif isinstance(value, str) and "\n" in value:
            _text(out, value, f"{start}-", inner)
        else:
            out.append(f"{start}- {_inline(value)}\n")
        start = pad


def _text(out: list[str], value: str, start: str, pad: str) -> None:
    block = literal(value)
    if block is None:
        out.append(f"{start} {quoted(value)}\n")
        return
    header, lines = block
    out.append(f"{start} {header}\n")
    out.extend([f"{pad}{line}\n" if line else "\n" for line in lines])
