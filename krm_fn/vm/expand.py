"""A VirtualMachine with its instancetype and its preference applied, exactly as KubeVirt 1.9 applies them.

Stages in KubeVirt's order: the two specs' own rules, spread topology, conflicts, application, requirements. The first
stage that finds something ends the expansion with all that it found.
Source: KubeVirt 1.9, pkg/instancetype/{expand/expand.go,apply/vmi.go,webhooks/vm/admitter.go}.
"""

from __future__ import annotations

from krm_fn.core import shape
from krm_fn.core.fieldpath import find, make
from krm_fn.core.finding import NOTHING, WARNING, Finding
from krm_fn.core.manifest import copy_tree, mapping, namespace_of, text
from krm_fn.instancetype import apply as instancetype_apply
from krm_fn.instancetype import conflict
from krm_fn.instancetype.plan import Plan as InstancetypePlan
from krm_fn.kubevirt import topology
from krm_fn.kubevirt.api import CLUSTER_KINDS
from krm_fn.preference import apply as preference_apply
from krm_fn.preference import requirements
from krm_fn.preference.plan import Plan as PreferencePlan
from krm_fn.vm import defaults as vm_defaults
from krm_fn.vm.shape import SHAPE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_fn.core.manifest import Manifest

SPREAD_PATH = "instancetype.spec.cpu.guest"
"""KubeVirt reports every spread failure at this one path, whatever the VM looks like."""

_STATUS_REFERENCES = ("instancetypeRef", "preferenceRef")
MATCHERS = ("instancetype", "preference")

_PLANS: dict[int, Any] = {}
_PLANS_SIZE = 1024


def expand(  # noqa: PLR0913 - what KubeVirt decides by
    vm: Manifest,
    instancetype: Manifest | None,
    preference: Manifest | None,
    *,
    defaults: Any = vm_defaults.KUBEVIRT,
    virtual_gpu_options: bool = False,
    admitted: bool = False,
    architecture: str = "",
) -> tuple[Manifest, list[Finding]]:
    """Return a new, expanded VM and what there is to say about it; with an error among that, the VM as it came.

    instancetype, preference: complete objects, None without one; worked out once, so they must not change between
    calls.
    defaults: see vm.defaults. virtual_gpu_options: apply preferredVirtualGPUOptions, which KubeVirt doesn't do.
    admitted: whether the VM goes through KubeVirt's webhooks as well: it never has the empty architecture that a preference
    may require, and that KubeVirt finds when it starts a VM that is there already; and its dataVolumeTemplates get the
    storage class that the preference prefers, which the application alone never looks at.
    architecture: what the webhook writes where neither the VM nor its preference says one, "" for the cluster's.
    """
    sizes: InstancetypePlan | None = None if instancetype is None else _plan(instancetype, InstancetypePlan)
    wishes: PreferencePlan | None = None if preference is None else _plan(preference, PreferencePlan)
    found = _wrong_types(vm, sizes, wishes) or _invalid(vm, sizes, wishes) or _spread(vm, sizes, wishes)
    if found:
        return vm, found
    out: Manifest = copy_tree(vm)
    template = out["spec"]["template"]
    spec = make(template, ("spec",))
    annotations: Manifest = find(template, ("metadata", "annotations")) or {}
    found = _conflicts(vm, sizes, spec, annotations) or _missing_cpu(vm, sizes, wishes, spec)
    if found:
        return vm, found
    _apply(spec, annotations, sizes, wishes, defaults)
    if architecture and not spec.get("architecture"):
        spec["architecture"] = architecture
    found = _requirements(vm, sizes, wishes, spec, defaults, admitted=admitted)
    if found:
        return vm, found
    _finish(out, annotations, sizes, wishes)
    if admitted and wishes is not None and wishes.storage_class:
        vm_defaults.write_storage_class(out["spec"], wishes.storage_class)
    if virtual_gpu_options and wishes is not None:
        preference_apply.apply_gpu_options(wishes, spec)
    if isinstance(defaults, dict):
        found = vm_defaults.after(out, wishes, defaults)
    return (vm if found else out), found + _warnings(vm, sizes, wishes)


def stored(vm: Manifest, preference: Manifest | None, settings: Manifest, *, architecture: str = "") -> list[Finding]:
    """Write what the VM webhook writes into a VM that keeps its matchers, in place; `settings`: see vm.defaults, `architecture`: expand.

    Source: pkg/instancetype/webhooks/vm/mutator.go (architecture, machine type, storage class), and vm.defaults.after.
    """
    spec = make(vm, ("spec", "template", "spec"))
    wishes = mapping(preference, "spec")
    architecture = text(wishes, "preferredArchitecture") or architecture
    machine = text(mapping(wishes, "machine"), "preferredMachineType")
    if architecture and not spec.get("architecture"):
        spec["architecture"] = architecture
    if machine and not find(spec, ("domain", "machine", "type")):
        make(spec, ("domain", "machine"))["type"] = machine
    plan: PreferencePlan | None = None if preference is None else _plan(preference, PreferencePlan)
    return vm_defaults.after(vm, plan, settings)


def _plan(item: Manifest, kind: type[Any]) -> Any:
    """The plan of an instancetype or a preference, worked out once for each object."""
    known = _PLANS.get(id(item))
    if known is None or known.item is not item or type(known) is not kind:
        if len(_PLANS) >= _PLANS_SIZE:
            _PLANS.clear()
        known = _PLANS[id(item)] = kind(item)
    return known


def _wrong_types(vm: Manifest, sizes: InstancetypePlan | None, wishes: PreferencePlan | None) -> list[Finding]:
    results = [
        Finding("manifest/type", message, _located(plan.item, vm), path, current=value)
        for plan in (sizes, wishes)
        if plan is not None
        for path, message, value in plan.problems
    ]
    if not shape.fits(vm, SHAPE):
        found = shape.mismatches(vm, SHAPE, "")
        results += [Finding("manifest/type", message, vm, path, current=value) for path, message, value in found]
    elif find(vm, ("spec", "template")) is None:
        message = "spec.template is missing: write the VirtualMachineInstance to start"
        results.append(Finding("manifest/type", message, vm, "spec.template"))
    return results


def _located(item: Manifest, vm: Manifest) -> Manifest:
    """A namespaced object without a namespace, such as one out of a ControllerRevision, shown in the VM's namespace."""
    namespace = namespace_of(vm)
    if not namespace or namespace_of(item) or text(item, "kind") in CLUSTER_KINDS:
        return item
    return {**item, "metadata": {**mapping(item, "metadata"), "namespace": namespace}}


def _invalid(vm: Manifest, sizes: InstancetypePlan | None, wishes: PreferencePlan | None) -> list[Finding]:
    results = []
    if sizes is not None and sizes.invalid:
        item = _located(sizes.item, vm)
        results += [Finding("instancetype/invalid", message, item, path) for path, message in sizes.invalid]
    if wishes is not None and wishes.invalid:
        item = _located(wishes.item, vm)
        results += [
            Finding("preference/invalid", message, item, path, proposed=right or NOTHING)
            for path, message, right in wishes.invalid
        ]
    return results


def _spread(vm: Manifest, sizes: InstancetypePlan | None, wishes: PreferencePlan | None) -> list[Finding]:
    if sizes is None or wishes is None or wishes.topology != topology.SPREAD:
        return []
    problem = topology.spread_problem(sizes.vcpus, wishes.ratio, wishes.across)
    if not problem:
        return []
    message = (
        f'instancetype "{sizes.name}" does not fit preference "{wishes.name}": {problem}; name an instancetype '
        "with another number of vCPUs or a preference with another spread"
    )
    return [Finding("preference/spread", message, vm, SPREAD_PATH, current=sizes.vcpus)]


def _conflicts(vm: Manifest, sizes: InstancetypePlan | None, spec: Manifest, annotations: Manifest) -> list[Finding]:
    if sizes is None:
        return []
    found = conflict.detect(sizes, spec, annotations)
    return [Finding("instancetype/conflict", message, vm, path, current=value) for path, message, value in found]


def _missing_cpu(
    vm: Manifest, sizes: InstancetypePlan | None, wishes: PreferencePlan | None, spec: Manifest
) -> list[Finding]:
    """KubeVirt crashes on preferred CPU features for a VM with neither an instancetype nor a CPU section."""
    if sizes is not None or wishes is None or not wishes.cpu_features or find(spec, ("domain", "cpu")) is not None:
        return []
    message = (
        f'preference "{wishes.name}" prefers CPU features, which KubeVirt can\'t add to a VM without '
        "spec.template.spec.domain.cpu: write a CPU section or name an instancetype"
    )
    return [Finding("preference/cpu-features", message, vm, "spec.template.spec.domain.cpu")]


def _apply(
    spec: Manifest,
    annotations: Manifest,
    sizes: InstancetypePlan | None,
    wishes: PreferencePlan | None,
    defaults: Any,
) -> None:
    inputs = vm_defaults.before(spec, wishes, defaults)
    if sizes is not None:
        if wishes is None:
            layout = topology.layout(sizes.vcpus, topology.SOCKETS, topology.DEFAULT_RATIO, topology.SOCKETS_CORES)
        else:
            layout = topology.layout(sizes.vcpus, wishes.topology, wishes.ratio, wishes.across)
        instancetype_apply.apply(sizes, layout, spec, annotations)
    if wishes is not None:
        preference_apply.apply(wishes, spec, annotations)
    vm_defaults.complete(inputs)


def _requirements(
    vm: Manifest,
    sizes: InstancetypePlan | None,
    wishes: PreferencePlan | None,
    spec: Manifest,
    defaults: Any,
    *,
    admitted: bool,
) -> list[Finding]:
    if wishes is None or not wishes.requires:
        return []
    provided = requirements.Provided(spec, None if sizes is None else sizes.vcpus)
    if defaults != vm_defaults.NONE:
        architecture = vm_defaults.architecture_of(defaults)
        provided.as_admitted(spec, "" if wishes.required_architecture == "" and not admitted else architecture)
    failure = requirements.check(wishes, provided)
    if failure is None:
        return []
    paths, words, advice = failure
    message = f'preference "{wishes.name}" is not met: {words}; {advice}'
    return [Finding("preference/requirement", message, vm, path) for path in paths]


def _finish(
    out: Manifest, annotations: Manifest, sizes: InstancetypePlan | None, wishes: PreferencePlan | None
) -> None:
    """Take the references away, and leave the annotations by which KubeVirt marks an instance, in place."""
    for key in MATCHERS:
        out["spec"].pop(key, None)
    status = out.get("status")
    if status is not None and any(key in status for key in _STATUS_REFERENCES):
        for key in _STATUS_REFERENCES:
            status.pop(key, None)
        if not status:
            del out["status"]
    for plan, word in ((sizes, "instancetype"), (wishes, "preference")):
        if plan is not None and plan.name:
            scope = "cluster-" if text(plan.item, "kind") in CLUSTER_KINDS else ""
            annotations[f"kubevirt.io/{scope}{word}-name"] = plan.name
    if annotations:
        make(out["spec"]["template"], ("metadata",))["annotations"] = annotations


def _warnings(vm: Manifest, sizes: InstancetypePlan | None, wishes: PreferencePlan | None) -> list[Finding]:
    results = []
    if sizes is not None and sizes.deprecated:
        item = _located(sizes.item, vm)
        results += [
            Finding("instancetype/deprecated", message, item, path, severity=WARNING)
            for path, message in sizes.deprecated
        ]
    if wishes is not None and (wishes.deprecated or wishes.doubtful):
        item = _located(wishes.item, vm)
        results += [
            Finding(rule, message, item, path, severity=WARNING, proposed=right or NOTHING)
            for rule, found in (
                ("preference/deprecated", wishes.deprecated),
                ("preference/requirement", wishes.doubtful),
            )
            for path, message, right in found
        ]
    return results
