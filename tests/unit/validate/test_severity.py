from __future__ import annotations

from krm_fn.core.finding import Finding
from krm_fn.validate.severity import adjusted

FOUND = [
    Finding("schema/enum", "a"),
    Finding("schema/type", "b"),
    Finding("references/not-found", "c", severity="warning"),
]


def severities(table: dict) -> dict[str, str]:
    return {result.rule: result.severity for result in adjusted(FOUND, table)}


def test_without_a_table_everything_stays() -> None:
    assert adjusted(FOUND, {}) == FOUND


def test_a_rule_gets_its_severity() -> None:
    assert severities({"schema/enum": "warn", "references/not-found": "error"}) == {
        "schema/enum": "warning",
        "schema/type": "error",
        "references/not-found": "error",
    }


def test_off_leaves_out_what_was_found() -> None:
    assert severities({"schema/enum": "off"}) == {"schema/type": "error", "references/not-found": "warning"}


def test_an_area_stands_for_its_rules_and_a_rule_goes_before_its_area() -> None:
    assert severities({"schema": "off", "schema/type": "warn"}) == {
        "schema/type": "warning",
        "references/not-found": "warning",
    }


def test_the_same_finding_is_said_once() -> None:
    item: dict = {}
    twice = [
        Finding("schema/enum", "a", item, "x"),
        Finding("schema/enum", "a", item, "x"),
        Finding("schema/enum", "a", {}, "x"),
    ]
    assert len(adjusted(twice, {})) == 2


def test_hostile_tables_change_nothing() -> None:
    assert severities({"schema/enum": ["off"], "schema/type": "quiet"})["schema/enum"] == "error"
