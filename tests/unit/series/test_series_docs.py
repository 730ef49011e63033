"""The page about series says what the code has, and its examples work."""

from __future__ import annotations

import pathlib
import re

import pytest

from krm_fn.core import wire
from krm_fn.series import fragments, generator, instancetype, labels, objects, preference, sandbox, template, traits

PAGE = (pathlib.Path(__file__).parents[3] / "docs" / "series.md").read_text()
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
EXPAND = {
    "InstancetypeSeries": instancetype.expand,
    "PreferenceSeries": preference.expand,
    "CatalogGenerator": generator.run,
}


@pytest.mark.parametrize("text", EXAMPLES, ids=range(len(EXAMPLES)))
def test_the_examples_expand_without_a_word(text):
    definition = wire.read(text.encode())[0]
    items, results = EXPAND[definition["kind"]](definition)
    assert items
    assert results == []


def test_there_is_an_example_of_each_kind():
    assert {wire.read(text.encode())[0]["kind"] for text in EXAMPLES} == set(EXPAND)


def listed(start, end):
    """The names in code marks between two texts of the page."""
    return set(re.findall(r"`([\w.-]+)`", PAGE.partition(start)[2].partition(end)[0]))


@pytest.mark.parametrize(
    ("start", "end", "names"),
    [
        ("| InstancetypeSeries | ", "|\n", instancetype.VARIABLES),
        ("| PreferenceSeries | ", "|\n", preference.VARIABLES),
        ("methods of text:", "\n- ", sandbox.METHODS),
        ("- Filters:", "\n- ", sandbox.FILTER_NAMES),
        ("in `catalog/traits.yaml`:", "\n## ", set(traits.packaged())),
        ("| the spec |", "|", {label.partition("/")[2] for label, _ in labels.INSTANCETYPE}),
    ],
)
def test_the_page_lists_what_there_is(start, end, names):
    assert listed(start, end) == set(names)


def test_the_page_gives_the_limits():
    for limit in (template.MAX_SOURCE, fragments.MAX_EXPRESSIONS, objects.MAX_OBJECTS):
        assert f"{limit:,}" in PAGE
