"""Each functionConfig kind, command and source has what a person needs: a help text, a page and an example."""

from __future__ import annotations

import argparse
from importlib import import_module

import pytest
from support import ROOT

from krm_fn import cli
from krm_fn.commands import import_
from krm_fn.core import wire
from krm_fn.importers.sources import SOURCES
from krm_fn.kinds import GENERATORS, KINDS, SERIES_OF
from krm_fn.kubevirt.api import CONFIG_API, INSTANCETYPE_KINDS, PREFERENCE_KINDS
from krm_fn.kubevirt.schemas import config_kinds
from krm_fn.validate.config import check_config


def line(text: str) -> bool:
    """Whether a text fits beside a name and reads on behind it."""
    return 10 < len(text) <= 100 and not text.endswith(".") and "\n" not in text


def test_each_kind_has_a_schema_and_each_schema_a_kind():
    assert {*KINDS, "Settings"} == set(config_kinds())  # that one is the command line's


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_has_a_function_a_summary_a_page_and_an_example(name):
    kind = KINDS[name]
    assert callable(import_module(kind.module).run)
    assert not kind.series or callable(import_module(kind.series).expand)
    assert line(kind.summary)
    assert name in (ROOT / kind.docs).read_text()
    examples = [
        item
        for item in wire.read((ROOT / kind.example).read_bytes())
        if (item["apiVersion"], item["kind"]) == (CONFIG_API, name)
    ]
    assert examples
    assert [check_config(example) for example in examples] == [[]] * len(examples)


def test_every_instancetype_and_preference_can_come_from_a_series():
    assert set(SERIES_OF) == {*INSTANCETYPE_KINDS, *PREFERENCE_KINDS}
    assert set(SERIES_OF.values()) < set(GENERATORS)


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_a_command_has_a_summary_a_page_and_help_by_example(name):
    command = cli.COMMANDS[name]
    assert line(command.summary)
    assert f"krm-fn {name}" in (ROOT / command.docs).read_text(), f"{command.docs} says nothing of krm-fn {name}"
    module = import_module(f"krm_fn.commands.{command.module or name}")
    text, _, examples = module.HELP.partition("examples:\n")
    assert len(text) > 40
    assert f"krm-fn {name}" in examples
    parser = argparse.ArgumentParser(prog="krm-fn")
    module.configure(parser)
    for action in parser._actions:
        for below, each in action.choices.items() if action.nargs == argparse.PARSER else ():
            assert f"krm-fn {name} {below}" in each.description
    silent = [action.dest for action in parser._actions if not action.help and action.nargs != argparse.PARSER]
    assert silent == []


@pytest.mark.parametrize("name", SOURCES)
def test_a_source_has_a_page_and_an_example(name):
    source = SOURCES[name]
    assert source.listing in import_.HELP
    page = (ROOT / source.docs).read_text()
    assert f"krm-fn import {name} " in page
    assert "```sh" in page
