"""The properties of an OpenStack image, each with what it asks of a preference."""

from __future__ import annotations

from krm_fn.core.naming import slug
from krm_fn.core.quantity import mebibytes_text
from krm_fn.importers.extra_specs import is_true
from krm_fn.importers.flavor import whole
from krm_fn.importers.loss import IGNORED, LOST, MAPPED
from krm_fn.importers.topology import topology
from krm_fn.importers.traits import ARCHITECTURES, TRAITS
from krm_fn.kubevirt.facts import MACHINE_TYPE_PREFIXES, MACHINE_TYPES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from krm_fn.core.manifest import Manifest

    Fate = tuple[str, str]
    Handler = Callable[["Image", str], Fate]


class Image:
    """One image: its name, its properties, and the traits that they ask for."""

    __slots__ = ("decided", "memory", "name", "properties", "remarks", "traits")

    def __init__(self, name: str, properties: Mapping[str, Any]) -> None:
        self.name = name
        self.properties = properties
        self.traits: dict[str, Manifest] = {}
        self.memory = 0
        self.decided: dict[str, Fate] = {}
        self.remarks: list[tuple[str, str]] = []

    def text(self, key: str) -> str:
        """A property as text, "" when there is none."""
        value = self.properties.get(key)
        return "" if value is None else str(value)

    @property
    def ostype(self) -> str:
        """`windows` or `linux`, or whatever os_type says."""
        return (
            slug(self.text("os_type")) if self.text("os_type") else "windows" if self._distro == "windows" else "linux"
        )

    @property
    def _distro(self) -> str:
        return slug(self.text("os_distro")) if self.text("os_distro") else ""

    @property
    def series(self) -> str:
        """The distribution, else the kind of guest."""
        return self._distro or self.ostype

    @property
    def member(self) -> str:
        """The distribution's version, else the image's name."""
        return slug(self.text("os_version")) if self.text("os_version") else slug(self.name)

    def add(self, trait: str, fragment: Manifest) -> Fate:
        """Ask for a trait."""
        self.traits[trait] = fragment
        return MAPPED, f"the trait {trait}"

    def manifest(self) -> Manifest:
        """The member of a PreferenceSeries."""
        member: Manifest = {"traits": sorted(self.traits, key=lambda name: (name != "windows", name))}
        if self.memory:
            member["requirements"] = {"memory": mebibytes_text(self.memory)}
        return member


GUEST: dict[str, Manifest] = {"disk-virtio": {"devices": {"preferredDiskBus": "virtio"}}}
WINDOWS: Manifest = {
    "clock": {
        "preferredClockOffset": {"utc": {}},
        "preferredTimer": {
            "hpet": {"present": False}, "hyperv": {}, "pit": {"tickPolicy": "delay"}, "rtc": {"tickPolicy": "catchup"},
        },
    },
    "features": {
        "preferredAcpi": {},
        "preferredApic": {},
        "preferredHyperv": {
            "frequencies": {}, "ipi": {}, "reenlightenment": {}, "relaxed": {}, "reset": {}, "runtime": {},
            "spinlocks": {"spinlocks": 8191}, "synic": {}, "synictimer": {"direct": {}}, "tlbflush": {}, "vapic": {},
            "vpindex": {},
        },
    },
}  # fmt: skip
"""The enlightenments and timers that Windows expects of KVM."""
_DISK_BUSES = {"virtio": "virtio", "scsi": "scsi", "sata": "sata", "usb": "usb", "ide": "sata"}
_MODELS = dict.fromkeys(("virtio", "e1000", "e1000e", "igb", "rtl8139", "pcnet", "ne2k_pci"))
_LEGACY_MODELS = {"virtuale1000": "e1000", "virtuale1000e": "e1000e", "virtualpcnet32": "pcnet"}
_MACHINES = tuple(prefix for prefixes in MACHINE_TYPE_PREFIXES.values() for prefix in prefixes)
_VIDEO = ("vga", "cirrus", "virtio", "bochs")


def _bus(kind: str, field: str) -> Handler:
    def read(image: Image, value: str) -> Fate:
        bus = _DISK_BUSES.get(value.casefold())
        if bus is None:
            return LOST, f"KubeVirt's buses are {', '.join(sorted(set(_DISK_BUSES.values())))}"
        image.add(f"{kind}-{bus}", {"devices": {field: bus}})
        return MAPPED, f"devices.{field}: {bus}" + ("; KubeVirt has no ide" if bus != value.casefold() else "")

    return read


def _interface(image: Image, value: str) -> Fate:
    name = value.casefold()
    model = name if name in _MODELS else _LEGACY_MODELS.get(name, "")
    image.add(f"nic-{model or 'virtio'}", {"devices": {"preferredInterfaceModel": model or "virtio"}})
    if not model:
        return LOST, "KubeVirt has no such model; preferredInterfaceModel: virtio instead"
    return MAPPED, f"devices.preferredInterfaceModel: {model}"


def _machine(image: Image, value: str) -> Fate:
    if not value.startswith(_MACHINES):
        return LOST, f"KubeVirt's machine types are {', '.join(MACHINE_TYPES.values())}"
    return image.add(slug(value), {"machine": {"preferredMachineType": value}})


def _firmware(image: Image, value: str) -> Fate:
    if value == "uefi":
        if image.text("os_secure_boot") in ("required", "optional"):
            return MAPPED, "the trait secureboot"
        return image.add("efi", TRAITS["efi"])
    return image.add("bios", TRAITS["bios"]) if value == "bios" else (LOST, "firmware is uefi or bios")


def _secure_boot(image: Image, value: str) -> Fate:
    if value in ("required", "optional"):
        return image.add("secureboot", TRAITS["secureboot"])
    if value == "disabled":
        return MAPPED, "preferredEfi.secureBoot is false where the firmware is uefi"
    return LOST, "secure boot is required, optional or disabled"


def _tpm(image: Image, value: str) -> Fate:
    if "1.2" in (value, image.text("hw_tpm_version")):
        return LOST, "KubeVirt's TPM is version 2.0"
    return image.add("tpm", TRAITS["tpm"])


def _video(image: Image, value: str) -> Fate:
    if value == "none":
        return image.add("headless", {"devices": {"preferredAutoattachGraphicsDevice": False}})
    if value not in _VIDEO:
        return LOST, f"KubeVirt's video types are {', '.join(_VIDEO)}"
    return image.add(f"video-{value}", {"devices": {"preferredVideoType": value}})


def _input_bus(image: Image, value: str) -> Fate:
    if value not in ("usb", "virtio"):
        return LOST, "KubeVirt's input buses are usb and virtio"
    return image.add(
        f"input-{value}", {"devices": {"preferredAutoattachInputDevice": True, "preferredInputBus": value}}
    )


def _pointer(image: Image, value: str) -> Fate:
    if value != "usbtablet":
        return LOST, "KubeVirt's pointer is a tablet"
    bus = image.text("hw_input_bus")
    fragment = {"preferredAutoattachInputDevice": True, "preferredInputType": "tablet"}
    if bus not in ("usb", "virtio"):
        fragment["preferredInputBus"] = "usb"
    return image.add("tablet" if "preferredInputBus" not in fragment else "usb-tablet", {"devices": fragment})


def _topology(image: Image, _value: str) -> Fate:
    counts = [whole(image.text(f"hw_cpu_{part}")) for part in ("sockets", "cores", "threads")]
    product = 1
    for count in counts:
        product *= count if count and count > 0 else 1
    if counts[2] == 2 and not counts[0] and not counts[1]:
        return image.add("threads", TRAITS["threads"])
    if not all(counts):
        return LOST, "an image fits any number of vCPUs, so only all three counts, or two threads, make a topology"
    found = topology(product, *counts)
    return image.add(*found) if found else (LOST, "no topology that a preference has gives these counts")


def _architecture(image: Image, value: str) -> Fate:
    architecture = ARCHITECTURES.get(value.casefold())
    if architecture is None:
        return LOST, f"KubeVirt runs {', '.join(sorted(set(ARCHITECTURES.values())))}"
    return image.add(architecture, TRAITS[architecture])


def _hpet(image: Image, value: str) -> Fate:
    present = is_true(value)
    return image.add(
        f"hpet-{'on' if present else 'off'}", {"clock": {"preferredTimer": {"hpet": {"present": present}}}}
    )


def _sound(image: Image, value: str) -> Fate:
    if value not in ("ich9", "ac97"):
        return LOST, "KubeVirt's sound models are ich9 and ac97"
    return image.add(f"sound-{value}", {"devices": {"preferredSoundModel": value}})


def _memory(image: Image, value: str) -> Fate:
    image.memory = max(whole(value) or 0, 0)
    return MAPPED, "requirements.memory.guest" if image.memory else "none"


def _switch(trait: str, fragment: Manifest) -> Handler:
    return lambda image, value: image.add(trait, fragment) if is_true(value) else (MAPPED, "KubeVirt's default")


def _lost(reason: str) -> Handler:
    return lambda _image, _value: (LOST, reason)


def _said(detail: str) -> Handler:
    return lambda _image, _value: (MAPPED, detail)


PROPERTIES: dict[str, Handler] = {
    "os_type": _said("osType"),
    "os_distro": _said("the series' name"),
    "os_version": _said("the member's name"),
    "hw_disk_bus": _bus("disk", "preferredDiskBus"),
    "hw_cdrom_bus": _bus("cdrom", "preferredCdromBus"),
    "hw_scsi_model": lambda _image, value: (
        (MAPPED, "virtio-scsi is KubeVirt's") if value == "virtio-scsi" else (LOST, "KubeVirt's is virtio-scsi")
    ),
    "hw_vif_model": _interface,
    "hw_vif_multiqueue_enabled": _switch("multiqueue", {"devices": {"preferredNetworkInterfaceMultiQueue": True}}),
    "hw_machine_type": _machine,
    "hw_firmware_type": _firmware,
    "os_secure_boot": _secure_boot,
    "hw_tpm_model": _tpm,
    "hw_tpm_version": _tpm,
    "hw_video_model": _video,
    "hw_rng_model": lambda image, _value: image.add("rng", {"devices": {"preferredRng": {}}}),
    "hw_input_bus": _input_bus,
    "hw_pointer_model": _pointer,
    "hw_cpu_sockets": _topology,
    "hw_cpu_cores": _topology,
    "hw_cpu_threads": _topology,
    "hw_time_hpet": _hpet,
    "img_hide_hypervisor_id": _switch("hidden", {"features": {"preferredKvm": {"hidden": True}}}),
    "hw_architecture": _architecture,
    "architecture": _architecture,
    "hw_sound_model": _sound,
    "min_ram": _memory,
    "min_disk": _lost("a preference says nothing about the size of disks"),
}
_FOR_INSTANCETYPES = """
    hw_cpu_policy hw_cpu_thread_policy hw_cpu_realtime hw_cpu_realtime_mask hw_mem_page_size hw_numa_nodes
    hw_mem_encryption hw_mem_encryption_model hw_emulator_threads_policy hw_locked_memory hw_cpu_max_sockets
    hw_cpu_max_cores hw_cpu_max_threads hw_pci_numa_affinity_policy
"""
_NO_CHOICE = """
    hw_serial_port_count hw_boot_menu hw_viommu_model hw_video_ram hw_virtio_packed_ring hw_rescue_bus hw_rescue_device
    hw_virtual_floppy hw_ephemeral_encryption hw_ephemeral_encryption_format hw_maxphysaddr_mode hw_maxphysaddr_bits
"""
_OTHER_SERVICES = """
    os_admin_user os_command_line os_skip_agent_inject_at_boot os_skip_agent_inject_ssh os_shutdown_timeout
    hypervisor_type img_hv_type hv_type vm_mode img_config_drive cache_in_nova auto_disk_config img_use_agent
    hypervisor_version_requires img_hv_requested_version
"""
_GROUPS: tuple[tuple[Handler, str], ...] = (
    (_lost("it belongs to an instancetype; set the extra spec of the same meaning on a flavor"), _FOR_INSTANCETYPES),
    (_lost("the VirtualMachine says so, not a preference"), "hw_watchdog_action hw_pmu"),
    (_lost("KubeVirt always offers the guest agent its channel"), "hw_qemu_guest_agent os_require_quiesce"),
    (_lost("KubeVirt has no such choice"), _NO_CHOICE),
    (lambda _image, _value: (IGNORED, "for OpenStack's own services"), _OTHER_SERVICES),
)
PROPERTIES |= {name: handler for handler, names in _GROUPS for name in names.split()}
_FILE = """
    id disk_format container_format checksum size status visibility protected tags owner file schema created_at
    updated_at virtual_size is_public os_hash_algo os_hash_value os_hidden direct_url locations stores self
"""
_SNAPSHOT = """
    base_image_ref image_type instance_uuid user_id image_location image_state owner_id boot_roles owner_user_name
    owner_project_name description owner_specified.openstack.md5 owner_specified.openstack.sha256
    owner_specified.openstack.object img_signature img_signature_hash_method img_signature_key_type
    img_signature_certificate_uuid
"""
IGNORED_KEYS = tuple(f"{prefix}{name}" for prefix in ("", "properties.") for name in f"{_FILE} {_SNAPSHOT}".split())
