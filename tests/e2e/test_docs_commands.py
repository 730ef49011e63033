"""Every command of every page, run in a copy outside the repository, among the files that the pages talk of.

krm-fn and kustomize are the real ones. Programs of clouds, registries and clusters are stand-ins that print what the page's next step
reads: what is held here is that our own commands take the options and the files that the pages give them.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys

import pytest
from support import ROOT

from krm_fn.core import wire

PAGES = ["README.md", *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))]
_FENCE = re.compile(r"^ *```(?:sh|console|bash|shell)?\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_FOLLOWED = re.compile(r"<!-- run.*?<!-- /run -->", re.DOTALL)
STAND_INS = (
    "kubectl",
    "docker",
    "skopeo",
    "flux",
    "cosign",
    "kpt",
    "aws",
    "az",
    "gcloud",
    "openstack",
    "helm",
    "git",
    "oras",
    "pip",
    "pipx",
)
_PROGRAMS = (*STAND_INS, "krm-fn", "kustomize", "python3", "mkdir", "cp")
_COMMAND = re.compile(rf"\s*(?:\$ )?((?:[A-Z_]+=\S+ )*(?:{'|'.join(_PROGRAMS)}) .*)")
_CLOUDS = {"aws": "aws", "az": "azure", "gcloud": "gcp", "openstack": "openstack"}
ELSEWHERE = (
    "--executor dask",  # needs the workers of a cluster; tests of fleets start them
    "krm-fn.pyz",  # a file of a release
    "import flavor",  # the page's own example has two files of one name
)
"""Commands that other tests run, with what they need."""
FINDS = re.compile(
    r"krm-fn (check|diff|catalog compare)|krm-fn import|krm-fn adopt|krm-fn convert|krm-fn validate|krm-fn new vm"
)
"""Commands whose job is to find something: status 1 is an answer of theirs."""

VM = """apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata: {name: NAME, namespace: web}
spec:
  runStrategy: Always
  instancetype: {name: u1.medium}
  preference: {name: fedora}
  template:
    spec:
      domain: {devices: {}}
      volumes: [{name: root, containerDisk: {image: "example.com/image:1"}}]
"""
PLAIN = VM.replace("  instancetype: {name: u1.medium}\n  preference: {name: fedora}\n", "").replace(
    "devices: {}", "devices: {}, cpu: {sockets: 1}, memory: {guest: 4Gi}"
)
SERIES = """apiVersion: krm-fn.dev/v1alpha1
kind: InstancetypeSeries
metadata: {name: own, annotations: {config.kubernetes.io/local-config: "true"}}
spec: {version: "1", vendor: example.com, displayName: Own, memoryPerVCPU: 2Gi, sizes: {small: 1, large: 4, huge: 8}}
"""
OLD = """apiVersion: instancetype.kubevirt.io/v1alpha2
kind: VirtualMachineClusterInstancetype
metadata: {name: tiny}
spec: {cpu: {guest: 1}, memory: {guest: 1Gi}}
"""
CRD = """apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: virtualmachines.kubevirt.io}
spec:
  group: kubevirt.io
  names: {kind: VirtualMachine}
  versions:
  - {name: v1, served: true, schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object}}}}}
"""
KUSTOMIZATION = "resources: [vm.yaml]\n"


def files() -> dict[str, str]:
    """The files that the pages talk of, by their paths."""
    made = {
        "vm.yaml": VM.replace("NAME", "shop"),
        "vms.yaml": PLAIN.replace("NAME", "plain"),
        "series.yaml": SERIES,
        "old.yaml": OLD,
        "definitions/own.yaml": SERIES,
        "vendor/bundle.yaml": OLD.replace("v1alpha2", "v1beta1").replace("tiny", "vendor.tiny"),
        "my-common-instancetypes/kustomization.yaml": "resources: [tiny.yaml]\n",
        "my-common-instancetypes/tiny.yaml": OLD.replace("v1alpha2", "v1beta1"),
        "fork.yaml": OLD.replace("v1alpha2", "v1beta1"),
        "validator.yaml": "apiVersion: krm-fn.dev/v1alpha1\nkind: ManifestValidator\nmetadata: {name: v}\nspec: {references: warn}\n",
        "kustomization.yaml": KUSTOMIZATION,
    }
    for folder in ("vms", "before", "after", "overlays/prod", "overlays/dev"):
        made |= {f"{folder}/vm.yaml": VM.replace("NAME", "shop"), f"{folder}/kustomization.yaml": KUSTOMIZATION}
    made["overlays/dev/vm.yaml"] = made["overlays/dev/vm.yaml"].replace("namespace: web", "namespace: dev")
    made["vms/shop.yaml"] = made.pop("vms/vm.yaml")
    made["vms/kustomization.yaml"] = "resources: [shop.yaml]\n"
    return made


def steps(page: str) -> list[str]:
    """The commands of a page, in their order; those that are followed from nothing have a test of their own."""
    found = []
    for block in _FENCE.findall(_FOLLOWED.sub("", (ROOT / page).read_text())):
        for line in block.replace("\\\n", " ").splitlines():
            match = _COMMAND.fullmatch(re.sub(r"\s{2,}#? ?[a-z].*$|\s+# .*$", "", line))
            if match:
                found.append(match[1].strip())
    return found


@pytest.fixture
def desk(tmp_path, kustomize):
    """A directory with the files and the programs, and how to run a command there."""
    shutil.copytree(ROOT / "kustomize", tmp_path / "kustomize")
    shutil.copytree(ROOT / "kustomize", tmp_path / "krm-fn" / "kustomize")
    for name, content in files().items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    for name in _CLOUDS.values():
        listing = next((ROOT / "tests" / "data" / "listings").glob(f"{name}*.json"))
        shutil.copy(listing, tmp_path / f"{name}-types.json")
    bin_ = tmp_path / ".bin"
    bin_.mkdir()
    for name in STAND_INS:
        listing = f"cat {tmp_path}/{_CLOUDS[name]}-types.json" if name in _CLOUDS else ":"
        crd = f'*crd*) cat <<"E"\n{CRD}E\n;;'
        script = f'#!/bin/sh\ncase "$*" in {crd} *instancetypes*) cat fork.yaml ;; *) {listing} ;; esac\n'
        (bin_ / name).write_text(script)
        (bin_ / name).chmod(0o755)
    (bin_ / "kustomize").symlink_to(kustomize)
    path = os.pathsep.join((str(bin_), os.path.dirname(sys.executable), os.environ["PATH"]))
    home = tmp_path / ".home"
    home.mkdir()
    environment = {**os.environ, "PATH": path, "HOME": str(home), "KRM_FN_KUSTOMIZE": "kustomize"}

    def run(line: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-o", "pipefail", "-c", line], cwd=tmp_path, env=environment, capture_output=True, text=True
        )

    run.folder = tmp_path
    return run


def prepare(page: str, desk) -> None:
    """What a page's earlier steps leave behind, where those are a cloud's or another tool's."""
    source = page.removeprefix("docs/import-").removesuffix(".md")
    listing = desk.folder / f"{source}-types.json"
    if listing.exists():
        for name in ("types.json", "skus.json", "cloud.json", "newer.json"):
            shutil.copy(listing, desk.folder / name)
        made = desk(f"krm-fn import {source} types.json").stdout
        for name in ("ec2.yaml", "azure.yaml", "gce.yaml", "openstack.yaml"):
            (desk.folder / name).write_text(made)
    if page == "docs/import-objects.md":
        desk("krm-fn generate definitions/ > my-common-instancetypes/tiny.yaml")
    if page == "docs/catalog.md":
        desk("krm-fn catalog build definitions/ --oci layout --tag v1.2.0")
    if page in ("docs/diff.md", "docs/taking-up.md"):
        for name in ("deployed.yaml", "live.yaml", "head.yaml", "deployed/vm.yaml", "head/vm.yaml"):
            (desk.folder / name).parent.mkdir(exist_ok=True)
            (desk.folder / name).write_text(VM.replace("NAME", "shop"))
        (desk.folder / "kubevirt.yaml").write_text(
            "apiVersion: kubevirt.io/v1\nkind: KubeVirt\nmetadata: {name: kubevirt, namespace: kubevirt}\nspec: {}\n"
        )
    if page == "docs/validation.md":
        (desk.folder / "schemas").mkdir()
    if page == "docs/rendering.md":
        (desk.folder / "expanded.yaml").write_text(desk("krm-fn render vm.yaml").stdout)
    if page == "docs/explain.md":
        leave_only(desk.folder, ("vms", "series.yaml", ".bin"))  # one object of each name


def leave_only(folder, names) -> None:
    for left in sorted(folder.iterdir()):
        if left.name not in names:
            shutil.rmtree(left) if left.is_dir() else left.unlink()


@pytest.mark.parametrize("page", [page for page in PAGES if steps(page)])
def test_the_commands_of_a_page_run(page, desk):
    prepare(page, desk)
    for line in steps(page):
        if any(part in line for part in ELSEWHERE):
            continue
        done = desk(line)
        allowed = (0, 1) if FINDS.search(line) else (0,)
        assert done.returncode in allowed, f"{page}: {line}\n{done.stdout[-1000:]}\n{done.stderr[-2000:]}"
        assert "Traceback" not in done.stderr, line


def test_the_pages_have_commands():
    assert sum(len(steps(page)) for page in PAGES) > 60


def test_a_page_that_names_our_kustomize_directory_says_how_to_refer_to_it():
    for page in PAGES:
        text = (ROOT / page).read_text()
        if (
            re.search(r"`?kustomize/(examples|components|transformers|configurations|bases)", text)
            and page != "docs/kustomize.md"
        ):
            assert re.search(r"\]\((docs/)?kustomize\.md\)", text), page


def test_a_copy_of_our_directory_renders_what_a_reference_would(desk):
    (desk.folder / "mine").mkdir()
    (desk.folder / "mine" / "vm.yaml").write_text(VM.replace("NAME", "mine"))
    (desk.folder / "mine" / "kustomization.yaml").write_text(
        "resources: [vm.yaml]\ncomponents: [../krm-fn/kustomize/components/render-vms-exec]\n"
    )
    done = desk("kustomize build --enable-alpha-plugins --enable-exec mine | krm-fn check -")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("example", ["flux/vms", "pinned", "build"])
def test_an_example_that_is_copied_alone_builds(example, desk):
    shutil.copytree(desk.folder / "kustomize" / "examples" / example, desk.folder / "alone")
    for file in (desk.folder / "alone").glob("*.yaml"):
        text = file.read_text().replace(
            "container:\n        image: ghcr.io/krm-fn/krm-fn:v0.1.0", "exec:\n        path: krm-fn"
        )
        file.write_text(text)
    shutil.rmtree(desk.folder / "kustomize")
    done = desk("kustomize build --enable-alpha-plugins --enable-exec alone")
    assert done.returncode == 0, done.stderr
    assert "kind: VirtualMachine" in done.stdout


def test_an_imported_generator_works_under_generators(desk):
    listing = desk.folder / "gcp-types.json"
    (desk.folder / "catalog").mkdir()
    done = desk(f"krm-fn import gcp {listing.name} --generator exec -O catalog/series.yaml")
    assert done.returncode == 0, done.stderr
    (desk.folder / "catalog" / "kustomization.yaml").write_text("generators: [series.yaml]\n")
    built = desk("kustomize build --enable-alpha-plugins --enable-exec catalog")
    assert built.returncode == 0, built.stderr
    made = wire.read(built.stdout.encode())
    alone = json.loads(desk("krm-fn generate catalog/series.yaml -o json").stdout)["items"]
    assert len(made) == len(alone) > 0
    assert "ghcr.io/krm-fn/krm-fn" in desk(f"krm-fn import gcp {listing.name} --generator").stdout
    assert desk("krm-fn import objects fork.yaml --generator").returncode == 3
