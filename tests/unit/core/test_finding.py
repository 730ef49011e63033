"""The record of what is found."""

import pytest

from krm_fn.core.finding import Finding, Rule, to_manifest

RULE = Rule("area/name-of-it", "Title", "Explanation.")


def test_a_finding_never_changes():
    with pytest.raises(AttributeError, match="but\\(path="):
        Finding(RULE, "wrong").path = "spec"


def test_another_finding_is_made_of_one():
    finding = Finding(RULE, "wrong", {"kind": "A"}, "spec", current=1, proposed=2, severity="warning", known=("b",))
    other = finding.but(path="spec.x", severity="info")
    assert (other.path, other.severity) == ("spec.x", "info")
    assert (finding.path, finding.severity) == ("spec", "warning")
    assert (other.rule, other.message, other.item, other.current, other.proposed, other.known) == (
        RULE,
        "wrong",
        {"kind": "A"},
        1,
        2,
        ("b",),
    )


def test_a_rule_is_its_id():
    assert RULE == "area/name-of-it"
    assert (RULE.area, RULE.name) == ("area", "name-of-it")
    assert type(to_manifest(Finding(RULE, "wrong"))["tags"]["rule"]) is str
