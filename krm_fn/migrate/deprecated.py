"""Deprecated spellings of a preference's spec in today's, such that every VM expands to the same.

Source of what each spelling does: KubeVirt 1.9, pkg/instancetype/preference/apply/{cpu,firmware}.go.
"""

from __future__ import annotations

from krm_fn.core.manifest import mapping
from krm_fn.roundtrip.edit import empty, put, remove, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_fn.core.manifest import Manifest

TOPOLOGIES = {
    "preferSockets": "sockets",
    "preferCores": "cores",
    "preferThreads": "threads",
    "preferSpread": "spread",
    "preferAny": "any",
}
_RATIO = "preferSpreadSocketToCoreRatio"
_EFI, _SECURE_BOOT = "preferredUseEfi", "preferredUseSecureBoot"


def modernise(spec: Manifest, *, value_topology: bool = False) -> list[str]:
    """Rewrite the deprecated spellings of a preference's spec, in place; what was rewritten, a line each.

    value_topology: the spec is of v1alpha1 or v1alpha2, where an empty topology was none; today it would be refused.
    preferredUseSecureBoot stays where nothing of today says what it says: see `secure_boot_left`.
    """
    return [*_topology(spec, value_topology=value_topology), *_ratio(spec), *_firmware(spec)]


def _topology(spec: Manifest, *, value_topology: bool) -> list[str]:
    cpu = mapping(spec, "cpu")
    before = cpu.get("preferredCPUTopology")
    if value_topology and before == "":
        remove(cpu, "preferredCPUTopology")
        if not cpu:
            empty(spec, "cpu")
        return ["an empty cpu.preferredCPUTopology, which was none"]
    after = TOPOLOGIES.get(before) if isinstance(before, str) else None
    if after is None:
        return []
    replace(cpu, "preferredCPUTopology", "preferredCPUTopology", after)
    return [f"cpu.preferredCPUTopology {before}, now {after}"]


def _ratio(spec: Manifest) -> list[str]:
    ratio = spec.get(_RATIO)
    if isinstance(ratio, bool) or not isinstance(ratio, int):
        return []
    options = mapping(spec, "cpu", "spreadOptions")
    if ratio == 0 or options.get("ratio") is not None:
        remove(spec, _RATIO)
        return [f"{_RATIO} {ratio}, which had no effect"]
    if isinstance(spec.get("cpu"), dict):
        remove(spec, _RATIO)
        if isinstance(spec["cpu"].get("spreadOptions"), dict):
            put(spec["cpu"]["spreadOptions"], "ratio", int(ratio))
        else:
            put(spec["cpu"], "spreadOptions", {"ratio": int(ratio)})
    else:
        spec.pop("cpu", None)
        replace(spec, _RATIO, "cpu", {"spreadOptions": {"ratio": int(ratio)}})
    return [f"{_RATIO} {ratio}, now cpu.spreadOptions.ratio"]


def secure_boot(spec: Manifest) -> bool | None:
    """What preferredUseSecureBoot fills into a VM that brings its own EFI without saying, or None."""
    value = mapping(spec, "firmware").get(_SECURE_BOOT)
    return value if isinstance(value, bool) else None


def chooses_efi(spec: Manifest) -> bool:
    """Whether the preference, in either spelling, gives EFI to a VM without firmware of its own."""
    firmware = mapping(spec, "firmware")
    return isinstance(firmware.get("preferredEfi"), dict) or firmware.get(_EFI) is True


def _firmware(spec: Manifest) -> list[str]:
    firmware = mapping(spec, "firmware")
    if _EFI not in firmware and _SECURE_BOOT not in firmware:
        return []
    if _SECURE_BOOT in firmware and firmware[_SECURE_BOOT] is not None and not chooses_efi(spec):
        if _EFI not in firmware:
            return []
        remove(firmware, _EFI)
        return [f"{_EFI}, which had no effect"]
    done = []
    boot = secure_boot(spec)
    if _EFI in firmware:
        if firmware[_EFI] is True and not isinstance(firmware.get("preferredEfi"), dict):
            firmware.pop("preferredEfi", None)
            replace(firmware, _EFI, "preferredEfi", {} if boot is None else {"secureBoot": boot})
            done.append(f"firmware.{_EFI}, now firmware.preferredEfi")
        else:
            remove(firmware, _EFI)
            done.append(f"firmware.{_EFI}, which had no effect")
    if _SECURE_BOOT in firmware:
        remove(firmware, _SECURE_BOOT)
        done.append(f"firmware.{_SECURE_BOOT}, now in firmware.preferredEfi")
    if not firmware:
        empty(spec, "firmware")
    return done


def drop_secure_boot(spec: Manifest) -> None:
    """Remove a preferredUseSecureBoot whose effect the VMs now have themselves, in place."""
    firmware = mapping(spec, "firmware")
    remove(firmware, _SECURE_BOOT)
    if not firmware:
        empty(spec, "firmware")
