from __future__ import annotations

import json
from pathlib import Path

import pytest

from krm_fn.main import main
from krm_fn.rules import rules

CRD = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "things.example.com"},
    "spec": {
        "group": "example.com",
        "names": {"kind": "Thing"},
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "properties": {"spec": {"type": "object", "properties": {"a": {"type": "string"}}}},
                    }
                },
            }
        ],
    },
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def out(capsys: pytest.CaptureFixture, *arguments: str) -> str:
    assert main(list(arguments)) == 0
    return capsys.readouterr().out


def test_lists_the_kinds(capsys: pytest.CaptureFixture) -> None:
    kinds = out(capsys, "schema").split()
    assert {"VirtualMachine", "ControllerRevision", "InstancetypeSeries", "ManifestValidator"} <= set(kinds)
    for kind in kinds:
        assert json.loads(out(capsys, "schema", kind))["title"].partition(" ")[0] == kind


def test_a_version(capsys: pytest.CaptureFixture) -> None:
    assert (
        json.loads(out(capsys, "schema", "VirtualMachine", "--kubevirt", "1.6"))["title"]
        == "VirtualMachine of KubeVirt 1.6"
    )


def test_from_a_crd_to_a_verdict(capsys: pytest.CaptureFixture) -> None:
    Path("crd.yaml").write_text(json.dumps(CRD))
    assert json.loads(out(capsys, "schema", "--from-crd", "crd.yaml"))["title"] == "Thing"
    out(capsys, "schema", "--from-crd", "crd.yaml", "-O", "own/")
    Path("thing.yaml").write_text("apiVersion: example.com/v1\nkind: Thing\nmetadata: {name: x}\nspec: {b: 1}\n")
    assert "1 skipped" in out(capsys, "validate", "thing.yaml")
    assert main(["validate", "--schemas", "own", "thing.yaml"]) == 1
    assert "4: error: spec.b: unknown field" in capsys.readouterr().out


def test_several_crds_at_once(capsys: pytest.CaptureFixture) -> None:
    other = json.loads(json.dumps(CRD).replace("Thing", "Other"))
    Path("crds.json").write_text(json.dumps({"kind": "List", "items": [CRD, other]}))
    assert json.loads(out(capsys, "schema", "Other", "--from-crd", "crds.json"))["title"] == "Other"
    out(capsys, "schema", "--from-crd", "crds.json", "-O", "own/")
    assert sorted(path.name for path in Path("own").iterdir()) == ["Other.json", "Thing.json"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(["schema", "VirtualMachin"], 'did you mean "VirtualMachine"?', id="unknown kind"),
        pytest.param(
            ["schema", "--from-crd", "other.yaml"],
            "no CustomResourceDefinition in this file: it holds ConfigMap",
            id="another kind",
        ),
        pytest.param(["schema", "--from-crd", "cut.json"], "cut.json:", id="truncated"),
        pytest.param(["schema", "--from-crd", "two.json"], "name one KIND, or a directory", id="several to one file"),
        pytest.param(
            ["schema", "Other", "--from-crd", "crd.json"],
            "no CustomResourceDefinition of kind Other",
            id="kind not in the file",
        ),
        pytest.param(["rules", "schema/enumm"], "did you mean schema/enum", id="unknown rule"),
    ],
)
def test_unusable_input_is_exit_status_3(capsys: pytest.CaptureFixture, arguments: list[str], message: str) -> None:
    Path("crd.json").write_text(json.dumps(CRD))
    Path("other.yaml").write_text("apiVersion: v1\nkind: ConfigMap\n")
    Path("cut.json").write_text(json.dumps(CRD)[:100])
    Path("two.json").write_text(json.dumps({"kind": "List", "items": [CRD, CRD]}))
    assert main(arguments) == 3
    captured = capsys.readouterr()
    assert captured.out == ""
    assert message in captured.err


def test_rules_are_listed_one_on_a_line(capsys: pytest.CaptureFixture) -> None:
    lines = out(capsys, "rules").splitlines()
    assert [line.split()[0] for line in lines] == list(rules())


def test_rules_are_explained(capsys: pytest.CaptureFixture) -> None:
    written = out(capsys, "rules", "instancetype/conflict")
    assert written.startswith("instancetype/conflict: Field that the instancetype sets as well\n  A VM can't override")
    assert "KubeVirt: pkg/" in out(capsys, "rules", "admission/run-strategy")


def test_rules_of_an_area_as_data(capsys: pytest.CaptureFixture) -> None:
    data = json.loads(out(capsys, "rules", "schema", "-o", "json"))
    assert {each["id"].partition("/")[0] for each in data} == {"schema"}
    assert "schema/enum" in out(capsys, "rules", "schema", "-o", "yaml")
