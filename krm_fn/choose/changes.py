"""What changed from one catalog to another: for whoever publishes one, and whoever takes the next version."""

from __future__ import annotations

from typing import Any, NamedTuple

from krm_fn.choose.compare import leaves
from krm_fn.core import wire
from krm_fn.core.manifest import mapping

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from krm_fn.choose.entry import Entry

NEW, CHANGED, DEPRECATED, REMOVED = "new", "changed", "deprecated", "removed"
ALL = (NEW, CHANGED, DEPRECATED, REMOVED)


class Change(NamedTuple):
    """One object, what became of it, and the fields that say something else now: (path, before, after), None for nothing."""

    what: str
    entry: Entry
    fields: tuple[tuple[str, Any, Any], ...] = ()


def changes(old: Iterable[Entry], new: Iterable[Entry]) -> list[Change]:
    """Every change, by kind of change and then by name. An object that is deprecated now may have changed as well."""
    before, after = _by_id(old), _by_id(new)
    found = [Change(NEW, entry) for key, entry in after.items() if key not in before]
    found += [Change(REMOVED, entry) for key, entry in before.items() if key not in after]
    for key in before.keys() & after.keys():
        was, now = before[key], after[key]
        fields = _fields(was, now)
        if fields:
            found.append(Change(CHANGED, now, fields))
        if now.deprecated and not was.deprecated:
            found.append(Change(DEPRECATED, now))
    return sorted(found, key=lambda change: (ALL.index(change.what), change.entry.name, change.entry.item["kind"]))


def _by_id(entries: Iterable[Entry]) -> dict[tuple[str, str, str], Entry]:
    return {(entry.item["kind"], entry.namespace, entry.name): entry for entry in entries}


def _fields(was: Entry, now: Entry) -> tuple[tuple[str, Any, Any], ...]:
    before, after = (dict(leaves(mapping(entry.item, "spec"), "spec")) for entry in (was, now))
    paths = dict.fromkeys((*before, *after))
    return tuple(
        (path, before.get(path), after.get(path))
        for path in paths
        if _text(before.get(path)) != _text(after.get(path)) or (path in before) != (path in after)
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else wire.canonical_json(value)


def line(change: Change) -> str:
    """One change in a line, without what kind of change it is."""
    entry = change.entry
    if change.what == CHANGED:
        return ", ".join(f"{path} {_side(old)} → {_side(new)}" for path, old, new in change.fields)
    if change.what == DEPRECATED:
        return f"take {entry.successor}" if entry.successor else ""
    if change.what == NEW and entry.vcpus is not None:
        return f"{entry.vcpus} vCPU{'' if entry.vcpus == 1 else 's'}, {entry.memory}"
    return ""


def _side(value: Any) -> str:
    return "nothing" if value is None else _text(value)


def markdown(found: Iterable[Change]) -> str:
    """A section of a changelog: a heading for each kind of change, an object a line."""
    found = list(found)
    parts = []
    for what in ALL:
        lines = [
            f"- {_code(change.entry.name)} ({change.entry.kind}){_more(change)}\n"
            for change in found
            if change.what == what
        ]
        if lines:
            parts.append(f"### {what.capitalize()}\n\n{''.join(lines)}")
    return "\n".join(parts) or "No changes.\n"


def _more(change: Change) -> str:
    said = line(change)
    return f": {_code(said)}" if said else ""


def _code(text: str) -> str:
    """Text that markdown shows as it is, on one line."""
    return f"`{' '.join(text.replace('`', chr(39)).split())}`"
