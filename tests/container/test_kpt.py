"""The image in real `kpt fn eval` and `kpt fn render` runs."""

from __future__ import annotations

import re
import subprocess

import pytest
import yaml
from support import ROOT

from container.conftest import IMAGE
from container.test_kustomize import VM
from krm_fn.kinds import KINDS

KPTFILE = f"""
apiVersion: kpt.dev/v1
kind: Kptfile
metadata: {{name: shop}}
pipeline:
  mutators:
  - {{image: {IMAGE}, configPath: renderer.yaml}}
  validators:
  - {{image: {IMAGE}, configPath: validator.yaml}}
"""
LOCAL = {"config.kubernetes.io/local-config": "true"}


def function(kind: str, **spec) -> str:
    metadata = {"name": kind.lower(), "annotations": LOCAL}
    return yaml.safe_dump({"apiVersion": "krm-fn.dev/v1alpha1", "kind": kind, "metadata": metadata, "spec": spec})


@pytest.fixture
def package(tmp_path):
    """A kpt package with one VM, a pipeline and its functionConfigs."""
    folder = tmp_path / "package"
    folder.mkdir()
    for name, text in {
        "Kptfile": KPTFILE,
        "vm.yaml": VM,
        "renderer.yaml": function("VirtualMachineRenderer"),
        "validator.yaml": function("ManifestValidator"),
    }.items():
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def fn(kpt, with_docker):
    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run([kpt, "fn", *map(str, arguments)], env=with_docker, capture_output=True, text=True)

    return run


def test_render_runs_the_pipeline(fn, package):
    done = fn("render", package)
    assert done.returncode == 0, done.stderr
    vm = yaml.safe_load((package / "vm.yaml").read_text())
    assert "instancetype" not in vm["spec"]
    assert (package / "vm.yaml").read_text().startswith("apiVersion: kubevirt.io/v1\nkind: VirtualMachine\n")


def test_rendering_what_was_rendered_changes_nothing(fn, package):
    assert fn("render", package).returncode == 0
    before = {path.name: path.read_bytes() for path in package.iterdir()}
    assert fn("render", package).returncode == 0
    # kpt notes in the Kptfile that it rendered; the manifests are ours
    after = {path.name: path.read_bytes() for path in package.iterdir()}
    assert {name: after[name] for name in before if name != "Kptfile"} == {
        name: before[name] for name in before if name != "Kptfile"
    }


def test_eval_as_generator_writes_files(fn, package):
    (package.parent / "catalog.yaml").write_text(function("CatalogGenerator", include=["u1.medium"]))
    done = fn("eval", package, "--image", IMAGE, "--fn-config", package.parent / "catalog.yaml")
    assert done.returncode == 0, done.stderr
    names = [
        document["metadata"]["name"]
        for path in package.glob("*.yaml")
        for document in yaml.safe_load_all(path.read_text())
    ]
    assert "u1.medium" in names


def test_eval_as_validator_reports_results(fn, package):
    (package / "vm.yaml").write_text(VM.replace("runStrategy: Always", "runStrategie: Always"))
    results = package.parent / "results"
    done = fn(
        "eval",
        package,
        "--image",
        IMAGE,
        "-t",
        "validator",
        "--fn-config",
        package / "validator.yaml",
        "--results-dir",
        results,
    )
    assert done.returncode != 0
    (found,) = yaml.safe_load((results / "results.yaml").read_text())["items"]
    first = found["results"][0]
    assert first["severity"] == "error"
    assert first["resourceRef"]["name"] == "shop"
    assert first["file"]["path"] == "vm.yaml"
    assert first["tags"]["rule"].startswith("schema/")


def test_a_failing_validator_leaves_the_package_as_it_was(fn, package):
    wrong = VM.replace("u1.medium", "u1.mediun")
    (package / "vm.yaml").write_text(wrong)
    assert fn("render", package).returncode != 0
    assert (package / "vm.yaml").read_text() == wrong


def test_doc_shows_the_help(fn):
    done = fn("doc", "--image", IMAGE)
    assert done.returncode == 0, done.stderr
    assert "VirtualMachineRenderer" in done.stdout + done.stderr


README = ROOT / "kustomize/kpt/README.md"
METADATA = yaml.safe_load((ROOT / "kustomize/kpt/metadata.yaml").read_text())


def section(name: str) -> str:
    """What the readme has between two of the markers that the catalog's tools look for."""
    return README.read_text().split(f"<!--mdtogo:{name}-->")[1].split("<!--mdtogo-->")[0].strip()


def test_the_readmes_examples_work_word_for_word(with_docker, tmp_path):
    """Every command of the readme; only the package is copied from here and not from GitHub."""
    lines = [
        line
        for block in re.findall(r"```shell\n(.*?)```", section("Examples"), re.DOTALL)
        for line in block.splitlines()
    ]
    script = "\n".join(line.removeprefix("$ ") for line in lines)
    script, count = re.subn(r"kpt pkg get \S+ (\S+)", rf"cp -r {ROOT}/kustomize/examples/kpt \1", script)
    assert count == 1
    done = subprocess.run(["bash", "-e", "-c", script], cwd=tmp_path, env=with_docker, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    package = tmp_path / "shop-vms"
    vm = yaml.safe_load((package / "vm.yaml").read_text())
    revisions = [yaml.safe_load(path.read_text()) for path in package.rglob("controllerrevision_*.yaml")]
    named = {vm["spec"][field]["revisionName"] for field in ("instancetype", "preference")}
    assert {revision["metadata"]["name"] for revision in revisions} == named
    assert (package / "virtualmachineinstancetype_u1.medium.yaml").is_file()
    assert (tmp_path / "results/results.yaml").is_file()


def test_the_functions_page_follows_the_catalogs_conventions():
    assert METADATA["image"] == IMAGE.rpartition(":")[0]
    assert set(METADATA) == {"image", "description", "tags", "sourceURL", "examplePackageURLs", "emails", "license"}
    assert set(METADATA["tags"]) == {"mutator", "validator"}
    assert section("Short") == METADATA["description"]
    for kind in KINDS:
        assert f"`{kind}`" in section("Long")
