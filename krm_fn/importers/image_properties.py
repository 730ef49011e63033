"""The properties of an OpenStack image, each with what it asks of a preference."""

from __future__ import annotations

import re

from krm_fn.core.naming import slug
from krm_fn.core.quantity import mebibytes_text
from krm_fn.importers.extra_specs import is_true
from krm_fn.importers.flavor import whole
from krm_fn.importers.loss import IGNORED, LOST, MAPPED, says_no
from krm_fn.importers.topology import PARTS, preference_for_any
from krm_fn.importers.traits import ARCHITECTURES, TRAITS
from krm_fn.kubevirt.facts import MACHINE_TYPE_PREFIXES, MACHINE_TYPES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from krm_fn.core.manifest import Manifest

    Fate = tuple[str, str]
    Handler = Callable[["Image", str], Fate]


WINDOWS = "windows"
LEGACY = {
    "architecture": "hw_architecture",
    "vmware_ostype": "os_distro",
    "vmware_disktype": "hw_disk_type",
    "vmware_image_version": "img_version",
    "vmware_linked_clone": "img_linked_clone",
    "auto_disk_config": "hw_auto_disk_config",
    "ipxe_boot": "hw_ipxe_boot",
    "xenapi_device_id": "hw_device_id",
    "xenapi_image_compression_level": "img_compression_level",
    "xenapi_use_agent": "img_use_agent",
    "xenapi_skip_agent_inject_ssh": "os_skip_agent_inject_ssh",
    "xenapi_skip_agent_inject_files_at_boot": "os_skip_agent_inject_files_at_boot",
}
"""Older names of properties → today's, which win where an image has both (Nova, _set_attr_from_legacy_names)."""


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
        if self.text("os_type"):
            return slug(self.text("os_type"))
        return WINDOWS if self._distro()[0] == WINDOWS else "linux"

    def _distro(self) -> tuple[str, str]:
        """The distribution and its version by os_distro, which holds libosinfo's short ids or its long ones.

        A long one is `http://VENDOR/DISTRIBUTION/VERSION`. All short ids that begin with `win` are Windows, and no others.
        """
        given = self.text("os_distro").strip()
        if given.startswith(("http:", "https:")):
            _, distro, version, *_ = [*given.partition("//")[2].split("/"), "", ""]
            distro = slug(distro) if distro else ""
            return (WINDOWS if distro == "win" else distro), slug(version) if version else ""
        name = slug(given) if given else ""
        if name.startswith("win"):
            return WINDOWS, name.removeprefix(WINDOWS).removeprefix("win").strip("-.")
        return name, ""

    @property
    def series(self) -> str:
        """The distribution, else the kind of guest."""
        return self._distro()[0] or self.ostype

    @property
    def member(self) -> str:
        """The distribution's version by its id or by os_version, else the image's name."""
        own = self._distro()[1]
        return own or slug(self.text("os_version") or self.name)

    def add(self, trait: str, fragment: Manifest) -> Fate:
        """Ask for a trait."""
        self.traits[trait] = fragment
        return MAPPED, f"the trait {trait}"

    def manifest(self) -> Manifest:
        """The member of a PreferenceSeries."""
        member: Manifest = {"traits": sorted(self.traits, key=lambda name: (name != WINDOWS, name))}
        if self.memory:
            member["requirements"] = {"memory": mebibytes_text(self.memory)}
        return member


GUEST: dict[str, Manifest] = {"disk-virtio": {"devices": {"preferredDiskBus": "virtio"}}}
WINDOWS_GUEST: Manifest = {
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
            known = f"KubeVirt's buses are {', '.join(sorted(set(_DISK_BUSES.values())))}"
            if kind != "disk":
                return LOST, known
            image.add("disk-virtio", GUEST["disk-virtio"])
            return LOST, f"{known}; preferredDiskBus: virtio instead"
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


def _adapter(image: Image, value: str) -> Fate:
    """VMware's disk adapter: ide, and everything else is SCSI to Nova. The disk bus, where there is one, goes before."""
    if image.text("hw_disk_bus"):
        return IGNORED, "hw_disk_bus goes before it"
    return _bus("disk", "preferredDiskBus")(image, "ide" if value == "ide" else "scsi")


def _count(place: int) -> Handler:
    """A number of sockets, cores or threads, or with `max` in its name a bound; the three work together."""

    def read(image: Image, value: str) -> Fate:
        if not (whole(value) or 0) > 0:
            return IGNORED, "it asks for nothing"
        wishes, bounds = _arranged(image)
        found = preference_for_any(wishes, bounds)
        if found is None:
            return LOST, "what Nova makes of it depends on the number of vCPUs, which a preference does not know"
        if place >= len(PARTS) and found == preference_for_any(wishes, (None, None, None)):
            return IGNORED, "a bound that changes nothing"
        return image.add(*found)

    return read


def _arranged(image: Image) -> tuple[list[int | None], list[int | None]]:
    wishes = [whole(image.text(f"hw_cpu_{part}")) for part in PARTS]
    return wishes, [whole(image.text(f"hw_cpu_max_{part}")) for part in PARTS]


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
    return (MAPPED, "requirements.memory.guest") if image.memory else (IGNORED, "it asks for none")


def _switch(trait: str, fragment: Manifest) -> Handler:
    return lambda image, value: image.add(trait, fragment) if is_true(value) else (IGNORED, "KubeVirt's default")


def _lost(reason: str) -> Handler:
    return lambda _image, value: (IGNORED, "the image says that there is none") if says_no(value) else (LOST, reason)


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
    **{f"hw_cpu_{part}": _count(place) for place, part in enumerate(PARTS)},
    **{f"hw_cpu_max_{part}": _count(place) for place, part in enumerate(PARTS, len(PARTS))},
    "vmware_adaptertype": _adapter,
    "hw_time_hpet": _hpet,
    "img_hide_hypervisor_id": _switch("hidden", {"features": {"preferredKvm": {"hidden": True}}}),
    "hw_architecture": _architecture,
    "hw_sound_model": _sound,
    "min_ram": _memory,
    "min_disk": _lost("a preference says nothing about the size of disks"),
}
_FOR_INSTANCETYPES = """
    hw_cpu_policy hw_cpu_thread_policy hw_cpu_realtime hw_cpu_realtime_mask hw_mem_page_size hw_numa_nodes
    hw_mem_encryption hw_mem_encryption_model hw_emulator_threads_policy hw_locked_memory
    hw_pci_numa_affinity_policy hw_numa_cpus hw_numa_mem traits_required
"""
_NO_CHOICE = """
    hw_serial_port_count hw_boot_menu hw_viommu_model hw_video_ram hw_virtio_packed_ring hw_rescue_bus hw_rescue_device
    hw_virtual_floppy hw_floppy_bus hw_ephemeral_encryption hw_ephemeral_encryption_format hw_maxphysaddr_mode
    hw_ephemeral_encryption_secret_uuid hw_maxphysaddr_bits hw_usb_model hw_redirected_usb_ports hw_tpm_secret_security
    hw_firmware_stateless hw_emulation_architecture hw_ipxe_boot
"""
_OTHER_SERVICES = """
    os_admin_user os_command_line os_skip_agent_inject_at_boot os_skip_agent_inject_ssh os_shutdown_timeout
    hypervisor_type img_hv_type hv_type vm_mode img_config_drive cache_in_nova auto_disk_config img_use_agent
    hypervisor_version_requires img_hv_requested_version hw_vm_mode hw_disk_type hw_device_id hw_auto_disk_config
    img_version img_linked_clone img_compression_level img_bittorrent img_cache_in_nova img_bdm_v2 bdm_v2 img_mappings
    img_block_device_mapping block_device_mapping mappings img_root_device_name root_device_name img_owner_id
    os_skip_agent_inject_files_at_boot bittorrent kernel_id ramdisk_id
"""
_GROUPS: tuple[tuple[Handler, str], ...] = (
    (_lost("it belongs to an instancetype; set the extra spec of the same meaning on a flavor"), _FOR_INSTANCETYPES),
    (_lost("the VirtualMachine says so, not a preference"), "hw_watchdog_action hw_pmu"),
    (_lost("KubeVirt always offers the guest agent its channel"), "hw_qemu_guest_agent os_require_quiesce"),
    (_lost("KubeVirt has no such choice"), _NO_CHOICE),
    (lambda _image, _value: (IGNORED, "for OpenStack's own services"), _OTHER_SERVICES),
)
PROPERTIES |= {name: handler for handler, names in _GROUPS for name in names.split()}
_PATTERNS: tuple[tuple[re.Pattern[str], Handler], ...] = (
    (
        re.compile(r"hw_numa_(cpus|mem)\.\d+"),
        _lost("it belongs to an instancetype, where NUMA nodes follow the host's"),
    ),
    (
        re.compile(r"trait:.+"),
        _lost("a preference chooses no nodes; require the trait of a flavor, and map it with --trait"),
    ),
)


def handler_of(name: str) -> Handler | None:
    """What reads a property, None for one that nobody knows."""
    return PROPERTIES.get(name) or next((handler for pattern, handler in _PATTERNS if pattern.fullmatch(name)), None)


_FILE = """
    id disk_format container_format checksum size status visibility protected tags owner file schema created_at
    updated_at virtual_size is_public os_hash_algo os_hash_value os_hidden direct_url locations stores self
"""
_SNAPSHOT = """
    cinder_encryption_key_id cinder_encryption_key_deletion_policy cinder_img_volume_type signature_verified
    os_glance_import_task os_glance_importing_to_stores os_glance_failed_import stage_id
    base_image_ref image_type instance_uuid user_id image_location image_state owner_id boot_roles owner_user_name
    owner_project_name description owner_specified.openstack.md5 owner_specified.openstack.sha256
    owner_specified.openstack.object img_signature img_signature_hash_method img_signature_key_type
    img_signature_certificate_uuid
"""
IGNORED_KEYS = tuple(f"{prefix}{name}" for prefix in ("", "properties.") for name in f"{_FILE} {_SNAPSHOT}".split())
