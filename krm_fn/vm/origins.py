"""Where each field of an expanded VirtualMachine comes from.

The expansion tells after each step what the VM is like, and what a step changed is that step's. Which field of an
instancetype or a preference it was, the tables say that the step works by.
"""

from __future__ import annotations

from krm_fn.core.fieldpath import find, leaves, parse, pattern
from krm_fn.core.manifest import copy_tree, mapping
from krm_fn.instancetype import fields as instancetype_fields
from krm_fn.kubevirt.defaulted import TOPOLOGY
from krm_fn.preference import fields as preference_fields
from krm_fn.vm.expand import ANNOTATIONS, DEFAULTS, INSTANCETYPE, PREFERENCE, expand

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from krm_fn.core.finding import Finding
    from krm_fn.core.manifest import Manifest

    Row = instancetype_fields.Row | preference_fields.Row

VM, DEFAULT = "vm", "default"
SOURCES = (VM, INSTANCETYPE, PREFERENCE, DEFAULT)
"""What a field can come from."""
_SPEC = "spec.template.spec."
_ANNOTATIONS = "spec.template.metadata.annotations"
_TOPOLOGY = tuple(f"domain.cpu.{key}" for key in TOPOLOGY)


class Origin:
    """One scalar or empty collection of an expanded VM. source: one of SOURCES. field: in the object that it is from, or ""."""

    __slots__ = ("field", "path", "source", "value")

    def __init__(self, path: str, value: Any, source: str, field: str = "") -> None:
        self.path = path
        self.value = value
        self.source = source
        self.field = field


def origins(
    vm: Manifest, instancetype: Manifest | None, preference: Manifest | None, **options: Any
) -> tuple[Manifest, list[Finding], list[Origin]]:
    """The same as vm.expand.expand, and an origin for each field of the expanded VM; none where expanding it failed."""
    before = dict(leaves(vm))
    steps: dict[str, str] = dict.fromkeys(before, VM)
    state = {"leaves": before}

    def note(step: str, now: Manifest) -> None:
        found = dict(leaves(copy_tree(now)))
        last = state["leaves"]
        for path, value in found.items():
            if path not in last or last[path] != value or type(last[path]) is not type(value):
                steps[path] = step
        state["leaves"] = found

    expanded, findings = expand(vm, instancetype, preference, trace=note, **options)
    if expanded is vm:
        return expanded, findings, []
    specs = {INSTANCETYPE: mapping(instancetype, "spec"), PREFERENCE: mapping(preference, "spec")}
    return expanded, findings, [_origin(path, value, steps[path], specs) for path, value in leaves(expanded)]


def _origin(path: str, value: Any, step: str, specs: dict[str, Manifest]) -> Origin:
    if step == VM:
        return Origin(path, value, VM, path)
    if step == ANNOTATIONS or path.startswith(_ANNOTATIONS):
        return _of_annotation(path, value, specs)
    below = path.removeprefix(_SPEC)
    if step == PREFERENCE and below == path:  # outside of the template: the storage class of dataVolumeTemplates
        return Origin(path, value, PREFERENCE, "spec.volumes.preferredStorageClassName")
    if step == INSTANCETYPE:
        return Origin(
            path, value, INSTANCETYPE, "spec.cpu.guest" if below in _TOPOLOGY else _field(INSTANCETYPE, below, specs)
        )
    if step == DEFAULTS:
        attached = {row.target: row.source for row in preference_fields.AUTOATTACH_ROWS}
        source = attached.get(below, "")
        if source and find(specs[PREFERENCE], parse(source)) is not None:
            return Origin(path, value, PREFERENCE, f"spec.{source}")
        return Origin(path, value, DEFAULT)
    return Origin(path, value, PREFERENCE, _field(PREFERENCE, below, specs))


def _of_annotation(path: str, value: Any, specs: dict[str, Manifest]) -> Origin:
    """An annotation of the template: KubeVirt names the objects that it applied, and each may bring more."""
    key = path.removeprefix(_ANNOTATIONS).strip("[].")
    for source in (INSTANCETYPE, PREFERENCE):
        if key in (f"kubevirt.io/{source}-name", f"kubevirt.io/cluster-{source}-name"):
            return Origin(path, value, source, "metadata.name")
        if key in mapping(specs[source], "annotations"):
            return Origin(path, value, source, f"spec.annotations[{key}]")
    return Origin(path, value, DEFAULT)


def rows_of(source: str) -> tuple[Row, ...]:
    """The table that an instancetype or a preference is applied by."""
    return instancetype_fields.ROWS if source == INSTANCETYPE else preference_fields.ROWS


def _field(source: str, below: str, specs: dict[str, Manifest]) -> str:
    """The field of an instancetype or a preference that writes a field below the template's spec; "spec" when none does."""
    found = covering(rows_of(source), below)
    given = [row for row in found if find(specs[source], parse(row.source)) is not None]
    if not given:
        # an empty target that is made for a disk, which the presence of the section alone does
        return f"spec.{below.split('.')[1]}" if source == PREFERENCE and below.startswith("domain.devices.") else "spec"
    row = max(given, key=lambda row: (len(row.target), len(row.source)))
    rest = pattern(below)[len(row.target) :]
    return f"spec.{row.source}{below[len(below) - len(rest) :] if rest and '[]' not in rest else rest}"


def covering(rows: Iterable[Row], below: str) -> list[Row]:
    """The rows that write a field below the template's spec, or what it is a part of."""
    plain = pattern(below)
    return [
        row
        for row in rows
        if getattr(row, "how", "") != instancetype_fields.NOTHING
        and (plain == row.target or plain.startswith((f"{row.target}.", f"{row.target}[")))
    ]
