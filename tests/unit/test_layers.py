"""Arrows that no import shows: modules that are named in tables and imported by name keep to the layers too."""

import tomllib
from pathlib import Path

import pytest

from krm_fn import cli, kinds

CONTRACT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["tool"]["importlinter"][
    "contracts"
][0]
LAYERS = {name.strip(): depth for depth, layer in enumerate(CONTRACT["layers"]) for name in layer.split("|")}
ARROWS = [
    *(("krm_fn.dispatch", kind.module) for kind in kinds.KINDS.values()),
    *(("krm_fn.functions", module) for module in kinds.SERIES.values()),
    *(("krm_fn.cli", f"krm_fn.commands.{row.module or name}") for name, row in cli.COMMANDS.items()),
]


def depth(module):
    return LAYERS[".".join(module.split(".")[:2])]


@pytest.mark.parametrize(("importer", "module"), ARROWS)
def test_tables_name_modules_of_lower_layers(importer, module):
    assert depth(module) > depth(importer)
