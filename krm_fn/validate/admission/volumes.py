"""Volumes: exactly one source each, and what each source needs."""

from __future__ import annotations

from krm_fn.core.manifest import mapping, text
from krm_fn.kubevirt.defaulted import amount, entries
from krm_fn.validate.admission.formats import is_file_path
from krm_fn.validate.admission.machine import has
from krm_fn.validate.admission.rule import CRD, START, VMI_ADMITTER, D, Rule, T, name_of, repeated, when

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from krm_fn.validate.admission.machine import Machine
    from krm_fn.validate.admission.rule import Check, Found

VOLUMES = f"{T}.volumes"
_SOURCES = frozenset(
    (
        "persistentVolumeClaim",
        "sysprep",
        "cloudInitNoCloud",
        "cloudInitConfigDrive",
        "containerDisk",
        "ephemeral",
        "emptyDisk",
        "hostDisk",
        "dataVolume",
        "configMap",
        "secret",
        "downwardAPI",
        "serviceAccount",
        "downwardMetrics",
        "memoryDump",
        "containerPath",
    )
)
_SOURCE = f"{VMI_ADMITTER}: validateVolumes"
_STORAGE_SOURCE = "pkg/storage/admitters"
_CRD_SOURCE = "the schema of the VirtualMachine CRD, generated from staging/src/kubevirt.io/api/core/v1/schema.go"
_HOST_DISK_TYPES = ("Disk", "DiskOrCreate")
_PATH_LENGTH = 4096
_PRIVATE = ("/var/run/kubevirt", "/var/run/libvirt")
_PATH = f"{VOLUMES}[%d].containerPath"
_START_PATH = f"{D}.volumes[%d]"


def _duplicate_names(machine: Machine, _template: Any, _index: Any) -> Iterable[Found]:
    if len(machine.volumes_by_name) == len(machine.volumes):
        return ()
    found = repeated(machine.volumes, name_of)
    return [(f"{VOLUMES}[{index}].name", name) for index, name in found]


def _source_count(_machine: Machine, volume: Any, _index: Any) -> Iterable[Found]:
    count = sum(key in _SOURCES and isinstance(value, dict) for key, value in volume.items())
    problem = "no source" if count == 0 else "more than one source"
    return ((None, None, {"name": text(volume, "name")[:80], "problem": problem}),) if count != 1 else ()


def _several(source: str) -> Check:
    """A check of a volume with this source: whether an earlier one has it too."""

    def check(machine: Machine, volume: Any, index: Any) -> Iterable[Found]:
        earlier = machine.volumes[:index]
        return ((None, None),) if has(volume, source) and any(has(other, source) for other in earlier) else ()

    return check


def _without_text(source: str, key: str) -> Check:
    return when(lambda _machine, volume: has(volume, source) and volume[source].get(key) in (None, ""))


def _in_path(wrong: Callable[[str], bool]) -> Check:
    def check(_machine: Machine, volume: Any, _index: Any) -> Iterable[Found]:
        path = mapping(volume, "containerPath").get("path")
        path = "" if path is None else path
        return ((None, path),) if isinstance(path, str) and wrong(path) else ()

    return check


def _host_disk(wrong: Callable[[Any], bool], key: str) -> Check:
    def check(_machine: Machine, volume: Any, _index: Any) -> Iterable[Found]:
        disk = volume["hostDisk"]
        return ((None, disk.get(key)),) if isinstance(disk, dict) and wrong(disk) else ()

    return check


def _has_filesystem(machine: Machine, volume: Any) -> bool:
    name = text(volume, "name")
    return any(text(filesystem, "name") == name for filesystem in entries(machine.devices, "filesystems"))


def _has_disk(machine: Machine, volume: Any) -> bool:
    name = text(volume, "name")
    return any(text(disk, "name") == name for disk in machine.disks)


_GENERAL_RULES = (
    Rule(
        "volume-name-duplicate",
        "template",
        "volumes",
        f"{VOLUMES}[].name",
        _duplicate_names,
        "another volume is already called {current}: give each volume a name of its own",
        "Disks and filesystems find their volume by name, so names are used once.",
        _SOURCE,
    ),
    Rule(
        "volume-source",
        "volume",
        "",
        f"{VOLUMES}[%d]",
        _source_count,
        'volume "{name}" has {problem}: write exactly one, such as containerDisk, persistentVolumeClaim,'
        " dataVolume or cloudInitNoCloud",
        "A volume is of one kind, and the kind is the one source that it has.",
        _SOURCE,
    ),
    Rule(
        "volume-data-volume-name",
        "volume",
        "dataVolume",
        f"{VOLUMES}[%d].name",
        _without_text("dataVolume", "name"),
        "the dataVolume of the volume has no name: write dataVolume: {{name: ...}}",
        "A dataVolume volume names the DataVolume or the dataVolumeTemplate that it is.",
        _SOURCE,
    ),
    *(
        Rule(
            f"volume-{name}",
            "volume",
            source,
            f"{VOLUMES}[%d].{source}.{key}",
            _without_text(source, key),
            f"the {source} volume has no {key}: write {source}: {{{{{key}: ...}}}}",
            f"A {source} volume shows an object of the namespace, which it has to name.",
            _SOURCE,
        )
        for source, key, name in (
            ("configMap", "name", "config-map-name"),
            ("secret", "secretName", "secret-name"),
            ("serviceAccount", "serviceAccountName", "service-account-name"),
        )
    ),
    *(
        Rule(
            f"several-{name}-volumes",
            "volume",
            source,
            VOLUMES,
            _several(source),
            f"there is more than one {source} volume: keep one",
            f"A machine can have one {source} volume.",
            _SOURCE,
            gate=gate,
        )
        for source, name, gate in (
            ("serviceAccount", "service-account", ""),
            ("downwardMetrics", "downward-metrics", "DownwardMetrics"),
            ("memoryDump", "memory-dump", ""),
        )
    ),
    Rule(
        "container-disk-path",
        "volume",
        "containerDisk",
        f"{VOLUMES}[%d].containerDisk",
        lambda _machine, volume, _index: (
            ((None, path),)
            if (path := text(mapping(volume, "containerDisk"), "path")) and not is_file_path(path)
            else ()
        ),
        "containerDisk.path {current} must be absolute and clean: write for example /disk/image.qcow2, without .."
        " or //",
        "The path leads to the disk's file inside the image, from its root.",
        f"{VMI_ADMITTER}: validatePath",
        alone=True,
    ),
    Rule(
        "utility-volumes",
        "template",
        "utilityVolumes",
        f"{T}.utilityVolumes",
        when(lambda _machine, template: bool(entries(template, "utilityVolumes"))),
        "utilityVolumes can't be written into a VirtualMachine: remove them",
        "KubeVirt adds and removes these volumes on running machines itself.",
        f"{_STORAGE_SOURCE}: utility volumes",
        since="1.8",
        alone=True,
    ),
)

_HOST_DISK_RULES = (
    Rule(
        "host-disk-path",
        "volume",
        "hostDisk",
        f"{VOLUMES}[%d].hostDisk.path",
        _host_disk(lambda disk: disk.get("path") in (None, ""), "path"),
        "hostDisk has no path: write the path of the image on the node",
        "A hostDisk is a file on the node, so it needs its path.",
        _SOURCE,
        gate="HostDisk",
    ),
    Rule(
        "host-disk-type",
        "volume",
        "hostDisk",
        f"{VOLUMES}[%d].hostDisk.type",
        _host_disk(
            lambda disk: (
                isinstance(disk.get("type", ""), (str, type(None))) and disk.get("type") not in _HOST_DISK_TYPES
            ),
            "type",
        ),
        "hostDisk.type {current} is unknown: write Disk or DiskOrCreate",
        "The file is either there, or is created when it is not.",
        _SOURCE,
        gate="HostDisk",
    ),
    Rule(
        "host-disk-capacity",
        "volume",
        "hostDisk",
        f"{VOLUMES}[%d].hostDisk.capacity",
        _host_disk(lambda disk: disk.get("type") == "Disk" and bool(amount(disk, "capacity")), "capacity"),
        "hostDisk.capacity goes with type DiskOrCreate: remove it, or write type: DiskOrCreate",
        "A file that is already there has its size.",
        _SOURCE,
        gate="HostDisk",
    ),
)

_CONTAINER_PATH_RULES = (
    Rule(
        "container-path",
        "volume",
        "containerPath",
        f"{_PATH}.path",
        _in_path(lambda path: not path.startswith("/") or ".." in path),
        "containerPath.path {current} must begin with / and hold no ..: write an absolute path",
        "The path is one inside the pod of the machine.",
        _CRD_SOURCE,
        stage=CRD,
        since="1.8",
        alone=True,
    ),
    Rule(
        "container-path-long",
        "volume",
        "containerPath",
        f"{_PATH}.path",
        _in_path(lambda path: len(path) > _PATH_LENGTH),
        f"containerPath.path is longer than {_PATH_LENGTH} characters: shorten it",
        "The path has the length that Linux allows at most.",
        _CRD_SOURCE,
        stage=CRD,
        since="1.8",
        alone=True,
    ),
    Rule(
        "container-path-writable",
        "volume",
        "containerPath",
        f"{_PATH}.readOnly",
        when(lambda _machine, volume: mapping(volume, "containerPath").get("readOnly") is False),
        "containerPath volumes are read-only: write readOnly: true or leave it out",
        "What another controller mounts into the pod is shown to the guest, not given to it.",
        _CRD_SOURCE,
        stage=CRD,
        since="1.8",
        alone=True,
    ),
    Rule(
        "container-path-without-filesystem",
        "volume",
        "containerPath",
        _START_PATH,
        when(lambda machine, volume: has(volume, "containerPath") and not _has_filesystem(machine, volume)),
        "the containerPath volume has no filesystem of its name: add one to devices.filesystems with virtiofs: {{}}",
        "A path in the pod is shared with the guest as a filesystem.",
        f"{_STORAGE_SOURCE}: containerPath volumes",
        stage=START,
        since="1.8",
    ),
    Rule(
        "container-path-on-disk",
        "volume",
        "containerPath",
        _START_PATH,
        when(lambda machine, volume: has(volume, "containerPath") and _has_disk(machine, volume)),
        "the containerPath volume is on a disk: remove the disk and add a filesystem of its name",
        "A path in the pod is no disk. A volume without filesystem gets a disk by itself.",
        f"{_STORAGE_SOURCE}: containerPath volumes",
        stage=START,
        since="1.8",
    ),
    Rule(
        "container-path-private",
        "volume",
        "containerPath",
        f"{_START_PATH}.containerPath.path",
        _in_path(lambda path: path.startswith(_PRIVATE)),
        "containerPath.path {current} is one of KubeVirt's own: write another path",
        "KubeVirt and libvirt keep their own files in these directories of the pod.",
        f"{_STORAGE_SOURCE}: containerPath volumes",
        stage=START,
        since="1.8",
        alone=True,
    ),
)

RULES = _GENERAL_RULES + _HOST_DISK_RULES + _CONTAINER_PATH_RULES
