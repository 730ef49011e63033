"""What mkdocs doesn't do by itself: links from docs/ into the repository lead to it, and a page that nobody listed is listed."""

from __future__ import annotations

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
BLOB = "https://github.com/krm-fn/krm-fn/blob/main/"
OUTSIDE = re.compile(r"\]\(\.\./([^)#\s]+)(#[^)\s]*)?\)")
MORE = "How to"


def on_config(config):
    """Put pages that the navigation leaves out at the end of a section, so that a new page is there at once."""
    listed = re.findall(r"[\w-]+\.md", str(config["nav"]))
    section = next(entry[MORE] for entry in config["nav"] if MORE in entry)
    section += sorted(path.name for path in (ROOT / "docs").glob("*.md") if path.name not in listed)
    return config


def on_page_markdown(markdown, page, config, files):  # noqa: ARG001 - mkdocs names them
    """Turn ../FILE into a link to the file in the repository; a file that isn't there stops the build."""

    def link(match):
        if not (ROOT / match[1]).exists():
            raise FileNotFoundError(f"docs/{page.file.src_uri} leads to {match[1]}, which is not there")
        return f"]({BLOB}{match[1]}{match[2] or ''})"

    return OUTSIDE.sub(link, markdown)
