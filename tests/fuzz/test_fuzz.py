"""A minute of what `make fuzz` does for as long as one likes."""

from __future__ import annotations

import os

import pytest

from fuzz.fuzz import SEEDS, TARGETS, function, guarded, run

SECONDS = float(os.environ.get("FUZZ_SECONDS", "60"))


@pytest.mark.parametrize("target", TARGETS)
def test_nothing_that_is_read_ends_in_a_crash_or_a_hang(target):
    assert run(SECONDS / len(TARGETS), *TARGETS[target]) > 10


@pytest.mark.parametrize("seed", range(len(SEEDS)))
def test_every_seed_has_an_answer(seed):
    guarded(function, SEEDS[seed])
