"""Values of any type anywhere: findings or none, never an exception, and the manifest stays as it is."""

from __future__ import annotations

import copy
import json
import random

import pytest
from admission_examples import EXAMPLES
from admission_machines import patched

from krm_fn.core.finding import to_line, to_manifest
from krm_fn.validate.admission import check, check_expanded

GARBAGE = (
    None,
    True,
    False,
    0,
    -1,
    10**400,
    1.5,
    float("nan"),
    float("inf"),
    "",
    "\ud800",
    "x" * 5000,
    "{}%d{current}",
    [],
    [None],
    [[]],
    [{}],
    ["a", "a"],
    {},
    {"": None},
    {"name": []},
    {"a": {"b": [1]}},
)


def places(value, path=()):
    yield path
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield from places(inner, (*path, key))


def replaced(vm, path, value):
    vm = copy.deepcopy(vm)
    here = vm
    for key in path[:-1]:
        here = here[key]
    here[path[-1]] = copy.deepcopy(value)
    return vm


def judge(vm):
    before = repr(vm)
    results = check(vm) + check(vm, misshapen=["spec.none"]) + check_expanded(vm, vm, vm)
    assert repr(vm) == before
    for result in results:
        assert "\n" not in to_line(result)
        to_manifest(result)


@pytest.mark.parametrize("rule", [rule for rule in EXAMPLES if "too-many" not in rule])
def test_garbage_in_an_example_never_raises(rule):
    chance = random.Random(rule)
    for patch in EXAMPLES[rule]:
        vm = patched(patch)
        every = [path for path in places(vm) if path]
        for path in chance.sample(every, min(len(every), 8)):
            judge(replaced(vm, path, chance.choice(GARBAGE)))


@pytest.mark.parametrize("value", GARBAGE, ids=lambda value: json.dumps(value, default=str)[:20])
@pytest.mark.parametrize(
    "path",
    [
        ("spec",),
        ("metadata",),
        ("spec", "template"),
        ("spec", "template", "spec"),
        ("spec", "template", "spec", "domain"),
    ],
)
def test_garbage_for_whole_parts_never_raises(path, value):
    judge(replaced(patched({}), path, value))


def test_empty_manifest_never_raises():
    judge({})


def test_deep_mixture_of_garbage_never_raises():
    chance = random.Random("mixture")
    names = sorted(EXAMPLES)
    for _ in range(150):
        patch = {}
        for rule in chance.sample(names, 6):
            patch |= chance.choice(EXAMPLES[rule])
        try:
            vm = patched(patch)
        except (KeyError, TypeError, IndexError, AttributeError, ValueError):
            continue  # two patches that don't go together make no manifest
        every = [path for path in places(vm) if path]
        for path in chance.sample(every, 3):
            vm = replaced(vm, path, chance.choice(GARBAGE)) if _is_there(vm, path) else vm
        judge(vm)


def _is_there(vm, path):
    here = vm
    for key in path[:-1]:
        try:
            here = here[key]
        except (KeyError, IndexError, TypeError):
            return False
    return isinstance(here, dict) or (isinstance(here, list) and isinstance(path[-1], int) and path[-1] < len(here))
