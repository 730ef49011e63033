"""`krm-fn catalog find`: the smallest instancetypes that fit."""

from __future__ import annotations

from krm_fn.choose import filters
from krm_fn.choose.entry import PREFERENCE, row
from krm_fn.choose.find import Candidate, smallest
from krm_fn.choose.special import special
from krm_fn.commands import catalog_entries, tables
from krm_fn.commands.tables import Column
from krm_fn.core import wire
from krm_fn.core.console import DONE, FINDINGS, note
from krm_fn.core.errors import InputError
from krm_fn.workspace import arguments, outputs

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from typing import Any

HELP = """\
Find the smallest instancetypes that have at least so many vCPUs and so much
memory, and what each of them leaves unused. Plain ones come before those with
dedicated CPUs, huge pages or GPUs, unless these were asked for. With a
preference, those that satisfy its requirements and its spread come first.

examples:
  krm-fn catalog find --cpu 6 --memory 20Gi
  krm-fn catalog find --cpu 6 --memory 20Gi --preference windows.2k22.virtio
  krm-fn catalog find --cpu 4 --dedicated --hugepages 1Gi
  krm-fn catalog find --memory 512Gi --class 'memory*' -o json

exit status: 1 when nothing fits
"""
_AT_LEAST = ("cpu", "memory")
_SPECIAL = ("gpu", "dedicated", "hugepages")
_ELSEWHERE = ("kind", "deprecated", "os-type")
_LIMIT = 10


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this action."""
    parser.add_argument("--cpu", metavar="N", help="at least so many vCPUs")
    parser.add_argument("--memory", metavar="SIZE", help="at least so much memory, such as 20Gi")
    parser.add_argument("--preference", metavar="NAME", help="the preference that a VM names beside it")
    parser.add_argument("--limit", metavar="N", type=int, default=_LIMIT, help=f"at most so many (default {_LIMIT})")
    catalog_entries.add_filters(parser, without=(*_AT_LEAST, *_ELSEWHERE))
    catalog_entries.add_catalogs(parser)
    arguments.add_report(parser, ("table", "json", "yaml", "markdown"))


def run(options: argparse.Namespace) -> int:
    """Find, and say what fits best."""
    vcpus = _least(filters.number_range, options.cpu, "--cpu")
    memory = _least(filters.size_range, options.memory, "--memory")
    given = catalog_entries.given_filters(options)
    if not (vcpus or memory or given or options.preference):
        raise InputError("say what is needed: --cpu N, --memory SIZE, --preference NAME or a filter")
    found = catalog_entries.read(options)
    catalog_entries.check_names(found)
    preference = catalog_entries.one(found, options.preference, PREFERENCE) if options.preference else None
    special_wanted = any(given.get(name) not in (None, "no", "false", filters.NONE) for name in _SPECIAL)
    candidates = smallest(filters.matching(found, given), vcpus, memory, preference, special=special_wanted)
    if preference and preference.deprecated:
        note(f"{preference.name} is deprecated{f', take {preference.successor}' if preference.successor else ''}")
    if not candidates:
        note("no instancetype of these catalogs is large enough and has all that was asked for")
    outputs.write_text(options.output, _written(candidates[: max(options.limit, 0)], options))
    return DONE if any(not candidate.problems for candidate in candidates) else FINDINGS


def _least(read: Any, value: str | None, option: str) -> int:
    if value is None:
        return 0
    least: int = read(value, option)[0]
    return least


def _written(candidates: list[Candidate], options: argparse.Namespace) -> str:
    if options.format == "json":
        return wire.write_json([_data(candidate, options.preference) for candidate in candidates], 2) + "\n"
    if options.format == "yaml":
        return wire.write_yaml([[_data(candidate, options.preference) for candidate in candidates]])
    columns = [
        Column("name"),
        Column("vCPUs", number=True),
        Column("memory", number=True),
        Column("unused vCPUs", number=True),
        Column("unused memory", number=True),
        Column(f"WITH {options.preference}", name=True),
        Column("class"),
        Column("special"),
        Column("display name"),
    ]
    write = tables.markdown if options.format == "markdown" else tables.plain
    return write(columns, [_cells(candidate, options.preference) for candidate in candidates])


def _cells(candidate: Candidate, preference: str | None) -> list[str]:
    entry = candidate.entry
    fits = f"no: {'; '.join(candidate.problems)}" if candidate.problems else "yes"
    return [
        entry.name,
        tables.cell(entry.vcpus),
        entry.memory,
        tables.cell(candidate.unused_vcpus),
        "" if candidate.unused_memory is None else tables.bytes_text(candidate.unused_memory),
        fits if preference else "",
        entry.type_class,
        ", ".join(special(entry)),
        entry.display_name,
    ]


def _data(candidate: Candidate, preference: str | None) -> dict[str, Any]:
    unused = {"vCPUs": candidate.unused_vcpus, "memoryBytes": candidate.unused_memory}
    found = {**row(candidate.entry), "unused": {key: value for key, value in unused.items() if value is not None}}
    if preference:
        problems = list(candidate.problems)
        found["preference"] = {"name": preference, "satisfied": not problems} | (
            {"problems": problems} if problems else {}
        )
    return found
