"""Plain VirtualMachines as short ones: with the instancetype and the preference that expand to the same VM.

Found by trial and proved by expanding: what an instancetype conflicts with goes, what a preference puts back goes, and
a pair counts only when the short VM comes to run exactly as the plain one (`settled`).
"""

from __future__ import annotations

from krm_fn.core.finding import has_errors
from krm_fn.core.manifest import copy_tree, mapping, name_of
from krm_fn.core.quantity import ceil, mebibytes_text
from krm_fn.core.wire import canonical_json
from krm_fn.kubevirt import defaulted
from krm_fn.kubevirt.api import CLUSTER_KINDS
from krm_fn.migrate import guest, trial
from krm_fn.migrate.settled import ANNOTATIONS, TOPOLOGY, differences, domain_of, memory, settled, vcpus
from krm_fn.vm.expand import expand

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

    from krm_fn.core.finding import Finding
    from krm_fn.core.manifest import Manifest

    Run = tuple[Callable[[Manifest], Manifest], Manifest]

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

    def pair(self) -> dict[str, Manifest]:
        """The objects that were found, by the field that names them."""
        pairs = {"instancetype": self.instancetype, "preference": self.preference}
        return {field: target for field, target in pairs.items() if target is not None}


class Adopter:
    """Adopts many VMs with the same candidates. Machines that differ only in their names are looked at once."""

    __slots__ = ("_accepted", "_instancetypes", "_known", "_preferences")

    def __init__(
        self, instancetypes: Sequence[Manifest], preferences: Sequence[Manifest], accepted: frozenset[str]
    ) -> None:
        self._instancetypes = instancetypes
        self._preferences = preferences
        self._accepted = accepted
        self._known: dict[str, Adopted] = {}

    def adopt(self, vm: Manifest) -> Adopted:
        """See `adopt`. vm: not to be changed."""
        spec = mapping(vm, "spec")
        labels = mapping(vm, "metadata", "labels")
        key = canonical_json([guest.hints(vm), labels, _nameless(spec)])
        if key not in self._known:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[key] = adopt(vm, self._instancetypes, self._preferences, self._accepted)
        return self._known[key]


_REMEMBERED = 1024


def _nameless(spec: Manifest) -> Manifest:
    """A VM's spec without what its volumes hold, which no instancetype or preference looks at."""
    template = mapping(spec, "template")
    inner = mapping(template, "spec")
    volumes = inner.get("volumes")
    if not isinstance(volumes, list) or not all(isinstance(volume, dict) for volume in volumes):
        return spec
    names = [volume.get("name") for volume in volumes]
    return {**spec, "template": {**template, "spec": {**inner, "volumes": names}}}


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
        return Adopted([_nearest(vm, size, instancetypes)])
    goal = settled(expanded, accepted)
    candidates = _candidates(vm, preferences, goal, size[0], accepted)
    for thorough in (False, True):
        best = _best(vm, [(instancetype, candidates) for instancetype in _alike(vm, fitting, expanded, accepted)],
                     (lambda made: settled(made, accepted), goal), thorough=thorough)  # fmt: skip
        if best is not None:
            found = Adopted()
            _, short, found.instancetype, found.preference = best
            found.paths = list(_gone(vm, short))
            return found
    return Adopted(_obstacles(vm, fitting, goal, accepted))


def _alike(vm: Manifest, fitting: Sequence[Manifest], expanded: Manifest, accepted: frozenset[str]) -> list[Manifest]:
    """The instancetypes that give the same machine but for the arrangement of its vCPUs, which a preference decides."""
    loosely = accepted | {TOPOLOGY}
    goal = settled(expanded, loosely)
    found = []
    for instancetype in fitting:
        _, made, results = _begin(vm, instancetype)
        if not has_errors(results) and settled(made, loosely) == goal:
            found.append(instancetype)
    return found


def _begin(vm: Manifest, instancetype: Manifest) -> tuple[Manifest, Manifest, list[Finding]]:
    """A copy of a VM that names an instancetype, without what that refuses; its expansion, and what there is to say of it."""
    short: Manifest = copy_tree(vm)
    short["spec"]["instancetype"] = matcher(instancetype)
    made, results = trial.without_conflicts(short, lambda: expand(short, instancetype, None))
    return short, made, results


def _best(
    vm: Manifest, pairs: Sequence[tuple[Manifest, Sequence[tuple[int, Manifest | None]]]], run: Run, *, thorough: bool
) -> tuple[tuple[Any, ...], Manifest, Manifest, Manifest | None] | None:
    """(rank, short VM, instancetype, preference) of the best pair, or None: the very guest, then what leaves least."""
    best = None
    for instancetype, candidates in pairs:
        start, _, _ = _begin(vm, instancetype)
        for agreed, preference in candidates:
            short = copy_tree(start)
            if preference is not None:
                short["spec"]["preference"] = matcher(preference)
            every = thorough or agreed == guest.SAME or preference is None
            if not _shortest(short, instancetype, preference, run, thorough=every):
                continue
            generic = preference is None or guest.is_generic(preference)
            more = _weight(instancetype["spec"]) + _weight(preference and preference["spec"])
            rank = (agreed != guest.SAME, _weight(short), not generic, more)
            if best is None or rank < best[0]:
                best = (rank, short, instancetype, preference)
    return best


def _candidates(
    vm: Manifest, preferences: Sequence[Manifest], goal: Manifest, count: int, accepted: frozenset[str]
) -> list[tuple[int, Manifest | None]]:
    """No preference, and those that may fit: for no other guest than the VM says, writing nothing that the goal lacks.

    Of those that say the same one is enough: the one that names the very guest, else the first generic one, else the first.
    """
    said = guest.hints(vm)
    known = frozenset(guest.word_of(item) for item in preferences)
    there = _sections(goal)
    chosen: dict[str, tuple[tuple[int, bool], int, Manifest]] = {}
    for item in preferences:
        needs, writes, alike = _facts(item)
        missing = writes - there
        if needs > count or (missing and not (ANNOTATIONS in accepted and all(map(_is_annotation, missing)))):
            continue
        agreed = guest.agrees(item, said, known)
        if agreed == guest.OTHER:
            continue
        rank = (-agreed, not guest.is_generic(item))
        if alike not in chosen or rank < chosen[alike][0]:
            chosen[alike] = (rank, agreed, item)
    return [(guest.OPEN, None), *((agreed, item) for _, agreed, item in chosen.values())]


_FACTS: dict[int, tuple[Manifest, tuple[int, frozenset[str], str]]] = {}
_ANNOTATION = "annotation "
_EMPTY: Manifest = {"spec": {"template": {"spec": {"domain": {"devices": {}}}}}}


def _facts(preference: Manifest) -> tuple[int, frozenset[str], str]:
    """What decides cheaply that a preference can't fit, worked out once for each object, which must not change.

    The vCPUs it requires; the sections it writes into any VM that lacks them; its spec as text, without requirements.
    """
    known = _FACTS.get(id(preference))
    if known is None or known[0] is not preference:
        spec = preference["spec"]
        left = {key: value for key, value in spec.items() if key != "requirements"}
        made, results = expand(copy_tree(_EMPTY), None, {**preference, "spec": left}, defaults="none")
        writes = frozenset() if has_errors(results) else _sections(settled(made)) - _sections(settled(_EMPTY))
        needs = mapping(spec, "requirements", "cpu").get("guest", 0)
        known = (preference, (needs if isinstance(needs, int) else 0, writes, canonical_json(left)))
        if len(_FACTS) >= _REMEMBERED:
            _FACTS.clear()
        _FACTS[id(preference)] = known
    return known[1]


def _sections(vm: Manifest) -> frozenset[str]:
    """What a template has: its annotations, and the keys of its spec, domain and the domain's sections."""
    template = mapping(vm, "spec", "template")
    spec, domain = mapping(template, "spec"), mapping(template, "spec", "domain")
    found = {f"{_ANNOTATION}{key}" for key in mapping(template, "metadata", "annotations")}
    found |= {key for key in spec if key != "domain"}
    for name, section in domain.items():
        found |= {f"{name}.{key}" for key in section} if isinstance(section, dict) and section else {name}
    return frozenset(found)


def _is_annotation(section: str) -> bool:
    return section.startswith(_ANNOTATION)


def _shortest(
    short: Manifest, instancetype: Manifest, preference: Manifest | None, run: Run, *, thorough: bool
) -> bool:
    """Make a VM without conflicts as short as it can be with this pair, in place. Whether it comes to run as the goal.

    run: what a VM comes to run as, and the goal. thorough: also field by field, where that can't be done at once.
    """
    settle, goal = run

    def made() -> Manifest:
        again, results = expand(short, instancetype, preference)
        return {} if has_errors(results) else settle(again)

    def equal() -> bool:
        return made() == goal

    if not equal():
        return False
    if trial.leave_out_at_once(short, made, equal, _KEPT):
        return True
    if thorough:
        trial.leave_out(short["spec"]["template"], equal, _KEPT, lambda value: not isinstance(value, list))
    return thorough


def _said(result: Finding) -> str:
    return result.message if result.message.startswith(result.path) else f"{result.path}: {result.message}"


def matcher(item: Manifest) -> Manifest:
    """How a VM names an object: its name, and its kind where that is not the default."""
    name = {"name": name_of(item)}
    return name if item["kind"] in CLUSTER_KINDS else {"kind": item["kind"], **name}


def _figures(item: Manifest) -> tuple[int, int]:
    spec = item["spec"]
    return spec["cpu"]["guest"], ceil(spec["memory"]["guest"])


def _nearest(vm: Manifest, size: tuple[int, int], instancetypes: Sequence[Manifest]) -> str:
    """Why no instancetype fits, with the next larger one: of those that ask for the same of the nodes as the VM does."""
    wanted = _words(size[0], str(defaulted.guest_memory(domain_of(vm))))
    larger = [item for item in instancetypes if all(a >= b for a, b in zip(_figures(item), size, strict=True))]
    if not larger:
        return f"no instancetype has {wanted}, nor more of both"
    asked = _asked(domain_of(vm))
    like = [item for item in larger if _asked(item["spec"]) == asked]
    nearest = min(like or larger, key=lambda item: (_figures(item)[::-1], _weight(item["spec"])))
    has = _figures(nearest)
    return f"no instancetype has {wanted}; the next one up is {name_of(nearest)} with {_words(has[0], _bytes(has[1]))}"


def _asked(spec: Manifest) -> tuple[bool, ...]:
    """What a VM's domain or an instancetype asks for beside vCPUs and memory."""
    cpu, memory = mapping(spec, "cpu"), mapping(spec, "memory")
    dedicated = cpu.get("dedicatedCPUPlacement") or cpu.get("dedicatedCpuPlacement")
    rest = (
        *(cpu.get(key) for key in ("realtime", "numa")),
        *(memory.get(key) for key in ("hugepages", "overcommitPercent")),
    )
    devices = {**mapping(spec, "devices"), **spec}
    return tuple(bool(value) for value in (dedicated, *rest, devices.get("gpus"), devices.get("hostDevices")))


def _words(vcpus_: int, amount: str) -> str:
    return f"{vcpus_} vCPU{'' if vcpus_ == 1 else 's'} and {amount}"


def _bytes(value: int) -> str:
    return mebibytes_text(value // _MIB) if value % _MIB == 0 else str(value)


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
        _, made, results = _begin(vm, instancetype)
        if has_errors(results):
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
