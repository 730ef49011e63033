"""Traits: named fragments of a preference's spec, the series' own and the packaged ones."""

from __future__ import annotations

from functools import lru_cache

from krm_fn.core import data, wire
from krm_fn.core.fieldpath import join, segment
from krm_fn.core.finding import Rule
from krm_fn.core.manifest import mapping
from krm_fn.core.suggest import did_you_mean
from krm_fn.core.wording import show
from krm_fn.series.specs import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_fn.core.manifest import Manifest
    from krm_fn.series.collector import Collector
    from krm_fn.series.fragments import Compiler

TRAIT = Rule(
    "series/trait", "Unknown trait", "A member names a trait that neither the series nor the packaged ones have."
)
_PACKAGED_WEIGHT = 300


@lru_cache(maxsize=1)
def packaged() -> dict[str, Manifest]:
    """The traits that every series can use, by name. Read once; not to be changed."""
    documents = wire.read(data.read("catalog", "traits.yaml"), "traits.yaml")
    return {name: fragment for document in documents for name, fragment in document.items()}


class Traits:
    """The traits that one series can use. The packaged ones are read when a member names one that isn't its own."""

    __slots__ = ("findings", "own")

    def __init__(self, findings: Collector, compiler: Compiler, spec: Manifest) -> None:
        self.findings = findings
        self.own: dict[str, tuple[Source, int]] = {}
        for name, fragment in mapping(spec, "traits").items():
            before = compiler.weight
            path = join("spec.traits", segment(name))
            source = Source(path, compiler.compiled(fragment if isinstance(fragment, dict) else {}, path))
            self.own[str(name)] = source, compiler.weight - before

    def sources(self, names: Any, path: str) -> tuple[list[Source], int]:
        """The fragments of a member's traits in order, and what rendering them touches. Unknown names are noted."""
        found: list[Source] = []
        weight = 0
        for index, name in enumerate(names if isinstance(names, list) else []):
            place = f"{path}[{index}]"
            if not isinstance(name, str) or self.findings.is_full:
                continue
            if name in self.own:
                source, own_weight = self.own[name]
                found.append(source)
                weight += own_weight
            elif name in packaged():
                found.append(Source(place, packaged()[name], exact=True))
                weight += _PACKAGED_WEIGHT
            else:
                known = {*self.own, *packaged()}
                hint = did_you_mean(name, known) or f"; known: {', '.join(sorted(packaged()))}"
                self.findings.add(TRAIT, f"{show(name)} is not a trait{hint}", place, current=name)
        return found, weight
