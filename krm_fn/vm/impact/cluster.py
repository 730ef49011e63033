"""The settings of a cluster that decide how a change reaches a running machine.

Source: KubeVirt 1.9, pkg/virt-config/{virt-config,configuration,feature-gates}.go and staging/src/kubevirt.io/api/core/v1/types.go
(KubeVirtConfiguration); for older versions the same files at their release tags.
"""

from __future__ import annotations

from krm_fn.core.manifest import mapping, text
from krm_fn.kubevirt.defaulted import machine_type
from krm_fn.kubevirt.facts import AMD64
from krm_fn.kubevirt.versions import NEWEST, Version
from krm_fn.vm.defaults import BINDINGS, DEFAULT_BINDING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_fn.core.manifest import Manifest

MIGRATE, EVICT = "LiveMigrate", "Evict"
REFERENCE, EXPAND, EXPAND_ALL = "reference", "expand", "expandAll"
_DEFAULT_RATIO = 4
_DEFAULT_CPU_REQUEST = "100m"
_LIVE_UPDATE_SINCE = "1.6"
GATES = {"DeclarativeHotplugVolumes": ("1.9", ""), "LiveUpdateNADRef": ("1.8", "1.9")}
"""Feature gate to the version that has it on by default, and the one since which it can't be switched off, if any."""


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
        "_gates",
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
        self.version = Version(version)
        strategy = text(settings, "vmRolloutStrategy")
        self.live_update = strategy == "LiveUpdate" if strategy else self.since(_LIVE_UPDATE_SINCE)
        developer = mapping(settings, "developerConfiguration")
        self._gates = {
            **dict.fromkeys(developer.get("featureGates") or (), True),
            **dict.fromkeys(developer.get("disabledFeatureGates") or (), False),
        }
        self.declarative = self.is_on("DeclarativeHotplugVolumes") and not self.is_on("HotplugVolumes")
        self.network_live = self.is_on("LiveUpdateNADRef")
        live = mapping(settings, "liveUpdateConfiguration")
        self.ratio: int = live.get("maxHotplugRatio") or _DEFAULT_RATIO
        self.max_sockets: int = live.get("maxCpuSockets") or 0
        self.max_guest: Any = live.get("maxGuest")
        self.methods = frozenset(mapping(spec, "workloadUpdateStrategy").get("workloadUpdateMethods") or ())
        self.policy = text(mapping(settings, "instancetype"), "referencePolicy") or REFERENCE
        self.architecture = architecture or AMD64
        self.machine_types = _machine_types(settings)
        binding = text(mapping(settings, "network"), "defaultNetworkInterface")
        self.binding = binding if binding in BINDINGS else DEFAULT_BINDING
        self.eviction = text(settings, "evictionStrategy") or "None"
        self.cpu_model = text(settings, "cpuModel")
        request = settings.get("cpuRequest")
        self.cpu_request = None if request in (None, _DEFAULT_CPU_REQUEST) else request

    def is_on(self, gate: str) -> bool:
        """Whether a feature gate is on: as the cluster says, else as its version has it."""
        default, always = GATES.get(gate, ("", ""))
        if always and self.since(always):
            return True
        return self._gates.get(gate, bool(default) and self.since(default))

    def since(self, version: str) -> bool:
        """Whether the cluster's KubeVirt is at least this one."""
        return self.version.has(Version(version))

    def machine_type(self, architecture: str) -> str:
        """The machine type that a VM of an architecture gets when it names none."""
        return self.machine_types.get(architecture) or machine_type(architecture)


def _machine_types(settings: Manifest) -> dict[str, str]:
    """The configured machine types by architecture. The old setting for all is for amd64 alone."""
    own = {name: text(part, "machineType") for name, part in mapping(settings, "architectureConfiguration").items()}
    old = text(settings, "machineType")
    if old and not own.get(AMD64):
        own[AMD64] = old
    return own
