"""The real kpt: block YAML stays on disk, comments stay, and doing it twice changes nothing."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest
import yaml
from support import ROOT

RENDERER = """\
apiVersion: krm-fn.dev/v1alpha1
kind: VirtualMachineRenderer
metadata:
  name: render
  annotations:
    config.kubernetes.io/local-config: "true"
spec:
  mode: {mode}
"""
KPTFILE = """\
apiVersion: kpt.dev/v1
kind: Kptfile
metadata:
  name: shop
  annotations:
    config.kubernetes.io/local-config: "true"
pipeline:
  mutators:
  - exec: {command}
    configPath: renderer.yaml
"""


@pytest.fixture
def package(tmp_path, command):
    folder = tmp_path / "shop"
    shutil.copytree(ROOT / "kustomize" / "examples" / "quickstart" / "base", folder)
    (folder / "kustomization.yaml").unlink()
    vm = folder / "vm.yaml"
    vm.write_text(vm.read_text().replace("  runStrategy", "  # started with its node\n  runStrategy"))
    (folder / "Kptfile").write_text(KPTFILE.format(command=command))

    def write(mode):
        (folder / "renderer.yaml").write_text(RENDERER.format(mode=mode))
        return folder

    return write


def files(folder):
    return {str(path.relative_to(folder)): path.read_text() for path in sorted(folder.rglob("*")) if path.is_file()}


def render(kpt, folder, status=0):
    done = subprocess.run(
        [kpt, "fn", "render", str(folder), "--allow-exec", "--truncate-output=false"], capture_output=True, text=True
    )
    assert done.returncode == status, done.stderr
    return done


def test_fn_eval_leaves_block_yaml_on_disk(kpt, package, command):
    folder = package("expand")
    done = subprocess.run(
        [kpt, "fn", "eval", str(folder), "--exec", command, "--fn-config", str(folder / "renderer.yaml")],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    text = (folder / "vm.yaml").read_text()
    assert "  # started with its node\n  runStrategy: Always\n" in text
    assert "instancetype" not in yaml.safe_load(text)["spec"]
    for name, content in files(folder).items():
        assert not content.lstrip().startswith("{"), name


@pytest.mark.parametrize("mode", ["expand", "pin"])
def test_rendering_a_package_twice_changes_nothing(kpt, package, mode):
    folder = package(mode)
    render(kpt, folder)
    once = files(folder)
    assert len(once) > 4
    render(kpt, folder)
    assert files(folder) == once


def test_generated_files_follow_their_series(kpt, package):
    folder = package("expand")
    render(kpt, folder)
    made = {name for name in files(folder) if name.startswith("web/")}
    assert made == {f"web/virtualmachineinstancetype_web.{size}.yaml" for size in ("small", "medium", "large")}
    series = folder / "series.yaml"
    definition = yaml.safe_load(series.read_text())
    del definition["spec"]["sizes"]["large"]
    series.write_text(yaml.safe_dump(definition))
    render(kpt, folder)
    assert {name for name in files(folder) if name.startswith("web/")} == made - {
        "web/virtualmachineinstancetype_web.large.yaml"
    }


def test_a_mistake_changes_no_file_and_stands_in_the_results(kpt, package, tmp_path):
    folder = package("expand")
    vm = folder / "vm.yaml"
    vm.write_text(vm.read_text().replace("web.small", "web.smal"))
    before = files(folder)
    done = subprocess.run(
        [kpt, "fn", "render", str(folder), "--allow-exec", "--results-dir", str(tmp_path / "results")],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert files(folder) == before
    (found,) = [
        result
        for item in yaml.safe_load((tmp_path / "results" / "results.yaml").read_text())["items"]
        for result in item["results"]
    ]
    assert found["field"]["path"] == "spec.instancetype.name"
    assert found["file"]["path"] == "vm.yaml"
    assert json.dumps(found)
