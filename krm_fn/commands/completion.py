"""`krm-fn completion`: the script that a shell completes by."""

from __future__ import annotations

from krm_fn.completion import SHELLS, script
from krm_fn.core.console import DONE
from krm_fn.workspace import outputs

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

HELP = """\
Print what a shell evaluates to complete krm-fn's commands, options, and names
from the catalogs.

examples:
  eval "$(krm-fn completion bash)"                                in ~/.bashrc
  eval "$(krm-fn completion zsh)"                                 in ~/.zshrc
  krm-fn completion fish > ~/.config/fish/completions/krm-fn.fish
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument("shell", choices=SHELLS, help="the shell")


def run(options: argparse.Namespace) -> int:
    """Print the script."""
    outputs.write_stdout(script(options.shell))
    return DONE
