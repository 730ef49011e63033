"""Topologies: which one Nova gives a guest, and which of a preference's gives the same.

Source: Nova, virt/hardware.py (_get_possible_cpu_topologies, _sort_possible_cpu_topologies); KubeVirt by `kubevirt.topology`.
"""

from __future__ import annotations

from krm_fn.kubevirt.topology import (
    CORES,
    CORES_THREADS,
    SOCKETS,
    SOCKETS_CORES,
    SOCKETS_CORES_THREADS,
    SPREAD,
    THREADS,
    THREADS_PER_CORE,
    layout,
    spread_problem,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from krm_fn.core.manifest import Manifest

    Counts = tuple[int, int, int]
    """Sockets, cores, threads."""
    Wishes = Sequence[int | None]
    """The same as they are asked for; None and numbers below one ask for nothing."""

PARTS = ("sockets", "cores", "threads")
_MOST = 1 << 16
"""More vCPUs or a larger bound than any machine has."""
_TRIED = (2, 4, 6, 8, 12, 16, 32, 64)
"""Numbers of vCPUs by which a topology for any number is tried; odd ones have no threads to share."""


def chosen(vcpus: int, wishes: Wishes, bounds: Wishes = (None, None, None)) -> Counts | None:
    """The topology that Nova gives a guest, or None when none lies within the bounds.

    Of all that give the vCPUs within the bounds, those that fulfil most of the wishes; of them the one with the fewest
    threads, then the one with the most sockets.
    """
    if not 0 < vcpus <= _MOST:
        return None
    sockets, cores, threads = (bound if bound and bound > 0 else _MOST for bound in bounds)
    possible = [
        (one, vcpus // one // two, two)
        for one in _divisors(vcpus)
        for two in _divisors(vcpus // one)
        if one <= sockets and two <= threads and vcpus // one // two <= cores
    ]

    def rank(counts: Counts) -> tuple[int, int, int]:
        fulfilled = sum(count == wish for count, wish in zip(counts, wishes, strict=True))
        return fulfilled, counts[0] * counts[1], counts[0]

    return max(possible, key=rank, default=None)


def _divisors(number: int) -> list[int]:
    small = [one for one in range(1, int(number**0.5) + 1) if number % one == 0]
    return sorted({*small, *(number // one for one in small)})


def preference_for(vcpus: int, counts: Counts) -> tuple[str, Manifest] | None:
    """The trait's name and the preference's fragment that give these counts, or None when no topology does."""
    return next(
        (
            (name, fragment)
            for name, fragment, (topology, ratio, across) in _candidates(counts[1], counts[2])
            if topology != SPREAD or not spread_problem(vcpus, ratio, across)
            if layout(vcpus, topology, ratio, across) == counts
        ),
        None,
    )


def preference_for_any(wishes: Wishes, bounds: Wishes) -> tuple[str, Manifest] | None:
    """The trait and the fragment that give any number of vCPUs what Nova does, or None when none does.

    With all three counts there is one number of vCPUs that they are meant for.
    """
    asked = [wish for wish in wishes if wish and wish > 0]
    unit = 1
    for count in asked:
        unit *= count
    sizes = (unit,) if len(asked) == len(PARTS) else _TRIED
    wanted = [(vcpus, chosen(vcpus, wishes, bounds)) for vcpus in sizes if vcpus > 1]
    if not wanted or any(counts is None for _, counts in wanted):
        return None
    for name, fragment, (topology, ratio, across) in _candidates(*(max(wish or 1, 1) for wish in wishes[1:])):
        if all(
            (topology != SPREAD or not spread_problem(vcpus, ratio, across))
            and layout(vcpus, topology, ratio, across) == counts
            for vcpus, counts in wanted
        ):
            return name, fragment
    return None


def _candidates(cores: int, threads: int) -> Iterator[tuple[str, Manifest, tuple[str, int, str]]]:
    """(trait, fragment, (topology, ratio, across)) of every topology that could give so many cores and threads."""
    for topology in (SOCKETS, CORES):
        yield topology, {"cpu": {"preferredCPUTopology": topology}}, (topology, 1, "")
    spreads = (
        ("threads", CORES_THREADS, THREADS_PER_CORE),
        (f"spread-{cores}", SOCKETS_CORES, cores),
        (f"spread-{cores}-threads", SOCKETS_CORES_THREADS, cores),
    )
    for name, across, ratio in spreads:
        if (threads == THREADS_PER_CORE) == (across != SOCKETS_CORES):
            options = {"across": across, "ratio": ratio}
            yield name, {"cpu": {"preferredCPUTopology": SPREAD, "spreadOptions": options}}, (SPREAD, ratio, across)
    yield "threads-only", {"cpu": {"preferredCPUTopology": THREADS}}, (THREADS, 1, "")
