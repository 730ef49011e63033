"""`make schemas FROM=swagger.json`: what a release has and the source has not."""

from __future__ import annotations

import copy
import importlib.util
import json
import shutil
from pathlib import Path

import pytest

from krm_fn.instancetype import fields as instancetype_fields
from krm_fn.preference import fields as preference_fields

ROOT = Path(__file__).parents[3]


@pytest.fixture
def tool(tmp_path, monkeypatch):
    spec = importlib.util.spec_from_file_location("make_schemas", ROOT / "tests" / "tools" / "make_schemas.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name in ("crds.json", "added.json"):
        shutil.copy(module.SOURCE / name, tmp_path)
    monkeypatch.setattr(module, "SOURCE", tmp_path)
    return module


def swagger(tool) -> dict:
    """The source in the form of an OpenAPI file: one definition for each kind, and references as KubeVirt's has them."""
    definitions: dict = {"io.k8s.apimachinery.pkg.api.resource.Quantity": {"type": "string", "description": "a number"}}

    def referring(schema: dict) -> dict:
        if schema.get("x-kubernetes-int-or-string") and "numkMGTPE" in schema.get("pattern", ""):
            return {"$ref": "#/definitions/io.k8s.apimachinery.pkg.api.resource.Quantity"}
        out = dict(schema)
        for key in ("items", "additionalProperties"):
            if isinstance(out.get(key), dict):
                out[key] = referring(out[key])
        if "properties" in out:
            out["properties"] = {name: referring(part) for name, part in out["properties"].items()}
        return out

    for kind, schema in tool.load_source().items():
        version = tool.IDENTITIES[kind][0][1]
        definitions[f"{version}.{kind}Spec"] = referring(schema["properties"]["spec"])
        reference = {"default": {}, "$ref": f"#/definitions/{version}.{kind}Spec"}
        definitions[f"{version}.{kind}"] = {"type": "object", "properties": {"spec": reference}}
    return {"swagger": "2.0", "definitions": definitions}


def test_the_source_itself_has_nothing_new(tool, capsys) -> None:
    before = json.loads((tool.SOURCE / "added.json").read_text())
    tool.take_up(swagger(tool))
    out, err = capsys.readouterr()
    assert json.loads((tool.SOURCE / "added.json").read_text()) == before
    assert err == "no new fields\n"
    assert "VirtualMachine spec.template.spec.domain.memory.guest int-or-string" in out.splitlines()


def test_a_new_field_is_taken_up_with_what_is_below_it(tool, capsys) -> None:
    document = swagger(tool)
    size = {"$ref": "#/definitions/io.k8s.apimachinery.pkg.api.resource.Quantity"}
    new = {"type": "object", "description": "prose", "properties": {"size": size, "on": {"type": "boolean"}}}
    document["definitions"]["v1.Hologram"] = new
    devices = document["definitions"]["v1.VirtualMachineSpec"]["properties"]["template"]["properties"]["spec"]
    devices["properties"]["domain"]["properties"]["devices"]["properties"]["hologram"] = {
        "$ref": "#/definitions/v1.Hologram"
    }
    tool.take_up(document)
    out, err = capsys.readouterr()
    path = "spec.template.spec.domain.devices.hologram"
    assert f"{{'VirtualMachine': ('{path}',)}}" in err
    assert f"VirtualMachine {path}.size int-or-string" in out.splitlines()
    added = json.loads((tool.SOURCE / "added.json").read_text())["VirtualMachine"][path]
    assert added["properties"]["on"] == {"type": "boolean"}
    assert added["properties"]["size"]["x-kubernetes-int-or-string"] is True
    made = json.loads(tool.generate()["1.9/VirtualMachine.json"])
    assert "hologram" in json.dumps(made)


def test_a_field_that_went_is_told_and_another_file_refused(tool, capsys) -> None:
    document = swagger(tool)
    gone = copy.deepcopy(document)
    del gone["definitions"]["v1beta1.VirtualMachinePreferenceSpec"]["properties"]["preferredSubdomain"]
    tool.take_up(gone)
    assert "not in this API any more: VirtualMachinePreference spec.preferredSubdomain" in capsys.readouterr().err
    with pytest.raises(SystemExit, match=r"no definition v1\.VirtualMachine"):
        tool.take_up({"definitions": {}})


def test_the_tables_of_fields_are_complete_by_the_same_list(tool) -> None:
    """Every field of the API is a row, below a row or above one; whoever takes up a version finds here what has no row yet."""
    read = {
        *preference_fields.TOPOLOGY_FIELDS,
        *preference_fields.REQUIREMENT_FIELDS,
        *preference_fields.WEBHOOK_FIELDS,
    }
    tables = {
        "VirtualMachineInstancetype": {row.source for row in instancetype_fields.ROWS},
        "VirtualMachinePreference": {row.source for row in preference_fields.ROWS}
        | read
        | set(preference_fields.NOT_APPLIED),
    }
    for kind, rows in tables.items():
        known = [path.removeprefix("spec.") for path in tool.fields(tool.load_source()[kind]) if path != "spec"]
        without = [
            path
            for path in known
            if path not in rows
            and not tool.is_below(path, rows)
            and not any(tool.is_below(row, [path]) for row in rows)
        ]
        assert without == []
        assert rows - set(known) == set()
