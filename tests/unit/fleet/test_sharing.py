"""Options whose modules a slim Python, such as the image's, comes without."""

from __future__ import annotations

import argparse
import sys

import pytest

from krm_fn.core.errors import InputError
from krm_fn.fleet import sharing


def options(**given):
    return argparse.Namespace(**{"shard": "", "executor": "", "jobs": 1, "cache": "", "format": "yaml"} | given)


@pytest.mark.parametrize(
    ("given", "module", "message"),
    [
        ({"jobs": 2}, "workers", "^-j needs the module .*workers.*--shard"),
        ({"executor": "dask:x"}, "workers", "^--executor needs the module"),
        ({"cache": "x"}, "cache", "^--cache needs the module"),
    ],
)
def test_what_is_missing_is_named_with_the_option(monkeypatch, given, module, message):
    monkeypatch.setitem(sys.modules, f"krm_fn.fleet.{module}", None)
    with pytest.raises(InputError, match=message), sharing.of(options(**given)):
        pass


def test_nothing_is_loaded_for_a_command_that_works_alone(monkeypatch):
    for module in ("workers", "cache"):
        monkeypatch.setitem(sys.modules, f"krm_fn.fleet.{module}", None)
    with sharing.of(options()) as found:
        assert (found.render, found.check_each, found.part) == (None, None, None)
