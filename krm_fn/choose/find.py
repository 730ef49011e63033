"""The smallest instancetypes that have what somebody needs, and what each of them leaves unused."""

from __future__ import annotations

from typing import NamedTuple

from krm_fn.choose.entry import INSTANCETYPE, Entry
from krm_fn.choose.pair import Pairs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


class Candidate(NamedTuple):
    """An instancetype that is large enough. The rest is what it has beyond what was asked for, None where nothing was."""

    entry: Entry
    unused_vcpus: int | None
    unused_memory: int | None
    """In bytes."""
    problems: tuple[str, ...]
    """Why it does not go with the preference that was named."""


def smallest(
    entries: Iterable[Entry],
    vcpus: int = 0,
    memory: int = 0,
    preference: Entry | None = None,
    *,
    special: bool = False,
) -> list[Candidate]:
    """Those that fit, the best first.

    That is: one that the preference takes, that is not deprecated, that asks nothing special of a node, and that leaves
    least unused. vcpus, memory (bytes): what is needed at least, 0 for any. special: dedicated CPUs, huge pages or
    devices were asked for, so that having them is nothing special.
    """
    pairs = Pairs()
    found = [
        Candidate(
            entry,
            entry.vcpus - vcpus if vcpus else None,
            entry.memory_bytes - memory if memory else None,
            pairs.problems(entry, preference) if preference else (),
        )
        for entry in entries
        if entry.kind == INSTANCETYPE and entry.vcpus is not None and entry.memory_bytes is not None
        if entry.vcpus >= vcpus and entry.memory_bytes >= memory
    ]
    return sorted(found, key=lambda candidate: _rank(candidate, vcpus, memory, special=special))


def _rank(candidate: Candidate, vcpus: int, memory: int, *, special: bool) -> tuple[object, ...]:
    entry = candidate.entry
    has, holds = entry.vcpus or 1, entry.memory_bytes or 1
    size = (has / vcpus if vcpus else has) * (holds / memory if memory else holds)
    return (
        bool(candidate.problems),
        entry.deprecated,
        not (special or entry.plain),
        size,
        entry.overcommit or 0,
        has,
        holds,
        entry.name,
        entry.namespace,
    )
