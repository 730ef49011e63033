"""Google Compute Engine: the output of `gcloud compute machine-types list --format=json`.

One row for each zone. Fields as in the Compute API's machineTypes.
"""

from __future__ import annotations

import re

from krm_fn.core.naming import slug
from krm_fn.importers.families import split
from krm_fn.importers.flavor import Flavor, whole
from krm_fn.importers.listing import rows_with
from krm_fn.importers.loss import IGNORED, LOST, MAPPED, fold
from krm_fn.importers.platforms import Platform
from krm_fn.importers.traits import ARCHITECTURES, offer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_fn.core.manifest import Manifest
    from krm_fn.importers.flavor import Options

_COMMAND = "`gcloud compute machine-types list --format=json`"
_ABOUT = {
    "vendor": "cloud.google.com",
    "displayName": "Google Compute Engine {series}",
    "preferences": "What the machine types' processors allow",
    "preferenceName": "Google Compute Engine {{ member }}",
    "description": "Google Compute Engine's {series} machine types: {{{{ cpu }}}} vCPUs, {{{{ memory }}}} of memory",
}
_CLASSES = {
    "compute.optimized": ("c2", "c2d", "h3", "h4d"),
    "memory.optimized": ("m1", "m2", "m3", "m4", "m4n", "x4"),
    "storage.optimized": ("z3",),
    "accelerated.computing": ("a2", "a3", "a4", "a4x", "g2", "g4"),
}
_CLASS_OF = {family: name for name, families in _CLASSES.items() for family in families}
_PARTS = re.compile(r"(?P<series>.+?)-(?P<size>\d+[gt]?|micro|small|medium)(?P<tail>(?:-[a-z]+)*)")
_WHOLE = 100
_OWN = ("name", "guestCpus", "memoryMb")
_DISKS = (LOST, "disks are volumes of the VirtualMachine")
_KEYS = fold({
    "name": (MAPPED, "metadata.name"),
    "guestCpus": (MAPPED, "spec.cpu.guest"),
    "memoryMb": (MAPPED, "spec.memory.guest, in MiB whatever the key says"),
    "architecture": (MAPPED, "the preference's preferredArchitecture"),
    "deprecated": (MAPPED, "the label deprecated, unless its state is ACTIVE"),
    "maximumPersistentDisks": _DISKS,
    "maximumPersistentDisksSizeGb": _DISKS,
    "bundledLocalSsds": _DISKS,
    "scratchDisks": _DISKS,
    "imageSpaceGb": _DISKS,
    "accelerators": (MAPPED, "spec.gpus"),
    "zone": (IGNORED, "where it is offered"),
    "selfLink": (IGNORED, "where it is offered"),
    "id": (IGNORED, "an id of the platform's own"),
    "kind": (IGNORED, "the kind of the row"),
    "creationTimestamp": (IGNORED, "when the row was made"),
    "description": (IGNORED, "says cpus and memory again"),
})  # fmt: skip


def _rows(document: Any) -> list[Any] | None:
    """The rows: a list, one by itself, or the API's answer with them under `items`; aggregated, under each zone of it."""
    items = document.get("items") if isinstance(document, dict) else None
    if not isinstance(items, dict):
        return rows_with(document, *_OWN, within="items")
    found: list[Any] = []
    for scope in items.values():
        listed = scope.get("machineTypes", []) if isinstance(scope, dict) else None
        rows = rows_with(listed, *_OWN)
        if rows is None:
            return None
        found += rows
    return found


def _read(record: Manifest, options: Options) -> Flavor | str:
    """A flavor, or why there is none."""
    name = str(record.get("name", ""))
    if name.endswith("-metal"):
        return "bare metal is no virtual machine"
    flavor = Flavor(name, *_parts(slug(name)))
    flavor.cpu = whole(record.get("guestcpus")) or 0
    flavor.memory = whole(record.get("memorymb")) or 0
    flavor.klass = _CLASS_OF.get(flavor.series.split("-")[0], "general.purpose")
    state = record.get("deprecated")
    flavor.deprecated = isinstance(state, dict) and str(state.get("state", "")).upper() not in ("", "ACTIVE")
    flavor.burstable = record.get("issharedcpu") is True
    flavor.share("isSharedCpu", options)
    accelerators = record.get("accelerators")
    for accelerator in accelerators if isinstance(accelerators, list) else []:
        if isinstance(accelerator, dict):
            kind = str(accelerator.get("guestAcceleratorType", ""))
            flavor.add_devices("accelerators", kind, whole(accelerator.get("guestAcceleratorCount", 1)) or 0, options)
    architecture = str(record.get("architecture", "")).lower()
    if architecture and architecture not in ARCHITECTURES:
        return f"KubeVirt does not run {architecture}"
    if architecture:
        offer(flavor, [ARCHITECTURES[architecture]], [])
    return flavor


def _parts(name: str) -> tuple[str, str, str]:
    match = _PARTS.fullmatch(name)
    if match is None:
        return split(name)
    series, size, tail = match["series"], match["size"], match["tail"]
    return (
        (series + tail, size, f"{series}-{{{{ size }}}}{tail}") if tail else (series, size, "{{ series }}-{{ size }}")
    )


def _around(flavor: Flavor) -> str:
    """The generation: a3-megagpu-8g is one of a3."""
    return flavor.series.partition("-")[0] if "-" in flavor.series else ""


SOURCE = Platform("gcp", _COMMAND, _ABOUT, "name", _KEYS, _rows, _read, around=_around, whole=_WHOLE)
