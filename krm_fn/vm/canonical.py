"""A VirtualMachine as KubeVirt's webhook writes it back.

Go's objects that are always there, Go's spelling of quantities, and nothing where Go omits a zero. The tables name the
fields that Go holds by value, by pointer or as quantities (staging/src/kubevirt.io/api/core/v1).
"""

from __future__ import annotations

from krm_fn.core import quantity
from krm_fn.core.fieldpath import walk
from krm_fn.core.manifest import mapping
from krm_fn.kubevirt import schemas
from krm_fn.kubevirt.api import VIRTUAL_MACHINE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

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


POINTERS = frozenset(
    (
        *("addedOverhead", "apiGroup", "autoattachGraphicsDevice", "autoattachInputDevice", "autoattachMemBalloon"),
        *(
            "autoattachPodInterface",
            "autoattachSerialConsole",
            "autoattachVSOCK",
            "blockMultiQueue",
            "blockOwnerDeletion",
        ),
        *("bootOrder", "cdrom.readonly", "changedBlockTracking", "containerPath.readOnly", "controller"),
        *("dataSourceRef.namespace", "dedicatedIOThread", "deletionGracePeriodSeconds", "deletionTimestamp"),
        *("discardGranularity", "enabled", "encryptedState", "errorPolicy", "evictionStrategy", "guest", "imageStream"),
        *("inferFromVolumeFailurePolicy", "insecureSkipVerify", "ioThreadsPolicy", "logSerialConsole", "maxGuest"),
        *("memLock", "minDomains", "mode", "networkInterfaceMultiqueue", "nodeAffinityPolicy", "nodeTaintsPolicy"),
        *("offsetSeconds", "optional", "options.value", "panicDevices.model", "persistent", "preallocation", "present"),
        *("pullMethod", "rebootPolicy", "registry.certConfigMap", "registry.secretRef", "registry.url"),
        *(
            "resourceClaimName",
            "resourceClaimTemplateName",
            "runStrategy",
            "running",
            "secureBoot",
            "shareable",
            "shared",
        ),
        *(
            "sourceRef.namespace",
            "spinlocks.spinlocks",
            "startStrategy",
            "storageClassName",
            "supplementalPoolThreadCount",
        ),
        *("terminationGracePeriodSeconds", "timezone", "tolerationSeconds", "updateVolumesStrategy"),
        *("useSerial", "useVirtioTransitional", "utilityVolumes.type", "volumeAttributesClassName", "volumeMode"),
    )
)
"""Scalars that Go holds by pointer, whose zero is a choice and stays; `field.name` where a name alone could be either."""


def write(vm: Manifest) -> None:
    """Write a VM as Go does, in place: empty objects, canonical quantities, no zero values that Go omits.

    What is no quantity, or unknown to the schema, stays as it is.
    """
    schema = schemas.packaged(VIRTUAL_MACHINE)
    for key in ("metadata", "spec"):
        _drop_zeros(mapping(vm, key), _form(schema["properties"][key]) or {}, key)
    fill(vm)


def fill(vm: Manifest) -> None:
    """Write the empty objects that are always there, and quantities as Go spells them, in place."""
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


def _drop_zeros(value: Manifest, schema: Manifest, name: str) -> None:
    """Take the zero values out of a mapping and of all below it, in place; `name` is the mapping's own field."""
    known = schema.get("properties")
    if not isinstance(known, dict):
        return
    required = schema.get("required") or ()
    for key, item in list(value.items()):
        form = _form(known.get(key))
        if form is None:
            continue
        if isinstance(item, dict):
            _drop_zeros(item, form, key)
        elif isinstance(item, list):
            entries = _form(form.get("items")) or {}
            for entry in item:
                if isinstance(entry, dict):
                    _drop_zeros(entry, entries, key)
        by_value = key not in required and key not in POINTERS and f"{name}.{key}" not in POINTERS
        if by_value and _is_zero(item, form):
            del value[key]


def _form(schema: Any) -> Manifest | None:
    """A part of the schema, with a reference followed."""
    if isinstance(schema, dict) and "$ref" in schema:
        return _form(schemas.packaged(VIRTUAL_MACHINE)["$defs"].get(schema["$ref"].rpartition("/")[2]))
    return schema if isinstance(schema, dict) else None


def _is_zero(value: Any, form: Manifest) -> bool:
    """Whether Go can't tell a value from an absent one. An empty object behind a pointer is none, an empty map is."""
    if isinstance(value, dict):
        return not value and "properties" not in form and form.get("additionalProperties") is not False
    return value is None or (not value and isinstance(value, (str, int, list)))
