"""`krm-fn diff` as a person runs it: on directories, on git's revisions, on kustomizations."""

from __future__ import annotations

import json
import os
import subprocess

import pytest
from commandline import run
from tools import picture
from trees import SERIES, edited, vm

from krm_fn.commands import diff
from krm_fn.core.errors import InputError
from krm_fn.core.wire import write_yaml
from krm_fn.report.changes_markdown import MARK, MOST

NAMED = {"instancetype": {"name": "web.medium"}}


def write(folder, *items):
    folder.mkdir(parents=True, exist_ok=True)
    for number, item in enumerate(items):
        (folder / f"{number}.yaml").write_text(write_yaml([item]))
    return str(folder)


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A git repository with a machine and its series, committed."""
    monkeypatch.chdir(tmp_path)
    for name in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{name}_NAME", "a")
        monkeypatch.setenv(f"GIT_{name}_EMAIL", "a@example.com")
    write(tmp_path / "vms", vm(**NAMED))
    write(tmp_path / "series", SERIES)
    for line in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "first"]):
        subprocess.run(["git", *line], check=True)
    return tmp_path


def test_directories_as_json(tmp_path, capsys):
    sides = [write(tmp_path / name, vm(instancetype={"name": f"web.{name}"}), SERIES) for name in ("medium", "large")]
    assert run(diff, *sides, "-o", "json") == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["kind"], report["apiVersion"]) == ("ChangeReport", "krm-fn.dev/v1alpha1")
    assert report["summary"] == {
        "machines": 1,
        "added": 0,
        "removed": 0,
        "changed": 1,
        "effects": {"wait": 1, "live": 1},
    }
    (machine,) = report["machines"]
    assert (machine["name"], machine["namespace"], machine["change"]) == ("shop", "web", "modified")
    assert (machine["effects"], machine["live"]) == (["wait", "live"], ["cpu", "memory"])
    assert {
        "path": "spec.template.spec.domain.cpu.sockets",
        "before": 2,
        "after": 4,
        "because": "VirtualMachine/web/shop",
    } in machine["fields"]
    assert machine["file"].endswith("large/0.yaml")


def test_text_says_totals_causes_and_machines(tmp_path, capsys):
    before = [vm(name, **NAMED) for name in "abcdef"]
    sides = [
        write(tmp_path / "before", *before, SERIES),
        write(tmp_path / "after", *(edited(each, "spec.template.spec.hostname", "x") for each in before), SERIES),
    ]
    assert run(diff, *sides) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "6 machines: 6 changed"
    assert lines[2].split()[:2] == ["restart", "6"]
    assert "  VirtualMachine spec.template.spec.hostname: + x  → 6 machines" in lines
    assert "restart: web/a, web/b, web/c, web/d and 2 more" in lines
    assert run(diff, "--all", *sides) == 0
    assert "restart: web/a, web/b, web/c, web/d, web/e, web/f" in capsys.readouterr().out


def test_exit_code_says_whether_a_machine_changes(tmp_path):
    sides = [write(tmp_path / name, vm(name)) for name in ("a", "b")]
    assert (run(diff, sides[0], sides[0], "--exit-code"), run(diff, *sides, "--exit-code"), run(diff, *sides)) == (
        0,
        1,
        0,
    )


def test_markdown_is_marked_and_fits_a_comment(tmp_path, capsys):
    before = [vm(f"machine-{number:04}", **NAMED) for number in range(1500)]
    after = [edited(each, "spec.template.spec.subdomain", f"h{number}|<b>`@x") for number, each in enumerate(before)]
    sides = []
    for name, items in (("before", before), ("after", after)):
        (tmp_path / f"{name}.yaml").write_text(write_yaml([*items, SERIES]))
        sides.append(str(tmp_path / f"{name}.yaml"))
    assert run(diff, *sides, "-o", "markdown") == 0
    text = capsys.readouterr().out
    assert text.startswith(MARK)
    assert 50_000 < len(text) <= MOST
    assert "longer than a comment holds" in text
    assert "`` + h0\\|<b>`@x ``" in text
    assert text.count("<details>") == text.count("</details>")


def test_since_compares_git_with_the_working_tree(repository, capsys):
    write(repository / "vms", vm(instancetype={"name": "web.large"}))
    (repository / "vms/0.yaml").rename(repository / "vms/moved.yaml")
    assert run(diff, "--since", "HEAD", "-o", "json") == 0
    report = json.loads(capsys.readouterr().out)
    assert [machine["effects"] for machine in report["machines"]] == [["wait", "live"]]
    assert run(diff, "--since", "HEAD", "-o", "json", "series") == 0
    assert json.loads(capsys.readouterr().out)["machines"] == []


def test_since_names_what_git_had_by_its_path_in_the_repository(repository, capsys):
    (repository / "vms/0.yaml").unlink()
    assert run(diff, "--since", "HEAD", "-o", "json", "vms", "series") == 0
    (machine,) = json.loads(capsys.readouterr().out)["machines"]
    assert (machine["change"], machine["file"]) == ("removed", "vms/0.yaml")


def test_a_file_that_git_could_not_be_read_from_is_named_with_the_revision(repository):
    (repository / "vms/0.yaml").write_text("a: [")
    for line in (["add", "-A"], ["commit", "-qm", "broken"]):
        subprocess.run(["git", *line], check=True)
    with pytest.raises(InputError, match=r"^HEAD:vms/0\.yaml:"):
        run(diff, "--since", "HEAD", "vms")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--since", "nowhere", "vms"], r"--since nowhere: git knows no such revision here"),
        (["--since", "HEAD", ".."], r"\.\.: lies outside of the git repository"),
        (["vms"], r"takes BASE and HEAD, got 1"),
        (["-", "-"], r"stdin can be one of the two sides"),
        (["vms", "missing"], r"missing: No such file"),
        (["--kubevirt", "1.2", "vms", "vms"], r"--kubevirt 1\.2: write one of"),
        (["--kubevirt", "1.7..2", "vms"], r"--kubevirt 1\.7\.\.2: write one of"),
        (["--cluster", "vms/0.yaml", "vms", "vms"], r"there are 0 KubeVirt objects in it"),
        (["--build", "vms/0.yaml", "vms"], r"vms/0\.yaml: is no directory with a kustomization"),
    ],
)
@pytest.mark.usefixtures("repository")
def test_what_can_not_be_compared_is_said_in_one_line(arguments, message):
    with pytest.raises(InputError, match=message) as failure:
        run(diff, *arguments)
    assert "\n" not in str(failure.value)


def test_outside_of_git(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(InputError, match="not a git repository"):
        run(diff, "--since", "HEAD")


def fake(folder, script):
    """A kustomize that runs a shell script, first on the PATH."""
    folder.mkdir()
    program = folder / "kustomize"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


def test_kustomizations_are_built_on_both_sides(repository, tmp_path_factory, monkeypatch, capsys):
    monkeypatch.setenv(
        "PATH",
        fake(
            tmp_path_factory.mktemp("bin") / "x",
            'for last; do :; done; for f in "$last"/*.yaml; do echo ---; cat "$f"; done',
        ),
    )
    write(repository / "vms", vm(**NAMED), SERIES)
    for line in (["add", "-A"], ["commit", "-qm", "second"]):
        subprocess.run(["git", *line], check=True)
    write(repository / "vms", vm(instancetype={"name": "web.large"}))
    assert run(diff, "--since", "HEAD", "--build", "vms", "-o", "json") == 0
    assert json.loads(capsys.readouterr().out)["summary"]["effects"] == {"wait": 1, "live": 1}


@pytest.mark.usefixtures("repository")
def test_a_failing_kustomize_is_one_line_with_its_last_words(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("PATH", fake(tmp_path_factory.mktemp("bin") / "x", "echo 'Error: no such base' >&2; exit 1"))
    with pytest.raises(InputError, match=r"^kustomize build .*vms: Error: no such base$"):
        run(diff, "--build", "vms", "vms")


def test_a_renderer_among_the_manifests_renders_both_sides(repository, capsys):
    renderer = {
        "apiVersion": "krm-fn.dev/v1alpha1",
        "kind": "VirtualMachineRenderer",
        "metadata": {"name": "pin"},
        "spec": {"mode": "pin"},
    }
    write(repository / "renderer", renderer)
    for line in (["add", "-A"], ["commit", "-qm", "second"]):
        subprocess.run(["git", *line], check=True)
    write(repository / "series", edited(SERIES, "spec.memoryPerVCPU", "6Gi"))
    assert run(diff, "--since", "HEAD", "-o", "json") == 0
    report = json.loads(capsys.readouterr().out)
    assert report["summary"]["effects"] == {"wait": 1, "live": 1}
    assert [(cause["object"], cause["field"]) for cause in report["causes"]] == [
        ("InstancetypeSeries/web", "spec.memoryPerVCPU")
    ]


def test_other_manifests_are_named_and_never_shown(tmp_path, capsys):
    def secret(value):
        return {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "key", "namespace": "web"},
            "stringData": {"a": value},
        }

    sides = [write(tmp_path / value, vm(), secret(value)) for value in ("first-value", "second-value")]
    for form in ("text", "markdown", "json", "yaml"):
        assert run(diff, *sides, "-o", form) == 0
        out = capsys.readouterr().out
        assert "Secret web/key" in out
        assert "stringData" not in out
        assert "-value" not in out.replace(sides[1], "")


def test_without_kustomize(repository, monkeypatch):
    monkeypatch.setenv("PATH", str(repository))
    with pytest.raises(InputError, match="there is no kustomize"):
        run(diff, "--build", "vms", "vms")


@pytest.mark.usefixtures("repository")
def test_an_upgrade_compares_one_tree_with_itself(capsys):
    assert run(diff, "--kubevirt", "1.5..1.9", "vms", "series") == 0
    out = capsys.readouterr().out
    assert "silent" in out
    assert "KubeVirt 1.9" in out


def test_the_picture_in_the_docs_is_what_the_command_prints():
    assert picture.PICTURE.read_text() == picture.svg(picture.printed()), "make golden rewrites it"
