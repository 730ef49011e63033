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

_BRACKETS = (("[", "]"), ('["', '"]'), ("['", "']"))


class Source:
    """The text that some documents came from, and its lines once they were asked for."""

    __slots__ = ("_nodes", "name", "text")

    def __init__(self, text: str, name: str) -> None:
        self.text = text
        self.name = name
        self._nodes: list[Node] | None = None

    def node(self, index: int) -> Node:
        """The positions in document `index`; line 0 when the text is JSON that the YAML parser can't read."""
        if self._nodes is None:
            collector = _Collector()
            self._nodes = collector.documents
            with suppress(InputError):
                for event in parse(self.text, self.name):
                    collector.take(event)
        return self._nodes[index] if index < len(self._nodes) else (0, None)


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
    return _longest(below, path) or _longest({key.lower(): node for key, node in below.items()}, path.lower(), path)


def _longest(below: dict[str, Node], path: str, original: str | None = None) -> tuple[Node, str] | None:
    found = None
    for key, node in below.items():
        for written in (key, *(start + key + end for start, end in _BRACKETS)):
            rest = len(path) - len(written)
            if (
                path.startswith(written)
                and path[len(written) :][:1] in ("", ".", "[")
                and (not found or rest < found[1])
            ):
                found = (node, rest)
    if found is None:
        return None
    node, rest = found
    return node, (original or path)[len(path) - rest :].removeprefix(".")


def _item(below: list[Node], path: str) -> tuple[Node, str] | None:
    """The list item that `path` starts with, as `[2]` or `2`, and the rest of the path."""
    number, _, rest = path.removeprefix("[").partition("]" if path[0] == "[" else ".")
    if not (number.isascii() and number.isdigit() and len(number) < len("1000000000") and int(number) < len(below)):
        return None
    return below[int(number)], rest.removeprefix(".")


class _Collector:
    """Builds positions from the parser's events. Anchors keep theirs, so that an alias leads to where the text is."""

    __slots__ = ("anchors", "documents", "stack")

    def __init__(self) -> None:
        self.documents: list[Node] = []
        self.anchors: dict[str, Node] = {}
        # Open containers, each with the key that waits for its value and the key's line.
        self.stack: list[list[Any]] = []

    def take(self, event: Any) -> None:
        """Add one event."""
        kind = type(event).__name__
        line = event.start_mark.line + 1
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
