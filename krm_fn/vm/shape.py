"""The types of the VirtualMachine fields that expansion reads; the rest of the manifest is the validator's business."""

from __future__ import annotations

from krm_fn.core import shape
from krm_fn.instancetype import fields as instancetype_fields
from krm_fn.kubevirt.facts import BINDINGS, REMOVED_BINDINGS
from krm_fn.preference import fields as preference_fields

_TEMPLATE_SPEC = "spec.template.spec"
_DEVICES = "domain.devices"

_READ = {
    "networks[].name": "text",
    "networks[].pod": "mapping",
    "volumes[].name": "text",
    f"{_DEVICES}.disks[].name": "text",
    f"{_DEVICES}.disks[].disk.bus": "text",
    f"{_DEVICES}.filesystems[].name": "text",
    f"{_DEVICES}.interfaces[].name": "text",
    **{f"{_DEVICES}.interfaces[].{binding}": "mapping" for binding in (*BINDINGS, *REMOVED_BINDINGS)},
    f"{_DEVICES}.gpus[].virtualGPUOptions": "mapping",
    "domain.cpu.features[].name": "text",
    "domain.firmware.uuid": "text",
    "domain.firmware.serial": "text",
    "domain.memory.hugepages.pageSize": "text",
}

_AROUND = {
    "metadata.name": "text",
    "metadata.namespace": "text",
    "spec.instancetype": "mapping",
    "spec.preference": "mapping",
    "spec.template.metadata.annotations": "texts",
    "spec.dataVolumeTemplates[].spec.pvc.storageClassName": "text",
    "spec.dataVolumeTemplates[].spec.storage.storageClassName": "text",
    "status": "mapping",
}

_WRITTEN = [
    *((row.target, row.target_type) for row in instancetype_fields.ROWS),
    *((row.target, row.target_type) for row in preference_fields.ROWS),
]

SHAPE = shape.build(
    [
        *_AROUND.items(),
        *((f"{_TEMPLATE_SPEC}.{path}", type_name) for path, type_name in _READ.items()),
        *((f"{_TEMPLATE_SPEC}.{path}", type_name) for path, type_name in _WRITTEN if not path.startswith("metadata.")),
    ]
)
