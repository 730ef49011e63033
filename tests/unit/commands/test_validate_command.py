from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree as ET

import pytest

from krm_fn.main import main

VALID = """\
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata: {name: web}
spec:
  runStrategy: Always
  template:
    spec:
      domain:
        memory: {guest: 1Gi}
        devices: {}
"""
BROKEN = VALID.replace("memory", "memroy")
CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "vms").mkdir()
    (tmp_path / "vms" / "vm.yaml").write_text(f"{CONFIG_MAP}---\n{BROKEN}")
    (tmp_path / "vms" / "kustomization.yaml").write_text(
        "kind: Kustomization\napiVersion: kustomize.config.k8s.io/v1beta1\n"
    )
    (tmp_path / "valid.yaml").write_text(VALID)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_valid_file(capsys: pytest.CaptureFixture) -> None:
    assert main(["validate", "valid.yaml"]) == 0
    assert capsys.readouterr().out == "1 manifest: 1 valid, 0 invalid, 0 skipped\n"


def test_a_directory_with_a_mistake_names_file_and_line(capsys: pytest.CaptureFixture) -> None:
    assert main(["validate", "vms"]) == 1
    assert capsys.readouterr().out == (
        "vms/vm.yaml\n"
        "  VirtualMachine web\n"
        '    13: error: spec.template.spec.domain.memroy: unknown field "memroy"; did you mean "memory"? (schema/unknown-field)\n'
        "\n"
        "skipped, no schema for the kind: 1 ConfigMap\n"
        "2 manifests: 0 valid, 1 invalid, 1 skipped; 1 error\n"
    )


def test_formats(capsys: pytest.CaptureFixture) -> None:
    assert main(["validate", "vms", "-o", "json"]) == 1
    assert json.loads(capsys.readouterr().out)["results"][0]["file"] == {"path": "vms/vm.yaml", "index": 1, "line": 13}
    assert main(["validate", "vms", "-o", "yaml"]) == 1
    assert "status: invalid" in capsys.readouterr().out
    assert main(["validate", "vms", "-o", "junit", "-O", "report.xml"]) == 1
    assert capsys.readouterr().out == ""
    assert ET.parse("report.xml").getroot().get("failures") == "1"
    assert main(["validate", "vms", "-o", "sarif"]) == 1
    assert json.loads(capsys.readouterr().out)["runs"][0]["results"][0]["ruleId"] == "schema/unknown-field"


def test_lines_within_lists_and_json(folder: Path, capsys: pytest.CaptureFixture) -> None:
    (folder / "list.yaml").write_text(
        "kind: List\nitems:\n"
        + "".join(f"{'- ' if not n else '  '}{line}\n" for n, line in enumerate(BROKEN.splitlines()))
    )
    main(["validate", "list.yaml", "-o", "json"])
    assert json.loads(capsys.readouterr().out)["results"][0]["file"]["line"] == 11
    (folder / "vm.json").write_text(
        '{"apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine",\n"metadata": {"name": "x"},\n"spec": []}'
    )
    main(["validate", "vm.json", "-o", "json"])
    assert json.loads(capsys.readouterr().out)["results"][0]["file"]["line"] == 3


def test_stdin(capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(BROKEN.encode()), isatty=lambda: False))
    assert main(["validate", "-"]) == 1
    assert capsys.readouterr().out.startswith("stdin\n  VirtualMachine web\n    9: error: ")


def test_a_manifest_without_metadata_is_reported_with_its_file(folder: Path, capsys: pytest.CaptureFixture) -> None:
    (folder / "x.yaml").write_text(VALID.replace("metadata: {name: web}\n", ""))
    assert main(["validate", "x.yaml"]) == 1
    assert capsys.readouterr().out.startswith(
        "x.yaml\n  VirtualMachine (without a name)\n    1: error: metadata.name: "
    )


def test_severity(capsys: pytest.CaptureFixture) -> None:
    assert main(["validate", "vms", "--severity", "schema/unknown-field=warn", "--severity", "admission=off"]) == 0
    assert "warning: spec" in capsys.readouterr().out
    assert main(["validate", "vms", "--severity", "schema=off", "--severity", "admission=off"]) == 0


def test_other_files_are_left_out_when_asked_for(capsys: pytest.CaptureFixture) -> None:
    Path("values.yaml").write_text("a: 1\n")
    assert main(["validate", "values.yaml"]) == 3
    assert main(["validate", "--skip-other", "values.yaml"]) == 0
    assert main(["validate", "--skip-other", "values.yaml", "vms/vm.yaml"]) == 1
    assert "values.yaml:1: document 1 is not a manifest: it has no kind; it is left out" in capsys.readouterr().err


def test_kubevirt_version() -> None:
    Path("new.yaml").write_text(VALID + "        rebootPolicy: Reboot\n")
    assert main(["validate", "new.yaml"]) == 0
    assert main(["validate", "new.yaml", "--kubevirt", "1.7"]) == 1


def test_settings_from_a_config_with_options_before_them() -> None:
    Path("config.yaml").write_text(
        "apiVersion: krm-fn.dev/v1alpha1\nkind: ManifestValidator\nmetadata: {name: x}\nspec: {kubevirt: '1.7', severity: {schema: 'off', admission: 'off'}}\n"
    )
    assert main(["validate", "vms", "--config", "config.yaml"]) == 0
    assert main(["validate", "vms", "--config", "config.yaml", "--severity", "schema=error"]) == 1


def test_colours_on_a_terminal_unless_no_color(capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    main(["validate", "vms"])
    assert "\x1b[31m" in capsys.readouterr().out
    monkeypatch.setenv("NO_COLOR", "1")
    main(["validate", "vms"])
    assert "\x1b" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(["nowhere.yaml"], "nowhere.yaml: No such file", id="no such file"),
        pytest.param(["cut.yaml"], "cut.yaml:", id="truncated file"),
        pytest.param(["empty.yaml"], "nothing to validate", id="empty file"),
        pytest.param(["list.yaml"], "document 1 is not a manifest", id="not a manifest"),
        pytest.param(["valid.yaml", "--severity", "schema=loud"], "write RULE=error", id="unknown level"),
        pytest.param(["valid.yaml", "--severity", "schema/enumm=off"], "did you mean", id="unknown rule"),
        pytest.param(["valid.yaml", "--schemas", "nowhere"], "schemas nowhere: No such file", id="no schemas"),
        pytest.param(["valid.yaml", "--config", "valid.yaml"], "there are 0 ManifestValidator in it", id="no config"),
        pytest.param(["valid.yaml", "--kubevirt", "1.4"], "there is no such version", id="unknown version"),
    ],
)
def test_unusable_input_is_exit_status_3(capsys: pytest.CaptureFixture, arguments: list[str], message: str) -> None:
    Path("cut.yaml").write_text(VALID[:-5] + "[")
    Path("empty.yaml").write_text("")
    Path("list.yaml").write_text("- a\n")
    assert main(["validate", *arguments]) == 3
    captured = capsys.readouterr()
    assert captured.out == ""
    assert message in captured.err


def test_a_finding_at_a_path_that_only_kubevirt_has_is_shown_at_its_line(
    folder: Path, capsys: pytest.CaptureFixture
) -> None:
    dns = '      dnsPolicy: "None"\n      dnsConfig:\n        nameservers:\n        - nowhere\n'
    (folder / "dns.yaml").write_text(VALID + dns)
    assert main(["validate", "dns.yaml"]) == 1
    assert "    13: error: nameservers: " in capsys.readouterr().out
