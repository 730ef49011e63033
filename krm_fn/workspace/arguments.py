"""The options of commands that read and write files, spelled the same everywhere."""

from __future__ import annotations

import argparse

from krm_fn.core.errors import InputError
from krm_fn.kubevirt.versions import NEWEST, VERSIONS, Version
from krm_fn.kubevirt.versions import read as read_version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def add_inputs(parser: argparse.ArgumentParser, *, optional: bool = False) -> None:
    """FILE|DIR|- ...: `options.inputs`."""
    parser.add_argument(
        "inputs",
        nargs="*" if optional else "+",
        metavar="FILE|DIR|-",
        help="manifests: files, directories (read recursively), - for stdin",
    )
    parser.add_argument(
        "--exclude",
        action="append",
        default=[],
        metavar="GLOB",
        help="leave out files whose path, or the end of it, is like this: charts/, '*.tpl.yaml'; may be repeated",
    )


def add_outputs(parser: argparse.ArgumentParser) -> None:
    """-o yaml|json, -O FILE|DIR/, --prune, --check, --dry-run: what `outputs.write_items` writes by."""
    add_format(parser, ("yaml", "json"), "yaml (default) or json (one List)")
    parser.add_argument(
        "-O",
        "--output",
        metavar="PATH",
        help="write to this file, or one file for each object into this directory (DIR/)",
    )
    parser.add_argument(
        "--prune",
        action="store_true",
        help="with -O DIR/: remove the files of an earlier run that this one does not write",
    )
    _add_trials(parser)


def add_edits(parser: argparse.ArgumentParser) -> None:
    """-i, -O FILE, --check, --dry-run: what `outputs.write_edits` writes by."""
    parser.add_argument("-i", "--in-place", action="store_true", help="write the files instead of stdout")
    parser.add_argument("-O", "--output", metavar="FILE", help="write everything to this file instead of stdout")
    _add_trials(parser)


def _add_trials(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit status 1 when files would change, with their names"
    )
    parser.add_argument("--dry-run", action="store_true", help="write nothing; say which files would change")


def add_report(parser: argparse.ArgumentParser, formats: Sequence[str]) -> None:
    """-o FORMAT (the first is the default) and -O FILE for a command whose answer is one text."""
    add_format(parser, formats, f"{formats[0]} (default), {', '.join(formats[1:])}")
    parser.add_argument("-O", "--output", metavar="FILE", help="write to this file instead of stdout")


def add_format(parser: argparse.ArgumentParser, formats: Sequence[str], explanation: str) -> None:
    """-o FORMAT: `options.format`; the first is the default."""
    parser.add_argument("-o", "--format", choices=formats, default=formats[0], help=explanation)


def add_catalogs(parser: argparse.ArgumentParser, explanation: str) -> None:
    """--catalog NAME|PATH, repeated: `options.catalogs`, None when it was not given; `--catalog ""` is none at all.

    What is no packaged catalog has to be opened by `catalogs.open_all` before it is looked into.
    """
    parser.add_argument(
        "--catalog", dest="catalogs", action="extend", type=_name, metavar="NAME|PATH", help=explanation
    )
    # how it was spelled once: comma-separated, in one option
    parser.add_argument("--catalogs", action="extend", type=_names, help=argparse.SUPPRESS)


def _name(value: str) -> list[str]:
    return [value] if value else []


def _names(value: str) -> list[str]:
    return [name for name in value.split(",") if name]


def add_fleet(parser: argparse.ArgumentParser) -> None:
    """-j, --shard, --executor, --cache: who does the work of many VMs, and how much of it; see `fleet`."""
    parser.add_argument("-j", "--jobs", type=_jobs, default=1, metavar="N", help="share the work among N processes")
    parser.add_argument("--shard", default="", metavar="I/N", help="only the I-th of N parts of the manifests")
    parser.add_argument(
        "--executor", default="", metavar="dask:ADDRESS", help="share the work among the workers of a Dask cluster"
    )
    parser.add_argument(
        "--cache", default="", metavar="DIR", help="keep results by content, and take known ones from there"
    )


def _jobs(value: str) -> int:
    if not value.isdecimal() or not 1 <= int(value) <= 512:
        raise argparse.ArgumentTypeError(f"{value}: write a number of processes, from 1 on")
    return int(value)


def add_kubevirt(parser: argparse.ArgumentParser, explanation: str) -> None:
    """--kubevirt VERSION: `options.kubevirt`, None when it was not given."""
    parser.add_argument(
        "--kubevirt",
        metavar="VERSION",
        type=version,
        help=f"{explanation} ({VERSIONS[0]} to {NEWEST}, default {NEWEST}; a patch level such as {NEWEST}.2 may follow)",
    )


def version(value: str) -> Version:
    """A KubeVirt version as --kubevirt takes it. Raises InputError for one that is not known."""
    found = read_version(value) if value else None
    if found is None:
        raise InputError(f"--kubevirt {value}: there is no such version here; write one of {', '.join(VERSIONS)}")
    return found
