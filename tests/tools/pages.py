"""Run the commands of pages that can be followed from nothing, and write what they print into them.

    python tests/tools/pages.py [--check] [PAGE ...]

A page is followed from top to bottom in one empty directory. `<!-- file: NAME -->` before a block saves it;
`<!-- run -->`, a block of commands, what they printed and `<!-- /run -->` run them; `<!-- run quiet -->` shows no output.
"""

from __future__ import annotations

import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = sorted(path for path in (ROOT / "docs").glob("*.md") if "<!-- run" in path.read_text())
STEP = re.compile(
    r"<!-- file: (?P<file>\S+) -->\n```\w*\n(?P<content>.*?)```\n"
    r"|<!-- run(?P<quiet> quiet)? -->\n```sh\n(?P<commands>.*?)```\n(?:```\w*\n.*?```\n)?<!-- /run -->",
    re.DOTALL,
)


def followed(text: str) -> str:
    """The page with what its commands print."""
    with tempfile.TemporaryDirectory() as folder:
        return STEP.sub(lambda step: _done(step, pathlib.Path(folder)), text)


def _done(step: re.Match[str], folder: pathlib.Path) -> str:
    if step["file"]:
        path = folder / step["file"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(step["content"])
        return step[0]
    printed = _run(step["commands"], folder)
    shown = "" if step["quiet"] else f"```\n{printed}```\n"
    return f"<!-- run{step['quiet'] or ''} -->\n```sh\n{step['commands']}```\n{shown}<!-- /run -->"


def _run(commands: str, folder: pathlib.Path) -> str:
    path = os.pathsep.join((str(pathlib.Path(sys.executable).parent), str(ROOT / "bin"), os.environ.get("PATH", "")))
    author = {f"GIT_{who}_{what}": "docs" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    environment = {**os.environ, **author, "PATH": path, "HOME": str(folder), "GIT_CONFIG_GLOBAL": os.devnull}
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", commands],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode not in (0, 1):
        raise SystemExit(f"{commands}ended with {done.returncode}:\n{done.stdout}")
    return done.stdout


def main(arguments: list[str]) -> int:
    status = 0
    for page in [pathlib.Path(name) for name in arguments if not name.startswith("-")] or PAGES:
        text = page.read_text()
        wanted = followed(text)
        if "--check" not in arguments:
            page.write_text(wanted)
        elif text != wanted:
            print(f"{page} does not say what its commands print: run `make golden` and review the change")
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
