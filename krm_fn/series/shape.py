"""The shape of the functionConfig kinds, as schemas/functionConfig/<Kind>.json says it."""

from __future__ import annotations

from krm_fn.series.collector import SCHEMA

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from krm_fn.core.finding import Finding
    from krm_fn.core.manifest import Manifest
    from krm_fn.series.collector import Collector


def schema_of(kind: str) -> Manifest:
    """The JSON Schema of a functionConfig kind."""
    from krm_fn.kubevirt import schemas

    return schemas.config_schema(kind) or {}


def check_shape(
    findings: Collector, kind: str, said_elsewhere: Callable[[Finding], bool] = lambda _found: False
) -> None:
    """Note every unknown field and wrong type in the definition, except what another check says in better words."""
    from krm_fn.core import structural  # not for packaged definitions, which the tests check

    for found in structural.check(findings.item, schema_of(kind)):
        if not said_elsewhere(found):
            findings.take(found.but(rule=SCHEMA[found.rule]))


def items_of(parent: Manifest, key: str, path: str) -> Iterator[tuple[str, Manifest]]:
    """(field path, mapping) of each mapping in the list `parent[key]`, as far as it is one."""
    values = parent.get(key)
    for index, value in enumerate(values if isinstance(values, list) else []):
        if isinstance(value, dict):
            yield f"{path}.{key}[{index}]", value
