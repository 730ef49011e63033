"""How a preference spreads an instancetype's vCPUs over sockets, cores and threads.

Source: KubeVirt 1.9, pkg/instancetype/apply/cpu.go, .../preference/apply/cpu.go and .../preference/validation/cpu.go.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

SOCKETS, CORES, THREADS, SPREAD, ANY = "sockets", "cores", "threads", "spread", "any"
TOPOLOGIES = (SOCKETS, CORES, THREADS, SPREAD, ANY)
DEPRECATED_TOPOLOGIES = {
    "preferSockets": SOCKETS,
    "preferCores": CORES,
    "preferThreads": THREADS,
    "preferSpread": SPREAD,
    "preferAny": ANY,
}
"""Old spellings, still accepted with a warning, to the new ones."""

SOCKETS_CORES, SOCKETS_CORES_THREADS, CORES_THREADS = "SocketsCores", "SocketsCoresThreads", "CoresThreads"
ACROSS = {
    SOCKETS_CORES: (SOCKETS, CORES),
    SOCKETS_CORES_THREADS: (SOCKETS, CORES, THREADS),
    CORES_THREADS: (CORES, THREADS),
}
"""What a spread goes across, with the fields of the VM's CPU that it fills, in KubeVirt's order."""

DEFAULT_RATIO = 2
THREADS_PER_CORE = 2
UINT32 = 2**32


def preferred_topology(preference: Mapping[str, Any]) -> str:
    """Return the topology of a preference's spec in its new spelling; sockets when it has none."""
    chosen = (preference.get("cpu") or {}).get("preferredCPUTopology")
    return SOCKETS if chosen is None else DEPRECATED_TOPOLOGIES.get(chosen, chosen)


def spread_options(preference: Mapping[str, Any]) -> tuple[int, str]:
    """Return (ratio, across) of a preference's spec. The older ratio counts when it isn't 0, the newer one always."""
    options = (preference.get("cpu") or {}).get("spreadOptions") or {}
    ratio, across = options.get("ratio"), options.get("across")
    if ratio is None:
        ratio = preference.get("preferSpreadSocketToCoreRatio") or DEFAULT_RATIO
    return ratio, SOCKETS_CORES if across is None else across


def layout(vcpus: int, topology: str, ratio: int, across: str) -> tuple[int, int, int]:
    """Return (sockets, cores, threads) for a number of vCPUs that the spread check let pass; 0 vCPUs are 0 sockets."""
    if vcpus == 1:
        return 1, 1, 1
    if topology == CORES:
        return 1, vcpus, 1
    if topology == THREADS:
        return 1, 1, vcpus
    if topology != SPREAD:
        return vcpus, 1, 1
    if across == CORES_THREADS:
        return 1, vcpus // ratio, ratio
    if across == SOCKETS_CORES_THREADS:
        return vcpus // THREADS_PER_CORE // ratio, ratio, THREADS_PER_CORE
    return vcpus // ratio, ratio, 1


def spread_problem(vcpus: int, ratio: int, across: str) -> str:
    """Return why a number of vCPUs can't be spread, or "". A ratio of 0 crashes KubeVirt's webhook: refused here."""
    if ratio == 0:
        return "a spread ratio of 0 divides by zero"
    if across == SOCKETS_CORES_THREADS:
        if vcpus % THREADS_PER_CORE or vcpus // THREADS_PER_CORE % ratio:
            return (
                f"{vcpus} vCPUs are not divisible by {THREADS_PER_CORE} threads per core and a spread ratio of {ratio}"
            )
        return ""
    if vcpus % ratio == 0:
        return ""
    if across == CORES_THREADS:
        return f"{vcpus} vCPUs are not divisible by {ratio} threads per core"
    return f"{vcpus} vCPUs are not divisible by the spread ratio of {ratio}"


def provided(cpu: Mapping[str, Any], topology: str, across: str) -> tuple[int, tuple[str, ...], str]:
    """Return (vCPUs, the fields that count, their name in KubeVirt's messages) of a VM's own CPU section.

    Unset fields count as 0, and a product wraps at 2^32 as Go's uint32 does.
    """
    if topology == ANY:
        fields: tuple[str, ...] = (CORES, SOCKETS, THREADS)
        words = "cores, sockets and threads"
    elif topology == SPREAD:
        fields, words = ACROSS[across], across
    else:
        fields, words = (topology,), topology
    vcpus = 1
    for field in fields:
        vcpus = vcpus * (cpu.get(field) or 0) % UINT32
    return vcpus, fields, words
