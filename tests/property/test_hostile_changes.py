"""Changes between manifests that are wrong anywhere end in a report, never in a failure of krm-fn."""

from __future__ import annotations

import copy
import gzip
import json
import random

import pytest
from support import ROOT
from trees import edited, machine, report, vm

from krm_fn.report import changes_data, changes_markdown, changes_text

with gzip.open(ROOT / "tests/impact/vectors.jsonl.gz", "rt") as lines:
    VECTORS = [json.loads(line) for line in lines]
VALUES = [
    None,
    0,
    -1,
    "",
    "x",
    True,
    [],
    {},
    [None],
    [1],
    {"name": None},
    {"name": "a"},
    "1Gi",
    "abc",
    1.5,
    2**70,
    [{}],
    "8000Ei",
]


def paths(value, path=()):
    if path:
        yield path
    for key, below in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from paths(below, (*path, key))


def spoiled(item, chance):
    """A copy with a few places that hold something else, or nothing."""
    out = copy.deepcopy(item)
    for _ in range(chance.choice((1, 1, 2, 3))):
        places = [path for path in paths(out) if path[0] not in ("kind", "apiVersion")]
        *way, last = chance.choice(places)
        here = out
        for step in way:
            here = here[step]
        if chance.random() < 0.2:
            del here[last]
        else:
            here[last] = copy.deepcopy(chance.choice(VALUES))
    return out


def side(vector, name):
    given = vector[name]
    return [
        item
        for item in (given["vm"], given.get("instancetype"), given.get("preference"), *(given.get("revisions") or ()))
        if item
    ]


@pytest.mark.parametrize("seed", range(120))
def test_a_spoiled_side_is_reported(seed):
    chance = random.Random(seed)
    vector = chance.choice(VECTORS)
    sides = []
    for name, spoil in (("base", seed % 3 != 1), ("head", seed % 3 != 2)):
        items = side(vector, name)
        which = chance.randrange(len(items)) if chance.random() < 0.4 else 0
        sides.append([spoiled(item, chance) if spoil and index == which else item for index, item in enumerate(items)])
    version = chance.choice(("1.5", "1.7", "1.9"))
    found = report(
        *sides, {"spec": {"configuration": vector["cluster"].get("configuration")}}, versions=(version, version)
    )
    for text in (changes_text.write(found), changes_markdown.write(found), json.dumps(changes_data.data(found))):
        assert text


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("spec.template", None),
        ("spec.template.spec", {}),
        ("spec.template.spec.domain.cpu", 3),
        ("spec.template.spec.volumes", {"a": 1}),
    ],
)
def test_a_head_that_the_schema_refuses_is_refused(path, value):
    found = machine([vm()], [edited(vm(), path, value)])
    assert found.effects == ["refused"]
    assert all(reason.field for reason in found.impact.reasons)
    assert "none that KubeVirt takes" in machine([edited(vm(), path, value)], [vm()]).impact.notes[0]
