"""The rules that stand beside the code that finds something: collected, explained, each once."""

import re
from pathlib import Path

import pytest

from krm_fn.core.finding import Rule
from krm_fn.rules import rules
from krm_fn.vm.find import NOT_FOUND

PACKAGE = Path(__file__).parents[2] / "krm_fn"
WRITTEN = re.compile(r"\bRule\(\s*\"([a-z]+/[a-z-]+)\"")
ID = re.compile(r"[a-z]+/[a-z0-9]+(-[a-z0-9]+)*")


def test_rules_are_collected_from_where_they_are_raised() -> None:
    found = rules()
    assert NOT_FOUND in found
    assert {each.area for each in found} >= {
        "admission",
        "catalog",
        "config",
        "convert",
        "infer",
        "matcher",
        "schema",
        "series",
    }
    assert found == sorted(set(found))


def test_no_rule_is_left_out() -> None:
    written = {rule_id for path in PACKAGE.rglob("*.py") for rule_id in WRITTEN.findall(path.read_text())}
    assert len(written) > 60
    assert written <= set(rules())


def test_every_rule_has_one_definition() -> None:
    definitions: dict[str, Rule] = {}
    for each in rules():
        assert definitions.setdefault(each, each) is each


@pytest.mark.parametrize("rule", rules())
def test_every_rule_is_explained(rule: Rule) -> None:
    assert ID.fullmatch(rule)
    assert not rule.summary.endswith(".")
    assert rule.explanation.endswith(".")
    assert len(rule.explanation) > 15


@pytest.mark.parametrize("rule", rules())
def test_a_summary_says_something_the_id_does_not(rule: Rule) -> None:
    said = set(re.findall(r"[a-z]+", rule.summary.lower()))
    assert said - set(re.findall(r"[a-z]+", rule))
