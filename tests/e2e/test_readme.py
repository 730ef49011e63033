"""The README says what the program does: its examples are run, and its numbers stand in the repository."""

from __future__ import annotations

import re
import subprocess
import sys

from support import ROOT

from krm_fn import __version__


def test_the_examples_output_is_what_comes_out():
    done = subprocess.run([sys.executable, str(ROOT / "tests" / "tools" / "readme.py"), "--check"])
    assert done.returncode == 0, "run `make golden` and review the change"


def test_its_links_lead_somewhere():
    for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md"), ROOT / "ARCHITECTURE.md", ROOT / "CONTRIBUTING.md"):
        for target in re.findall(r"\]\(([^)#]+)", page.read_text()):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_compared_numbers_are_those_of_the_catalog():
    files = [*(ROOT / "catalog" / "common").glob("*.yaml"), ROOT / "catalog" / "traits.yaml"]
    lines = sum(len(file.read_text().splitlines()) for file in files)
    readme = (ROOT / "README.md").read_text()
    assert f"| files | 351 | {len(files)} |" in readme
    assert f"| lines of YAML | 5,240 | {lines} |" in readme
    assert lines <= 500


def test_every_image_name_has_the_version_of_the_package():
    named = [
        (path, version)
        for pattern in ("README.md", "docs/*.md", "kustomize/**/*.yaml", "krm_fn/**/*.py")
        for path in ROOT.glob(pattern)
        for version in re.findall(r"ghcr\.io/krm-fn/krm-fn:v([0-9.]+[0-9])", path.read_text())
    ]
    assert named
    assert {version for _, version in named} == {__version__}
