"""Counts of sockets, cores and threads as a preferred CPU topology.

What KubeVirt makes of each topology: pkg/instancetype/apply/cpu.go and preference/apply/cpu.go.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_fn.core.manifest import Manifest

_PAIR = 2
"""Threads of a core wherever KubeVirt spreads over threads."""


def topology(vcpus: int, sockets: int | None, cores: int | None, threads: int | None) -> tuple[str, Manifest] | None:
    """The trait's name and the preference's fragment that give these counts, or None when no topology does.

    A count that is None or below one is free; free ones are chosen so that the product is the number of vCPUs.
    """
    counts = _complete(vcpus, *(count if count and count > 0 else 0 for count in (sockets, cores, threads)))
    if counts is None:
        return None
    for name, fragment, gives in _candidates(vcpus, counts[1]):
        if gives == counts:
            return name, fragment
    return None


def _complete(vcpus: int, sockets: int, cores: int, threads: int) -> tuple[int, int, int] | None:
    threads = threads or (vcpus // (sockets * cores) if sockets and cores else 1)
    if not cores and not sockets:
        sockets = 1
    cores = cores or vcpus // (sockets * threads)
    sockets = sockets or vcpus // (cores * threads or 1)
    return (sockets, cores, threads) if sockets * cores * threads == vcpus else None


def _candidates(vcpus: int, ratio: int) -> list[tuple[str, Manifest, tuple[int, int, int]]]:
    plain = (("sockets", "sockets", (vcpus, 1, 1)), ("cores", "cores", (1, vcpus, 1)))
    spreads = (
        ("threads", "CoresThreads", _PAIR, (1, vcpus // _PAIR, _PAIR)),
        (f"spread-{ratio}", "SocketsCores", ratio, (vcpus // ratio, ratio, 1)),
        (f"spread-{ratio}-threads", "SocketsCoresThreads", ratio, (vcpus // _PAIR // ratio, ratio, _PAIR)),
    )
    found: list[tuple[str, Manifest, tuple[int, int, int]]] = [
        (name, {"cpu": {"preferredCPUTopology": value}}, gives) for name, value, gives in plain
    ]
    for name, across, share, gives in spreads:
        options = {"across": across, "ratio": share}
        found.append((name, {"cpu": {"preferredCPUTopology": "spread", "spreadOptions": options}}, gives))
    found.append(("threads-only", {"cpu": {"preferredCPUTopology": "threads"}}, (1, 1, vcpus)))
    return found
