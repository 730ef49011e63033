"""The command line: one table of commands, each in a module of its own that is imported when it is called."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from typing import NamedTuple

from krm_fn import __version__
from krm_fn.core import progress
from krm_fn.kinds import KINDS
from krm_fn.usage import Parser
from krm_fn.workspace import outputs, settings


class Command(NamedTuple):
    """One command: its module in krm_fn.commands has `HELP` with examples, `configure(parser)` and `run(options)`."""

    summary: str
    """One line for the help text and the README."""
    docs: str
    """Its page, as a path in the project."""
    module: str = ""
    """The module, where it is not called like the command."""


COMMANDS = {
    "new": Command("write a first VM, series or preference, or a repository to start from", "docs/new.md"),
    "generate": Command("write the objects that series and catalog definitions make", "docs/series.md"),
    "render": Command("write VirtualMachines fully expanded, or pinned to revisions", "docs/rendering.md"),
    "build": Command("build kustomizations and render them in one process", "docs/build.md"),
    "check": Command("find VirtualMachines that a build left unrendered", "docs/rendering.md"),
    "validate": Command("find what KubeVirt would refuse, with file and line", "docs/validation.md"),
    "diff": Command("say what a change does to the machines that run", "docs/diff.md"),
    "explain": Command("say where each field of an expanded VM comes from", "docs/explain.md"),
    "schema": Command("print JSON Schemas, or make them from a cluster's CRDs", "docs/validation.md"),
    "rules": Command("list and explain the rules that manifests are judged by", "docs/validation.md"),
    "import": Command("turn the sizes of other platforms into series", "docs/import.md", "import_"),
    "adopt": Command("rewrite plain VMs to name an instancetype and a preference", "docs/adopt.md"),
    "convert": Command("bring older KubeVirt API versions and spellings up to date", "docs/convert.md"),
    "completion": Command("print the script by which a shell completes", "docs/command-line.md"),
    "catalog": Command("choose among catalogs of instancetypes and preferences, and publish one", "docs/catalog.md"),
}
"""Command → its row, in the order in which they are shown."""

_KINDS = "\n".join(f"  {name:<22}  {kind.summary}" for name, kind in KINDS.items())
_DESCRIPTION = f"""\
KubeVirt instancetypes, preferences and VirtualMachines for GitOps.

Without arguments and with stdin not a terminal, krm-fn is a KRM function for
`kustomize build` and `kpt fn`: a ResourceList in, a ResourceList out. The kind
of the functionConfig says what is done:

{_KINDS}

With a command it works on files, without kustomize:
"""
_EXAMPLES = """\
examples:
  krm-fn generate series.yaml                  the family that a series defines
  krm-fn render vm.yaml series.yaml            a VM with everything KubeVirt would add
  krm-fn render --mode pin vms/ -O pinned/     short VMs with ControllerRevisions
  krm-fn catalog list 'u1.*'                   what is in the packaged catalogs
  krm-fn COMMAND --help                        more, with examples

exit status: 0 done, 1 mistakes in the manifests, 2 a bug in krm-fn, 3 unusable input
"""


def run(arguments: list[str]) -> int:
    """Run one command and return its exit status. Raises KrmFnError for what can't be read."""
    parser = _parser(only=next((argument for argument in arguments if argument in COMMANDS), None))
    try:
        options = parser.parse_args(arguments)
    except SystemExit as stop:
        return int(stop.code or 0)
    if not hasattr(options, "run"):
        parser.print_help()
        return 0
    settings.apply(options, settings.load())
    progress.enable()
    status: int = options.run(options)
    sys.stdout.flush()
    return status


def complete() -> None:
    """Answer a shell that completes arguments; the process ends with it."""
    from krm_fn import completion

    completion.answer(_parser(only=None, every=True))


class _Version(argparse.Action):
    """--version: looked up only when it is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from krm_fn.kubevirt.versions import NEWEST, VERSIONS
        from krm_fn.series.catalog import COMMON_SOURCE, names

        outputs.write_stdout(
            f"krm-fn {__version__}\nKubeVirt {VERSIONS[0]} to {NEWEST}\ncatalogs {', '.join(names())}; common has the objects of {COMMON_SOURCE}\n"
        )
        parser.exit()


def _parser(only: str | None, *, every: bool = False) -> Parser:
    """The parser with every command's name; only the called command's own arguments, so that only its module is loaded."""
    parser = Parser(prog="krm-fn", description=_DESCRIPTION, epilog=_EXAMPLES)
    parser.add_argument("--version", action=_Version, nargs=0, help="the versions of krm-fn, KubeVirt and the catalogs")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for name, row in COMMANDS.items():
        if name != only and not every:
            commands.add_parser(name, help=row.summary)
            continue
        module = import_module(f"krm_fn.commands.{row.module or name}")
        command = commands.add_parser(name, help=row.summary, description=module.HELP)
        module.configure(command)
        command.set_defaults(run=module.run)
    return parser
