"""Families of objects as series that are proved: what a series does not give exactly stays a plain object, with the reason."""

from __future__ import annotations

from krm_fn.core.finding import ERROR
from krm_fn.core.manifest import mapping, name_of
from krm_fn.core.wire import write_yaml
from krm_fn.importers.objects.item import CantSayError, Item, cleaned, identity
from krm_fn.series import instancetype, preference

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from krm_fn.core.manifest import Manifest
    from krm_fn.roundtrip.definition import Definition

    Left = tuple[Item, str]
    """An object that stays plain, and why."""

_EXPAND = {instancetype.KIND: instancetype.expand, preference.KIND: preference.expand}
ALONE = "a series would be longer than the object itself"


def generated(manifest: Manifest) -> tuple[dict[tuple[str, str, str], Manifest], str]:
    """The objects that a series gives, cleaned, by what tells them apart; and why there are none."""
    objects, findings = _EXPAND[manifest["kind"]](manifest)
    reason = next((f"{each.path}: {each.message}" for each in findings if each.severity == ERROR), "")
    made = map(cleaned, objects)
    return {identity(item): item for item in made}, reason


def prove(
    items: list[Item], make: Callable[[list[Item]], Definition], lines: Callable[[Definition], int]
) -> tuple[Definition | None, list[Left]]:
    """The series of a family, None when there is no use in one, and the objects that stay plain."""
    left: list[Left] = []
    while items:
        try:
            definition = make(items)
        except CantSayError as error:
            if error.item is None:
                return None, left + [(item, str(error)) for item in items]
            left.append((error.item, str(error)))
            items = [item for item in items if item is not error.item]
            continue
        made, reason = generated(definition.manifest)
        odd = _odd(items, made, make) if reason else [(item, why) for item in items if (why := differs(item, made))]
        more = len(made) - sum(len(item.objects) for item in items)
        if not odd and (reason or more > 0):
            return None, left + [(item, reason or "its family would have more objects") for item in items]
        if not odd:
            if lines(definition) > sum(length(one) for item in items for one in item.objects):
                return None, left + [(item, ALONE) for item in items]
            return definition, left
        left += odd
        items = [item for item in items if not any(item is one for one, _ in odd)]
    return None, left


def length(item: Manifest) -> int:
    """The lines of an object as YAML."""
    return write_yaml([item]).count("\n")


def _odd(items: list[Item], _made: Any, make: Callable[[list[Item]], Definition]) -> list[Left]:
    """The objects of a family that no series can say even alone, with the reasons."""
    found: list[Left] = []
    for item in items:
        try:
            _, reason = generated(make([item]).manifest)
        except CantSayError as error:
            reason = str(error)
        if reason:
            found.append((item, reason))
    return found


def differs(item: Item, made: dict[tuple[str, str, str], Manifest]) -> str:
    """Where what was generated differs from an object, "" where it does not."""
    for wanted in item.objects:
        got = made.get(identity(wanted))
        if got is None:
            return f"a series gives no object of the name {name_of(wanted)}"
        if got != wanted or _types(got) != _types(wanted):
            for path in (("metadata", "labels"), ("metadata", "annotations"), ("spec",)):
                if mapping(got, *path) != mapping(wanted, *path):
                    return f"{'.'.join(path)} would differ"
            return "it would differ"
    return ""


def _types(value: Any) -> Any:
    """The value with the types of its scalars, since 1 and true are equal to Python."""
    if isinstance(value, dict):
        return {key: _types(item) for key, item in value.items()}
    return [_types(item) for item in value] if isinstance(value, list) else type(value).__name__


def changes(before: Iterable[Manifest], after: Iterable[Manifest]) -> list[str]:
    """What became of each object between two sets, a line each."""
    old, new = ({identity(item): item for item in items} for items in (before, after))
    words = dict.fromkeys(new.keys() - old.keys(), "added") | dict.fromkeys(old.keys() - new.keys(), "removed")
    for key in old.keys() & new.keys():
        fields = _changed(old[key], new[key])
        if fields:
            words[key] = f"changed: {', '.join(fields)}"
    return [f"{key[0]} {'/'.join(filter(None, key[1:]))}: {words[key]}" for key in sorted(words)]


def _changed(old: Any, new: Any, path: str = "") -> list[str]:
    if isinstance(old, dict) and isinstance(new, dict):
        keys = [*old, *(key for key in new if key not in old)]
        return [each for key in keys for each in _changed(old.get(key), new.get(key), f"{path}.{key}" if path else key)]
    return [] if old == new and isinstance(old, bool) == isinstance(new, bool) else [path]
