"""What `check` and `check_expanded` let pass, leave to the schema, and report once."""

from __future__ import annotations

import json

import pytest
from admission_examples import EXAMPLES
from admission_machines import ARM, D, T, V, base, dedicated, disk, first_disk, lan, patched, template

from krm_fn.validate.admission import RULES, check, check_expanded
from krm_fn.validate.admission.places import manifest_path
from krm_fn.validate.admission.rule import STAGES

INSTANCETYPE = {"S.instancetype": {"name": "u1.small"}}
PREFERENCE = {"S.preference": {"name": "fedora"}}


def rules(patch: dict, **more) -> set[str]:
    return {result.rule.partition("/")[2] for result in check(patched(patch), **more)}


CURED_BY_INSTANCETYPE = (
    "memory-missing",
    "dedicated-cpus-memory-missing",
    "memory-hotplug-no-guest",
    "numa-without-dedicated-cpus",
    "numa-without-hugepages",
    "isolated-emulator-without-dedicated-cpus",
    "realtime-without-dedicated-cpus",
    "realtime-without-numa",
    "io-threads-count",
)
CURED_BY_PREFERENCE = (
    "downward-metrics-default-bus",
    "sata-disk-readonly-by-default",
    "dedicated-io-thread-default-bus",
    "block-size-sata-by-default",
    "cdrom-default-bus",
    "disk-pci-address-bus",
    "input-type",
    "video-type",
    "secure-boot-without-smm",
    "launch-security-efi",
    "launch-security-secure-boot",
)


@pytest.mark.parametrize("rule", CURED_BY_INSTANCETYPE)
def test_instancetype_to_come_silences_what_it_can_cure(rule):
    patch = EXAMPLES[f"admission/{rule}"][0]
    assert rule in rules(patch)
    assert rule not in rules(patch | INSTANCETYPE)
    assert rule in rules(patch | PREFERENCE)


@pytest.mark.parametrize("rule", CURED_BY_PREFERENCE)
def test_preference_to_come_silences_what_it_can_cure(rule):
    patch = EXAMPLES[f"admission/{rule}"][0]
    assert rule in rules(patch)
    assert rule not in rules(patch | PREFERENCE)
    assert rule in rules(patch | INSTANCETYPE)


def test_preference_to_come_may_choose_the_architecture():
    assert rules({"D.machine.type": "virt"} | PREFERENCE) == set()
    assert rules({"D.machine.type": "virt", "T.architecture": "amd64"} | PREFERENCE) == {"machine-type"}


def test_preference_can_bind_interfaces_of_the_pod_network_only():
    unbound = {"V.interfaces.0": {"name": "default"}}
    assert rules(unbound) == {"interface-without-binding"}
    assert rules(unbound | PREFERENCE) == set()
    assert rules(lan({}) | PREFERENCE) == {"interface-without-binding"}


def test_explicit_secure_boot_without_smm_stays_wrong_with_a_preference():
    explicit = {"D.firmware.bootloader.efi": {"secureBoot": True}, "D.features.smm": {"enabled": False}}
    assert rules(explicit | PREFERENCE) == {"secure-boot-without-smm"}


def test_hotplug_does_not_take_the_page_size_for_memory_that_an_instancetype_brings():
    patch = {"D.memory": {"maxGuest": "4Gi", "hugepages": {"pageSize": "2Mi"}}}
    assert rules(patch) == {"memory-hotplug-guest-small"}
    assert rules(patch | INSTANCETYPE) == set()


def test_metrics_on_a_disk_made_for_the_volume_are_out_of_reach_of_a_preference():
    without_disk = {"T.volumes.1": {"name": "data", "downwardMetrics": {}}}
    assert rules(without_disk | PREFERENCE) == {"downward-metrics-target"}
    assert rules(disk({"downwardMetrics": {}}, cache="none") | PREFERENCE) == set()


def test_inference_is_not_judged_when_a_matcher_is_malformed():
    patch = {"S.instancetype": {"inferFromVolume": "root", "name": "x"}, "S.preference": {"inferFromVolume": "boot"}}
    assert rules(patch) == {"instancetype-name-and-volume"}


def test_all_stages_are_reported_at_once_in_kubevirts_order():
    patch = {"D.rebootPolicy": "x", "S.instancetype": {}, "T.hostname": "A", "V.video": {"type": "x"}}
    results = check(patched(patch))
    stages = {rule: rule.stage for rule in RULES}
    assert [stages[result.rule] for result in results] == list(STAGES)


def test_finding_carries_the_manifest_the_value_and_a_proposal():
    vm = patched(first_disk(cache="writeBack"))
    (result,) = check(vm)
    assert result.item is vm
    assert (result.path, result.current, result.proposed) == (f"{V}.disks[0].cache", "writeBack", "writeback")
    assert result.message == 'cache "writeBack" is unknown: write none, writethrough or writeback'


def test_long_values_are_cut_in_messages_and_braces_are_harmless():
    (result,) = check(patched(first_disk(serial="{0}{current!r}" * 10)))
    assert result.message.startswith('serial "{0}{current!r}{0}')
    assert len(result.message) < 200


def test_nulls_count_as_absent():
    assert rules({"D.cpu": None, "S.running": None, "V.interfaces.0.model": None, "T.affinity": None}) == set()


def test_template_of_another_namespace_is_unknown_without_a_namespace():
    patch = template(metadata={"name": "data", "namespace": "other"})
    vm = patched(patch)
    del vm["metadata"]["namespace"]
    assert check(vm) == []


class TestMisshapen:
    """What is judged beside mistakes that the schema found."""

    def test_only_values_are_judged_by_themselves(self):
        patch = {"T.volumes": {"root": {}}, "V.disks.0.serial": "a b"}
        assert rules(patch) == {"disk-serial", "disk-without-volume"}
        assert rules(patch, misshapen=[f"{T}.volumes"]) == {"disk-serial"}

    def test_what_the_schema_spoke_of_is_left_to_it(self):
        patch = {"D.rebootPolicy": "x", "T.hostname": "A"}
        assert rules(patch, misshapen=[f"{D}.rebootPolicy"]) == {"hostname"}
        assert rules(patch, misshapen=[T]) == set()


class TestVersions:
    """Rules about fields that a version does not have are left out."""

    @pytest.mark.parametrize(
        ("version", "found"),
        [("1.5", set()), ("1.7", set()), ("1.8", {"utility-volumes"}), ("1.10", {"utility-volumes"})],
    )
    def test_rule_begins_with_its_field(self, version, found):
        assert rules({"T.utilityVolumes": [{"name": "u", "claimName": "c"}]}, version=version) == found


class TestExpanded:
    """The webhook of the VirtualMachine sees less of a preference than the machine that is started."""

    def test_findings_of_both_are_reported_once_about_the_written_manifest(self):
        written = patched(INSTANCETYPE)
        created = patched(dedicated(threads=4))
        (result,) = check_expanded(written, created, created)
        assert result.item is written
        assert result.rule == "admission/dedicated-cpus-threads"

    def test_what_the_preference_reaches_at_start_only_is_found(self):
        started = patched(
            {
                "V.disks.1": {"name": "data", "disk": {}, "cache": "unsafe"},
                "T.volumes.1": {"name": "data", "emptyDisk": {}},
            }
        )
        created = patched({"T.volumes.1": {"name": "data", "emptyDisk": {}}})
        assert check(created) == []
        assert [result.path for result in check_expanded(base(), created, started)] == [f"{V}.disks[1].cache"]

    def test_bus_that_is_filled_in_at_start_is_judged_there(self):
        created = patched(disk(disk={"readonly": True}))
        started = patched(disk(disk={"readonly": True, "bus": "virtio"}))
        assert check_expanded(base(), created, started) == []

    def test_names_still_in_the_manifest_no_longer_silence_anything(self):
        vm = patched({"D.memory": {}} | INSTANCETYPE)
        assert [result.rule for result in check_expanded(vm, vm, vm)] == ["admission/memory-missing"]


@pytest.mark.parametrize(
    "rule", [rule for rule in RULES if " or " not in rule.field and "..." not in rule.field], ids=lambda rule: rule
)
def test_documented_field_is_where_the_example_is_reported(rule):
    found = [result.path for result in check(patched(EXAMPLES[rule][0])) if result.rule == rule]
    without = {_without_indexes(path) for path in found}
    assert _without_indexes(rule.field.replace("%d", "")) in without or rule in FIELDS_THAT_VARY


FIELDS_THAT_VARY = {
    f"admission/{name}"
    for name in (
        "arm64-disk-bus",
        "disk-bus",
        "disk-bus-ide",
        "data-volume-template-api-group",
        "hyperv-evmcs-vmx",
        "spread-selector",
    )
}
"""The target in the path is disk, lun or cdrom; the reference is one of two; the path goes on into a feature or a selector."""


def _without_indexes(path: str) -> str:
    return "".join(part.partition("]")[2] if index else part for index, part in enumerate(path.split("[")))


@pytest.mark.parametrize(
    ("reported", "meant"),
    [
        (f"{V}.disks.domain.devices.disks.disk[2].pciAddress", f"{V}.disks[2].disk.pciAddress"),
        (f"{V}.disks.domain.devices.disks[2].io", f"{V}.disks[2].io"),
        (f"{T}[1].bootOrder", f"{V}.interfaces[1].bootOrder"),
        ("spec.domain.devices.interfaces[1].passt", f"{V}.interfaces[1].passt"),
        (f"{T}.interfaces", f"{V}.interfaces"),
        (f"{D}.volumes[1].containerPath.path", f"{T}.volumes[1].containerPath.path"),
        (f"{T}.acpi.slicNameRef", f"{D}.firmware.acpi.slicNameRef"),
        (f"{T}.launchSecurity", f"{D}.launchSecurity"),
        (f"{T}.GPUs", f"{V}.gpus"),
        (f"{T}.Sound", f"{V}.sound"),
        (f"{T}.video", f"{V}.video"),
        (f"{D}.ioThreads.count", f"{D}.ioThreads.supplementalPoolThreadCount"),
        (f"{D}.features.hyperv.domain.features.hyperv.ipi", f"{D}.features.hyperv.ipi"),
        (f"{T}.nodeAffinity.x[0].weight", f"{T}.affinity.nodeAffinity.x[0].weight"),
        (f"{T}.podAffinity.x[0].namespace", f"{T}.affinity.podAffinity.x[0].namespaces"),
        ("spec.dataVolumeTemplate[0]", "spec.dataVolumeTemplates[0]"),
        ("spec.dataVolumeTemplate[0].name", "spec.dataVolumeTemplates[0].metadata.name"),
        ("spec.dataVolumeTemplate[0].source", "spec.dataVolumeTemplates[0].spec.source"),
        ("spec.dataVolumeTemplate[0].PVC.Storage", "spec.dataVolumeTemplates[0].spec"),
        ("nameservers", f"{T}.dnsConfig.nameservers"),
        ("searchDomains", f"{T}.dnsConfig.searches"),
        ("options", f"{T}.dnsConfig.options"),
        (f"{V}.disks[0].cache", f"{V}.disks[0].cache"),
        ("spec.dataVolumeTemplates[0].spec.contentType", "spec.dataVolumeTemplates[0].spec.contentType"),
    ],
)
def test_odd_paths_lead_to_the_field_that_is_meant(reported, meant):
    assert manifest_path(reported) == meant


def test_architecture_of_arm_fills_in_virtio():
    assert rules(disk(disk={"readonly": True}) | ARM) == set()


def test_rules_are_complete_records():
    for rule in RULES:
        assert rule.stage in STAGES
        assert rule.message
        assert not rule.message.endswith(".")
        assert rule.explanation.endswith(".")
        assert rule.source
        assert "\n" not in rule.message + rule.explanation
    json.dumps(list(RULES))


@pytest.mark.parametrize("field", ["apiVersion", "kind", "name", "uid"])
def test_an_owner_is_named_in_full(field):
    owner = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "uid": "1"}
    del owner[field]
    (result,) = check(patched({"metadata.ownerReferences": [owner]}))
    assert (result.rule, result.path) == ("admission/owner-references", f"metadata.ownerReferences[0].{field}")


def test_an_event_owns_nothing_and_a_finalizer_is_a_qualified_name():
    event = {"apiVersion": "v1", "kind": "Event", "name": "e", "uid": "1"}
    assert rules({"metadata.ownerReferences": [event]}) == {"owner-references"}
    assert rules({"metadata.finalizers": ["a b"]}) == {"finalizers"}
    assert rules({"metadata.finalizers": ["kubernetes"]}) == set()
