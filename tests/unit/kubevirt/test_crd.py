from __future__ import annotations

import pytest

from krm_fn.core import structural
from krm_fn.core.errors import InputError
from krm_fn.kubevirt.crd import reduced, schemas_of

SPEC = {
    "type": "object",
    "description": "prose",
    "required": ["name", "count"],
    "properties": {
        "name": {"type": "string", "description": "prose", "maxLength": 3},
        "count": {"type": "integer", "format": "int32", "default": 1},
        "port": {"x-kubernetes-int-or-string": True, "anyOf": [{"type": "integer"}, {"type": "string"}]},
        "open": {
            "type": "object",
            "x-kubernetes-preserve-unknown-fields": True,
            "properties": {"a": {"type": "string"}},
        },
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
        "empty": {"type": "object"},
        "description": {"type": "string"},
        "items": {
            "type": "array",
            "items": {"type": "object", "properties": {"k": {"type": "string"}}},
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["k"],
        },
    },
}


def crd(versions: list | None = None, **spec: object) -> dict:
    schema = {
        "openAPIV3Schema": {
            "type": "object",
            "properties": {"spec": SPEC, "status": {"type": "object", "properties": {"x": {"type": "string"}}}},
            "required": ["spec"],
        }
    }
    listed = versions if versions is not None else [{"name": "v1", "served": True, "storage": True, "schema": schema}]
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "things.example.com"},
        "spec": {"group": "example.com", "names": {"kind": "Thing"}, "versions": listed, **spec},
    }


def thing(**spec: object) -> dict:
    return {"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": "x"}, "spec": {"name": "abc", **spec}}


def paths(item: dict) -> list[str]:
    (schema,) = schemas_of([crd()], "crd.yaml")
    return [problem.path for problem in structural.check(item, schema)]


@pytest.mark.parametrize(
    "item",
    [
        pytest.param(thing(), id="a default counts as there"),
        pytest.param(thing(port=80), id="int-or-string, a number"),
        pytest.param(thing(port="http"), id="int-or-string, text"),
        pytest.param(thing(open={"b": 1}), id="unknown fields are preserved"),
        pytest.param(thing(labels={"a": "b"}), id="free names"),
        pytest.param(thing(description="a field of that name"), id="a field named description"),
        pytest.param(thing() | {"status": {"y": 1}}, id="status is not judged"),
    ],
)
def test_accepts_what_the_api_server_accepts(item: dict) -> None:
    assert paths(item) == []


@pytest.mark.parametrize(
    ("item", "path"),
    [
        pytest.param(thing(nam="x"), "spec.nam", id="unknown field"),
        pytest.param(thing(empty={"x": 1}), "spec.empty.x", id="a mapping without fields holds nothing"),
        pytest.param(thing(name="abcd"), "spec.name", id="limit"),
        pytest.param(thing(count=2**31), "spec.count", id="format int32"),
        pytest.param(thing(labels={"a": 1}), "spec.labels.a", id="value of a free name"),
        pytest.param(thing(items=[{"k": "a"}, {"k": "a"}]), "spec.items[1]", id="list keys"),
        pytest.param(thing() | {"data": {}}, "data", id="unknown at the top"),
        pytest.param(thing() | {"metadata": {"labels": {"a": 1}}}, "metadata.labels.a", id="metadata"),
        pytest.param({"apiVersion": "example.com/v1", "kind": "Thing"}, "spec", id="required"),
    ],
)
def test_refuses_what_the_api_server_refuses_or_drops(item: dict, path: str) -> None:
    assert paths(item) == [path]


def test_takes_lists_and_several_documents() -> None:
    other = crd(names={"kind": "Other"})
    made = schemas_of(
        [{"kind": "List", "items": [crd()]}, {"kind": "CustomResourceDefinitionList", "items": [other]}], "x"
    )
    assert [schema["title"] for schema in made] == ["Thing", "Other"]


def test_takes_the_stored_version_of_those_served() -> None:
    versions = [
        {
            "name": name,
            "served": served,
            "storage": storage,
            "schema": {"openAPIV3Schema": {"type": "object", "properties": {name: {"type": "string"}}}},
        }
        for name, served, storage in (("v1alpha1", True, False), ("v1", True, True), ("v0", False, False))
    ]
    (schema,) = schemas_of([crd(versions)], "x")
    assert "v1" in schema["properties"]
    assert schema["properties"]["apiVersion"] == {"enum": ["example.com/v1", "example.com/v1alpha1"]}


@pytest.mark.parametrize(
    ("documents", "message"),
    [
        pytest.param([], "x: no CustomResourceDefinition in this file: it is empty", id="nothing"),
        pytest.param([None, 5, []], "it is empty", id="no manifests"),
        pytest.param([{"kind": "ConfigMap"}], "it holds ConfigMap", id="another kind"),
        pytest.param(
            [crd([])],
            "CustomResourceDefinition things.example.com: spec.group, spec.names.kind and a served version are needed",
            id="no versions",
        ),
        pytest.param([crd(5)], "a served version", id="versions is a number"),
        pytest.param([crd([{"name": "v1", "served": False}])], "a served version", id="none served"),
        pytest.param([crd([{"name": "v1", "served": True}])], "version v1 has no openAPIV3Schema", id="no schema"),
        pytest.param(
            [crd([{"name": "v1", "served": True, "schema": {"openAPIV3Schema": {"properties": {"spec": 5}}}}])],
            "the schema at spec must be a mapping",
            id="a field is a number",
        ),
        pytest.param([crd(names={})], "spec.names.kind", id="no kind"),
    ],
)
def test_a_file_without_a_usable_crd_is_an_input_error(documents: list, message: str) -> None:
    with pytest.raises(InputError) as caught:
        schemas_of(documents, "x")
    assert message in str(caught.value)


def test_a_schema_nested_without_end_is_an_input_error() -> None:
    schema: dict = {"type": "string"}
    for _ in range(500):
        schema = {"type": "object", "properties": {"a": schema}}
    with pytest.raises(InputError, match="nested too deep"):
        reduced({"properties": {"spec": schema}}, "Thing", [{"group": "g", "kind": "Thing", "version": "v1"}])


def test_a_virtual_machine_gets_what_kubevirt_knows_beyond_its_crd() -> None:
    domain = {
        "type": "object",
        "required": ["devices", "name"],
        "properties": {
            "devices": {"type": "object"},
            "name": {"type": "string"},
            "cpu": {"type": "object", "properties": {"cores": {"type": "integer", "format": "int32"}}},
            "clock": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
        },
    }
    template = {
        "type": "object",
        "properties": {
            "metadata": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
            "spec": {"type": "object", "properties": {"domain": domain}},
        },
    }
    schema = reduced(
        {"properties": {"spec": {"type": "object", "properties": {"template": template}}}},
        "VirtualMachine",
        [{"group": "kubevirt.io", "kind": "VirtualMachine", "version": "v1"}],
    )
    inner = {"devices": {}, "cpu": {"cores": 3_000_000_000}, "clock": {"x": 1}}
    vm = {
        "apiVersion": "kubevirt.io/v1",
        "kind": "VirtualMachine",
        "spec": {"template": {"metadata": {"labels": {"a": 1}}, "spec": {"domain": inner}}},
    }
    found = [problem.path.removeprefix("spec.template.") for problem in structural.check(vm, schema)]
    assert found == ["metadata.labels.a", "spec.domain.clock.x"]
    del inner["devices"]
    inner["cpu"]["cores"] = -1
    found = [problem.path.removeprefix("spec.template.spec.domain.") for problem in structural.check(vm, schema)][1:]
    assert found == ["cpu.cores", "clock.x", "devices"]
