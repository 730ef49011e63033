"""A repository of `krm-fn new repo` builds at once, with the real kustomize, and what it builds is valid."""

from __future__ import annotations

import subprocess

import pytest
import yaml


def run(*arguments, cwd, env):
    done = subprocess.run(arguments, cwd=cwd, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("target", ["kustomize", "argocd", "flux"])
def test_both_overlays_build_and_are_valid(target, kustomize, env, tmp_path):
    run("krm-fn", "new", "repo", "shop", "--for", target, cwd=tmp_path, env=env)
    for file in (tmp_path / "shop/vms/renderer").iterdir():
        text = file.read_text()  # without a container engine: the same function over exec
        start = text.find("container:")
        if start >= 0:
            file.write_text(text[:start] + "exec:\n        path: krm-fn\n" + text[start:].split("\n", 2)[2])
    memory = {}
    for overlay in ("dev", "prod"):
        built = run(
            kustomize, "build", "--enable-alpha-plugins", "--enable-exec", f"shop/vms/overlays/{overlay}",
            cwd=tmp_path, env=env,
        )  # fmt: skip
        (tmp_path / "built.yaml").write_text(built)
        run("krm-fn", "check", "built.yaml", cwd=tmp_path, env=env)
        run("krm-fn", "validate", "built.yaml", cwd=tmp_path, env=env)
        (vm,) = [item for item in yaml.safe_load_all(built) if item["kind"] == "VirtualMachine"]
        memory[overlay] = vm["spec"]["template"]["spec"]["domain"]["memory"]["guest"]
    assert memory == {"dev": "2Gi", "prod": "16Gi"}
    run("krm-fn", "validate", "--skip-other", "shop", cwd=tmp_path, env=env)


def test_a_kpt_package_renders_from_its_files(env, tmp_path):
    run("krm-fn", "new", "repo", "shop", "--for", "kpt", cwd=tmp_path, env=env)
    out = run("krm-fn", "render", "shop/vms", cwd=tmp_path, env=env)
    assert "kind: ControllerRevision" in out
    run("krm-fn", "validate", "shop/vms", cwd=tmp_path, env=env)
