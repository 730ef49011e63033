"""Each page's example, followed from nothing: what it says is printed is printed."""

from __future__ import annotations

import pathlib
import re
import shlex

import pytest
from commandline import run

from krm_fn.commands import adopt, convert, import_

DOCS = pathlib.Path(__file__).resolve().parents[3] / "docs"
COMMANDS = {"import": import_, "convert": convert, "adopt": adopt}
PAGES = (
    "import-aws",
    "import-gcp",
    "import-azure",
    "import-openstack",
    "import-flavor",
    "import-objects",
    "convert",
    "adopt",
)
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES)
def test_the_example_of_a_page_prints_what_it_says(page, tmp_path, monkeypatch, capsys):
    text = (DOCS / f"{page}.md").read_text()
    file = re.search(r"[Ss]ave this as `([\w.]+)`", text)
    blocks = BLOCK.findall(text, file.end())
    (_, content), (shell, command), (_, stdout), (_, stderr) = blocks[:4]
    assert shell == "sh"
    (tmp_path / file[1]).write_text(content)
    monkeypatch.chdir(tmp_path)
    program, name, *arguments = shlex.split(command)
    assert program == "krm-fn"
    assert run(COMMANDS[name], *arguments) == 0
    assert capsys.readouterr() == (stdout, stderr)
