"""KubeVirt's own code, as `make judges` built it."""

from __future__ import annotations

import os
import random

import pytest
from oracle.ask import Oracle
from oracle.build import NEWEST, built
from support import CI

SEED = int(os.environ.get("SEED") or random.SystemRandom().randrange(10**6))
CASES = int(os.environ.get("CASES") or 2000)


def pytest_report_header():
    """The seed of this run's random cases: it gives the same ones again."""
    return f"oracle: SEED={SEED} CASES={CASES}"


@pytest.fixture(scope="session")
def application():
    """KubeVirt's application of instancetypes and preferences."""
    binary = built("application", NEWEST)
    if binary is None:
        message = "KubeVirt's code is not built, and could not be: see `make judges`"
        pytest.fail(message) if CI else pytest.skip(message)
    with Oracle(binary) as oracle:
        yield oracle
