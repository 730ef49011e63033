"""Because of what a field changes: the object and the field in Git."""

from __future__ import annotations

import json

from trees import SERIES, edited, instancetype, report, vm

from krm_fn.changes.causes import get, parts, put
from krm_fn.vm.impact.equality import ABSENT

PREFERENCES = {
    "apiVersion": "krm-fn.dev/v1alpha1",
    "kind": "PreferenceSeries",
    "metadata": {"name": "os"},
    "spec": {
        "displayName": "OS",
        "osType": "linux",
        "scope": "Cluster",
        "traits": {"fast": {"devices": {"preferredDiskBus": "virtio"}}},
        "members": {"a": {"traits": ["fast"]}, "b": {}},
    },
}


def causes(found):
    return [(cause.object, cause.field, len(cause.machines)) for cause in found.causes]


def because(found):
    return {field.path: field.because for field in found.machines[0].fields}


def test_the_vm_is_the_cause_of_what_it_says():
    found = report([vm()], [edited(vm(), "spec.template.spec.hostname", "a")])
    assert causes(found) == [("VirtualMachine/web/shop", "spec.template.spec.hostname", 1)]


def test_one_edit_of_many_machines_is_one_cause():
    before = [vm(name) for name in "abc"]
    found = report(before, [edited(each, "spec.runStrategy", "Halted") for each in before])
    assert causes(found) == [("VirtualMachine", "spec.runStrategy", 3)]


def test_another_instancetype_is_the_vms_edit():
    found = report([vm(instancetype={"name": "web.medium"}), SERIES], [vm(instancetype={"name": "web.large"}), SERIES])
    assert because(found)["spec.template.spec.domain.memory.guest"] == "VirtualMachine/web/shop"
    assert ("VirtualMachine/web/shop", "spec.instancetype.name", 1) in causes(found)


def pinned(name, held):
    revision = {
        "apiVersion": "apps/v1",
        "kind": "ControllerRevision",
        "metadata": {"name": name, "namespace": "web"},
        "revision": 1,
        "data": held,
    }
    return [vm(instancetype={"name": held["metadata"]["name"], "revisionName": name}), revision]


def test_a_pinned_machine_leads_to_the_field_of_the_object():
    found = report(pinned("a", instancetype()), pinned("b", instancetype(memory="12Gi")))
    assert causes(found) == [("VirtualMachineClusterInstancetype/web.medium", "spec.memory.guest", 1)]
    assert because(found)["spec.template.spec.domain.memory.maxGuest"] == "VirtualMachineClusterInstancetype/web.medium"


def test_a_pinned_machine_beside_its_series_leads_to_the_edit_that_did_it():
    after = edited(edited(SERIES, "spec.memoryPerVCPU", "6Gi"), "spec.sizes.small", 2)
    found = report([*pinned("a", instancetype()), SERIES], [*pinned("b", instancetype(memory="12Gi")), after])
    assert causes(found) == [("InstancetypeSeries/web", "spec.memoryPerVCPU", 1)]


def test_an_expanded_machine_leads_to_the_object_in_its_annotation():
    def expanded(memory):
        held = instancetype(memory=memory)
        out = edited(vm(), "spec.template.spec.domain.memory", {"guest": memory})
        out["spec"]["template"]["spec"]["domain"]["cpu"] = {"sockets": 2, "cores": 1, "threads": 1}
        out["metadata"]["annotations"] = {"krm-fn.dev/instancetype-revision": json.dumps(held)}
        return out

    found = report([expanded("8Gi")], [expanded("12Gi")])
    assert causes(found) == [("VirtualMachineClusterInstancetype/web.medium", "spec.memory.guest", 1)]


def test_a_trait_is_the_cause_of_what_a_preference_writes():
    machine = edited(vm(preference={"name": "os.a"}), "spec.template.spec.domain.memory", {"guest": "2Gi"})
    machine = edited(machine, "spec.template.spec.domain.devices.disks", [{"name": "root"}])
    after = edited(PREFERENCES, "spec.traits.fast.devices.preferredDiskBus", "scsi")
    kind = edited(machine, "spec.preference.kind", "VirtualMachineClusterPreference")
    found = report([machine, PREFERENCES], [kind, after])
    assert because(found)["spec.template.spec.domain.devices.disks[root].disk.bus"] == "PreferenceSeries/os"
    assert ("PreferenceSeries/os", "spec.traits.fast.devices.preferredDiskBus", 1) in causes(found)


def test_paths_are_taken_apart_followed_and_written():
    item = {"a": {"b.c/d": [{"name": "x", "y": 1}]}}
    path = "a[b.c/d][x].y"
    assert parts(path) == ["a", "[b.c/d]", "[x]", "y"]
    assert (get(item, path), get(item, "a.z")) == (1, ABSENT)
    put(item, path, 2, absent=False)
    assert get(item, path) == 2
    put(item, path, None, absent=True)
    assert item == {"a": {"b.c/d": [{"name": "x"}]}}
