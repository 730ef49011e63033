"""The rules that a preference's own spec has to keep.

Source: KubeVirt 1.9, pkg/instancetype/preference/webhooks/admitter.go.
"""

from __future__ import annotations

from krm_fn.core.suggest import nearest
from krm_fn.kubevirt import topology

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_fn.core.manifest import Manifest

_TOPOLOGY = "spec.cpu.preferredCPUTopology"
_ACROSS = "spec.cpu.spreadOptions.across"
_RATIO = "spec.cpu.spreadOptions.ratio"

Found = tuple[str, str, str]
"""Path, message, the value to write instead or ""."""


def invalid(spec: Manifest) -> list[Found]:
    """Return each rule that a spec of the right types breaks. An empty topology is unknown, not absent."""
    chosen = (spec.get("cpu") or {}).get("preferredCPUTopology")
    if chosen is None:
        return []
    if chosen not in topology.TOPOLOGIES and chosen not in topology.DEPRECATED_TOPOLOGIES:
        return [_unknown(_TOPOLOGY, chosen, topology.TOPOLOGIES)]
    ratio, across = topology.spread_options(spec)
    if topology.preferred_topology(spec) != topology.SPREAD:
        return []
    if across not in topology.ACROSS:
        return [_unknown(_ACROSS, across, tuple(topology.ACROSS))]
    if across == topology.CORES_THREADS and ratio != topology.THREADS_PER_CORE:
        needed = topology.THREADS_PER_CORE
        message = f"a spread across {across} has {needed} threads per core: write a ratio of {needed}, not {ratio}"
        return [(_RATIO, message, "")]
    return []


def deprecated(spec: Manifest) -> list[Found]:
    """Return each spelling that KubeVirt warns about."""
    chosen = (spec.get("cpu") or {}).get("preferredCPUTopology")
    new = topology.DEPRECATED_TOPOLOGIES.get(chosen or "")
    return [] if new is None else [(_TOPOLOGY, f"{chosen} is deprecated: write {new}", new)]


def doubtful(spec: Manifest) -> list[Found]:
    """Return what KubeVirt accepts in a preference and then holds against every VM.

    Its VM webhook gives a VM without an architecture the cluster's, which never is the empty one.
    """
    if (spec.get("requirements") or {}).get("architecture") != "":
        return []
    message = "an empty required architecture keeps KubeVirt from admitting any VM: remove it or write an architecture"
    return [("spec.requirements.architecture", message, "")]


def _unknown(path: str, value: str, known: tuple[str, ...]) -> Found:
    similar = nearest(value, known)
    message = f'{path} "{value}" is unknown: write one of {", ".join(known)}'
    return path, message, similar[0] if similar else ""
