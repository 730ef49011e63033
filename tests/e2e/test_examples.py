"""Each example is built with the real kustomize, as its reader would; functions run as exec in place of the image."""

from __future__ import annotations

import shutil
import subprocess

import pytest
import yaml
from support import ROOT

from krm_fn import __version__

KUSTOMIZE = ROOT / "kustomize"


@pytest.fixture
def build(kustomize, env, tmp_path):
    def run(folder):
        copy = tmp_path / "kustomize"
        shutil.copytree(KUSTOMIZE, copy, dirs_exist_ok=True)
        for file in copy.rglob("*.yaml"):
            text = file.read_text()
            file.write_text(
                text.replace(
                    f"container:\n        image: ghcr.io/krm-fn/krm-fn:v{__version__}", "exec:\n        path: krm-fn"
                )
            )
        done = subprocess.run(
            [kustomize, "build", "--enable-alpha-plugins", "--enable-exec", str(copy / folder)],
            capture_output=True,
            text=True,
            env=env,
        )
        assert done.returncode == 0, done.stderr
        return list(yaml.safe_load_all(done.stdout))

    return run


def test_pinned(build):
    items = build("examples/pinned")
    (vm,) = [item for item in items if item["kind"] == "VirtualMachine"]
    revisions = {item["metadata"]["name"]: item for item in items if item["kind"] == "ControllerRevision"}
    assert {vm["spec"][field]["revisionName"] for field in ("instancetype", "preference")} == set(revisions)
    assert {item["metadata"]["namespace"] for item in revisions.values()} == {"shop"}
    spec = vm["spec"]["template"]["spec"]
    assert spec["architecture"] == "amd64"
    assert set(spec["domain"]["firmware"]) == {"uuid", "serial"}
    assert "memory" not in spec["domain"]


def test_patch_a_disk(build):
    (vm,) = build("examples/patch-a-disk/overlay")
    spec = vm["spec"]["template"]["spec"]
    disks = {disk["name"]: disk for disk in spec["domain"]["devices"]["disks"]}
    assert (disks["data"]["cache"], disks["data"]["dedicatedIOThread"]) == ("none", True)
    assert (disks["root"]["bootOrder"], "cache" in disks["root"]) == (1, False)
    assert vm["metadata"]["name"] == "test-db"
    assert {volume["name"]: volume.get("containerDisk") for volume in spec["volumes"]}["root"] == {
        "image": "quay.io/containerdisks/rhel:9.5"
    }


@pytest.mark.parametrize("folder", ["bases/common-catalog", "bases/common-catalog-exec"])
def test_bases(build, folder):
    assert len(build(folder)) == 119


def test_our_own_manifests_pass_without_a_finding(command):
    done = subprocess.run(
        [command, "validate", str(KUSTOMIZE / "examples" / "quickstart"), str(KUSTOMIZE / "examples" / "pinned")],
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "0 invalid" in done.stdout
    assert "warning" not in done.stdout


def test_vendor_bundle(build):
    (vm,) = build("examples/vendor-bundle")
    assert vm["spec"]["template"]["spec"]["domain"]["memory"] == {"guest": "16Gi"}
    assert vm["spec"]["template"]["metadata"]["annotations"]["kubevirt.io/cluster-instancetype-name"] == "gp.large"


def test_fleet(build, command, tmp_path, env):
    job, claim = sorted(build("examples/fleet"), key=lambda item: item["kind"])
    pods = job["spec"]["template"]["spec"]
    (container,) = pods["containers"]
    assert pods["volumes"][0]["persistentVolumeClaim"]["claimName"] == claim["metadata"]["name"]
    vms = tmp_path / "fleet" / "vms"
    vms.mkdir(parents=True)
    for number in range(10):
        (vms / f"{number}.yaml").write_text(
            f"apiVersion: kubevirt.io/v1\nkind: VirtualMachine\nmetadata: {{name: vm-{number}, namespace: a}}\n"
            "spec: {runStrategy: Always, instancetype: {name: u1.small}, template: {spec: {domain: {devices: {}}}}}\n"
        )
    call = [command, *(word.replace("/fleet/", f"{tmp_path}/fleet/") for word in container["args"])]
    for index in range(job["spec"]["completions"]):
        subprocess.run(call, check=True, env={**env, "JOB_COMPLETION_INDEX": str(index)}, capture_output=True)
    assert len(list((tmp_path / "fleet" / "rendered").iterdir())) == 10
