from __future__ import annotations

from pathlib import Path

import pytest

from krm_fn.core import wire
from krm_fn.core.manifest import copy_tree
from krm_fn.core.structural import check as structural_check
from krm_fn.kubevirt.schemas import Schemas
from krm_fn.validate.manifest import check, check_others, check_rendered, check_schema

MANIFESTS = Path(__file__).parents[2] / "data" / "manifests"
DOCUMENTS = [
    pytest.param(document, id=f"{path.stem} {document['metadata']['name']}")
    for path in sorted(MANIFESTS.glob("*.yaml"))
    for document in wire.read(path.read_bytes(), path.name)
]
NEWEST = Schemas()


def vm(**template: object) -> dict:
    return {
        "apiVersion": "kubevirt.io/v1",
        "kind": "VirtualMachine",
        "metadata": {"name": "web"},
        "spec": {
            "runStrategy": "Always",
            "template": {"spec": {"domain": {"devices": {}, "memory": {"guest": "1Gi"}}, **template}},
        },
    }


def found(item: dict, version: str = "1.9") -> list[tuple[str, str, str]]:
    return [(result.rule, result.severity, result.path) for result in check(item, Schemas(version)) or []]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_realistic_manifests_pass_without_a_finding(document: dict) -> None:
    before = copy_tree(document)
    loose = ["spec.runStrategy", "spec.template.spec.domain.cpu", "spec.running"]
    told = loose if document["metadata"]["name"] == "loose" else []
    assert [(each.severity, each.path) for each in check(document, NEWEST)] == [("warning", path) for path in told]
    assert document == before


def test_there_are_enough_of_them() -> None:
    assert len(DOCUMENTS) >= 12


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        pytest.param("1.9", [], id="1.9 has it"),
        pytest.param(
            "1.8",
            ['there is no field "resourceClaim" in KubeVirt 1.8: it is there since KubeVirt 1.9'],
            id="1.8 has not",
        ),
    ],
)
def test_a_field_of_a_later_version_is_refused_by_name_of_the_version(version: str, expected: list[str]) -> None:
    schema = check_schema(
        vm(networks=[{"name": "default", "resourceClaim": {"claimName": "x"}}]), {"kubevirt": version}
    )
    assert [result.message for result in schema] == expected


def test_unknown_metadata_is_refused_by_strict_decoding_and_hides_nothing_else() -> None:
    item = vm()
    item["metadata"]["label"] = {"a": "b"}
    item["spec"]["template"]["metadata"] = {"annotation": {}}
    item["spec"]["runStrategy"] = "Sometimes"
    item["spec"]["template"]["spec"]["domain"] = {"devices": {}}
    assert found(item) == [
        ("schema/unknown-field", "error", "metadata.label"),
        ("schema/unknown-field", "error", "spec.template.metadata.annotation"),
        ("admission/run-strategy", "error", "spec.runStrategy"),
        ("admission/memory-missing", "error", "spec.template.spec.domain.memory.guest"),
    ]


@pytest.mark.parametrize("path", ["metadata", "metadata.labels", "metadata.annotations", "metadata.deletionTimestamp"])
def test_a_null_that_the_webhook_sees_in_a_template_is_an_error(path: str) -> None:
    """The CRD leaves a template's metadata open, so the API server drops no null there."""
    item = vm()
    parent, _, key = f"spec.template.{path}".rpartition(".")
    holder = (
        item["spec"]["template"] if parent == "spec.template" else item["spec"]["template"].setdefault("metadata", {})
    )
    holder[key] = None
    if key == "deletionTimestamp":
        assert found(item) == []
    else:
        assert found(item) == [("schema/type", "error", f"spec.template.{path}")]


def test_nulls_elsewhere_are_warned_of_and_own_metadata_takes_them() -> None:
    item = vm()
    item["metadata"] |= {"labels": None, "creationTimestamp": None}
    item["spec"] |= {"running": None, "dataVolumeTemplates": None}
    item["status"] = None
    assert found(item) == [
        ("schema/null", "warning", "spec.running"),
        ("schema/null", "warning", "spec.dataVolumeTemplates"),
    ]


@pytest.mark.parametrize(
    ("when", "right"),
    [("2026-01-31T12:00:00Z", True), ("2026-01-31T12:00:00.5+01:00", True)]
    + [(when, False) for when in ("", "yesterday", "2026-01-31", "2026-13-31T12:00:00Z", "2026-01-31t12:00:00z")],
)
def test_times_of_metadata_are_written_as_go_reads_them(when: str, right: bool) -> None:
    item = vm()
    item["metadata"]["creationTimestamp"] = when
    item["spec"]["template"]["metadata"] = {"deletionTimestamp": when}
    paths = ["metadata.creationTimestamp", "spec.template.metadata.deletionTimestamp"]
    assert found(item) == ([] if right else [("schema/pattern", "error", path) for path in paths])


@pytest.mark.parametrize(
    "kind", ["VirtualMachineInstancetype", "VirtualMachineClusterPreference", "ControllerRevision"]
)
@pytest.mark.parametrize(
    ("metadata", "path"),
    [
        ({"name": "Bad_Name"}, "metadata.name"),
        ({"name": None}, "metadata.name"),
        ({"labels": {"edition": "a b"}}, "metadata.labels"),
        ({"annotations": {"a b": ""}}, "metadata.annotations"),
        ({"annotations": {"icon": "x" * 262_145}}, "metadata.annotations"),
        ({"namespace": "a.b"}, "metadata.namespace"),
        ({"finalizers": ["a b"]}, "metadata.finalizers"),
        ({"lables": {}}, "metadata.lables"),
    ],
    ids=str,
)
def test_the_metadata_of_every_kind_is_judged(kind: str, metadata: dict, path: str) -> None:
    held = {
        "apiVersion": "instancetype.kubevirt.io/v1beta1",
        "kind": "VirtualMachinePreference",
        "metadata": {"name": "Any Thing"},
    }
    item = {
        "apiVersion": "apps/v1" if kind == "ControllerRevision" else "instancetype.kubevirt.io/v1beta1",
        "kind": kind,
    }
    spec = {"cpu": {"guest": 1}, "memory": {"guest": "1Gi"}} if "Instancetype" in kind else {}
    rest = {"data": {**held, "spec": {}}, "revision": 1} if kind == "ControllerRevision" else {"spec": spec}
    assert found({**item, **rest, "metadata": {"name": "a"}}) == []
    assert [
        (severity, where) for _, severity, where in found({**item, **rest, "metadata": {"name": "a", **metadata}})
    ] == [("error", path)]


def test_a_mistake_of_the_schema_and_one_of_admission_are_found_together() -> None:
    item = vm(hostnam="web")
    item["spec"]["runStrategy"] = "Sometimes"
    assert found(item) == [
        ("schema/unknown-field", "error", "spec.template.spec.hostnam"),
        ("admission/run-strategy", "error", "spec.runStrategy"),
    ]


def test_what_the_schema_and_a_rule_both_see_is_said_once() -> None:
    item = vm()
    item["spec"]["template"]["spec"]["domain"]["rebootPolicy"] = "Sometimes"
    assert [path for _, _, path in found(item)] == ["spec.template.spec.domain.rebootPolicy"]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        pytest.param({"cpu": {"guest": 2}}, [("schema/missing-field", "error", "spec.memory")], id="required"),
        pytest.param(
            {"cpu": {"guest": 2}, "memory": {"guest": 1.5}},
            [("schema/type", "error", "spec.memory.guest")],
            id="a CRD takes no fraction",
        ),
        pytest.param(
            {
                "cpu": {"guest": 2},
                "memory": {"guest": "1Gi", "overcommitPercent": 10, "hugepages": {"pageSize": "2Mi"}},
            },
            [("instancetype/invalid", "error", "spec.memory.overcommitPercent")],
            id="its own rules",
        ),
        pytest.param(
            {"cpu": {"guest": 2}, "memory": {"guest": "1Gi"}, "launchSecurity": {"sev": {}}},
            [("instancetype/deprecated", "warning", "spec.launchSecurity")],
            id="deprecated",
        ),
    ],
)
def test_instancetypes(spec: dict, expected: list) -> None:
    item = {
        "apiVersion": "instancetype.kubevirt.io/v1beta1",
        "kind": "VirtualMachineInstancetype",
        "metadata": {"name": "x"},
        "spec": spec,
    }
    assert found(item) == expected


def test_preferences() -> None:
    item = {
        "apiVersion": "instancetype.kubevirt.io/v1beta1",
        "kind": "VirtualMachinePreference",
        "metadata": {"name": "x"},
        "spec": {"cpu": {"preferredCPUTopology": "socket"}},
    }
    (result,) = check(item, NEWEST)
    assert (result.rule, result.path, result.proposed) == (
        "preference/invalid",
        "spec.cpu.preferredCPUTopology",
        "sockets",
    )


def test_the_object_in_a_controller_revision_is_judged_at_its_place() -> None:
    held = {
        "apiVersion": "instancetype.kubevirt.io/v1beta1",
        "kind": "VirtualMachineInstancetype",
        "metadata": {"name": "x"},
        "spec": {"cpu": {"gest": 2}, "memory": {"guest": "1Gi"}},
    }
    item = {
        "apiVersion": "apps/v1",
        "kind": "ControllerRevision",
        "metadata": {"name": "x"},
        "revision": 1,
        "data": held,
    }
    assert found(item) == [
        ("schema/unknown-field", "error", "data.spec.cpu.gest"),
        ("schema/missing-field", "error", "data.spec.cpu.guest"),
    ]


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        pytest.param({"apiVersion": "v1", "kind": "ConfigMap"}, None, id="another group"),
        pytest.param({"apiVersion": "apps/v1", "kind": "Deployment"}, None, id="another kind"),
        pytest.param({}, None, id="no kind"),
        pytest.param({"apiVersion": [], "kind": {}}, None, id="no text"),
        pytest.param({"apiVersion": "apps/v9", "kind": "ControllerRevision"}, None, id="not KubeVirt's"),
    ],
)
def test_kinds_without_a_schema_are_not_judged(item: dict, expected: None) -> None:
    assert check(item, NEWEST) is expected


def test_an_api_version_that_is_no_longer_served_is_an_error_since_1_6() -> None:
    item = {"apiVersion": "instancetype.kubevirt.io/v1alpha2", "kind": "VirtualMachineInstancetype", "spec": {}}
    (result,) = check(item, NEWEST)
    assert (result.rule, result.proposed) == ("schema/api-version", "instancetype.kubevirt.io/v1beta1")
    assert check(item, Schemas("1.5")) is None


HOSTILE = [
    None,
    True,
    0,
    -1,
    10**400,
    1.5,
    float("nan"),
    "",
    "x",
    [],
    {},
    [[]],
    [{}],
    [None],
    {"": None},
    {"a.b": [{"name": {}}]},
]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_survives_any_value_anywhere(document: dict) -> None:
    for path in places(document):
        for value in HOSTILE:
            broken = copy_tree(document)
            target = broken
            for step in path[:-1]:
                target = target[step]
            target[path[-1]] = value
            check(broken, NEWEST)


def places(value: object, path: tuple = ()) -> list[tuple]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return ([path] if path else []) + [place for step, item in inner for place in places(item, (*path, step))]


def test_rendered_machines_are_judged_as_expanded_and_reported_as_written() -> None:
    written, expanded = vm(), vm()
    expanded["spec"]["template"]["spec"]["domain"]["cpu"] = {"realtime": {}}
    results = check_rendered([(written, expanded)], [written], {})
    assert {result.path for result in results} >= {"spec.template.spec.domain.cpu.dedicatedCpuPlacement"}
    assert all(result.item is written for result in results)


def test_other_items_are_judged_beside_rendered_machines() -> None:
    other = {
        "apiVersion": "instancetype.kubevirt.io/v1beta1",
        "kind": "VirtualMachineClusterPreference",
        "metadata": {"name": "x"},
        "spec": {"devises": {}},
    }
    assert [result.path for result in check_others([other, vm()], {})] == ["spec.devises"]


def test_the_schema_of_a_quantity_agrees_with_what_go_reads() -> None:
    from krm_fn.core.quantity import is_quantity

    schema = {"$ref": "#/$defs/quantity", "$defs": NEWEST.find(vm())["$defs"]}
    texts = ["1", "1Gi", "1.5Gi", ".5", "5.", "+1k", "-1m", "1e3", "1E3", "1E", "1e+3", "1e-3", "1n", "1u", "1Ei"]
    texts += ["", "Gi", "1GiB", "1K", "1 Gi", " 1", "1 ", "1e", "1e1.5", "0x1", "1,5", "--1", "1\n", "abc"]
    for text in texts:
        assert (structural_check(text, schema) == []) == is_quantity(text), text
