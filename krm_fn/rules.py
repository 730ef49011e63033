"""Every rule by which krm-fn judges, with a title and an explanation: what `krm-fn rules` shows and SARIF carries.

The admission rules explain themselves in their own tables; all others stand here. A test finds rules that are missing.
"""

from __future__ import annotations

import sys

import krm_fn
from krm_fn.core.finding import Rule
from krm_fn.core.suggest import did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import ModuleType


_PACKAGES = (
    *("core", "kubevirt", "instancetype", "preference", "validate", "vm", "series"),
    *("migrate", "functions", "dispatch", "changes", "workspace"),
)
"""The packages whose modules find something."""


def rules() -> list[Rule]:
    """Every rule, by id."""
    found = {each for module in _modules() for value in vars(module).values() for each in _held(value)}
    return sorted(found)


def unknown(names: Iterable[str]) -> dict[str, str]:
    """Those of some names that are neither a rule nor an area of rules, each with `; did you mean "x"?` or "".

    The modules that are loaded already are asked first: to load all of them takes longer than most calls.
    """
    wanted = set(names)
    loaded = [module for name, module in sys.modules.items() if name.startswith("krm_fn.")]
    wanted -= _with_areas({each for module in loaded for value in vars(module).values() for each in _held(value)})
    if not wanted:
        return {}
    known = _with_areas(set(rules()))
    return {name: did_you_mean(name, known) for name in sorted(wanted - known)}


def _with_areas(found: set[Rule]) -> set[str]:
    return {*map(str, found), *(rule.area for rule in found)}


def _modules() -> Iterator[ModuleType]:
    from importlib import import_module
    from pkgutil import iter_modules, walk_packages

    for each in iter_modules(krm_fn.__path__, "krm_fn."):
        if each.name.partition(".")[2] in _PACKAGES:
            package = import_module(each.name)
            yield package
            for inner in walk_packages(getattr(package, "__path__", ()), f"{each.name}."):
                if inner.name not in _WITHOUT:
                    yield import_module(inner.name)


_WITHOUT = ("krm_fn.series.sandbox",)
"""What finds nothing and is slow to import."""


def _held(value: object) -> Iterator[Rule]:
    """The rules at a module's top level, by themselves or in a table."""
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else (value,)
    return (part for part in parts if isinstance(part, Rule))
