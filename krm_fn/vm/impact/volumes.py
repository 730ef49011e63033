"""Volumes that are plugged, unplugged and migrated while a machine runs.

Source: KubeVirt 1.9, pkg/storage/hotplug, pkg/storage/admitters/storagehotplug.go, pkg/virt-controller/watch/volume-migration.
"""

from __future__ import annotations

from krm_fn.core.fieldpath import find, make
from krm_fn.core.manifest import copy_tree
from krm_fn.vm.impact import messages
from krm_fn.vm.impact.equality import normal
from krm_fn.vm.impact.state import by_name, claim, object_to, plugs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_fn.core.manifest import Manifest
    from krm_fn.vm.impact.state import Change, Running


def plug(vm: Manifest, running: Running) -> str:
    """Plug and unplug volumes; returns why the machine's webhook refuses it, or ""."""
    template, spec = vm["spec"]["template"]["spec"], running.machine["spec"]
    wanted, present = by_name(template.get("volumes")), by_name(spec.get("volumes"))
    gone = {
        name
        for name, volume in present.items()
        if plugs(volume) and (name not in wanted or (plugs(wanted[name]) and normal(wanted[name]) != normal(volume)))
    }
    volumes = [volume for volume in spec.get("volumes") or () if volume.get("name") not in gone]
    names = set(by_name(volumes))
    if not gone:  # a volume that is changed is taken out first, and put in by a later pass
        volumes += [
            volume for volume in template.get("volumes") or () if plugs(volume) and volume.get("name") not in names
        ]
    named = by_name(volumes)
    own = find(template, ("domain", "devices", "disks")) or []
    own_names = {disk.get("name") for disk in own}
    old = find(spec, ("domain", "devices", "disks")) or []
    disks = [disk for disk in old if _stays(disk, own_names, named, present)]
    old_names = {disk.get("name") for disk in disks}
    disks += [disk for disk in own if disk.get("name") not in old_names and plugs(named.get(disk.get("name")) or {})]
    if normal(volumes) == normal(spec.get("volumes")) and normal(disks) == normal(old):
        return ""
    added = [name for name in named if name not in present]
    for name in added:
        trouble = _unpluggable(by_name(disks).get(name), name) if name not in by_name(old) else ""
        if trouble:
            return messages.HOTPLUG_REFUSED + trouble
    spec["volumes"] = copy_tree(volumes)
    make(spec, ("domain", "devices"))["disks"] = copy_tree(disks)
    running.note("volumes")
    return ""


def _stays(disk: Manifest, own: set[Any], volumes: dict[str, Manifest], before: dict[str, Manifest]) -> bool:
    """Whether a disk of the machine stays: permanent ones do, and a CD-ROM drive whose medium was taken out."""
    name = disk.get("name") or ""
    if name in volumes:
        return name in own or not plugs(before.get(name) or {})
    return disk.get("cdrom") is not None and name in own


def _unpluggable(disk: Manifest | None, name: str) -> str:
    if disk is None:
        return f"disk {name} does not exist"
    for target, buses in (("disk", ("scsi", "virtio")), ("lun", ("scsi",))):
        part = disk.get(target)
        if part is not None:
            bus = part.get("bus") or ""
            if bus not in buses:
                return messages.HOTPLUG_BUS[target].format(name=name, bus=bus)
            if disk.get("dedicatedIOThread") and bus != "virtio":
                return messages.HOTPLUG_IO_THREADS.format(name=name)
            return ""
    return messages.HOTPLUG_TARGET.format(name=name)


def migrate(change: Change, running: Running) -> None:
    """Let volumes whose claim changed be migrated, or say why they can't be."""
    spec = running.machine["spec"]
    present = by_name(spec.get("volumes"))
    disks = by_name(find(spec, ("domain", "devices", "disks")))
    shares = by_name(find(spec, ("domain", "devices", "filesystems")))
    moved: list[Manifest] = []
    refused: dict[str, list[str]] = {}
    for volume in change.vm["spec"]["template"]["spec"].get("volumes") or ():
        name, wanted = volume.get("name") or "", claim(volume)
        old = claim(present.get(name) or {})
        if not wanted or not old or wanted == old:
            continue
        disk = disks.get(name) or {}
        kind = "filesystems" if name in shares else "shareable" if disk.get("shareable") else "luns"
        if name in shares or disk.get("shareable") or disk.get("lun") is not None:
            refused.setdefault(kind, []).append(name)
        moved.append(volume)
    if refused:
        words = " ".join(
            f"{kind}: [{' '.join(refused[kind])}]" for kind in ("filesystems", "shareable", "luns") if kind in refused
        )
        object_to(running, messages.VOLUMES_INVALID + words, "volumes")
        return
    if moved:
        names = {volume.get("name"): volume for volume in moved}
        spec["volumes"] = [copy_tree(names.get(volume.get("name"), volume)) for volume in spec["volumes"]]
        running.migrated = [volume.get("name") or "" for volume in moved]
        running.note("volumes")
        running.note("volumeMigration")
