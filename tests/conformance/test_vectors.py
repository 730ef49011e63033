"""Every vector of KubeVirt 1.9's own code, in this process: what it makes of a VM, or why it refuses it."""

from __future__ import annotations

import gzip
import json
import pathlib

import pytest

from krm_fn.core.finding import ERROR
from krm_fn.core.manifest import copy_tree
from krm_fn.vm.expand import expand
from tests.conformance.comparable import differences

HERE = pathlib.Path(__file__).parent
ITEMS = {"instancetype": "VirtualMachineInstancetype", "preference": "VirtualMachinePreference"}
PATHS = {"conflict": "conflicts", "spread": "conflicts", "requirement": "reqConflicts"}


def load(name):
    with gzip.open(HERE / f"{name}.jsonl.gz", "rt") as lines:
        return [json.loads(line) for line in lines]


def items_of(case):
    """The VM, the instancetype and the preference of a vector as complete objects."""
    return case["vm"], *(
        None if case[key] is None else {"kind": kind, "metadata": {"name": key}, "spec": case[key]}
        for key, kind in ITEMS.items()
    )


def without_marks(vm):
    """The VM without the annotations by which an instance is marked: the vectors leave them out."""
    vm = copy_tree(vm)
    metadata = vm["spec"]["template"].get("metadata") or {}
    for key in ITEMS:
        (metadata.get("annotations") or {}).pop(f"kubevirt.io/{key}-name", None)
    return vm


def refusals(case, defaults):
    return [result for result in expand(*items_of(case), defaults=defaults)[1] if result.severity == ERROR]


def disagreement(case, defaults, *, admitted=False):
    """What differs from a vector, as text; "" when nothing does."""
    expect = case["expect"]
    out, results = expand(*items_of(case), defaults=defaults, admitted=admitted)
    paths = [result.path for result in results if result.severity == ERROR]
    if expect["outcome"] == "ok":
        return f"refused: {results}" if paths else "; ".join(differences(expect["vm"], without_marks(out)))
    if expect["outcome"] == "invalid":
        wanted = [entry.split(": ")[0] for entry in expect.get("itInvalid", []) + expect.get("prefInvalid", [])]
    else:
        wanted = expect[PATHS[expect["outcome"]]]
    if paths != wanted:
        return f"{expect['outcome']} at {paths}, not at {wanted}"
    if out is not case["vm"]:
        return "a refused VM came back changed"
    text = expect.get("requirement", "")
    return "" if text in results[0].message else f"{results[0].message} does not say {text}"


@pytest.mark.parametrize(("name", "defaults", "count"), [("vectors", "none", 2000), ("defaults", "kubevirt", 860)])
def test_all_vectors_agree(name, defaults, count, record_property):
    cases = load(name)
    bad = {case["id"]: found for case in cases if (found := disagreement(case, defaults))}
    record_property("agreeing", f"{len(cases) - len(bad)} of {len(cases)}")
    print(f"{len(cases) - len(bad)} of {len(cases)} {name} agree")
    assert not bad, dict(list(bad.items())[:5])
    assert len(cases) == count


def test_requirements_are_judged_as_the_webhook_judges_them():
    """But for an empty required architecture: test_expand has the reason."""
    cases = [case for case in load("vectors") if "admission" in case["expect"]]
    cases = [case for case in cases if case["preference"]["requirements"].get("architecture") != ""]
    wanted = {case["id"]: case["expect"]["admission"].get("reqConflicts", []) for case in cases}
    assert {case["id"]: [result.path for result in refusals(case, "kubevirt")] for case in cases} == wanted
    for case in cases:
        for result in refusals(case, "kubevirt"):
            assert case["expect"]["admission"]["requirement"] in result.message
    assert len(cases) == 45


def test_deprecations_are_warned_about_as_kubevirt_does():
    for case in load("vectors"):
        if case["expect"]["outcome"] == "ok":
            results = expand(*items_of(case), defaults="none")[1]
            found = [result for result in results if result.rule.endswith("/deprecated")]
            assert len(found) == len(case["expect"].get("warnings", [])), case["id"]


@pytest.mark.parametrize(("name", "defaults"), [("vectors", "none"), ("defaults", "kubevirt")])
def test_expanding_an_expanded_vm_changes_nothing(name, defaults):
    for case in load(name):
        out, results = expand(*items_of(case), defaults=defaults)
        if not any(result.severity == ERROR for result in results):
            again, _ = expand(out, None, None, defaults=defaults)
            assert again == out, case["id"]


def test_the_input_is_untouched():
    for case in load("vectors")[:500]:
        before = json.dumps(case)
        expand(*items_of(case))
        assert json.dumps(case) == before
