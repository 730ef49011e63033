"""A real Chromium, and the site of the common catalog as files on disk."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from support import CI

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="session")
def browser():
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        message = "there is no Chromium on this machine: run `make browser INSTALL=1`, or install one"
        pytest.fail(message) if CI else pytest.skip(message)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # a sandbox in a sandbox is refused, and the pages are our own
        running = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture(scope="session")
def site(command, tmp_path_factory):
    folder = tmp_path_factory.mktemp("site") / "below" / "a path"
    subprocess.run([command, "catalog", "site", "-O", str(folder)], check=True)
    return folder


@pytest.fixture
def open_page(browser, site):
    """Open a page of the site. What the page asks for beyond its files, and every error in it, fails the test."""
    contexts, wrong = [], []

    def run(path="index.html", *, folder=site, width=1280, height=900, **settings):
        context = browser.new_context(viewport={"width": width, "height": height}, **settings)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(5000)
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda request: wrong.append(request.url) if not request.url.startswith("file:") else None)
        page.goto(f"{folder.as_uri()}/{path}")
        return page

    yield run
    for context in contexts:
        context.close()
    assert wrong == []
