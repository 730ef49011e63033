"""The passes of KubeVirt's controllers over a VirtualMachine that was changed while its machine runs.

The steps are in the order of the controller's own. Source: KubeVirt 1.9, pkg/virt-controller/watch/vm/vm.go (sync).
"""

from __future__ import annotations

from krm_fn.core.manifest import copy_tree
from krm_fn.vm.impact import messages, networks, restart, sizes, volumes
from krm_fn.vm.impact.state import migrates

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_fn.vm.impact.state import Change, Running

_ANNOTATIONS_SINCE = "1.7"
_PASSES = 6
"""As many as it takes at most: a volume that is changed goes in one pass and comes in the next."""


def run(change: Change, running: Running) -> None:
    """Passes over the change until nothing moves any more."""
    for _ in range(_PASSES):
        before = (
            list(running.live),
            running.restart,
            running.stuck,
            copy_tree(running.machine),
            copy_tree(change.vm["spec"]),
        )
        _pass(change, running)
        if before == (running.live, running.restart, running.stuck, running.machine, change.vm["spec"]):
            return


def compare(change: Change, running: Running) -> None:
    """Only the comparison that every pass begins with: what is left to a machine that is being stopped."""
    restart.needs_restart(change, change.apply(change.vm), running)


def _pass(change: Change, running: Running) -> None:
    cluster = change.cluster
    running.stuck = ""
    current = change.apply(change.vm)
    blocked = restart.needs_restart(change, current, running)
    networks.step(change, running)
    if cluster.declarative and not migrates(change.vm):
        running.stuck = volumes.plug(change.vm, running)
        if running.stuck:
            return
    if cluster.since(_ANNOTATIONS_SINCE):
        sizes.synced_annotations(change.vm, running)
    if not cluster.live_update or blocked:
        return
    if running.restart == messages.NOT_LIVE:  # only while the start revision can't be read
        return
    running.restart = running.restart_field = ""
    running.stuck = sizes.sockets(current, running)
    if running.stuck:
        return
    for key, kind in (("affinity", "affinity"), ("nodeSelector", "nodeSelector"), ("tolerations", "tolerations")):
        sizes.copied(current, running, key, kind)
    sizes.guest_memory(change, current, running)
    if migrates(change.vm):
        volumes.migrate(change, running)
