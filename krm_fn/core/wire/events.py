"""The full parser: libyaml's events, composed into plain documents under limits.

libyaml is the parser that kustomize's and kubectl's was ported from, so both sides agree on what is YAML. Composing is
ours: no recursion, no Python objects from tags, duplicate keys refused, and libyaml is stopped before its time grows
with the square of the nesting.
"""

from __future__ import annotations

from krm_fn.core import budget
from krm_fn.core.errors import InputError
from krm_fn.core.manifest import copy_tree
from krm_fn.core.wire import limits
from krm_fn.core.wire.errors import place, refusal, syntax, too_deep
from krm_fn.core.wire.scalars import MERGE_TAG, NumberError, resolve, tagged

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_NO_KEY = object()
_MERGE = object()
_CONTAINER_TAGS = ("tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")


def load(text: str, name: str) -> list[Any]:
    """Every document of a YAML stream that isn't empty. Raises InputError with name, line and column."""
    composer = _Composer(name)
    handlers = composer.handlers
    for event in parse(text, name):
        handler = handlers.get(event.__class__.__name__)
        if handler is not None:
            handler(event)
    return composer.documents


def parse(text: str, name: str) -> Iterator[Any]:
    """Take a stream apart into libyaml's events, with its errors as InputError."""
    import yaml  # 30 ms that a process with plain block YAML on stdin doesn't spend

    if not yaml.__with_libyaml__:
        raise InputError(
            f"{name or 'input'}: this input needs a full YAML parser, and the installed PyYAML was built without "
            "libyaml; install a PyYAML wheel for this platform, or libyaml's headers before building it"
        )
    cyaml: Any = yaml.cyaml  # untyped: the stubs leave the C parser out
    try:
        parser = cyaml.CParser(text)
        while (event := parser.get_event()) is not None:
            yield event
    except yaml.reader.ReaderError as error:
        offset = len(text.encode()[: error.position].decode(errors="ignore"))
        message = f"{error.reason} ({error.character:#x}); remove it, or write it as an escape in double quotes"
        raise refusal(name, *place(text, offset), message) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line, mark.column) if mark else (0, 0)
        problem = error.problem or ""
        # Newer libyaml counts the levels of flow collections itself, while it looks ahead and before it gives the events.
        message = too_deep() if "nesting depth" in problem else syntax(problem, error.context or "")
        raise refusal(name, line, column, message) from None


def is_empty(event: Any) -> bool:
    """Whether a scalar event stands for a document without content."""
    return not (event.value or event.style or event.tag or event.anchor)


class _Frame:
    """One open container. `height`: containers inside one another below it.

    first: the node count at its start; length: the count of characters there.
    """

    __slots__ = ("anchor", "first", "height", "is_mapping", "key", "length", "merged", "node")

    def __init__(self, node: Any, anchor: str | None, first: int, length: int) -> None:
        self.node = node
        self.anchor = anchor
        self.first = first
        self.length = length
        self.height = 1
        self.key: Any = _NO_KEY
        self.is_mapping = isinstance(node, dict)
        self.merged: set[str] | None = None


class _Composer:
    """Builds documents from events. Anchors hold (value, nodes in it, its height, characters in it)."""

    __slots__ = ("anchors", "characters", "documents", "handlers", "name", "nodes", "stack")

    def __init__(self, name: str) -> None:
        self.name = name
        self.nodes = 0
        self.characters = 0
        self.documents: list[Any] = []
        self.stack: list[_Frame] = []
        self.anchors: dict[str, tuple[Any, int, int, int]] = {}
        self.handlers = {
            "ScalarEvent": self._scalar,
            "MappingStartEvent": self._start,
            "SequenceStartEvent": self._start,
            "MappingEndEvent": self._end,
            "SequenceEndEvent": self._end,
            "AliasEvent": self._alias,
            "DocumentStartEvent": self._document,
        }

    def _document(self, event: Any) -> None:
        self._count(event, 1)
        self.anchors.clear()

    def _refuse(self, event: Any, message: str) -> InputError:
        return refusal(self.name, event.start_mark.line, event.start_mark.column, message)

    def _count(self, event: Any, nodes: int) -> None:
        self.nodes += nodes
        if self.nodes > limits.MAX_NODES:
            raise self._refuse(
                event, f"more than {limits.MAX_NODES} values, aliases counted as often as they repeat them"
            )

    def _start(self, event: Any) -> None:
        sequence = type(event).__name__ == "SequenceStartEvent"
        if len(self.stack) >= limits.MAX_DEPTH:
            raise self._refuse(event, too_deep())
        if event.tag is not None and event.tag != "!" and event.tag != _CONTAINER_TAGS[sequence]:
            raise self._refuse(event, f"tag {_short(event.tag)} isn't supported; remove it")
        if self.stack and self.stack[-1].is_mapping and self.stack[-1].key is _NO_KEY:
            raise self._refuse(event, "a mapping or list can't be a key; write a string key")
        self._count(event, 1)
        self.stack.append(_Frame([] if sequence else {}, event.anchor, self.nodes, self.characters))

    def _end(self, event: Any) -> None:
        frame = self.stack.pop()
        if frame.anchor is not None:
            length = self.characters - frame.length
            self.anchors[frame.anchor] = (frame.node, self.nodes - frame.first + 1, frame.height, length)
        if self.stack:
            self.stack[-1].height = max(self.stack[-1].height, frame.height + 1)
        self._add(event, frame.node)

    def _alias(self, event: Any) -> None:
        if event.anchor not in self.anchors:
            raise self._refuse(event, f"alias *{event.anchor} names no complete anchor before it in this document")
        value, nodes, height, length = self.anchors[event.anchor]
        if len(self.stack) + height > limits.MAX_DEPTH:
            raise self._refuse(event, too_deep(f"through alias *{event.anchor}"))
        self._count(event, nodes)
        self._copy(event, length)
        if self.stack:
            self.stack[-1].height = max(self.stack[-1].height, height + 1)
            if self.stack[-1].is_mapping and self.stack[-1].key is _NO_KEY:
                self._key(event, value if isinstance(value, str) else None)
                return
        self._add(event, copy_tree(value))

    def _copy(self, event: Any, length: int) -> None:
        self.characters += length
        try:
            budget.spend("characters", length)
        except budget.BudgetError as error:
            raise self._refuse(event, f"alias *{event.anchor}: {error}") from None

    def _scalar(self, event: Any) -> None:
        self.nodes += 1
        self.characters += len(event.value)
        if self.nodes > limits.MAX_NODES:
            self._count(event, 0)
        frame = self.stack[-1] if self.stack else None
        if frame is not None and frame.key is _NO_KEY and frame.is_mapping:
            self._scalar_key(event)
            return
        value = self._value(event)
        if event.anchor is not None:
            self.anchors[event.anchor] = (value, 1, 0, len(event.value))
        if frame is not None or not is_empty(event):
            self._add(event, value)

    def _value(self, event: Any) -> Any:
        try:
            if event.tag is not None:
                return tagged(event.tag, event.value)
            return resolve(event.value) if event.implicit[0] else event.value
        except NumberError as error:
            raise self._refuse(event, str(error)) from None

    def _scalar_key(self, event: Any) -> None:
        if event.value == "<<" and (event.implicit[0] or event.tag == MERGE_TAG):
            self._key(event, _MERGE)
            return
        value = self._value(event)
        if event.anchor is not None:
            self.anchors[event.anchor] = (event.value, 1, 0, len(event.value))
        self._key(event, None if value is None else event.value)

    def _key(self, event: Any, key: Any) -> None:
        frame = self.stack[-1]
        if key is None:
            raise self._refuse(event, "a key that is null, a mapping or a list; write a string key")
        if key is not _MERGE and key in frame.node:
            if not frame.merged or key not in frame.merged:
                raise self._refuse(event, f'duplicate key "{key[:80]}"; keep one of the two')
            frame.merged.discard(key)
        frame.key = key

    def _add(self, event: Any, value: Any) -> None:
        """Put a complete value where it belongs."""
        if not self.stack:
            self.documents.append(value)
            return
        frame = self.stack[-1]
        if not frame.is_mapping:
            frame.node.append(value)
            return
        key, frame.key = frame.key, _NO_KEY
        if key is _MERGE:
            self._merge(event, frame, value)
        else:
            frame.node[key] = value

    def _merge(self, event: Any, frame: _Frame, value: Any) -> None:
        """`<<`: what a mapping says itself wins over what it merges, and earlier merges over later ones."""
        sources = value if isinstance(value, list) else [value]
        merged = frame.merged = frame.merged or set()
        for source in sources:
            if not isinstance(source, dict):
                raise self._refuse(
                    event, "`<<` merges a mapping or a list of mappings only; quote the key if text is meant"
                )
            for key, item in source.items():
                if key not in frame.node:
                    frame.node[key] = item
                    merged.add(key)


def _short(tag: str) -> str:
    return tag.replace("tag:yaml.org,2002:", "!!")[:80]
