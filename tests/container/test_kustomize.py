"""The image as generator, transformer and validator in real `kustomize build` runs, on a machine without krm-fn."""

from __future__ import annotations

import shutil
import subprocess

import pytest
import yaml
from support import ROOT

from container.conftest import IMAGE

VM = """
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata: {name: shop, namespace: shop}
spec:
  runStrategy: Always
  instancetype: {name: u1.medium}
  preference: {name: fedora}
  template:
    spec:
      domain: {devices: {}}
      volumes:
      - {name: root, containerDisk: {image: "example.com/fedora:41"}}
"""
CATALOG = {"kind": "CatalogGenerator", "spec": {"catalogs": ["common"], "include": ["u1.*", "fedora"]}}
RENDERER = {"kind": "VirtualMachineRenderer", "spec": {"mode": "expand"}}
VALIDATOR = {"kind": "ManifestValidator", "spec": {}}
CONTAINER, EXEC = {"container": {"image": IMAGE}}, {"exec": {"path": "krm-fn"}}


@pytest.fixture
def build(kustomize, with_docker, env, tmp_path):
    """Build a kustomization with functions by field, as containers or by exec."""

    def run(how=CONTAINER, resources=(VM,), **fields):
        kustomization: dict[str, list[str]] = {"resources": []}
        for number, resource in enumerate(resources):
            (tmp_path / f"resource{number}.yaml").write_text(resource)
            kustomization["resources"].append(f"resource{number}.yaml")
        for field, configs in fields.items():
            kustomization[field] = []
            for config in configs:
                name = f"{field}-{config['kind'].lower()}"
                metadata = {"name": name, "annotations": {"config.kubernetes.io/function": yaml.safe_dump(how)}}
                whole = {"apiVersion": "krm-fn.dev/v1alpha1", "metadata": metadata, **config}
                (tmp_path / f"{name}.yaml").write_text(yaml.safe_dump(whole))
                kustomization[field].append(f"{name}.yaml")
        (tmp_path / "kustomization.yaml").write_text(yaml.safe_dump(kustomization))
        command = [
            kustomize,
            "build",
            "--enable-alpha-plugins",
            *(["--enable-exec"] if how is EXEC else []),
            str(tmp_path),
        ]
        return subprocess.run(command, env=env if how is EXEC else with_docker, capture_output=True, text=True)

    return run


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"generators": [CATALOG]}, id="generator"),
        pytest.param({"transformers": [RENDERER]}, id="transformer"),
        pytest.param({"transformers": [VALIDATOR]}, id="validator among the transformers"),
        # kustomize compares the very nodes around `validators:`, so only after a function that passes them on (#5036)
        pytest.param({"transformers": [VALIDATOR], "validators": [VALIDATOR]}, id="validator"),
        pytest.param(
            {"generators": [CATALOG], "transformers": [RENDERER, VALIDATOR], "validators": [VALIDATOR]}, id="all three"
        ),
    ],
)
def test_container_gives_the_bytes_that_exec_gives(build, fields):
    container, direct = build(**fields), build(EXEC, **fields)
    assert container.returncode == 0, container.stderr
    assert direct.returncode == 0, direct.stderr
    assert container.stdout == direct.stdout
    kinds = {document["kind"] for document in yaml.safe_load_all(container.stdout)}
    assert "VirtualMachine" in kinds
    assert ("VirtualMachineClusterInstancetype" in kinds) == ("generators" in fields)


def test_transformer_expands(build):
    (vm,) = yaml.safe_load_all(build(transformers=[RENDERER]).stdout)
    assert "instancetype" not in vm["spec"]
    assert vm["spec"]["template"]["spec"]["domain"]["memory"]["guest"] == "4Gi"


def test_validator_ends_the_build_and_says_what_to_write(build):
    wrong = VM.replace("runStrategy: Always", "runStrategie: Always")
    done = build(resources=[wrong], validators=[VALIDATOR])
    assert done.returncode != 0
    assert done.stdout == ""
    assert "spec.runStrategie" in done.stderr
    assert "runStrategy" in done.stderr


def test_what_no_catalog_has_ends_the_build(build):
    done = build(resources=[VM.replace("u1.medium", "u1.mediun")], transformers=[RENDERER])
    assert done.returncode != 0
    assert done.stdout == ""
    assert "u1.medium" in done.stderr


@pytest.mark.parametrize(
    "folder",
    sorted(
        path.parent.relative_to(ROOT / "kustomize").as_posix()
        for path in (ROOT / "kustomize/bases").glob("*/kustomization.yaml")
    ),
)
def test_packaged_bases_build(kustomize, with_docker, env, folder):
    """The bases that name the image, as they are; those for exec beside them give the same."""
    options = ["--enable-alpha-plugins", "--enable-exec"] if folder.endswith("-exec") else ["--enable-alpha-plugins"]
    done = subprocess.run(
        [kustomize, "build", *options, ROOT / "kustomize" / folder],
        env=env if folder.endswith("-exec") else with_docker,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert len(list(yaml.safe_load_all(done.stdout))) > 100


@pytest.mark.parametrize("overlay", ["dev", "prod"])
def test_quickstart_builds_with_the_container(kustomize, with_docker, tmp_path, overlay):
    """The same example with the component that names the image in place of the one for exec."""
    copy = shutil.copytree(ROOT / "kustomize", tmp_path / "kustomize")
    folder = copy / "examples/quickstart/overlays" / overlay
    path = folder / "kustomization.yaml"
    path.write_text(path.read_text().replace("render-vms-exec", "render-vms"))
    done = subprocess.run(
        [kustomize, "build", "--enable-alpha-plugins", folder], env=with_docker, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    (vm,) = [document for document in yaml.safe_load_all(done.stdout) if document["kind"] == "VirtualMachine"]
    assert vm["metadata"]["namespace"] == f"shop-{overlay}"
    assert "instancetype" not in vm["spec"]
