"""Every rule id that the code uses is in the table of rules, and the other way round."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from krm_fn.rules import RULES, rule, rules

PACKAGE = Path(__file__).parents[2] / "krm_fn"
IDS = re.compile(r"[a-z]+(-[a-z]+)*/[a-z0-9]+(-[a-z0-9]+)*")
AREAS = {rule_id.partition("/")[0] for rule_id in RULES}
KNOWN = {each.id for each in rules()}


def used() -> set[str]:
    """Texts in the code that look like a rule of an area that has rules, or are given to Finding as one."""
    found = set()
    for path in PACKAGE.rglob("*.py"):
        if path.name == "rules.py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Finding" and node.args:
                found |= {
                    text.value
                    for text in ast.walk(node.args[0])
                    if isinstance(text, ast.Constant) and "/" in str(text.value)
                }
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and IDS.fullmatch(node.value):
                found |= {node.value} if node.value.partition("/")[0] in AREAS and is_first(node.value) else set()
    return {each for each in found if IDS.fullmatch(each)}


def is_first(text: str) -> bool:
    """Not the name of an annotation or a MIME type."""
    return not text.startswith(("manifest/", "config/kubernetes"))


def test_every_rule_that_is_used_is_in_the_table() -> None:
    assert len(used()) > 30
    assert used() - KNOWN == set()


def test_every_rule_in_the_table_can_come_up() -> None:
    source = "\n".join(path.read_text() for path in PACKAGE.rglob("*.py") if path.name != "rules.py")
    for rule_id in RULES:
        area, _, name = rule_id.partition("/")
        assert rule_id in source or (f'"{area}/' in source and f'"{name}"' in source), rule_id


@pytest.mark.parametrize("rule_id", sorted(KNOWN))
def test_every_rule_is_explained(rule_id: str) -> None:
    each = rule(rule_id)
    assert each.title[:1].isupper()
    assert not each.title.endswith(".")
    assert each.explanation.endswith(".")
    assert len(each.explanation) > 15


def test_there_is_no_rule_of_another_id() -> None:
    assert rule("schema/enumm") is None
