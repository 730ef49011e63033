"""Whether KubeVirt would take the specs that a series makes, said at the place in the series that is to blame."""

from __future__ import annotations

import re

from krm_fn.core import quantity
from krm_fn.core.manifest import mapping
from krm_fn.core.problem import join

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_fn.core.manifest import Manifest
    from krm_fn.series.findings import Findings

_STEP = re.compile(r"\[([^\]]*)\]|([^.\[\]]+)")


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
    """The definition's field that a spec's field comes from: in the first source with most of its path, else the last."""
    steps = [match[1] or match[2] for match in _STEP.finditer(path)]
    best, best_depth = sources[-1].path, 0
    for source in sources:
        depth = _depth(source.fragment, steps)
        if depth > best_depth:
            best, best_depth = (source.path if source.exact else join(source.path, path)), depth
    return best


def _depth(fragment: Any, steps: list[str]) -> int:
    """How many steps into a fragment lead somewhere."""
    for depth, step in enumerate(steps):
        if isinstance(fragment, dict) and step in fragment:
            fragment = fragment[step]
        elif isinstance(fragment, list) and step.isdigit() and int(step) < len(fragment):
            fragment = fragment[int(step)]
        else:
            return depth
    return len(steps)


def _amount(value: Any) -> int | None:
    """Bytes of a quantity; None for what isn't one, which the schema says."""
    return quantity.ceil(value) if quantity.is_quantity(value) else None


def check_instancetype(findings: Findings, spec: Manifest, sources: list[Source]) -> None:
    """Note what KubeVirt would refuse in an instancetype's spec: unknown or ill-typed fields, impossible memory."""
    memory = mapping(spec, "memory")
    guest, page = _amount(memory.get("guest")), _amount(mapping(memory, "hugepages").get("pageSize"))
    overcommit, most = memory.get("overcommitPercent"), _amount(memory.get("maxGuest"))
    if page is not None and page <= 0:
        _add(findings, sources, "memory.hugepages.pageSize", "the huge pages must be larger than 0: write 2Mi or 1Gi")
    elif page and guest is not None and guest % page:
        size = mapping(memory, "hugepages")["pageSize"]
        message = f"{memory['guest']} of memory is not a multiple of the huge pages' {size}"
        _add(findings, sources, "memory.hugepages.pageSize", message)
    if isinstance(overcommit, int) and overcommit and "hugepages" in memory:
        _add(
            findings,
            sources,
            "memory.overcommitPercent",
            "huge pages can't be overcommitted: leave out overcommitPercent or hugepages",
        )
    if most is not None and guest is not None and most < guest:
        _add(
            findings,
            sources,
            "memory.maxGuest",
            f"maxGuest {memory['maxGuest']} is less than the guest's {memory['guest']}",
        )


def check_preference(findings: Findings, spec: Manifest, sources: list[Source]) -> None:
    """Note what KubeVirt would refuse in a preference's spec."""


def _add(findings: Findings, sources: list[Source], path: str, message: str) -> None:
    place = locate(sources, path)
    if not findings.is_noted("series/spec", place):  # once for a field, not once for each size
        findings.add("series/spec", message, place)
