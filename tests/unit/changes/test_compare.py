"""Which machines change, and what a reader is told of each."""

from __future__ import annotations

import copy

import pytest
from trees import SERIES, edited, instancetype, machine, report, vm

NAMED = {"instancetype": {"name": "web.medium"}}


def changes(found):
    return {each.name: (each.change, each.effects) for each in found.machines}


def test_equal_trees_change_nothing_wherever_the_files_lie():
    here, there = vm(), vm()
    here["metadata"]["annotations"] = {"internal.config.kubernetes.io/path": "a.yaml"}
    there["metadata"]["annotations"] = {"internal.config.kubernetes.io/path": "b/c.yaml"}
    there["spec"] = dict(reversed(there["spec"].items()))
    assert changes(report([here], [there])) == {"shop": ("unchanged", ["none"])}


def test_a_quantity_spelled_otherwise_is_no_effect():
    before = edited(vm(), "spec.template.spec.domain.memory", {"guest": "1024Mi"})
    after = edited(before, "spec.template.spec.domain.memory.guest", "1Gi")
    found = machine([before], [after])
    assert (found.change, found.effects, found.fields) == ("modified", ["none"], [])


def test_new_and_removed_machines():
    found = report([vm("old", **NAMED), SERIES], [vm("new", **NAMED), vm("off", runStrategy="Halted", **NAMED), SERIES])
    assert changes(found) == {
        "old": ("removed", ["stopped"]),
        "new": ("added", ["started"]),
        "off": ("added", ["none"]),
    }
    assert (found.counted("added"), found.counted("removed"), found.effects()) == (
        2,
        1,
        {"stopped": 1, "started": 1, "none": 1},
    )


def test_a_new_machine_that_is_refused():
    found = machine([SERIES], [vm(template={"domain": {"cpu": {"sockets": 2}, "devices": {}}}, **NAMED), SERIES])
    assert (found.change, found.effects) == ("added", ["refused"])
    assert {reason.field for reason in found.impact.reasons} == {"spec.template.spec.domain.cpu.sockets"}


def test_an_edited_instancetype_never_reaches_an_unpinned_machine_and_that_is_said():
    bigger = edited(SERIES, "spec.memoryPerVCPU", "6Gi")
    found = report([vm(**NAMED), SERIES], [vm(**NAMED), bigger])
    (shop,) = found.machines
    assert (shop.change, shop.effects, shop.fields) == ("modified", ["none"], [])
    assert "never sees it" in shop.impact.notes[0]
    (cause,) = found.causes
    assert (cause.object, cause.field, cause.before, cause.after) == (
        "InstancetypeSeries/web",
        "spec.memoryPerVCPU",
        "4Gi",
        "6Gi",
    )
    assert (len(cause.machines), len(cause.keepers)) == (0, 1)


def test_a_kind_written_for_the_first_time_picks_up_an_old_edit():
    before = [vm(**NAMED), instancetype()]
    after = [
        vm(instancetype={"name": "web.medium", "kind": "VirtualMachineClusterInstancetype"}),
        instancetype(memory="12Gi"),
    ]
    found = machine(before, after)
    assert found.effects == ["wait", "live"]
    assert "looks at it anew" in found.impact.notes[0]


@pytest.mark.parametrize("pruned", [False, True])
def test_a_pruned_revision_hides_the_restart(pruned):
    def pinned(name, **spec):
        held = instancetype(**spec)
        revision = {
            "apiVersion": "apps/v1",
            "kind": "ControllerRevision",
            "metadata": {"name": name, "namespace": "web"},
            "revision": 1,
            "data": held,
        }
        return [vm(instancetype={"name": "web.medium", "revisionName": name}), revision]

    found = machine(pinned("a"), pinned("b", ioThreadsPolicy="auto"), pruned=pruned)
    assert found.effects == (["silent"] if pruned else ["restart"])
    assert any("announces no restart" in note for note in found.impact.notes) == pruned


def test_a_disk_that_the_expansion_writes_asks_for_a_restart_that_changes_nothing():
    before = edited(vm(), "spec.template.spec.domain.devices.disks", None)
    before["spec"]["template"]["spec"]["domain"]["memory"] = {"guest": "2Gi"}
    after = edited(before, "spec.template.spec.domain.devices.disks", [{"name": "root", "disk": {"bus": "sata"}}])
    found = machine([before], [after])
    assert (found.effects, found.fields) == (["restart"], [])
    assert "start just the same" in found.impact.notes[0]


def test_an_object_that_neither_side_knows_is_no_verdict():
    before = vm(instancetype={"name": "from-elsewhere"})
    found = machine([before], [edited(before, "spec.template.spec.hostname", "shop")])
    assert found.effects == ["restart"]
    assert "neither among the manifests nor in the catalogs" in found.impact.notes[0]


def test_a_name_that_leads_nowhere_is_stuck_and_never_starts_again():
    found = machine([vm(**NAMED), SERIES], [vm(instancetype={"name": "web.huge"}), SERIES])
    assert found.effects == ["stuck", "next-start-fails"]


def test_two_of_one_name_are_a_finding_and_the_rest_counts():
    found = report([vm()], [vm(), vm(), vm("other")])
    assert [(side, finding.rule) for side, finding in found.findings] == [("after", "diff/duplicate")]
    assert set(changes(found)) == {"shop", "other"}


def test_two_instancetypes_of_one_name_are_a_finding_and_the_first_counts():
    machines = [vm(instancetype={"name": name}) for name in ("web.small", "web.medium")]
    small = instancetype("web.small", memory="4Gi")
    found = report(
        [machines[0], small, instancetype()], [machines[1], small, instancetype(), instancetype(memory="64Gi")]
    )
    assert [(side, finding.rule) for side, finding in found.findings] == [("after", "diff/duplicate")]
    assert [
        (field.before, field.after) for field in found.machines[0].fields if field.path.endswith("memory.guest")
    ] == [("4Gi", "8Gi")]


FOREIGN = [
    {"kind": "compute#machineType", "name": "n2-standard-2"},
    {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "shop"}},
    {
        "apiVersion": "instancetype.kubevirt.io/v1beta1",
        "kind": "VirtualMachineInstancetype",
        "spec": {"cpu": {"guest": 2}},
    },
]


@pytest.mark.parametrize("foreign", FOREIGN, ids=lambda item: item["kind"])
def test_what_has_no_name_or_makes_no_machine_is_not_there_twice(foreign):
    found = report([vm()], [vm(), foreign, copy.deepcopy(foreign)])
    assert found.findings == []
    assert changes(found) == {"shop": ("unchanged", ["none"])}


def test_two_disks_of_one_name_are_a_finding():
    disk = {"apiVersion": "cdi.kubevirt.io/v1beta1", "kind": "DataVolume", "metadata": {"name": "root"}}
    found = report([vm()], [vm(), disk, copy.deepcopy(disk)])
    assert [(side, finding.rule) for side, finding in found.findings] == [("after", "diff/duplicate")]


def test_a_broken_definition_is_a_finding_and_the_rest_counts():
    broken = copy.deepcopy(SERIES) | {"spec": {"sizes": 3}}
    found = report([vm("plain")], [vm("plain"), broken])
    assert {side for side, _ in found.findings} == {"after"}
    assert changes(found) == {"plain": ("unchanged", ["none"])}


def test_what_carries_a_change_follows_from_the_cluster():
    after = [vm(instancetype={"name": "web.large"}), SERIES]
    before = [vm(**NAMED), SERIES]
    effects = {
        methods: machine(
            before, after, {"spec": {"workloadUpdateStrategy": {"workloadUpdateMethods": list(methods)}}}
        ).effects
        for methods in ((), ("LiveMigrate",), ("Evict",))
    }
    assert effects == {(): ["wait", "live"], ("LiveMigrate",): ["migrate", "live"], ("Evict",): ["evict", "live"]}


def test_a_machine_that_can_not_be_migrated_is_seen_in_its_manifest():
    kubevirt = {"spec": {"workloadUpdateStrategy": {"workloadUpdateMethods": ["LiveMigrate"]}}}
    bridge = [{"name": "default", "bridge": {}}]
    sides = [
        [edited(vm(instancetype={"name": name}), "spec.template.spec.domain.devices.interfaces", bridge), SERIES]
        for name in ("web.medium", "web.large")
    ]
    found = machine(*sides, kubevirt)
    assert "memory updated in template spec. Memory-hotplug is only available for migratable VMs" in [
        reason.message for reason in found.impact.reasons
    ]
    assert machine(*sides, kubevirt, migratable="yes").effects == ["migrate", "live"]


def test_an_upgrade_says_what_the_next_start_brings():
    plain = edited(vm(), "spec.template.spec.domain.memory", {"guest": "2Gi"})
    found = machine([plain], [plain], versions=("1.5", "1.9"))
    assert found.effects == ["silent"]
    assert {field.path for field in found.fields} == {
        "spec.template.spec.domain.cpu.maxSockets",
        "spec.template.spec.domain.memory.maxGuest",
    }
    assert machine([plain], [plain], versions=("1.8", "1.9")).change == "unchanged"


def test_an_upgrade_says_which_objects_the_newer_version_refuses():
    old = {
        "apiVersion": "instancetype.kubevirt.io/v1alpha2",
        "kind": "VirtualMachineClusterPreference",
        "metadata": {"name": "golden"},
        "spec": {},
    }
    found = report([old], [old], versions=("1.5", "1.9"))
    assert [(side, finding.rule) for side, finding in found.findings] == [("KubeVirt 1.9", "schema/api-version")]
    assert report([old], [old], versions=("1.6", "1.9")).findings == []


def test_a_live_object_keeps_what_only_the_cluster_writes():
    written = edited(vm(), "spec.template.spec.domain.memory", {"guest": "2Gi"})
    live = copy.deepcopy(written)
    live["metadata"] |= {
        "uid": "1",
        "resourceVersion": "2",
        "generation": 3,
        "creationTimestamp": "2026-01-01T00:00:00Z",
    }
    live["status"] = {"ready": True}
    template = live["spec"]["template"]
    template["metadata"] = {"creationTimestamp": None, "annotations": {"kubevirt.io/pci-topology-version": "v3"}}
    template["spec"] |= {"architecture": "amd64"}
    template["spec"]["domain"] |= {
        "machine": {"type": "q35"},
        "firmware": {"uuid": "5d307ca9-b3ef-428c-8861-06e72d69f223", "serial": "e4686d2c-6e8d-4335-b8fd-81bee22f4815"},
        "resources": {},
    }
    assert machine([live], [written]).effects == ["none"]
    assert machine([live], [edited(written, "spec.template.spec.domain.firmware", "x")]).effects == ["refused"]
    found = machine([live], [edited(written, "spec.template.spec.hostname", "a")])
    assert (found.effects, [field.path for field in found.fields]) == (["restart"], ["spec.template.spec.hostname"])


def test_cloud_init_is_not_shown():
    def with_data(data):
        return vm(template={"volumes": [{"name": "root", "cloudInitNoCloud": {"userData": data}}]})

    found = report([with_data("password: one")], [with_data("password: two!")])
    (field,) = found.machines[0].fields
    assert (field.before, field.after) == ("(13 characters, not shown)", "(14 characters, not shown)")
    assert found.causes[0].after == "(14 characters, not shown)"
