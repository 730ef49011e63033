"""A VirtualMachine as it comes to run, so that two that are written differently compare equal.

Memory and topology are `kubevirt.defaulted`'s; counts that are then zero are one to pkg/virt-launcher.
"""

from __future__ import annotations

from krm_fn.core.manifest import copy_tree, mapping
from krm_fn.core.quantity import QuantityError, ceil
from krm_fn.kubevirt import defaulted
from krm_fn.migrate.shorten import TEMPLATE_NAMES
from krm_fn.vm import canonical

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from krm_fn.core.manifest import Manifest

ANNOTATIONS, TOPOLOGY = "annotations", "topology"
ACCEPTABLE = (ANNOTATIONS, TOPOLOGY)
"""What a user may accept as no difference: annotations that a preference adds, the arrangement of the vCPUs."""


def domain_of(vm: Manifest) -> Manifest:
    """`spec.template.spec.domain`, or an empty mapping that is not part of the VM."""
    return mapping(vm, "spec", "template", "spec", "domain")


def vcpus(vm: Manifest) -> int:
    """The number of vCPUs; 0 when it can't be told."""
    total = 1
    for count in _counts(domain_of(vm)).values():
        total *= count
    return total


def memory(vm: Manifest) -> int:
    """The guest's memory in bytes; 0 when it can't be told."""
    return _whole(defaulted.guest_memory(domain_of(vm)))


def settled(vm: Manifest, accepted: frozenset[str] = frozenset()) -> Manifest:
    """A new VM without its matchers, with memory, requests and topology as KubeVirt completes them."""
    out: Manifest = copy_tree(vm)
    for key in ("instancetype", "preference"):
        mapping(out, "spec").pop(key, None)
    canonical.fill(out)
    template = mapping(out, "spec", "template")
    metadata = mapping(template, "metadata")
    annotations = mapping(metadata, "annotations")
    for name in TEMPLATE_NAMES:
        annotations.pop(name, None)
    if not annotations or ANNOTATIONS in accepted:
        metadata.pop("annotations", None)
    domain = domain_of(out)
    if not domain:
        return out
    counts = _counts(domain)
    total = vcpus(out)
    cpu = domain["cpu"] = {**mapping(domain, "cpu"), **counts}
    if TOPOLOGY in accepted:
        for part in defaulted.TOPOLOGY:
            cpu[part] = 1
        cpu["vcpus"] = total
    guest = memory(out)
    if guest:
        domain["memory"] = {**mapping(domain, "memory"), "guest": guest}
        resources = mapping(domain, "resources")
        requests = {**mapping(resources, "requests")}
        requests["memory"] = _whole(requests.get("memory")) or guest
        domain["resources"] = {**resources, "requests": requests}
    return out


def _counts(domain: Manifest) -> dict[str, int]:
    counts = zip(defaulted.TOPOLOGY, defaulted.topology(domain), strict=True)
    return {part: count if 0 < count < 1 << 32 else 1 for part, count in counts}


def _whole(value: Any) -> int:
    try:
        return max(ceil(value), 0) if isinstance(value, (str, int, float)) and not isinstance(value, bool) else 0
    except QuantityError:
        return 0


_ABSENT = object()


def differences(before: Any, after: Any, path: str = "") -> Iterator[tuple[str, str, str]]:
    """(path, what it is, what it would be) of each leaf that differs."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in (*before, *(key for key in after if key not in before)):
            place = f"{path}.{key}" if path else str(key)
            yield from differences(before.get(key, _ABSENT), after.get(key, _ABSENT), place)
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for number, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from differences(one, other, f"{path}[{number}]")
    elif before != after:
        yield path, _shown(before), _shown(after)


def _shown(value: Any) -> str:
    if value is _ABSENT:
        return "absent"
    text = str(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
