"""Where the fields of a document stand: field path → line, for editors and reports.

Reads the text a second time, with libyaml's events, and only for files with findings: parsing need not carry lines.
"""

from __future__ import annotations

import re

from krm_fn.core.wire.decode import decode
from krm_fn.core.wire.events import parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_STEP = re.compile(r"\[([^\]]*)\]|([^.\[\]]+)")


class Place:
    """One node: the line it begins on, counted from 1, and its parts by key or index."""

    __slots__ = ("entries", "fields", "line")

    def __init__(self, line: int) -> None:
        self.line = line
        self.fields: dict[str, Place] = {}
        self.entries: list[Place] = []

    def find(self, path: str) -> Place:
        """The part at a field path such as `spec.disks[0].name`, or the nearest one above it that is there."""
        place = self
        for match in _STEP.finditer(path):
            below = place._step(match[1] if match[1] is not None else match[2])
            if below is None:
                return place
            place = below
        return place

    def _step(self, step: str) -> Place | None:
        if self.entries:
            index = int(step) if step.isdecimal() and len(step) < 10 else len(self.entries)
            return self.entries[index] if index < len(self.entries) else None
        if step in self.fields:
            return self.fields[step]
        folded = step.lower()
        return next((place for name, place in self.fields.items() if name.lower() == folded), None)


def places(data: bytes, name: str = "") -> list[Place]:
    """The root of every document that holds something, in the order in which `wire.read` gives the documents.

    Raises InputError as `wire.read` does.
    """
    events = parse(decode(data, name), name)
    roots = []
    for event in events:
        if type(event).__name__ == "DocumentStartEvent":
            root, is_empty = _root(events)
            if not is_empty:
                roots.append(root)
    return roots


def _root(events: Iterator[Any]) -> tuple[Place, bool]:
    """The next document's root, and whether it is one that `wire.read` leaves out. Not recursive: nesting may be deep."""
    first = next(events)
    root = Place(first.start_mark.line + 1)
    anchors = {first.anchor: root} if getattr(first, "anchor", None) else {}
    if type(first).__name__ == "ScalarEvent":
        return root, first.value == "" and first.implicit[0]
    stack: list[tuple[Place, bool, list[str | None]]] = [(root, _is_mapping(first), [None])]
    while stack:
        event = next(events)
        kind = type(event).__name__
        if kind in ("MappingEndEvent", "SequenceEndEvent"):
            stack.pop()
            continue
        place, is_mapping, key = stack[-1]
        if is_mapping and key[0] is None and kind == "ScalarEvent":
            key[0] = event.value
            place.fields[event.value] = Place(event.start_mark.line + 1)
            continue
        here = _attach(place, key, event, anchors)
        if kind in ("MappingStartEvent", "SequenceStartEvent"):
            stack.append((here, _is_mapping(event), [None]))
    return root, False


def _attach(place: Place, key: list[str | None], event: Any, anchors: dict[str, Place]) -> Place:
    """The place of a value: a mapping's value is where its key is, a list's entry where it begins."""
    name, key[0] = key[0], None
    if name is not None:
        here = place.fields[name]
    else:
        here = Place(event.start_mark.line + 1)
        place.entries.append(here)
    if type(event).__name__ == "AliasEvent" and event.anchor in anchors:
        same = anchors[event.anchor]
        here.fields, here.entries = same.fields, same.entries
    elif getattr(event, "anchor", None):
        anchors[event.anchor] = here
    return here


def _is_mapping(event: Any) -> bool:
    return type(event).__name__ == "MappingStartEvent"
