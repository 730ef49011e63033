from __future__ import annotations

import json
from xml.etree import ElementTree as ET

import pytest

from krm_fn.core.finding import Finding
from krm_fn.core.wording import ENUM
from krm_fn.report import Report, Subject, junit, sarif, text
from krm_fn.report.data import data
from krm_fn.validate.references import NOT_FOUND

VM = {"apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine", "metadata": {"name": "web", "namespace": "apps"}}
OTHER = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}}
ERROR = Finding(ENUM, 'must be a, not "<b>"', VM, "spec.x", current="<b>", proposed="a")
WARNING = Finding(NOT_FOUND, "there is no Secret", VM, "spec.y", severity="warning")


@pytest.fixture
def report() -> Report:
    return Report(
        [
            Subject(VM, "vms/a b.yaml", 1, [(WARNING, 0), (ERROR, 7)]),
            Subject(OTHER, "vms/other.yaml", 0, [], skipped=True),
            Subject(OTHER, "", 0, []),
        ]
    )


def test_counts(report: Report) -> None:
    assert report.counts() == {
        "manifests": 3,
        "valid": 1,
        "invalid": 1,
        "skipped": 1,
        "errors": 1,
        "warnings": 1,
        "notes": 0,
    }


def test_text_groups_by_file_and_sums_up(report: Report) -> None:
    assert text.write(report) == (
        "vms/a b.yaml\n"
        "  VirtualMachine apps/web\n"
        "    warning: spec.y: there is no Secret (references/not-found)\n"
        '    7: error: spec.x: must be a, not "<b>" (schema/enum)\n'
        "\n"
        "skipped, no schema for the kind: 1 ConfigMap\n"
        "3 manifests: 1 valid, 1 invalid, 1 skipped; 1 error, 1 warning\n"
    )


def test_text_without_findings_is_the_summary() -> None:
    assert text.write(Report([Subject(VM, "a", 0, [])])) == "1 manifest: 1 valid, 0 invalid, 0 skipped\n"


def test_colours_only_when_asked_for(report: Report) -> None:
    assert "\x1b[31merror\x1b[0m" in text.write(report, colour=True)
    assert "\x1b" not in text.write(report)


def test_a_manifest_can_not_drive_the_terminal() -> None:
    evil = Finding(ENUM, "a\x1b[2Jb\nc", {"kind": "\x1b]0;x\x07", "metadata": {"name": "n\x9b"}}, "p\x1b")
    written = text.write(Report([Subject(evil.item, "f\x1b.yaml", 0, [(evil, 1)])]))
    assert all(char == "\n" or char.isprintable() for char in written)


def test_data_has_file_line_and_the_shape_of_krm_results(report: Report) -> None:
    written = data(report)
    assert written["summary"]["invalid"] == 1
    assert written["manifests"][0] == {
        "apiVersion": "kubevirt.io/v1",
        "kind": "VirtualMachine",
        "name": "web",
        "namespace": "apps",
        "status": "invalid",
        "file": {"path": "vms/a b.yaml", "index": 1},
    }
    assert written["results"][1] == {
        "message": 'must be a, not "<b>"',
        "severity": "error",
        "resourceRef": {"apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine", "name": "web", "namespace": "apps"},
        "field": {"path": "spec.x", "currentValue": "<b>", "proposedValue": "a"},
        "file": {"path": "vms/a b.yaml", "index": 1, "line": 7},
        "tags": {"rule": "schema/enum"},
    }
    assert "line" not in written["results"][0]["file"]


def test_junit_has_a_suite_for_each_file_and_a_case_for_each_manifest(report: Report) -> None:
    root = ET.fromstring(junit.write(report))
    assert (root.tag, root.get("tests"), root.get("failures"), root.get("skipped")) == ("testsuites", "3", "1", "1")
    suites = {suite.get("name"): suite for suite in root}
    assert list(suites) == ["vms/a b.yaml", "vms/other.yaml", "no file"]
    (case,) = suites["vms/a b.yaml"]
    assert case.get("name") == "VirtualMachine apps/web #2"
    failure = case.find("failure")
    assert failure.get("type") == "schema/enum"
    assert failure.text == 'line 7: error: spec.x: must be a, not "<b>" (schema/enum)'
    assert "there is no Secret" in case.find("system-out").text
    assert suites["vms/other.yaml"][0].find("skipped") is not None
    for suite in root:
        cases = suite.findall("testcase")
        assert suite.get("tests") == str(len(cases))
        assert suite.get("failures") == str(sum(case.find("failure") is not None for case in cases))


def test_junit_stays_xml_whatever_a_manifest_holds() -> None:
    evil = Finding(ENUM, "]]>\x00\x1b\ud800\ufffe<&\"'\n", {"kind": "<k>", "metadata": {"name": "\x08"}}, "a&b")
    root = ET.fromstring(junit.write(Report([Subject(evil.item, '"<&>', 0, [(evil, 1)])])).encode("utf-8"))
    assert "<&\"'" in root[0][0].find("failure").text


def test_findings_without_a_manifest_are_reported_too() -> None:
    report = Report([Subject(None, "", 0, [(Finding(ENUM, "x"), 0)])])
    assert "    error: x (schema/enum)" in text.write(report)
    assert "x (schema/enum)" in junit.write(report)
    assert data(report)["results"][0]["message"] == "x"
    assert sarif.log(report)["runs"][0]["results"][0]["message"] == {"text": "x"}


LEVELS = {"none", "note", "warning", "error"}


def test_sarif_has_the_structure_of_2_1_0(report: Report) -> None:
    log = sarif.log(report)
    assert log["version"] == "2.1.0"
    assert set(log) == {"$schema", "version", "runs"}
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"] == "krm-fn"
    assert [rule["id"] for rule in driver["rules"]] == ["references/not-found", "schema/enum"]
    for rule in driver["rules"]:
        assert rule["shortDescription"]["text"]
        assert rule["fullDescription"]["text"]
    for result in run["results"]:
        assert result["level"] in LEVELS
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert len(result["partialFingerprints"]["field/v1"]) == 32
    assert run["results"][1]["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "vms/a%20b.yaml"},
        "region": {"startLine": 7},
    }
    assert "region" not in run["results"][0]["locations"][0]["physicalLocation"]
    json.dumps(log)


def test_a_fingerprint_stays_when_lines_move(report: Report) -> None:
    moved = Report([Subject(VM, "vms/a b.yaml", 4, [(ERROR, 99)])])
    before, after = (sarif.log(each)["runs"][0]["results"][-1]["partialFingerprints"] for each in (report, moved))
    assert before == after
