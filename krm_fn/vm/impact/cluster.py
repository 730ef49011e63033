"""The settings of a cluster that decide how a change reaches a running machine.

Source: KubeVirt 1.9, pkg/virt-config/{virt-config,configuration,feature-gates}.go and staging/src/kubevirt.io/api/core/v1/types.go
(KubeVirtConfiguration); for older versions the same files at their release tags.
"""

from __future__ import annotations

from krm_fn.core.manifest import mapping, text
from krm_fn.kubevirt.versions import NEWEST, VERSIONS
from krm_fn.vm.defaults import BINDINGS, DEFAULT_ARCHITECTURE, DEFAULT_BINDING, MACHINE_TYPES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_fn.core.manifest import Manifest

MIGRATE, EVICT = "LiveMigrate", "Evict"
REFERENCE, EXPAND, EXPAND_ALL = "reference", "expand", "expandAll"
_DEFAULT_RATIO = 4
_DEFAULT_CPU_REQUEST = "100m"
_LIVE_UPDATE_SINCE, _DECLARATIVE_SINCE, _NAD_SINCE, _NAD_GA = "1.6", "1.9", "1.8", "1.9"


class Cluster:
    """What of a KubeVirt object, a KubeVirt version and a node architecture decides.

    live_update:   the rollout strategy is LiveUpdate; else Stage.
    declarative:   volumes marked hotpluggable are plugged from the VM's spec.
    network_live:  another Multus networkName reaches the running machine.
    ratio, max_sockets, max_guest: liveUpdateConfiguration; 0 and None when it has none.
    methods:       workloadUpdateMethods: what may carry a change that needs more than a patch.
    policy:        what becomes of a VM's matchers: reference, expand or expandAll.
    """

    __slots__ = (
        "architecture",
        "binding",
        "cpu_model",
        "cpu_request",
        "declarative",
        "eviction",
        "live_update",
        "machine_types",
        "max_guest",
        "max_sockets",
        "methods",
        "network_live",
        "policy",
        "ratio",
        "version",
    )

    def __init__(self, kubevirt: Manifest | None = None, architecture: str = "", version: str = NEWEST) -> None:
        """kubevirt: the KubeVirt object, None for what a release brings. architecture: "" for amd64."""
        spec = mapping(kubevirt, "spec")
        settings = mapping(spec, "configuration")
        self.version = version
        strategy = text(settings, "vmRolloutStrategy")
        self.live_update = strategy == "LiveUpdate" if strategy else self.since(_LIVE_UPDATE_SINCE)
        developer = mapping(settings, "developerConfiguration")
        on, off = set(developer.get("featureGates") or ()), set(developer.get("disabledFeatureGates") or ())
        declarative = self.since(_DECLARATIVE_SINCE) or "DeclarativeHotplugVolumes" in on
        self.declarative = declarative and "DeclarativeHotplugVolumes" not in off and "HotplugVolumes" not in on
        gate = "LiveUpdateNADRef"
        self.network_live = self.since(_NAD_GA) or (self.since(_NAD_SINCE) and gate not in off) or gate in on
        live = mapping(settings, "liveUpdateConfiguration")
        self.ratio: int = live.get("maxHotplugRatio") or _DEFAULT_RATIO
        self.max_sockets: int = live.get("maxCpuSockets") or 0
        self.max_guest: Any = live.get("maxGuest")
        self.methods = frozenset(mapping(spec, "workloadUpdateStrategy").get("workloadUpdateMethods") or ())
        self.policy = text(mapping(settings, "instancetype"), "referencePolicy") or REFERENCE
        self.architecture = architecture or DEFAULT_ARCHITECTURE
        self.machine_types = _machine_types(settings)
        binding = text(mapping(settings, "network"), "defaultNetworkInterface")
        self.binding = binding if binding in BINDINGS else DEFAULT_BINDING
        self.eviction = text(settings, "evictionStrategy") or "None"
        self.cpu_model = text(settings, "cpuModel")
        request = settings.get("cpuRequest")
        self.cpu_request = None if request in (None, _DEFAULT_CPU_REQUEST) else request

    def since(self, version: str) -> bool:
        """Whether the cluster's KubeVirt is at least this one."""
        return VERSIONS.index(self.version) >= VERSIONS.index(version)

    def machine_type(self, architecture: str) -> str:
        """The machine type that a VM of an architecture gets when it names none."""
        return self.machine_types.get(architecture) or MACHINE_TYPES.get(architecture, "")


def _machine_types(settings: Manifest) -> dict[str, str]:
    """The configured machine types by architecture. The old setting for all is for amd64 alone."""
    own = {name: text(part, "machineType") for name, part in mapping(settings, "architectureConfiguration").items()}
    old = text(settings, "machineType")
    if old and not own.get(DEFAULT_ARCHITECTURE):
        own[DEFAULT_ARCHITECTURE] = old
    return own
