"""ManifestValidator and VirtualMachineRenderer judge as KubeVirt's own admission code did."""

from __future__ import annotations

import copy
import gzip
import json
import pathlib
import re

import pytest

from krm_fn.functions import manifest_validator, virtual_machine_renderer

HERE = pathlib.Path(__file__).parent
KINDS = {"instancetype": "VirtualMachineInstancetype", "preference": "VirtualMachinePreference"}


def vectors(name: str) -> list:
    with gzip.open(HERE / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [pytest.param(vector, id=vector["id"]) for vector in map(json.loads, lines)]


def plain(path: str) -> str:
    return re.sub(r"\[[^\]]*\]", "", path.lower()).strip(".")


def in_namespace(vm: dict) -> dict:
    vm = copy.deepcopy(vm)
    vm.setdefault("metadata", {}).setdefault("namespace", "default")
    return vm


def assert_judged(results: list, expect: dict) -> None:
    found = {plain(result.path) for result in results if result.severity == "error"}
    if expect["admitted"]:
        assert found == set()
        return
    wanted = {plain(path) for path in expect["fields"]}
    renamed = {plain(path) for path in expect.get("renamed", expect["fields"])}
    assert found, "accepted, though KubeVirt refuses it"
    if "" not in wanted:
        assert wanted <= found or renamed <= found
        later = tuple(plain(path) for path in expect.get("later", ()))
        # 1.6 names the entry of a list where 1.9 names the field in it
        assert all(
            path in wanted | renamed or path in later or path.startswith(tuple(f"{each}." for each in later))
            for path in found
        )


@pytest.mark.parametrize("vector", vectors("judged"))
def test_machine_as_written(vector):
    vm = in_namespace(vector["vm"])
    before = json.dumps(vm)
    _, results = manifest_validator.run({"spec": {"catalogs": []}}, [vm])
    assert_judged(results, vector["expect"])
    assert json.dumps(vm) == before


@pytest.mark.parametrize("vector", vectors("judged-expanded"))
def test_machine_with_instancetype_or_preference(vector):
    assert_judged(expanded(vector, {}), vector["expect"])


@pytest.mark.parametrize(("name", "spec"), [("judged-mutated", {}), ("judged-1.6", {"kubevirt": "1.6"})])
def test_machines_changed_at_random(name, spec):
    """One test for all of a file: there are many, and what disagrees is told by its id."""
    wrong = []
    for parameter in vectors(name):
        vector = parameter.values[0]
        if KINDS.keys() & vector.keys():
            results = expanded(vector, spec)
        else:
            _, results = manifest_validator.run({"spec": {"catalogs": [], **spec}}, [in_namespace(vector["vm"])])
        try:
            assert_judged(results, vector["expect"])
        except AssertionError:
            wrong.append((vector["id"], [(each.path, each.rule) for each in results], vector["expect"]))
    assert not wrong, f"{len(wrong)} disagree, the first are {wrong[:3]}"


def expanded(vector: dict, spec: dict) -> list:
    """What the renderer says of a machine with its instancetype and preference beside it."""
    vm = in_namespace(vector["vm"])
    items = [vm]
    for key, kind in KINDS.items():
        if vector.get(key) is not None:
            vm["spec"][key] = {"kind": kind, "name": key}
            metadata = {"name": key, "namespace": vm["metadata"]["namespace"]}
            items.append(
                {
                    "apiVersion": "instancetype.kubevirt.io/v1beta1",
                    "kind": kind,
                    "metadata": metadata,
                    "spec": vector[key],
                }
            )
    config = {
        "apiVersion": "krm-fn.dev/v1alpha1",
        "kind": "VirtualMachineRenderer",
        "spec": {"mode": "check", "catalogs": [], **spec},
    }
    _, results = virtual_machine_renderer.run(config, items)
    return results
