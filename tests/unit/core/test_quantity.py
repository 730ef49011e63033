"""Quantities as Go reads, rounds and writes them. The expected values come from k8s.io/apimachinery itself."""

from __future__ import annotations

import pytest

from krm_fn.core import quantity


@pytest.mark.parametrize(
    ("typed", "nano"),
    [
        ("1.5Gi", 1610612736 * 10**9),
        ("1536Mi", 1610612736 * 10**9),
        (".5Gi", 2**29 * 10**9),
        ("1.Gi", 2**30 * 10**9),
        ("+2G", 2 * 10**18),
        ("-1Gi", -(2**30) * 10**9),
        ("1e9", 10**18),
        ("1E9", 10**18),
        ("1e+9", 10**18),
        ("1E", 10**27),
        ("500m", 5 * 10**8),
        ("007Ki", 7168 * 10**9),
        ("0.1Gi", 107374182400 * 10**6),
        (1073741824, 2**30 * 10**9),
        (1.5, 15 * 10**8),
        (" 1k ", 10**12),
        ("0", 0),
    ],
)
def test_value_is_exact(typed, nano):
    assert quantity.nano(typed) == nano


@pytest.mark.parametrize(("typed", "nano"), [("0.1n", 1), ("1.5n", 2), ("1e-1000", 1), ("-0.1n", -1), ("0.0n", 0)])
def test_finer_than_nano_rounds_away_from_zero(typed, nano):
    assert quantity.nano(typed) == nano


@pytest.mark.parametrize("typed", ["8Ei", "100Ei", "99999999999999999999Ki"])
def test_binary_quantities_are_capped(typed):
    assert quantity.ceil(typed) == 2**63 - 1


def test_decimal_quantities_are_not_capped():
    assert quantity.ceil("100E") == 10**20


@pytest.mark.parametrize(("typed", "whole"), [("0.1Gi", 107374183), ("1m", 1), ("0", 0), ("2", 2), ("1.0001k", 1001)])
def test_ceil_rounds_up(typed, whole):
    assert quantity.ceil(typed) == whole


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("1Gi", "1Gi"),
        ("1025Mi", "1025Mi"),
        ("+2Gi", "+2Gi"),
        ("007Gi", "007Gi"),
        ("1024Mi", "1Gi"),
        ("1032Mi", "1032Mi"),
        ("8Gi", "8Gi"),
        ("1.5Gi", "1536Mi"),
        ("0.1Gi", "107374182400m"),
        ("512", "512"),
        ("1Ki", "1Ki"),
        ("0.5Ki", "512"),
        ("1.500G", "1.500G"),
        ("1.5G", "1500M"),
        ("2e+9", "2e+9"),
        ("1.5e9", "1500e6"),
        ("1000k", "1M"),
        ("0.25", "250m"),
        ("00", "0"),
        ("0Mi", "0"),
        ("1000E", "1e21"),
        (1073741824, "1073741824"),
    ],
)
def test_text_is_what_go_writes(typed, written):
    assert quantity.text(typed) == written


@pytest.mark.parametrize(
    ("number", "like", "written"),
    [
        (2**34, "1Gi", "16Gi"),
        (171799674, "16Gi", "171799674"),
        (1000, "1Gi", "1k"),
        (2**20, "1M", "1048576"),
        (0, "1Gi", "0"),
    ],
)
def test_whole_keeps_the_style_of_another_quantity(number, like, written):
    assert quantity.whole(number, like) == written


@pytest.mark.parametrize(
    "typed",
    [
        "",
        ".",
        "+",
        "Gi",
        "1K",
        "1ki",
        "1 Gi",
        "1e",
        "1e1.5",
        "1eG",
        "0x10",
        "1GiB",
        "1.2.3",
        "--1",
        "\uff11",
        "1e1001",
        "9" * 2000,
        True,
        None,
        [],
        {},
        10**5000,
        float("inf"),
        float("nan"),
    ],
    ids=lambda value: "huge" if type(value) is int else repr(value)[:20],
)
def test_refused(typed):
    assert not quantity.is_quantity(typed)
    with pytest.raises(quantity.QuantityError, match="not a quantity"):
        quantity.nano(typed)


def test_many_different_texts_stay_correct():
    assert [quantity.ceil(f"{number}k") for number in range(9000)] == [number * 1000 for number in range(9000)]
