"""The state of a running machine between the passes, and what the steps of a pass share."""

from __future__ import annotations

from krm_fn.core.manifest import copy_tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_fn.core.manifest import Manifest
    from krm_fn.vm.impact.cluster import Cluster
    from krm_fn.vm.impact.equality import Difference

MIGRATION = "Migration"


class Running:
    """A machine that runs, and what a change does to it.

    machine:   its metadata (labels, annotations) and spec. booted: the same as it was started.
    live:      kinds of what was patched, in order. restart: the message of RestartRequired, or "".
    blocked:   the fields because of which nothing but a restart helps: (path below the VM's template spec, from, to).
    stuck:     the error that every pass ends with, or "". plugs: interfaces for which a migration may be needed.
    cleared:   the interfaces that the controller took out of the stored VM.
    """

    __slots__ = (
        "attached",
        "blocked",
        "booted",
        "cleared",
        "live",
        "machine",
        "migrated",
        "restart",
        "restart_field",
        "stuck",
    )

    def __init__(self, machine: Manifest) -> None:
        self.booted = machine
        self.machine: Manifest = copy_tree(machine)
        self.live: list[str] = []
        self.restart = self.restart_field = self.stuck = ""
        self.blocked: list[Difference] = []
        self.cleared: list[str] = []
        self.migrated: list[str] = []
        self.attached = {name for name, volume in by_name(machine["spec"].get("volumes")).items() if plugs(volume)}

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


def object_to(running: Running, message: str, field: str) -> None:
    """Set the condition; a message that is there already stays."""
    if not running.restart:
        running.restart, running.restart_field = message, field


def migrates(vm: Manifest) -> bool:
    """Whether a VM wants changed volumes to be migrated."""
    return bool(vm["spec"].get("updateVolumesStrategy") == MIGRATION)


def claim(volume: Manifest) -> str:
    """The claim that a volume leads to: a DataVolume's has its name."""
    for source, key in (("persistentVolumeClaim", "claimName"), ("dataVolume", "name")):
        part = volume.get(source)
        if part is not None:
            return part.get(key) or ""
    return ""


def plugs(volume: Manifest) -> bool:
    """Whether a volume is marked as one that may be plugged while the machine runs."""
    return any((volume.get(source) or {}).get("hotpluggable") for source in ("persistentVolumeClaim", "dataVolume"))


def by_name(entries: Any) -> dict[str, Manifest]:
    """The entries of a list by their names; None is an empty list."""
    return {entry.get("name") or "": entry for entry in entries or ()}
