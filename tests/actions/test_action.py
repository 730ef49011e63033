"""The action's scripts on a repository with a base and a head, in the environment that GitHub's runner gives them."""

from __future__ import annotations

import json
import os
import subprocess

import pytest
import yaml
from support import ROOT

from actions.test_workflows import git

VM = """
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata: {name: shop}
spec:
  runStrategy: Always
  instancetype: {name: u1.small}
  template:
    spec:
      domain: {devices: {}}
"""
RENDERER = """
apiVersion: krm-fn.dev/v1alpha1
kind: VirtualMachineRenderer
metadata:
  name: render
  annotations:
    config.kubernetes.io/function: "exec: {path: krm-fn}"
"""


@pytest.fixture
def checkout(tmp_path):
    """A repository whose base commit is the one VM that is rendered."""
    folder = tmp_path / "checkout"
    (folder / "vms").mkdir(parents=True)
    (folder / "vms/vm.yaml").write_text(VM)
    (folder / "vms/renderer.yaml").write_text(RENDERER)
    (folder / "vms/kustomization.yaml").write_text("resources: [vm.yaml]\ntransformers: [renderer.yaml]\n")
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "base")
    return folder


@pytest.fixture
def run(checkout, env, kustomize, tmp_path):
    """Run one of the action's scripts; gives the process and what it wrote for later steps."""

    def script(name: str, **inputs: str):
        files = {variable: tmp_path / variable for variable in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_PATH")}
        for path in files.values():
            path.write_text("")
        runner = {
            "RUNNER_TEMP": str(tmp_path),
            "GITHUB_ACTION_PATH": str(ROOT),
            **{name: str(path) for name, path in files.items()},
        }
        environment = {**env, **runner, "BASE": git(checkout, "rev-parse", "main"), **inputs}
        environment["PATH"] = os.pathsep.join((os.path.dirname(kustomize), env["PATH"]))
        done = subprocess.run(
            [ROOT / ".github" / "action" / name], cwd=checkout, env=environment, capture_output=True, text=True
        )
        written = dict(line.split("=", 1) for line in files["GITHUB_OUTPUT"].read_text().splitlines())
        return done, written, {name: path.read_text() for name, path in files.items()}

    return script


RENDER = {"KUSTOMIZATIONS": "vms\n", "BUILD_OPTIONS": "--enable-alpha-plugins --enable-exec"}


def test_the_report_shows_what_an_instancetype_changes_in_the_cluster(run, checkout):
    (checkout / "vms/vm.yaml").write_text(VM.replace("u1.small", "u1.large"))
    done, written, files = run("render.sh", **RENDER)
    assert done.returncode == 0, done.stderr
    assert written["changed"] == "true"
    with open(written["report"], encoding="utf-8") as report:
        text = report.read()
    assert "`2Gi → 8Gi`" in text
    assert "VirtualMachine/shop" in text
    assert files["GITHUB_STEP_SUMMARY"].startswith(text)
    with open(os.path.join(written["rendered"], "report.json"), encoding="utf-8") as report:
        assert json.load(report)["summary"]["changed"] == 1


def test_a_change_without_an_effect_is_reported_as_nothing(run, checkout):
    (checkout / "vms/vm.yaml").write_text(f"# a comment\n{VM}")
    done, written, files = run("render.sh", **RENDER)
    assert done.returncode == 0, done.stderr
    assert written["changed"] == "false"
    assert "1 machine: 1 unchanged." in files["GITHUB_STEP_SUMMARY"]


def test_a_new_kustomization_is_all_new(run, checkout):
    (checkout / "more").mkdir()
    (checkout / "more/kustomization.yaml").write_text("resources: [settings.yaml]\n")
    (checkout / "more/settings.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n")
    done, _, files = run("render.sh", **RENDER | {"KUSTOMIZATIONS": "vms\nmore"})
    assert done.returncode == 0, done.stderr
    assert "added besides: ConfigMap settings" in files["GITHUB_STEP_SUMMARY"]


def test_the_clusters_settings_decide_how_a_change_arrives(run, checkout):
    (checkout / "vms/vm.yaml").write_text(VM.replace("u1.small", "u1.large"))
    settings = {"workloadUpdateStrategy": {"workloadUpdateMethods": ["Evict"]}}
    kubevirt = {"apiVersion": "kubevirt.io/v1", "kind": "KubeVirt", "metadata": {"name": "kubevirt"}, "spec": settings}
    (checkout / "kubevirt.yaml").write_text(json.dumps(kubevirt))
    _, _, files = run("render.sh", **RENDER | {"CLUSTER": "kubevirt.yaml"})
    assert "**evict**" in files["GITHUB_STEP_SUMMARY"]


@pytest.mark.parametrize("there", ["", "41"])
def test_the_report_is_one_comment(tmp_path, env, there):
    report = tmp_path / "report.md"
    report.write_text("<!-- krm-fn diff -->\nall of it\n")
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "gh").write_text(
        f'#!/bin/sh\necho "$MARK|$*" >>{tmp_path}/calls\ncase "$*" in *--jq*) echo {there};; esac\n'
    )
    (folder / "gh").chmod(0o755)
    path = os.pathsep.join((str(folder), env["PATH"]))
    subprocess.run(
        [ROOT / ".github/action/comment.sh"],
        env={"PATH": path, "NUMBER": "7", "REPORT": str(report), "GITHUB_REPOSITORY": "o/r"},
        check=True,
    )
    listing, writing = (tmp_path / "calls").read_text().splitlines()
    assert listing.startswith("<!-- krm-fn diff -->|api --paginate repos/o/r/issues/7/comments?per_page=100 --jq")
    place = "PATCH repos/o/r/issues/comments/41" if there else "POST repos/o/r/issues/7/comments"
    assert writing == f"|api --silent --method {place} --field body=@{report}"


def test_a_build_that_fails_in_head_fails_the_job_after_all_were_tried(run, checkout):
    (checkout / "vms/vm.yaml").write_text(VM.replace("u1.small", "u1.smal"))
    done, _, _ = run("render.sh", **RENDER | {"KUSTOMIZATIONS": "vms\nnowhere"})
    assert done.returncode == 1
    assert "u1.small" in done.stderr
    assert "::error::vms does not build" in done.stdout
    assert "::error::nowhere does not build" in done.stdout


def test_functions_that_may_not_run_are_noticed(run):
    done, _, _ = run("render.sh", **RENDER | {"BUILD_OPTIONS": "--enable-alpha-plugins"})
    assert done.returncode == 1
    assert "render/skipped" in done.stderr


def test_no_base_is_said(run):
    done, _, _ = run("render.sh", **RENDER | {"BASE": ""})
    assert done.returncode != 0
    assert "commit to compare with" in done.stderr


def test_mistakes_are_uploaded_with_their_lines(run, checkout):
    (checkout / "vms/vm.yaml").write_text(VM.replace("runStrategy", "runStrategie"))
    done, written, _ = run("validate.sh", SOURCES=".", KUBEVIRT="1.9")
    assert done.returncode == 1
    with open(written["sarif"], encoding="utf-8") as file:
        (analysis,) = json.load(file)["runs"]
    places = [result["locations"][0]["physicalLocation"] for result in analysis["results"]]
    assert {"uri": "vms/vm.yaml"} in [place["artifactLocation"] for place in places]
    assert all(place["region"]["startLine"] > 0 for place in places)


def test_a_sound_repository_passes(run):
    rendered, written, _ = run("render.sh", **RENDER)
    assert rendered.returncode == 0, rendered.stderr
    done, _, _ = run("validate.sh", SOURCES=".", KUBEVIRT="", RENDERED=written["rendered"])
    assert done.returncode == 0, done.stdout + done.stderr


def test_install_puts_the_command_on_the_path(run):
    done, _, files = run("install.sh")
    assert done.returncode == 0, done.stderr
    (folder,) = files["GITHUB_PATH"].split()
    listing = subprocess.run(
        [os.path.join(folder, "krm-fn"), "catalog", "show", "u1.medium"], capture_output=True, text=True
    )
    assert yaml.safe_load(listing.stdout)["metadata"]["name"] == "u1.medium"


def test_kustomizations_of_similar_paths_are_told_apart_and_secrets_are_not_shown(run, checkout):
    for path, kind, field in (("a/b", "ConfigMap", "data"), ("a_b", "Secret", "stringData")):
        folder = checkout / path
        folder.mkdir(parents=True)
        manifest = {
            "apiVersion": "v1",
            "kind": kind,
            "metadata": {"name": "x"},
            field: {"key": "before\nof two lines\n"},
        }
        (folder / "x.yaml").write_text(yaml.safe_dump(manifest))
        (folder / "kustomization.yaml").write_text("resources: [x.yaml]\n")
    git(checkout, "add", ".")
    git(checkout, "commit", "-qm", "two")
    base = git(checkout, "rev-parse", "HEAD")
    for path, after in (("a/b", "marker-1"), ("a_b", "hidden")):
        file = checkout / path / "x.yaml"
        file.write_text(file.read_text().replace("before", after))
    done, written, files = run("render.sh", KUSTOMIZATIONS="a/b\na_b\n", BUILD_OPTIONS="", BASE=base)
    assert done.returncode == 0, done.stderr
    summary = files["GITHUB_STEP_SUMMARY"]
    assert "marker-1" in summary
    assert "<summary>a/b</summary>" in summary
    assert "<summary>a_b</summary>" in summary
    assert "hidden" not in summary
    assert "of two lines" not in summary.partition("<summary>a_b</summary>")[2]
    assert written["changed"] == "true"
