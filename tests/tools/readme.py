"""Run the README's own examples and write what comes out into it.

    python tests/tools/readme.py [--check]

The series and the VM are the README's first two YAML blocks; their output goes between the markers of the same name.
"""

from __future__ import annotations

import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
KRM_FN = str(pathlib.Path(sys.executable).parent / "krm-fn")


def run(text: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([KRM_FN, *arguments, "-"], input=text, capture_output=True, text=True)


def between(text: str, marker: str, content: str, language: str) -> str:
    start, end = f"<!-- {marker} -->\n", f"<!-- /{marker} -->"
    before, rest = text.split(start, 1)
    return f"{before}{start}```{language}\n{content}```\n{end}{rest.split(end, 1)[1]}"


def rewritten(text: str) -> str:
    """The README with the output of its examples."""
    series, vm = examples(text)
    made = run(series, "generate").stdout.split("---\n")
    text = between(text, "series", made[2], "yaml")
    text = between(text, "vm", run(vm, "render", "--revisions", "none").stdout, "yaml")
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "vm.yaml").write_text(vm.replace("u1.medium", "u1.medum"))
        wrong = subprocess.run([KRM_FN, "render", "vm.yaml"], cwd=folder, capture_output=True, text=True).stderr
    return between(text, "mistake", wrong, "")


def examples(text: str) -> tuple[str, str]:
    """The series and the VM: the YAML blocks outside the markers, in order."""
    outside = re.sub(r"<!-- (\w+) -->\n.*?<!-- /\1 -->", "", text, flags=re.DOTALL)
    series, vm = re.findall(r"```yaml\n(.*?)```", outside, re.DOTALL)[:2]
    return series, vm


def main() -> int:
    text = README.read_text()
    wanted = rewritten(text)
    if "--check" in sys.argv:
        return 0 if text == wanted else 1
    README.write_text(wanted)
    return 0


if __name__ == "__main__":
    sys.exit(main())
