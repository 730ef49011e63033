"""krm-fn.yaml, and the options that every command has."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from support import ROOT

from krm_fn.core import budget, console
from krm_fn.core.errors import KrmFnError
from krm_fn.main import main
from krm_fn.workspace import settings

VM = {
    "apiVersion": "kubevirt.io/v1",
    "kind": "VirtualMachine",
    "metadata": {"name": "web"},
    "spec": {
        "runStrategy": "Halted",
        "instancetype": {"name": "own"},
        "template": {"spec": {"domain": {"devices": {}}}},
    },
}
OWN = """\
apiVersion: instancetype.kubevirt.io/v1beta1
kind: VirtualMachineClusterInstancetype
metadata: {name: own}
spec: {cpu: {guest: 3}, memory: {guest: 1Gi}}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "deep/er").mkdir(parents=True)
    (tmp_path / "vm.json").write_text(json.dumps(VM))
    (tmp_path / "own").mkdir()
    (tmp_path / "own/own.yaml").write_text(OWN)
    yield tmp_path
    console.be_quiet(quiet=False)
    console.use_colour("auto")


def write(folder, text):
    (folder / "krm-fn.yaml").write_text(f"apiVersion: krm-fn.dev/v1alpha1\nkind: Settings\nspec: {{{text}}}\n")


def test_without_a_file_there_are_no_settings():
    assert settings.load() == {}


def test_the_nearest_file_above_counts_and_paths_are_seen_from_it(folder, monkeypatch):
    write(folder, 'kubevirt: "1.8", catalogs: [common, own]')
    monkeypatch.chdir(folder / "deep/er")
    assert settings.load() == {"kubevirt": "1.8", "catalogs": ["common", os.path.join("..", "..", "own")]}
    write(folder / "deep", 'kubevirt: "1.7"')
    assert settings.load() == {"kubevirt": "1.7"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('kubevrt: "1.8"', 'did you mean "kubevirt"'),
        ('kubevirt: "0.1"', "must be one of the KubeVirt versions"),
        ("color: blue", "color"),
        ("quiet: 1", "quiet"),
    ],
)
def test_a_mistake_in_them_is_told(folder, text, message, capsys):
    write(folder, text)
    assert main(["validate", "vm.json"]) == 3
    assert message in capsys.readouterr().err


def test_another_manifest_of_that_name_is_refused(folder):
    (folder / "krm-fn.yaml").write_text(OWN)
    with pytest.raises(KrmFnError, match="kind Settings"):
        settings.load()


def test_catalogs_of_the_settings_are_looked_into(folder, capsys):
    assert main(["render", "vm.json"]) == 1
    write(folder, "catalogs: [own]")
    assert main(["render", "vm.json"]) == 0
    assert "sockets: 3" in capsys.readouterr().out
    assert main(["render", "--catalog", "common", "vm.json"]) == 1


def test_a_functionconfig_wins_over_the_settings(folder, capsys):
    write(folder, "catalogs: [own]")
    (folder / "r.yaml").write_text(
        "apiVersion: krm-fn.dev/v1alpha1\nkind: VirtualMachineRenderer\nmetadata: {name: r}\nspec: {catalogs: [common]}\n"
    )
    assert main(["render", "vm.json", "r.yaml"]) == 1
    assert '"own"' in capsys.readouterr().err


def test_quiet_leaves_notes_out_and_findings_in(capsys):
    assert main(["render", "--catalog", "own", "vm.json", "-O", "out.yaml"]) == 0
    assert capsys.readouterr().err == "wrote out.yaml\n"
    assert main(["render", "-q", "--catalog", "own", "vm.json", "-O", "out.yaml"]) == 0
    assert main(["-q", "render", "--catalog", "own", "vm.json", "-O", "out.yaml"]) == 0
    assert capsys.readouterr().err == ""
    assert main(["render", "-q", "vm.json"]) == 1
    assert "matcher/not-found" in capsys.readouterr().err


def test_colors_come_when_they_are_asked_for(capsys, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    main(["validate", "--color", "always", "vm.json"])
    assert "\x1b[" in capsys.readouterr().out
    main(["--color", "never", "validate", "vm.json"])
    assert "\x1b[" not in capsys.readouterr().out


def test_a_limit_can_be_raised_and_lowered(folder, capsys):
    assert main(["render", "--catalog", "own", "--budget", "machines=1", "vm.json"]) == 0
    (folder / "two.json").write_text(json.dumps({"kind": "List", "items": [VM, {**VM, "metadata": {"name": "b"}}]}))
    assert main(["render", "--catalog", "own", "--budget", "machines=1", "two.json"]) == 3
    assert "VirtualMachines rendered in one call" in capsys.readouterr().err
    assert main(["render", "--budget", "machnes=1", "two.json"]) == 3
    assert 'did you mean "machines"' in capsys.readouterr().err
    assert budget.LIMITS["machines"][0] == 50_000


def test_the_settings_file_knows_the_limits_and_no_others(folder, capsys):
    write(folder, "budget: {machnes: 1}")
    assert main(["render", "vm.json"]) == 3
    assert 'spec.budget.machnes: unknown field "machnes"; did you mean "machines"?' in capsys.readouterr().err
    schema = json.loads((ROOT / "schemas/functionConfig/Settings.json").read_text())
    named = schema["properties"]["spec"]["properties"]["budget"]["properties"]
    assert {name: row["default"] for name, row in named.items()} == {
        name: row[0] for name, row in budget.LIMITS.items()
    }


def test_the_version_names_kubevirt_and_the_catalogs(capsys):
    assert main(["--version"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("krm-fn ")
    assert "KubeVirt 1.5 to " in out
    assert "kubevirt/common-instancetypes 1." in out


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script(capsys, shell):
    assert main(["completion", shell]) == 0
    assert "_ARGCOMPLETE" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("line", "among"),
    [
        ("krm-fn re", "render"),
        ("krm-fn render --cat", "--catalog"),
        ("krm-fn catalog show u1.me", "u1.medium"),
        ("krm-fn rules instancetype/", "instancetype/conflict"),
        ("krm-fn render --kubevirt 1.", "1.8"),
        ("krm-fn render --mode p", "pin"),
    ],
)
def test_a_shell_is_answered(line, among):
    read, write_end = os.pipe()
    environment = {**os.environ, "COMP_LINE": line, "COMP_POINT": str(len(line)), "_ARGCOMPLETE": "1", "IFS": "\013"}
    program = f"exec 8>&{write_end} 9>/dev/null; exec {sys.executable} -m krm_fn"
    subprocess.run(["bash", "-c", program], env=environment, pass_fds=[write_end], stdin=subprocess.DEVNULL, timeout=30)
    os.close(write_end)
    with os.fdopen(read) as answer:
        assert among in answer.read().replace("\013", " ").split()


@pytest.mark.parametrize("form", ["github", "gitlab"])
def test_reviews_are_told_file_and_line(folder, capsys, form):
    (folder / "bad.yaml").write_text(json.dumps({**VM, "spec": {**VM["spec"], "wrng": 1}}, indent=1))
    assert main(["validate", "-o", form, "--references", "ignore", "bad.yaml"]) == 1
    out = capsys.readouterr().out
    if form == "github":
        assert out.startswith("::error file=bad.yaml,line=")
        assert out.count("\n") == 1
    else:
        (entry,) = json.loads(out)
        assert entry["location"]["path"] == "bad.yaml"
        assert entry["location"]["lines"]["begin"] > 1
        assert (entry["severity"], len(entry["fingerprint"])) == ("major", 64)


def test_settings_are_no_function(capsys):
    from krm_fn import dispatch

    with pytest.raises(KrmFnError, match="no function: write one of InstancetypeSeries"):
        dispatch.run({"apiVersion": "krm-fn.dev/v1alpha1", "kind": "Settings", "spec": {}}, [])
    assert main(["render", "vm.json", "--catalog", "own"]) == 0
    assert capsys.readouterr().err == ""
