"""CatalogGenerator: the objects of the packaged catalogs."""

from __future__ import annotations

from krm_fn.core import budget
from krm_fn.functions import generated
from krm_fn.functions.guard import operator_names
from krm_fn.series import generator

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_fn.core.finding import Finding
    from krm_fn.core.manifest import Manifest


def run(config: Manifest, items: list[Manifest]) -> tuple[list[Manifest], list[Finding]]:
    """Add the chosen objects of the packaged catalogs to the items."""
    made, results = generator.run(config)
    budget.spend("objects", len(made))
    origin = generated.origin_of(config)
    for item in made:
        generated.stamp(item, origin, config)
    placed, clashes = generated.place(generated.without_echo(config, items), made, {origin})
    return placed, results + clashes + operator_names(made, config)
