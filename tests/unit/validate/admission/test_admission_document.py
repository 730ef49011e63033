"""docs/rules.md is what the tables of rules say."""

from __future__ import annotations

import pathlib

from krm_fn.validate.admission import RULES
from krm_fn.validate.admission.document import page

ROOT = pathlib.Path(__file__).resolve().parents[4]


def test_page_is_up_to_date():
    """Written anew with: make golden"""
    assert (ROOT / "docs" / "rules.md").read_text(encoding="utf-8") == page()


def test_page_names_every_rule_in_a_row_of_five():
    rows = [line for line in page().splitlines() if line.startswith("| `admission/")]
    assert [row.split("`")[1] for row in rows] == list(RULES)
    assert {row.count(" | ") for row in rows} == {4}
