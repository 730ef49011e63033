"""`krm-fn build` with the real kustomize: the same as the pipe, and what goes wrong."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from support import ROOT

pytestmark = pytest.mark.usefixtures("kustomize")
EXAMPLES = ROOT / "kustomize/examples"


@pytest.fixture
def run(env, command):
    def call(*arguments, **more):
        return subprocess.run([command, *arguments], capture_output=True, text=True, env=env, **more)

    return call


def test_the_answer_is_that_of_the_pipe(run, kustomize, env):
    done = run("build", str(EXAMPLES / "build"))
    assert done.returncode == 0, done.stderr
    plain = subprocess.run([kustomize, "build", str(EXAMPLES / "build")], capture_output=True, text=True, env=env)
    piped = run("render", "-", input=plain.stdout)
    assert done.stdout == piped.stdout
    assert "name: dev-shop\n" in done.stdout
    assert "krm-fn.dev/v1alpha1" not in done.stdout


def test_a_kustomization_that_calls_functions_needs_to_be_allowed_to(run):
    prod = str(EXAMPLES / "quickstart/overlays/prod")
    done = run("build", prod)
    assert (done.returncode, done.stdout) == (3, "")
    assert "--enable-alpha-plugins" in done.stderr
    done = run("build", "--enable-alpha-plugins", "--enable-exec", prod)
    assert done.returncode == 0, done.stderr
    assert "kubevirt.io/instancetype-name: web.large" in done.stdout


def test_a_series_that_kustomize_does_not_print_is_named(run):
    done = run("build", str(EXAMPLES / "quickstart/base"))
    assert (done.returncode, done.stdout) == (1, "")
    assert "base/series.yaml: is annotated config.kubernetes.io/local-config" in done.stderr
    assert "matcher/not-found" in done.stderr


def test_an_object_of_two_directories_is_an_error(run, tmp_path):
    shutil.copytree(EXAMPLES / "build", tmp_path / "a")
    shutil.copytree(EXAMPLES / "build", tmp_path / "b")
    done = run("build", "a", "b", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "VirtualMachine shop/dev-shop: metadata.name: comes out of a and of b" in done.stderr
    done = run("build", "a", "a", cwd=tmp_path)
    assert done.returncode == 0, done.stderr


def test_a_directory_with_a_dash_is_no_option(run, tmp_path):
    shutil.copytree(EXAMPLES / "build", tmp_path / "--enable-helm")
    done = run("build", "--", "--enable-helm", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "name: dev-shop" in done.stdout
