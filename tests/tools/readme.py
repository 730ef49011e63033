"""Run the README's own examples and write what comes out into it, and the tables of kinds, commands and sources.

    python tests/tools/readme.py [--check]

The series and the VM are the README's first two YAML blocks; their output goes between the markers of the same name.
"""

from __future__ import annotations

import pathlib
import re
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING

from krm_fn.cli import COMMANDS
from krm_fn.importers.sources import SOURCES
from krm_fn.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT = pathlib.Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
IMPORTS = ROOT / "docs" / "import.md"
KRM_FN = str(pathlib.Path(sys.executable).parent / "krm-fn")


def run(text: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([KRM_FN, *arguments, "-"], input=text, capture_output=True, text=True)


def between(text: str, marker: str, content: str) -> str:
    start, end = f"<!-- {marker} -->\n", f"<!-- /{marker} -->"
    before, rest = text.split(start, 1)
    return f"{before}{start}{content}{end}{rest.split(end, 1)[1]}"


def fenced(content: str, language: str) -> str:
    return f"```{language}\n{content}```\n"


def table(head: str, rows: Iterable[tuple[str, str, str]], below: str = "") -> str:
    """Names with their pages and what they are; `below`: the folder of the page that holds the table."""
    lines = [f"| {name} | {summary} | [{stem(docs)}]({docs.removeprefix(below)}) |\n" for name, summary, docs in rows]
    return f"| {head} | what | page |\n|---|---|---|\n{''.join(lines)}"


def stem(docs: str) -> str:
    return pathlib.PurePath(docs).stem


def rewritten(text: str) -> str:
    """The README with the output of its examples."""
    series, vm = examples(text)
    made = run(series, "generate").stdout.split("---\n")
    text = between(text, "series", fenced(made[2], "yaml"))
    text = between(text, "vm", fenced(run(vm, "render", "--revisions", "none").stdout, "yaml"))
    text = between(text, "kinds", table("kind", ((name, kind.summary, kind.docs) for name, kind in KINDS.items())))
    commands = ((f"`{name}`", row.summary, row.docs) for name, row in COMMANDS.items())
    text = between(text, "commands", table("command", commands))
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "vm.yaml").write_text(vm.replace("u1.medium", "u1.medum"))
        wrong = subprocess.run([KRM_FN, "render", "vm.yaml"], cwd=folder, capture_output=True, text=True).stderr
    return between(text, "mistake", fenced(wrong, ""))


def rewritten_imports(text: str) -> str:
    """The page about importing with its table of sources."""
    rows = ((f"`{name}`", f"`{row.listing}`", row.docs) for name, row in SOURCES.items())
    return between(text, "sources", table("source", rows, "docs/"))


def examples(text: str) -> tuple[str, str]:
    """The series and the VM: the YAML blocks outside the markers, in order."""
    outside = re.sub(r"<!-- (\w+) -->\n.*?<!-- /\1 -->", "", text, flags=re.DOTALL)
    series, vm = re.findall(r"```yaml\n(.*?)```", outside, re.DOTALL)[:2]
    return series, vm


def main() -> int:
    status = 0
    for page, rewrite in ((README, rewritten), (IMPORTS, rewritten_imports)):
        text = page.read_text()
        wanted = rewrite(text)
        if "--check" not in sys.argv:
            page.write_text(wanted)
        elif text != wanted:
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
