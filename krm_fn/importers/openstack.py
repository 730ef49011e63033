"""OpenStack: `openstack flavor list --long`, `flavor show` and `image show`, each with `-f json`.

Also what the Nova and Glance APIs answer. Flavors become instancetypes and, for what their extra specs ask
of the guest, preferences; images become preferences (`image`).
"""

from __future__ import annotations

import re
from copy import copy

from krm_fn.core.naming import slug
from krm_fn.importers.extra_specs import apply, is_bare_metal
from krm_fn.importers.families import split, wider
from krm_fn.importers.flavor import Flavor, whole
from krm_fn.importers.image import finish
from krm_fn.importers.listing import folded, rows_with
from krm_fn.importers.loss import IGNORED, LOST, MAPPED, fold, only
from krm_fn.importers.operators import equal_to
from krm_fn.importers.platforms import Platform

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_fn.core.manifest import Manifest
    from krm_fn.importers.flavor import Options

_COMMAND = "`openstack flavor list --long -f json`, `flavor show` or `image show`"
_ABOUT = {
    "vendor": "openstack.org",
    "displayName": "OpenStack {series}",
    "preferences": "What the flavors' extra specs ask of the guest",
    "preferenceName": "OpenStack flavor, {{ member }}",
    "description": "OpenStack's {series} flavors: {{{{ cpu }}}} vCPUs, {{{{ memory }}}} of memory",
}
_DISK = (LOST, "disks are volumes of the VirtualMachine")
_CLOUD = (IGNORED, "about the flavor's place in its cloud")
_BANDWIDTH = only(
    lambda factor: str(factor) not in ("1", "1.0"),
    (LOST, "KubeVirt does not limit bandwidth by instancetype"),
    "the factor that changes nothing",
)
_DISABLED = only(lambda value: str(value).casefold() == "true", (MAPPED, "the label deprecated"), "it is not disabled")
_KEYS = fold({
    "name": (MAPPED, "metadata.name"),
    "ram": (MAPPED, "spec.memory.guest, in MiB"),
    "vcpus": (MAPPED, "spec.cpu.guest"),
    "disk": _DISK, "ephemeral": _DISK, "OS-FLV-EXT-DATA:ephemeral": _DISK,
    "swap": (LOST, "swap is the guest's or a volume of the VirtualMachine"),
    "rxtx_factor": _BANDWIDTH, "rxtx factor": _BANDWIDTH,
    "description": (LOST, "the series describes all of its sizes"),
    "id": (IGNORED, "an id of the cloud's own"),
    "is public": _CLOUD, "os-flavor-access:is_public": _CLOUD, "access_project_ids": _CLOUD, "links": _CLOUD,
    "is_public": _CLOUD, "location": _CLOUD, "original_name": _CLOUD,
    "OS-FLV-DISABLED:disabled": _DISABLED, "is_disabled": _DISABLED,
})  # fmt: skip
_PROPERTY = re.compile(r"\s*(?P<key>[^=,\s]+)='(?P<value>(?:[^'\\]|\\.)*)'\s*(?:,|$)")
_SPECS = ("properties", "extra_specs")


def _rows(document: Any) -> list[Any] | None:
    """Flavors and images: a list of them, one by itself, or an API's answer with `flavors`, `flavor` or `images`."""
    if isinstance(document, dict):
        for within in ("flavors", "images"):
            if isinstance(document.get(within), list):
                return document[within] if all(_ours(row) for row in document[within]) else None
        one = document.get("flavor", document)
        return [one] if _ours(one) else None
    if isinstance(document, list):
        return document if all(_ours(row) for row in document) else None
    return rows_with(document, "name")


def _is_flavor(record: Manifest) -> bool:
    """Whether a record is a flavor, not an image."""
    return {"ram", "vcpus", "name"} <= {str(key).casefold() for key in record}


def _ours(row: Any) -> bool:
    return isinstance(row, dict) and (_is_flavor(row) or {"disk_format", "name"} <= row.keys())


def _unnest(record: Manifest) -> Manifest:
    """The record with its extra specs as a mapping: older clients print them as one text."""
    found = dict(record)
    for key, value in record.items():
        if str(key).casefold() in _SPECS and isinstance(value, str):
            parsed = parse_properties(value)
            found[key] = value if parsed is None else parsed
    return found


def parse_properties(text: str) -> dict[str, str] | None:
    """`k='v', k2='v2'` as a mapping, or None when the text is nothing of the kind."""
    found: dict[str, str] = {}
    position = 0
    while position < len(text):
        match = _PROPERTY.match(text, position)
        if match is None:
            return None
        found[match["key"]] = re.sub(r"\\(.)", r"\1", match["value"])
        position = match.end()
    return found


def _read(record: Manifest, options: Options) -> Flavor | str:
    """A flavor. What its extra specs ask for goes into the instancetype and into one preference."""
    name = str(record.get("name", ""))
    flavor = Flavor(name, *split(slug(name)))
    flavor.cpu = whole(record.get("vcpus")) or 0
    flavor.memory = whole(record.get("ram")) or 0
    disabled = record.get("os-flv-disabled:disabled", record.get("is_disabled"))
    flavor.deprecated = str(disabled).casefold() == "true"
    specs = next((key for key in _SPECS if key in record), "")
    if not specs:
        detail = "this listing has no extra specs; print it with --long, or with flavor show"
        flavor.remarks.append(("properties", LOST, detail))
    elif not record[specs]:
        flavor.decide(specs, IGNORED, "it has none")
    elif isinstance(record[specs], dict):
        if is_bare_metal(record[specs]):
            return "a flavor of the Bare Metal service is no virtual machine"
        apply(flavor, specs, record[specs], options)
    return flavor


def _is_image(record: Manifest) -> bool:
    return not _is_flavor(record)


def _with_aggregates(records: list[Manifest], options: Options) -> Options:
    """The options with every text that each property of an aggregate is compared with in the listing."""
    found: dict[str, set[str]] = {}
    for record in records:
        row = folded(record)
        specs: Manifest = next((row[key] for key in _SPECS if isinstance(row.get(key), dict)), {})
        for name, value in specs.items():
            if name.startswith("aggregate_instance_extra_specs:") and (text := equal_to(str(value))) is not None:
                found.setdefault(name, set()).add(text)
    made = copy(options)
    made.aggregates = {name: frozenset(values) for name, values in found.items()}
    return made


SOURCE = Platform(
    "openstack", _COMMAND, _ABOUT, "name", _KEYS, _rows, _read,
    unnest=_unnest, others=(_is_image, finish), prepare=_with_aggregates, around=wider,
)  # fmt: skip
