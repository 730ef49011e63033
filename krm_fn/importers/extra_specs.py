"""OpenStack's flavor extra specs: what each asks for, and where that goes.

A table of names to functions; each sets fields of the instancetype or adds a trait of the preference and says what
became of the spec. Source of the names: Nova, api/validation/extra_specs.
"""

from __future__ import annotations

import re

from krm_fn.importers.cpu_set import ranges, realtime
from krm_fn.importers.flavor import whole
from krm_fn.importers.loss import IGNORED, LOST, MAPPED, says_no
from krm_fn.importers.operators import equal_to
from krm_fn.importers.topology import PARTS, chosen, preference_for
from krm_fn.importers.traits import TRAITS
from krm_fn.kubevirt.facts import is_label_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from krm_fn.core.manifest import Manifest
    from krm_fn.importers.flavor import Flavor, Options

    Specs = Mapping[str, str]
    Fate = tuple[str, str]
    Handler = Callable[[Flavor, str, Specs, Options], Fate]

_DEFAULT = (IGNORED, "KubeVirt's default; nothing to write")
_NONE = (IGNORED, "the flavor says that there is none")
_TRUE = frozenset(("true", "yes", "on", "1", "t", "y"))
_FALSE = frozenset(("false", "no", "off", "0", "f", "n"))
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
        if pattern := _DEVICES.fullmatch(name):
            flavor.add_devices(f"{key}.{name}", pattern["name"], whole(texts[name]) or 0, options)
        elif handler := _handler(name):
            flavor.decide(f"{key}.{name}", *handler(flavor, texts[name], texts, options))
        elif name == "pci_passthrough:alias":
            _aliases(flavor, f"{key}.{name}", texts[name], options)
    if flavor.traits:
        flavor.preferences.append(tuple(sorted(flavor.traits)))


def _rank(name: str) -> tuple[int, str]:
    """What others depend on comes first: dedicated CPUs, then pages, then NUMA."""
    order = ("hw:cpu_policy", "hw:mem_page_size", "hw:numa_nodes")
    return (0 if name.endswith(":PCPU") else order.index(name) if name in order else len(order), name)


def _handler(name: str) -> Handler | None:
    if name in SPECS:
        return SPECS[name]
    for pattern, handler in PATTERNS:
        match = pattern.fullmatch(name)
        if match:
            return lambda flavor, value, specs, options: handler(flavor, match["name"], value, specs, options)
    return None


_GROUP = r"resources(?:\d+|_[\w-]*)?"
_DEVICES = re.compile(_GROUP + r":(?P<name>VGPU|PGPU|FPGA|CUSTOM_[A-Z0-9_]+)")


def is_bare_metal(specs: Mapping[str, Any]) -> bool:
    """Whether a flavor is one of the Bare Metal service: it asks for a whole node in place of vCPUs and memory."""
    amounts = {name.rpartition(":")[2]: whole(value) for name, value in specs.items() if re.match(_GROUP + ":", name)}
    nothing = amounts.get("VCPU") == 0 and amounts.get("MEMORY_MB") == 0
    node = any(name.startswith("CUSTOM_") and amount for name, amount in amounts.items())
    return (nothing and node) or "ironic" in str(specs.get("capabilities:hypervisor_type", "")).split()


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
    return lambda _flavor, value, _specs, _options: _NONE if says_no(value) else (LOST, reason)


def _switch(name: str, fragment: Manifest | None = None) -> Handler:
    return lambda flavor, value, _specs, _options: trait(flavor, name, fragment) if is_true(value) else _DEFAULT


def _cpu_policy(flavor: Flavor, value: str, _specs: Specs, _options: Options) -> Fate:
    if value == "dedicated":
        flavor.set("cpu", "dedicatedCPUPlacement", True)
        return MAPPED, "spec.cpu.dedicatedCPUPlacement: true"
    return _DEFAULT if value == "shared" else (LOST, "KubeVirt pins all vCPUs or none")


def _resource(flavor: Flavor, name: str, value: str, specs: Specs, _options: Options) -> Fate:
    """An amount that placement counts. Dedicated CPUs may be asked for so; the rest is not about the guest."""
    amount = whole(value)
    if name == "PCPU" and amount:
        alone = not any(re.fullmatch(_GROUP + ":VCPU", other) and whole(specs[other]) for other in specs)
        if alone and amount in (flavor.cpu, flavor.cpu + 1):
            flavor.set("cpu", "dedicatedCPUPlacement", True)
            return MAPPED, "spec.cpu.dedicatedCPUPlacement: true"
        return LOST, "KubeVirt pins all vCPUs or none"
    if amount == 0 or amount == {"VCPU": flavor.cpu, "MEMORY_MB": flavor.memory}.get(name):
        return IGNORED, "what OpenStack's placement counts"
    return LOST, _PLACEMENT.get(name, "Kubernetes counts what the virtual machine itself has, nothing else")


_PLACEMENT = {
    "PCI_DEVICE": "a device has to be named: pci_passthrough:alias, mapped with --pci-alias",
    "SRIOV_NET_VF": "an interface with the binding sriov is the VirtualMachine's",
    "MEM_ENCRYPTION_CONTEXT": "hw:mem_encryption asks for encrypted memory",
    "IPV4_ADDRESS": "addresses are the network's",
    **dict.fromkeys(
        (
            "NET_BW_EGR_KILOBIT_PER_SEC", "NET_BW_IGR_KILOBIT_PER_SEC", "NET_PACKET_RATE_KILOPACKET_PER_SEC",
            "NET_PACKET_RATE_EGR_KILOPACKET_PER_SEC", "NET_PACKET_RATE_IGR_KILOPACKET_PER_SEC",
        ),
        "bandwidth is the network's; an instancetype reserves none",
    ),
}  # fmt: skip


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
    mask = specs.get("hw:cpu_realtime_mask", "").strip()
    cpus = realtime(mask, flavor.cpu) if mask else set(range(flavor.cpu))
    if cpus is None:
        return LOST, f"its mask {mask} leaves no vCPUs of {flavor.cpu}, or is no list of them; Nova refuses it too"
    flavor.set("cpu", "realtime", {"mask": ranges(cpus)} if len(cpus) < flavor.cpu else {})
    return MAPPED, "spec.cpu.realtime"


def _realtime_mask(flavor: Flavor, value: str, _specs: Specs, _options: Options) -> Fate:
    """What became of the mask; `hw:cpu_realtime`, which sorts before it, has written it."""
    written = flavor.template.get("cpu", {}).get("realtime")
    if written is None:
        return LOST, "a mask does nothing without hw:cpu_realtime"
    return (MAPPED, f"spec.cpu.realtime.mask: {written['mask']}") if written else (IGNORED, f"{value} is all vCPUs")


def _arranged(specs: Specs) -> tuple[list[int | None], list[int | None]]:
    wishes = [whole(specs.get(f"hw:cpu_{part}", "")) for part in PARTS]
    return wishes, [whole(specs.get(f"hw:cpu_max_{part}", "")) for part in PARTS]


def _wish(place: int) -> Handler:
    """A number of sockets, cores or threads that Nova tries to give."""

    def read(flavor: Flavor, value: str, specs: Specs, _options: Options) -> Fate:
        counts = chosen(flavor.cpu, *_arranged(specs))
        if counts is None:
            return LOST, f"Nova finds no topology of {flavor.cpu} vCPUs within the flavor's bounds"
        if whole(value) != counts[place]:
            return LOST, f"{_shown(flavor.cpu, counts)}, whatever this asks for"
        return _arrange(flavor, counts)

    return read


def _bound(flavor: Flavor, _value: str, specs: Specs, _options: Options) -> Fate:
    """A most of sockets, cores or threads. KubeVirt's maxSockets is about hotplug and has nothing to do with it."""
    wishes, bounds = _arranged(specs)
    counts = chosen(flavor.cpu, wishes, bounds)
    if counts is None:
        return LOST, f"Nova finds no topology of {flavor.cpu} vCPUs within the flavor's bounds"
    if counts == chosen(flavor.cpu, wishes):
        return IGNORED, f"a bound that changes nothing for {flavor.cpu} vCPUs"
    return _arrange(flavor, counts)


def _arrange(flavor: Flavor, counts: tuple[int, int, int]) -> Fate:
    if flavor.cpu == 1:
        return IGNORED, "one vCPU has one topology"
    found = preference_for(flavor.cpu, counts)
    return trait(flavor, *found) if found else (LOST, f"no preference gives it: {_shown(flavor.cpu, counts)}")


def _shown(vcpus: int, counts: tuple[int, int, int]) -> str:
    parts = (f"{count} {part if count > 1 else part[:-1]}" for count, part in zip(counts, PARTS, strict=True))
    return f"Nova makes {', '.join(parts)} of {vcpus} vCPUs"


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


def _required(flavor: Flavor, name: str, value: str, _specs: Specs, options: Options) -> Fate:
    """A trait of the host."""
    if value == "forbidden":
        return LOST, "a nodeSelector can't forbid; write node affinity in the VirtualMachine"
    if value != "required":
        return LOST, "a trait is required or forbidden"
    return _select(flavor, name, options, "true")


def _aggregate(flavor: Flavor, name: str, value: str, _specs: Specs, options: Options) -> Fate:
    """A property of the hosts' aggregate. A map entry for one value does not hold for others."""
    wanted = equal_to(value)
    if wanted is None:
        return LOST, f'a nodeSelector asks for one value of a label; "{value}" asks for something else'
    exact = f"{name}={wanted}"
    if exact in options.selectors:
        return _select(flavor, exact, options, wanted)
    _, fixed = options.selectors.get(name, ("", ""))
    if fixed and not _holds(wanted, fixed, options.aggregates.get(name, frozenset())):
        return LOST, f'the map has no node label for this value; add --trait "{exact}=LABEL=VALUE"'
    return _select(flavor, name, options, wanted)


def _holds(wanted: str, fixed: str, values: frozenset[str]) -> bool:
    """Whether a label that was given for a property as a whole is meant for this value of it."""
    if is_true(wanted) or wanted.casefold() == fixed.casefold():
        return True
    return wanted.strip().casefold() not in _FALSE and len(values) <= 1


def _select(flavor: Flavor, name: str, options: Options, text: str) -> Fate:
    found = options.selectors.get(name)
    if found is None:
        return LOST, f'no node label for "{name}"; map it with --trait {name}=LABEL=VALUE or in --map FILE'
    label, fixed = found
    if not is_label_value(fixed or text):
        return LOST, f'"{fixed or text}" can\'t be the value of a node label; map it with --trait {name}=LABEL=VALUE'
    flavor.set("nodeSelector", label, fixed or text)
    return MAPPED, f"spec.nodeSelector: {label}"


def _pattern_lost(reason: str) -> Callable[[Flavor, str, str, Specs, Options], Fate]:
    return lambda _flavor, _name, value, _specs, _options: _NONE if says_no(value) else (LOST, reason)


SPECS: dict[str, Handler] = {
    "hw:cpu_policy": _cpu_policy,
    "hw:cpu_thread_policy": _lost("how sibling threads are used is a setting of the node"),
    "hw:emulator_threads_policy": _emulator_threads,
    "hw:mem_page_size": _pages,
    "hw:numa_nodes": _numa,
    "hw:cpu_realtime": _realtime,
    "hw:cpu_realtime_mask": _realtime_mask,
    "hw:cpu_sockets": _wish(0),
    "hw:cpu_cores": _wish(1),
    "hw:cpu_threads": _wish(2),
    "hw:cpu_max_sockets": _bound,
    "hw:cpu_max_cores": _bound,
    "hw:cpu_max_threads": _bound,
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
    "hw:pmem": _lost("KubeVirt has no persistent memory"),
    "hw:usb_model": _lost("KubeVirt chooses the USB controller"),
    "hw:redirected_usb_ports": _lost("the VirtualMachine's devices.clientPassthrough"),
    "hw:tpm_secret_security": _lost("who may read the TPM's secrets is the cluster's to say"),
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
    (re.compile(r"trait(?:\d+|_[\w-]*)?:(?P<name>.+)"), _required),
    (re.compile(r"(?P<name>aggregate_instance_extra_specs:.+)"), _aggregate),
    (re.compile(r"hw:numa_(?P<name>cpus|mem)\.\d+"), _pattern_lost("the guest's NUMA nodes follow the host's")),
    (re.compile(r"quota:(?P<name>.+)"), _pattern_lost("KubeVirt has no such limit in an instancetype")),
    (re.compile(_GROUP + r":(?P<name>[A-Z][A-Z0-9_]*)"), _resource),
    (re.compile(r"(?:capabilities|powervm|vmware|os|filter_tenant_id)(?P<name>:.+|)"),
     _pattern_lost("for another hypervisor or OpenStack's scheduler")),
)  # fmt: skip
