"""The man page says what the parsers take."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from support import ROOT

from krm_fn.cli import COMMANDS


@pytest.mark.parametrize("seed", ["1", "2"])
def test_it_is_what_the_parsers_say_whatever_the_order_of_hashes(seed):
    command = [sys.executable, str(ROOT / "tests" / "tools" / "man.py"), "--check"]
    done = subprocess.run(command, env={**os.environ, "PYTHONHASHSEED": seed})
    assert done.returncode == 0, "run `make golden` and review the change"


def test_it_has_every_command():
    lines = (ROOT / "docs" / "krm-fn.1").read_text().splitlines()
    assert [line.split()[-1] for line in lines if line.startswith(".SS") and line.count(" ") == 2] == list(COMMANDS)
