"""An instancetype made ready to be applied to many VirtualMachines.

Everything that follows from the instancetype alone is worked out once, here: its own mistakes, which VM fields
conflict with it, and what it writes. conflict.py and apply.py then only look at the VM.
"""

from __future__ import annotations

from krm_fn.core import quantity, shape
from krm_fn.core.fieldpath import find
from krm_fn.core.manifest import mapping, name_of
from krm_fn.instancetype import fields, memory, validate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_fn.core.fieldpath import Steps
    from krm_fn.core.finding import Finding
    from krm_fn.core.manifest import Manifest

SHAPE = shape.build((row.source, row.type) for row in fields.ROWS)

Check = tuple["Steps", str, str, str, str, str]
Write = tuple["Steps", str, str, "Any"]


class Plan:
    """What one instancetype means for any VM.

    item: the instancetype; name, spec: its own. mistyped: parts of wrong types; with any, the rest is empty. invalid:
    rules of its own that it breaks. warnings: what KubeVirt warns of. vcpus: whole number. annotations: text to text.
    checks: (section of the VM's spec, key, when it is set, path, group, message), in KubeVirt's order. writes:
    (section, key, how, value).
    """

    __slots__ = (
        "annotations",
        "checks",
        "invalid",
        "item",
        "mistyped",
        "name",
        "spec",
        "vcpus",
        "warnings",
        "writes",
    )

    field = "instancetype"
    """The field of a VM's spec that names it."""

    def __init__(self, instancetype: Manifest) -> None:
        self.item = instancetype
        self.name = name_of(instancetype)
        spec = instancetype.get("spec")
        self.spec: Manifest = spec if isinstance(spec, dict) else {}
        self.mistyped = shape.mismatches({} if spec is None else spec, SHAPE, "spec", instancetype)
        self.invalid: list[Finding] = []
        self.warnings: list[Finding] = []
        self.vcpus = 0
        self.annotations: dict[str, str] = {}
        self.checks: tuple[Check, ...] = ()
        self.writes: tuple[Write, ...] = ()
        if not self.mistyped:
            self._work_out()

    def _work_out(self) -> None:
        self.invalid = validate.invalid(self.spec, self.item)
        self.warnings = validate.deprecated(self.spec, self.item)
        self.vcpus = mapping(self.spec, "cpu").get("guest") or 0
        self.annotations = {key: value or "" for key, value in mapping(self.spec, "annotations").items()}
        self.checks = tuple(_check(row, self.name) for row in fields.ROWS if _may_conflict(row, self.spec))
        self.writes = tuple(write for row in fields.ROWS for write in _writes(row, self.spec))


def _section(target: str) -> tuple[Steps, str]:
    *section, key = target.split(".")
    return tuple(section), key


def _may_conflict(row: fields.Row, spec: Manifest) -> bool:
    if row.conflict is not fields.BOTH:
        return row.conflict is fields.ALWAYS
    return _given(row, find(spec, row.source.split(".")))


def _given(row: fields.Row, value: Any) -> bool:
    return bool(value) if row.given_when is fields.NOT_ZERO else value is not None


def _check(row: fields.Row, name: str) -> Check:
    section, key = _section(row.target)
    message = f'remove spec.template.spec.{row.target}: instancetype "{name}" {row.says}'
    return section, key, row.set_when, f"spec.template.spec.{row.shown}", row.group, message


def _writes(row: fields.Row, spec: Manifest) -> list[Write]:
    """What a row writes into every VM, as a list of none or one."""
    section, key = _section(row.target)
    value = find(spec, row.source.split("."))
    if row.how is fields.QUANTITY and (value is not None or row.source == "memory.guest"):
        return [(section, key, fields.VALUE, quantity.text("0" if value is None else value))]
    if row.how is fields.OVERCOMMIT and value:
        return _request(section, key, spec, value)
    if row.how in (fields.COPY, fields.VALUE, fields.FILL) and _given(row, value) and (value or row.type != "texts"):
        return [(section, key, row.how, value)]
    return []


def _request(section: Steps, key: str, spec: Manifest, percent: int) -> list[Write]:
    guest = find(spec, ("memory", "guest"))
    if not 0 < percent <= 100:  # others are refused before anything is applied
        return []
    guest = "0" if guest is None else guest
    return [(section, key, fields.VALUE, quantity.whole(memory.requested(quantity.ceil(guest), percent), guest))]
