"""One instancetype or preference of a catalog, with what a person chooses by.

Figures come from the spec, names and descriptions from the labels and annotations of common-instancetypes. A preference's
figures are what it requires.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from krm_fn.core import quantity
from krm_fn.core.manifest import annotation, mapping, name_of, namespace_of, text
from krm_fn.kubevirt.api import CLUSTER_KINDS, INSTANCETYPE_KINDS, LABEL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from krm_fn.core.manifest import Manifest

INSTANCETYPE, PREFERENCE = "instancetype", "preference"
SUCCESSOR = "krm-fn.dev/successor"
"""Annotation of a deprecated object: the name of the one to take instead."""
_ARCHITECTURE_LABEL = "kubernetes.io/arch"
_ORIGIN = "krm-fn.dev/origin"


class Entry(NamedTuple):
    """One object of a catalog. A figure that the object does not say is None, a text ""."""

    catalog: str
    item: Manifest
    kind: str
    """INSTANCETYPE or PREFERENCE."""
    name: str
    namespace: str
    scope: str
    """Cluster or Namespaced."""
    family: str
    """The series that it is of, or what stands before the first dot of its name."""
    display_name: str
    description: str
    type_class: str
    """The label `class`, such as general.purpose."""
    vendor: str
    os_type: str
    architecture: str
    vcpus: int | None
    memory: str
    """As a quantity, such as 4Gi."""
    memory_bytes: int | None
    dedicated: bool
    """Whether each vCPU has a host CPU to itself."""
    hugepages: str
    """The size of its pages, such as 2Mi."""
    numa: bool
    realtime: bool
    overcommit: int | None
    """By how many percent less memory is asked of the node than the guest sees."""
    gpus: tuple[str, ...]
    """The device names of its GPUs."""
    devices: tuple[str, ...]
    """The device names of its other host devices."""
    deprecated: bool
    successor: str
    """The name of the object to take instead of a deprecated one."""

    @property
    def plain(self) -> bool:
        """Whether it asks nothing special of a node."""
        return not (self.dedicated or self.hugepages or self.numa or self.realtime or self.gpus or self.devices)


def entries(catalog: str, items: Iterable[Manifest], families: dict[int, str] | None = None) -> list[Entry]:
    """The entries of a catalog's objects. families: the series of an object by its id(), where that is known."""
    known = families or {}
    return [_entry(catalog, item, known.get(id(item), "")) for item in items]


def _entry(catalog: str, item: Manifest, family: str) -> Entry:
    is_instancetype = item["kind"] in INSTANCETYPE_KINDS
    spec = mapping(item, "spec")
    labels = mapping(mapping(item, "metadata"), "labels")
    figures = spec if is_instancetype else mapping(spec, "requirements")
    cpu = mapping(spec, "cpu") if is_instancetype else {}
    memory = mapping(spec, "memory") if is_instancetype else {}
    vcpus = mapping(figures, "cpu").get("guest")
    given = mapping(figures, "memory").get("guest")
    size = given if quantity.is_quantity(given) else None
    origin = annotation(item, _ORIGIN).rpartition("/")[2]
    return Entry(
        catalog=catalog,
        item=item,
        kind=INSTANCETYPE if is_instancetype else PREFERENCE,
        name=name_of(item),
        namespace=namespace_of(item),
        scope="Cluster" if item["kind"] in CLUSTER_KINDS else "Namespaced",
        family=family or origin or name_of(item).partition(".")[0],
        display_name=annotation(item, f"{LABEL}displayName") or annotation(item, "openshift.io/display-name"),
        description=annotation(item, f"{LABEL}description"),
        type_class=text(labels, f"{LABEL}class"),
        vendor=text(labels, f"{LABEL}vendor"),
        os_type=text(labels, f"{LABEL}os-type"),
        architecture=_architecture(spec, is_instancetype=is_instancetype),
        vcpus=vcpus if isinstance(vcpus, int) else None,
        memory="" if size is None else str(size),
        memory_bytes=None if size is None else quantity.ceil(size),
        dedicated=cpu.get("dedicatedCPUPlacement") is True,
        hugepages=text(mapping(memory, "hugepages"), "pageSize"),
        numa="guestMappingPassthrough" in mapping(cpu, "numa"),
        realtime=cpu.get("realtime") is not None,
        overcommit=memory.get("overcommitPercent") or None,
        gpus=_names(spec.get("gpus")) if is_instancetype else (),
        devices=_names(spec.get("hostDevices")) if is_instancetype else (),
        deprecated=text(labels, f"{LABEL}deprecated") == "true",
        successor=annotation(item, SUCCESSOR),
    )


def _architecture(spec: Manifest, *, is_instancetype: bool) -> str:
    if is_instancetype:
        return text(mapping(spec, "nodeSelector"), _ARCHITECTURE_LABEL)
    return text(mapping(spec, "requirements"), "architecture") or text(spec, "preferredArchitecture")


def _names(devices: Any) -> tuple[str, ...]:
    given = devices if isinstance(devices, list) else []
    return tuple(text(device, "deviceName") or text(device, "name") for device in given if isinstance(device, dict))


def row(entry: Entry) -> dict[str, Any]:
    """An entry for programs: numbers as numbers, and no field that says nothing."""
    fields = {
        "name": entry.name,
        "namespace": entry.namespace,
        "kind": entry.kind,
        "scope": entry.scope,
        "catalog": entry.catalog,
        "family": entry.family,
        "vCPUs": entry.vcpus,
        "memory": entry.memory,
        "memoryBytes": entry.memory_bytes,
        "displayName": entry.display_name,
        "description": entry.description,
        "class": entry.type_class,
        "vendor": entry.vendor,
        "osType": entry.os_type,
        "architecture": entry.architecture,
        "dedicatedCPUs": entry.dedicated,
        "hugepages": entry.hugepages,
        "numa": entry.numa,
        "realtime": entry.realtime,
        "overcommitPercent": entry.overcommit,
        "gpus": list(entry.gpus),
        "hostDevices": list(entry.devices),
        "deprecated": entry.deprecated,
        "successor": entry.successor,
    }
    return {key: value for key, value in fields.items() if value not in ("", None, [], False)}
