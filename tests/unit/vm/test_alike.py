"""Remembered expansions are the expansions themselves: held against expanding each machine by itself."""

from __future__ import annotations

import gzip
import json

from support import ROOT

from krm_fn.core.manifest import copy_tree, sort_tree
from krm_fn.core.wire import Float
from krm_fn.vm.alike import Alike
from krm_fn.vm.expand import expand


def cases():
    with gzip.open(ROOT / "tests" / "conformance" / "vectors.jsonl.gz", "rt") as lines:
        for line in lines:
            case = json.loads(line)
            objects = []
            for field, kind in (
                ("instancetype", "VirtualMachineInstancetype"),
                ("preference", "VirtualMachinePreference"),
            ):
                spec = case[field]
                made = {
                    "apiVersion": "instancetype.kubevirt.io/v1beta1",
                    "kind": kind,
                    "metadata": {"name": field},
                    "spec": spec,
                }
                objects.append(None if spec is None else made)
            yield case["vm"], *objects


def alone(vm, instancetype, preference, **options):
    out, results = expand(copy_tree(vm), instancetype, preference, **options)
    if not any(result.severity == "error" for result in results):
        sort_tree(out["spec"]["template"])
    return out, [(result.rule, result.path, result.message) for result in results]


def another(vm):
    """A machine like this one: another name, and other things on its volumes."""
    other = copy_tree(vm)
    other["metadata"] = {"name": "other", "namespace": "elsewhere", "labels": {"a": "b"}, "annotations": {"c": "d"}}
    for volume in (other["spec"].get("template") or {}).get("spec", {}).get("volumes") or []:
        name = volume["name"]
        volume.clear()
        volume.update({"zeta": 1, "name": name, "containerDisk": {"path": "/x", "image": "y"}})
    return other


def test_a_machine_alike_expands_as_it_would_alone():
    for defaults in ("kubevirt", "none"):
        together = Alike(defaults=defaults)
        for vm, instancetype, preference in cases():
            for machine in (vm, another(vm), vm):
                before = json.dumps(machine)
                out, results = together.expand(machine, instancetype, preference)
                found = [(result.rule, result.path, result.message) for result in results]
                assert (out, found) == alone(machine, instancetype, preference, defaults=defaults)
                assert json.dumps(machine) == before


def test_key_order_comes_out_the_same():
    together = Alike()
    for vm, instancetype, preference in cases():
        for machine in (vm, another(vm)):
            out, _ = together.expand(machine, instancetype, preference)
            assert json.dumps(out) == json.dumps(alone(machine, instancetype, preference)[0])


def test_what_a_caller_does_to_one_machine_stays_with_it():
    vm, instancetype, preference = next(
        case for case in cases() if not expand(*case)[1] and case[0]["spec"]["template"]["spec"].get("volumes")
    )
    together = Alike()
    first, second = (together.expand(machine, instancetype, preference)[0] for machine in (another(vm), another(vm)))
    first["metadata"]["annotations"]["stamp"] = "1"
    first["spec"]["template"]["spec"]["volumes"][0]["name"] = "changed"
    assert second == alone(another(vm), instancetype, preference)[0]


def test_numbers_that_remember_their_text_are_not_taken_for_each_other():
    def machine(text):
        return {
            "metadata": {"name": "a"},
            "spec": {"template": {"spec": {"domain": {"devices": {}}, "extra": Float(text), "volumes": []}}},
        }

    together = Alike()
    outs = [together.expand(machine(text), None, None)[0] for text in ("1.0", "1.00")]
    assert [out["spec"]["template"]["spec"]["extra"].text for out in outs] == ["1.0", "1.00"]


def test_settings_that_write_names_are_worked_out_for_each_machine():
    together = Alike(defaults={"firmwareUUID": True})
    machines = [
        {"metadata": {"name": name}, "spec": {"template": {"spec": {"domain": {"devices": {}}, "volumes": []}}}}
        for name in "ab"
    ]
    uuids = {
        together.expand(machine, None, None)[0]["spec"]["template"]["spec"]["domain"]["firmware"]["uuid"]
        for machine in machines
    }
    assert len(uuids) == 2
