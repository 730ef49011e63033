"""Manifests compared as Go compares them: quantities by value, empty lists and maps as absent ones, zero values as none.

Source: apimachinery's equality.Semantic over KubeVirt's types (staging/src/kubevirt.io/api/core/v1).
"""

from __future__ import annotations

from krm_fn.core import quantity

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    Difference = tuple[str, Any, Any]
    """(path, value before, value after); ABSENT for none."""

ABSENT: Any = type("Absent", (), {"__repr__": lambda _self: "ABSENT", "__slots__": ()})()
"""Stands for no value, which null is not."""

BY_VALUE = frozenset(
    (
        "acpi",
        "annotations",
        "devices",
        "domain",
        "labels",
        "limits",
        "matchLabels",
        "metadata",
        "nodeSelector",
        "podAffinityTerm",
        "preference",
        "propagationMethod",
        "requests",
        "resources",
        "source",
        "spec",
    )
)
"""Mappings that Go holds by value or as a map: an empty one and none are the same."""
POINTERS = frozenset(
    (
        "autoattachGraphicsDevice",
        "autoattachInputDevice",
        "autoattachMemBalloon",
        "autoattachPodInterface",
        "autoattachSerialConsole",
        "autoattachVSOCK",
        "blockMultiQueue",
        "bootOrder",
        "dedicatedIOThread",
        "enabled",
        "evictionStrategy",
        "ioThreadsPolicy",
        "networkInterfaceMultiqueue",
        "offsetSeconds",
        "optional",
        "persistent",
        "present",
        "running",
        "secureBoot",
        "shareable",
        "spinlocks",
        "startStrategy",
        "supplementalPoolThreadCount",
        "terminationGracePeriodSeconds",
        "timezone",
        "useSerial",
        "useVirtioTransitional",
    )
)
"""Scalars that Go holds by pointer: there false, 0 and "" are values."""
_AMOUNTS = frozenset(("guest", "maxGuest", "capacity", "divisor", "addedOverhead"))
_AMOUNT_MAPS = frozenset(("requests", "limits"))


class Amount(int):
    """A quantity: equal by value, shown as it was written."""

    text: Any


def normal(value: Any, key: str = "") -> Any:
    """A value with nothing in it that Go would not tell from its absence; ABSENT when that is all of it."""
    kind = type(value)
    if kind is dict:
        if key in _AMOUNT_MAPS:
            return {name: _amount(part) for name, part in value.items() if part is not None} or ABSENT
        out = {}
        for name, part in value.items():
            found = normal(part, name)
            if found is not ABSENT:
                out[name] = found
        return out if out or key not in BY_VALUE else ABSENT
    if kind is list:
        return [normal(part) for part in value] or ABSENT
    if value is None:
        return ABSENT
    if key in _AMOUNTS:
        return _amount(value) or ABSENT if key == "capacity" else _amount(value)
    if not value and kind in (str, bool, int) and key and key not in POINTERS:
        return ABSENT
    return value


def _amount(value: Any) -> Any:
    if not quantity.is_quantity(value):
        return value
    found = Amount(quantity.nano(value))
    found.text = value
    return found


def plain(value: Any) -> Any:
    """A normal value as it was written, None for ABSENT."""
    if value is ABSENT:
        return None
    if isinstance(value, Amount):
        return value.text
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    return [plain(part) for part in value] if isinstance(value, list) else value


def differences(before: Any, after: Any, path: str = "") -> Iterator[Difference]:
    """Where two normal values differ, down to scalars and empty collections.

    Entries of a list that have names are compared by them, as `list[name]`; `list[]` is their order.
    """
    if before is after or (type(before) is type(after) and before == after):
        return
    sides = [side for side in (before, after) if side is not ABSENT and side not in ({}, [])]
    if sides and all(isinstance(side, dict) for side in sides):
        if {} in (before, after) and len(sides) == 1:
            yield path, before if before == {} else ABSENT, after if after == {} else ABSENT
        old, new = (side if isinstance(side, dict) else {} for side in (before, after))
        for key in dict.fromkeys([*old, *new]):
            yield from differences(old.get(key, ABSENT), new.get(key, ABSENT), joined(path, key))
        return
    if sides and all(_is_named(side) for side in sides):
        yield from _named(before, after, path)
        return
    yield path, before, after


def _named(before: Any, after: Any, path: str) -> Iterator[Difference]:
    old, new = ({entry["name"]: entry for entry in side} if isinstance(side, list) else {} for side in (before, after))
    if list(old) != list(new):
        yield f"{path}[]", list(old), list(new)
    for name in dict.fromkeys([*old, *new]):
        yield from differences(old.get(name, ABSENT), new.get(name, ABSENT), f"{path}[{name}]")


def _is_named(value: Any) -> bool:
    if not isinstance(value, list):
        return False
    names = [entry.get("name") if isinstance(entry, dict) else None for entry in value]
    return all(isinstance(name, str) for name in names) and len(set(names)) == len(names)


def joined(path: str, key: str) -> str:
    """A path and a key below it; keys with dots or slashes stand in brackets."""
    if "." in key or "/" in key:
        return f"{path}[{key}]"
    return f"{path}.{key}" if path else key
