"""From a functionConfig to the function that it configures."""

from __future__ import annotations

from importlib import import_module

from krm_fn.core.errors import FunctionConfigError
from krm_fn.core.finding import Finding, Rule
from krm_fn.core.manifest import mapping, text
from krm_fn.kinds import KINDS, SERIES
from krm_fn.kubevirt.api import CONFIG_API
from krm_fn.validate.config import KIND, SCHEMA, check_config, without_nulls

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
    out: list[Manifest]
    out, results = module.run(config, items, **how)
    return out, results + _unknown_rules(config)


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


def _unknown_rules(config: Manifest) -> list[Finding]:
    """A misspelt rule under `severity` would silently leave everything as it was."""
    severities = mapping(config, "spec", "severity")
    if not severities:
        return []
    from krm_fn.rules import unknown

    return [
        Finding(
            SCHEMA, f"there is no rule {name}{near or '; `krm-fn rules` lists them'}", config, f"spec.severity.{name}"
        )
        for name, near in unknown(severities).items()
    ]


def _mistakes(config: Manifest) -> list[Finding]:
    """What makes a functionConfig unusable. A series is a definition: all that is wrong with it comes with its expansion."""
    if text(config, "kind") in SERIES and config.get("apiVersion") == CONFIG_API:
        return []
    mistakes = check_config(config)
    if not mistakes and text(config, "kind") not in KINDS:
        message = f"is what krm-fn.yaml holds for the command line, and no function: write one of {', '.join(KINDS)}"
        mistakes = [Finding(KIND, message, config, "kind", current=text(config, "kind"))]
    return mistakes
