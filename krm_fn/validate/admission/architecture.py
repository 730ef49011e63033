"""What depends on the architecture: machine types, CPU model, video, watchdog, sound, disk buses."""

from __future__ import annotations

from krm_fn.core.manifest import mapping, text
from krm_fn.kubevirt.facts import AMD64, ARCHITECTURES, ARM64, DISK_TARGETS, MACHINE_TYPE_PREFIXES, S390X
from krm_fn.kubevirt.versions import Version
from krm_fn.validate.admission.machine import has
from krm_fn.validate.admission.rule import START, VMI_ADMITTER, WEBHOOKS, D, Rule, T, V, when

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from krm_fn.validate.admission.machine import Machine
    from krm_fn.validate.admission.rule import Check, Found

_VIDEO_TYPES = {AMD64: ("vga", "cirrus", "virtio", "ramfb", "bochs"), ARM64: ("virtio", "ramfb"), S390X: ("virtio",)}
_PPC64LE, _WITH_PPC64LE = "ppc64le", Version("1.6")
"""An architecture that is no longer one, and the last version that took it."""
_ARM64_BUSES = ("", "virtio", "scsi")
_ARM64_MODEL = "host-passthrough"
_ARM64 = f"{WEBHOOKS}/arm64.go"


def _takes_ppc64le(machine: Machine) -> bool:
    return machine.version.minor <= _WITH_PPC64LE


def _machine_type(machine: Machine, domain: Any, _index: Any) -> Iterable[Found]:
    found = text(mapping(domain, "machine"), "type")
    known = MACHINE_TYPE_PREFIXES | {_PPC64LE: ("pseries",)} if _takes_ppc64le(machine) else MACHINE_TYPE_PREFIXES
    prefixes = [prefix for name in machine.architectures for prefix in known.get(name, known[AMD64])]
    if not found or ("/" not in found and found.startswith(tuple(prefixes))):
        return ()
    words = {"architecture": machine.architecture, "allowed": " or ".join(f"{prefix}*" for prefix in prefixes)}
    return ((None, found, words),)


def _architecture(machine: Machine, template: Any, _index: Any) -> Iterable[Found]:
    found = text(template, "architecture")
    if found == _PPC64LE and _takes_ppc64le(machine):
        return ()
    words = {"proposed": AMD64} if found == "x86_64" else {"proposed": ARM64} if found == "aarch64" else {}
    return ((None, found, words),) if found and found not in ARCHITECTURES else ()


def _arm64_bus(machine: Machine, disk: Any, index: Any) -> Iterable[Found]:
    if machine.architecture != ARM64:
        return ()
    buses = ((target, text(mapping(disk, target), "bus")) for target in DISK_TARGETS)
    return [(f"{V}.disks[{index}].{target}.bus", bus) for target, bus in buses if bus not in _ARM64_BUSES]


def _on_arm64(machine: Machine, _part: Any) -> bool:
    return machine.architecture == ARM64


def _arm64_device(key: str) -> Check:
    return when(lambda machine, devices: _on_arm64(machine, devices) and has(devices, key))


def _watchdog(architecture: str, wrong: str) -> Check:
    """A check of machines that are sure to end up on the architecture."""
    return when(
        lambda machine, devices: machine.architectures == (architecture,) and has(mapping(devices, "watchdog"), wrong)
    )


def _video_type(machine: Machine, devices: Any, _index: Any) -> Iterable[Found]:
    found = mapping(devices, "video").get("type")
    found = "" if found is None else found
    if not has(devices, "video") or not isinstance(found, str) or machine.architecture not in _VIDEO_TYPES:
        return ()
    if not found and machine.awaits_preference:
        return ()
    allowed = sorted({kind for name in machine.architectures for kind in _VIDEO_TYPES[name]})
    return (
        ((None, found, {"architecture": machine.architecture, "allowed": ", ".join(allowed)}),)
        if found not in allowed
        else ()
    )


RULES = (
    Rule(
        "machine-type",
        "domain",
        "machine",
        f"{D}.machine.type",
        _machine_type,
        "machine type {current} is not one for {architecture}: write {allowed}, or leave it out",
        "KubeVirt emulates one family of machines on each architecture. A cluster can be set up to allow others.",
        f"{VMI_ADMITTER}: validateEmulatedMachine",
    ),
    Rule(
        "architecture",
        "template",
        "architecture",
        f"{T}.architecture",
        _architecture,
        "architecture {current} is not supported: write amd64, arm64 or s390x",
        "Architectures are spelled as Go spells them. A machine with another one is created and never starts.",
        f"{VMI_ADMITTER}: ValidateVirtualMachineInstancePerArch",
        stage=START,
        alone=True,
    ),
    Rule(
        "arm64-disk-bus",
        "disk",
        DISK_TARGETS,
        f"{V}.disks[%d].disk.bus",
        _arm64_bus,
        "on arm64 a disk can't be on the {current} bus: write virtio or scsi",
        "Arm machines have no sata or usb disks.",
        f"{_ARM64}: validateDiskBus",
        stage=START,
    ),
    Rule(
        "arm64-bios",
        "firmware",
        "bootloader",
        f"{D}.firmware.bootloader.bios",
        when(lambda machine, firmware: _on_arm64(machine, firmware) and has(mapping(firmware, "bootloader"), "bios")),
        "arm64 machines don't boot with a BIOS: write bootloader: {{efi: {{}}}}",
        "Arm machines boot with UEFI.",
        f"{_ARM64}: validateBootOptions",
        stage=START,
    ),
    Rule(
        "arm64-cpu-model",
        "cpu",
        "model",
        f"{D}.cpu.model",
        when(lambda machine, cpu: _on_arm64(machine, cpu) and text(cpu, "model") not in ("", _ARM64_MODEL), "model"),
        "on arm64 the CPU model can't be {current}: write host-passthrough or leave it out",
        "Arm machines get the CPU of their host.",
        f"{_ARM64}: validateCPUModel",
        stage=START,
    ),
    *(
        Rule(
            f"arm64-{key}",
            "devices",
            key,
            f"{V}.{key}",
            _arm64_device(key),
            f"arm64 machines have no {key} device: remove it",
            f"KubeVirt has no {key} device for Arm machines.",
            f"{_ARM64}: {function}",
            stage=START,
        )
        for key, function in (("watchdog", "validateWatchdog"), ("sound", "validateSoundDevice"))
    ),
    Rule(
        "video-type",
        "devices",
        "video",
        f"{V}.video.type",
        _video_type,
        "video type {current} is not one for {architecture}: write {allowed}",
        "Each architecture has its own video devices, and a video device without a type is refused as well. A"
        " preference can choose the type.",
        f"{WEBHOOKS}/amd64.go: validateVideoTypeAmd64; {_ARM64}; {WEBHOOKS}/s390x.go: validateVideoTypeS390x",
        stage=START,
        since="1.6",
    ),
    *(
        Rule(
            f"{name}-watchdog",
            "devices",
            "watchdog",
            f"{V}.watchdog",
            _watchdog(name, wrong),
            f"{name} machines have no {wrong} watchdog: write {right}",
            f"The watchdog of {name} machines is {right}.",
            f"{WEBHOOKS}/{name}.go: {function}",
            stage=START,
            since=since,
        )
        for name, wrong, right, function, since in (
            (AMD64, "diag288", "i6300esb", "validateWatchdogAmd64", "1.6"),
            (S390X, "i6300esb", "diag288", "validateWatchdogS390x", "1.5"),
        )
    ),
    Rule(
        "s390x-panic-device",
        "devices",
        "panicDevices",
        f"{V}.panicDevices",
        when(lambda machine, devices: machine.architecture in (S390X, _PPC64LE) and bool(devices["panicDevices"])),
        "s390x machines have no panic devices to choose: remove panicDevices",
        "On s390x a panic is reported by the machine itself.",
        f"{VMI_ADMITTER}: validatePanicDevices",
        since="1.6",
    ),
)
