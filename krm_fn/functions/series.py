"""InstancetypeSeries and PreferenceSeries as functionConfig: a generator of the one family that it defines."""

from __future__ import annotations

from importlib import import_module

from krm_fn.core.manifest import text
from krm_fn.functions import generated
from krm_fn.kinds import SERIES
from krm_fn.validate.config import without_nulls

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_fn.core.finding import Finding
    from krm_fn.core.manifest import Manifest


def run(config: Manifest, items: list[Manifest]) -> tuple[list[Manifest], list[Finding]]:
    """Add the family that `config` defines to the items."""
    made, results = family(config)
    placed, clashes = generated.place(generated.without_echo(config, items), made, {generated.origin_of(config)})
    return placed, results + clashes


def family(definition: Manifest) -> tuple[list[Manifest], list[Finding]]:
    """The objects of one definition, marked with where they come from, and the mistakes in it."""
    made, results = import_module(SERIES[text(definition, "kind")]).expand(without_nulls(definition))
    origin = generated.origin_of(definition)
    return [generated.stamp(item, origin, definition) for item in made], results
