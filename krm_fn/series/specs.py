"""Whether KubeVirt would take the specs that a series makes, said at the place in the series that is to blame."""

from __future__ import annotations

from krm_fn.core import quantity
from krm_fn.core.fieldpath import depth, join, parse
from krm_fn.core.finding import Finding
from krm_fn.core.manifest import mapping
from krm_fn.kubevirt.api import INSTANCETYPE, INSTANCETYPE_API, PREFERENCE
from krm_fn.series.collector import SCHEMA

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from krm_fn.core.manifest import Manifest
    from krm_fn.series.collector import Collector

MAX_REFUSED = 100
"""Objects of one definition whose specs are looked at although they turn out wrong: most have their mistakes in common."""

_ROOT = "spec."


class Source:
    """A fragment that went into a spec, and the field of the definition it stands at.

    exact: the definition spells the fragment differently, so `path` is as near as one can point.
    """

    __slots__ = ("exact", "fragment", "path")

    def __init__(self, path: str, fragment: Any, *, exact: bool = False) -> None:
        self.path = path
        self.fragment = fragment
        self.exact = exact


def locate(sources: list[Source], path: str) -> str:
    """The definition's field that a spec's field comes from: in the first source with most of its path, or the last."""
    steps = parse(path)
    best, best_depth = sources[-1].path, 0
    for source in sources:
        reach = depth(source.fragment, steps)
        if reach > best_depth:
            best, best_depth = (source.path if source.exact else join(source.path, path)), reach
    return best


def _is_well_formed(findings: Collector, kind: str, spec: Manifest, sources: list[Source]) -> bool:
    """Whether a spec has only fields and types that the API knows; what it has besides is noted."""
    if findings.refused >= MAX_REFUSED:
        return False
    from krm_fn.core import structural  # neither is needed for packaged definitions, whose specs the tests check
    from krm_fn.kubevirt import schemas

    item = {"apiVersion": INSTANCETYPE_API, "kind": kind, "metadata": {}, "spec": spec}
    found = [each for each in structural.check(item, schemas.packaged(kind)) if each.path.startswith(_ROOT)]
    for each in found:
        findings.take(each.but(rule=SCHEMA[each.rule], path=locate(sources, each.path.removeprefix(_ROOT))))
    findings.refused += bool(found)
    return not found


def check_instancetype(findings: Collector, spec: Manifest, sources: list[Source]) -> None:
    """Note what KubeVirt would refuse in an instancetype's spec, and what no guest could have."""
    if not _is_well_formed(findings, INSTANCETYPE, spec, sources):
        return
    from krm_fn.instancetype.validate import deprecated, doubtful, invalid

    for each in (*invalid(spec), *_impossible(spec), *deprecated(spec), *doubtful(spec)):
        _note(findings, sources, each)


def check_preference(findings: Collector, spec: Manifest, sources: list[Source]) -> None:
    """Note what KubeVirt would refuse in a preference's spec."""
    if not _is_well_formed(findings, PREFERENCE, spec, sources):
        return
    from krm_fn.preference.validate import deprecated, doubtful, invalid

    for each in (*invalid(spec), *deprecated(spec), *doubtful(spec)):
        _note(findings, sources, each)


def _note(findings: Collector, sources: list[Source], found: Finding) -> None:
    """Note a finding where it comes from; once for a field, not once for each size."""
    place = locate(sources, found.path.removeprefix(_ROOT))
    if not findings.is_noted(found.rule, place):
        findings.take(found.but(path=place))


def _impossible(spec: Manifest) -> Iterator[Finding]:
    """Memory that no guest can be given. The spec has the API's types."""
    from krm_fn.instancetype.validate import INVALID

    memory = mapping(spec, "memory")
    texts = {
        "memory.guest": memory.get("guest"),
        "memory.maxGuest": memory.get("maxGuest"),
        "memory.hugepages.pageSize": mapping(memory, "hugepages").get("pageSize"),
    }
    amounts: dict[str, int] = {}
    for path, text in texts.items():
        if text is not None:
            try:
                amounts[path] = quantity.ceil(text)
            except quantity.QuantityError as error:
                yield Finding(INVALID, str(error), path=path)
                continue
            if amounts[path] <= 0:
                yield Finding(INVALID, f"{text} of memory: write more than 0", path=path)
    guest, most, page = (amounts.get(path, 0) for path in texts)
    if guest > 0 and page > 0 and guest % page:
        message = (
            f"{texts['memory.guest']} of memory is not a multiple of the huge pages' {memory['hugepages']['pageSize']}"
        )
        yield Finding(INVALID, message, path="memory.hugepages.pageSize")
    if 0 < most < guest:
        message = f"maxGuest {memory['maxGuest']} is less than the guest's {memory['guest']}"
        yield Finding(INVALID, message, path="memory.maxGuest")
