"""Only what krm-fn made is replaced and removed, every removal is said, and names become no paths elsewhere."""

from __future__ import annotations

import copy

import pytest
from support import config

from krm_fn import dispatch
from krm_fn.functions import generated
from krm_fn.validate.config import check_config

ORIGIN = {generated.ORIGIN: "InstancetypeSeries/test"}


def series(sizes, **metadata):
    made = config("InstancetypeSeries", memoryPerVCPU="1Gi", sizes=sizes)
    made["metadata"].update(metadata)
    return made


def names(items):
    return [(item["kind"], item["metadata"]["name"]) for item in items]


def vm(name="x", **annotations):
    return {
        "apiVersion": "kubevirt.io/v1",
        "kind": "VirtualMachine",
        "metadata": {"name": name, "annotations": annotations},
        "spec": {
            "runStrategy": "Always",
            "instancetype": {"name": "u1.medium"},
            "template": {"spec": {"domain": {"devices": {}}}},
        },
    }


@pytest.mark.parametrize(
    ("api", "kind"),
    [
        ("v1", "ConfigMap"), ("v1", "PersistentVolumeClaim"), ("apps/v1", "ControllerRevision"),
        ("instancetype.kubevirt.io/v1beta1", "VirtualMachineClusterPreference"), ("kubevirt.io/v1", "VirtualMachine"),
        ("example.com/v1", "VirtualMachineClusterInstancetype"),
    ],
)  # fmt: skip
def test_what_an_origin_can_not_make_stays_with_a_warning(api, kind):
    copied = {"apiVersion": api, "kind": kind, "metadata": {"name": "mine", "annotations": dict(ORIGIN)}}
    items, results = dispatch.run(series({"a": 1}), [copied])
    assert (kind, "mine") in names(items)
    assert [(each.rule, each.severity) for each in results] == [("generated/stays", "warning")]


def test_a_pinned_vm_takes_nothing_but_revisions_away():
    origin = {generated.ORIGIN: "VirtualMachine/x"}
    claim = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data", "annotations": origin}}
    items, _ = dispatch.run(config("VirtualMachineRenderer", mode="pin"), [vm(), claim])
    assert ("PersistentVolumeClaim", "data") in names(items)


def test_a_size_that_is_gone_goes_and_a_result_says_so():
    made, _ = dispatch.run(series({"a": 1, "b": 2}), [])
    items, results = dispatch.run(series({"a": 1}), made)
    assert names(items) == [("VirtualMachineClusterInstancetype", "test.a")]
    assert [(each.rule, each.severity, each.message) for each in results] == [
        ("generated/removed", "info", "is no longer made by InstancetypeSeries/test and is removed")
    ]
    again, results = dispatch.run(series({"a": 1}), items)
    assert (again, results) == (items, [])


def test_one_of_two_copies_goes_and_a_result_says_so():
    made, _ = dispatch.run(series({"a": 1}), [])
    items, results = dispatch.run(series({"a": 1}), [*made, copy.deepcopy(made[0])])
    assert (len(items), [each.rule for each in results]) == (1, ["generated/removed"])


@pytest.mark.parametrize(
    "field", [("memory", "guest", "3Gi"), ("cpu", "guest", 7), ("cpu", "dedicatedCPUPlacement", True)]
)
def test_what_a_person_changed_is_not_removed(field):
    made, _ = dispatch.run(series({"a": 1, "b": 2}), [])
    made[1]["spec"][field[0]][field[1]] = field[2]
    items, results = dispatch.run(series({"a": 1}), made)
    assert len(items) == 2
    assert [(each.rule, each.severity) for each in results] == [("generated/stays", "warning")]


def test_a_revision_whose_data_a_person_changed_is_not_removed():
    pin = config("VirtualMachineRenderer", mode="pin")
    made, _ = dispatch.run(pin, [vm()])
    other = copy.deepcopy(made[1])
    other["metadata"]["name"] = "x-old-0123456789"
    items, results = dispatch.run(pin, [*made, other])
    assert len(items) == 3
    assert [each.rule for each in results if each.rule.startswith("generated")] == ["generated/stays"]


@pytest.mark.parametrize("name", ["../../../x", "/x", "..", "a/b", "."])
@pytest.mark.parametrize("path", ["vms/a.yaml", "a.yaml", "../../a.yaml", "/etc/a.yaml", "vms/../../a.yaml"])
def test_the_path_of_what_is_made_stays_inside(name, path):
    places = {"config.kubernetes.io/path": path, "internal.config.kubernetes.io/path": path}
    pin = config("VirtualMachineRenderer", mode="pin", validate=False)
    items, _ = dispatch.run(pin, [vm(name, **places)])
    made = [item for item in items if item["kind"] == "ControllerRevision"]
    assert made
    for item in made:
        for key in places:
            parts = item["metadata"]["annotations"][key].split("/")
            assert "" not in parts
            assert "." not in parts
            assert ".." not in parts


def test_a_config_map_of_kpts_is_told_how_kpt_passes_an_object():
    config = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "function-input"},
        "data": {"mode": "check"},
    }
    (finding,) = check_config(config)
    assert "configPath" in finding.message
    assert "--fn-config" in finding.message
