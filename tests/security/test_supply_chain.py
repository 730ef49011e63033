"""Locks that follow the declared dependencies, and a bill of materials that follows the lock."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib

import pytest
from support import ROOT

from krm_fn import __version__

NAME = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)", re.MULTILINE)


def locked(path: str) -> dict[str, str]:
    return dict(NAME.findall((ROOT / path).read_text()))


def normal(requirement: str) -> str:
    return re.sub("[-_.]+", "-", re.match(r"[A-Za-z0-9._-]+", requirement)[0]).lower()


@pytest.mark.parametrize("path", ["requirements.lock", ".ci/image/build.lock"])
def test_every_locked_package_has_hashes(path):
    entries = re.split(r"\n(?=[a-z0-9])", (ROOT / path).read_text())
    found = [entry for entry in entries if NAME.match(entry)]
    assert found
    assert [entry for entry in found if "--hash=sha256:" not in entry] == []


def test_the_lock_has_what_the_package_declares():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    declared = {normal(requirement) for requirement in project["project"]["dependencies"]}
    assert declared <= set(locked("requirements.lock"))
    built_with = {normal(requirement) for requirement in project["build-system"]["requires"]}
    assert built_with | {"pip"} <= set(locked(".ci/image/build.lock"))


def test_the_bill_of_materials_names_the_locked_packages_with_their_hashes():
    environment = {**os.environ, "PYTHON": sys.executable}
    done = subprocess.run([ROOT / ".ci/image/sbom.sh"], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    bom = json.loads((ROOT / "dist/krm-fn.cdx.json").read_text())
    assert bom["bomFormat"] == "CycloneDX"
    assert (bom["metadata"]["component"]["name"], bom["metadata"]["component"]["version"]) == ("krm-fn", __version__)
    assert {component["name"]: component["version"] for component in bom["components"]} == locked("requirements.lock")
    lock = (ROOT / "requirements.lock").read_text()
    for component in bom["components"]:
        hashes = [entry["content"] for reference in component["externalReferences"] for entry in reference["hashes"]]
        assert hashes
        assert [content for content in hashes if f"sha256:{content}" not in lock] == []
