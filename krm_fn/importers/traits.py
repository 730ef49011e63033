"""Fragments of preferences that several sources need, by the name that the member carries.

Fields of VirtualMachinePreferenceSpec (KubeVirt 1.9, api/instancetype/v1beta1/types.go).
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_fn.core.manifest import Manifest
    from krm_fn.importers.flavor import Flavor

TRAITS: dict[str, Manifest] = {
    "amd64": {"preferredArchitecture": "amd64"},
    "arm64": {"preferredArchitecture": "arm64"},
    "s390x": {"preferredArchitecture": "s390x"},
    "bios": {"firmware": {"preferredUseBios": True}},
    # KubeVirt turns secure boot on for EFI that does not say otherwise, and then demands SMM.
    "efi": {"firmware": {"preferredEfi": {"secureBoot": False}}},
    "secureboot": {"firmware": {"preferredEfi": {"secureBoot": True}}, "features": {"preferredSmm": {}}},
    "tpm": {"devices": {"preferredTPM": {}}},
    "snp": {"preferredLaunchSecurity": {"snp": {}}},
    "tdx": {"preferredLaunchSecurity": {"tdx": {}}},
    "sev": {"preferredLaunchSecurity": {"sev": {}}},
    "sev-es": {"preferredLaunchSecurity": {"sev": {"policy": {"encryptedState": True}}}},
    "threads": {
        "cpu": {"preferredCPUTopology": "spread", "spreadOptions": {"across": "CoresThreads", "ratio": 2}},
    },
}
ARCHITECTURES = {
    "x86_64": "amd64",
    "x64": "amd64",
    "amd64": "amd64",
    "arm64": "arm64",
    "aarch64": "arm64",
    "s390x": "s390x",
}
"""Architectures that KubeVirt runs, under the names that listings give them."""


def offer(flavor: Flavor, always: list[str], choices: list[tuple[str, ...]]) -> None:
    """Give a flavor the combinations of traits that fit it: those it always has, with each choice of firmware.

    Threads are left out where the vCPUs don't divide by two, since KubeVirt refuses to spread them.
    """
    base = tuple(name for name in always if name != "threads" or flavor.cpu % 2 == 0)
    for choice in choices or [()]:
        names = (*base, *choice)
        flavor.preferences.append(names)
        flavor.traits |= {name: TRAITS[name] for name in names}
