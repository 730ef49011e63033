"""The version stands in krm_fn/__init__.py. Examples, docs and workflows that name a release follow it.

version.py 0.2.0        set it, everywhere; CHANGELOG.md's "Unreleased" becomes its heading
version.py --check      name each place that says another version; exit status 1 when there is one
version.py --check --tag v0.2.0     and the tag, too
version.py --notes      the newest heading of CHANGELOG.md, for the release
"""

from __future__ import annotations

import argparse
import datetime as dt
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
HOME = ROOT / "krm_fn" / "__init__.py"
CHANGES = ROOT / "CHANGELOG.md"
FOLDERS = (".github", ".pre-commit-hooks.yaml", "README.md", "SECURITY.md", "action.yml", "docs", "kustomize")
"""What names releases of ours."""

NAMED = re.compile(
    r"(?P<before>krm-fn(?:\.git)?(?:/[\w./-]*)?(?::|@|==|/tree/)v?|^\s*rev: v|^\s*default: )(?P<version>\d+\.\d+\.\d+)"
    r"(?![\d.]*\d)"
)
"""A release of ours: an image's tag, an action's or a package's version, pre-commit's revision, a workflow's default."""


def current() -> str:
    return re.search(r'^__version__ = "(.+)"$', HOME.read_text(), re.MULTILINE)[1]


def places() -> list[tuple[pathlib.Path, int, str]]:
    """(file, line number, version) of every place that names a release of ours."""
    listed = subprocess.run(["git", "ls-files", "--", *FOLDERS], cwd=ROOT, capture_output=True, text=True, check=True)
    return [
        (path, number, match["version"])
        for path in (ROOT / name for name in listed.stdout.split("\n") if name)
        if path.suffix in ("", ".md", ".yaml", ".yml", ".py", ".sh") and path.is_file()
        for number, line in enumerate(path.read_text().splitlines(), 1)
        for match in NAMED.finditer(line)
    ]


def set_version(version: str) -> None:
    """Write a version into its home, the places that follow, and the changelog's heading."""
    old = current()
    HOME.write_text(HOME.read_text().replace(f'"{old}"', f'"{version}"'))
    for path in sorted({path for path, _, _ in places()}):
        lines = path.read_text().splitlines(keepends=True)
        path.write_text("".join(NAMED.sub(rf"\g<before>{version}", line) for line in lines))
    today = dt.datetime.now(dt.UTC).date()
    CHANGES.write_text(CHANGES.read_text().replace("## Unreleased\n", f"## Unreleased\n\n## {version} - {today}\n", 1))


def notes() -> str:
    """What CHANGELOG.md says under the version's heading, or under Unreleased before there is one."""
    sections = re.split(r"^## ", CHANGES.read_text(), flags=re.MULTILINE)[1:]
    wanted = [section for section in sections if section.startswith(current())] or sections[:1]
    return wanted[0].partition("\n")[2].strip() + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("version", nargs="?")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--tag")
    parser.add_argument("--notes", action="store_true")
    options = parser.parse_args()
    if options.notes:
        print(notes(), end="")
        return 0
    if options.version:
        if not re.fullmatch(r"\d+\.\d+\.\d+((a|b|rc)\d+)?", options.version):
            parser.error(f"{options.version} is no version: write it as 0.2.0")
        set_version(options.version)
        return 0
    wrong = [
        f"{path.relative_to(ROOT)}:{number}: {version}" for path, number, version in places() if version != current()
    ]
    if options.tag not in (None, f"v{current()}"):
        wrong.append(f"the tag is {options.tag}")
    if wrong:
        print(f"these don't say {current()}: run `make version VERSION={current()}`", *wrong, sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
