"""Versions: how they order, how they are spelled, and what older ones do otherwise."""

from __future__ import annotations

import pytest

from krm_fn.kubevirt import versions
from krm_fn.kubevirt.schemas import Schemas, config_schema
from krm_fn.kubevirt.versions import NEWEST, VERSIONS, Version
from krm_fn.series.catalog import Catalog
from krm_fn.validate.config import check_config
from krm_fn.validate.manifest import check
from krm_fn.vm.expand import expand


def test_versions_order_as_numbers() -> None:
    assert sorted(map(Version, ("1.10", "1.9", "1.9.2", "2.0", "1.6"))) == ["1.6", "1.9", "1.9.2", "1.10", "2.0"]
    assert Version("1.10") > "1.9"
    assert Version("1.9") >= "1.9"
    assert Version("1.9") < Version("1.10") <= "1.10"
    assert {Version("1.9"): 1} == {"1.9": 1}


def test_a_version_without_a_patch_level_is_its_newest_patch() -> None:
    assert Version("1.5").has(Version("1.5.1"))
    assert not Version("1.5.0").has(Version("1.5.1"))
    assert Version("1.6.0").has(Version("1.5.1"))
    assert [
        versions.brings(versions.MARKS_PCI_TOPOLOGY, Version(each))
        for each in ("1.5", "1.6.3", "1.6", "1.7.1", "1.8", "1.9")
    ] == [
        False,
        False,
        True,
        False,
        True,
        True,
    ]


@pytest.mark.parametrize(
    ("value", "version"),
    [
        (1.4, None),
        (None, NEWEST),
        ("", NEWEST),
        ("1.9", "1.9"),
        (1.9, "1.9"),
        ("v1.9.2", "1.9.2"),
        ("1.4", None),
        ("1.9.x", None),
        ("latest", None),
        (["1.9"], None),
        (True, None),
    ],
)
def test_a_version_is_read_however_it_is_spelled(value: object, version: str | None) -> None:
    assert versions.read(value) == version


@pytest.mark.parametrize("kind", ["ManifestValidator", "VirtualMachineRenderer"])
@pytest.mark.parametrize(
    ("value", "right"), [("1.9", True), (1.9, True), ("v1.8.3", True), ("1.4", False), (1.2, False), (2, False)]
)
def test_a_function_takes_what_can_be_read(kind: str, value: object, right: bool) -> None:
    config = {"apiVersion": "krm-fn.dev/v1alpha1", "kind": kind, "metadata": {"name": "x"}, "spec": {"kubevirt": value}}
    found = check_config(config)
    assert [each.path for each in found] == ([] if right else ["spec.kubevirt"])
    assert right or all(version in found[0].message for version in VERSIONS)


def test_the_schemas_of_functions_name_every_version() -> None:
    for kind in ("ManifestValidator", "VirtualMachineRenderer"):
        setting = config_schema(kind)["properties"]["spec"]["properties"]["kubevirt"]
        assert setting.items() >= versions.schema().items()


def vm(**parts: object) -> dict:
    domain = {"memory": {"guest": "1Gi"}, "devices": {}, **parts}
    spec = {"runStrategy": "Always", "template": {"spec": {"domain": domain}}}
    return {"apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine", "metadata": {"name": "web"}, "spec": spec}


def said(item: dict, version: str) -> list[tuple[str, str]]:
    return [
        (each.path.removeprefix("spec.template.spec.domain."), each.message)
        for each in check(item, Schemas(Version(version))) or []
    ]


def test_a_field_that_was_brought_back_counts_from_its_patch_on() -> None:
    item = vm(devices={"tpm": {"enabled": False}})
    assert [said(item, version) for version in ("1.5", "1.5.1", "1.6.0", "1.9")] == [[], [], [], []]
    assert said(item, "1.5.0") == [
        ("devices.tpm.enabled", 'there is no field "enabled" in KubeVirt 1.5.0: it is there since KubeVirt 1.5.1')
    ]


def test_what_older_crds_require() -> None:
    kinds = {"apiVersion": "instancetype.kubevirt.io/v1beta1", "metadata": {"name": "a"}}
    gpu = {**kinds, "kind": "VirtualMachineInstancetype"} | {
        "spec": {"cpu": {"guest": 1}, "memory": {"guest": "1Gi"}, "gpus": [{"name": "first"}]}
    }
    assert [path for path, _ in said(gpu, "1.5")] == ["spec.gpus[0].deviceName"]
    assert said(gpu, "1.6") == []
    blocks = {**kinds, "kind": "VirtualMachineClusterPreference"}
    blocks["spec"] = {"devices": {"preferredDiskBlockSize": {"custom": {"logical": 512}}}}
    assert [path for path, _ in said(blocks, "1.6")] == ["spec.devices.preferredDiskBlockSize.custom.physical"]
    assert said(blocks, "1.7") == []


@pytest.mark.parametrize(
    "parts",
    [
        {"launchSecurity": {}},
        {"devices": {"hostDevices": [{"name": "h"}]}},
        {"devices": {"hostDevices": [{"name": "h", "deviceName": "x/y", "claimName": "c"}]}},
    ],
    ids=str,
)
def test_rules_that_1_6_has_not(parts: dict) -> None:
    assert said(vm(**parts), "1.6") == []
    assert said(vm(**parts), "1.9") != []


def test_1_6_looks_at_sev_whatever_the_architecture() -> None:
    item = vm(launchSecurity={"sev": {}})
    item["spec"]["template"]["spec"]["architecture"] = "s390x"
    assert said(item, "1.9") == []
    assert [path for path, _ in said(item, "1.6")] == ["spec.template.spec.launchSecurity"]


def test_an_object_as_an_older_version_has_it() -> None:
    kind = {"apiVersion": "instancetype.kubevirt.io/v1beta1", "kind": "VirtualMachineClusterPreference"}
    new = {
        **kind,
        "metadata": {"name": "a"},
        "spec": {"preferredArchitecture": "arm64", "devices": {"preferredTPM": {"enabled": True}}},
    }
    assert versions.as_of(new, NEWEST) is new
    assert versions.as_of(new, Version("1.6"))["spec"] == {"devices": {"preferredTPM": {"enabled": True}}}
    assert versions.as_of(new, Version("1.5"))["spec"] == {"devices": {"preferredTPM": {"enabled": True}}}
    assert versions.as_of(new, Version("1.5.0"))["spec"] == {"devices": {"preferredTPM": {}}}
    assert new["spec"]["preferredArchitecture"] == "arm64"


def test_the_packaged_objects_are_those_of_the_version() -> None:
    kinds = [(kind, name) for kind in ("VirtualMachineClusterPreference",) for name in Catalog(["common"]).names(kind)]
    older = Catalog(["common"], Version("1.6"))
    assert all(said(older.find(*each), "1.6") == [] for each in kinds)
    assert any(older.find(*each) != Catalog(["common"]).find(*each) for each in kinds)


@pytest.mark.parametrize(("version", "written"), [("1.6.3", False), ("1.6", True), ("1.7.1", False), ("1.9", True)])
def test_the_pci_topology_is_written_where_the_release_does(version: str, written: bool) -> None:
    out, _ = expand(vm(), None, None, defaults={"pciTopologyVersion": True}, version=Version(version))
    annotations = out["spec"]["template"].get("metadata", {}).get("annotations", {})
    assert ("kubevirt.io/pci-topology-version" in annotations) is written
