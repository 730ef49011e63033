"""Values on one line, for the fast block reader: quoted strings, plain scalars, `{a: 1}`, `["b", c]`.

A subset of YAML in which nothing is in doubt. `Unusual` is raised for everything else, so that the full parser reads
the whole input instead.
"""

from __future__ import annotations

from krm_fn.core.wire.scalars import resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# A first character that gives a scalar, a key or a line another meaning than plain text.
INDICATORS = frozenset("-?:,[]{}#&*!|>'\"%@`")
# What ends a plain scalar in a flow collection, or might.
_FLOW_SPECIAL = "[]{},:#&*!|>'\"%@`?"
MAX_LEVELS = 8
"""Containers inside one another on one line."""
KEY_LENGTH = 1000
"""libyaml looks 1024 characters ahead for the colon of a key."""


class Unusual(ValueError):  # noqa: N818 - not an error: the input is left to the full parser
    """The text is outside the subset."""


def value_of(text: str) -> Any:
    """The value in `text`, which follows `key: ` or `- ` to the end of its line and isn't a comment."""
    first = text[0]
    if first in "'\"":
        value, end = quoted(text, 0)
        only_comment_after(text, end)
        return value
    if first in "[{":
        collection, end = _collection(text, 0, 1)
        only_comment_after(text, end)
        return collection
    comment = text.find(" #")
    return plain((text if comment < 0 else text[:comment]).rstrip(" "))


def plain(text: str) -> Any:
    """The value of a plain scalar in block context."""
    first = text[0]
    if first in INDICATORS and (first != "-" or text[1:2] in ("", " ")):
        raise Unusual
    if text[-1] == ":" or ": " in text:
        raise Unusual
    return resolve(text)


def quoted(text: str, start: int) -> tuple[str, int]:
    """The string whose opening quote is at `start`, and the offset after its closing quote; no escapes but `''`."""
    quote = text[start]
    end = text.find(quote, start + 1)
    if quote == "'":
        while end > 0 and text[end + 1 : end + 2] == "'":
            end = text.find(quote, end + 2)
        value = text[start + 1 : end].replace("''", "'")
    else:
        value = text[start + 1 : end]
        if "\\" in value:
            value, end = _escaped(text, start + 1)
    if end < 0:
        raise Unusual
    return value, end + 1


def _escaped(text: str, start: int) -> tuple[str, int]:
    r"""A double-quoted string that holds `\"`, `\\`, `\n` or `\t`, and the offset of its closing quote."""
    parts = []
    while True:
        end = text.find('"', start)
        escape = text.find("\\", start, end)
        if end < 0:
            raise Unusual
        if escape < 0:
            parts.append(text[start:end])
            return "".join(parts), end
        char = text[escape + 1 : escape + 2]
        if char not in ("n", "t", '"', "\\"):
            raise Unusual
        parts.append(text[start:escape] + ("\n" if char == "n" else "\t" if char == "t" else char))
        start = escape + 2


def only_comment_after(text: str, end: int) -> None:
    """Raise Unusual unless nothing but spaces or a comment follows."""
    rest = text[end:].lstrip(" ")
    if rest and (rest[0] != "#" or text[end] != " "):
        raise Unusual


def _collection(text: str, start: int, level: int) -> tuple[Any, int]:
    """The flow mapping or list that opens at `start`, and the offset after its end."""
    if level > MAX_LEVELS:
        raise Unusual
    is_mapping = text[start] == "{"
    close = "}" if is_mapping else "]"
    node: Any = {} if is_mapping else []
    at = _skip(text, start + 1)
    if text[at : at + 1] == close:
        return node, at + 1
    while True:
        if is_mapping:
            key, at = _key(text, at)
            if key in node:
                raise Unusual
            node[key], at = _item(text, _skip(text, at), level)
        else:
            item, at = _item(text, at, level)
            node.append(item)
        at = _skip(text, at)
        end = text[at : at + 1]
        if end == close:
            return node, at + 1
        if end != ",":
            raise Unusual
        at = _skip(text, at + 1)


def _key(text: str, start: int) -> tuple[str, int]:
    """A key and the offset after its `: `."""
    if text[start : start + 1] in ("'", '"'):
        key, end = quoted(text, start)
    else:
        end = text.find(":", start)
        key = text[start:end] if end > 0 else ""
        if (
            not key
            or key[0] in INDICATORS
            or key.strip() != key
            or _special(key)
            or key == "<<"
            or resolve(key) is None
        ):
            raise Unusual
    if text[end : end + 2] != ": " or end - start > KEY_LENGTH:
        raise Unusual
    return key, end + 2


def _item(text: str, start: int, level: int) -> tuple[Any, int]:
    """A value inside a collection and the offset after it."""
    first = text[start : start + 1]
    if first in ("'", '"'):
        return quoted(text, start)
    if first in ("{", "["):
        return _collection(text, start, level + 1)
    end = start
    while end < len(text) and text[end] not in _FLOW_SPECIAL:
        end += 1
    scalar = text[start:end].rstrip(" ")
    if not scalar or (scalar[0] == "-" and scalar[1:2] in ("", " ")):
        raise Unusual
    return resolve(scalar), end


def _special(text: str) -> bool:
    return any(char in text for char in _FLOW_SPECIAL)


def _skip(text: str, at: int) -> int:
    while text[at : at + 1] == " ":
        at += 1
    return at
