"""Write docs/krm-fn.1, the man page, from the table of commands and their parsers.

    python tests/tools/man.py [--check]

It walks the parsers instead of taking their help texts, which every Python lays out in a way of its own.
"""

from __future__ import annotations

import argparse
import pathlib
import sys
from typing import TYPE_CHECKING

from krm_fn import cli

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "krm-fn.1"
EVERYWHERE = "everywhere"
PLAIN = str.maketrans({"\\": "\\e", "-": "\\-", "'": "\\(aq", "`": "\\(ga", "^": "\\(ha", "~": "\\(ti"})
"""What roff would read or print otherwise: dashes, and quotes as in a book."""
SETTINGS = [
    ("NO_COLOR", "Set to anything: no colors in reports."),
    ("krm-fn.yaml", "Defaults, at or above the working directory: apiVersion krm-fn.dev/v1alpha1, kind Settings."),
]
EXIT = [
    ("0", "done"),
    ("1", "mistakes in the manifests"),
    ("2", "a bug in krm-fn"),
    ("3", "unusable input"),
    ("130", "stopped by Ctrl-C"),
]


def escaped(text: str) -> str:
    """Text that roff shows as it is, so that examples can be copied."""
    lines = text.translate(PLAIN).splitlines()
    return "\n".join(f"\\&{line}" if line.startswith(".") else line for line in lines)


def as_is(text: str) -> list[str]:
    return [".PP", ".nf", escaped(text.strip("\n")), ".fi"] if text.strip() else []


def entry(head: str, text: str) -> list[str]:
    return [".TP", f"\\fB{escaped(head)}\\fR", escaped(" ".join(text.split()))]


def spelled(action: argparse.Action) -> str:
    """An option with its value, or an argument's name."""
    value = action.metavar or (
        "{" + ",".join(map(str, action.choices)) + "}" if action.choices else action.dest.upper()
    )
    if not action.option_strings:
        return str(value)
    names = ", ".join(action.option_strings)
    if action.nargs == 0:
        return names
    return f"{names} [{value}]" if action.nargs == "?" else f"{names} {value}"


def explained(action: argparse.Action) -> str:
    return (action.help or "") % {**vars(action), "prog": "krm-fn"}


def arguments(parser: argparse.ArgumentParser, *, everywhere: bool) -> Iterator[str]:
    """The entries of a parser's own arguments, or of those that every parser has."""
    for group in parser._action_groups:
        for action in group._group_actions:
            if action.help == argparse.SUPPRESS or isinstance(action, argparse._SubParsersAction):
                continue
            shared = group.title == EVERYWHERE or isinstance(action, argparse._HelpAction | cli._Version)
            if shared == everywhere:
                yield from entry(spelled(action), explained(action))


def below(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    return next((dict(each.choices) for each in parser._actions if isinstance(each, argparse._SubParsersAction)), {})


def section(parser: argparse.ArgumentParser) -> Iterator[str]:
    """A command, then the commands below it."""
    yield f".SS {escaped(parser.prog)}"
    yield from as_is(parser.description or "")
    yield from arguments(parser, everywhere=False)
    for inner in below(parser).values():
        yield from section(inner)


def page() -> str:
    """The whole page."""
    parser = cli._parser(only=None, every=True)
    commands = [line for command in below(parser).values() for line in section(command)]
    lines = [
        '.\\" Made from the parsers of the commands; `make golden` writes it.',
        '.TH KRM\\-FN 1 "" "krm\\-fn" "User Commands"',
        ".SH NAME",
        "krm\\-fn \\- KubeVirt instancetypes, preferences and VirtualMachines for GitOps",
        ".SH SYNOPSIS",
        "\\fBkrm\\-fn\\fR \\fICOMMAND\\fR [\\fIARGUMENT\\fR ...]",
        ".SH DESCRIPTION",
        *as_is(parser.description or "")[1:],
        *(line for name, row in cli.COMMANDS.items() for line in entry(name, row.summary)),
        ".SH OPTIONS",
        "These stand before a command; all but \\-\\-version after it as well.",
        *arguments(parser, everywhere=True),
        ".SH COMMANDS",
        *commands,
        ".SH ENVIRONMENT AND FILES",
        *(line for row in SETTINGS for line in entry(*row)),
        ".SH EXIT STATUS",
        *(line for row in EXIT for line in entry(*row)),
    ]
    return "\n".join(lines) + "\n"


def main() -> int:
    wanted = page()
    if "--check" not in sys.argv:
        PAGE.write_text(wanted)
        return 0
    return int(PAGE.read_text() != wanted)


if __name__ == "__main__":
    sys.exit(main())
