"""The rules that a preference's own spec has to keep.

Source: KubeVirt 1.9, pkg/instancetype/preference/webhooks/admitter.go.
"""

from __future__ import annotations

from krm_fn.core.finding import NOTHING, WARNING, Finding, Rule
from krm_fn.core.suggest import nearest
from krm_fn.kubevirt import topology
from krm_fn.preference.requirements import REQUIREMENT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_fn.core.manifest import Manifest

INVALID = Rule(
    "preference/invalid",
    "Preference that breaks its own rules",
    "KubeVirt refuses the preference itself, whoever uses it.",
)
DEPRECATED = Rule(
    "preference/deprecated",
    "Deprecated spelling in a preference",
    "KubeVirt warns of this value; the message has the new one.",
)
_TOPOLOGY = "spec.cpu.preferredCPUTopology"
_ACROSS = "spec.cpu.spreadOptions.across"
_RATIO = "spec.cpu.spreadOptions.ratio"


def invalid(spec: Manifest, item: Manifest | None = None) -> list[Finding]:
    """A finding about `item` for each rule that a spec of the right types breaks. An empty topology is unknown, not absent."""
    chosen = (spec.get("cpu") or {}).get("preferredCPUTopology")
    if chosen is None:
        return []
    if chosen not in topology.TOPOLOGIES and chosen not in topology.DEPRECATED_TOPOLOGIES:
        return [_unknown(_TOPOLOGY, chosen, topology.TOPOLOGIES, item)]
    ratio, across = topology.spread_options(spec)
    if topology.preferred_topology(spec) != topology.SPREAD:
        return []
    if across not in topology.ACROSS:
        return [_unknown(_ACROSS, across, tuple(topology.ACROSS), item)]
    if across == topology.CORES_THREADS and ratio != topology.THREADS_PER_CORE:
        needed = topology.THREADS_PER_CORE
        message = f"a spread across {across} has {needed} threads per core: write a ratio of {needed}, not {ratio}"
        return [Finding(INVALID, message, item, _RATIO)]
    return []


def deprecated(spec: Manifest, item: Manifest | None = None) -> list[Finding]:
    """A warning about `item` for each spelling that KubeVirt warns about."""
    chosen = (spec.get("cpu") or {}).get("preferredCPUTopology")
    new = topology.DEPRECATED_TOPOLOGIES.get(chosen or "")
    if new is None:
        return []
    message = f"{chosen} is deprecated: write {new}"
    return [Finding(DEPRECATED, message, item, _TOPOLOGY, severity=WARNING, proposed=new)]


def doubtful(spec: Manifest, item: Manifest | None = None) -> list[Finding]:
    """A warning about `item` for what KubeVirt accepts in a preference and then holds against every VM.

    Its VM webhook gives a VM without an architecture the cluster's, which never is the empty one.
    """
    if (spec.get("requirements") or {}).get("architecture") != "":
        return []
    message = "an empty required architecture keeps KubeVirt from admitting any VM: remove it or write an architecture"
    return [Finding(REQUIREMENT, message, item, "spec.requirements.architecture", severity=WARNING)]


def _unknown(path: str, value: str, known: tuple[str, ...], item: Manifest | None) -> Finding:
    similar = nearest(value, known)
    message = f'{path} "{value}" is unknown: write one of {", ".join(known)}'
    return Finding(INVALID, message, item, path, proposed=similar[0] if similar else NOTHING)
