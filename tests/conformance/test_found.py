"""Every difference that random cases once found, one a line of found.jsonl; `make keep` adds to it."""

from __future__ import annotations

import json
import pathlib

import pytest

from tests.conformance.test_vectors import disagreement

FOUND = [json.loads(line) for line in pathlib.Path(__file__).with_name("found.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("case", [pytest.param(case, id=case["id"]) for case in FOUND])
def test_what_once_differed_agrees(case):
    assert disagreement(case, case["defaults"], admitted=case["defaults"] == "kubevirt") == ""
