"""The order of the stages, and what surrounds them: references, annotations, types, warnings."""

from __future__ import annotations

import copy

import pytest

from krm_fn.core.finding import ERROR, to_manifest
from krm_fn.vm.expand import expand
from tests.unit.objects import errors, instancetype, preference, vm

SPREAD = {"cpu": {"preferredCPUTopology": "spread"}}


def test_stages_end_at_the_first_that_finds_something():
    sizes = instancetype(cpu={"guest": 3}, memory={"guest": "1Gi", "overcommitPercent": 101})
    wishes = preference(**SPREAD, requirements={"memory": {"guest": "2Gi"}})
    own = {"domain": {"cpu": {"cores": 1}}}
    assert [result.rule for result in errors(own, sizes, wishes)] == ["instancetype/invalid"]
    sizes = instancetype(cpu={"guest": 3}, memory={"guest": "1Gi"})
    assert [result.rule for result in errors(own, sizes, wishes)] == ["preference/spread"]
    sizes = instancetype(cpu={"guest": 4}, memory={"guest": "1Gi"})
    assert [result.rule for result in errors(own, sizes, wishes)] == ["instancetype/conflict"]
    assert [result.rule for result in errors({}, sizes, wishes)] == ["preference/requirement"]


def test_both_specs_mistakes_are_reported_together():
    found = errors({}, instancetype(memory={"overcommitPercent": -1}), preference(cpu={"preferredCPUTopology": "x"}))
    assert [result.rule for result in found] == ["instancetype/invalid", "preference/invalid"]


def test_references_go_and_annotations_come():
    given = vm({"domain": {}}, {"own": "x"})
    given["status"] = {"instancetypeRef": {"name": "it"}, "preferenceRef": {}, "ready": True}
    out, results = expand(given, instancetype(), preference(annotations={"own": "y", "new": "z"}))
    assert results == []
    assert "instancetype" not in out["spec"]
    assert "preference" not in out["spec"]
    assert out["status"] == {"ready": True}
    assert out["spec"]["template"]["metadata"]["annotations"] == {
        "own": "x",
        "new": "z",
        "kubevirt.io/cluster-instancetype-name": "it",
        "kubevirt.io/preference-name": "pref",
    }


def test_a_status_of_references_only_goes_whole():
    given = {**vm(), "status": {"instancetypeRef": {"name": "it"}}}
    assert "status" not in expand(given, instancetype(), None)[0]


def test_annotations_come_from_the_vm_then_the_instancetype_then_the_preference():
    sizes = instancetype(annotations={"a": "it", "b": "it"})
    out, _ = expand(vm({}, {"a": "it"}), sizes, preference(annotations={"b": "pref", "c": "pref"}))
    kept = out["spec"]["template"]["metadata"]["annotations"]
    assert {key: kept[key] for key in "abc"} == {"a": "it", "b": "it", "c": "pref"}


def test_the_vms_own_order_and_spelling_stay():
    spec = {"domain": {"memory": {"maxGuest": "2048Mi"}, "cpu": {"model": "x"}}, "hostname": "h"}
    out, _ = expand(vm(spec), instancetype(), None, defaults="none")
    made = out["spec"]["template"]["spec"]
    assert list(made) == ["domain", "hostname"]
    assert list(made["domain"]) == ["memory", "cpu"]
    assert made["domain"]["memory"] == {"maxGuest": "2048Mi", "guest": "4Gi"}


def test_deprecations_are_warnings():
    _, results = expand(vm(), instancetype(launchSecurity={}), preference(cpu={"preferredCPUTopology": "preferCores"}))
    assert [(result.rule, result.severity, result.path) for result in results] == [
        ("instancetype/deprecated", "warning", "spec.launchSecurity"),
        ("preference/deprecated", "warning", "spec.cpu.preferredCPUTopology"),
    ]
    assert results[1].proposed == "cores"


def test_a_mistake_in_a_namespaced_object_without_a_namespace_is_shown_in_the_vms():
    wishes = preference(cpu={"preferredCPUTopology": "x"})
    del wishes["metadata"]["namespace"]
    assert to_manifest(errors({}, None, wishes)[0])["resourceRef"]["namespace"] == "prod"
    sizes = instancetype(memory={"overcommitPercent": -1})
    assert "namespace" not in to_manifest(errors({}, sizes)[0])["resourceRef"]
    assert wishes["metadata"] == {"name": "pref"}


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (lambda item: item["spec"].pop("template"), "spec.template"),
        (lambda item: item["spec"].update(template=[]), "spec.template"),
        (lambda item: item.pop("spec"), "spec.template"),
        (lambda item: item.update(spec="x"), "spec"),
        (lambda item: item["spec"]["template"]["spec"].update(domain=[]), "spec.template.spec.domain"),
        (lambda item: item["spec"]["template"]["spec"].update(volumes=[None]), "spec.template.spec.volumes[0]"),
        (
            lambda item: item["spec"]["template"]["spec"].update(domain={"cpu": {"cores": True}}),
            "spec.template.spec.domain.cpu.cores",
        ),
        (
            lambda item: item["spec"]["template"]["spec"].update(domain={"cpu": {"cores": 2**32}}),
            "spec.template.spec.domain.cpu.cores",
        ),
        (
            lambda item: item["spec"]["template"]["spec"].update(domain={"memory": {"guest": "much"}}),
            "spec.template.spec.domain.memory.guest",
        ),
        (
            lambda item: item["spec"]["template"].update(metadata={"annotations": {"a": 1}}),
            "spec.template.metadata.annotations",
        ),
    ],
)
def test_a_wrong_type_in_the_vm_is_an_error_at_its_path(change, path):
    given = vm()
    change(given)
    before = copy.deepcopy(given)
    out, (found,) = expand(given, instancetype(), preference())
    assert (found.rule, found.severity, found.path) == ("manifest/type", ERROR, path)
    assert out is given
    assert given == before


@pytest.mark.parametrize(
    ("spec", "path"),
    [
        ({"cpu": {"guest": "2"}}, "spec.cpu.guest"),
        ({"cpu": {"guest": -1}}, "spec.cpu.guest"),
        ({"memory": {"guest": "1K"}}, "spec.memory.guest"),
        ({"gpus": {"name": "g"}}, "spec.gpus"),
        ({"annotations": {"a": 1}}, "spec.annotations"),
        ({"cpu": []}, "spec.cpu"),
    ],
)
def test_a_wrong_type_in_an_instancetype_is_an_error_at_its_path(spec, path):
    assert [(result.rule, result.path) for result in errors({}, instancetype(**spec))] == [("manifest/type", path)]


def test_all_wrong_types_are_reported():
    wishes = preference(devices={"preferredDiskBus": 1, "preferredRng": []}, cpu={"preferredCPUFeatures": ["x"]})
    found = errors({"domain": {"devices": {"disks": "x"}}}, instancetype(cpu=1), wishes)
    assert len(found) == 5


def test_null_is_absent():
    spec = {"domain": {"cpu": None, "memory": {"guest": None}, "devices": {"disks": None}}, "nodeSelector": None}
    out, results = expand(
        vm(spec, {}), instancetype(cpu={"guest": 1, "model": None}), preference(clock=None, devices=None)
    )
    assert results == []
    assert out["spec"]["template"]["spec"]["domain"]["memory"] == {"guest": "4Gi"}


def test_a_vm_without_domain_or_template_spec_is_filled():
    given = vm()
    given["spec"]["template"] = {"spec": None}
    out, _ = expand(given, instancetype(), None, defaults="none")
    assert set(out["spec"]["template"]["spec"]["domain"]) == {"cpu", "memory"}


def test_nothing_is_shared_between_what_goes_in_and_what_comes_out():
    sizes, wishes = (
        instancetype(gpus=[{"name": "g"}]),
        preference(devices={"preferredRng": {}, "preferredTPM": {"enabled": True}}),
    )
    first, _ = expand(vm(), sizes, wishes)
    second, _ = expand(vm(), sizes, wishes)
    first["spec"]["template"]["spec"]["domain"]["devices"]["tpm"]["enabled"] = False
    first["spec"]["template"]["spec"]["domain"]["devices"]["gpus"][0]["name"] = "changed"
    assert second["spec"]["template"]["spec"]["domain"]["devices"]["tpm"] == {"enabled": True}
    assert sizes["spec"]["gpus"] == [{"name": "g"}]
