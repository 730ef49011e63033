"""Fields that a VirtualMachine sets although its instancetype does.

Source: KubeVirt 1.9, pkg/instancetype/apply/*.go and .../conflict/conflicts.go.
"""

from __future__ import annotations

from krm_fn.core.fieldpath import find
from krm_fn.core.finding import Finding, Rule
from krm_fn.instancetype.fields import NOT_NULL, PRESENT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_fn.core.manifest import Manifest
    from krm_fn.instancetype.plan import Plan

CONFLICT = Rule(
    "instancetype/conflict",
    "Field that the instancetype sets as well",
    "A VM can't override what its instancetype sets. KubeVirt refuses a VM with such a field even when both values are equal.",
)


_MEMORY = ("domain", "memory")
_MEMORY_PATH = "spec.template.spec.domain.memory"


def detect(
    plan: Plan, spec: Manifest, annotations: Manifest, vm: Manifest | None = None, *, whole_memory: bool = False
) -> list[Finding]:
    """All conflicts of the spec and the annotations of a VM's template, at KubeVirt's paths and in its order.

    whole_memory: whether any memory section of the VM conflicts, as it does up to KubeVirt 1.6.
    """
    memory = find(spec, _MEMORY) if whole_memory else None
    sections: dict[tuple[str, ...], Manifest] = {(): spec}
    found: list[Finding] = []
    reported = ""
    for section, key, set_when, path, group, message in plan.checks:
        here = sections.get(section)
        if here is None:
            here = sections[section] = find(spec, section) or {}
        if memory is not None and section == _MEMORY and reported != group:
            found.append(Finding(CONFLICT, _beside(plan), vm, _MEMORY_PATH))
            reported = group
        if key not in here or (group and group == reported):
            continue
        value = here[key]
        if set_when is PRESENT or (value is not None if set_when is NOT_NULL else value):
            found.append(Finding(CONFLICT, message, vm, path, current=value))
            reported = group or reported
    if plan.annotations:
        found += _annotations(plan, annotations, vm)
    return found


def _beside(plan: Plan) -> str:
    return f'remove {_MEMORY_PATH}: instancetype "{plan.name}" sets the memory, and up to KubeVirt 1.6 nothing may stand beside it'


def _annotations(plan: Plan, annotations: Manifest, vm: Manifest | None) -> list[Finding]:
    """Annotations with another value, sorted: KubeVirt reports them in the random order of a Go map."""
    found: list[Finding] = []
    for key in sorted(plan.annotations):
        wanted = plan.annotations[key]
        if key in annotations and (annotations[key] or "") != wanted:
            message = (
                f'remove "{key}" from spec.template.metadata.annotations or give it the value "{wanted}": '
                f'instancetype "{plan.name}" sets it'
            )
            found.append(Finding(CONFLICT, message, vm, f"annotations.{key}", current=annotations[key]))
    return found
