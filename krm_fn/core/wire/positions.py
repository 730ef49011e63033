"""Documents that know the lines of their fields, for findings in files that people wrote.

Lines cost a second parse, so they are only looked for when the first one is asked for.
"""

from __future__ import annotations

from contextlib import suppress

from krm_fn.core.errors import InputError
from krm_fn.core.wire.events import is_empty, parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    # (line from 1, what is below: nodes by key, nodes in order, or None)
    Node = tuple[int, dict[str, "Node"] | list["Node"] | None]

_KEYS = 100
"""Ends that a key may have in a path: each dot and bracket is one."""
_BRACKETS = (("[", "]"), ('["', '"]'), ("['", "']"))


class Source:
    """The text that some documents came from, and the lines of those that were asked for.

    Only the document in question is parsed again: one finding in a file of a thousand VMs costs one VM.
    """

    __slots__ = ("_known", "_parts", "name", "text")

    def __init__(self, text: str, name: str) -> None:
        self.text = text
        self.name = name
        self._parts: list[tuple[int, str]] | None = None
        self._known: dict[int, list[Node]] = {}

    def node(self, index: int) -> Node:
        """The positions in document `index`; line 0 when the text is JSON that the YAML parser can't read."""
        if self._parts is None:
            self._parts = _parts(self.text)
        # What can't be taken apart is one part with all documents.
        part, index = (index, 0) if len(self._parts) > 1 else (0, index)
        if part >= len(self._parts):
            return 0, None
        if part not in self._known:
            self._known[part] = _positions(*self._parts[part], self.name)
        nodes = self._known[part]
        return nodes[index] if index < len(nodes) else (0, None)


def _positions(first: int, text: str, name: str) -> list[Node]:
    """The positions in each document of a text whose first line has this number, from 0."""
    collector = _Collector(first + 1)
    with suppress(InputError):
        for event in parse(text, name):
            collector.take(event)
    return collector.documents


def _parts(text: str) -> list[tuple[int, str]]:
    """(number of the first line, text) of each document that isn't empty.

    A line that starts with `---` begins a document wherever it stands, in block and quoted scalars too. Directives, `...` and
    content beside the dashes are rare and left to the parser: then the whole text is one part.
    """
    out: list[tuple[int, str]] = []
    start = 0
    lines = text.split("\n")
    for number in range(len(lines) + 1):
        line = lines[number] if number < len(lines) else "---"
        if line[:1] == "%" or line[:3] == "..." or (line[:3] == "---" and line[3:].strip()):
            return [(0, text)]
        if line[:3] != "---":
            continue
        if any(each.strip() and each.lstrip()[0] != "#" for each in lines[start:number]):
            out.append((start, "\n".join(lines[start:number]) + "\n"))
        start = number + 1
    return out


class Document:
    """One document: its `value`, the `name` of its input and its `index` among the documents that aren't empty."""

    __slots__ = ("_source", "index", "name", "value")

    def __init__(self, value: Any, index: int, source: Source) -> None:
        self.value = value
        self.name = source.name
        self.index = index
        self._source = source

    def line(self, path: str) -> int:
        """The line, from 1, of the field at `path`, or of its nearest parent that is there; 0 when that isn't known.

        Keys with dots are found in `annotations.a.b/c` as in `annotations[a.b/c]`; case only counts where it has to.
        """
        line, below = self._source.node(self.index)
        rest = path
        while rest and below:
            step = _item(below, rest) if isinstance(below, list) else _field(below, rest)
            if step is None:
                break
            (line, below), rest = step
        return line


def _field(below: dict[str, Node], path: str) -> tuple[Node, str] | None:
    """The field that `path` starts with, the longest key that fits, and the rest of the path."""
    starts = _starts(path)
    for key, end in starts:
        if key in below:
            return below[key], path[end:].removeprefix(".")
    lowered = {key.lower(): node for key, node in below.items()}
    for key, end in starts:
        if key.lower() in lowered:
            return lowered[key.lower()], path[end:].removeprefix(".")
    return None


def _starts(path: str) -> list[tuple[str, int]]:
    """(key, where it ends) for each key that a path may start with, the longest first: `a.b[c]`, `a.b`, `a`."""
    ends = [index for index in range(1, len(path)) if path[index] in ".["] + [len(path)]
    found = []
    for end in reversed(ends[:_KEYS]):
        written = path[:end]
        found.append((written, end))
        for before, after in _BRACKETS:
            if written.startswith(before) and written.endswith(after):
                found.append((written[len(before) : -len(after)], end))
    return found


def _item(below: list[Node], path: str) -> tuple[Node, str] | None:
    """The list item that `path` starts with, as `[2]` or `2`, and the rest of the path."""
    number, _, rest = path.removeprefix("[").partition("]" if path[0] == "[" else ".")
    if not (number.isascii() and number.isdigit() and len(number) < len("1000000000") and int(number) < len(below)):
        return None
    return below[int(number)], rest.removeprefix(".")


class _Collector:
    """Builds positions from the parser's events. Anchors keep theirs, so that an alias leads to where the text is."""

    __slots__ = ("anchors", "documents", "first", "stack")

    def __init__(self, first: int) -> None:
        self.first = first
        self.documents: list[Node] = []
        self.anchors: dict[str, Node] = {}
        # Open containers, each with the key that waits for its value and the key's line.
        self.stack: list[list[Any]] = []

    def take(self, event: Any) -> None:
        """Add one event."""
        kind = type(event).__name__
        line = event.start_mark.line + self.first
        if kind.endswith("EndEvent"):
            if kind in ("MappingEndEvent", "SequenceEndEvent"):
                self.stack.pop()
        elif kind in ("ScalarEvent", "AliasEvent"):
            if self.stack and isinstance(self.stack[-1][0], dict) and self.stack[-1][1] is None:
                self.stack[-1][1:] = getattr(event, "value", ""), line
            elif self.stack or kind == "AliasEvent" or not is_empty(event):
                anchored = self.anchors.get(event.anchor) if kind == "AliasEvent" else None
                self._add((line, anchored[1] if anchored else None))
        elif kind in ("MappingStartEvent", "SequenceStartEvent"):
            container: Any = {} if kind == "MappingStartEvent" else []
            self._add((line, container))
            self.stack.append([container, None, 0])
            if event.anchor is not None:
                self.anchors[event.anchor] = (line, container)

    def _add(self, node: Node) -> None:
        if not self.stack:
            self.documents.append(node)
            return
        container, key, line = self.stack[-1]
        if isinstance(container, list):
            container.append(node)
        else:
            container[key] = (line, node[1])
            self.stack[-1][1] = None
