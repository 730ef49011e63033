"""A preference made ready to be applied to many VirtualMachines.

Everything that follows from the preference alone is worked out once, here; apply.py and requirements.py then only
look at the VM.
"""

from __future__ import annotations

from krm_fn.core import quantity, shape
from krm_fn.core.fieldpath import find
from krm_fn.core.manifest import mapping, name_of
from krm_fn.kubevirt import topology
from krm_fn.kubevirt.facts import DISK_TARGETS
from krm_fn.preference import fields, validate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_fn.core.fieldpath import Steps
    from krm_fn.core.manifest import Manifest

Step = tuple["Steps", str, str, "Any"]
EntryStep = tuple[str, str, bool, "Any"]

SHAPE = shape.build(
    [
        *((row.source, row.type) for row in fields.ROWS),
        *fields.TOPOLOGY_FIELDS.items(),
        *fields.REQUIREMENT_FIELDS.items(),
        *fields.WEBHOOK_FIELDS.items(),
        *fields.NOT_APPLIED_TYPES.items(),
        ("cpu.preferredCPUFeatures[].name", "text"),
    ]
)


class Plan:
    """What one preference means for any VM.

    item: the preference; name, spec: its own. mistyped: parts of wrong types; with any, the rest is empty. invalid:
    rules of its own that it breaks. warnings: what KubeVirt warns of, and should. topology, ratio, across: see
    kubevirt.topology. steps, autoattach: (section of the VM's spec, key, how, value). hyperv, features, annotations:
    as in the preference. disks: the steps for each kind of target, None without a devices section; interfaces,
    inputs: the steps for each entry. masquerade, firmware, clock, panic_model, gpu_options, storage_class: the
    preference's value or None. required_vcpus, required_memory (nano), required_memory_text, required_architecture:
    None when not required; requires: whether any is.
    """

    __slots__ = (
        "across",
        "annotations",
        "autoattach",
        "clock",
        "cpu_features",
        "disks",
        "firmware",
        "gpu_options",
        "hyperv",
        "inputs",
        "interfaces",
        "invalid",
        "item",
        "masquerade",
        "mistyped",
        "name",
        "panic_model",
        "ratio",
        "required_architecture",
        "required_memory",
        "required_memory_text",
        "required_vcpus",
        "requires",
        "spec",
        "steps",
        "storage_class",
        "topology",
        "warnings",
    )

    field = "preference"
    """The field of a VM's spec that names it."""

    def __init__(self, preference: Manifest) -> None:
        self.item = preference
        self.name = name_of(preference)
        spec = preference.get("spec")
        self.spec: Manifest = spec if isinstance(spec, dict) else {}
        self.mistyped = shape.mismatches({} if spec is None else spec, SHAPE, "spec", preference)
        if self.mistyped:
            self.spec = {}
        self.invalid = validate.invalid(self.spec, preference)
        self.warnings = [*validate.deprecated(self.spec, preference), *validate.doubtful(self.spec, preference)]
        self.topology = topology.preferred_topology(self.spec)
        self.ratio, self.across = topology.spread_options(self.spec)
        self._work_out_steps()
        self._work_out_specials()
        self._work_out_requirements()

    def _work_out_steps(self) -> None:
        steps = [_step(row, self.spec) for row in fields.ROWS if "[]" not in row.target]
        self.steps: tuple[Step, ...] = tuple(step for step in steps if step is not None)
        attach = [_step(row, self.spec) for row in fields.AUTOATTACH_ROWS]
        self.autoattach: tuple[Step, ...] = tuple(step for step in attach if step is not None)
        self.interfaces = _entry_steps(self.spec, "domain.devices.interfaces[]")
        self.inputs = _entry_steps(self.spec, "domain.devices.inputs[]")
        has_devices = self.spec.get("devices") is not None
        disks = "domain.devices.disks[]"
        self.disks: dict[str, tuple[EntryStep, ...]] | None = (
            {when: _entry_steps(self.spec, disks, when) for when in (*DISK_TARGETS, fields.VIRTIO_DISK)}
            if has_devices
            else None
        )

    def _work_out_specials(self) -> None:
        devices = mapping(self.spec, "devices")
        self.masquerade: Manifest | None = devices.get("preferredInterfaceMasquerade")
        self.panic_model: str | None = devices.get("preferredPanicDeviceModel")
        self.gpu_options: Manifest | None = devices.get("preferredVirtualGPUOptions")
        self.cpu_features: list[Manifest] = mapping(self.spec, "cpu").get("preferredCPUFeatures") or []
        self.hyperv: Manifest | None = mapping(self.spec, "features").get("preferredHyperv")
        self.firmware: Manifest | None = self.spec.get("firmware")
        offset = mapping(self.spec, "clock", "preferredClockOffset")
        self.clock = {key: value for key, value in offset.items() if value is not None}
        self.annotations = {key: text or "" for key, text in mapping(self.spec, "annotations").items()}
        self.storage_class: str = mapping(self.spec, "volumes").get("preferredStorageClassName") or ""

    def _work_out_requirements(self) -> None:
        required = mapping(self.spec, "requirements")
        cpu, memory = required.get("cpu"), required.get("memory")
        guest = None if memory is None else memory.get("guest") or "0"
        self.required_vcpus: int | None = None if cpu is None else cpu.get("guest") or 0
        self.required_memory: int | None = None if guest is None else quantity.nano(guest)
        self.required_memory_text = "" if guest is None else quantity.text(guest)
        self.required_architecture: str | None = required.get("architecture")
        self.requires = not (cpu is None and memory is None and self.required_architecture is None)


def _step(row: fields.Row, spec: Manifest) -> Step | None:
    """What a row does to every VM, None when the preference doesn't set it or its module does it."""
    value = find(spec, row.source.split("."))
    if value is None or row.how is fields.SPECIAL:
        return None
    *section, key = row.target.split(".")
    if row.how is fields.MARK:
        return (*section, key), "", row.how, None
    if row.how is fields.FILL_MARK:
        return (tuple(section), key, fields.FILL_TEXT, value) if value else (tuple(section), "", fields.MARK, None)
    if row.how in (fields.FILL_TEXT, fields.FILL_IF_PARENT) and not value:
        return None
    return tuple(section), key, row.how, value


def _entry_steps(spec: Manifest, entries: str, when: str = "") -> tuple[EntryStep, ...]:
    """(section of the entry or "", key, whether an empty string counts as missing, value) for each entry of a list."""
    steps = []
    for row in fields.ROWS:
        value = find(spec, row.source.split(".")) if row.target.startswith(entries) and row.when == when else None
        if value is None or (row.how is fields.FILL_TEXT and not value):
            continue
        section, _, key = row.target[len(entries) + 1 :].rpartition(".")
        steps.append((section, key, row.how is fields.FILL_TEXT, value))
    return tuple(steps)
