"""A VirtualMachine as the cluster stores it: what `kubectl apply` merges and what the mutating webhook writes.

Source: KubeVirt 1.9, pkg/virt-api/webhooks/mutating-webhook/mutators/vm-mutator.go, pkg/instancetype/webhooks/vm/mutator.go,
pkg/defaults/defaults.go; apimachinery's jsonmergepatch.
"""

from __future__ import annotations

from krm_fn.core.fieldpath import find, make
from krm_fn.core.manifest import copy_tree, mapping, text, without_nulls

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_fn.core.manifest import Manifest
    from krm_fn.vm.impact.cluster import Cluster

RANDOM = "(random)"
"""Stands for the firmware's uuid and serial, which KubeVirt draws when a VM is created."""


def created(vm: Manifest, preference: Manifest | None, cluster: Cluster) -> Manifest:
    """A new VM as it is stored."""
    out = updated(copy_tree(vm), preference, cluster)
    firmware = make(out, ("spec", "template", "spec", "domain", "firmware"))
    for key in ("uuid", "serial"):
        firmware[key] = firmware.get(key) or RANDOM
    return out


def updated(vm: Manifest, preference: Manifest | None, cluster: Cluster) -> Manifest:
    """Write what the webhook writes into a VM at each change, in place; returns the VM."""
    spec = make(vm, ("spec", "template", "spec"))
    preference_spec = mapping(preference, "spec")
    spec["architecture"] = (
        text(spec, "architecture") or text(preference_spec, "preferredArchitecture") or cluster.architecture
    )
    if not find(spec, ("domain", "machine", "type")):
        preferred = text(mapping(preference_spec, "machine"), "preferredMachineType")
        make(spec, ("domain", "machine"))["type"] = preferred or cluster.machine_type(spec["architecture"])
    return vm


def merged(before: Any, after: Any, live: Any) -> Any:
    """The object that `kubectl apply` makes of the live one: maps merged, everything else replaced.

    What `before` had and `after` has not is removed; what only the cluster wrote stays. A new value; a null is a removal.
    """
    if not isinstance(after, dict) or not isinstance(live, dict):
        return copy_tree(without_nulls(after))
    old = before if isinstance(before, dict) else {}
    out = {key: copy_tree(value) for key, value in live.items() if key in after or key not in old}
    for key, value in after.items():
        if value is None:
            out.pop(key, None)
        else:
            out[key] = merged(old.get(key), value, live.get(key))
    return out
