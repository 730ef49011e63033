"""Values of any type at any place of a VM, an instancetype or a preference: an answer every time, never an exception."""

from __future__ import annotations

import copy
import random

import pytest

from krm_fn.core.finding import ERROR, to_line, to_manifest
from krm_fn.vm.expand import expand
from tests.conformance.test_vectors import items_of, load

HOSTILE = [
    None,
    True,
    False,
    0,
    -1,
    2**64,
    10**400,
    1.5,
    float("nan"),
    float("inf"),
    "",
    "x" * 5000,
    "1e999999999",
    "\x1b[2J",
    [],
    [None],
    [[]],
    [1],
    [{}],
    ["x"],
    {},
    {"": None},
    {"name": []},
    {"guest": {}},
    {"cpu": [], "memory": "-"},
]
DEFAULTS = [
    "none",
    "kubevirt",
    {"architecture": "amd64", "machineType": True, "firmwareUUID": True, "storageClass": True, "canonical": True},
    {
        "architecture": 1,
        "machineType": [],
        "networkInterface": {},
        "pciTopologyVersion": [],
        "cluster": 1,
        "firmwareSerial": True,
    },
]


def places(value):
    """Every (container, key) in a manifest."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in entries:
        yield value, key
        yield from places(item)


def spoil(item, chance):
    """Replace one to three values of a manifest."""
    for _ in range(chance.randint(1, 3)):
        container, key = chance.choice(list(places(item)))
        container[key] = copy.deepcopy(chance.choice(HOSTILE))


@pytest.mark.parametrize("seed", range(4))
def test_any_value_anywhere_gets_an_answer(seed):
    chance = random.Random(seed)
    cases = load("vectors")
    for case in chance.sample(cases, 700):
        items = items_of(case)
        spoil(chance.choice([item for item in items if item is not None]), chance)
        before = copy.deepcopy(items)
        out, results = expand(*items, defaults=DEFAULTS[seed], virtual_gpu_options=True)
        assert repr(items) == repr(before)
        assert (out is items[0]) == any(result.severity == ERROR for result in results)
        for result in results:
            assert "\n" not in to_line(result)
            assert to_manifest(result)["message"]
        if out is not items[0]:
            assert repr(expand(out, None, None, defaults=DEFAULTS[seed])[0]) == repr(out)
