"""Flavors as compact series: the ratio found, common fields lifted, odd sizes spelled out.

Deterministic: series by name, sizes by vCPUs, memory and name.
"""

from __future__ import annotations

from collections import Counter

from krm_fn.core.manifest import copy_tree
from krm_fn.core.naming import natural
from krm_fn.core.quantity import mebibytes_text
from krm_fn.importers.families import DEFAULT_TEMPLATE
from krm_fn.importers.flavor import Flavor
from krm_fn.kubevirt.api import CONFIG_API

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from krm_fn.core.manifest import Manifest
    from krm_fn.importers.flavor import Options


def families(flavors: Iterable[Flavor]) -> dict[str, list[Flavor]]:
    """The flavors by series, both in their order of output."""
    found: dict[str, list[Flavor]] = {}
    for flavor in sorted(flavors, key=lambda one: (natural(one.series), one.cpu, one.memory, natural(one.size))):
        found.setdefault(flavor.series, []).append(flavor)
    return found


def instancetypes(series: str, flavors: list[Flavor], about: Mapping[str, str], options: Options) -> Manifest:
    """One InstancetypeSeries of a family's flavors.

    about: vendor, displayName and description of the source; `{series}` stands for the family.
    """
    spec: Manifest = {
        "class": flavors[0].klass,
        "version": "1",
        "vendor": options.vendor or about["vendor"],
        "displayName": about["displayName"].format(series=series),
        "description": about["description"].format(series=series),
    }
    if options.scope:
        spec["scope"] = options.scope
    if flavors[0].pattern != DEFAULT_TEMPLATE:
        spec["nameTemplate"] = flavors[0].pattern
    annotations = shared([flavor.annotations for flavor in flavors])
    if annotations:
        spec["annotations"] = annotations
    ratio = common_ratio(flavors)
    if ratio:
        spec["memoryPerVCPU"] = mebibytes_text(ratio)
    template = shared([flavor.template for flavor in flavors])
    if template:
        spec["template"] = template
    spec["sizes"] = {flavor.size: _size(flavor, ratio, template, annotations) for flavor in flavors}
    return {"apiVersion": CONFIG_API, "kind": "InstancetypeSeries", "metadata": {"name": series}, "spec": spec}


def common_ratio(flavors: list[Flavor]) -> int:
    """The MiB per vCPU that most sizes share (the smallest of equals), or 0 when no two sizes share any."""
    exact = Counter(flavor.memory // flavor.cpu for flavor in flavors if flavor.memory % flavor.cpu == 0)
    ratio, count = min(exact.items(), key=lambda item: (-item[1], item[0]), default=(0, 0))
    return ratio if count > 1 else 0


def _size(flavor: Flavor, ratio: int, template: Manifest, annotations: Manifest) -> Any:
    regular = flavor.cpu * ratio == flavor.memory
    own = without(flavor.template, template)
    notes = without(flavor.annotations, annotations)
    if not own and not notes and not flavor.deprecated:
        return flavor.cpu if regular else f"{flavor.cpu}x{mebibytes_text(flavor.memory)}"
    size: Manifest = {"cpu": flavor.cpu}
    if not regular:
        size["memory"] = mebibytes_text(flavor.memory)
    if own:
        size["template"] = own
    if notes:
        size["annotations"] = notes
    if flavor.deprecated:
        size["deprecated"] = True
    return size


def shared(values: list[Manifest]) -> Manifest:
    """The part that all mappings have alike, to any depth."""
    common: Manifest = {}
    for key, first in values[0].items():
        others = [value.get(key) for value in values]
        if all(other == first and isinstance(other, bool) == isinstance(first, bool) for other in others):
            common[key] = copy_tree(first)
        elif all(isinstance(other, dict) for other in others) and (part := shared([value[key] for value in values])):
            common[key] = part
    return common


def without(value: Manifest, common: Manifest) -> Manifest:
    """What a mapping has beyond the common part."""
    rest: Manifest = {}
    for key, item in value.items():
        if key not in common:
            rest[key] = copy_tree(item)
        elif isinstance(item, dict) and (part := without(item, common[key])):
            rest[key] = part
    return rest


def preferences(name: str, flavors: Iterable[Flavor], about: Mapping[str, str], options: Options) -> Manifest | None:
    """One PreferenceSeries with a member for each combination of traits that a flavor can have, or None without any."""
    traits: dict[str, Manifest] = {}
    members: dict[str, Manifest] = {}
    for flavor in flavors:
        traits |= flavor.traits
        members |= {".".join(names): {"traits": list(names)} for names in flavor.preferences if names}
    if not members:
        return None
    spec: Manifest = {"vendor": options.vendor or about["vendor"], "displayName": about["preferenceName"]}
    if options.scope:
        spec["scope"] = options.scope
    used = {trait for member in members.values() for trait in member["traits"]}
    spec["traits"] = {trait: traits[trait] for trait in sorted(used)}
    spec["members"] = {member: members[member] for member in sorted(members, key=natural)}
    return {"apiVersion": CONFIG_API, "kind": "PreferenceSeries", "metadata": {"name": name}, "spec": spec}
