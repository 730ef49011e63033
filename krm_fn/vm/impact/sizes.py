"""CPU sockets, memory, scheduling and annotations that change while a machine runs.

Source: KubeVirt 1.9, pkg/virt-controller/watch/vm/vm.go (handleCPUChangeRequest, handleAffinityChangeRequest,
handleTolerationsChangeRequest, handleMemoryHotplugRequest, syncDynamicAnnotationsAndLabelsToVMI).
"""

from __future__ import annotations

from krm_fn.core import quantity
from krm_fn.core.fieldpath import find
from krm_fn.vm.impact import memory, messages
from krm_fn.vm.impact.equality import normal
from krm_fn.vm.impact.restart import copy_key
from krm_fn.vm.impact.state import object_to

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_fn.core.manifest import Manifest
    from krm_fn.vm.impact.state import Change, Running

_SYNCED_ANNOTATIONS = (
    "descheduler.alpha.kubernetes.io/evict",
    "descheduler.alpha.kubernetes.io/prefer-no-eviction",
)
_BACKUP_HOOKS = "kubevirt.io/skip-backup-hooks"


def sockets(current: Manifest, running: Running) -> str:
    """Plug CPU sockets, or say why a restart is needed; returns the error that keeps the pass from going on."""
    cpu, here = (find(side, ("domain", "cpu")) for side in (current, running.machine["spec"]))
    if cpu is None or here is None:
        return ""
    wanted, present = cpu.get("sockets") or 0, here.get("sockets") or 0
    field = "domain.cpu.sockets"
    if wanted == present:
        return ""
    if wanted > (here.get("maxSockets") or 0):
        object_to(running, messages.SOCKETS_BEYOND, field)
    elif wanted < present:
        object_to(running, messages.SOCKETS_FEWER, field)
    elif current.get("architecture") == "arm64":
        object_to(running, messages.SOCKETS_ARM, field)
    elif not present:
        return messages.SOCKETS_UNSET
    else:
        here["sockets"] = wanted
        running.note("cpu")
    return ""


def copied(current: Manifest, running: Running, key: str, kind: str) -> None:
    """Take over a field that only counts when the machine is scheduled again."""
    spec = running.machine["spec"]
    if normal(current.get(key), key) != normal(spec.get(key), key):
        copy_key(spec, current, key)
        running.note(kind)


def guest_memory(change: Change, current: Manifest, running: Running) -> None:
    """Source: vm.go, handleMemoryHotplugRequest."""
    wanted, here = (find(side, ("domain", "memory")) for side in (current, running.machine["spec"]))
    if not wanted or not here or wanted.get("guest") is None or here.get("guest") is None:
        return
    field = "domain.memory.guest"
    guest = quantity.nano(wanted["guest"])
    if guest == quantity.nano(here["guest"]):
        return
    if not change.migratable:
        object_to(running, messages.MEMORY_NOT_MIGRATABLE, field)
        return
    if here.get("maxGuest") is None:
        object_to(running, messages.MEMORY_NO_ROOM, field)
        return
    trouble = memory.problem(current, here["maxGuest"])
    if trouble:
        object_to(running, messages.MEMORY_UNSUPPORTED + trouble, field)
    elif guest < quantity.nano(running.booted["spec"]["domain"]["memory"]["guest"]):
        object_to(running, messages.MEMORY_BELOW_BOOT, field)
    else:
        here["guest"] = wanted["guest"]
        running.note("memory")


def synced_annotations(vm: Manifest, running: Running) -> None:
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
