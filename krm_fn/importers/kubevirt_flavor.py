"""KubeVirt's first flavors, flavor.kubevirt.io/v1alpha1, as instancetypes and preferences.

Three generations went by that name: profiles with a cpu, profiles with a domainTemplate, and one spec that is already
an instancetype's. One object for each profile, named `<flavor>.<profile>`.
Source: KubeVirt, staging/src/kubevirt.io/api/flavor/v1alpha1/types.go, as it was from 0.44 to 0.54.
"""

from __future__ import annotations

from krm_fn.core.errors import InputError
from krm_fn.core.fieldpath import find, make
from krm_fn.core.manifest import copy_tree, mapping, name_of, namespace_of, text
from krm_fn.core.naming import slug
from krm_fn.core.quantity import is_quantity
from krm_fn.core.wire import read
from krm_fn.importers.flavor import whole
from krm_fn.importers.loss import ALL, IGNORED, LOST, MAPPED, SKIPPED, Entry, account, fold
from krm_fn.importers.source import Imported
from krm_fn.importers.topology import preference_for
from krm_fn.kubevirt.api import (
    CLUSTER_INSTANCETYPE,
    CLUSTER_KINDS,
    CLUSTER_PREFERENCE,
    INSTANCETYPE,
    INSTANCETYPE_API,
    PREFERENCE,
    PREFERENCE_KINDS,
)
from krm_fn.migrate.convert import FLAVOR_GROUP
from krm_fn.migrate.deprecated import modernise
from krm_fn.roundtrip.definition import Definition

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from krm_fn.core.manifest import Manifest
    from krm_fn.importers.flavor import Options

_FLAVORS = {
    "VirtualMachineFlavor": (INSTANCETYPE, PREFERENCE),
    "VirtualMachineClusterFlavor": (CLUSTER_INSTANCETYPE, CLUSTER_PREFERENCE),
}
_TO_INSTANCETYPE = {
    "cpu.guest": "cpu.guest",
    "cpu.model": "cpu.model",
    "cpu.dedicatedCpuPlacement": "cpu.dedicatedCPUPlacement",
    "cpu.dedicatedCPUPlacement": "cpu.dedicatedCPUPlacement",
    "cpu.isolateEmulatorThread": "cpu.isolateEmulatorThread",
    "cpu.numa": "cpu.numa",
    "cpu.realtime": "cpu.realtime",
    "cpu.maxSockets": "cpu.maxSockets",
    "memory.guest": "memory.guest",
    "memory.hugepages": "memory.hugepages",
    "memory.maxGuest": "memory.maxGuest",
    "ioThreadsPolicy": "ioThreadsPolicy",
    "gpus": "gpus",
    "hostDevices": "hostDevices",
    "devices.gpus": "gpus",
    "devices.hostDevices": "hostDevices",
}
_TO_PREFERENCE = {
    "cpu.features": "cpu.preferredCPUFeatures",
    "machine.type": "machine.preferredMachineType",
    "firmware.bootloader.bios.useSerial": "firmware.preferredUseBiosSerial",
    "firmware.bootloader.efi": "firmware.preferredEfi",
    "clock.utc": "clock.preferredClockOffset.utc",
    "clock.timezone": "clock.preferredClockOffset.timezone",
    "clock.timer": "clock.preferredTimer",
    "features.acpi": "features.preferredAcpi",
    "features.apic": "features.preferredApic",
    "features.hyperv": "features.preferredHyperv",
    "features.kvm": "features.preferredKvm",
    "features.pvspinlock": "features.preferredPvspinlock",
    "features.smm": "features.preferredSmm",
    "devices.disableHotplug": "devices.preferredDisableHotplug",
    "devices.autoattachGraphicsDevice": "devices.preferredAutoattachGraphicsDevice",
    "devices.autoattachMemBalloon": "devices.preferredAutoattachMemBalloon",
    "devices.autoattachPodInterface": "devices.preferredAutoattachPodInterface",
    "devices.autoattachSerialConsole": "devices.preferredAutoattachSerialConsole",
    "devices.blockMultiQueue": "devices.preferredBlockMultiQueue",
    "devices.networkInterfaceMultiqueue": "devices.preferredNetworkInterfaceMultiQueue",
    "devices.useVirtioTransitional": "devices.preferredUseVirtioTransitional",
    "devices.rng": "devices.preferredRng",
    "devices.tpm": "devices.preferredTPM",
    "devices.sound.model": "devices.preferredSoundModel",
    "launchSecurity": "preferredLaunchSecurity",
}
_VM = (LOST, "the VirtualMachine's own; no instancetype or preference can say it")
_FATES = fold(
    {key: (MAPPED, f"spec.{target} of the instancetype") for key, target in _TO_INSTANCETYPE.items()}
    | {key: (MAPPED, f"spec.{target} of the preference") for key, target in _TO_PREFERENCE.items()}
    | {
        "name": (MAPPED, "the object's name"),
        "default": (IGNORED, "every VirtualMachine names its instancetype today"),
        "cpu.sockets": (MAPPED, "spec.cpu.guest, and the preference's topology"),
        "cpu.cores": (MAPPED, "spec.cpu.guest, and the preference's topology"),
        "cpu.threads": (MAPPED, "spec.cpu.guest, and the preference's topology"),
        "firmware.bootloader.bios": (MAPPED, "firmware.preferredUseBios of the preference"),
        "firmware": _VM,
        "devices": _VM,
        "chassis": _VM,
        "resources": _VM,
        "memory": _VM,
        "machine": _VM,
        "clock": _VM,
        "features": _VM,
    }
)


class _Flavors:
    """The `Source` of KubeVirt's first flavors."""

    def claims(self, document: Any) -> bool:
        """Whether there is a manifest of that group in a document."""
        return any(True for _ in _manifests([document]))

    def load(self, files: Iterable[tuple[str, bytes]], options: Options) -> Imported:
        """The instancetypes and preferences of some files' flavors. InputError when there is no flavor.

        options: of `scope` for objects of that scope whatever the flavor's, and `memory` for profiles that say none;
        without it these are left out.
        """
        given = list(files)
        definitions: list[Definition] = []
        entries: list[Entry] = []
        count = 0
        for name, data in given:
            for item in _manifests(read(data, name)):
                count += 1
                made, found = convert_flavor(item, options.scope, options.memory)
                definitions += made
                entries += found
        if not count:
            names = ", ".join(name for name, _ in given)
            raise InputError(f"{names}: there is no {' or '.join(_FLAVORS)} of {FLAVOR_GROUP}v1alpha1")
        return Imported(definitions, entries)


SOURCE = _Flavors()


def convert_flavor(item: Manifest, scope: str = "", memory: str = "") -> tuple[list[Definition], list[Entry]]:
    """The instancetypes and preferences of one manifest of that group, and what became of each of its keys."""
    definitions: list[Definition] = []
    entries: list[Entry] = []
    if text(item, "kind") in _FLAVORS:
        for label, profile, fields in _profiles(item):
            made, found = _convert(item, label, profile, fields, (scope, memory))
            definitions += made
            entries += found
    elif text(item, "kind") in PREFERENCE_KINDS:
        definitions.append(_preference(item))
    return definitions, entries


def _manifests(documents: Iterable[Any]) -> Iterator[Manifest]:
    for document in documents:
        items = document.get("items") if isinstance(document, dict) else None
        if isinstance(items, list):
            yield from _manifests(items)
        elif isinstance(document, dict) and text(document, "apiVersion").startswith(FLAVOR_GROUP):
            yield document


def _profiles(item: Manifest) -> Iterator[tuple[str, Manifest, Manifest]]:
    """(object name, the profile for the report, the fields of a domain in it) of each profile."""
    profiles = item.get("profiles")
    if isinstance(profiles, list):
        for number, profile in enumerate(profiles, 1):
            if isinstance(profile, dict):
                own = text(profile, "name") or str(number)
                template = profile.get("domainTemplate")
                flat = {key: value for key, value in profile.items() if key != "domainTemplate"}
                record = flat | template if isinstance(template, dict) else flat
                yield slug(f"{name_of(item)}.{own}"), record, record
    else:
        spec = mapping(item, "spec")
        yield slug(name_of(item)), spec, spec


def _convert(
    item: Manifest, label: str, record: Manifest, fields: Manifest, choices: tuple[str, str]
) -> tuple[list[Definition], list[Entry]]:
    scope, memory = choices
    flavor = f"{name_of(item)}/{text(record, 'name')}" if text(record, "name") else name_of(item)
    instancetype = _moved(fields, _TO_INSTANCETYPE)
    preference = _moved(fields, _TO_PREFERENCE)
    decided: dict[str, tuple[str, str]] = {}
    _cpu(fields, instancetype, preference, decided)
    if "bios" in mapping(fields, "firmware", "bootloader"):
        preference.setdefault("firmware", {})["preferredUseBios"] = True
    _memory(fields, instancetype, memory, decided)
    if not is_quantity(mapping(instancetype, "memory").get("guest")):
        return [], [Entry(flavor, ALL, None, SKIPPED, "it says no memory, which an instancetype has to; give --memory")]
    if "guest" not in mapping(instancetype, "cpu"):
        return [], [Entry(flavor, ALL, None, SKIPPED, "its number of vCPUs is no number above zero")]
    kinds = _FLAVORS["VirtualMachineFlavor" if scope == "Namespaced" else "VirtualMachineClusterFlavor"]
    kinds = kinds if scope else _FLAVORS[text(item, "kind")]
    header = [f"Profile {flavor} of {text(item, 'kind')}, by krm-fn import flavor."]
    made = [Definition(_object(kinds[0], label, item, instancetype), header, {})]
    if preference:
        modernise(preference)
        made.append(Definition(_object(kinds[1], label, item, preference), header, {}))
    return made, account(flavor, record, _FATES, decided)


def _moved(fields: Manifest, table: dict[str, str]) -> Manifest:
    """The fields that a table names, at their new places."""
    made: Manifest = {}
    for source, target in table.items():
        value = find(fields, source.split("."))
        if value is not None:
            *way, last = target.split(".")
            make(made, way)[last] = copy_tree(value)
    return made


def _cpu(fields: Manifest, instancetype: Manifest, preference: Manifest, decided: dict[str, tuple[str, str]]) -> None:
    """Set the number of vCPUs and, where the flavor says how they are arranged, the topology."""
    cpu = mapping(fields, "cpu")
    counts = [whole(cpu.get(part)) for part in ("sockets", "cores", "threads")]
    target = instancetype.setdefault("cpu", {})
    given = whole(target.pop("guest", None))
    product = 1
    for count in counts:
        product *= count if count and count > 0 else 1
    vcpus = given or product
    if 0 < vcpus < 1 << 31:
        target["guest"] = vcpus
    if given or not any(counts):
        return
    found = preference_for(vcpus, (counts[0] or 1, counts[1] or 1, counts[2] or 1))
    if found:
        preference.setdefault("cpu", {}).update(found[1]["cpu"])
        return
    for part in ("sockets", "cores", "threads"):
        detail = "in spec.cpu.guest; no topology of a preference gives these counts"
        decided[f"cpu.{part}"] = (LOST, detail)


def _memory(fields: Manifest, instancetype: Manifest, memory: str, decided: dict[str, tuple[str, str]]) -> None:
    """Set the guest's memory: its own, else what it requests, else the user's choice."""
    target = instancetype.setdefault("memory", {})
    requested = mapping(fields, "resources", "requests").get("memory")
    if "guest" not in target and requested is not None:
        target["guest"] = requested
        decided["resources.requests.memory"] = (MAPPED, "spec.memory.guest of the instancetype")
    elif "guest" not in target and memory:
        target["guest"] = memory


def _object(kind: str, name: str, item: Manifest, spec: Manifest) -> Manifest:
    metadata: Manifest = {"name": name}
    if kind not in CLUSTER_KINDS and namespace_of(item):
        metadata["namespace"] = namespace_of(item)
    for key in ("labels", "annotations"):
        if mapping(item, "metadata", key):
            metadata[key] = dict(item["metadata"][key])
    return {"apiVersion": INSTANCETYPE_API, "kind": kind, "metadata": metadata, "spec": spec}


def _preference(item: Manifest) -> Definition:
    """A preference that was once in the flavors' group."""
    made = copy_tree(item) | {"apiVersion": INSTANCETYPE_API}
    if isinstance(made.get("spec"), dict):
        modernise(made["spec"], value_topology=True)
    return Definition(made, [f"From {text(item, 'apiVersion')}, by krm-fn import flavor."], {})
