"""A VirtualMachine with its instancetype and preference applied, and nothing else: what the controller compares.

Source: KubeVirt 1.9, pkg/instancetype/controller/vm/controller.go (ApplyToVM) and pkg/instancetype/apply/vmi.go.
"""

from __future__ import annotations

from krm_fn.core.fieldpath import find, make
from krm_fn.core.manifest import copy_tree
from krm_fn.instancetype import apply as instancetype_apply
from krm_fn.instancetype import conflict
from krm_fn.instancetype.plan import Plan as InstancetypePlan
from krm_fn.kubevirt import topology
from krm_fn.kubevirt.api import CLUSTER_KINDS
from krm_fn.preference import apply as preference_apply
from krm_fn.preference.plan import Plan as PreferencePlan
from krm_fn.vm.expand import plan_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_fn.core.manifest import Manifest


def apply_to(template: Manifest, instancetype: Manifest | None, preference: Manifest | None) -> bool:
    """Apply both to a VM's template, in place. False, and nothing is written, when they conflict with it."""
    instancetype_plan: InstancetypePlan | None = (
        None if instancetype is None else plan_of(instancetype, InstancetypePlan)
    )
    preference_plan: PreferencePlan | None = None if preference is None else plan_of(preference, PreferencePlan)
    spec = make(template, ("spec",))
    annotations: Manifest = find(template, ("metadata", "annotations")) or {}
    if instancetype_plan is not None:
        if conflict.detect(instancetype_plan, spec, annotations):
            return False
        layout = (topology.SOCKETS, topology.DEFAULT_RATIO, topology.SOCKETS_CORES)
        if preference_plan is not None:
            layout = preference_plan.topology, preference_plan.ratio, preference_plan.across
        if layout[0] == topology.SPREAD and topology.spread_problem(instancetype_plan.vcpus, *layout[1:]):
            return False
        instancetype_apply.apply(
            instancetype_plan, topology.layout(instancetype_plan.vcpus, *layout), spec, annotations
        )
    if preference_plan is not None:
        if preference_plan.cpu_features and find(spec, ("domain", "cpu")) is None:
            return False
        preference_apply.apply(preference_plan, spec, annotations)
    if annotations:
        make(template, ("metadata",))["annotations"] = annotations
    return True


def applied(vm: Manifest, instancetype: Manifest | None, preference: Manifest | None) -> Manifest | None:
    """The template of a VM with both applied, a new one; None when they conflict with it."""
    template: Manifest = copy_tree(vm["spec"]["template"])
    return template if apply_to(template, instancetype, preference) else None


def name_annotations(instancetype: Manifest | None, preference: Manifest | None) -> dict[str, str]:
    """The annotations by which a machine says what it was made from."""
    out = {}
    for item, word in ((instancetype, "instancetype"), (preference, "preference")):
        if item is not None:
            scope = "cluster-" if item.get("kind") in CLUSTER_KINDS else ""
            out[f"kubevirt.io/{scope}{word}-name"] = (item.get("metadata") or {}).get("name") or ""
    return out
