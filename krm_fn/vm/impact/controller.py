"""The passes of KubeVirt's controllers over a VirtualMachine that was changed while its machine runs.

Each function is one step of a pass, in the order of the controller's own. Steps work on plain copies: `Running` is the
state of the machine between them. Source: KubeVirt 1.9, pkg/virt-controller/watch/vm/vm.go (sync) and the files named below.
"""

from __future__ import annotations

from krm_fn.core import quantity
from krm_fn.core.manifest import copy_tree
from krm_fn.core.section import find, make
from krm_fn.vm.impact import memory, messages
from krm_fn.vm.impact.alike import ABSENT, differences, normal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_fn.core.manifest import Manifest
    from krm_fn.vm.impact.alike import Difference
    from krm_fn.vm.impact.cluster import Cluster

_PASSES = 6
MIGRATION = "Migration"
_SYNCED_ANNOTATIONS = (
    "descheduler.alpha.kubernetes.io/evict",
    "descheduler.alpha.kubernetes.io/prefer-no-eviction",
)
_BACKUP_HOOKS = "kubevirt.io/skip-backup-hooks"


class Running:
    """A machine that runs, and what a change does to it.

    machine:   its metadata (labels, annotations) and spec. booted: the same as it was started.
    live:      kinds of what was patched, in order. restart: the message of RestartRequired, or "".
    blocked:   the fields because of which nothing but a restart helps: (path below the VM's template spec, from, to).
    stuck:     the error that every pass ends with, or "". plugs: interfaces for which a migration may be needed.
    cleared:   the interfaces that the controller took out of the stored VM.
    """

    __slots__ = ("attached", "blocked", "booted", "cleared", "live", "machine", "migrated", "restart", "restart_field", "stuck")

    def __init__(self, machine: Manifest) -> None:
        self.booted = machine
        self.machine: Manifest = copy_tree(machine)
        self.live: list[str] = []
        self.restart = self.restart_field = self.stuck = ""
        self.blocked: list[Difference] = []
        self.cleared: list[str] = []
        self.migrated: list[str] = []
        self.attached = {name for name, volume in _by_name(machine["spec"].get("volumes")).items() if _plugs(volume)}

    def note(self, kind: str) -> None:
        """Remember that something of this kind was patched."""
        if kind not in self.live:
            self.live.append(kind)


class Change:
    """What the controller looks at in every pass.

    vm: the stored VM, whose interfaces it may take out, in place. seen: the template spec of the start revision with its
    instancetype and preference applied, None when these can't be found any more. apply: the VM to the template spec with
    the current ones applied. migratable: the machine's own condition.
    """

    __slots__ = ("apply", "cluster", "migratable", "seen", "vm")

    def __init__(self, vm: Manifest, seen: Manifest | None, apply: Any, cluster: Cluster, *, migratable: bool) -> None:
        self.vm = vm
        self.seen = seen
        self.apply = apply
        self.cluster = cluster
        self.migratable = migratable


def run(change: Change, running: Running) -> None:
    """Passes over the change until nothing moves any more."""
    for _ in range(_PASSES):
        before = (list(running.live), running.restart, running.stuck, copy_tree(running.machine), copy_tree(change.vm["spec"]))
        _pass(change, running)
        if before == (running.live, running.restart, running.stuck, running.machine, change.vm["spec"]):
            return


def compare(change: Change, running: Running) -> None:
    """Only the comparison that every pass begins with: what is left to a machine that is being stopped."""
    _needs_restart(change, change.apply(change.vm), running)


def _pass(change: Change, running: Running) -> None:
    cluster = change.cluster
    running.stuck = ""
    current = change.apply(change.vm)
    blocked = _needs_restart(change, current, running)
    _networks(change, running)
    if cluster.declarative and not _migrates(change.vm):
        running.stuck = _plug_volumes(change.vm, running)
        if running.stuck:
            return
    _annotations(change.vm, running)
    if not cluster.live_update or blocked:
        return
    if running.restart == messages.NOT_LIVE:  # only while the start revision can't be read
        return
    running.restart = running.restart_field = ""
    running.stuck = _sockets(change, current, running)
    if running.stuck:
        return
    for key, kind in (("affinity", "affinity"), ("nodeSelector", "nodeSelector"), ("tolerations", "tolerations")):
        _copied(current, running, key, kind)
    _memory(change, current, running)
    if _migrates(change.vm):
        _migrate_volumes(change, running)


def _object(running: Running, message: str, field: str) -> None:
    """Set the condition; a message that is there already stays."""
    if not running.restart:
        running.restart, running.restart_field = message, field


# --- what only a restart brings (syncRestartRequired) ---


def _needs_restart(change: Change, current: Manifest, running: Running) -> bool:
    if change.seen is None:
        return False
    seen = dict(change.seen)
    seen["domain"] = dict(seen.get("domain") or {})
    seen["domain"]["devices"] = dict(seen["domain"].get("devices") or {})
    devices = find(current, ("domain", "devices")) or {}
    if live_volumes(change.seen, current, migrates=_migrates(change.vm)):
        _copy_key(seen, current, "volumes")
    if live_disks(change.seen, current):
        _copy_key(seen["domain"]["devices"], devices, "disks")
    if change.cluster.live_update:
        _copy_live(seen, current)
    if not networks_need_restart(current, running.machine["spec"], network_live=change.cluster.network_live):
        _copy_key(seen["domain"]["devices"], devices, "interfaces")
        _copy_key(seen, current, "networks")
    own = find(current, ("domain", "firmware", "uuid"))
    if own and own == find(running.machine, ("spec", "domain", "firmware", "uuid")):
        seen["domain"]["firmware"] = {**(seen["domain"].get("firmware") or {}), "uuid": own}
    left, right = normal(seen, "spec"), normal(current, "spec")
    if left == right:
        if running.restart == messages.NOT_LIVE:
            running.restart = ""
        running.blocked = []
        return False
    running.restart, running.restart_field = messages.NOT_LIVE, ""
    running.blocked = list(differences(left, right, ""))
    return True


def _copy_key(here: Manifest, source: Manifest, key: str) -> None:
    if source.get(key) is None:
        here.pop(key, None)
    else:
        here[key] = source[key]


def _copy_live(seen: Manifest, current: Manifest) -> None:
    """Take over what LiveUpdate changes in a running machine."""
    domain, now = seen["domain"], current.get("domain") or {}
    if domain.get("cpu") is not None and now.get("cpu") is not None:
        domain["cpu"] = dict(domain["cpu"])
        _copy_key(domain["cpu"], now["cpu"], "sockets")
    if (now.get("memory") or {}).get("guest") is not None:
        domain["memory"] = {**(domain.get("memory") or {}), "guest": now["memory"]["guest"]}
    for key in ("nodeSelector", "affinity", "tolerations"):
        _copy_key(seen, current, key)


def live_volumes(seen: Manifest, current: Manifest, *, migrates: bool) -> bool:
    """Whether all changes of volumes are ones of hotpluggable volumes or of volumes that are migrated."""
    left = _by_name(seen.get("volumes"))
    for volume in current.get("volumes") or ():
        old = left.get(volume.get("name"))
        moves = migrates and any(volume.get(key) is not None for key in ("persistentVolumeClaim", "dataVolume"))
        if _plugs(volume):
            left.pop(volume.get("name"), None)
        elif old is None or not (moves or normal(old) == normal(volume)):
            return False
        else:
            del left[volume.get("name")]
    return all(_plugs(volume) for volume in left.values())


def live_disks(seen: Manifest, current: Manifest) -> bool:
    """Whether all changes of disks are ones of disks of hotpluggable volumes."""
    left = _by_name(find(seen, ("domain", "devices", "disks")))
    new = find(current, ("domain", "devices", "disks")) or ()
    old_volumes, volumes = _by_name(seen.get("volumes")), _by_name(current.get("volumes"))
    for disk in new:
        name = disk.get("name")
        if name in volumes and _plugs(volumes[name]):
            left.pop(name, None)
        elif name not in left or normal(left[name]) != normal(disk):
            return False
        else:
            del left[name]
    names = {disk.get("name") for disk in new}
    return not any(
        (name in old_volumes and not _plugs(old_volumes[name])) or (disk.get("cdrom") is not None and name not in names)
        for name, disk in left.items()
    )


def networks_need_restart(current: Manifest, machine: Manifest, *, network_live: bool) -> bool:
    """Whether the interfaces and networks of a VM differ from its machine's in what only a restart brings.

    Source: KubeVirt 1.9, pkg/network/vmliveupdate/restart.go.
    """
    wanted, present = (_by_name(find(side, ("domain", "devices", "interfaces"))) for side in (current, machine))
    for name, interface in present.items():
        if name not in wanted or _without(wanted[name], "state") != _without(interface, "state"):
            return True
    wanted, present = _by_name(current.get("networks")), _by_name(machine.get("networks"))
    if _has_pod(wanted) and not _has_pod(present):
        return True
    for name, network in present.items():
        if name not in wanted:
            return True
        left, right = wanted[name], network
        if network_live:
            left, right = _without_name(left), _without_name(right)
        if normal(left) != normal(right):
            return True
    return False


def _has_pod(networks: dict[str, Manifest]) -> bool:
    return any(network.get("pod") is not None for network in networks.values())


def _without(part: Manifest, key: str) -> Any:
    return normal({name: value for name, value in part.items() if name != key})


def _without_name(network: Manifest) -> Manifest:
    multus = network.get("multus")
    return network if multus is None else {**network, "multus": {**multus, "networkName": ""}}


# --- interfaces (pkg/network/controllers/vm.go) ---


def _networks(change: Change, running: Running) -> None:
    template, spec = change.vm["spec"]["template"]["spec"], running.machine["spec"]
    statuses = set(_by_name(find(spec, ("domain", "devices", "interfaces"))))
    detached = {
        name
        for side in (template, spec)
        for name, interface in _by_name(find(side, ("domain", "devices", "interfaces"))).items()
        if interface.get("state") == "absent" and (name not in statuses or _is_absent(spec, name))
    }
    if detached:
        for side in (template, spec):
            _take_out(side, detached)
        running.cleared += sorted(detached - set(running.cleared))
    devices = make(spec, ("domain", "devices"))
    networks = _by_name(template.get("networks"))
    present = _by_name(devices.get("interfaces"))
    for interface in find(template, ("domain", "devices", "interfaces")) or ():
        name, state = interface.get("name"), interface.get("state") or ""
        here = present.get(name)
        if here is None:
            if state != "absent" and any(interface.get(key) is not None for key in ("bridge", "sriov")) and name in networks:
                devices["interfaces"] = [*(devices.get("interfaces") or ()), copy_tree(interface)]
                spec["networks"] = [*(spec.get("networks") or ()), copy_tree(networks[name])]
                running.note("interfaces")
            continue
        if state != (here.get("state") or "") and here.get("state") != "absent":
            here["state"] = state
            running.note("interfaces")
        _rename(networks.get(name), spec, name, change, running)


def _rename(wanted: Manifest | None, spec: Manifest, name: Any, change: Change, running: Running) -> None:
    """Take over another Multus network under the same name."""
    here = _by_name(spec.get("networks")).get(name)
    if not change.cluster.network_live or wanted is None or here is None:
        return
    new, old = (find(side, ("multus", "networkName")) for side in (wanted, here))
    if new and old and new != old:
        here["multus"]["networkName"] = new
        running.note("interfaces")


def _is_absent(spec: Manifest, name: str) -> bool:
    return bool(_by_name(find(spec, ("domain", "devices", "interfaces")))[name].get("state") == "absent")


def _take_out(spec: Manifest, names: set[str]) -> None:
    devices = find(spec, ("domain", "devices")) or {}
    for parent, key in ((devices, "interfaces"), (spec, "networks")):
        if parent.get(key):
            parent[key] = [entry for entry in parent[key] if entry.get("name") not in names]


# --- hotpluggable volumes (pkg/storage/hotplug, pkg/storage/admitters/storagehotplug.go) ---


def _plug_volumes(vm: Manifest, running: Running) -> str:
    """Plug and unplug volumes; returns why the machine's webhook refuses it, or ""."""
    template, spec = vm["spec"]["template"]["spec"], running.machine["spec"]
    wanted, present = _by_name(template.get("volumes")), _by_name(spec.get("volumes"))
    gone = {
        name
        for name, volume in present.items()
        if _plugs(volume) and (name not in wanted or (_plugs(wanted[name]) and normal(wanted[name]) != normal(volume)))
    }
    volumes = [volume for volume in spec.get("volumes") or () if volume.get("name") not in gone]
    names = set(_by_name(volumes))
    if not gone:  # a volume that is changed is taken out first, and put in by a later pass
        volumes += [volume for volume in template.get("volumes") or () if _plugs(volume) and volume.get("name") not in names]
    by_name = _by_name(volumes)
    own = find(template, ("domain", "devices", "disks")) or []
    own_names = {disk.get("name") for disk in own}
    old = find(spec, ("domain", "devices", "disks")) or []
    disks = [disk for disk in old if _stays(disk, own_names, by_name, present)]
    old_names = {disk.get("name") for disk in disks}
    disks += [disk for disk in own if disk.get("name") not in old_names and _plugs(by_name.get(disk.get("name")) or {})]
    if normal(volumes) == normal(spec.get("volumes")) and normal(disks) == normal(old):
        return ""
    added = [name for name in by_name if name not in present]
    for name in added:
        trouble = _unpluggable(_by_name(disks).get(name), name) if name not in _by_name(old) else ""
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
        return name in own or not _plugs(before.get(name) or {})
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


# --- annotations ---


def _annotations(vm: Manifest, running: Running) -> None:
    """Take over the few annotations that stay in step while a machine runs."""
    here = running.machine["metadata"]["annotations"]
    template = find(vm, ("spec", "template", "metadata", "annotations")) or {}
    own = find(vm, ("metadata", "annotations")) or {}
    for source, key in (*((template, key) for key in _SYNCED_ANNOTATIONS), (own, _BACKUP_HOOKS)):
        if source.get(key) != here.get(key):
            if source.get(key) is None:
                del here[key]
            else:
                here[key] = source[key]
            running.note("annotations")


# --- sockets, scheduling, memory ---


def _sockets(change: Change, current: Manifest, running: Running) -> str:
    cpu, here = (find(side, ("domain", "cpu")) for side in (current, running.machine["spec"]))
    if cpu is None or here is None:
        return ""
    wanted, present = cpu.get("sockets") or 0, here.get("sockets") or 0
    field = "domain.cpu.sockets"
    if wanted == present:
        return ""
    if wanted > (here.get("maxSockets") or 0):
        _object(running, messages.SOCKETS_BEYOND, field)
    elif wanted < present:
        _object(running, messages.SOCKETS_FEWER, field)
    elif current.get("architecture") == "arm64":
        _object(running, messages.SOCKETS_ARM, field)
    elif not present:
        return messages.SOCKETS_UNSET
    else:
        here["sockets"] = wanted
        running.note("cpu")
    return ""


def _copied(current: Manifest, running: Running, key: str, kind: str) -> None:
    spec = running.machine["spec"]
    if normal(current.get(key), key) != normal(spec.get(key), key):
        _copy_key(spec, current, key)
        running.note(kind)


def _memory(change: Change, current: Manifest, running: Running) -> None:
    """Source: vm.go, handleMemoryHotplugRequest."""
    wanted, here = (find(side, ("domain", "memory")) for side in (current, running.machine["spec"]))
    if not wanted or not here or wanted.get("guest") is None or here.get("guest") is None:
        return
    field = "domain.memory.guest"
    guest = quantity.nano(wanted["guest"])
    if guest == quantity.nano(here["guest"]):
        return
    if not change.migratable:
        _object(running, messages.MEMORY_NOT_MIGRATABLE, field)
        return
    if here.get("maxGuest") is None:
        _object(running, messages.MEMORY_NO_ROOM, field)
        return
    trouble = memory.problem(current, here["maxGuest"])
    if trouble:
        _object(running, messages.MEMORY_UNSUPPORTED + trouble, field)
    elif guest < quantity.nano(running.booted["spec"]["domain"]["memory"]["guest"]):
        _object(running, messages.MEMORY_BELOW_BOOT, field)
    else:
        here["guest"] = wanted["guest"]
        running.note("memory")


# --- volumes that are migrated (pkg/virt-controller/watch/volume-migration) ---


def _migrate_volumes(change: Change, running: Running) -> None:
    spec = running.machine["spec"]
    present = _by_name(spec.get("volumes"))
    disks = _by_name(find(spec, ("domain", "devices", "disks")))
    shares = _by_name(find(spec, ("domain", "devices", "filesystems")))
    moved: list[Manifest] = []
    refused: dict[str, list[str]] = {}
    for volume in change.vm["spec"]["template"]["spec"].get("volumes") or ():
        name, claim = volume.get("name") or "", _claim(volume)
        old = _claim(present.get(name) or {})
        if not claim or not old or claim == old:
            continue
        disk = disks.get(name) or {}
        kind = "filesystems" if name in shares else "shareable" if disk.get("shareable") else "luns"
        if name in shares or disk.get("shareable") or disk.get("lun") is not None:
            refused.setdefault(kind, []).append(name)
        moved.append(volume)
    if refused:
        words = " ".join(f"{kind}: [{' '.join(refused[kind])}]" for kind in ("filesystems", "shareable", "luns") if kind in refused)
        _object(running, messages.VOLUMES_INVALID + words, "volumes")
        return
    if moved:
        names = {volume.get("name"): volume for volume in moved}
        spec["volumes"] = [copy_tree(names.get(volume.get("name"), volume)) for volume in spec["volumes"]]
        running.migrated = list(names)
        running.note("volumes")
        running.note("volumeMigration")


def _migrates(vm: Manifest) -> bool:
    return bool(vm["spec"].get("updateVolumesStrategy") == MIGRATION)


def _claim(volume: Manifest) -> str:
    """The claim that a volume leads to: a DataVolume's has its name."""
    for source, key in (("persistentVolumeClaim", "claimName"), ("dataVolume", "name")):
        part = volume.get(source)
        if part is not None:
            return part.get(key) or ""
    return ""


def _plugs(volume: Manifest) -> bool:
    """Whether a volume is marked as one that may be plugged while the machine runs."""
    return any((volume.get(source) or {}).get("hotpluggable") for source in ("persistentVolumeClaim", "dataVolume"))


def _by_name(entries: Any) -> dict[str, Manifest]:
    return {entry.get("name") or "": entry for entry in entries or ()}
