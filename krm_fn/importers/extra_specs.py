"""OpenStack's flavor extra specs: what each asks for, and where that goes.

A table of names to functions; each sets fields of the instancetype or adds a trait of the preference and says what
became of the spec. Source of the names: Nova, api/validation/extra_specs.
"""

from __future__ import annotations

import re

from krm_fn.importers.flavor import whole
from krm_fn.importers.loss import LOST, MAPPED
from krm_fn.importers.topology import topology
from krm_fn.importers.traits import TRAITS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from krm_fn.core.manifest import Manifest
    from krm_fn.importers.flavor import Flavor, Options

    Specs = Mapping[str, str]
    Fate = tuple[str, str]
    Handler = Callable[[Flavor, str, Specs, Options], Fate]

_DEFAULT = (MAPPED, "KubeVirt's default; nothing to write")
_TRUE = frozenset(("true", "yes", "on", "1"))
_PAGE = re.compile(r"(?P<number>\d+)\s*(?P<unit>[kmgt]i?b?|)", re.IGNORECASE)
_KIB = {"": 1, "k": 1, "m": 1 << 10, "g": 1 << 20, "t": 1 << 30}
_SMALLEST_HUGE = 2048
"""KiB of the smallest huge page that the processors KubeVirt runs on have in common."""


def apply(flavor: Flavor, key: str, specs: Mapping[str, Any], options: Options) -> None:
    """Read all extra specs of a flavor into it (mutated).

    key: what the listing calls them, for the report. specs: name -> value; values may be of any type.
    """
    texts = {str(name): value if isinstance(value, str) else str(value) for name, value in specs.items()}
    for name in sorted(texts, key=_rank):
        handler = _handler(name)
        if handler:
            flavor.decide(f"{key}.{name}", *handler(flavor, texts[name], texts, options))
        elif pattern := _DEVICES.fullmatch(name):
            flavor.add_devices(f"{key}.{name}", pattern["name"], whole(texts[name]) or 0, options)
        elif name == "pci_passthrough:alias":
            _aliases(flavor, f"{key}.{name}", texts[name], options)
    if flavor.traits:
        flavor.preferences.append(tuple(sorted(flavor.traits)))


def _rank(name: str) -> tuple[int, str]:
    """What others depend on comes first: dedicated CPUs, then pages, then NUMA."""
    order = ("hw:cpu_policy", "hw:mem_page_size", "hw:numa_nodes")
    return (order.index(name) if name in order else len(order), name)


def _handler(name: str) -> Handler | None:
    if name in SPECS:
        return SPECS[name]
    for pattern, handler in PATTERNS:
        match = pattern.fullmatch(name)
        if match:
            return lambda flavor, value, specs, options: handler(flavor, match["name"], value, specs, options)
    return None


_DEVICES = re.compile(r"resources(?:\d+|_[\w-]+)?:(?P<name>VGPU|CUSTOM_[A-Z0-9_]+)")


def _aliases(flavor: Flavor, key: str, value: str, options: Options) -> None:
    for part in value.split(","):
        alias, _, count = part.strip().partition(":")
        flavor.add_devices(key, alias, whole(count or "1") or 0, options)


def trait(flavor: Flavor, name: str, fragment: Manifest | None = None) -> Fate:
    """Add a trait to the flavor's preference; its fragment is the shared one of that name unless given."""
    flavor.traits[name] = TRAITS[name] if fragment is None else fragment
    return MAPPED, f"the preference's trait {name}"


def is_true(value: str) -> bool:
    """Whether a property's text is one of OpenStack's spellings of true."""
    return value.strip().casefold() in _TRUE


def _lost(reason: str) -> Handler:
    return lambda _flavor, _value, _specs, _options: (LOST, reason)


def _switch(name: str, fragment: Manifest | None = None) -> Handler:
    return lambda flavor, value, _specs, _options: trait(flavor, name, fragment) if is_true(value) else _DEFAULT


def _cpu_policy(flavor: Flavor, value: str, _specs: Specs, _options: Options) -> Fate:
    if value == "dedicated":
        flavor.set("cpu", "dedicatedCPUPlacement", True)
        return MAPPED, "spec.cpu.dedicatedCPUPlacement: true"
    return _DEFAULT if value == "shared" else (LOST, "KubeVirt pins all vCPUs or none")


def _emulator_threads(flavor: Flavor, value: str, _specs: Specs, _options: Options) -> Fate:
    if value != "isolate":
        return _DEFAULT
    if "dedicatedCPUPlacement" not in flavor.template.get("cpu", {}):
        return LOST, "an isolated emulator thread needs dedicated CPUs (hw:cpu_policy=dedicated)"
    flavor.set("cpu", "isolateEmulatorThread", True)
    return MAPPED, "spec.cpu.isolateEmulatorThread: true"


def page_size(value: str, large: str) -> str | None:
    """A page size of Nova's as a quantity; "" for ordinary pages; None when it is no page size."""
    if value in ("small", "any"):
        return ""
    if value == "large":
        return large
    match = _PAGE.fullmatch(value.strip())
    if match is None or len(value) > 20:
        return None
    kibibytes = int(match["number"]) * _KIB[match["unit"][:1].lower()]
    if kibibytes < _SMALLEST_HUGE:
        return "" if kibibytes else None
    for unit, size in (("Gi", 1 << 20), ("Mi", 1 << 10)):
        if kibibytes % size == 0:
            return f"{kibibytes // size}{unit}"
    return None


def _pages(flavor: Flavor, value: str, _specs: Specs, options: Options) -> Fate:
    size = page_size(value, options.large_page)
    if size is None:
        return LOST, "no page size that KubeVirt could ask for"
    if not size:
        return _DEFAULT
    mebibytes = int(size[:-2]) * (1024 if size.endswith("Gi") else 1)
    if flavor.memory % mebibytes:
        return LOST, f"{flavor.memory} MiB of memory are not a multiple of {size} pages, which KubeVirt demands"
    flavor.set("memory", "hugepages", {"pageSize": size})
    return MAPPED, f"spec.memory.hugepages.pageSize: {size}"


def _numa(flavor: Flavor, _value: str, _specs: Specs, _options: Options) -> Fate:
    if "dedicatedCPUPlacement" not in flavor.template.get("cpu", {}) or "hugepages" not in flavor.template.get(
        "memory", {}
    ):
        return LOST, "guest NUMA needs dedicated CPUs and huge pages in KubeVirt (hw:cpu_policy and hw:mem_page_size)"
    flavor.set("cpu", "numa", {"guestMappingPassthrough": {}})
    return MAPPED, "spec.cpu.numa.guestMappingPassthrough; the number of nodes follows the host's"


def _realtime(flavor: Flavor, value: str, specs: Specs, _options: Options) -> Fate:
    if not is_true(value):
        return _DEFAULT
    if "dedicatedCPUPlacement" not in flavor.template.get("cpu", {}) or "numa" not in flavor.template["cpu"]:
        return LOST, "realtime needs dedicated CPUs and guest NUMA in KubeVirt (hw:cpu_policy and hw:numa_nodes)"
    mask = specs.get("hw:cpu_realtime_mask", "")
    flavor.set("cpu", "realtime", {"mask": mask} if mask else {})
    return MAPPED, "spec.cpu.realtime"


def _realtime_mask(_flavor: Flavor, _value: str, specs: Specs, _options: Options) -> Fate:
    if is_true(specs.get("hw:cpu_realtime", "")):
        return MAPPED, "spec.cpu.realtime.mask, where hw:cpu_realtime is carried over"
    return LOST, "a mask does nothing without hw:cpu_realtime"


def _topology(flavor: Flavor, _value: str, specs: Specs, _options: Options) -> Fate:
    counts = [whole(specs.get(f"hw:cpu_{part}", "")) for part in ("sockets", "cores", "threads")]
    found = topology(flavor.cpu, *counts)
    return (
        trait(flavor, *found)
        if found
        else (LOST, f"no topology that a preference has gives these counts of {flavor.cpu} vCPUs")
    )


def _max_sockets(flavor: Flavor, value: str, _specs: Specs, _options: Options) -> Fate:
    count = whole(value)
    if not count or not flavor.cpu <= count < 1 << 31:
        return LOST, "cpu.maxSockets has to be a number not below the vCPUs"
    flavor.set("cpu", "maxSockets", count)
    return MAPPED, "spec.cpu.maxSockets"


def _encryption(flavor: Flavor, value: str, specs: Specs, _options: Options) -> Fate:
    if not is_true(value):
        return _DEFAULT
    model = specs.get("hw:mem_encryption_model", "amd-sev")
    name = {"amd-sev": "sev", "amd-sev-es": "sev-es", "amd-sev-snp": "snp"}.get(model)
    if name is None:
        return LOST, f"preferredLaunchSecurity has no {model}"
    trait(flavor, "efi")
    return trait(flavor, name)


def _encryption_model(_flavor: Flavor, value: str, specs: Specs, _options: Options) -> Fate:
    if is_true(specs.get("hw:mem_encryption", "")):
        return (
            (MAPPED, "preferredLaunchSecurity")
            if value in ("amd-sev", "amd-sev-es", "amd-sev-snp")
            else (LOST, "unknown model")
        )
    return LOST, "a model does nothing without hw:mem_encryption"


def _tpm(flavor: Flavor, value: str, specs: Specs, _options: Options) -> Fate:
    if "1.2" in (value, specs.get("hw:tpm_version", "")):
        return LOST, "KubeVirt's TPM is version 2.0"
    trait(flavor, "tpm")
    return MAPPED, "devices.preferredTPM; KubeVirt chooses the model"


def _secure_boot(flavor: Flavor, value: str, _specs: Specs, _options: Options) -> Fate:
    if value == "required":
        return trait(flavor, "secureboot")
    return LOST, "an instancetype can't say so; a preference with preferredEfi.secureBoot decides"


def _sound(flavor: Flavor, value: str, _specs: Specs, _options: Options) -> Fate:
    if value in ("ich9", "ac97"):
        return trait(flavor, f"sound-{value}", {"devices": {"preferredSoundModel": value}})
    return LOST, "KubeVirt's sound models are ich9 and ac97"


def _node(flavor: Flavor, name: str, value: str, _specs: Specs, options: Options) -> Fate:
    if value == "forbidden":
        return LOST, "a nodeSelector can't forbid; write node affinity in the VirtualMachine"
    found = options.selectors.get(name)
    if found is None:
        return LOST, f'no node label for "{name}"; map it with --trait {name}=LABEL=VALUE or in --map FILE'
    label, wanted = found
    flavor.set("nodeSelector", label, wanted or value)
    return MAPPED, f"spec.nodeSelector: {label}"


def _pattern_lost(reason: str) -> Callable[[Flavor, str, str, Specs, Options], Fate]:
    return lambda _flavor, _name, _value, _specs, _options: (LOST, reason)


SPECS: dict[str, Handler] = {
    "hw:cpu_policy": _cpu_policy,
    "hw:cpu_thread_policy": _lost("how sibling threads are used is a setting of the node"),
    "hw:emulator_threads_policy": _emulator_threads,
    "hw:mem_page_size": _pages,
    "hw:numa_nodes": _numa,
    "hw:cpu_realtime": _realtime,
    "hw:cpu_realtime_mask": _realtime_mask,
    "hw:cpu_sockets": _topology,
    "hw:cpu_cores": _topology,
    "hw:cpu_threads": _topology,
    "hw:cpu_max_sockets": _max_sockets,
    "hw:cpu_max_cores": _lost("only sockets have a maximum in KubeVirt"),
    "hw:cpu_max_threads": _lost("only sockets have a maximum in KubeVirt"),
    "hw:cpu_dedicated_mask": _lost("KubeVirt pins all vCPUs or none"),
    "hw:mem_encryption": _encryption,
    "hw:mem_encryption_model": _encryption_model,
    "hw:tpm_model": _tpm,
    "hw:tpm_version": _tpm,
    "os:secure_boot": _secure_boot,
    "hw:vif_multiqueue_enabled": _switch("multiqueue", {"devices": {"preferredNetworkInterfaceMultiQueue": True}}),
    "hw:sound_model": _sound,
    "hw:hide_hypervisor_id": _switch("hidden", {"features": {"preferredKvm": {"hidden": True}}}),
    "hide_hypervisor_id": _switch("hidden", {"features": {"preferredKvm": {"hidden": True}}}),
    "hw_rng:allowed": _switch("rng", {"devices": {"preferredRng": {}}}),
    "hw_rng:rate_bytes": _lost("KubeVirt does not limit the entropy source"),
    "hw_rng:rate_period": _lost("KubeVirt does not limit the entropy source"),
    "hw:locked_memory": _lost("huge pages and devices lock memory by themselves"),
    "hw:pmu": _lost("the VirtualMachine's features.pmu"),
    "hw:watchdog_action": _lost("the VirtualMachine's devices.watchdog"),
    "hw:serial_port_count": _lost("a virtual machine has one serial console"),
    "hw:viommu_model": _lost("KubeVirt has no virtual IOMMU to choose"),
    "hw:virtio_packed_ring": _lost("KubeVirt does not choose the layout of virtio rings"),
    "hw:pci_numa_affinity_policy": _lost("NUMA affinity of devices is the node's topology manager's"),
    "hw:boot_menu": _lost("KubeVirt has no boot menu"),
    "hw:maxphysaddr_mode": _lost("KubeVirt does not choose physical address bits"),
    "hw:maxphysaddr_bits": _lost("KubeVirt does not choose physical address bits"),
    "hw:ephemeral_encryption": _lost("disks are volumes of the VirtualMachine"),
    "hw:ephemeral_encryption_format": _lost("disks are volumes of the VirtualMachine"),
    "hw_video:ram_max_mb": _lost("KubeVirt does not choose video memory"),
    "accel:device_profile": _lost("a device profile has no name in Kubernetes; add hostDevices by hand"),
    "group_policy": _lost("a rule of OpenStack's placement"),
    "os_type": _lost("a preference says what the guest runs"),
}  # fmt: skip
PATTERNS = (
    (re.compile(r"trait(?:\d+|_[\w-]+)?:(?P<name>.+)"), _node),
    (re.compile(r"(?P<name>aggregate_instance_extra_specs:.+)"), _node),
    (re.compile(r"hw:numa_(?P<name>cpus|mem)\.\d+"), _pattern_lost("the guest's NUMA nodes follow the host's")),
    (re.compile(r"quota:(?P<name>.+)"), _pattern_lost("KubeVirt has no such limit in an instancetype")),
    (re.compile(r"resources(?:\d+|_[\w-]+)?:(?P<name>VCPU|PCPU|MEMORY_MB|DISK_GB)"),
     _pattern_lost("what OpenStack's placement counts; Kubernetes counts the virtual machine's own resources")),
    (re.compile(r"(?:capabilities|powervm|vmware|os|filter_tenant_id)(?P<name>:.+|)"),
     _pattern_lost("for another hypervisor or OpenStack's scheduler")),
)  # fmt: skip
