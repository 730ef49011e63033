"""What each field of a preference does to a VirtualMachine, as a table.

Paths of the VM begin below spec.template.spec. A preference never overrides the VM but for the two OVERRIDE rows. The
docs' mapping table and the application are both made from these rows; apply.py interprets them, the rows marked
SPECIAL name the module that does their work. Source: KubeVirt 1.9, pkg/instancetype/preference/apply/*.go.
"""

from __future__ import annotations

from krm_fn.kubevirt.facts import CDROM, DISK, LUN

MARK = "mark"
FILL = "fill"
FILL_TEXT = "fill text"
FILL_MARK = "fill and mark"
FILL_IF_PARENT = "fill if parent"
OVERRIDE = "override"
SPECIAL = "special"
"""How a row is applied.

MARK           the section exists: it is made in the VM as well, even when it is empty
FILL           a pointer: copied whole when the VM has none; false, 0, {} and "" in the VM are choices and stay
FILL_TEXT      a string: written when it isn't empty and the VM's is missing or empty
FILL_MARK      as FILL_TEXT, and the section around it is made in any case
FILL_IF_PARENT as FILL_TEXT, but only in a section that the VM has
OVERRIDE       always written: Go can't tell the VM's zero value from none
SPECIAL        see the module named by `when`
"""

VIRTIO_DISK = "disk on virtio"


class Row:
    """One field of a preference's spec and what it means for a VM.

    source, target: field paths, `[]` standing for each entry of a list; type, target_type: their type names of
    core.shape. how: a constant above. when: which entries of a list, or the module that does a SPECIAL row.
    """

    __slots__ = ("how", "source", "target", "target_type", "type", "when")

    def __init__(
        self,
        source: str,
        target: str,
        type: str,  # noqa: A002 - the column's name
        how: str,
        when: str = "",
        *,
        target_type: str = "",
    ) -> None:
        self.source = source
        self.target = target
        self.type = type
        self.target_type = target_type or type
        self.how = how
        self.when = when


_DEVICES, _FEATURES, _HYPERV = "domain.devices", "domain.features", "domain.features.hyperv"
_DISKS, _INTERFACES, _INPUTS = f"{_DEVICES}.disks[]", f"{_DEVICES}.interfaces[]", f"{_DEVICES}.inputs[]"
_BOOTLOADER = "domain.firmware.bootloader"

AUTOATTACH_ROWS = tuple(
    Row(f"devices.preferredAutoattach{device}", f"{_DEVICES}.autoattach{device}", "flag", FILL)
    for device in ("GraphicsDevice", "MemBalloon", "PodInterface", "SerialConsole", "InputDevice")
)
"""Applied once more before the default network and input device are added, which depend on them."""

HYPERV_FEATURES = (
    "evmcs",
    "frequencies",
    "ipi",
    "reenlightenment",
    "relaxed",
    "reset",
    "runtime",
    "spinlocks",
    "synic",
    "synictimer",
    "tlbflush",
    "vapic",
    "vendorid",
    "vpindex",
)

ROWS = (
    Row("cpu.preferredCPUFeatures", "domain.cpu.features", "mappings", SPECIAL, "apply.py"),
    Row("devices.preferredUseVirtioTransitional", f"{_DEVICES}.useVirtioTransitional", "flag", FILL),
    Row("devices.preferredBlockMultiQueue", f"{_DEVICES}.blockMultiQueue", "flag", FILL),
    Row("devices.preferredNetworkInterfaceMultiQueue", f"{_DEVICES}.networkInterfaceMultiqueue", "flag", FILL),
    Row("devices.preferredDisableHotplug", f"{_DEVICES}.disableHotplug", "flag", OVERRIDE),
    Row("devices.preferredSoundModel", f"{_DEVICES}.sound.model", "text", FILL_IF_PARENT),
    Row("devices.preferredRng", f"{_DEVICES}.rng", "mapping", FILL),
    Row("devices.preferredTPM", f"{_DEVICES}.tpm", "mapping", FILL),
    *AUTOATTACH_ROWS,
    Row("devices.preferredVideoType", f"{_DEVICES}.video.type", "text", FILL_MARK),
    Row("devices.preferredDiskBus", f"{_DISKS}.disk.bus", "text", FILL_TEXT, DISK),
    Row("devices.preferredDiskBlockSize", f"{_DISKS}.blockSize", "mapping", FILL, DISK),
    Row("devices.preferredDiskCache", f"{_DISKS}.cache", "text", FILL_TEXT, DISK),
    Row("devices.preferredDiskIO", f"{_DISKS}.io", "text", FILL_TEXT, DISK),
    Row("devices.preferredDiskDedicatedIoThread", f"{_DISKS}.dedicatedIOThread", "flag", FILL, VIRTIO_DISK),
    Row("devices.preferredCdromBus", f"{_DISKS}.cdrom.bus", "text", FILL_TEXT, CDROM),
    Row("devices.preferredLunBus", f"{_DISKS}.lun.bus", "text", FILL_TEXT, LUN),
    Row("devices.preferredInterfaceModel", f"{_INTERFACES}.model", "text", FILL_TEXT),
    Row("devices.preferredInterfaceMasquerade", f"{_INTERFACES}.masquerade", "mapping", SPECIAL, "devices.py"),
    Row("devices.preferredInputBus", f"{_INPUTS}.bus", "text", FILL_TEXT),
    Row("devices.preferredInputType", f"{_INPUTS}.type", "text", FILL_TEXT),
    Row("devices.preferredPanicDeviceModel", f"{_DEVICES}.panicDevices[].model", "text", SPECIAL, "devices.py"),
    Row("features", _FEATURES, "mapping", MARK),
    Row("features.preferredAcpi", f"{_FEATURES}.acpi", "mapping", OVERRIDE),
    Row("features.preferredApic", f"{_FEATURES}.apic", "mapping", FILL),
    *(
        Row(f"features.preferredHyperv.{name}", f"{_HYPERV}.{name}", "mapping", SPECIAL, "apply.py")
        for name in HYPERV_FEATURES
    ),
    Row("features.preferredKvm", f"{_FEATURES}.kvm", "mapping", FILL),
    Row("features.preferredPvspinlock", f"{_FEATURES}.pvspinlock", "mapping", FILL),
    Row("features.preferredSmm", f"{_FEATURES}.smm", "mapping", FILL),
    Row("firmware", _BOOTLOADER, "mapping", MARK),
    Row("firmware.preferredUseBios", f"{_BOOTLOADER}.bios", "flag", SPECIAL, "firmware.py", target_type="mapping"),
    Row("firmware.preferredUseBiosSerial", f"{_BOOTLOADER}.bios.useSerial", "flag", SPECIAL, "firmware.py"),
    Row("firmware.preferredEfi", f"{_BOOTLOADER}.efi", "mapping", SPECIAL, "firmware.py"),
    Row("firmware.preferredUseEfi", f"{_BOOTLOADER}.efi", "flag", SPECIAL, "firmware.py", target_type="mapping"),
    Row("firmware.preferredUseSecureBoot", f"{_BOOTLOADER}.efi.secureBoot", "flag", SPECIAL, "firmware.py"),
    Row("machine.preferredMachineType", "domain.machine.type", "text", FILL_TEXT),
    Row("clock", "domain.clock", "mapping", MARK),
    Row("clock.preferredClockOffset.utc", "domain.clock.utc", "mapping", SPECIAL, "apply.py"),
    Row("clock.preferredClockOffset.timezone", "domain.clock.timezone", "text", SPECIAL, "apply.py"),
    Row("clock.preferredTimer", "domain.clock.timer", "mapping", FILL),
    Row("preferredSubdomain", "subdomain", "text", FILL_TEXT),
    Row("preferredTerminationGracePeriodSeconds", "terminationGracePeriodSeconds", "integer", FILL),
    Row("preferredArchitecture", "architecture", "text", FILL_TEXT),
    Row("annotations", "metadata.annotations", "texts", SPECIAL, "apply.py"),
    Row("preferredLaunchSecurity", "domain.launchSecurity", "mapping", FILL),
)
"""In the order in which KubeVirt applies them."""

TOPOLOGY_FIELDS = {
    "cpu.preferredCPUTopology": "text",
    "cpu.spreadOptions.across": "text",
    "cpu.spreadOptions.ratio": "count",
    "preferSpreadSocketToCoreRatio": "count",
}
"""They decide how an instancetype's vCPUs become sockets, cores and threads: kubevirt/topology.py."""

REQUIREMENT_FIELDS = {
    "requirements.cpu.guest": "count",
    "requirements.memory.guest": "quantity",
    "requirements.architecture": "text",
}
"""They are checked, not written: requirements.py."""

WEBHOOK_FIELDS = {"volumes.preferredStorageClassName": "text"}
"""KubeVirt applies them in the VM's mutating webhook only: vm/defaults.py, `storageClass`."""

NOT_APPLIED = {
    "devices.preferredVirtualGPUOptions": "no code of KubeVirt reads it; the renderer's virtualGPUOptions "
    "applies it to every GPU without options of its own",
}
"""Fields of the API that KubeVirt never applies, each with what there is to say about it."""

NOT_APPLIED_TYPES = {"devices.preferredVirtualGPUOptions": "mapping"}
