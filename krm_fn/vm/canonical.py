"""A VirtualMachine as KubeVirt's webhook writes it back.

Go's objects that are always there, and Go's spelling of quantities. The tables name the fields that Go holds by value
or as quantities (staging/src/kubevirt.io/api/core/v1).
"""

from __future__ import annotations

from krm_fn.core import quantity
from krm_fn.core.fieldpath import walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_fn.core.manifest import Manifest

_SPEC = "spec.template.spec"

ALWAYS_THERE = (
    "spec.template.metadata",
    f"{_SPEC}.domain.resources",
    f"{_SPEC}.domain.devices",
    f"{_SPEC}.domain.features.acpi",
    "spec.dataVolumeTemplates[].metadata",
    "spec.dataVolumeTemplates[].spec",
    "spec.dataVolumeTemplates[].spec.pvc.resources",
    "spec.dataVolumeTemplates[].spec.storage.resources",
)
"""Objects that Go writes even when they are empty, as soon as the object around them exists."""

HOST_DISK_CAPACITY = f"{_SPEC}.volumes[].hostDisk.capacity"
"""A quantity held by value: "0" when it is absent."""

QUANTITIES = (
    f"{_SPEC}.domain.memory.guest",
    f"{_SPEC}.domain.memory.maxGuest",
    f"{_SPEC}.domain.memory.reservedOverhead.addedOverhead",
    f"{_SPEC}.domain.resources.requests.*",
    f"{_SPEC}.domain.resources.limits.*",
    f"{_SPEC}.volumes[].emptyDisk.capacity",
    HOST_DISK_CAPACITY,
    "spec.dataVolumeTemplates[].spec.pvc.resources.requests.*",
    "spec.dataVolumeTemplates[].spec.pvc.resources.limits.*",
    "spec.dataVolumeTemplates[].spec.storage.resources.requests.*",
    "spec.dataVolumeTemplates[].spec.storage.resources.limits.*",
)


def write(vm: Manifest) -> None:
    """Write empty objects and canonical quantities into a VM, in place. What is no quantity stays as it is."""
    for path in ALWAYS_THERE:
        for _, parent, key in walk(vm, path.split(".")):
            if parent.get(key) is None:
                parent[key] = {}
    for _, parent, key in walk(vm, HOST_DISK_CAPACITY.split(".")):
        if parent.get(key) is None:
            parent[key] = "0"
    for path in QUANTITIES:
        for _, parent, key in walk(vm, path.split(".")):
            if quantity.is_quantity(parent.get(key)):
                parent[key] = quantity.text(parent[key])
