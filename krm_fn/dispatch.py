"""From a functionConfig to the function that it configures."""

from __future__ import annotations

from importlib import import_module

from krm_fn.core.errors import FunctionConfigError
from krm_fn.core.finding import Finding, Rule
from krm_fn.core.manifest import text
from krm_fn.kinds import KINDS, SERIES
from krm_fn.kubevirt.api import CONFIG_API
from krm_fn.validate.config import check_config, without_nulls

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_fn.core.manifest import Manifest


MISSING = Rule(
    "config/missing",
    "No functionConfig",
    "A KRM function is told what to do by the functionConfig; without one there is nothing to do.",
)


def run(config: Manifest | None, items: list[Manifest], **how: Any) -> tuple[list[Manifest], list[Finding]]:
    """Call the function that `config` names. `items` are never changed in place; new ones come back.

    how: what the function takes besides, such as who does its work.

    Raises FunctionConfigError with every mistake in the functionConfig.
    """
    if not config:
        raise FunctionConfigError(
            [Finding(MISSING, f"there is no functionConfig: give one of kind {', '.join(KINDS)}")]
        )
    mistakes = _mistakes(config)
    if mistakes:
        raise FunctionConfigError(mistakes)
    config = without_nulls(config)
    module = import_module(KINDS[text(config, "kind")].module)
    done: tuple[list[Manifest], list[Finding]] = module.run(config, items, **how)
    return done


def generate(definitions: list[Manifest], items: list[Manifest]) -> tuple[list[Manifest], list[Finding]]:
    """The objects of several definitions among the items.

    They are placed once, so that a thousand definitions cost a thousand times one. Raises FunctionConfigError as `run` does.
    """
    from krm_fn.functions import generated

    made: list[Manifest] = []
    results: list[Finding] = []
    for definition in definitions:
        own, found = run(definition, [])
        made += own
        results += found
    placed, clashes = generated.place(items, made, {generated.origin_of(definition) for definition in definitions})
    return placed, results + clashes


def _mistakes(config: Manifest) -> list[Finding]:
    """What makes a functionConfig unusable. A series is a definition: all that is wrong with it comes with its expansion."""
    if text(config, "kind") in SERIES and config.get("apiVersion") == CONFIG_API:
        return []
    return check_config(config)
