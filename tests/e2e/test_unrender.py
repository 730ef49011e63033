"""The way back from an expanded VM: the short one, which renders to the same bytes."""

from __future__ import annotations

import gzip
import json
import subprocess

import pytest
import yaml
from support import ROOT

SHORT = """\
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata:
  name: shop
spec:
  runStrategy: Always
  instancetype:
    kind: VirtualMachineClusterInstancetype
    name: u1.large
  preference:
    kind: VirtualMachineClusterPreference
    name: windows.11.virtio
  template:
    spec:
      domain:
        devices: {}
      volumes:
      - containerDisk:
          image: example.com/windows:11
        name: rootdisk
"""


@pytest.fixture
def run(command):
    def go(text: str, *options: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([command, "render", *options, "-"], input=text, capture_output=True, text=True)

    return go


def test_the_short_vm_comes_back(run):
    expanded = run(SHORT)
    assert expanded.returncode == 0, expanded.stderr
    assert run(expanded.stdout, "--unrender").stdout == SHORT


def test_what_the_user_wrote_comes_back_where_it_made_a_difference(run):
    own = SHORT.replace(
        "devices: {}",
        "devices:\n          disks:\n          - disk:\n              bus: sata\n            name: rootdisk",
    )
    assert run(run(own).stdout, "--unrender").stdout == own


def test_an_edited_vm_is_reported_and_nothing_written(run):
    edited = run(SHORT).stdout.replace("guest: 8Gi", "guest: 9Gi")
    done = run(edited, "--unrender")
    assert (done.returncode, done.stdout) == (1, "")
    assert "unrender/edited" in done.stderr


@pytest.mark.parametrize(
    "value",
    [
        "not json {",
        '{"kind": "Secret"}',
        "[]",
        '{"apiVersion": "instancetype.kubevirt.io/v1beta1", "kind": "VirtualMachineClusterInstancetype"}',
    ],
    ids=["no JSON", "foreign", "list", "no spec"],
)
def test_an_annotation_that_holds_something_else_is_an_error_at_its_path(run, value):
    vm = yaml.safe_load(run(SHORT).stdout)
    vm["metadata"]["annotations"]["krm-fn.dev/instancetype-revision"] = value
    done = run(json.dumps(vm), "--unrender")
    assert (done.returncode, done.stdout) == (1, "")
    assert "metadata.annotations.krm-fn.dev/instancetype-revision" in done.stderr


def test_a_vm_that_was_never_expanded_passes_through(run):
    plain = yaml.safe_load(SHORT)
    assert yaml.safe_load(run(SHORT, "--unrender").stdout) == plain


def test_rendering_what_comes_back_gives_the_same_bytes_for_many_vms(run):
    """Property over the conformance vectors that render: unrender, render, compare."""
    documents = []
    with gzip.open(ROOT / "tests" / "conformance" / "vectors.jsonl.gz", "rt") as lines:
        for line in lines:
            case = json.loads(line)
            if case["expect"]["outcome"] != "ok" or len(documents) > 120:
                continue
            vm = case["vm"]
            vm["metadata"] = {"name": case["id"], "namespace": case["id"]}
            for field, kind in (
                ("instancetype", "VirtualMachineInstancetype"),
                ("preference", "VirtualMachinePreference"),
            ):
                vm["spec"].pop(field, None)
                if case[field] is not None:
                    vm["spec"][field] = {"kind": kind, "name": field}
                    documents.append(
                        {
                            "apiVersion": "instancetype.kubevirt.io/v1beta1",
                            "kind": kind,
                            "metadata": {"name": field, "namespace": case["id"]},
                            "spec": case[field],
                        }
                    )
            documents.append(vm)
    expanded = run(yaml.safe_dump_all(documents), "--no-validate")
    assert expanded.returncode == 0, expanded.stderr
    short = run(expanded.stdout, "--unrender")
    assert short.returncode == 0, short.stderr
    assert run(short.stdout, "--no-validate").stdout == expanded.stdout
