"""What a machine comes to be where its manifest is silent: KubeVirt's defaulting, for all that expand, judge or compare machines.

Each function reads a part of `spec.template.spec`, changes nothing, and takes a null for an absent field, as the API server
does before any webhook sees it. What is of the wrong type counts as absent too: that is the schema's business.
Source: KubeVirt 1.9, pkg/defaults/defaults.go, pkg/network/vmispec, pkg/storage/types and
pkg/virt-controller/watch/vm/vm.go (AutoAttachInputDevice).
"""

from __future__ import annotations

from krm_fn.core.manifest import mapping, text
from krm_fn.core.quantity import NANO, QuantityError, is_quantity, nano
from krm_fn.kubevirt.facts import AMD64, ARCHITECTURES, ARM64, MACHINE_TYPES, S390X

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_fn.core.manifest import Manifest

TOPOLOGY = ("sockets", "cores", "threads")
NETWORK = "default"
"""The name of the network and the interface that KubeVirt adds."""
INPUT = {"name": "default-0", "type": "tablet", "bus": "usb"}
"""The input device that autoattachInputDevice brings, as far as no preference says another bus or type."""
_UINT32 = 2**32


def entries(parent: Any, key: str) -> list[Any]:
    """`parent[key]` when that is a list, else an empty one."""
    value = parent.get(key) if isinstance(parent, dict) else None
    return value if isinstance(value, list) else []


def whole_number(parent: Any, key: str) -> int | None:
    """`parent[key]` when that is a whole number, else None. True and false are not numbers."""
    value = parent.get(key) if isinstance(parent, dict) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def amount(parent: Any, key: str) -> int | None:
    """`parent[key]` as a quantity in units of 1e-9; None when it is absent or no quantity."""
    value = parent.get(key) if isinstance(parent, dict) else None
    if value is None:
        return None
    try:
        return nano(value)
    except QuantityError:
        return None


def rounded(number: int, unit: int = NANO) -> int:
    """A number in units of 1e-9 in whole `unit`s, rounded away from zero (Go: Quantity.Value)."""
    return -(-number // unit) if number >= 0 else number // unit


def architecture(spec: Manifest, cluster: str = "") -> str:
    """The architecture of a machine: its own, else the cluster's, else amd64."""
    return text(spec, "architecture") or cluster or ARCHITECTURES[0]


def machine_type(architecture: str) -> str:
    """The machine type of an architecture; an unknown one gets amd64's."""
    return MACHINE_TYPES.get(architecture) or MACHINE_TYPES[ARCHITECTURES[0]]


def has_pci_topology(spec: Manifest) -> bool:
    """Whether KubeVirt marks a machine with its version of the PCI topology (defaults.SupportsPCIeHotplug)."""
    name = text(spec, "architecture")
    machine = text(mapping(mapping(spec, "domain"), "machine"), "type") or machine_type(name)
    return name in ("", AMD64, ARM64) and ("q35" in machine or machine.startswith("virt"))


def disk_bus(architecture: str) -> str:
    """The bus of a disk that names none, which is decided when the machine starts."""
    return "virtio" if architecture in (ARM64, S390X) else "sata"


def cpu_request(resources: Manifest) -> Any:
    """`requests.cpu` as written; where that is absent or zero, a limit that isn't zero takes its place."""
    requests, limits = mapping(resources, "requests"), mapping(resources, "limits")
    if not amount(requests, "cpu") and amount(limits, "cpu"):
        return limits["cpu"]
    return requests.get("cpu")


def guest_memory(domain: Manifest) -> Any:
    """`memory.guest` as written, else the first of request, limit and huge page size that isn't zero; None without any."""
    memory = mapping(domain, "memory")
    if memory.get("guest") is not None:
        return memory["guest"]
    resources = mapping(domain, "resources")
    for section in (mapping(resources, "requests"), mapping(resources, "limits")):
        if amount(section, "memory"):
            return section["memory"]
    size = mapping(memory, "hugepages").get("pageSize")
    return size if is_quantity(size) else None


def topology(domain: Manifest) -> tuple[int, int, int]:
    """(sockets, cores, threads). With none of them given, as many sockets as the cpu limit says, else the request, else one.

    A limit counts when it is there: 0 makes no sockets, and a negative one wraps as Go's 32-bit numbers do.
    """
    cpu = mapping(domain, "cpu")
    sockets, cores, threads = (whole_number(cpu, key) or 0 for key in TOPOLOGY)
    if sockets or cores or threads:
        return sockets, cores, threads
    resources = mapping(domain, "resources")
    for group in ("limits", "requests"):
        count = amount(mapping(resources, group), "cpu")
        if count is not None:
            return rounded(count) % _UINT32, 1, 1
    return 1, 1, 1


def bare_disks(spec: Manifest) -> list[Manifest]:
    """A disk entry with nothing but a name for each volume that neither a disk nor a file system shows to the guest."""
    volumes = entries(spec, "volumes")
    if not volumes:
        return []
    devices = mapping(mapping(spec, "domain"), "devices")
    shown = {text(entry, "name") for key in ("disks", "filesystems") for entry in entries(devices, key)}
    return [
        {"name": name} for volume in volumes if isinstance(volume, dict) and (name := text(volume, "name")) not in shown
    ]


def gets_pod_network(spec: Manifest) -> bool:
    """Whether KubeVirt adds the pod network and an interface on it: where neither list has an entry and nobody forbids it."""
    devices = mapping(mapping(spec, "domain"), "devices")
    silent = not entries(spec, "networks") and not entries(devices, "interfaces")
    return silent and devices.get("autoattachPodInterface") is not False


def gets_input(devices: Manifest) -> bool:
    """Whether KubeVirt adds INPUT: where it is asked for and no other input device is there."""
    return devices.get("autoattachInputDevice") is True and not entries(devices, "inputs")
