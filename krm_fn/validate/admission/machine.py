"""What the admission rules look at: a VirtualMachine as KubeVirt sees it after its own defaulting.

A null counts as absent and a value of the wrong type as well: those are the schema's business.
The defaults are those that the validating webhook of the VM sees; `kubevirt.defaulted` works them out.
"""

from __future__ import annotations

from krm_fn.core.manifest import mapping, text
from krm_fn.kubevirt import defaulted
from krm_fn.kubevirt.defaulted import amount, entries, rounded
from krm_fn.kubevirt.facts import ARCHITECTURES
from krm_fn.kubevirt.versions import NEWEST, Version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_fn.core.manifest import Manifest

_UINT32 = 2**32


def has(parent: Any, key: str) -> bool:
    """Whether `parent[key]` is a mapping, an empty one included: what Go sees as a pointer that is set."""
    return isinstance(parent, dict) and isinstance(parent.get(key), dict)


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
    version:       the KubeVirt version that judges it.
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
        "version",
        "vm",
        "volumes",
        "volumes_by_name",
        "written_disks",
    )

    def __init__(self, vm: Manifest, *, applied: bool = False, version: Version = NEWEST) -> None:
        self.vm = vm
        self.version = version
        self.metadata = mapping(vm, "metadata")
        self.namespace = text(self.metadata, "namespace")
        self.spec = spec = mapping(vm, "spec")
        self.template = template = mapping(spec, "template", "spec")
        self.domain = domain = mapping(template, "domain")
        self.devices = devices = mapping(domain, "devices")
        self.cpu = mapping(domain, "cpu")
        self.memory = mapping(domain, "memory")
        self.resources = mapping(domain, "resources")
        self.awaits = () if applied else tuple(key for key in ("instancetype", "preference") if has(spec, key))
        self.architecture = defaulted.architecture(template)
        self.volumes = entries(template, "volumes")
        self.volumes_by_name = _by_name(self.volumes)
        disks = entries(devices, "disks")
        self.written_disks = len(disks)
        self.disks_by_name = _by_name(disks)
        self.disks = disks + (defaulted.bare_disks(template) if self.volumes else [])
        self.networks = entries(template, "networks")
        self.interfaces = entries(devices, "interfaces")
        self.networks_by_name = _by_name(self.networks)
        self.interfaces_by_name = _by_name(self.interfaces)
        self.pod_network = self._on_pod_network()
        self.shared: dict[str, Any] = {}
        self._numbers: dict[str, Any] = {}

    def _on_pod_network(self) -> bool:
        return any(has(network, "pod") for network in self.networks) or defaulted.gets_pod_network(self.template)

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
        """`resources.<group>.<name>` in units of 1e-9 after defaulting, None when absent."""
        if group == "requests" and name == "cpu":
            return amount({name: defaulted.cpu_request(self.resources)}, name)
        return amount(mapping(self.resources, group), name)

    def value(self, group: str, name: str) -> int:
        """The resource rounded away from zero to a whole number, 0 when absent (Go: Quantity.Value)."""
        return rounded(self.resource(group, name) or 0)

    @property
    def page_size(self) -> int | None:
        """The huge page size in units of 1e-9; None without huge pages or when it isn't a quantity."""
        return amount(mapping(self.memory, "hugepages"), "pageSize")

    @property
    def guest_memory(self) -> int | None:
        """memory.guest after defaulting, in units of 1e-9; None as well as long as an instancetype can bring it."""
        if "guest" not in self._numbers:
            self._numbers["guest"] = self._guest_memory()
        found: int | None = self._numbers["guest"]
        return found

    def _guest_memory(self) -> int | None:
        if self.awaits_instancetype and self.memory.get("guest") is None:
            return None
        return amount({"guest": defaulted.guest_memory(self.domain)}, "guest")

    @property
    def topology(self) -> tuple[int, int, int]:
        """(sockets, cores, threads) after defaulting."""
        if "topology" not in self._numbers:
            self._numbers["topology"] = defaulted.topology(self.domain)
        found: tuple[int, int, int] = self._numbers["topology"]
        return found

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
