from __future__ import annotations

import json
from pathlib import Path

import pytest

from krm_fn import dispatch
from krm_fn.core.errors import FunctionConfigError, InputError
from krm_fn.core.finding import Finding
from krm_fn.core.manifest import copy_tree

VM = {
    "apiVersion": "kubevirt.io/v1",
    "kind": "VirtualMachine",
    "metadata": {"name": "web", "namespace": "apps"},
    "spec": {"runStrategy": "Always", "template": {"spec": {"domain": {"devices": {}, "memory": {"guest": "1Gi"}}}}},
}
SERIES = {
    "apiVersion": "krm-fn.dev/v1alpha1",
    "kind": "InstancetypeSeries",
    "metadata": {"name": "cx1"},
    "spec": {"memoryPerVCPU": "2Gi", "sizes": {"medium": 1}},
}


def with_spec(**spec: object) -> dict:
    vm = copy_tree(VM)
    vm["spec"].update(spec)
    return vm


def run(items: list[dict], **spec: object) -> list[Finding]:
    config = {
        "apiVersion": "krm-fn.dev/v1alpha1",
        "kind": "ManifestValidator",
        "metadata": {"name": "validate"},
        "spec": spec,
    }
    before = copy_tree(items)
    out, results = dispatch.run(config, items)
    assert out == before, "a validator changes nothing"
    return results


def rules(items: list[dict], **spec: object) -> list[tuple[str, str]]:
    return [(result.rule, result.severity) for result in run(items, **spec)]


def test_nothing_to_say_about_a_valid_machine() -> None:
    assert rules([VM]) == []


def test_finds_everything_in_every_item() -> None:
    broken = [with_spec(runstrategy="x"), with_spec(runStrategy="Sometimes")]
    assert rules(broken) == [("schema/unknown-field", "error"), ("admission/run-strategy", "error")]


def test_kinds_without_a_schema_are_counted_in_one_note() -> None:
    items = [
        {"apiVersion": "v1", "kind": "ConfigMap"},
        {"apiVersion": "v1", "kind": "ConfigMap"},
        {"apiVersion": "v1", "kind": "Service"},
        VM,
    ]
    (result,) = run(items)
    assert (result.rule, result.severity) == ("schema/skipped", "info")
    assert result.message == "3 manifests skipped, there is no schema for their kinds: 2 ConfigMap, 1 Service"


def test_a_series_is_checked_as_it_is_and_as_what_it_makes() -> None:
    broken = copy_tree(SERIES)
    broken["spec"]["size"] = {}
    assert rules([broken]) == [("series/unknown-field", "error")]
    newer = copy_tree(SERIES)
    newer["spec"]["template"] = {"ioThreads": {"supplementalPoolThreadCount": 2}}
    assert rules([newer]) == []
    (result,) = run([newer], kubevirt="1.6")
    assert result.rule == "schema/later-version"
    assert result.item is newer
    assert "makes cx1.medium with a spec.ioThreads that is wrong" in result.message


def test_a_machine_may_name_what_a_series_makes_or_a_catalog_has() -> None:
    short = with_spec(template={"spec": {"domain": {"devices": {}}}})
    assert rules([short | {"spec": short["spec"] | {"instancetype": {"name": "cx1.medium"}}}, SERIES]) == []
    assert rules([short | {"spec": short["spec"] | {"instancetype": {"name": "u1.medium"}}}]) == []
    assert rules([with_spec(instancetype={"name": "u1.medium"})], catalogs=[]) == [
        ("references/matcher-not-found", "warning")
    ]


def test_other_function_configs_among_the_items_are_checked() -> None:
    renderer = {
        "apiVersion": "krm-fn.dev/v1alpha1",
        "kind": "VirtualMachineRenderer",
        "metadata": {"name": "x"},
        "spec": {"mod": "pin"},
    }
    unknown = {"apiVersion": "krm-fn.dev/v1alpha1", "kind": "Renderer", "metadata": {"name": "x"}}
    old = {"apiVersion": "krm-fn.dev/v1", "kind": "VirtualMachineRenderer", "metadata": {"name": "x"}}
    assert rules([renderer, unknown, old]) == [
        ("config/schema", "error"),
        ("config/kind", "error"),
        ("config/api-version", "error"),
    ]


def test_severities() -> None:
    item = with_spec(runstrategy="x", runStrategy="Sometimes")
    assert rules([item], severity={"schema": "off", "admission/run-strategy": "warn"}) == [
        ("admission/run-strategy", "warning")
    ]


def test_references() -> None:
    item = copy_tree(VM)
    item["spec"]["template"]["spec"]["volumes"] = [{"name": "s", "secret": {"secretName": "x"}}]
    assert rules([item]) == []
    assert rules([item], references="error") == [("references/not-found", "error")]


def test_own_schemas(tmp_path: Path) -> None:
    thing = {
        "x-kubernetes-group-version-kind": [{"group": "example.com", "kind": "Thing", "version": "v1"}],
        "properties": {"spec": {"type": "string"}},
    }
    (tmp_path / "Thing.json").write_text(json.dumps(thing))
    items = [{"apiVersion": "example.com/v1", "kind": "Thing", "spec": 5}]
    assert rules(items) == [("schema/skipped", "info")]
    assert rules(items, schemas=str(tmp_path)) == [("schema/type", "error")]
    with pytest.raises(InputError):
        run(items, schemas=str(tmp_path / "nowhere"))


@pytest.mark.parametrize(
    "spec",
    [
        pytest.param({"kubevirt": "1.4"}, id="unknown version"),
        pytest.param({"severity": {"schema/enum": "warning"}}, id="unknown severity"),
        pytest.param({"reference": "error"}, id="unknown field"),
    ],
)
def test_a_wrong_config_is_refused(spec: dict) -> None:
    with pytest.raises(FunctionConfigError):
        run([VM], **spec)
