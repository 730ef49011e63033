"""YAML that keeps its comments and layout. The one place that uses ruamel.yaml.

A file is cut into its documents by text, and only those that changed are written anew: the others stay as they are.
"""

from __future__ import annotations

import io
import re

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.resolver import VersionedResolver
from ruamel.yaml.scalarstring import DoubleQuotedScalarString
from ruamel.yaml.tag import Tag

from krm_fn.core.errors import InputError
from krm_fn.core.wire import read as check
from krm_fn.core.wire import write_json
from krm_fn.roundtrip.aliases import resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

_MARKER = re.compile(r"^---(?:[ \t]*\r?\n|[ \t]+|\Z)", re.MULTILINE)
_PLAIN = re.compile(
    r"(?!(?i:true|false|yes|no|on|off|null|y|n)\Z)[A-Za-z](?:[\w .,/()'-]*[\w/()])?"
    r"|(?:\d+x)?\d+[KMGTPE]i|\d+[a-z][\w.-]*"
)
_PAIR = re.compile(r"(?<!\\)((?:\\\\)*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")
_STRING = Tag(suffix="tag:yaml.org,2002:str")
_WIDTH = 1 << 16
_INLINE = 100
"""A mapping that fits into so many characters on one line is written on one line."""
_DENSE = 130
"""The same with all quotes counted, of which few are written."""


class _Resolver(VersionedResolver):
    """Reads and writes dates as the strings they are: no manifest has dates, and a rewritten one is another string."""

    def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
        tag = super().resolve(kind, value, implicit)
        return _STRING if str(tag) == "tag:yaml.org,2002:timestamp" else tag


class Document:
    """One document of a file: what stands before it (`---`), its text, and its content with comments.

    The content is read when it is first asked for, or given. new_text: an edit of the text that was done without it.
    """

    __slots__ = ("_content", "_place", "before", "edited", "new_text", "text")

    def __init__(self, before: str, text: str, content: Any = None, place: tuple[str, int] | None = None) -> None:
        """place: the file's name and the line before the text's first, where the content is still to be read."""
        self.before = before
        self.text = text
        self.edited = False
        self.new_text: str | None = None
        self._content = content
        self._place = place

    @property
    def content(self) -> Any:
        """Round-trip mappings and lists. InputError when the text is not YAML."""
        if self._place is not None:
            self._content = _load(self.text, *self._place)
            self._place = None
        return self._content

    def render(self) -> str:
        """The document's text: as it was, or written anew when it was edited."""
        if self.new_text is not None:
            return self.before + self.new_text
        if not self.edited:
            return self.before + self.text
        text = _json(self.content, self.text) if _is_json(self.text) else dump(self.content, like=self.text)
        if "\r\n" in self.text:
            text = text.replace("\n", "\r\n")
        return self.before + (text if self.text.endswith("\n") or not self.text else text.rstrip("\n"))


def _json(content: Any, like: str) -> str:
    """Content as JSON, indented as the text `like` is."""
    indent = re.search(r"^( +|\t)\S", like, re.MULTILINE)
    return write_json(content, len(indent[1].expandtabs(2)) if indent else None) + "\n"


def read(data: bytes, name: str, *, later: bool = False) -> list[Document]:
    """The documents of a file, in order, their aliases resolved. InputError with the line when it is not YAML.

    later: read the contents when they are asked for.

    The bounded reader goes first: what it refuses (depth, aliases without end, tags that don't fit) never gets here.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{name}: not UTF-8 at byte {error.start}") from None
    check(data, name)
    documents = []
    line = 0
    for before, body in _cut(text):
        line += before.count("\n")
        document = Document(before, body, place=(name, line))
        documents.append(document)
        if not later:
            document.content  # noqa: B018 - read now, so that a mistake is found before anything else is done
        line += body.count("\n")
    return documents


def write(documents: Iterable[Document]) -> str:
    """The file's text."""
    return "".join(document.render() for document in documents)


def _cut(text: str) -> list[tuple[str, str]]:
    parts: list[tuple[str, str]] = []
    start, before = 0, ""
    for match in _MARKER.finditer(text):
        body = text[start : match.start()]
        if start or body.strip():
            parts.append((before, body))
            before = ""
        else:
            before = body
        before += match[0]
        start = match.end()
    return [*parts, (before, text[start:])]


def _load(body: str, name: str, line: int) -> Any:
    try:
        content = _yaml(body).load(_PAIR.sub(_character, body) if _is_json(body) else body)
        return resolve(content, name) if "*" in body and "&" in body else content
    except RecursionError:
        raise InputError(f"{name}:{line + 1}: nested too deep") from None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{name}:{line + mark.line + 1}:{mark.column + 1}" if mark else name
        raise InputError(f"{place}: not YAML: {error.problem or error.context}") from None
    except Exception as error:  # noqa: BLE001 - ruamel.yaml stumbles over odd YAML in many ways: KeyError, TypeError, ...
        what = str(error).partition("\n")[0] or type(error).__name__
        raise InputError(f"{name}:{line + 1}: can't be edited as YAML: {what}") from None


def _is_json(body: str) -> bool:
    return body.lstrip()[:1] in ("{", "[")


def _character(pair: re.Match[str]) -> str:
    """The one character that JSON escapes as two halves, which YAML has no word for."""
    return pair[1] + bytes.fromhex(pair[2] + pair[3]).decode("utf-16-be")


def dump(content: Any, like: str = "") -> str:
    """Content as block YAML, indented as the text `like` is."""
    stream = io.StringIO()
    _yaml(like).dump(content, stream)
    text = stream.getvalue()
    return text.removesuffix("...\n")


def _yaml(like: str) -> YAML:
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = _WIDTH
    yaml.allow_duplicate_keys = False
    yaml.Resolver = _Resolver
    nested = re.search(
        r"^(?P<outer> *)[^\s#][^\n]*:[ \t]*\n(?:\s*#[^\n]*\n|\s*\n)*(?P<inner> +)[^\s#-]", like, re.MULTILINE
    )
    mapping = len(nested["inner"]) - len(nested["outer"]) if nested else 2
    mapping = mapping if 2 <= mapping <= 8 else 2
    listed = re.search(
        r"^(?P<outer> *)[^\s#-][^\n]*:[ \t]*\n(?:\s*#[^\n]*\n|\s*\n)*(?P<inner> *)- ", like, re.MULTILINE
    )
    offset = max(len(listed["inner"]) - len(listed["outer"]), 0) if listed else 0
    yaml.indent(mapping=mapping, sequence=offset + 2, offset=offset)
    return yaml


def styled(value: Any, depth: int = 0, *, dense: bool = False) -> Any:
    """Plain values as round-trip ones: from the third level on, what fits on a line is written on one.

    dense: from the second level on already, and a little longer lines.
    """
    flow = depth > (1 if dense else 2) and len(str(value)) <= (_DENSE if dense else _INLINE)
    if isinstance(value, dict):
        mapping = CommentedMap((_quoted(key), styled(item, depth + 1, dense=dense)) for key, item in value.items())
        if flow:
            mapping.fa.set_flow_style()
        return mapping
    if isinstance(value, list):
        listed = CommentedSeq(styled(item, depth + 1, dense=dense) for item in value)
        if all(not isinstance(item, (dict, list)) for item in value) or flow:
            listed.fa.set_flow_style()
        return listed
    return _quoted(value)


def _quoted(value: Any) -> Any:
    """Text in double quotes where it needs any; ruamel's own choice are single ones."""
    plain = not isinstance(value, str) or _PLAIN.fullmatch(value)
    return value if plain else DoubleQuotedScalarString(value)


def concatenate(texts: Iterable[str]) -> str:
    """Several files' texts as one stream."""
    whole = ""
    for text in texts:
        if whole and text.strip():
            whole += ("" if whole.endswith("\n") else "\n") + ("" if text.startswith("---") else "---\n")
        whole += text
    return whole
