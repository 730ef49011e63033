"""The documentation as a site: every page in it, every link checked, search without a network."""

from __future__ import annotations

import html.parser
import json
import pathlib
import subprocess
import sys

import pytest
from support import ROOT

MKDOCS = pathlib.Path(sys.executable).parent / "mkdocs"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run([MKDOCS, "build", "--strict", "--site-dir", folder], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder


class Loads(html.parser.HTMLParser):
    """What a page loads by itself, links for people left out."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if tag in ("script", "img", "iframe"):
            self.found.append(values.get("src") or "")
        if tag == "link" and values.get("rel") in ("stylesheet", "preconnect", "icon"):
            self.found.append(values.get("href") or "")


def test_every_page_is_there_and_in_the_navigation(site):
    start = (site / "index.html").read_text()
    for page in (ROOT / "docs").glob("*.md"):
        assert (site / f"{page.stem}.html").is_file(), page
        assert page.stem == "index" or f'href="{page.stem}.html"' in start, page


def test_search_knows_the_pages_and_lies_beside_them(site):
    index = json.loads((site / "search/search_index.json").read_text())
    assert {entry["location"].partition("#")[0] for entry in index["docs"]} >= {
        "series.html",
        "rendering.html",
        "rules.html",
    }


def test_no_page_loads_anything_from_elsewhere(site):
    for page in site.rglob("*.html"):
        assert [address for address in Loads(page.read_text()).found if "//" in address] == [], page.name


def test_a_dead_link_stops_the_build(tmp_path):
    for name in ("docs", ".ci/docs"):
        target = tmp_path / name
        target.mkdir(parents=True)
        for file in (ROOT / name).glob("*.*"):
            target.joinpath(file.name).write_bytes(file.read_bytes())
    (tmp_path / "mkdocs.yml").write_bytes((ROOT / "mkdocs.yml").read_bytes())
    (tmp_path / "docs/index.md").write_text("# Start\n\n[there](nowhere.md)\n")
    for folder in ("kustomize", "krm_fn", "schemas", "tests", "catalog"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    command = [MKDOCS, "build", "--strict", "--site-dir", tmp_path / "site"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode != 0
    assert "nowhere.md" in done.stderr
