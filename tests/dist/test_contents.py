"""What a release consists of: the wheel, the source archive, the krew plugin, and the one version in all of it."""

from __future__ import annotations

import importlib.util
import io
import pathlib
import subprocess
import sys
import tarfile
import zipfile

import pytest
import yaml
from support import ROOT

from krm_fn import __version__

TOP = {
    *("krm_fn", "catalog", "schemas", "kustomize", "docs", "tests", "requirements.lock", "mkdocs.yml", "pyproject.toml", "LICENSE"),
    *("README.md", "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "RELEASING.md", "SECURITY.md", "PKG-INFO", ".gitignore"),
}
"""What lies at the top of the source archive; .gitignore and PKG-INFO come from hatchling."""


def tracked(*folders: str) -> set[str]:
    done = subprocess.run(["git", "ls-files", *folders], cwd=ROOT, capture_output=True, text=True, check=True)
    return {name for name in done.stdout.splitlines() if (ROOT / name).is_file()}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    hatchling = pathlib.Path(sys.executable).parent / "hatchling"
    subprocess.run([hatchling, "build", "-d", folder], cwd=ROOT, check=True, capture_output=True)
    return folder


def test_the_wheel_has_the_package_its_data_and_nothing_else(built):
    (wheel,) = built.glob("*.whl")
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    data = {name.removeprefix("krm_fn/_data/") for name in names if name.startswith("krm_fn/_data/")}
    man = f"krm_fn-{__version__}.data/data/share/man/man1/krm-fn.1"
    assert {name for name in names if not name.startswith("krm_fn/_data/")} == tracked("krm_fn") | {man}
    assert data >= tracked("catalog", "schemas")
    assert data <= tracked("catalog", "schemas", "kustomize")
    assert wheel.name == f"krm_fn-{__version__}-py3-none-any.whl"
    assert wheel.stat().st_size < 2_000_000


def test_the_source_archive_has_what_builds_and_tests_it(built):
    (archive,) = built.glob("*.tar.gz")
    with tarfile.open(archive) as tar:
        names = {name.partition("/")[2] for name in tar.getnames()}
    assert {name.partition("/")[0] for name in names} <= TOP
    assert names >= tracked("krm_fn", "catalog", "schemas", "kustomize", "docs")
    assert "tests/unit/test_rule_table.py" in names


def test_the_source_archive_builds_the_same_wheel(built, tmp_path):
    (archive,) = built.glob("*.tar.gz")
    with tarfile.open(archive) as tar:
        tar.extractall(tmp_path, filter="data")
    (source,) = tmp_path.iterdir()
    hatchling = pathlib.Path(sys.executable).parent / "hatchling"
    subprocess.run([hatchling, "build", "-t", "wheel", "-d", tmp_path], cwd=source, check=True, capture_output=True)
    (ours,), (theirs,) = built.glob("*.whl"), tmp_path.glob("*.whl")
    assert ours.read_bytes() == theirs.read_bytes()


def test_the_krew_plugin_is_the_executable_and_the_licence(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    spec = importlib.util.spec_from_file_location("krew", ROOT / ".ci/dist/krew.py")
    krew = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(krew)
    (tmp_path / "krm-fn.pyz").write_bytes(b"#!/usr/bin/env python3\n")
    krew.main(tmp_path)
    first = (tmp_path / "kubectl-krm_fn.tar.gz").read_bytes()
    with tarfile.open(fileobj=io.BytesIO(first)) as tar:
        assert [(entry.name, entry.mode) for entry in tar] == [("kubectl-krm_fn", 0o755), ("LICENSE", 0o644)]
    manifest = yaml.safe_load((tmp_path / "krew.yaml").read_text())
    assert manifest["spec"]["version"] == f"v{__version__}"
    assert {f"/v{__version__}/" in platform["uri"] for platform in manifest["spec"]["platforms"]} == {True}
    krew.main(tmp_path)
    assert (tmp_path / "kubectl-krm_fn.tar.gz").read_bytes() == first


def test_every_place_that_names_a_release_names_this_version():
    done = subprocess.run([sys.executable, "tests/tools/version.py", "--check"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_a_tag_that_is_not_the_version_is_refused():
    command = [sys.executable, "tests/tools/version.py", "--check", "--tag", "v99.0.0"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1
    assert "v99.0.0" in done.stdout
