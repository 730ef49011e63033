"""Converting changes no VM: every conformance vector expands to the same before and after."""

from __future__ import annotations

import gzip
import json
import pathlib

import pytest

from krm_fn.core.manifest import copy_tree
from krm_fn.kubevirt.api import CLUSTER_INSTANCETYPE, CLUSTER_PREFERENCE
from krm_fn.migrate.convert import convert
from krm_fn.vm.expand import expand

VECTORS = pathlib.Path(__file__).resolve().parents[2] / "conformance" / "vectors.jsonl.gz"
DEPRECATED = ("preferSpreadSocketToCoreRatio", "preferredUseEfi", '"preferCores"', '"preferSpread"', '"preferThreads"')


@pytest.fixture(scope="module")
def cases():
    found = []
    for line in gzip.decompress(VECTORS.read_bytes()).splitlines():
        vector = json.loads(line)
        objects = {"vm": vector["vm"]}
        for field, kind in (("instancetype", CLUSTER_INSTANCETYPE), ("preference", CLUSTER_PREFERENCE)):
            if vector[field] is not None:
                name = vector["vm"]["spec"].get(field, {}).get("name", "none")
                version = f"instancetype.kubevirt.io/{'v1alpha2' if len(found) % 3 else 'v1beta1'}"
                if '"preferredCPUTopology": ""' in json.dumps(vector[field]):
                    version = "instancetype.kubevirt.io/v1beta1"
                metadata = {"name": name}
                objects[field] = {"apiVersion": version, "kind": kind, "metadata": metadata, "spec": vector[field]}
        found.append((vector["id"], objects))
    return found


def outcome(objects):
    vm, results = expand(objects["vm"], objects.get("instancetype"), objects.get("preference"), defaults="none")
    return vm, [(result.rule, result.path) for result in results if result.severity == "error"]


def test_every_vector_expands_to_the_same(cases):
    touched = 0
    for identity, objects in cases:
        before, errors = outcome(objects)
        converted = copy_tree(objects)
        convert(list(converted.values()))
        touched += converted != objects
        after, errors_after = outcome(converted)
        assert errors_after == errors, identity
        if not errors:
            assert after == before, identity
    assert touched > len(cases) / 2


def test_converting_twice_changes_nothing(cases):
    for identity, objects in cases:
        once = copy_tree(objects)
        convert(list(once.values()))
        twice = copy_tree(once)
        convert(list(twice.values()))
        assert twice == once, identity


def test_no_deprecated_spelling_is_left(cases):
    for identity, objects in cases:
        converted = copy_tree(objects)
        convert(list(converted.values()))
        text = json.dumps(converted.get("preference", {}))
        assert not [spelling for spelling in DEPRECATED if spelling in text], identity
