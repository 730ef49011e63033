"""Writing a preference into a VirtualMachine's template, where the VM is silent.

Source: KubeVirt 1.9, pkg/instancetype/preference/apply/*.go.
"""

from __future__ import annotations

from krm_fn.core.fieldpath import find, make
from krm_fn.core.manifest import copy_tree
from krm_fn.preference import devices, firmware
from krm_fn.preference.fields import FILL, FILL_IF_PARENT, FILL_TEXT, HYPERV_FEATURES, MARK, OVERRIDE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_fn.core.fieldpath import Steps
    from krm_fn.core.manifest import Manifest
    from krm_fn.preference.plan import Plan, Step


def apply(plan: Plan, spec: Manifest, annotations: Manifest) -> None:
    """Write the preference into a VM's template spec and template annotations, in place."""
    if plan.cpu_features:
        _append_cpu_features(plan.cpu_features, make(spec, ("domain", "cpu")))
    _run(plan.steps, spec)
    domain = make(spec, ("domain",))
    if plan.disks is not None:
        _fill_devices(plan, spec, domain)
    if plan.hyperv is not None:
        _fill_hyperv(plan.hyperv, domain["features"])
    if plan.firmware is not None:
        firmware.apply(plan.firmware, domain["firmware"]["bootloader"])
    if plan.clock:
        _fill_clock_offset(plan.clock, domain["clock"])
    for key, text in plan.annotations.items():
        annotations.setdefault(key, text)


def apply_autoattach(plan: Plan, spec: Manifest) -> None:
    """Write only what decides about the default network and the default input device (KubeVirt: startVMI)."""
    _run(plan.autoattach, spec)


def apply_gpu_options(plan: Plan, spec: Manifest) -> None:
    """Write preferredVirtualGPUOptions into the VM's GPUs, which KubeVirt doesn't do."""
    if plan.gpu_options is not None:
        devices.fill_gpus(((spec.get("domain") or {}).get("devices") or {}).get("gpus") or [], plan.gpu_options)


def _run(steps: tuple[Step, ...], spec: Manifest) -> None:
    """Run the steps of the table's plain rows on a VM's spec, in place."""
    sections: dict[Steps, Manifest] = {}
    for path, key, how, value in steps:
        here = sections.get(path)
        if here is None:
            may_be_missing = how is FILL_IF_PARENT or (how is OVERRIDE and not value)
            if may_be_missing and find(spec, path) is None:
                continue
            here = sections[path] = make(spec, path)
        if how is MARK:
            continue
        found = here.get(key)
        if how is FILL:
            if found is None:
                here[key] = copy_tree(value)
        elif how is FILL_TEXT or how is FILL_IF_PARENT:
            if not found:
                here[key] = value
        elif value:
            here[key] = copy_tree(value)
        elif found is not None:
            del here[key]


def _append_cpu_features(preferred: list[Manifest], cpu: Manifest) -> None:
    """Append the features whose name the VM doesn't have, whatever their policy; a name twice is added twice."""
    own = cpu.get("features") or []
    names = {feature.get("name") or "" for feature in own}
    added = [copy_tree(feature) for feature in preferred if (feature.get("name") or "") not in names]
    if added:
        cpu["features"] = own + added


def _fill_devices(plan: Plan, spec: Manifest, domain: Manifest) -> None:
    own = domain.get("devices") or {}
    if plan.disks is not None and own.get("disks"):
        devices.fill_disks(own["disks"], plan.disks)
    if own.get("interfaces"):
        devices.fill_interfaces(own["interfaces"], spec.get("networks") or [], plan)
    if plan.inputs:
        for entry in own.get("inputs") or []:
            devices.fill_entry(entry, plan.inputs)
    if plan.panic_model is not None:
        devices.fill_panic_devices(make(domain, ("devices",)), plan.panic_model)


def _fill_hyperv(preferred: Manifest, features: Manifest) -> None:
    """Fill one Hyper-V feature at a time: the only section that is merged and not filled whole."""
    own = make(features, ("hyperv",))
    for name in HYPERV_FEATURES:
        value = preferred.get(name)
        if value is not None and own.get(name) is None:
            own[name] = copy_tree(value)


def _fill_clock_offset(offset: Manifest, clock: Manifest) -> None:
    """Fill the offset only when the VM's clock has neither form of one; an empty time zone is one."""
    if clock.get("utc") is None and clock.get("timezone") is None:
        clock.update(copy_tree(offset))
