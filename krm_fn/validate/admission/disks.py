"""Disks: names, targets, boot order, serial numbers, and the volumes behind them."""

from __future__ import annotations

import re

from krm_fn.core.manifest import mapping, text
from krm_fn.kubevirt.defaulted import whole_number
from krm_fn.kubevirt.facts import DISK_TARGETS, is_dns_label
from krm_fn.validate.admission.buses import DISK_SOURCE, DISKS, DOUBLED, bus_of, default_bus, target_of
from krm_fn.validate.admission.machine import has
from krm_fn.validate.admission.rule import (
    PREFERENCE,
    START,
    VMI_ADMITTER,
    Rule,
    T,
    V,
    choice_rule,
    name_of,
    repeated,
    text_rule,
    when,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from krm_fn.validate.admission.machine import Machine
    from krm_fn.validate.admission.rule import Found

_SERIAL = r"[A-Za-z0-9_.+-]+"
_SERIAL_LENGTH = 256
_BOOT_ORDER = f"{VMI_ADMITTER}: validateBootOrder"


def _duplicate_names(machine: Machine, _devices: Any, _index: Any) -> Iterable[Found]:
    if len(machine.disks_by_name) == len(machine.disks):
        return ()
    found = repeated(machine.disks, name_of)
    return [(f"{DISKS}[{index}].name", name) for index, name in found]


def _order(part: Any) -> int | None:
    order = whole_number(part, "bootOrder")
    return order or None


def _duplicate_orders(machine: Machine, _devices: Any, _index: Any) -> Iterable[Found]:
    parts = machine.disks + machine.interfaces
    if not any("bootOrder" in part for part in parts if isinstance(part, dict)):
        return ()
    return _repeated_orders(machine, parts)


def _repeated_orders(machine: Machine, parts: list[Any]) -> Iterator[Found]:
    disks = len(machine.disks)
    for index, order in repeated(parts, _order):
        path = f"{DISKS}[{index}]" if index < disks else f"{V}.interfaces[{index - disks}]"
        yield f"{path}.bootOrder", order


def _without_volume(machine: Machine, disk: Any, _index: Any) -> Iterable[Found]:
    name = text(disk, "name")
    return () if name in machine.volumes_by_name or has(disk, "cdrom") else ((None, name),)


def _wrong_lun(machine: Machine, disk: Any) -> bool:
    volume = machine.volumes_by_name.get(text(disk, "name"))
    return (
        has(disk, "lun")
        and volume is not None
        and not has(volume, "persistentVolumeClaim")
        and not has(volume, "dataVolume")
    )


def _metrics_disks(machine: Machine, volume: Any) -> Iterator[tuple[int, Any]]:
    """The disks of a downwardMetrics volume, if the name leads to this volume."""
    name = text(volume, "name")
    if has(volume, "downwardMetrics") and machine.volumes_by_name.get(name) is volume:
        for index, disk in enumerate(machine.disks):
            if isinstance(disk, dict) and text(disk, "name") == name:
                yield index, disk


def _metrics_elsewhere(machine: Machine, volume: Any, _index: Any) -> Iterable[Found]:
    """A preference makes a disk of an entry without target, though not of one that KubeVirt adds for a volume."""
    for index, disk in _metrics_disks(machine, volume):
        curable = machine.awaits_preference and not target_of(disk) and index < machine.written_disks
        if not has(disk, "disk") and not curable:
            yield f"{DISKS}[{index}].disk", None


def _metrics_bus(machine: Machine, volume: Any, _index: Any) -> Iterable[Found]:
    for index, disk in _metrics_disks(machine, volume):
        bus = text(mapping(disk, "disk"), "bus")
        if bus not in ("", "virtio"):
            yield f"{DISKS}[{index}].disk.bus", bus


def _metrics_default_bus(machine: Machine, volume: Any, _index: Any) -> Iterable[Found]:
    for index, disk in _metrics_disks(machine, volume):
        plain = has(disk, "disk") or not target_of(disk)
        if plain and default_bus(machine) == "sata" and not bus_of(disk):
            yield f"{DISKS}[{index}].disk.bus", None


_ENTRY_RULES = (
    Rule(
        "disk-name-duplicate",
        "devices",
        "",
        f"{DISKS}[].name",
        _duplicate_names,
        "another disk is already called {current}: give each disk and each volume a name of its own",
        "A disk finds its volume by name, so names are used once.",
        f"{DISK_SOURCE}: validateDiskName",
    ),
    Rule(
        "disk-name",
        "disk",
        "",
        f"{DOUBLED}[%d].name",
        lambda _machine, disk, _index: () if is_dns_label(name := text(disk, "name")) else ((None, name),),
        "disk name {current} is malformed: write lower case letters, digits and -, at most 63, beginning and"
        " ending with a letter or digit",
        "The name of a disk becomes that of a container. A volume without a disk gets one of its own name, so"
        " this holds for volumes too.",
        f"{DISK_SOURCE}: validateDiskNameAsContainerName",
    ),
    Rule(
        "disk-targets",
        "disk",
        ("lun", "cdrom"),
        f"{DISKS}[%d]",
        when(lambda _machine, disk: sum(has(disk, target) for target in DISK_TARGETS) > 1),
        "the disk has more than one of disk, lun and cdrom: keep one",
        "A disk is either a hard disk, a LUN or a CD-ROM.",
        f"{DISK_SOURCE}: validateDeviceTarget",
        alone=True,
    ),
    Rule(
        "disk-boot-order-zero",
        "disk",
        "bootOrder",
        f"{DISKS}[%d].bootOrder",
        when(lambda _machine, disk: whole_number(disk, "bootOrder") == 0, "bootOrder"),
        "bootOrder begins at 1: write 1 or more, or leave it out",
        "The boot order counts from 1; a disk without one is not booted from before the others.",
        f"{DISK_SOURCE}: validateBootOrderValue",
        alone=True,
    ),
    Rule(
        "interface-boot-order-zero",
        "interface",
        "bootOrder",
        f"{T}[%d].bootOrder",
        when(lambda _machine, interface: whole_number(interface, "bootOrder") == 0, "bootOrder"),
        "bootOrder of the interface begins at 1: write 1 or more, or leave it out",
        "The boot order counts from 1.",
        f"{VMI_ADMITTER}: validateInterfaceBootOrder",
        alone=True,
    ),
    Rule(
        "boot-order-duplicate",
        "devices",
        "",
        f"{DISKS}[].bootOrder or {V}.interfaces[].bootOrder",
        _duplicate_orders,
        "bootOrder {current} is already taken: give each disk and interface a number of its own",
        "Disks and interfaces share one boot order.",
        f"{_BOOT_ORDER}; validateInterfaceBootOrder",
    ),
    text_rule(
        "disk-serial",
        "disk",
        "serial",
        f"{DISKS}[%d].serial",
        lambda serial: serial != "" and re.fullmatch(_SERIAL, serial) is None,
        "serial {current} has a character that can't be in one: write letters, digits, _, ., + and -",
        "Serial numbers are passed to libvirt, which takes these characters only.",
        f"{DISK_SOURCE}: validateSerialNumValue",
    ),
    text_rule(
        "disk-serial-long",
        "disk",
        "serial",
        f"{DISKS}[%d].serial",
        lambda serial: len(serial) > _SERIAL_LENGTH,
        f"serial {{current}} is longer than {_SERIAL_LENGTH} characters: shorten it",
        f"A serial number has at most {_SERIAL_LENGTH} characters.",
        f"{DISK_SOURCE}: validateSerialNumLength",
    ),
    choice_rule(
        "disk-cache",
        "disk",
        "cache",
        f"{DISKS}[%d].cache",
        ("", "none", "writethrough", "writeback"),
        "cache {current} is unknown: write {allowed}",
        "The cache modes are a fixed list, and case counts.",
        f"{DISK_SOURCE}: validateCacheMode",
    ),
    choice_rule(
        "disk-io",
        "disk",
        "io",
        f"{DOUBLED}[%d].io",
        ("", "native", "threads"),
        "io {current} is unknown: write {allowed}",
        "The IO modes are a fixed list, and case counts.",
        f"{DISK_SOURCE}: validateIOMode",
    ),
    choice_rule(
        "disk-error-policy",
        "disk",
        "errorPolicy",
        f"{DISKS}[%d].errorPolicy",
        ("stop", "ignore", "report", "enospace"),
        "errorPolicy {current} is unknown: write {allowed}, or leave it out",
        "What happens on an IO error is one of libvirt's policies; an empty one is refused.",
        f"{DISK_SOURCE}: validateErrorPolicy",
    ),
)

_VOLUME_RULES = (
    Rule(
        "disk-without-volume",
        "disk",
        "",
        f"{DISKS}[%d].name",
        _without_volume,
        "disk {current} has no volume of that name: add one to volumes, or correct the name",
        "A disk finds what it shows in the volume of its name. Only a cdrom may be empty.",
        _BOOT_ORDER,
    ),
    Rule(
        "lun-volume-type",
        "disk",
        "lun",
        f"{DISKS}[%d].lun",
        when(_wrong_lun),
        "the volume of a lun must be a persistentVolumeClaim or a dataVolume: change the volume, or make it a disk",
        "A LUN passes a block device through, which only claims have.",
        _BOOT_ORDER,
    ),
    Rule(
        "downward-metrics-target",
        "volume",
        "downwardMetrics",
        f"{DISKS}[].disk",
        _metrics_elsewhere,
        "a downwardMetrics volume must be on a disk: write disk: {{bus: virtio}} for it",
        "Metrics are shown to the guest on a plain virtio disk; an entry without a target is refused too.",
        _BOOT_ORDER,
        gate="DownwardMetrics",
    ),
    Rule(
        "downward-metrics-bus",
        "volume",
        "downwardMetrics",
        f"{DISKS}[].disk.bus",
        _metrics_bus,
        "the disk of a downwardMetrics volume can't be on the {current} bus: write bus: virtio",
        "Metrics are shown to the guest on a virtio disk.",
        _BOOT_ORDER,
        gate="DownwardMetrics",
    ),
    Rule(
        "downward-metrics-default-bus",
        "volume",
        "downwardMetrics",
        f"{DISKS}[].disk.bus",
        _metrics_default_bus,
        "the disk of a downwardMetrics volume names no bus and gets sata: write bus: virtio",
        "A disk without a bus is put on sata when the machine starts, and metrics need virtio.",
        f"{_BOOT_ORDER}, after pkg/defaults",
        stage=START,
        cured_by=(PREFERENCE,),
        gate="DownwardMetrics",
    ),
)

RULES = _ENTRY_RULES + _VOLUME_RULES
