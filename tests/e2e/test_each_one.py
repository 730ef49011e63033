"""Each functionConfig kind, each command and each source as a process, on the project's own examples."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections import Counter

import pytest
import yaml
from support import ROOT

from krm_fn.cli import COMMANDS
from krm_fn.importers.sources import SOURCES
from krm_fn.kinds import KINDS

VM = yaml.safe_load((ROOT / "kustomize/examples/quickstart/base/vm.yaml").read_text())
SERIES = "kustomize/examples/quickstart/base/series.yaml"
EXPECTED = {
    "InstancetypeSeries": {"VirtualMachineInstancetype": 3},
    "PreferenceSeries": {"VirtualMachineClusterPreference": 3},
    "CatalogGenerator": {"VirtualMachineClusterInstancetype": 65, "VirtualMachineClusterPreference": 54},
    "VirtualMachineRenderer": {"VirtualMachineInstancetype": 3},
    "ManifestValidator": {},
}
"""Kind → what its example adds to a VM and its series, by kind."""


@pytest.mark.parametrize("kind", KINDS)
def test_the_example_of_a_kind_works_as_a_function(kind, call):
    documents = yaml.safe_load_all((ROOT / KINDS[kind].example).read_text())
    (config,) = [document for document in documents if document["kind"] == kind]
    series = yaml.safe_load((ROOT / SERIES).read_text())
    answer = call(config, [VM, series])
    assert answer.status == 0, answer.stderr
    kinds = Counter(item["kind"] for item in answer.items if item["apiVersion"].startswith("instancetype."))
    assert kinds == EXPECTED[kind]
    rendered = "instancetype" not in answer.items[0]["spec"]
    assert rendered == (kind == "VirtualMachineRenderer")


OLD = """apiVersion: instancetype.kubevirt.io/v1alpha2
kind: VirtualMachineClusterPreference
metadata: {name: old}
spec: {cpu: {preferredCPUTopology: preferCores}}
"""
CASES = {
    "new": (["new", "vm", "web", "--instancetype", "u1.medium", "--preference", "fedora"], "name: u1.medium"),
    "generate": (["generate", SERIES], "name: web.large"),
    "render": (["render", "kustomize/examples/quickstart/base"], "kubevirt.io/instancetype-name: web.small"),
    "build": (["build", "kustomize/examples/build"], "kubevirt.io/instancetype-name: web.small"),
    "check": (["check", "kustomize/examples/quickstart/base"], "render/skipped"),
    "validate": (["validate", "kustomize/examples/quickstart/base"], "0 invalid"),
    "completion": (["completion", "bash"], "krm-fn"),
    "diff": (["diff", "kustomize/examples/quickstart/base", "kustomize/examples/quickstart/base"], "1 unchanged"),
    "explain": (["explain", "kustomize/examples/quickstart/base"], "InstancetypeSeries/web, size small"),
    "schema": (["schema", "InstancetypeSeries"], "memoryPerVCPU"),
    "rules": (["rules", "matcher/not-found"], "matcher/not-found: "),
    "import": (["import", "gcp", "tests/data/listings/gcp.json"], "kind: InstancetypeSeries"),
    "adopt": (["adopt", "tests/data/manifests/containerdisk.yaml"], "kind: VirtualMachine"),
    "convert": (["convert", "-"], "preferredCPUTopology: cores"),
    "catalog": (["catalog", "list", "u1.medium"], "u1.medium"),
}
"""Command → arguments and what is in the output."""


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_runs(name, command):
    arguments, says = CASES[name]
    done = subprocess.run([command, *arguments], cwd=ROOT, input=OLD, capture_output=True, text=True)
    assert says in done.stdout + done.stderr
    assert done.returncode == (name == "check"), done.stderr


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_help(name, command):
    done = subprocess.run([command, name, "--help"], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert "examples:" in done.stdout


@pytest.mark.parametrize("name", SOURCES)
def test_the_example_of_a_source_prints_what_its_page_says(name, command, tmp_path):
    page = (ROOT / SOURCES[name].docs).read_text()
    file = re.search(r"[Ss]ave this as `([\w.]+)`", page)
    blocks = re.findall(r"^```\w+\n(.*?)^```$", page[file.end() :], re.MULTILINE | re.DOTALL)
    listing, line, stdout, stderr = blocks[:4]
    (tmp_path / file[1]).write_text(listing)
    _, *arguments = shlex.split(line)
    assert arguments[:2] == ["import", name]
    done = subprocess.run([command, *arguments], cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, stdout, stderr)
