"""Plain VirtualMachines as short ones: with the instancetype and the preference that expand to the same VM.

Found by trial and proved by expanding: what an instancetype conflicts with goes, what a preference puts back goes, and
a pair counts only when the short VM comes to run exactly as the plain one (`settled`).
"""

from __future__ import annotations

from krm_fn.core.finding import has_errors
from krm_fn.core.manifest import copy_tree, mapping, name_of
from krm_fn.core.quantity import ceil, mebibytes_text
from krm_fn.instancetype.conflict import CONFLICT
from krm_fn.kubevirt.api import CLUSTER_KINDS
from krm_fn.migrate.settled import differences, memory, settled, vcpus
from krm_fn.vm.expand import expand

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from krm_fn.core.finding import Finding
    from krm_fn.core.manifest import Manifest

_ROUNDS = 20
_SHOWN = 4
_MIB = 1 << 20
_KEPT = frozenset(("name", "devices", "domain", "spec", "disk", "cdrom", "lun", "volumes", "networks"))
"""Keys that say what a thing is, even where an expansion would put them back."""


class Adopted:
    """What became of a VM.

    paths: fields that went, from the VM's root, keys and list indexes; None when the VM stays plain.
    reasons: what stands in the way, a line each.
    """

    __slots__ = ("instancetype", "paths", "preference", "reasons")

    def __init__(self, reasons: Sequence[str] = ()) -> None:
        self.paths: list[tuple[str | int, ...]] | None = None
        self.instancetype: Manifest | None = None
        self.preference: Manifest | None = None
        self.reasons = list(reasons)


def adopt(
    vm: Manifest,
    instancetypes: Sequence[Manifest],
    preferences: Sequence[Manifest],
    accepted: frozenset[str] = frozenset(),
) -> Adopted:
    """Find the pair with which most of the VM can be left out; of equals the pair that says least, then their order.

    instancetypes, preferences: complete objects, as good as unchanging. accepted: see `settled.ACCEPTABLE`.
    """
    spec = mapping(vm, "spec")
    taken = [field for field in ("instancetype", "preference") if spec.get(field) is not None]
    if taken:
        return Adopted(
            [f"it names an {taken[0]} already" if taken[0] == "instancetype" else "it names a preference already"]
        )
    expanded, results = expand(vm, None, None)
    if has_errors(results):
        return Adopted([_said(result) for result in results if result.severity == "error"])
    size = (vcpus(vm), memory(vm))
    if not size[1]:
        return Adopted(["it says no memory, neither memory.guest nor a request"])
    fitting = [item for item in instancetypes if _figures(item) == size]
    if not fitting:
        return Adopted([_nearest(size, instancetypes)])
    goal = settled(expanded, accepted)
    best: tuple[tuple[int, int], Manifest, Manifest, Manifest | None] | None = None
    for instancetype in fitting:
        for preference in (None, *preferences):
            short = _try(vm, instancetype, preference, goal, accepted)
            if short is None:
                continue
            weight = (_weight(short), _weight(instancetype["spec"]) + _weight(preference and preference["spec"]))
            if best is None or weight < best[0]:
                best = (weight, short, instancetype, preference)
    if best is None:
        return Adopted(_obstacles(vm, fitting, goal, accepted))
    found = Adopted()
    _, short, found.instancetype, found.preference = best
    found.paths = list(_gone(vm, short))
    return found


def _said(result: Finding) -> str:
    return result.message if result.message.startswith(result.path) else f"{result.path}: {result.message}"


def matcher(item: Manifest) -> Manifest:
    """How a VM names an object: its name, and its kind where that is not the default."""
    name = {"name": name_of(item)}
    return name if item["kind"] in CLUSTER_KINDS else {"kind": item["kind"], **name}


def _figures(item: Manifest) -> tuple[int, int]:
    spec = item["spec"]
    return spec["cpu"]["guest"], ceil(spec["memory"]["guest"])


def _nearest(size: tuple[int, int], instancetypes: Sequence[Manifest]) -> str:
    wanted = f"{size[0]} vCPUs and {_bytes(size[1])}"
    larger = [item for item in instancetypes if all(a >= b for a, b in zip(_figures(item), size, strict=True))]
    if not larger:
        return f"no instancetype has {wanted}, nor more of both"
    nearest = min(larger, key=lambda item: _figures(item)[::-1])
    has = _figures(nearest)
    return (
        f"no instancetype has {wanted}; the next one up is {name_of(nearest)} with {has[0]} vCPUs and {_bytes(has[1])}"
    )


def _bytes(value: int) -> str:
    return mebibytes_text(value // _MIB) if value % _MIB == 0 else str(value)


def _try(
    vm: Manifest, instancetype: Manifest, preference: Manifest | None, goal: Manifest, accepted: frozenset[str]
) -> Manifest | None:
    """The shortest VM that comes to run as `goal` does with this pair, or None."""
    short, made = _without_conflicts(vm, instancetype, preference)
    if made is None or settled(made, accepted) != goal:
        return None

    def equal() -> bool:
        again, results = expand(short, instancetype, preference)
        return not has_errors(results) and settled(again, accepted) == goal

    template = short["spec"]["template"]
    for parent, key in reversed(list(_places(template))):
        value = parent.get(key, _NOWHERE)
        if value is _NOWHERE or isinstance(value, list) or (preference is None and value != {}):
            continue
        before = dict(parent)
        del parent[key]
        if not equal():
            parent.clear()
            parent.update(before)
    return short


_NOWHERE = object()


def _without_conflicts(
    vm: Manifest, instancetype: Manifest, preference: Manifest | None
) -> tuple[Manifest, Manifest | None]:
    """The VM without what the instancetype refuses, and its expansion; None when it is refused all the same."""
    short: Manifest = copy_tree(vm)
    short["spec"]["instancetype"] = matcher(instancetype)
    if preference is not None:
        short["spec"]["preference"] = matcher(preference)
    for _ in range(_ROUNDS):
        made, results = expand(short, instancetype, preference)
        conflicts = [result.path for result in results if result.rule == CONFLICT]
        if not conflicts:
            return short, None if has_errors(results) else made
        for path in conflicts:
            if not _remove(short, path):
                return short, None
    return short, None


def _remove(vm: Manifest, path: str) -> bool:
    """Take the field at a conflict's path out; the path's spelling of dedicatedCpuPlacement is not the VM's."""
    node: Any = vm
    if path.startswith("annotations."):
        node = mapping(vm["spec"], "template", "metadata", "annotations")
        return node.pop(path.removeprefix("annotations."), None) is not None
    *way, last = path.split(".")
    node = mapping(node, *way)
    found = next((key for key in node if key.lower() == last.lower()), None)
    return found is not None and node.pop(found, _NOWHERE) is not _NOWHERE


def _places(node: Any) -> Iterator[tuple[Manifest, str]]:
    """Every (mapping, key) that may go, parents before children."""
    if isinstance(node, dict):
        for key, value in list(node.items()):
            if key not in _KEPT:
                yield node, key
            yield from _places(value)
    elif isinstance(node, list):
        for value in node:
            yield from _places(value)


def _weight(node: Any) -> int:
    """How much there is to read: keys and items."""
    if isinstance(node, dict):
        return sum(1 + _weight(value) for value in node.values())
    return sum(1 + _weight(value) for value in node) if isinstance(node, list) else 0


def _gone(before: Any, after: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if isinstance(before, dict):
        for key, value in before.items():
            if key not in after:
                yield (*path, key)
            else:
                yield from _gone(value, after[key], (*path, key))
    elif isinstance(before, list):
        for number, value in enumerate(before):
            yield from _gone(value, after[number], (*path, number))


def _obstacles(vm: Manifest, fitting: Sequence[Manifest], goal: Manifest, accepted: frozenset[str]) -> list[str]:
    """What differs with the instancetype that comes nearest, without a preference."""
    nearest: tuple[Manifest, list[str]] | None = None
    for instancetype in fitting:
        _, made = _without_conflicts(vm, instancetype, None)
        if made is None:
            continue
        lines = [
            f"{path} is {is_now}, with {name_of(instancetype)} it would be {would_be}"
            for path, is_now, would_be in differences(goal, settled(made, accepted))
        ]
        if nearest is None or len(lines) < len(nearest[1]):
            nearest = (instancetype, lines)
    if nearest is None:
        return [f"{', '.join(name_of(item) for item in fitting[:_SHOWN])}: refused, whatever is left out"]
    more = len(nearest[1]) - _SHOWN
    return nearest[1][:_SHOWN] + ([f"and {more} more"] if more > 0 else [])


def describe(found: Adopted) -> str:
    """The pair that was found, for people."""
    names = [name_of(item) for item in (found.instancetype, found.preference) if item is not None]
    return " and ".join(names)


def is_candidate(item: Manifest) -> bool:
    """Whether an object has the figures that an instancetype needs to be compared."""
    spec = mapping(item, "spec")
    guest = mapping(spec, "cpu").get("guest")
    usable = isinstance(guest, int) and not isinstance(guest, bool)
    try:
        return usable and ceil(mapping(spec, "memory").get("guest", "")) > 0
    except ValueError:
        return False
