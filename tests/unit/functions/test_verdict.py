"""The whole verdict: what only shows once an instancetype and a preference are applied, and VMs inside other kinds."""

from __future__ import annotations

import pytest

from krm_fn.functions import manifest_validator, virtual_machine_renderer

CLUSTER = {"kind": "VirtualMachineClusterInstancetype", "apiVersion": "instancetype.kubevirt.io/v1beta1"}
ONE = {**CLUSTER, "metadata": {"name": "one"}, "spec": {"cpu": {"guest": 1}, "memory": {"guest": "1Gi"}}}


def preference(**spec: object) -> dict:
    kind = {"kind": "VirtualMachineClusterPreference", "apiVersion": "instancetype.kubevirt.io/v1beta1"}
    return {**kind, "metadata": {"name": "wish"}, "spec": spec}


def vm(template: dict | None = None, **spec: object) -> dict:
    own = {"domain": {"devices": {}}, **(template or {})}
    return {
        "apiVersion": "kubevirt.io/v1",
        "kind": "VirtualMachine",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"runStrategy": "Always", "template": {"spec": own}, **spec},
    }


def told(*items: dict, **spec: object) -> list[tuple[str, str]]:
    return [
        (each.rule, each.path)
        for each in manifest_validator.validate({"catalogs": [], **spec}, list(items)).results
        if each.severity == "error"
    ]


def named(**matchers: str) -> dict:
    return {field: {"name": name} for field, name in matchers.items()}


def test_a_conflict_is_found_where_the_instancetype_is() -> None:
    item = vm({"domain": {"devices": {}, "cpu": {"cores": 2}}}, **named(instancetype="one"))
    assert told(item, ONE) == [("instancetype/conflict", "spec.template.spec.domain.cpu.cores")]
    assert told(item) == [], "the cluster may have it"


def test_a_requirement_is_found_and_what_an_instancetype_brings_is_judged() -> None:
    demanding = preference(requirements={"cpu": {"guest": 4}})
    assert told(vm(**named(instancetype="one", preference="wish")), ONE, demanding) == [
        ("preference/requirement", "spec.instancetype")
    ]
    encrypted = {**ONE, "spec": {**ONE["spec"], "launchSecurity": {"sev": {}}}}
    assert told(vm(**named(instancetype="one")), encrypted) == [
        ("admission/launch-security-efi", "spec.template.spec.launchSecurity")
    ]


def test_what_a_preference_cures_is_no_mistake() -> None:
    item = vm(
        {"domain": {"devices": {"inputs": [{"name": "a"}]}, "memory": {"guest": "1Gi"}}}, **named(preference="wish")
    )
    assert told(item, preference(devices={"preferredInputType": "tablet"})) == []
    assert told(item, preference()) == [("admission/input-type", "spec.template.spec.domain.devices.inputs[0].type")]


def test_a_refused_expansion_hides_no_other_mistake() -> None:
    item = vm({"domain": {"devices": {"disks": [{"name": "a", "disk": {"bus": "ide"}}]}, "cpu": {"cores": 2}}})
    item["spec"] |= named(instancetype="one") | {"runStrategy": "Sometimes"}
    item["spec"]["template"]["spec"]["volumes"] = [{"name": "a", "containerDisk": {"image": "x"}}]
    assert {rule for rule, _ in told(item, ONE)} == {
        "admission/run-strategy",
        "admission/disk-bus-ide",
        "instancetype/conflict",
    }


def test_the_renderer_says_what_comes_before_the_expansion_too() -> None:
    item = vm({"domain": {"devices": {}, "cpu": {"cores": 2}}}, **named(instancetype="one"))
    item["metadata"]["labels"] = {"a": "b c"}
    _, found = virtual_machine_renderer.run({"spec": {"mode": "check", "catalogs": []}}, [item, ONE])
    assert [(each.rule, each.path) for each in found] == [
        ("instancetype/conflict", "spec.template.spec.domain.cpu.cores"),
        ("admission/labels", "metadata.labels"),
    ]


@pytest.mark.parametrize("mode", ["check", "pin"])
def test_the_disks_of_a_short_vm_are_bare_when_the_webhook_sees_them(mode: str) -> None:
    item = vm({"volumes": [{"name": "metrics", "downwardMetrics": {}}]}, **named(instancetype="one", preference="wish"))
    wish = preference(devices={"preferredDiskBus": "virtio"})
    refused = "spec.template.spec.domain.devices.disks[0].disk"
    assert [path for _, path in told(item, ONE, wish)] == [refused]
    _, found = virtual_machine_renderer.run({"spec": {"mode": mode, "catalogs": []}}, [item, ONE, wish])
    assert [each.path for each in found] == [refused]
    _, found = virtual_machine_renderer.run({"spec": {"mode": "expand", "catalogs": []}}, [item, ONE, wish])
    assert found == []


def test_an_unknown_field_hides_no_value_that_is_wrong_and_makes_nothing_missing() -> None:
    disk = {"name": "a", "disk": {"bus": "usbb"}}
    item = vm({"hostnam": "web", "domain": {"devices": {"disks": [disk]}, "memry": {"guest": "1Gi"}}})
    item["spec"]["template"]["spec"]["volumes"] = [{"name": "a", "containerDisk": {"image": "x"}}]
    assert sorted(told(item), key=lambda each: each[0] != "schema/unknown-field") == [
        ("schema/unknown-field", "spec.template.spec.domain.memry"),
        ("schema/unknown-field", "spec.template.spec.hostnam"),
        ("admission/disk-bus", "spec.template.spec.domain.devices.disks[0].disk.bus"),
    ]


def test_a_value_of_the_wrong_type_is_told_once() -> None:
    item = vm({"domain": {"devices": {}, "cpu": {"cores": "x"}}}, **named(instancetype="one"))
    assert told(item, ONE) == [("schema/type", "spec.template.spec.domain.cpu.cores")]


def test_a_version_that_is_not_served_is_told_of_a_vm_that_names_something_too() -> None:
    item = {**vm(**named(instancetype="one")), "apiVersion": "kubevirt.io/v2"}
    assert told(item, ONE) == [("schema/api-version", "apiVersion")]


def pool(spec: dict) -> dict:
    return {
        "apiVersion": "pool.kubevirt.io/v1beta1",
        "kind": "VirtualMachinePool",
        "metadata": {"name": "runners"},
        "spec": {"replicas": 2, "virtualMachineTemplate": {"metadata": {"labels": {"a": "b"}}, "spec": spec}},
    }


def test_a_pool_is_judged_by_its_template() -> None:
    root = "spec.virtualMachineTemplate.spec"
    item = vm({"domain": {"devices": {"discs": []}, "cpu": {"cores": 2}}}, **named(instancetype="one"))
    found = [("schema/unknown-field", "devices.discs"), ("instancetype/conflict", "cpu.cores")]
    assert told(pool(item["spec"]), ONE) == [(rule, f"{root}.template.spec.domain.{path}") for rule, path in found]
    item["spec"]["template"]["spec"]["domain"]["devices"] = {}
    assert told(pool(item["spec"]), ONE) == [("instancetype/conflict", f"{root}.template.spec.domain.cpu.cores")]
    assert told(pool(item["spec"]), references="error") == [
        ("references/matcher-not-found", f"{root}.instancetype.name")
    ]
    assert told({**pool(vm(**named(instancetype="one"))["spec"]), "metadata": {"name": "A"}}, ONE) == [
        ("admission/name", "metadata.name")
    ]


def test_an_instance_and_a_replica_set_are_judged_as_what_they_start() -> None:
    volumes = [{"name": "x", "containerDisk": {"image": "x"}}]
    spec = {"domain": {"devicess": {}, "devices": {"disks": [{"name": "x", "dsk": {}}]}}, "volumes": volumes}
    head = {"apiVersion": "kubevirt.io/v1", "metadata": {"name": "three"}}
    unknown = ["domain.devicess", "domain.devices.disks[0].dsk"]
    instance = {**head, "kind": "VirtualMachineInstance", "spec": spec}
    assert told(instance) == [("schema/unknown-field", f"spec.{path}") for path in unknown]
    replicas = {**head, "kind": "VirtualMachineInstanceReplicaSet", "spec": {"replicas": 3, "template": {"spec": spec}}}
    assert told(replicas) == [("schema/unknown-field", f"spec.template.spec.{path}") for path in unknown]
    instance = {**head, "metadata": {"name": "Three", "lables": {}}, "kind": "VirtualMachineInstance"}
    assert told({**instance, "spec": {"domain": {"devices": {}}}}) == [
        ("schema/unknown-field", "metadata.lables"),
        ("admission/name", "metadata.name"),
        ("admission/memory-missing", "spec.domain.memory.guest"),
    ]


def template(guest: str, **parameters: str) -> dict:
    machine = vm({"domain": {"devices": {}, "memory": {"guest": guest}, "cpu": {"cores": "${{CORES}}"}}})
    machine["metadata"] = {"name": "${NAME}"}
    given = [{"name": name, "value": value} for name, value in parameters.items()]
    return {
        "apiVersion": "template.openshift.io/v1",
        "kind": "Template",
        "metadata": {"name": "web"},
        "objects": [{"kind": "Service", "apiVersion": "v1"}, machine],
        "parameters": [{"name": "NAME"}, *given],
    }


def test_the_machines_of_a_template_are_judged_with_the_values_they_have() -> None:
    path = "objects[1].spec.template.spec.domain"
    assert told(template("${SIZE}", SIZE="2Gi", CORES="2")) == []
    assert told(template("${SIZE}", SIZE="two", CORES="2")) == [("schema/pattern", f"{path}.memory.guest")]
    assert told(template("${SIZE}", SIZE="2Gi", CORES="many")) == [("schema/type", f"{path}.cpu.cores")]
    assert told(template("${SIZE}")) == [], "nobody knows the values yet"


@pytest.mark.parametrize(
    ("version", "kind", "path", "hint"),
    [
        ("kubevirt.io/v1", "VirtualMachin", "kind", "VirtualMachine?"),
        (
            "instancetype.kubevirt.io/v1beta1",
            "VirtualMachineClusterInstanceType",
            "kind",
            "VirtualMachineClusterInstancetype?",
        ),
        ("kubevirt.io/v1", "VirtualMachinePool", "apiVersion", "pool.kubevirt.io"),
        ("cdi.kubevirt.io/v1beta1", "Datavolume", "kind", "DataVolume?"),
    ],
)
def test_an_unknown_kind_of_these_groups_is_an_error(version: str, kind: str, path: str, hint: str) -> None:
    item = {"apiVersion": version, "kind": kind, "metadata": {"name": "a"}}
    (found,) = manifest_validator.validate({}, [item]).results
    assert (found.rule, found.severity, found.path) == ("schema/unknown-kind", "error", path)
    assert hint in found.message


@pytest.mark.parametrize(
    ("version", "kind"),
    [
        ("kubevirt.io/v1", "KubeVirt"),
        ("kubevirt.io/v1", "VirtualMachineList"),
        ("snapshot.kubevirt.io/v1beta1", "VirtualMachineSnapshot"),
        ("something.kubevirt.io/v1", "Whatever"),
        ("example.com/v1", "VirtualMachin"),
    ],
)
def test_kinds_without_a_schema_stay_skipped(version: str, kind: str) -> None:
    done = manifest_validator.validate({}, [{"apiVersion": version, "kind": kind, "metadata": {"name": "a"}}])
    assert [each.rule for each in done.results] == ["schema/skipped"]


@pytest.mark.parametrize(("length", "refused"), [(63, False), (64, True)])
def test_a_name_that_no_label_holds_can_not_be_pinned(length: int, refused: bool) -> None:
    long = {**ONE, "metadata": {"name": "a" * length}}
    item = vm(**named(instancetype="a" * length))
    for spec in ({"mode": "pin"}, {"revisions": "controllerRevision"}):
        _, found = virtual_machine_renderer.run({"spec": {**spec, "catalogs": []}}, [item, long])
        assert [(each.rule, each.path) for each in found] == [
            ("revision/label-too-long", "spec.instancetype.name")
        ] * refused
    _, found = virtual_machine_renderer.run({"spec": {"catalogs": []}}, [item, long])
    assert found == []


@pytest.mark.parametrize(
    ("selector", "doubtful"),
    [
        ({"kubernetes.io/arch": "arm64", "gpu": ""}, []),
        ({"a b": "x"}, ["a b"]),
        ({"zone": "a b"}, ["zone"]),
        ({"a": "x" * 64}, ["a"]),
    ],
    ids=str,
)
def test_a_node_selector_that_no_pod_can_have_is_warned_of(selector: dict, doubtful: list[str]) -> None:
    """KubeVirt admits it, so it is no error; of one that an instancetype brought the instancetype is told."""
    brought = {**ONE, "spec": {**ONE["spec"], "nodeSelector": selector}}
    plain = vm({"domain": {"devices": {}, "memory": {"guest": "1Gi"}}, "nodeSelector": selector})
    for items, rule, root in (
        ([plain], "vm/node-selector", "spec.template.spec"),
        ([vm(**named(instancetype="one")), brought], "instancetype/node-selector", "spec"),
    ):
        found = manifest_validator.validate({"catalogs": []}, items).results
        told_of = [(each.rule, each.severity, each.path) for each in found]
        assert told_of == [(rule, "warning", f"{root}.nodeSelector[{key}]") for key in doubtful]
