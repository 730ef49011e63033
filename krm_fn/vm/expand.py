"""A VirtualMachine with its instancetype and its preference applied, exactly as KubeVirt 1.9 applies them.

Stages in KubeVirt's order: the two specs' own rules, spread topology, conflicts, application, requirements. The first
stage that finds something ends the expansion with all that it found.
Source: KubeVirt 1.9, pkg/instancetype/{expand/expand.go,apply/vmi.go,webhooks/vm/admitter.go}.
"""

from __future__ import annotations

from krm_fn.core import shape
from krm_fn.core.fieldpath import find, make
from krm_fn.core.finding import Finding, Rule
from krm_fn.core.manifest import copy_tree, mapping, namespace_of, text
from krm_fn.instancetype import apply as instancetype_apply
from krm_fn.instancetype import conflict
from krm_fn.instancetype.plan import Plan as InstancetypePlan
from krm_fn.kubevirt import topology
from krm_fn.kubevirt.api import CLUSTER_KINDS
from krm_fn.kubevirt.versions import NEWEST, WHOLE_MEMORY_CONFLICTS
from krm_fn.preference import apply as preference_apply
from krm_fn.preference import requirements
from krm_fn.preference.plan import Plan as PreferencePlan
from krm_fn.vm import defaults as vm_defaults
from krm_fn.vm.shape import SHAPE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from krm_fn.core.manifest import Manifest
    from krm_fn.kubevirt.versions import Version

    Trace = Callable[[str, Manifest], None]
    Plan = InstancetypePlan | PreferencePlan

SPREAD = Rule(
    "preference/spread",
    "Number of vCPUs that can't be spread",
    "With the topology spread the number of vCPUs has to divide by the ratio.",
)
CPU_FEATURES = Rule(
    "preference/cpu-features",
    "Preferred CPU features without a CPU",
    "KubeVirt's webhook fails on a preference with preferredCPUFeatures when the VM has neither domain.cpu nor an instancetype.",
)
SPREAD_PATH = "instancetype.spec.cpu.guest"
"""KubeVirt reports every spread failure at this one path, whatever the VM looks like."""

_STATUS_REFERENCES = ("instancetypeRef", "preferenceRef")
MATCHERS = ("instancetype", "preference")
STEPS = DEFAULTS, INSTANCETYPE, PREFERENCE, ANNOTATIONS = ("defaults", *MATCHERS, "annotations")
"""The steps of an expansion that write, each of which a trace is told of."""

_PLANS: dict[int, Any] = {}
_PLANS_SIZE = 1024


def _untraced(_step: str, _vm: Manifest) -> None:
    """The trace of an expansion that nobody follows."""


def expand(  # noqa: PLR0913 - what KubeVirt decides by
    vm: Manifest,
    instancetype: Manifest | None,
    preference: Manifest | None,
    *,
    defaults: Any = vm_defaults.KUBEVIRT,
    virtual_gpu_options: bool = False,
    admitted: bool = False,
    architecture: str = "",
    trace: Trace = _untraced,
    version: Version = NEWEST,
) -> tuple[Manifest, list[Finding]]:
    """Return a new, expanded VM and what there is to say about it; with an error among that, the VM as it came.

    instancetype, preference: complete objects, None without one; worked out once, so they must not change between
    calls.
    defaults: see vm.defaults. virtual_gpu_options: apply preferredVirtualGPUOptions, which KubeVirt doesn't do.
    admitted: whether the VM goes through KubeVirt's webhooks as well: it never has the empty architecture that a preference
    may require, and that KubeVirt finds when it starts a VM that is there already; and its dataVolumeTemplates get the
    storage class that the preference prefers, which the application alone never looks at.
    architecture: what the webhook writes where neither the VM nor its preference says one, "" for the cluster's.
    trace: called after each step with its name (one of STEPS) and the VM as it is then, which it must not change.
    version: the KubeVirt version that applies them, where versions differ.
    """
    by_instancetype: InstancetypePlan | None = None if instancetype is None else plan_of(instancetype, InstancetypePlan)
    by_preference: PreferencePlan | None = None if preference is None else plan_of(preference, PreferencePlan)
    plans = [plan for plan in (by_instancetype, by_preference) if plan is not None]
    found = _mistyped(vm, plans) or _invalid(vm, plans) or _spread(vm, by_instancetype, by_preference)
    if found:
        return vm, found
    out: Manifest = copy_tree(vm)
    template = out["spec"]["template"]
    spec = make(template, ("spec",))
    annotations: Manifest = find(template, ("metadata", "annotations")) or {}
    if by_instancetype is not None:
        whole = version.minor <= WHOLE_MEMORY_CONFLICTS
        found = conflict.detect(by_instancetype, spec, annotations, vm, whole_memory=whole)
    elif by_preference is not None:
        found = _missing_cpu(vm, by_preference, spec)
    if found:
        return vm, found
    _apply(spec, annotations, by_instancetype, by_preference, defaults, lambda step: trace(step, out))
    if architecture and not spec.get("architecture"):
        spec["architecture"] = architecture
        trace(DEFAULTS, out)
    if by_preference is not None and by_preference.requires:
        found = _unmet(vm, by_instancetype, by_preference, spec, defaults, admitted=admitted)
        if found:
            return vm, found
    _finish(out, annotations, plans)
    trace(ANNOTATIONS, out)
    if admitted and by_preference is not None and by_preference.storage_class:
        vm_defaults.write_storage_class(out["spec"], by_preference.storage_class)
        trace(PREFERENCE, out)
    if virtual_gpu_options and by_preference is not None:
        preference_apply.apply_gpu_options(by_preference, spec)
        trace(PREFERENCE, out)
    if isinstance(defaults, dict):
        found = vm_defaults.after(out, by_preference, defaults, version)
        trace(DEFAULTS, out)
    return (vm if found else out), found + [_about(each, vm) for plan in plans for each in plan.warnings]


def stored(
    vm: Manifest, preference: Manifest | None, settings: Manifest, *, architecture: str = "", version: Version = NEWEST
) -> list[Finding]:
    """Write what the VM webhook writes into a VM that keeps its matchers, in place; `settings`: see vm.defaults, `architecture`: expand.

    Source: pkg/instancetype/webhooks/vm/mutator.go (architecture, machine type, storage class), and vm.defaults.after.
    """
    spec = make(vm, ("spec", "template", "spec"))
    architecture = text(mapping(preference, "spec"), "preferredArchitecture") or architecture
    machine = text(mapping(preference, "spec", "machine"), "preferredMachineType")
    if architecture and not spec.get("architecture"):
        spec["architecture"] = architecture
    if machine and not find(spec, ("domain", "machine", "type")):
        make(spec, ("domain", "machine"))["type"] = machine
    plan: PreferencePlan | None = None if preference is None else plan_of(preference, PreferencePlan)
    return vm_defaults.after(vm, plan, settings, version)


def plan_of(item: Manifest, kind: type[Any]) -> Any:
    """The plan of an instancetype or a preference, worked out once for each object."""
    known = _PLANS.get(id(item))
    if known is None or known.item is not item or type(known) is not kind:
        if len(_PLANS) >= _PLANS_SIZE:
            _PLANS.clear()
        known = _PLANS[id(item)] = kind(item)
    return known


def _mistyped(vm: Manifest, plans: list[Plan]) -> list[Finding]:
    found = [_about(each, vm) for plan in plans for each in plan.mistyped]
    if not shape.fits(vm, SHAPE):
        found += shape.mismatches(vm, SHAPE, "", vm)
    elif find(vm, ("spec", "template")) is None:
        message = "spec.template is missing: write the VirtualMachineInstance to start"
        found.append(Finding(shape.WRONG_TYPE, message, vm, "spec.template"))
    return found


def _invalid(vm: Manifest, plans: list[Plan]) -> list[Finding]:
    return [_about(each, vm) for plan in plans for each in plan.invalid]


def _about(found: Finding, vm: Manifest) -> Finding:
    """A finding about a namespaced object without a namespace, as out of a ControllerRevision, in the VM's namespace."""
    item, namespace = found.item or {}, namespace_of(vm)
    if not namespace or namespace_of(item) or text(item, "kind") in CLUSTER_KINDS:
        return found
    return found.but(item={**item, "metadata": {**mapping(item, "metadata"), "namespace": namespace}})


def _spread(vm: Manifest, instancetype: InstancetypePlan | None, preference: PreferencePlan | None) -> list[Finding]:
    if instancetype is None or preference is None or preference.topology != topology.SPREAD:
        return []
    problem = topology.spread_problem(instancetype.vcpus, preference.ratio, preference.across)
    if not problem:
        return []
    message = (
        f'instancetype "{instancetype.name}" does not fit preference "{preference.name}": {problem}; name an instancetype '
        "with another number of vCPUs or a preference with another spread"
    )
    return [Finding(SPREAD, message, vm, SPREAD_PATH, current=instancetype.vcpus)]


def _missing_cpu(vm: Manifest, preference: PreferencePlan, spec: Manifest) -> list[Finding]:
    """KubeVirt crashes on preferred CPU features for a VM with neither an instancetype nor a CPU section."""
    if not preference.cpu_features or find(spec, ("domain", "cpu")) is not None:
        return []
    message = (
        f'preference "{preference.name}" prefers CPU features, which KubeVirt can\'t add to a VM without '
        "spec.template.spec.domain.cpu: write a CPU section or name an instancetype"
    )
    return [Finding(CPU_FEATURES, message, vm, "spec.template.spec.domain.cpu")]


def _apply(
    spec: Manifest,
    annotations: Manifest,
    instancetype: InstancetypePlan | None,
    preference: PreferencePlan | None,
    defaults: Any,
    done: Callable[[str], None],
) -> None:
    inputs = vm_defaults.before(spec, preference, defaults)
    done(DEFAULTS)
    if instancetype is not None:
        vcpus = instancetype.vcpus
        if preference is None:
            layout = topology.layout(vcpus, topology.SOCKETS, topology.DEFAULT_RATIO, topology.SOCKETS_CORES)
        else:
            layout = topology.layout(vcpus, preference.topology, preference.ratio, preference.across)
        instancetype_apply.apply(instancetype, layout, spec, annotations)
        done(INSTANCETYPE)
    if preference is not None:
        preference_apply.apply(preference, spec, annotations)
        done(PREFERENCE)
    vm_defaults.complete(inputs)
    done(DEFAULTS)


def _unmet(
    vm: Manifest,
    instancetype: InstancetypePlan | None,
    preference: PreferencePlan,
    spec: Manifest,
    defaults: Any,
    *,
    admitted: bool,
) -> list[Finding]:
    provided = requirements.Provided(spec, None if instancetype is None else instancetype.vcpus)
    if defaults != vm_defaults.NONE:
        architecture = vm_defaults.architecture_of(defaults)
        provided.as_admitted(spec, "" if preference.required_architecture == "" and not admitted else architecture)
    return requirements.check(preference, provided, vm)


def _finish(out: Manifest, annotations: Manifest, plans: list[Plan]) -> None:
    """Take the references away, and leave the annotations by which KubeVirt marks an instance, in place."""
    for key in MATCHERS:
        out["spec"].pop(key, None)
    status = out.get("status")
    if status is not None and any(key in status for key in _STATUS_REFERENCES):
        for key in _STATUS_REFERENCES:
            status.pop(key, None)
        if not status:
            del out["status"]
    for plan in plans:
        if plan.name:
            scope = "cluster-" if text(plan.item, "kind") in CLUSTER_KINDS else ""
            annotations[f"kubevirt.io/{scope}{plan.field}-name"] = plan.name
    if annotations:
        make(out["spec"]["template"], ("metadata",))["annotations"] = annotations
