from __future__ import annotations

import pytest

from krm_fn.kubevirt.schemas import packaged
from krm_fn.kubevirt.versions import NEWEST
from krm_fn.validate.references import REFERENCES, References


class Catalog:
    def find(self, kind: str, name: str, namespace: str = "") -> dict | None:
        return {} if (kind, name, namespace) == ("VirtualMachineClusterInstancetype", "u1.medium", "") else None

    def names(self, kind: str) -> list[str]:
        return ["u1.medium"] if kind == "VirtualMachineClusterInstancetype" else []

    def elsewhere(self, kind: str, name: str) -> list[str]:
        return ["aws"] if (kind, name) == ("VirtualMachineClusterInstancetype", "t3.medium") else []


def vm(spec: dict | None = None, namespace: str = "apps", **template: object) -> dict:
    metadata = {"name": "web"} | ({"namespace": namespace} if namespace else {})
    return {"kind": "VirtualMachine", "metadata": metadata, "spec": {**(spec or {}), "template": {"spec": template}}}


def item(kind: str, name: str, namespace: str = "apps", **annotations: str) -> dict:
    return {"kind": kind, "metadata": {"name": name, "namespace": namespace, "annotations": annotations}}


def secret(name: str, **more: object) -> dict:
    return vm(volumes=[{"name": "s", "secret": {"secretName": name, **more}}])


def missing(machine: dict, items: list[dict], level: str = "error", catalog: Catalog | None = None) -> list[str]:
    return [result.path for result in References(items, level, catalog).check(machine)]


@pytest.mark.parametrize(
    ("machine", "items"),
    [
        pytest.param(secret("a"), [item("Secret", "a")], id="by name and namespace"),
        pytest.param(secret("a"), [item("Secret", "a", "")], id="an item that has no namespace yet"),
        pytest.param(
            secret("a"),
            [item("Secret", "p-a-s", **{"internal.config.kubernetes.io/previousNames": "a,p-a"})],
            id="the name before kustomize's prefix",
        ),
        pytest.param(secret("a", optional=True), [], id="optional"),
        pytest.param(
            vm(volumes=[{"persistentVolumeClaim": {"claimName": "a"}}]),
            [item("DataVolume", "a")],
            id="the claim of a data volume",
        ),
        pytest.param(
            vm({"dataVolumeTemplates": [{"metadata": {"name": "a"}}]}, volumes=[{"dataVolume": {"name": "a"}}]),
            [],
            id="its own data volume template",
        ),
        pytest.param(
            vm(networks=[{"multus": {"networkName": "nets/a"}}]),
            [item("NetworkAttachmentDefinition", "a", "nets")],
            id="a network of another namespace",
        ),
        pytest.param(
            vm(
                {
                    "dataVolumeTemplates": [
                        {
                            "metadata": {"name": "a"},
                            "spec": {"sourceRef": {"kind": "DataSource", "name": "os", "namespace": "images"}},
                        }
                    ]
                }
            ),
            [item("DataSource", "os", "images")],
            id="a source of another namespace",
        ),
        pytest.param(
            vm({"instancetype": {"name": "x"}}),
            [item("VirtualMachineClusterInstancetype", "x", "")],
            id="cluster-wide by default",
        ),
        pytest.param(
            vm({"instancetype": {"name": "x", "kind": "virtualmachineinstancetypes"}}),
            [item("VirtualMachineInstancetype", "x")],
            id="plural, lower case",
        ),
        pytest.param(
            vm({"instancetype": {"name": "x", "revisionName": "r"}}),
            [item("ControllerRevision", "r")],
            id="by its revision",
        ),
        pytest.param(vm({"preference": {"inferFromVolume": "root"}}), [], id="inferred"),
    ],
)
def test_what_is_there(machine: dict, items: list[dict]) -> None:
    assert missing(machine, items) == []


@pytest.mark.parametrize(
    ("machine", "items", "path"),
    [
        pytest.param(secret("a"), [], "spec.template.spec.volumes[0].secret.secretName", id="nothing there"),
        pytest.param(
            secret("a"),
            [item("Secret", "a", "other")],
            "spec.template.spec.volumes[0].secret.secretName",
            id="another namespace",
        ),
        pytest.param(
            secret("a"), [item("ConfigMap", "a")], "spec.template.spec.volumes[0].secret.secretName", id="another kind"
        ),
        pytest.param(
            vm({"instancetype": {"name": "x", "revisionName": "r"}}),
            [item("VirtualMachineClusterInstancetype", "x", "")],
            "spec.instancetype.revisionName",
            id="the revision",
        ),
        pytest.param(
            vm({"preference": {"name": "x", "kind": "VirtualMachinePreference"}}),
            [item("VirtualMachineClusterPreference", "x", "")],
            "spec.preference.name",
            id="the other scope",
        ),
    ],
)
def test_what_is_missing(machine: dict, items: list[dict], path: str) -> None:
    assert missing(machine, items) == [path]


def test_every_row_of_the_table_is_a_field_of_the_schema() -> None:
    schema = packaged("VirtualMachine", NEWEST)
    for path, _ in REFERENCES:
        part = schema
        for step in path.split("."):
            part = resolved(part, schema)["properties"][step.removesuffix("[]")]
            part = resolved(part, schema)["items"] if step.endswith("[]") else part
        assert resolved(part, schema) == {"type": "string"}, path


def resolved(part: dict, root: dict) -> dict:
    return root["$defs"][part["$ref"].rpartition("/")[2]] if "$ref" in part else part


@pytest.mark.parametrize(
    ("level", "severities"),
    [
        pytest.param("", ["warning"], id="by default only what keeps a VM from starting"),
        pytest.param("ignore", [], id="ignore"),
        pytest.param("warn", ["warning", "warning"], id="warn"),
        pytest.param("error", ["error", "error"], id="error"),
    ],
)
def test_levels(level: str, severities: list[str]) -> None:
    machine = secret("a")
    machine["spec"]["instancetype"] = {"name": "x"}
    assert [result.severity for result in References([], level).check(machine)] == severities


def test_a_packaged_instancetype_counts_as_there_and_is_suggested() -> None:
    assert missing(vm({"instancetype": {"name": "u1.medium"}}), [], catalog=Catalog()) == []
    (result,) = References([], "error", Catalog()).check(vm({"instancetype": {"name": "u1.mediun"}}))
    assert 'did you mean "u1.medium"?' in result.message


def test_survives_any_value() -> None:
    for value in (None, True, 5, "x", [], {}, [None], [[]], {"a": 1}):
        References([vm(volumes=value)], "error").check(
            vm(
                {"instancetype": value, "preference": {"name": value, "kind": value}, "dataVolumeTemplates": value},
                volumes=value,
                networks=[value],
            )
        )
