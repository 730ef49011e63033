"""Which KubeVirt versions there are, and what each brought: the one place that everything about versions follows from.

From 1.5 to 1.9 fields were only added under `spec`, none removed. So a version's schema is the newest one without what came
later, and a path that isn't listed here is as old as the oldest version. `[]` stands for the entries of a list. A field below
a listed one came with it. Source: the CRDs of KubeVirt's release tags.
"""

from __future__ import annotations

import re

from krm_fn.core.fieldpath import pattern, walk
from krm_fn.core.manifest import copy_tree, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, Self

    from krm_fn.core.manifest import Manifest

_SPELLED = re.compile(r"v?(\d{1,4}\.\d{1,4}(?:\.\d{1,4})?)").fullmatch


class Version(str):
    """A KubeVirt version such as `1.9` or `1.9.2`: text that orders as numbers.

    numbers: the parts. A version without a patch level stands for the newest patch of it.
    """

    __slots__ = ("numbers",)

    numbers: tuple[int, ...]

    def __new__(cls, text: str) -> Self:
        """The version of a text of digits and dots."""
        self = super().__new__(cls, text)
        self.numbers = tuple(map(int, text.split(".")))
        return self

    @property
    def minor(self) -> Version:
        """The version without its patch level: `1.9` for `1.9.2`."""
        return Version(".".join(self.split(".")[:2]))

    def has(self, release: Version) -> bool:
        """Whether what came with a release, or with a patch release of an older one, is in this version."""
        return self.numbers >= release.numbers[: len(self.numbers)]

    def __lt__(self, other: str) -> bool:
        return self.numbers < _numbers(other)

    def __le__(self, other: str) -> bool:
        return self.numbers <= _numbers(other)

    def __gt__(self, other: str) -> bool:
        return self.numbers > _numbers(other)

    def __ge__(self, other: str) -> bool:
        return self.numbers >= _numbers(other)

    __eq__ = str.__eq__
    __hash__ = str.__hash__


def _numbers(version: str) -> tuple[int, ...]:
    return version.numbers if isinstance(version, Version) else Version(version).numbers


_DEVICES = "spec.template.spec.domain.devices."
_DOMAIN = "spec.template.spec.domain."
_SOURCE = "spec.dataVolumeTemplates[].spec.source."

ADDED: dict[str, dict[str, tuple[str, ...]]] = {
    "1.5": {},
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
"""Version → kind → the fields that came with it; the oldest version that krm-fn knows has none. What stands here is known."""

BACKPORTED: dict[str, dict[str, tuple[str, ...]]] = {
    "1.5.1": {
        "VirtualMachine": (f"{_DEVICES}tpm.enabled", f"{_DEVICES}watchdog.diag288"),
        "VirtualMachinePreference": ("spec.devices.preferredTPM.enabled",),
    },
    "1.6.4": {"VirtualMachine": (f"{_SOURCE}registry.platform", f"{_SOURCE}vddk.extraArgs")},
}
"""Patch release → kind → fields of a later version that it brought as well."""

REQUIRED_UNTIL: dict[str, dict[str, tuple[str, ...]]] = {
    "1.5": {"VirtualMachineInstancetype": ("spec.gpus[].deviceName", "spec.hostDevices[].deviceName")},
    "1.6": {
        "VirtualMachinePreference": (
            "spec.devices.preferredDiskBlockSize.custom.logical",
            "spec.devices.preferredDiskBlockSize.custom.physical",
        )
    },
}
"""The last version whose CRDs require a field → kind → the field."""

ONLY_V1BETA1 = Version("1.6")
"""The first version that serves instancetypes and preferences as v1beta1 only."""
WHOLE_MEMORY_CONFLICTS = Version("1.6")
"""The last version in which any `domain.memory` of a VM conflicts with an instancetype (pkg/instancetype/apply/memory.go);
since then only what the instancetype sets as well, and `guest`."""
MARKS_PCI_TOPOLOGY = (Version("1.6.4"), Version("1.7.2"), Version("1.8"))
"""The releases that brought the annotation of the PCI topology, the newest patches of each version before 1.8 included."""

BEHAVIOUR = (
    (
        Version("1.5"),
        "instancetypes and preferences of v1alpha1 and v1alpha2 are served beside v1beta1",
        "v1beta1 only: an older one is an error, `krm-fn convert` brings it up to date",
    ),
    (
        WHOLE_MEMORY_CONFLICTS,
        "any `domain.memory` of a VM conflicts with its instancetype, at `spec.template.spec.domain.memory`",
        "only `guest`, and `hugepages` or `maxGuest` where the instancetype has them too",
    ),
    (
        Version("1.6"),
        "SEV is judged whatever the architecture is (EFI, attestation, bootable interfaces)",
        "launchSecurity is for amd64 and s390x, and of its kinds amd64 has exactly one",
    ),
    (
        Version("1.6"),
        "the claims of GPUs are looked at, without their requests; those of host devices are not",
        "both are, and so are the names in `resourceClaims`",
    ),
    (
        Version("1.6"),
        "an interface may have no binding or two of them, but none beside a plugin",
        "exactly one",
    ),
    (Version("1.6"), "ppc64le is an architecture, and 65536 a port", "neither is"),
    (
        Version("1.7"),
        "`kubevirt.io/pci-topology-version` is written from 1.6.4 and 1.7.2 on",
        "written by every release",
    ),
)
"""What versions do otherwise: the last version that does, what it does, and what the later ones do."""

VERSIONS = tuple(map(Version, ADDED))
NEWEST = VERSIONS[-1]


def read(value: Any) -> Version | None:
    """The version that a setting means: `1.9`, "1.9", v1.9.2; NEWEST for none or an empty one, None for one that isn't known."""
    if value is None or value == "":
        return NEWEST
    if isinstance(value, float):  # without quotes 1.10 is 1.1, and there is one version only that it can be
        return next((version for version in VERSIONS if float(version) == value), None)
    match = _SPELLED(value) if isinstance(value, str) else None
    version = Version(match[1]) if match else None
    return version if version is not None and version.minor in VERSIONS else None


def schema() -> dict[str, Any]:
    """The JSON schema of a setting that names a version."""
    known = "|".join(re.escape(version) for version in VERSIONS)
    expects = f"one of the KubeVirt versions {', '.join(VERSIONS)}; a patch level such as {NEWEST}.2 may follow"
    spelled = {"type": "string", "pattern": f"^v?({known})(\\.[0-9]+)?$", "x-expects": expects}
    return {
        "anyOf": [spelled, {"enum": [float(version) for version in VERSIONS]}],
        "default": str(NEWEST),
    }


def brings(releases: tuple[Version, ...], version: Version) -> bool:
    """Whether a version has what several release lines brought, each from a patch release on."""
    return any(version.has(each) for each in releases if each.minor == version.minor) or version.minor > releases[-1]


def namespaced_kind(kind: str) -> str:
    """The kind whose rows hold for this one: the cluster-wide kinds have the namespaced ones' spec."""
    return kind.replace("VirtualMachineCluster", "VirtualMachine", 1)


def added_after(version: str, kind: str) -> list[tuple[str, str]]:
    """(path, version) of the fields of a kind that the newest patch of a version lacks, oldest version first."""
    own = namespaced_kind(kind)
    back = {
        path for patch, kinds in BACKPORTED.items() if Version(patch).minor == version for path in kinds.get(own, ())
    }
    return [
        (path, each) for each in VERSIONS if each > version for path in ADDED[each].get(own, ()) if path not in back
    ]


def not_yet(version: Version, kind: str) -> Iterator[tuple[str, str]]:
    """(path, patch release) of the fields of a kind that came back to a version only after the patch level that it names."""
    for patch, kinds in BACKPORTED.items():
        release = Version(patch)
        if release.minor == version.minor and not version.has(release):
            for path in kinds.get(namespaced_kind(kind), ()):
                yield path, patch


def as_of(item: Manifest, version: Version) -> Manifest:
    """The object as a version has it: a copy without the fields that came later, the object itself where it has none of them."""
    kind = text(item, "kind")
    later = [path for path, _ in (*added_after(version.minor, kind), *not_yet(version, kind))]
    here = [path for path in later if any(key in holder for _, holder, key in walk(item, path.split(".")))]
    if not here:
        return item
    out: Manifest = copy_tree(item)
    for path in here:
        for _, holder, key in walk(out, path.split(".")):
            holder.pop(key, None)
    return out


def required(version: str, kind: str) -> list[str]:
    """The fields of a kind that a version's CRD requires and the newest doesn't."""
    own = namespaced_kind(kind)
    return [path for last, kinds in REQUIRED_UNTIL.items() if Version(last) >= version for path in kinds.get(own, ())]


def since(kind: str, path: str) -> str:
    """The version that brought the field at a path with list indexes (`spec.networks[0].x`), "" when the oldest has it."""
    plain = pattern(path)
    for version, kinds in ADDED.items():
        for row in kinds.get(namespaced_kind(kind), ()):
            if plain == row or plain.startswith((f"{row}.", f"{row}[")):
                return version
    return ""
