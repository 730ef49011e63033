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
_MARKS = {ord(char): "," for char in "[]{},#&*!|>'\"%@`?"}
_FLOW_LENGTH = 2000
_ESCAPES = (('\\"', '"'), ("\\n", "\n"), ("\\t", "\t"))
MAX_LEVELS = 8
"""Containers inside one another on one line."""
KEY_LENGTH = 1000
"""libyaml looks 1024 characters ahead for the colon of a key."""


class Unusual(ValueError):  # noqa: N818 - not an error: the input is left to the full parser
    """The text is outside the subset."""


class Unclosed(Unusual):
    """A collection goes on in the next line."""


def value_of(text: str) -> Any:
    """The value in `text`, which follows `key: ` or `- ` to the end of its line and isn't a comment."""
    first = text[0]
    if first in "'\"":
        value, end = quoted(text, 0)
        only_comment_after(text, end)
        return value
    if first in "[{":
        flow = _Flow(text)
        collection = flow.collection(1)
        only_comment_after(text, flow.at)
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
    """The string whose opening quote is at `start`, and the offset after its closing quote."""
    quote = text[start]
    end = text.find(quote, start + 1)
    if end < 0:
        raise Unusual
    value = text[start + 1 : end]
    if quote == '"':
        return _escaped(text, start + 1) if "\\" in value else (value, end + 1)
    if text[end + 1 : end + 2] == quote:
        body = text[start + 1 :]
        end = body.replace("''", "  ").find(quote)
        if end < 0:
            raise Unusual
        value = body[:end].replace("''", quote)
        end += start + 1
    return value, end + 1


def _escaped(text: str, start: int) -> tuple[str, int]:
    r"""`quoted` for double quotes, from after the opening one, with the escapes `\\`, `\"`, `\n` and `\t` in them."""
    body = text[start:]
    end = body.replace("\\\\", "  ").replace('\\"', "  ").find('"')
    if end < 0:
        raise Unusual
    # No printable line holds the null character.
    value = body[:end].replace("\\\\", "\0")
    for escape, char in _ESCAPES:
        value = value.replace(escape, char)
    if "\\" in value:
        raise Unusual
    return value.replace("\0", "\\"), start + end + 1


def only_comment_after(text: str, end: int) -> None:
    """Raise Unusual unless nothing but spaces or a comment follows."""
    rest = text[end:].lstrip(" ")
    if rest and (rest[0] != "#" or text[end] != " "):
        raise Unusual


class _Flow:
    """Reads one flow collection. `marks` is the text with every special character replaced by a comma."""

    __slots__ = ("at", "marks", "text")

    def __init__(self, text: str) -> None:
        if len(text) > _FLOW_LENGTH:
            raise Unusual
        self.text = text
        self.marks = text.translate(_MARKS) + ","
        self.at = 0

    def skip(self) -> str:
        """Skip spaces; the character after them."""
        text = self.text
        while text[self.at : self.at + 1] == " ":
            self.at += 1
        if self.at == len(text):
            raise Unclosed
        return text[self.at]

    def collection(self, level: int) -> Any:
        """The mapping or list that opens here."""
        if level > MAX_LEVELS:
            raise Unusual
        is_mapping = self.text[self.at] == "{"
        close = "}" if is_mapping else "]"
        node: Any = {} if is_mapping else []
        self.at += 1
        if self.skip() == close:
            self.at += 1
            return node
        while True:
            if is_mapping:
                key = self.key()
                if key in node:
                    raise Unusual
                node[key] = self.item(level)
            else:
                node.append(self.item(level))
            end = self.skip()
            self.at += 1
            if end == close:
                return node
            if end != ",":
                raise Unusual
            self.skip()

    def key(self) -> str:
        """A key and the `: ` after it."""
        text, start = self.text, self.at
        if text[start : start + 1] in ("'", '"'):
            key, end = quoted(text, start)
        else:
            end = text.find(": ", start, self.marks.find(",", start))
            key = text[start:end] if end > start else "-"
            if key[0] in "-:" or key[-1] == " " or key == "<<" or resolve(key) is None:
                raise Unusual
        if text[end : end + 2] != ": " or end - start > KEY_LENGTH:
            raise Unusual
        self.at = end + 2
        self.skip()
        return key

    def item(self, level: int) -> Any:
        """A value inside a collection."""
        text, start = self.text, self.at
        first = text[start : start + 1]
        if first in ("{", "["):
            return self.collection(level + 1)
        if first in ("'", '"'):
            value, self.at = quoted(text, start)
            return value
        self.at = self.marks.find(",", start)
        scalar = text[start : self.at].rstrip(" ")
        if not scalar or scalar[0] == ":" or scalar[-1] == ":" or ": " in scalar or scalar[:2] in ("-", "- "):
            raise Unusual
        return resolve(scalar)
