"""The table of rules has the ids that the code uses, no more and no fewer."""

from __future__ import annotations

import pathlib
import re

import krm_fn.series
from krm_fn.series.collector import SCHEMA
from krm_fn.series.rules import RULES


def test_the_table_has_every_rule_that_is_used():
    sources = pathlib.Path(krm_fn.series.__file__).parent.glob("*.py")
    text = "".join(source.read_text() for source in sources if source.name != "rules.py")
    used = set(re.findall(r'"((?:series|instancetype|preference|catalog)/[a-z-]+)"', text))
    assert used | {f"series/{rule.name}" for rule in SCHEMA} == set(RULES)
