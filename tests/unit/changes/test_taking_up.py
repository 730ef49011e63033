"""What docs/taking-up.md promises whoever begins to render machines that run already."""

from __future__ import annotations

import copy

import pytest
from trees import SERIES, edited, machine, vm

from krm_fn import dispatch
from krm_fn.series import catalog

_SPEC = "spec.template.spec"
PREFERENCES = {
    item["metadata"]["name"]: item["spec"].get("devices", {}).get("preferredAutoattachInputDevice", False)
    for item in catalog.objects("common", "Cluster")
    if item["kind"] == "VirtualMachineClusterPreference"
}
"""Name of a packaged preference → whether it brings an input device."""


def short(preference, *, disks):
    out = vm(instancetype={"name": "u1.2xlarge"}, preference={"name": preference})
    arm = preference.endswith(("arm64", "s390x"))
    out = edited(out, f"{_SPEC}.architecture", preference.rpartition(".")[2]) if arm else out
    return out if disks else edited(out, f"{_SPEC}.domain.devices.disks", None)


def rendered(machines, mode, **spec):
    config = {
        "apiVersion": "krm-fn.dev/v1alpha1",
        "kind": "VirtualMachineRenderer",
        "metadata": {"name": "render"},
        "spec": {"mode": mode, "validate": False, **spec},
    }
    items, findings = dispatch.run(config, copy.deepcopy(machines))
    assert not [finding for finding in findings if finding.severity == "error"]
    return items


@pytest.mark.parametrize("preference", PREFERENCES)
def test_pin_changes_nothing(preference):
    before = [short(preference, disks=False)]
    assert machine(before, rendered(before, "pin")).effects == ["none"]


@pytest.mark.parametrize("preference", [name for name, brings in PREFERENCES.items() if not brings])
def test_expand_changes_nothing_where_each_volume_has_a_disk(preference):
    before = [short(preference, disks=True)]
    assert machine(before, rendered(before, "expand")).effects == ["none"]


@pytest.mark.parametrize(
    ("preference", "disks"),
    [*((name, False) for name in PREFERENCES), *((name, True) for name, brings in PREFERENCES.items() if brings)],
)
def test_expand_asks_for_a_restart_that_changes_nothing_where_it_writes_a_device(preference, disks):
    before = [short(preference, disks=disks)]
    found = machine(before, rendered(before, "expand"))
    assert found.effects == ["restart"]
    assert [path for path, _, _ in found.impact.fields if "kubevirt.io/" not in path] == []
    assert "start just the same" in found.impact.notes[0]


@pytest.mark.parametrize("to", ["pin", "expand"])
def test_an_object_that_was_edited_meanwhile_arrives_with_the_pin(to):
    before = [vm(instancetype={"name": "web.medium"}), SERIES]
    edit = edited(SERIES, "spec.memoryPerVCPU", "6Gi")
    found = machine(before, rendered([before[0], edit], to))
    assert found.effects == ["wait", "live"]
    assert found.impact.live == ["memory"]


def test_a_derived_uuid_is_a_change_of_hardware():
    before = [short("fedora", disks=True)]
    found = machine(before, rendered(before, "expand", defaults={"firmwareUUID": True}))
    assert found.effects == ["restart"]
    assert f"{_SPEC}.domain.firmware.uuid" in [reason.field for reason in found.impact.reasons]


def test_a_new_name_with_the_old_revision_is_refused():
    pinned = rendered([vm(instancetype={"name": "u1.medium"})], "pin")
    renamed = [edited(pinned[0], "spec.instancetype.name", "u1.large"), *pinned[1:]]
    found = machine(pinned, renamed)
    assert found.effects == ["refused"]
    assert found.impact.reasons[0].field == "spec.instancetype.revisionName"


def test_a_cpu_section_without_a_topology_asks_for_a_restart_from_the_first_start_on():
    before = edited(vm(), f"{_SPEC}.domain.memory", {"guest": "2Gi"})
    before = edited(before, f"{_SPEC}.domain.cpu", {"model": "host-model"})
    found = machine([before], [edited(before, "metadata.labels", {"a": "b"})])
    assert [reason.message for reason in found.impact.reasons] == ["Reduction of CPU socket count requires a restart"]


def test_under_an_expanding_policy_git_brings_back_what_is_refused():
    kubevirt = {"spec": {"configuration": {"instancetype": {"referencePolicy": "expandAll"}}}}
    before = [vm(instancetype={"name": "u1.medium"})]
    after = [edited(before[0], f"{_SPEC}.hostname", "a")]
    assert machine(before, after, kubevirt).effects == ["refused"]
