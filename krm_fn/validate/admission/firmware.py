"""Firmware: ACPI tables, boot loader, secure boot, kernel boot."""

from __future__ import annotations

from krm_fn.core.manifest import mapping, text
from krm_fn.kubevirt.versions import Version
from krm_fn.validate.admission.formats import is_file_path
from krm_fn.validate.admission.machine import enabled, has
from krm_fn.validate.admission.rule import VMI_ADMITTER, D, Rule, T, when

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from krm_fn.validate.admission.machine import Machine
    from krm_fn.validate.admission.rule import Check, Found

_ACPI = f"{T}.acpi"
_KERNEL_BOOT = f"{D}.firmware.kernelBoot"
_TABLES = ("slicNameRef", "msdmNameRef")
_PATHS = ("kernelPath", "initrdPath")


def efi_of(machine: Machine) -> Any:
    """The EFI settings of the boot loader, or None when the machine doesn't boot with EFI."""
    bootloader = mapping(machine.domain, "firmware", "bootloader")
    return bootloader["efi"] if has(bootloader, "efi") else None


def smm_enabled(machine: Machine) -> bool:
    """Whether system management mode is on: when the feature is there and doesn't say enabled: false."""
    return enabled(mapping(machine.domain, "features"), "smm")


def secure_boot(machine: Machine) -> bool:
    """Whether the machine boots securely: with EFI, unless it says secureBoot: false."""
    efi = efi_of(machine)
    return efi is not None and efi.get("secureBoot") is not False


def _preference_may_cure(machine: Machine) -> bool:
    """A preference fills in what the machine leaves open: secureBoot, or the smm feature."""
    open_secure_boot = (efi_of(machine) or {}).get("secureBoot") is None
    open_smm = not has(mapping(machine.domain, "features"), "smm")
    return machine.awaits_preference and (open_secure_boot or open_smm)


_KEYS_IN_ROM = Version("1.9")
"""The first version that knows that TDX boots securely without system management mode."""


def _needs_smm(machine: Machine, _firmware: Any) -> bool:
    tdx = machine.version.minor >= _KEYS_IN_ROM and has(mapping(machine.domain, "launchSecurity"), "tdx")
    return secure_boot(machine) and not smm_enabled(machine) and not tdx and not _preference_may_cure(machine)


def _table_volume(wrong_type: bool) -> Check:
    """A check of the tables' volumes: that they are there, or that they are secrets."""

    def check(machine: Machine, firmware: Any, _index: Any) -> Iterable[Found]:
        acpi = mapping(firmware, "acpi")
        for key in _TABLES:
            name = text(acpi, key)
            volumes = [volume for volume in machine.volumes if text(volume, "name") == name]
            wrong = bool(volumes) and not has(volumes[0], "secret") if wrong_type else not volumes
            if name and wrong:
                yield f"{_ACPI}.{key}", name

    return check


def _container(firmware: Any) -> Any:
    return mapping(firmware, "kernelBoot", "container")


def _kernel_path(_machine: Machine, firmware: Any, _index: Any) -> Iterable[Found]:
    container = _container(firmware)
    paths = ((key, text(container, key)) for key in _PATHS)
    return [(f"{_KERNEL_BOOT}.container.{key}", path) for key, path in paths if path and not is_file_path(path)]


def _has_container(firmware: Any) -> bool:
    return has(mapping(firmware, "kernelBoot"), "container")


RULES = (
    Rule(
        "acpi-empty",
        "firmware",
        "acpi",
        _ACPI,
        when(
            lambda _machine, firmware: has(firmware, "acpi") and not any(text(firmware["acpi"], key) for key in _TABLES)
        ),
        "firmware.acpi names no table: write slicNameRef or msdmNameRef, or remove acpi",
        "ACPI tables come from volumes that slicNameRef and msdmNameRef name.",
        f"{VMI_ADMITTER}: validateFirmwareACPI",
    ),
    Rule(
        "acpi-volume-missing",
        "firmware",
        "acpi",
        f"{_ACPI}.slicNameRef or .msdmNameRef",
        _table_volume(wrong_type=False),
        "there is no volume {current}: write the name of a secret volume",
        "An ACPI table is in a volume of the machine.",
        f"{VMI_ADMITTER}: validateACPIRef",
    ),
    Rule(
        "acpi-volume-type",
        "firmware",
        "acpi",
        f"{_ACPI}.slicNameRef or .msdmNameRef",
        _table_volume(wrong_type=True),
        "volume {current} is not a secret: put the table into a Secret and make the volume a secret volume",
        "ACPI tables hold licences, so they are kept in Secrets.",
        f"{VMI_ADMITTER}: validateACPIRef",
    ),
    Rule(
        "efi-and-bios",
        "firmware",
        "bootloader",
        f"{D}.firmware.bootloader",
        when(lambda _machine, firmware: all(has(mapping(firmware, "bootloader"), kind) for kind in ("efi", "bios"))),
        "the boot loader is both efi and bios: keep one",
        "A machine boots with EFI or with a BIOS.",
        f"{VMI_ADMITTER}: validateBootloader",
        alone=True,
    ),
    Rule(
        "secure-boot-without-smm",
        "firmware",
        "bootloader",
        D,
        when(_needs_smm),
        "efi boots securely unless it says otherwise, which needs features.smm: write smm: {{}}, or efi:"
        " {{secureBoot: false}}",
        "Secure boot keeps its keys in system management mode. EFI has secure boot on by default, and smm is off"
        " by default.",
        f"{VMI_ADMITTER}: validateDomainSpec",
    ),
    Rule(
        "kernel-args-without-kernel",
        "firmware",
        "kernelBoot",
        f"{_KERNEL_BOOT}.kernelArgs",
        when(
            lambda _machine, firmware: (
                not _has_container(firmware) and bool(text(mapping(firmware, "kernelBoot"), "kernelArgs"))
            )
        ),
        "kernelArgs need a kernel: write kernelBoot.container with an image and a kernelPath",
        "Arguments are passed to a kernel that is booted directly from a container image.",
        f"{VMI_ADMITTER}: validateKernelBoot",
    ),
    Rule(
        "kernel-image",
        "firmware",
        "kernelBoot",
        f"{_KERNEL_BOOT}.container.image",
        when(lambda _machine, firmware: _has_container(firmware) and _container(firmware).get("image") in (None, "")),
        "kernelBoot.container has no image: write the image that holds the kernel",
        "The kernel comes from a container image.",
        f"{VMI_ADMITTER}: validateKernelBoot",
    ),
    Rule(
        "kernel-path-missing",
        "firmware",
        "kernelBoot",
        f"{_KERNEL_BOOT}.container",
        when(
            lambda _machine, firmware: (
                _has_container(firmware) and not any(_container(firmware).get(key) for key in _PATHS)
            )
        ),
        "kernelBoot.container names no file: write kernelPath, initrdPath or both",
        "Where the kernel and its initrd are in the image has to be said.",
        f"{VMI_ADMITTER}: validateKernelBoot",
    ),
    Rule(
        "kernel-path",
        "firmware",
        "kernelBoot",
        f"{_KERNEL_BOOT}.container.kernelPath or .initrdPath",
        _kernel_path,
        "path {current} must be absolute and clean: write for example /boot/vmlinuz, without .. or //",
        "The path leads to a file inside the image, from its root.",
        f"{VMI_ADMITTER}: validatePath",
        alone=True,
    ),
)
