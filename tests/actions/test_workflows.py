"""Workflows and the action: linted by actionlint, without script injection, and their steps run for real."""

from __future__ import annotations

import os
import re
import subprocess

import pytest
import yaml
from support import ROOT, tool

from krm_fn import __version__

WORKFLOWS = [*sorted((ROOT / ".github/workflows").glob("*.yaml")), ROOT / "kustomize/examples/flux/publish.yaml"]
ACTION = ROOT / "action.yml"


def steps(path):
    """Every step of a workflow or of the action, as (name or action, step)."""
    document = yaml.safe_load(path.read_text())
    jobs = document["jobs"].values() if "jobs" in document else [document["runs"]]
    return [(step.get("name", step.get("uses")), step) for job in jobs for step in job["steps"]]


def test_actionlint_finds_nothing():
    done = subprocess.run([tool("actionlint"), "-no-color", *WORKFLOWS], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(WORKFLOWS) >= 3


def test_zizmor_finds_nothing():
    done = subprocess.run(
        [tool("zizmor"), "--offline", "--no-progress", "--quiet", ".", "kustomize/examples/flux/publish.yaml"],
        capture_output=True, text=True, cwd=ROOT,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", [*WORKFLOWS, ACTION], ids=lambda path: path.name)
def test_actions_are_pinned_by_commit_and_checkouts_keep_no_credentials(path):
    used = [step for _, step in steps(path) if "uses" in step]
    assert used
    for step in used:
        assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", step["uses"]), step["uses"]
        if step["uses"].startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


def test_nothing_in_a_checkout_is_imported_by_what_judges_it():
    script = (ROOT / ".github/action/install.sh").read_text()
    calls = re.findall(r'(?:^python3|^"\$venv/bin/python"|exec "%s") (\S+)', script, re.MULTILINE)
    assert len(calls) >= 4
    assert set(calls) == {"-I"}


@pytest.mark.parametrize("path", [*WORKFLOWS, ACTION], ids=lambda path: path.name)
def test_no_script_holds_an_expression(path):
    """A branch's name or a title could be a command: values reach scripts by the environment only."""
    scripts = [step["run"] for _, step in steps(path) if "run" in step]
    assert scripts
    assert [script for script in scripts if "${{" in script] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_start_with_few_permissions(path):
    granted = yaml.safe_load(path.read_text())["permissions"]
    assert granted.get("contents") == "read"
    assert "actions" not in granted


def test_the_action_uses_every_input_and_no_other():
    action = yaml.safe_load(ACTION.read_text())
    used = set(re.findall(r"inputs\.([a-z-]+)", yaml.safe_dump(action["runs"])))
    assert used == set(action["inputs"])
    assert {name for name, value in action["inputs"].items() if not value.get("description")} == set()


def test_the_actions_scripts_are_there_and_can_run():
    for name, step in steps(ACTION):
        for script in re.findall(r"GITHUB_ACTION_PATH/(\S+\.sh)", step.get("run", "")):
            assert os.access(ROOT / script, os.X_OK), name


def test_hooks_run_on_the_files_that_pre_commit_passes(env, tmp_path):
    hooks = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
    for hook in hooks.values():
        assert {"id", "name", "description", "language", "entry", "types_or"} == set(hook) - {"pass_filenames"}
    assert hooks["krm-fn-validate-docker"]["entry"].split()[0].endswith(f":v{__version__}")
    vm = {
        "apiVersion": "kubevirt.io/v1",
        "kind": "VirtualMachine",
        "metadata": {"name": "a"},
        "spec": {"template": {"spec": {"domain": {"devices": {}}}}},
    }
    (tmp_path / "vm.yaml").write_text(yaml.safe_dump(vm))
    (tmp_path / "values.yaml").write_text("color: blue\n")
    command = hooks["krm-fn-validate"]["entry"].split()
    done = subprocess.run([*command, "vm.yaml", "values.yaml"], cwd=tmp_path, env=env, capture_output=True, text=True)
    assert done.returncode == 1
    assert "vm.yaml" in done.stdout + done.stderr
    assert "values.yaml:1: document 1 is not a manifest" in done.stderr


SERIES = """
apiVersion: krm-fn.dev/v1alpha1
kind: InstancetypeSeries
metadata: {name: web}
spec: {vendor: example.com, version: "1", memoryPerVCPU: 2Gi, sizes: {small: 1}}
"""


def git(folder, *arguments: str) -> str:
    identity = ["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "init.defaultBranch=main"]
    return subprocess.run(
        ["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True
    ).stdout.strip()


def test_the_vendors_workflow_builds_and_tests_a_catalog(env, tmp_path):
    (tmp_path / "series").mkdir()
    (tmp_path / "series/web.yaml").write_text(SERIES)
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "series")
    runner = {
        "GITHUB_REF_NAME": "v1.0.0",
        "GITHUB_SHA": git(tmp_path, "rev-parse", "HEAD"),
        "GITHUB_REPOSITORY": "example/catalog",
    }
    environment = {
        **env,
        **runner,
        "GITHUB_SERVER_URL": "https://github.com",
        "DEFINITIONS": "series/",
        "KUBEVIRT": "1.5",
    }
    found = dict(steps(ROOT / ".github/workflows/catalog.yaml"))
    for name in ("Build", "Test"):
        done = subprocess.run(
            ["bash", "-e", "-c", found[name]["run"]], cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "layout/index.json").is_file()
    assert (tmp_path / "release/virtualmachineclusterinstancetypes.yaml").is_file()
