"""Every rule is broken by its bad example, and its good example is accepted by all rules."""

from __future__ import annotations

import pytest
from admission_examples import EXAMPLES
from admission_machines import base, patched

from krm_fn.validate.admission import RULES, check


def test_base_machine_is_accepted():
    assert check(base()) == []


def test_every_rule_has_an_example():
    assert set(RULES) == set(EXAMPLES)


@pytest.mark.parametrize("rule", EXAMPLES)
def test_bad_example_breaks_the_rule(rule):
    assert rule in {result.rule for result in check(patched(EXAMPLES[rule][0]))}


@pytest.mark.parametrize("rule", EXAMPLES)
def test_good_example_is_accepted(rule):
    assert [(result.rule, result.path) for result in check(patched(EXAMPLES[rule][1]))] == []
