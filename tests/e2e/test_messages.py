"""Messages that lead to the fix: what a person wrote, and what has to stand in the answer."""

from __future__ import annotations

import pytest
from support import config

IT, PREF = "VirtualMachineInstancetype", "VirtualMachinePreference"


def vm(name="web", namespace="tenant", template=None, **spec):
    spec.setdefault("runStrategy", "Halted")
    spec["template"] = {"spec": {"domain": {"devices": {}}, **(template or {})}}
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine", "metadata": metadata, "spec": spec}


def thing(kind, name, namespace="tenant", **spec):
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": "instancetype.kubevirt.io/v1beta1", "kind": kind, "metadata": metadata, "spec": spec}


SMALL = {"cpu": {"guest": 1}, "memory": {"guest": "1Gi"}}


@pytest.mark.parametrize("kind", ["VirtualMachineRenderer", "ManifestValidator"])
@pytest.mark.parametrize(
    ("matcher", "items", "words"),
    [
        ({"kind": IT, "name": "tiny"}, [thing(IT, "tiny", "goldens", **SMALL)], "there is one in namespace goldens"),
        ({"name": "tiny"}, [thing(IT, "tiny", **SMALL)], f"write kind: {IT}"),
        ({"name": "t3.medium"}, [], "the packaged catalog aws has it"),
        ({"name": "${size:=u1.medium}"}, [], "a variable that is filled in later"),
        ({"name": "{{ .Values.size }}"}, [], "a variable that is filled in later"),
        ({"name": "u1.medum"}, [], "did you mean"),
    ],
)
def test_a_name_that_is_not_found_leads_to_what_was_meant(call, kind, matcher, items, words):
    answer = call(config(kind, references="error"), [vm(instancetype=matcher), *items])
    assert answer.status == 1
    assert words in answer.stderr
    assert answer.stderr.count("did you mean") == ("medum" in matcher["name"])


def test_pinned_to_what_an_edited_instancetype_said_before(call):
    small = thing(IT, "tiny", **SMALL)
    pinned = call(config("VirtualMachineRenderer", mode="pin"), [vm(instancetype={"kind": IT, "name": "tiny"}), small])
    edited = [
        {**item, "spec": {**item["spec"], "cpu": {"guest": 2}}} if item == small else item for item in pinned.items
    ]
    again = call(config("VirtualMachineRenderer", mode="pin"), edited)
    assert again.status == 0
    assert "revision/older" in again.stderr
    assert "revision/older" not in call(config("VirtualMachineRenderer", mode="pin"), pinned.items).stderr


def test_a_name_too_long_for_a_revisions_label_is_not_pinned(call):
    for length, status in ((63, 0), (64, 1)):
        name = "n" * length
        given = [vm(instancetype={"kind": IT, "name": name}), thing(IT, name, **SMALL)]
        answer = call(config("VirtualMachineRenderer", mode="pin"), given)
        assert answer.status == status
        assert ("revision/label-too-long" in answer.stderr) is bool(status)
        assert call(config("VirtualMachineRenderer"), given).status == 0


def test_a_mistake_that_a_preference_brought_names_the_preference(call):
    locked = thing(PREF, "locked", firmware={"preferredEfi": {"secureBoot": True}})
    given = vm(instancetype={"name": "u1.small"}, preference={"kind": PREF, "name": "locked"})
    answer = call(config("VirtualMachineRenderer"), [given, locked])
    assert answer.status == 1
    assert 'features.preferredSmm in the preference "locked"' in answer.stderr
    own = vm(
        instancetype={"name": "u1.small"},
        template={"domain": {"devices": {}, "firmware": {"bootloader": {"efi": {}}}}},
    )
    assert "preferredSmm" not in call(config("VirtualMachineRenderer"), [own]).stderr


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ({"domain": {"devices": {}, "cpu": {"ioThreadsPolicy": "auto"}}}, "it belongs under spec.template.spec.domain"),
        ({"domain": {"devices": {}, "disks": []}}, "it belongs under spec.template.spec.domain.devices"),
        ({"volumes": [{"name": "r", "registryDisk": {"image": "x"}}]}, "it is called containerDisk"),
        ({"domain": {"devices": {}, "memroy": {}}}, 'did you mean "memory"'),
    ],
)
def test_a_field_in_the_wrong_place_is_shown_its_place(call, field, words):
    answer = call(config("ManifestValidator"), [vm(template=field)])
    assert answer.status == 1
    assert words in answer.stderr


def test_flavor_leads_to_convert(call):
    assert "`krm-fn convert`" in call(config("ManifestValidator"), [vm(flavor={"name": "x"})]).stderr


def test_infer_from_volume_is_no_switch(call):
    answer = call(config("VirtualMachineRenderer"), [vm(instancetype={"name": "u1.small", "inferFromVolume": False})])
    assert answer.status == 1
    assert "remove the line, or write the volume's name" in answer.stderr


def test_a_misspelt_default_is_named(call):
    answer = call(config("VirtualMachineRenderer", defaults={"archtecture": "arm64"}), [vm()])
    assert answer.status == 3
    assert 'spec.defaults.archtecture: unknown field "archtecture"; did you mean "architecture"?' in answer.stderr


@pytest.mark.parametrize("kind", ["VirtualMachineRenderer", "ManifestValidator"])
def test_a_severity_for_no_rule_is_refused(call, kind):
    bare = vm(template={"domain": {"devices": {}, "memory": {"guest": "1Gi"}}})
    for name, status in (("admision/run-strategy", 1), ("admission", 0), ("admission/run-strategy", 0), ("diff", 0)):
        answer = call(config(kind, severity={name: "warn"}), [bare])
        assert answer.status == status, answer.stderr
        assert ("there is no rule admision/run-strategy" in answer.stderr) is bool(status)


def test_a_selector_that_matches_nothing_is_warned_of(call):
    for labels, warned in (({"app": "wbe"}, True), ({}, False)):
        answer = call(
            config("VirtualMachineRenderer", selector={"matchLabels": labels}), [vm(instancetype={"name": "u1.small"})]
        )
        assert answer.status == 0
        assert ("spec.selector: matches none of the 1 VirtualMachines" in answer.stderr) is warned


def test_what_kubevirt_admits_with_doubts_is_warned_of(call):
    devices = {
        "gpus": [{"name": "example.com-a100", "deviceName": "a/b"}],
        "hostDevices": [{"name": "ok_1", "deviceName": "a/b"}],
    }
    given = vm(running=True, template={"domain": {"devices": devices, "memory": {"guest": "1Gi"}}})
    del given["spec"]["runStrategy"]
    answer = call(config("ManifestValidator"), [given])
    assert answer.status == 0
    assert "spec.running: is deprecated, and KubeVirt warns of it: write runStrategy: Always" in answer.stderr
    assert "devices.gpus[0].name" in answer.stderr
    assert "hostDevices" not in answer.stderr


def test_the_file_is_named_by_kustomizes_origin_annotation(call):
    given = vm(instancetype={"name": "nothing.like.it"})
    given["metadata"]["annotations"] = {
        "config.kubernetes.io/origin": "path: vms/web.yaml\nrepo: https://example.com/x\n"
    }
    assert "error: vms/web.yaml: VirtualMachine tenant/web" in call(config("VirtualMachineRenderer"), [given]).stderr


def test_series_among_the_items_are_marked_as_local(call):
    series = {
        "apiVersion": "krm-fn.dev/v1alpha1",
        "kind": "InstancetypeSeries",
        "metadata": {"name": "own"},
        "spec": {"version": "1", "vendor": "v", "displayName": "d", "memoryPerVCPU": "2Gi", "sizes": {"s": 1}},
    }
    answer = call(config("VirtualMachineRenderer"), [series, vm(instancetype={"name": "own.s"})])
    assert answer.status == 0, answer.stderr
    assert answer.items[0]["metadata"]["annotations"] == {"config.kubernetes.io/local-config": "true"}


def test_a_data_source_of_the_cluster_can_be_given_for_look_up_only(call):
    given = vm(
        instancetype={"inferFromVolume": "root"},
        dataVolumeTemplates=[
            {"metadata": {"name": "d"}, "spec": {"sourceRef": {"kind": "DataSource", "name": "rhel9"}, "storage": {}}}
        ],
        template={"volumes": [{"name": "root", "dataVolume": {"name": "d"}}]},
    )
    assert "look-up only" in call(config("VirtualMachineRenderer"), [given]).stderr
