"""The tables of fields as a page for readers: `python -m krm_fn.vm.mapping > docs/mapping.md`."""

from __future__ import annotations

import sys

from krm_fn.instancetype import fields as instancetype_fields
from krm_fn.kubevirt.facts import CDROM, DISK, LUN
from krm_fn.kubevirt.versions import NEWEST
from krm_fn.preference import fields as preference_fields
from krm_fn.vm.defaults import SETTINGS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_CONFLICT = {
    instancetype_fields.ALWAYS: "always",
    instancetype_fields.BOTH: "when both set it",
    instancetype_fields.NEVER: "never",
}
_CONFLICT_NOTE = {"annotations": "for another value of the same key"}
_SET_WHEN = {
    instancetype_fields.PRESENT: "the key is there",
    instancetype_fields.NOT_NULL: "it is there, even empty",
    instancetype_fields.NOT_ZERO: 'it is not `""`, `0`, `false` or `[]`',
}
_WRITTEN = {
    instancetype_fields.NOTHING: "nothing",
    instancetype_fields.COPY: "the whole value",
    instancetype_fields.QUANTITY: "the quantity",
    instancetype_fields.VALUE: "the value",
    instancetype_fields.FILL: "the value, beside what the section holds",
    instancetype_fields.TOPOLOGY: "the vCPUs, as the preference lays them out",
    instancetype_fields.OVERCOMMIT: "the guest's memory less this percentage, in float32 as KubeVirt computes it",
    instancetype_fields.ANNOTATIONS: "the keys that the VM's template lacks",
}
_HOW = {
    preference_fields.MARK: "written as an empty section, whatever it holds",
    preference_fields.FILL: 'when the VM has none; `false`, `0`, `{}` and `""` in the VM stay',
    preference_fields.FILL_TEXT: "when the VM has none or an empty one",
    preference_fields.FILL_MARK: "when the VM has none or an empty one; the section around it is made in any case",
    preference_fields.FILL_IF_PARENT: "when the VM has the section but no or an empty value",
    preference_fields.OVERRIDE: "always, over the VM's own value",
}
_WHICH = {
    DISK: "; for disks whose target is `disk`, or that have none",
    CDROM: "; for disks whose target is `cdrom`",
    LUN: "; for disks whose target is `lun`",
    preference_fields.VIRTIO_DISK: "; for `disk` targets whose bus then is virtio",
}
_SPECIAL = {
    "cpu.preferredCPUFeatures": "appended, but for names that the VM has",
    "devices.preferredInterfaceMasquerade": "for interfaces without a binding whose network is a pod network",
    "devices.preferredPanicDeviceModel": "for devices without a model; one is made when there is none",
    "firmware.preferredUseBios": "true only, when the VM has neither BIOS nor EFI; wins over every EFI preference",
    "firmware.preferredUseBiosSerial": "when there is a BIOS then, the VM's own included",
    "firmware.preferredEfi": "when there is neither BIOS nor EFI then; the rows below are not looked at any more",
    "firmware.preferredUseEfi": "true only, when there is neither BIOS nor EFI then",
    "firmware.preferredUseSecureBoot": "when there is an EFI then, the VM's own included",
    "clock.preferredClockOffset.utc": "when the VM has neither utc nor timezone",
    "clock.preferredClockOffset.timezone": "when the VM has neither utc nor timezone",
    "annotations": "the keys that neither the VM's template nor the instancetype has",
}
_HYPERV = "one Hyper-V feature at a time, when the VM doesn't have it"

_EMPTY_ARCHITECTURE = (
    "; an empty one is met by no VM, since KubeVirt's webhook writes an architecture before it checks; with "
    "`defaults: none` or `validate: false` by a VM that names none, with a warning"
)
_CRASHES = (
    ("a spread topology with a ratio of 0, and an instancetype", "`preference/spread`"),
    ("preferred CPU features for a VM with neither an instancetype nor `domain.cpu`", "`preference/cpu-features`"),
    ("a VM without `spec.template`", "`manifest/type`"),
)

_HEAD = f"""\
# Where every field goes

How KubeVirt {NEWEST} applies an instancetype and a preference to a VirtualMachine, field by field, and how krm-fn does it. This
page is made from the tables that the code works by (`krm_fn/instancetype/fields.py`, `krm_fn/preference/fields.py` and
`krm_fn/vm/defaults.py`): `make golden` writes it, a test compares it. Paths of the VM begin below `spec.template.spec`;
annotations go to `spec.template.metadata`.
"""


def markdown() -> str:
    """Return docs/mapping.md."""
    return "\n".join(
        (
            _HEAD,
            "## Instancetypes\n",
            "In the order in which conflicts are reported. Of the rows about memory only the first conflict is.\n",
            _table(("instancetype", "VM", "written", "a conflict", "the VM sets it when"), _instancetype_rows()),
            "## Preferences\n",
            "In the order in which they are applied, after all of the instancetype. A preference never conflicts.\n",
            _table(("preference", "VM", "written"), _preference_rows()),
            "### Read but not written\n",
            _table(("preference", "meaning"), _other_rows()),
            "## Where KubeVirt crashes\n",
            "Input on which KubeVirt's own code panics is an error with a rule of its own here.\n",
            _table(("input", "rule"), _CRASHES),
            "## Defaults\n",
            "The keys of the renderer's `defaults`, when that is a mapping. A field that the VM sets stays as it is.\n",
            _table(
                ("key", "writes", "meaning"),
                ((f"`{key}`", f"`{at}`", words) for key, (_, at, words) in SETTINGS.items()),
            ),
        )
    )


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"


def _instancetype_rows() -> Iterable[tuple[str, ...]]:
    for row in instancetype_fields.ROWS:
        conflict = conflict_of(row)
        set_when = "" if conflict == _CONFLICT[instancetype_fields.NEVER] else _SET_WHEN[row.set_when]
        yield f"`{row.source}`", f"`{row.target}`", _WRITTEN[row.how], conflict, set_when


def _preference_rows() -> Iterable[tuple[str, ...]]:
    for row in preference_fields.ROWS:
        yield f"`{row.source}`", f"`{row.target}`", how_written(row)


def how_written(row: preference_fields.Row) -> str:
    """When a preference writes a field, as words that follow "written"."""
    if row.how == preference_fields.SPECIAL:
        return _SPECIAL.get(row.source, _HYPERV)
    return _HOW[row.how] + _WHICH.get(row.when, "")


def conflict_of(row: instancetype_fields.Row) -> str:
    """When a VM's own value of a field is a conflict."""
    return _CONFLICT_NOTE.get(row.source, _CONFLICT[row.conflict])


def _other_rows() -> Iterable[tuple[str, ...]]:
    yield "`devices`", "its presence, even empty, gives every disk without a target `disk: {}`"
    for source in preference_fields.TOPOLOGY_FIELDS:
        yield f"`{source}`", "decides how the instancetype's vCPUs become sockets, cores and threads"
    for source in preference_fields.REQUIREMENT_FIELDS:
        note = _EMPTY_ARCHITECTURE if source == "requirements.architecture" else ""
        yield f"`{source}`", f"has to be met by the instancetype or the VM{note}"
    for source in preference_fields.WEBHOOK_FIELDS:
        yield f"`{source}`", "applied by KubeVirt's webhook only; here by `defaults: {storageClass: true}`"
    for source, reason in preference_fields.NOT_APPLIED.items():
        yield f"`{source}`", f"never applied: {reason}"


if __name__ == "__main__":
    sys.stdout.write(markdown())
