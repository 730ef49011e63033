"""Which KubeVirt version brought which field: one table, read by the schema generator and by messages.

From 1.5 to 1.9 fields were only added under `spec`, none removed. So a version's schema is the newest one without what came
later, and a path that isn't listed here is as old as 1.5. `[]` stands for the entries of a list. A field below a listed one
came with it. Source: the CRDs of KubeVirt's release tags 1.5 to 1.9.
"""

from __future__ import annotations

from krm_fn.core.fieldpath import pattern

VERSIONS = ("1.5", "1.6", "1.7", "1.8", "1.9")
NEWEST = VERSIONS[-1]

_DEVICES = "spec.template.spec.domain.devices."
_DOMAIN = "spec.template.spec.domain."
_SOURCE = "spec.dataVolumeTemplates[].spec.source."

ADDED: dict[str, dict[str, tuple[str, ...]]] = {
    "1.6": {
        "VirtualMachine": (
            f"{_DEVICES}gpus[].claimName",
            f"{_DEVICES}gpus[].requestName",
            f"{_DEVICES}hostDevices[].claimName",
            f"{_DEVICES}hostDevices[].requestName",
            f"{_DEVICES}panicDevices",
            f"{_DEVICES}tpm.enabled",
            f"{_DEVICES}video",
            f"{_DEVICES}watchdog.diag288",
            f"{_DOMAIN}firmware.acpi.msdmNameRef",
            "spec.template.spec.resourceClaims",
        ),
        "VirtualMachineInstancetype": (
            "spec.gpus[].claimName",
            "spec.gpus[].requestName",
            "spec.hostDevices[].claimName",
            "spec.hostDevices[].requestName",
        ),
        "VirtualMachinePreference": (
            "spec.devices.preferredPanicDeviceModel",
            "spec.devices.preferredTPM.enabled",
        ),
    },
    "1.7": {
        "VirtualMachine": (
            f"{_SOURCE}registry.platform",
            f"{_SOURCE}vddk.extraArgs",
            f"{_DEVICES}disks[].blockSize.custom.discardGranularity",
            f"{_DEVICES}disks[].changedBlockTracking",
            f"{_DOMAIN}launchSecurity.snp",
            f"{_DOMAIN}launchSecurity.tdx",
        ),
        "VirtualMachineInstancetype": (
            "spec.ioThreads",
            "spec.launchSecurity.snp",
            "spec.launchSecurity.tdx",
        ),
        "VirtualMachinePreference": (
            "spec.devices.preferredDiskBlockSize.custom.discardGranularity",
            "spec.preferredArchitecture",
            "spec.requirements.architecture",
        ),
    },
    "1.8": {
        "VirtualMachine": (
            f"{_SOURCE}imageio.insecureSkipVerify",
            f"{_DEVICES}interfaces[].passtBinding",
            f"{_DOMAIN}features.hyperv.tlbflush.direct",
            f"{_DOMAIN}features.hyperv.tlbflush.extended",
            f"{_DOMAIN}memory.reservedOverhead",
            f"{_DOMAIN}rebootPolicy",
            "spec.template.spec.utilityVolumes",
            "spec.template.spec.volumes[].containerPath",
        ),
        "VirtualMachinePreference": (
            "spec.features.preferredHyperv.tlbflush.direct",
            "spec.features.preferredHyperv.tlbflush.extended",
        ),
    },
    "1.9": {
        "VirtualMachine": (
            f"{_DEVICES}interfaces[].portRanges",
            "spec.template.spec.networks[].resourceClaim",
            "spec.template.spec.serviceAccountName",
        ),
        "VirtualMachinePreference": (
            "spec.devices.preferredVideoType",
            "spec.preferredLaunchSecurity",
        ),
    },
}


def namespaced_kind(kind: str) -> str:
    """The kind whose rows hold for this one: the cluster-wide kinds have the namespaced ones' spec."""
    return kind.replace("VirtualMachineCluster", "VirtualMachine", 1)


def added_after(version: str, kind: str) -> list[tuple[str, str]]:
    """(path, version) of the fields of a kind that came after a version, oldest version first."""
    later = VERSIONS[VERSIONS.index(version) + 1 :]
    return [(path, each) for each in later for path in ADDED[each].get(namespaced_kind(kind), ())]


def since(kind: str, path: str) -> str:
    """The version that brought the field at a path with list indexes (`spec.networks[0].x`), "" when 1.5 has it."""
    plain = pattern(path)
    for version in VERSIONS[1:]:
        for row in ADDED[version].get(namespaced_kind(kind), ()):
            if plain == row or plain.startswith((f"{row}.", f"{row}[")):
                return version
    return ""
