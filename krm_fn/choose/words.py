"""What an object means in words, and what it demands of a node or a guest: one row for each field that a reader asks about."""

from __future__ import annotations

from typing import Any, NamedTuple

from krm_fn.choose.entry import INSTANCETYPE
from krm_fn.core import wire
from krm_fn.core.fieldpath import find
from krm_fn.core.manifest import mapping

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_fn.choose.entry import Entry
    from krm_fn.core.manifest import Manifest


class Row(NamedTuple):
    """One field: `{}` in the texts stands for its value. Nothing is said of a field that is absent, false or zero."""

    path: str
    means: str
    demands: str = ""


INSTANCETYPES = (
    Row(
        "cpu.dedicatedCPUPlacement", "Each vCPU has a host CPU to itself.", "Nodes with the static CPU manager policy."
    ),
    Row("cpu.isolateEmulatorThread", "QEMU's own work runs on one more host CPU.", "One more dedicated CPU."),
    Row("cpu.numa.guestMappingPassthrough", "The guest sees the NUMA layout of its host CPUs."),
    Row("cpu.realtime", "vCPUs run with real-time priority.", "Nodes with a real-time kernel."),
    Row("cpu.model", "The CPU model is {}.", "Nodes that offer the CPU model {}."),
    Row("cpu.maxSockets", "Up to {} sockets can be plugged in."),
    Row("memory.hugepages.pageSize", "Memory lies in huge pages of {}.", "Nodes with huge pages of {} set aside."),
    Row("memory.overcommitPercent", "The node sets {}% less memory aside than the guest sees."),
    Row("memory.maxGuest", "Memory can grow to {}."),
    Row("gpus", "GPUs: {}.", "Nodes that offer {}."),
    Row("hostDevices", "Host devices: {}.", "Nodes that offer {}."),
    Row("ioThreadsPolicy", "Disk I/O runs in threads of its own ({})."),
    Row("launchSecurity", "The guest's memory is encrypted ({}).", "Nodes that support it."),
    Row("nodeSelector", "Runs on chosen nodes only.", "Nodes labelled {}."),
    Row("schedulerName", "The scheduler {} places it.", "The scheduler {}."),
    Row("annotations", "Adds annotations: {}."),
)
PREFERENCES = (
    Row("requirements.cpu.guest", "", "At least {} vCPU."),
    Row("requirements.memory.guest", "", "At least {} of memory."),
    Row("requirements.architecture", "", "The architecture {}."),
    Row("preferredArchitecture", "Made for {}."),
    Row("firmware.preferredEfi.secureBoot", "Boots with UEFI secure boot."),
    Row("firmware.preferredEfi", "Boots with UEFI."),
    Row("firmware.preferredUseBios", "Boots with BIOS."),
    Row("devices.preferredTPM", "Has a TPM, {}."),
    Row("machine.preferredMachineType", "The machine type is {}."),
    Row("cpu.preferredCPUTopology", "vCPUs are laid out as {}."),
    Row("cpu.preferredCPUFeatures", "CPU features: {}."),
    Row("devices.preferredDiskBus", "Disks on {}."),
    Row("devices.preferredInterfaceModel", "Network cards of the model {}."),
    Row("devices.preferredNetworkInterfaceMultiQueue", "Network cards with a queue for each vCPU."),
    Row("devices.preferredDiskDedicatedIoThread", "Disks with threads of their own."),
    Row("devices.preferredInputType", "A pointer of the type {}."),
    Row("devices.preferredVideoType", "A video card of the type {}."),
    Row("devices.preferredSoundModel", "A sound card, {}."),
    Row("devices.preferredRng", "Random numbers from the host."),
    Row("features.preferredHyperv", "{} Hyper-V enlightenments."),
    Row("volumes.preferredStorageClassName", "Volumes of the storage class {}.", "The storage class {}."),
    Row("preferredTerminationGracePeriodSeconds", "Up to {} seconds to shut down."),
)
_TOPOLOGY = {
    "sockets": "sockets",
    "cores": "cores of one socket",
    "threads": "threads of one core",
    "spread": "sockets, cores and threads, spread",
    "any": "KubeVirt chooses",
}


def meaning(entry: Entry) -> tuple[list[str], list[str]]:
    """(what it means, what it demands), a sentence each."""
    means: list[str] = []
    demands: list[str] = []
    spec = mapping(entry.item, "spec")
    said: set[str] = set()
    for row in INSTANCETYPES if entry.kind == INSTANCETYPE else PREFERENCES:
        value = find(spec, row.path.split("."))
        if value in (None, False, 0, "", []) or row.path in said:
            continue
        said |= {row.path, row.path.rpartition(".")[0]}
        shown = _shown(row.path, value)
        if row.means:
            means.append(row.means.replace("{}", shown))
        if row.demands:
            demands.append(row.demands.replace("{}", shown))
    return means, demands


def _shown(path: str, value: Any) -> str:
    if path == "cpu.preferredCPUTopology":
        word = str(value).removeprefix("prefer").lower()
        return _TOPOLOGY.get(word, word)
    if path == "devices.preferredTPM":
        return "which keeps its state" if mapping({"": value}, "").get("persistent") else "empty at each start"
    if path == "features.preferredHyperv":
        return str(len(value))
    if isinstance(value, dict):
        return ", ".join(value) if path == "launchSecurity" else _pairs(value)
    if isinstance(value, list):
        names = [
            str(each.get("deviceName") or each.get("name")) if isinstance(each, dict) else str(each) for each in value
        ]
        return ", ".join(names)
    return str(value)


def _pairs(value: Manifest) -> str:
    return ", ".join(
        f"{key}={each if isinstance(each, str) else wire.canonical_json(each)}" for key, each in value.items()
    )
