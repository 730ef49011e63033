"""From a functionConfig to the function that it configures: one table."""

from __future__ import annotations

from importlib import import_module

from krm_fn.core import data, wire
from krm_fn.core.errors import FunctionConfigError
from krm_fn.core.manifest import text
from krm_fn.core.result import Result
from krm_fn.core.structural import check
from krm_fn.core.suggest import did_you_mean
from krm_fn.kubevirt.api import CONFIG_API

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_fn.core.manifest import Manifest

FUNCTIONS = {
    "InstancetypeSeries": "krm_fn.functions.series",
    "PreferenceSeries": "krm_fn.functions.series",
    "CatalogGenerator": "krm_fn.functions.catalog_generator",
    "VirtualMachineRenderer": "krm_fn.functions.virtual_machine_renderer",
    "ManifestValidator": "krm_fn.functions.manifest_validator",
}
"""functionConfig kind → the module whose `run(config, items)` does the work."""


def run(config: Manifest | None, items: list[Manifest]) -> tuple[list[Manifest], list[Result]]:
    """Call the function that `config` names. `items` are never changed in place; new ones come back.

    Raises FunctionConfigError with every mistake in the functionConfig.
    """
    if not config:
        raise FunctionConfigError([Result("config/missing", f"there is no functionConfig: give one of kind {_kinds()}")])
    kind = text(config, "kind")
    if config.get("apiVersion") != CONFIG_API:
        message = f"apiVersion is {config.get('apiVersion')!r}, write {CONFIG_API}"
        raise FunctionConfigError([Result("config/api-version", message, config, "apiVersion", proposed=CONFIG_API)])
    if kind not in FUNCTIONS:
        message = f"kind {kind!r} is not one that krm-fn knows ({_kinds()}){did_you_mean(kind, FUNCTIONS)}"
        raise FunctionConfigError([Result("config/kind", message, config, "kind")])
    mistakes = check_config(config)
    if mistakes:
        raise FunctionConfigError(mistakes)
    done: tuple[list[Manifest], list[Result]] = import_module(FUNCTIONS[kind]).run(config, items)
    return done


def check_config(config: Manifest) -> list[Result]:
    """Every mistake in a functionConfig of a known kind, by the JSON Schema in schemas/functionConfig/."""
    schema = wire.read(data.read("schemas", "functionConfig", f"{text(config, 'kind')}.json"))[0]
    return [
        Result("config/schema", problem.message, config, problem.path, current=problem.current, proposed=problem.proposed)
        for problem in check(config, schema)
    ]


def _kinds() -> str:
    return ", ".join(FUNCTIONS)
