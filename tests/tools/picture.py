"""Write docs/images/diff.svg: what `krm-fn diff` prints on a terminal for tests/data/change, as a picture.

The text is the command's own, with its colours; this only places it. A test holds the picture against what this writes.
"""

from __future__ import annotations

import argparse
import html
import os
import pathlib
import re

from krm_fn.commands import diff
from krm_fn.report import changes_text

ROOT = pathlib.Path(__file__).resolve().parents[2]
PICTURE = ROOT / "docs" / "images" / "diff.svg"
DATA = pathlib.Path("tests/data/change")
COMMAND = "krm-fn diff --since origin/main --cluster kubevirt.yaml"
COLUMNS, WIDTH, HEIGHT, TOP = 118, 8.4, 19, 34
COLOURS = {"31": "#f2777a", "32": "#99cc99", "33": "#ffcc66", "1": "#ffffff", "2": "#8f9193"}
_CODE = re.compile(r"\x1b\[(\d+)m")


def printed() -> str:
    """What the command prints in colour."""
    parser = argparse.ArgumentParser()
    diff.configure(parser)
    here = pathlib.Path.cwd()
    os.chdir(ROOT)
    try:
        sides = [str(DATA / side) for side in ("before", "after")]
        options = parser.parse_args([*sides, "--cluster", str(DATA / "kubevirt.yaml")])
        return changes_text.write(diff.compared(options), colour=True)
    finally:
        os.chdir(here)


def folded(line: str) -> list[str]:
    """A line in pieces of the picture's width, broken at spaces; codes take no room."""
    out, room = [""], COLUMNS
    for word in re.split(r"(?<= )", line):
        length = len(_CODE.sub("", word))
        if length > room and out[-1].strip():
            out.append("    ")
            room = COLUMNS - 4
        out[-1] += word
        room -= length
    return out


def svg(text: str) -> str:
    """The picture of a text."""
    lines = [piece for line in f"$ {COMMAND}\n{text}".splitlines() for piece in folded(line)]
    size = f'width="{COLUMNS * WIDTH + 32:.0f}" height="{len(lines) * HEIGHT + TOP + 16}"'
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="ui-monospace, Menlo, Consolas, monospace" font-size="14">',
        "<title>krm-fn diff on a terminal</title>",
        '<rect width="100%" height="100%" rx="8" fill="#1d1f21"/>',
        *(
            f'<circle cx="{x}" cy="16" r="5" fill="{fill}"/>'
            for x, fill in ((20, "#f2777a"), (38, "#ffcc66"), (56, "#99cc99"))
        ),
    ]
    colour = ""
    for number, line in enumerate(lines):
        spans = []
        for index, part in enumerate(_CODE.split(line)):
            if index % 2:
                colour = "" if part == "0" else part
            elif part:
                fill = f' fill="{COLOURS[colour]}"' if colour else ""
                spans.append(f"<tspan{fill}>{html.escape(part)}</tspan>")
        y = TOP + HEIGHT * (number + 1) - 5
        out.append(f'<text x="16" y="{y}" fill="#c5c8c6" xml:space="preserve">{"".join(spans)}</text>')
    return "\n".join([*out, "</svg>"]) + "\n"


def main() -> None:
    PICTURE.write_text(svg(printed()))


if __name__ == "__main__":
    main()
