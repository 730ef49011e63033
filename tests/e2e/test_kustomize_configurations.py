"""kustomize/configurations with the real kustomize: names, images and named lists of VMs, and what was built in before."""

from __future__ import annotations

import shutil
import subprocess

import pytest
import yaml
from support import ROOT

RESOURCES = """
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata: {name: shop}
spec:
  runStrategy: Always
  instancetype: {kind: VirtualMachineInstancetype, name: web, revisionName: shop-web}
  preference: {name: cluster-web}
  template:
    spec:
      domain:
        devices:
          disks:
          - {name: root, disk: {bus: virtio}, bootOrder: 1}
          - {name: data, disk: {bus: virtio}}
          interfaces:
          - {name: default, masquerade: {}}
      networks:
      - {name: default, pod: {}}
      volumes:
      - {name: root, containerDisk: {image: example.com/fedora:41}}
      - {name: ci, cloudInitNoCloud: {secretRef: {name: ci}}}
      - {name: data, persistentVolumeClaim: {claimName: data}}
---
apiVersion: instancetype.kubevirt.io/v1beta1
kind: VirtualMachineInstancetype
metadata: {name: web}
spec: {cpu: {guest: 1}, memory: {guest: 1Gi}}
---
apiVersion: instancetype.kubevirt.io/v1beta1
kind: VirtualMachineClusterPreference
metadata: {name: cluster-web}
spec: {}
---
apiVersion: apps/v1
kind: ControllerRevision
metadata: {name: shop-web}
revision: 1
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: front}
spec: {template: {spec: {containers: [{name: a, image: x}, {name: b, image: y}]}}}
---
apiVersion: v1
kind: Service
metadata: {name: front}
spec: {ports: [{port: 80, name: http}, {port: 443, name: https}]}
"""
PATCH_DISK = """
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata: {name: shop}
spec: {template: {spec: {domain: {devices: {disks: [{name: data, disk: {bus: scsi}}]}}}}}
"""
PATCH_CONTAINER = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: front}
spec: {template: {spec: {containers: [{name: b, image: z}]}}}
"""
PATCH_PORT = """
apiVersion: v1
kind: Service
metadata: {name: front}
spec: {ports: [{port: 443, name: tls}]}
"""


@pytest.fixture
def build(tmp_path, kustomize):
    for name in ("virtualmachines.yaml", "openapi.json"):
        shutil.copy(ROOT / "kustomize" / "configurations" / name, tmp_path)
    (tmp_path / "resources.yaml").write_text(RESOURCES)

    def run(**fields):
        (tmp_path / "kustomization.yaml").write_text(yaml.safe_dump({"resources": ["resources.yaml"], **fields}))
        done = subprocess.run([kustomize, "build", str(tmp_path)], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return {item["kind"]: item for item in yaml.safe_load_all(done.stdout)}

    return run


def test_prefixes_and_hashes_follow_into_a_vm(build):
    items = build(
        namePrefix="dev-",
        configurations=["virtualmachines.yaml"],
        secretGenerator=[{"name": "ci", "literals": ["userdata=x"]}],
    )
    spec = items["VirtualMachine"]["spec"]
    assert spec["instancetype"] == {
        "kind": "VirtualMachineInstancetype",
        "name": "dev-web",
        "revisionName": "dev-shop-web",
    }
    assert spec["preference"]["name"] == "dev-cluster-web"
    volumes = {volume["name"]: volume for volume in spec["template"]["spec"]["volumes"]}
    assert volumes["data"]["persistentVolumeClaim"]["claimName"] == "dev-data"
    assert volumes["ci"]["cloudInitNoCloud"]["secretRef"]["name"] == items["Secret"]["metadata"]["name"]


def test_without_the_configuration_a_prefix_breaks_the_names(build):
    """Why the file exists; when kustomize learns this by itself the file can go."""
    assert build(namePrefix="dev-")["VirtualMachine"]["spec"]["instancetype"]["name"] == "web"


def test_images_reach_container_disks(build):
    items = build(configurations=["virtualmachines.yaml"], images=[{"name": "example.com/fedora", "newTag": "42"}])
    volumes = items["VirtualMachine"]["spec"]["template"]["spec"]["volumes"]
    assert volumes[0]["containerDisk"]["image"] == "example.com/fedora:42"


def test_a_patch_of_one_disk_leaves_the_others(build):
    items = build(openapi={"path": "openapi.json"}, patches=[{"patch": PATCH_DISK}])
    disks = {
        disk["name"]: disk for disk in items["VirtualMachine"]["spec"]["template"]["spec"]["domain"]["devices"]["disks"]
    }
    assert disks == {
        "root": {"name": "root", "disk": {"bus": "virtio"}, "bootOrder": 1},
        "data": {"name": "data", "disk": {"bus": "scsi"}},
    }


def test_without_the_schema_a_patch_replaces_the_list(build):
    items = build(patches=[{"patch": PATCH_DISK}])
    assert len(items["VirtualMachine"]["spec"]["template"]["spec"]["domain"]["devices"]["disks"]) == 1


def test_the_schema_keeps_what_kustomize_has_built_in(build):
    items = build(openapi={"path": "openapi.json"}, patches=[{"patch": PATCH_CONTAINER}, {"patch": PATCH_PORT}])
    containers = {c["name"]: c["image"] for c in items["Deployment"]["spec"]["template"]["spec"]["containers"]}
    assert containers == {"a": "x", "b": "z"}
    assert {p["port"]: p["name"] for p in items["Service"]["spec"]["ports"]} == {80: "http", 443: "tls"}


def test_cluster_wide_kinds_get_no_namespace(build):
    items = build(openapi={"path": "openapi.json"}, namespace="shop")
    assert "namespace" not in items["VirtualMachineClusterPreference"]["metadata"]
    assert items["VirtualMachineInstancetype"]["metadata"]["namespace"] == "shop"
