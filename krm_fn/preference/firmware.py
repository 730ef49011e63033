"""BIOS or EFI: the one part of a preference in which the order of its fields decides.

Source: KubeVirt 1.9, pkg/instancetype/preference/apply/firmware.go.
"""

from __future__ import annotations

from krm_fn.core.manifest import copy_tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_fn.core.manifest import Manifest


def apply(preferred: Manifest, bootloader: Manifest) -> None:
    """Fill a VM's bootloader section from a preference's firmware section, in place.

    BIOS wins over EFI; preferredEfi, when it is used, is the last word; preferredUseSecureBoot also fills an EFI of
    the VM's own.
    """
    bios, efi = bootloader.get("bios"), bootloader.get("efi")
    if preferred.get("preferredUseBios") and bios is None and efi is None:
        bios = bootloader["bios"] = {}
    serial = preferred.get("preferredUseBiosSerial")
    if serial is not None and bios is not None and bios.get("useSerial") is None:
        bios["useSerial"] = serial
    if efi is None and bios is None and preferred.get("preferredEfi") is not None:
        bootloader["efi"] = copy_tree(preferred["preferredEfi"])
        return
    if preferred.get("preferredUseEfi") and efi is None and bios is None:
        efi = bootloader["efi"] = {}
    secure = preferred.get("preferredUseSecureBoot")
    if secure is not None and efi is not None and efi.get("secureBoot") is None:
        efi["secureBoot"] = secure
