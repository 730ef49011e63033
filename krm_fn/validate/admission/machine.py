"""What the admission rules look at: a VirtualMachine as KubeVirt sees it after its own defaulting.

A null counts as absent and a value of the wrong type as well: those are the schema's business.
Source: KubeVirt 1.9, pkg/defaults/defaults.go and pkg/vmispec; the defaults that the validating webhook of the VM sees.
"""

from __future__ import annotations

from krm_fn.core.manifest import mapping, text
from krm_fn.core.quantity import NANO, QuantityError, nano

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_fn.core.manifest import Manifest

AMD64, ARM64, S390X = "amd64", "arm64", "s390x"
ARCHITECTURES = (AMD64, ARM64, S390X)
_UINT32 = 2**32


def whole_number(parent: Any, key: str) -> int | None:
    """`parent[key]` when that is a whole number, else None. True and false are not numbers."""
    value = parent.get(key) if isinstance(parent, dict) else None
    return value if type(value) is int else None


def has(parent: Any, key: str) -> bool:
    """Whether `parent[key]` is a mapping, an empty one included: what Go sees as a pointer that is set."""
    return isinstance(parent, dict) and isinstance(parent.get(key), dict)


def entries(parent: Any, key: str) -> list[Any]:
    """`parent[key]` when that is a list, else an empty one."""
    value = parent.get(key) if isinstance(parent, dict) else None
    return value if isinstance(value, list) else []


def enabled(parent: Any, key: str) -> bool:
    """Whether the switch `parent[key]` is there and on: `enabled` counts as true until it says false."""
    return has(parent, key) and parent[key].get("enabled") is not False


class Machine:
    """A VirtualMachine and what follows from it. Rules read it and change nothing.

    vm:            the manifest. spec, template (that is spec.template.spec), domain, devices, cpu, memory and resources
                   are its parts, {} where absent.
    awaits:        "instancetype" and "preference", when the manifest names one that has not been applied to it.
    architecture:  the template's, else amd64.
    *_by_name:     the parts as written by their names, the last of several.
    disks:         as written, then a bare one for each volume that has neither disk nor filesystem; `written_disks` of
                   them are the user's.
    pod_network:   whether the machine is on the pod network, the one that KubeVirt adds when there is none included.
    """

    __slots__ = (
        "_numbers",
        "architecture",
        "awaits",
        "cpu",
        "devices",
        "disks",
        "disks_by_name",
        "domain",
        "interfaces",
        "interfaces_by_name",
        "memory",
        "metadata",
        "namespace",
        "networks",
        "networks_by_name",
        "pod_network",
        "resources",
        "shared",
        "spec",
        "template",
        "vm",
        "volumes",
        "volumes_by_name",
        "written_disks",
    )

    def __init__(self, vm: Manifest, *, applied: bool = False) -> None:
        self.vm = vm
        self.metadata = mapping(vm, "metadata")
        self.namespace = text(self.metadata, "namespace")
        self.spec = spec = mapping(vm, "spec")
        self.template = template = mapping(mapping(spec, "template"), "spec")
        self.domain = domain = mapping(template, "domain")
        self.devices = devices = mapping(domain, "devices")
        self.cpu = mapping(domain, "cpu")
        self.memory = mapping(domain, "memory")
        self.resources = mapping(domain, "resources")
        self.awaits = () if applied else tuple(key for key in ("instancetype", "preference") if has(spec, key))
        self.architecture = text(template, "architecture") or AMD64
        self.volumes = entries(template, "volumes")
        self.volumes_by_name = _by_name(self.volumes)
        disks = entries(devices, "disks")
        self.written_disks = len(disks)
        self.disks_by_name = _by_name(disks)
        self.disks = disks + self._disks_of_volumes()
        self.networks = entries(template, "networks")
        self.interfaces = entries(devices, "interfaces")
        self.networks_by_name = _by_name(self.networks)
        self.interfaces_by_name = _by_name(self.interfaces)
        self.pod_network = self._on_pod_network()
        self.shared: dict[str, Any] = {}
        self._numbers: dict[str, Any] = {}

    def _disks_of_volumes(self) -> list[Any]:
        bare = self.volumes_by_name.keys() - self.disks_by_name.keys()
        if bare:
            bare -= {text(filesystem, "name") for filesystem in entries(self.devices, "filesystems")}
        if not bare:
            return []
        names = [text(volume, "name") for volume in self.volumes if isinstance(volume, dict)]
        return [{"name": name} for name in names if name in bare]

    def _on_pod_network(self) -> bool:
        if not self.networks and not self.interfaces:
            return self.devices.get("autoattachPodInterface") is not False
        return any(has(network, "pod") for network in self.networks)

    @property
    def awaits_instancetype(self) -> bool:
        """Whether an instancetype is still to come."""
        return "instancetype" in self.awaits

    @property
    def awaits_preference(self) -> bool:
        """Whether a preference is still to come."""
        return "preference" in self.awaits

    @property
    def architectures(self) -> tuple[str, ...]:
        """The architectures that the machine can end up on: any, as long as a preference may choose it."""
        return (
            ARCHITECTURES if self.awaits_preference and not self.template.get("architecture") else (self.architecture,)
        )

    def resource(self, group: str, name: str) -> int | None:
        """`resources.<group>.<name>` in units of 1e-9, None when absent. A missing cpu request is the limit."""
        value = quantity(mapping(self.resources, group), name)
        if not value and group == "requests" and name == "cpu":
            return quantity(mapping(self.resources, "limits"), "cpu") or value
        return value

    def value(self, group: str, name: str) -> int:
        """The resource rounded away from zero to a whole number, 0 when absent (Go: Quantity.Value)."""
        return rounded(self.resource(group, name) or 0)

    @property
    def page_size(self) -> int | None:
        """The huge page size in units of 1e-9; None without huge pages or when it isn't a quantity."""
        return quantity(mapping(self.memory, "hugepages"), "pageSize")

    @property
    def guest_memory(self) -> int | None:
        """memory.guest after defaulting, in units of 1e-9: itself, else the request, the limit, the page size."""
        if "guest" not in self._numbers:
            self._numbers["guest"] = self._guest_memory()
        found: int | None = self._numbers["guest"]
        return found

    def _guest_memory(self) -> int | None:
        if self.memory.get("guest") is not None:
            return quantity(self.memory, "guest")
        if self.awaits_instancetype:
            return None
        return self.resource("requests", "memory") or self.resource("limits", "memory") or self.page_size

    @property
    def topology(self) -> tuple[int, int, int]:
        """(sockets, cores, threads) after defaulting: with none given, as many sockets as limits or requests say."""
        if "topology" not in self._numbers:
            self._numbers["topology"] = self._topology()
        found: tuple[int, int, int] = self._numbers["topology"]
        return found

    def _topology(self) -> tuple[int, int, int]:
        sockets, cores, threads = (whole_number(self.cpu, key) or 0 for key in ("sockets", "cores", "threads"))
        if sockets or cores or threads:
            return sockets, cores, threads
        for group in ("limits", "requests"):
            value = self.resource(group, "cpu")
            if value is not None:
                return rounded(value) % _UINT32, 1, 1
        return 1, 1, 1

    @property
    def vcpus(self) -> int:
        """The product of those of sockets, cores and threads that are not zero, as Go multiplies 32-bit numbers."""
        product = 1
        for factor in self.topology:
            product = product * factor % _UINT32 if factor else product
        return product


def _by_name(parts: list[Any]) -> dict[str, Any]:
    """The parts by their names; of several with one name the last, as Go's maps have it."""
    return {text(part, "name"): part for part in parts if isinstance(part, dict)}


def quantity(parent: Any, key: str) -> int | None:
    """`parent[key]` as a quantity in units of 1e-9; None when absent or no quantity."""
    value = parent.get(key) if isinstance(parent, dict) else None
    if value is None:
        return None
    try:
        return nano(value)
    except QuantityError:
        return None


def rounded(number: int, unit: int = NANO) -> int:
    """A number in units of 1e-9 in whole `unit`s, rounded away from zero."""
    return -(-number // unit) if number >= 0 else number // unit
