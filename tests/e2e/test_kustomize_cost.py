"""What is left out of an answer because kustomize pays for it changes no byte of a build."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest
from support import ROOT

WHOLE = """\
#!{python}
import sys
from krm_fn.core import kustomize
kustomize.light = lambda given, config, items, key: items
from krm_fn.main import main
sys.exit(main([]))
"""
OVERLAY = """\
namePrefix: {name}-
namespace: {name}
labels: [{{pairs: {{overlay: {name}}}, includeSelectors: true}}]
resources: [{base}]
"""


@pytest.fixture
def build(kustomize, env, tmp_path):
    """Run a build twice: as it is, and with a function whose answers hold everything."""

    def run(folder):
        whole = tmp_path / "whole" / "krm-fn"
        whole.parent.mkdir(exist_ok=True)
        whole.write_text(WHOLE.format(python=sys.executable))
        whole.chmod(0o755)
        out = []
        for path in (env["PATH"], f"{whole.parent}:{env['PATH']}"):
            command = [kustomize, "build", "--enable-alpha-plugins", "--enable-exec", str(folder)]
            done = subprocess.run(command, capture_output=True, text=True, env={**env, "PATH": path})
            assert done.returncode == 0, done.stderr
            out.append(done.stdout)
        return out

    return run


@pytest.fixture
def overlays(tmp_path):
    """The quickstart in two overlays of its own, the renderer in the inner one."""
    shutil.copytree(ROOT / "kustomize", tmp_path / "kustomize")
    base = tmp_path / "kustomize/examples/quickstart/base"
    inner, outer = tmp_path / "kustomize/examples/inner", tmp_path / "kustomize/examples/outer"
    for folder in (inner, outer):
        folder.mkdir()
    (inner / "kustomization.yaml").write_text(
        OVERLAY.format(name="inner", base="../quickstart/base") + "components: [../../components/render-vms-exec]\n"
    )
    (outer / "kustomization.yaml").write_text(OVERLAY.format(name="outer", base="../inner"))
    assert base.is_dir()
    return {"inner": inner, "outer": outer}


@pytest.mark.parametrize("which", ["inner", "outer"])
def test_builds_are_equal_to_the_byte(build, overlays, which):
    light, whole = build(overlays[which])
    assert light == whole
    assert "kind: VirtualMachine\n" in light
    assert "config.kubernetes.io" not in light


def test_a_generated_catalog_differs_by_its_origin_alone(build):
    light, whole = build(ROOT / "kustomize/bases/common-catalog-exec")
    assert light.splitlines() == [line for line in whole.splitlines() if "krm-fn.dev/origin:" not in line]
    assert light.count("kind: VirtualMachine") == 119
