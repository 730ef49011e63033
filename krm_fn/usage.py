"""argparse with the manners of the other commands people use: the nearest name for a wrong one, one line for a mistake."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from krm_fn.core.budget import LIMITS
from krm_fn.core.errors import InputError
from krm_fn.core.suggest import did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn


class Parser(argparse.ArgumentParser):
    """A parser whose mistakes are InputErrors. The parsers of commands below it are of this class as well."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"formatter_class": argparse.RawDescriptionHelpFormatter, "allow_abbrev": False, **options})
        everywhere = self.add_argument_group("everywhere")
        # without a default, so that what stands before a command holds for it as well
        everywhere.add_argument(
            "-q", "--quiet", action="store_true", default=argparse.SUPPRESS, help="leave out notes; findings still show"
        )
        everywhere.add_argument(
            "--color", choices=("auto", "always", "never"), default=argparse.SUPPRESS, help="colors (default auto)"
        )
        everywhere.add_argument(
            "--budget",
            action="append",
            metavar="NAME=N",
            default=argparse.SUPPRESS,
            help=f"raise what one call may cost: {', '.join(LIMITS)}",
        )

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        """The options. Raises InputError for what no command takes."""
        options, rest = self.parse_known_args(args, namespace)
        if rest:
            wrong = rest[0].partition("=")[0]
            given = sys.argv[1:] if args is None else args
            names = [name for name in _options(self, given) if name.startswith("--")]
            hint = did_you_mean(wrong, names) if wrong.startswith("--") else ""
            what = "option" if wrong.startswith("-") else "argument"
            raise InputError(f"there is no {what} {wrong} here{hint or '; add --help to see what there is'}")
        return options

    def error(self, message: str) -> NoReturn:
        """One line, with where to read more."""
        raise InputError(f"{message}; see {self.prog} --help")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is None or value in action.choices:
            return
        choices = [str(choice) for choice in action.choices]
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001 - argparse has no other name for it
            hint = did_you_mean(str(value), choices) or f"; {self.prog} --help lists them"
            raise InputError(f"there is no command {self.prog} {value}{hint}")
        name = action.option_strings[-1] if action.option_strings else action.metavar or action.dest
        hint = did_you_mean(str(value), choices)
        raise InputError(f"{name} {value}: write one of {', '.join(choices)}{hint}")

    def _print_message(self, message: str, file: Any = None) -> None:
        """Help and version; what argparse does is to look away when they can't be written."""
        (file or sys.stderr).write(message)
        (file or sys.stderr).flush()


def _options(parser: argparse.ArgumentParser, given: Sequence[str]) -> list[str]:
    """Every option that a parser and those of the given commands below it show."""
    found: list[str] = []
    below: Sequence[argparse.ArgumentParser] = ()
    for action in parser._actions:  # noqa: SLF001 - as above
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            below = [each for name, each in action.choices.items() if name in given]
        elif action.help != argparse.SUPPRESS:
            found += action.option_strings
    return found + [name for each in below for name in _options(each, given)]
