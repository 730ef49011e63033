"""What of a change only a restart brings: the comparison of the start revision with the VM as it is now.

Source: KubeVirt 1.9, pkg/virt-controller/watch/vm/vm.go (syncRestartRequired, validLiveUpdateVolumes, validLiveUpdateDisks).
"""

from __future__ import annotations

from krm_fn.core.fieldpath import find
from krm_fn.vm.impact import messages
from krm_fn.vm.impact.equality import differences, normal
from krm_fn.vm.impact.state import by_name, migrates, plugs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_fn.core.manifest import Manifest
    from krm_fn.vm.impact.state import Change, Running


def needs_restart(change: Change, current: Manifest, running: Running) -> bool:
    """Set or clear the condition; whether it is set. Nothing happens while the start revision can't be expanded."""
    if change.seen is None:
        return False
    seen = dict(change.seen)
    seen["domain"] = dict(seen.get("domain") or {})
    seen["domain"]["devices"] = dict(seen["domain"].get("devices") or {})
    devices = find(current, ("domain", "devices")) or {}
    if live_volumes(change.seen, current, migrates=migrates(change.vm)):
        copy_key(seen, current, "volumes")
    if live_disks(change.seen, current):
        copy_key(seen["domain"]["devices"], devices, "disks")
    if change.cluster.live_update:
        _copy_live(seen, current)
    if not networks_need_restart(current, running.machine["spec"], network_live=change.cluster.network_live):
        copy_key(seen["domain"]["devices"], devices, "interfaces")
        copy_key(seen, current, "networks")
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


def copy_key(here: Manifest, source: Manifest, key: str) -> None:
    """Give a key the source's value, or take it away where the source has none, in place."""
    if source.get(key) is None:
        here.pop(key, None)
    else:
        here[key] = source[key]


def _copy_live(seen: Manifest, current: Manifest) -> None:
    """Take over what LiveUpdate changes in a running machine."""
    domain, now = seen["domain"], current.get("domain") or {}
    if domain.get("cpu") is not None and now.get("cpu") is not None:
        domain["cpu"] = dict(domain["cpu"])
        copy_key(domain["cpu"], now["cpu"], "sockets")
    if (now.get("memory") or {}).get("guest") is not None:
        domain["memory"] = {**(domain.get("memory") or {}), "guest": now["memory"]["guest"]}
    for key in ("nodeSelector", "affinity", "tolerations"):
        copy_key(seen, current, key)


def live_volumes(seen: Manifest, current: Manifest, *, migrates: bool) -> bool:
    """Whether all changes of volumes are ones of hotpluggable volumes or of volumes that are migrated."""
    left = by_name(seen.get("volumes"))
    for volume in current.get("volumes") or ():
        old = left.get(volume.get("name"))
        moves = migrates and any(volume.get(key) is not None for key in ("persistentVolumeClaim", "dataVolume"))
        if plugs(volume):
            left.pop(volume.get("name"), None)
        elif old is None or not (moves or normal(old) == normal(volume)):
            return False
        else:
            del left[volume.get("name")]
    return all(plugs(volume) for volume in left.values())


def live_disks(seen: Manifest, current: Manifest) -> bool:
    """Whether all changes of disks are ones of disks of hotpluggable volumes."""
    left = by_name(find(seen, ("domain", "devices", "disks")))
    new = find(current, ("domain", "devices", "disks")) or ()
    old_volumes, volumes = by_name(seen.get("volumes")), by_name(current.get("volumes"))
    for disk in new:
        name = disk.get("name")
        if name in volumes and plugs(volumes[name]):
            left.pop(name, None)
        elif name not in left or normal(left[name]) != normal(disk):
            return False
        else:
            del left[name]
    names = {disk.get("name") for disk in new}
    return not any(
        (name in old_volumes and not plugs(old_volumes[name])) or (disk.get("cdrom") is not None and name not in names)
        for name, disk in left.items()
    )


def networks_need_restart(current: Manifest, machine: Manifest, *, network_live: bool) -> bool:
    """Whether the interfaces and networks of a VM differ from its machine's in what only a restart brings.

    Source: KubeVirt 1.9, pkg/network/vmliveupdate/restart.go.
    """
    wanted, present = (by_name(find(side, ("domain", "devices", "interfaces"))) for side in (current, machine))
    for name, interface in present.items():
        if name not in wanted or _without(wanted[name], "state") != _without(interface, "state"):
            return True
    wanted, present = by_name(current.get("networks")), by_name(machine.get("networks"))
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
