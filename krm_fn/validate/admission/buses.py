"""The buses that disks are on, and what depends on them.

KubeVirt reports some of these at paths that repeat `domain.devices.disks`. They are kept, so that a finding can be
compared with a cluster's.
"""

from __future__ import annotations

from krm_fn.core.manifest import mapping, text
from krm_fn.kubevirt.defaulted import disk_bus
from krm_fn.kubevirt.facts import DISK_TARGETS
from krm_fn.validate.admission.formats import is_pci_address
from krm_fn.validate.admission.rule import PREFERENCE, START, Rule, V, when

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from krm_fn.validate.admission.machine import Machine
    from krm_fn.validate.admission.rule import Check, Found

DISKS = f"{V}.disks"
DOUBLED = f"{DISKS}.domain.devices.disks"
DISK_SOURCE = "pkg/storage/admitters/disks.go"
_BUSES = ("virtio", "scsi", "sata", "usb")
_IDE = "ide"
_PCI_FIELD = f"{DOUBLED}.disk[%d].pciAddress"


def target_of(disk: Any) -> str:
    """Which of disk, lun and cdrom a disk is; "" when it doesn't say."""
    for target in DISK_TARGETS:
        if isinstance(disk.get(target), dict):
            return target
    return ""


def bus_of(disk: Any) -> str:
    """The bus of a disk's target, "" when none is written."""
    target = target_of(disk)
    return text(disk[target], "bus") if target else ""


def default_bus(machine: Machine) -> str:
    """The bus that a disk without one gets when the machine is started."""
    return disk_bus(machine.architecture)


def _bus(wrong: Callable[[str, str, Any], bool]) -> Check:
    """A check of (bus, target, disk) for disks that name a bus."""

    def check(_machine: Machine, disk: Any, index: Any) -> Iterable[Found]:
        target = target_of(disk)
        bus = text(disk[target], "bus") if target else ""
        if not bus or not wrong(bus, target, disk):
            return ()
        return ((f"{DISKS}[{index}].{target}.bus", bus, {"target": target, "name": text(disk, "name")[:80]}),)

    return check


def _defaulted(wrong: Callable[[Any], bool], bus: str = "sata") -> Check:
    """A check of disks whose bus KubeVirt fills in at start, to the one named."""

    def check(machine: Machine, disk: Any, _index: Any) -> Iterable[Found]:
        applies = default_bus(machine) == bus and not bus_of(disk)
        return ((None, None, {"name": text(disk, "name")[:80]}),) if applies and wrong(disk) else ()

    return check


def _pci(wrong: Callable[[Machine, str, str], bool]) -> Check:
    def check(machine: Machine, disk: Any, _index: Any) -> Iterable[Found]:
        address = text(mapping(disk, "disk"), "pciAddress")
        return ((None, address),) if address and wrong(machine, bus_of(disk), address) else ()

    return check


RULES = (
    Rule(
        "disk-bus-ide",
        "disk",
        DISK_TARGETS,
        f"{DISKS}[%d].disk.bus",
        _bus(lambda bus, _target, _disk: bus == _IDE),
        'disk "{name}" is on the ide bus, which is not supported: write virtio, scsi, sata or usb',
        "The machines that KubeVirt emulates have no ide bus.",
        f"{DISK_SOURCE}: validateBusSupport",
    ),
    Rule(
        "disk-bus",
        "disk",
        DISK_TARGETS,
        f"{DISKS}[%d].disk.bus",
        _bus(lambda bus, _target, _disk: bus not in _BUSES and bus != _IDE),
        'disk "{name}" is on the bus {current}, which is unknown: write virtio, scsi, sata or usb',
        "The buses are a fixed list, and case counts.",
        f"{DISK_SOURCE}: validateBusSupport",
    ),
    Rule(
        "cdrom-bus-virtio",
        "disk",
        "cdrom",
        f"{DISKS}[%d].cdrom.bus",
        _bus(lambda bus, target, _disk: target == "cdrom" and bus == "virtio"),
        'cdrom "{name}" can\'t be on the virtio bus: write sata or scsi',
        "Virtio has no CD-ROM drives.",
        f"{DISK_SOURCE}: validateBusSupport",
    ),
    Rule(
        "cdrom-default-bus",
        "disk",
        "cdrom",
        f"{DISKS}[%d].cdrom.bus",
        _defaulted(lambda disk: target_of(disk) == "cdrom", "virtio"),
        'cdrom "{name}" names no bus and gets virtio on this architecture, which has no CD-ROM drives: write bus: scsi',
        "On arm64 and s390x a drive without a bus is put on virtio when the machine starts, and is then refused.",
        f"{DISK_SOURCE}: validateBusSupport, after pkg/defaults",
        stage=START,
        cured_by=(PREFERENCE,),
    ),
    Rule(
        "sata-disk-readonly",
        "disk",
        "disk",
        f"{DISKS}[%d].disk.bus",
        _bus(lambda bus, target, disk: target == "disk" and bus == "sata" and disk["disk"].get("readonly") is True),
        'disk "{name}" is read-only on the sata bus: write bus: virtio, or make it a cdrom',
        "Sata hard disks can't be read-only.",
        f"{DISK_SOURCE}: validateBusSupport",
    ),
    Rule(
        "sata-disk-readonly-by-default",
        "disk",
        "disk",
        f"{DISKS}[%d].disk.bus",
        _defaulted(lambda disk: mapping(disk, "disk").get("readonly") is True),
        'disk "{name}" is read-only, names no bus and gets sata: write bus: virtio',
        "A disk without a bus is put on sata when the machine starts, where disks can't be read-only.",
        f"{DISK_SOURCE}: validateBusSupport, after pkg/defaults",
        stage=START,
        cured_by=(PREFERENCE,),
    ),
    Rule(
        "dedicated-io-thread-bus",
        "disk",
        "dedicatedIOThread",
        f"{DOUBLED}[%d]",
        when(lambda _machine, disk: disk["dedicatedIOThread"] is True and bus_of(disk) not in ("", "virtio")),
        "dedicatedIOThread works on the virtio bus only: write bus: virtio or remove dedicatedIOThread",
        "Only virtio disks can have an IO thread of their own.",
        f"{DISK_SOURCE}: validateBusSupport",
    ),
    Rule(
        "dedicated-io-thread-default-bus",
        "disk",
        "dedicatedIOThread",
        f"{DOUBLED}[%d]",
        _defaulted(lambda disk: disk["dedicatedIOThread"] is True),
        'disk "{name}" has a dedicatedIOThread, names no bus and gets sata: write bus: virtio',
        "A disk without a bus is put on sata when the machine starts, and only virtio disks can have an IO thread"
        " of their own.",
        f"{DISK_SOURCE}: validateBusSupport, after pkg/defaults",
        stage=START,
        cured_by=(PREFERENCE,),
    ),
    Rule(
        "disk-pci-address-bus",
        "disk",
        "disk",
        _PCI_FIELD,
        _pci(lambda machine, bus, _address: bus != "virtio" and (bool(bus) or not machine.awaits_preference)),
        "a disk with a pciAddress must be on the virtio bus: write bus: virtio",
        "Only virtio disks sit at a PCI address of their own. A disk that names no bus is refused as well, unless"
        " a preference names one.",
        f"{DISK_SOURCE}: validatePciAddress",
    ),
    Rule(
        "disk-pci-address",
        "disk",
        "disk",
        _PCI_FIELD,
        _pci(lambda _machine, _bus, address: not is_pci_address(address)),
        "pciAddress {current} is malformed: write domain:bus:slot.function in hex, for example 0000:03:00.0",
        "A PCI address has four parts of fixed length.",
        f"{DISK_SOURCE}: validatePciAddress",
        alone=True,
    ),
)
