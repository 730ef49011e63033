"""Fields that a VirtualMachine sets although its instancetype does.

Source: KubeVirt 1.9, pkg/instancetype/apply/*.go and .../conflict/conflicts.go.
"""

from __future__ import annotations

from krm_fn.core.fieldpath import find
from krm_fn.instancetype.fields import NOT_NULL, PRESENT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_fn.core.manifest import Manifest
    from krm_fn.instancetype.plan import Plan

Conflict = tuple[str, str, "Any"]
"""Path as KubeVirt reports it, message, the VM's value."""


def detect(plan: Plan, spec: Manifest, annotations: Manifest) -> list[Conflict]:
    """Return all conflicts of a VM's template spec and template annotations, in KubeVirt's order."""
    sections: dict[tuple[str, ...], Manifest] = {(): spec}
    found: list[Conflict] = []
    reported = ""
    for section, key, set_when, path, group, message in plan.checks:
        here = sections.get(section)
        if here is None:
            here = sections[section] = find(spec, section) or {}
        if key not in here or (group and group == reported):
            continue
        value = here[key]
        if set_when is PRESENT or (value is not None if set_when is NOT_NULL else value):
            found.append((path, message, value))
            reported = group or reported
    if plan.annotations:
        found += _annotations(plan, annotations)
    return found


def _annotations(plan: Plan, annotations: Manifest) -> list[Conflict]:
    """Annotations with another value, sorted: KubeVirt reports them in the random order of a Go map."""
    found: list[Conflict] = []
    for key in sorted(plan.annotations):
        wanted = plan.annotations[key]
        if key in annotations and (annotations[key] or "") != wanted:
            message = (
                f'remove "{key}" from spec.template.metadata.annotations or give it the value "{wanted}": '
                f'instancetype "{plan.name}" sets it'
            )
            found.append((f"annotations.{key}", message, annotations[key]))
    return found
