"""Exit statuses, and results on stderr: what the function and every command share."""

from __future__ import annotations

import os
import sys

from krm_fn.core.errors import FunctionConfigError
from krm_fn.core.finding import ERROR, SHOWN, WARNING, bounded, first, printable, to_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import TextIO

    from krm_fn.core.errors import KrmFnError
    from krm_fn.core.finding import Finding

DONE, FINDINGS, BUG, UNUSABLE, INTERRUPTED = 0, 1, 2, 3, 130
"""Exit statuses: done; error results; a bug in krm-fn; unusable input or functionConfig; stopped by Ctrl-C."""


SEVERITY_COLOURS = {ERROR: "31", WARNING: "33"}
BOLD, DIM = "1", "2"


def print_results(results: Iterable[Finding], line_of: Callable[[Finding], int] = lambda _result: 0) -> None:
    """Print each result as one line on stderr, errors first, as far as anybody reads.

    line_of: the line of its field in the file, 0 where that is not known.
    """
    found, more = first(results, SHOWN)
    colour = bool(found) and wants_colour(sys.stderr)
    for result in found:
        said = to_line(result, line_of(result))
        if colour:
            said = paint(result.severity, SEVERITY_COLOURS.get(result.severity, DIM)) + said.removeprefix(
                result.severity
            )
        sys.stderr.write(said + "\n")
    if more:
        sys.stderr.write(f"{found[0].severity}: {more}\n")


def report_failure(error: KrmFnError) -> None:
    """Print why krm-fn could not do its work."""
    if isinstance(error, FunctionConfigError):
        print_results(error.results)
    else:
        lines = str(error).splitlines() or [""]
        sys.stderr.write("\n".join(printable(bounded(line)) for line in [f"error: {lines[0]}", *lines[1:SHOWN]]) + "\n")


_state = {"quiet": False, "color": "auto"}


def be_quiet(*, quiet: bool = True) -> None:
    """Leave out notes from now on: what was written, what was skipped. Findings and failures still show."""
    _state["quiet"] = quiet


def use_colour(when: str) -> None:
    """auto, always or never: whether reports on stdout have colours from now on."""
    _state["color"] = when


def wants_colour(stream: TextIO | None = None) -> bool:
    """Colours on a terminal, unless NO_COLOR is set to something or the terminal can't show them, or as --color says.

    stream: where they would be shown, stdout when none is given.
    """
    if _state["color"] != "auto":
        return _state["color"] == "always"
    return (stream or sys.stdout).isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def paint(text: str, code: str) -> str:
    """A text in a colour or weight of ANSI's."""
    return f"\x1b[{code}m{text}\x1b[0m"


def say(line: str) -> None:
    """Print a line on stderr that a person may want and no program needs."""
    if not _state["quiet"]:
        sys.stderr.write(f"{printable(line)}\n")


def note(message: str) -> None:
    """Print on stderr what was passed over."""
    say(f"note: {message}")
