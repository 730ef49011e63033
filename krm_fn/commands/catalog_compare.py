"""`krm-fn catalog compare`: objects side by side."""

from __future__ import annotations

from krm_fn.choose.compare import compare
from krm_fn.commands import catalog_entries, tables
from krm_fn.commands.tables import Column
from krm_fn.core import wire
from krm_fn.core.console import DONE
from krm_fn.core.errors import InputError
from krm_fn.workspace import arguments, outputs

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from typing import Any

    from krm_fn.choose.compare import Line
    from krm_fn.choose.entry import Entry

HELP = """\
Line up what objects say, field by field. A star marks what differs.

examples:
  krm-fn catalog compare u1.large o1.large
  krm-fn catalog compare windows.11 windows.11.virtio --differences
  krm-fn catalog compare cx1.large rt1.large -o json
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this action."""
    parser.add_argument("names", nargs="+", metavar="NAME", help="two objects or more")
    parser.add_argument("--kind", choices=("instancetype", "preference"), default="", help="where names are of both")
    parser.add_argument("--differences", action="store_true", help="only fields that differ")
    catalog_entries.add_catalogs(parser)
    arguments.add_report(parser, ("table", "json", "yaml", "markdown"))


def run(options: argparse.Namespace) -> int:
    """Compare the named objects."""
    if len(options.names) < 2:
        raise InputError("one object alone can't be compared: name a second one")
    found = catalog_entries.read(options)
    entries = [catalog_entries.one(found, name, options.kind) for name in options.names]
    lines = [line for line in compare(entries) if not (options.differences and line.same)]
    outputs.write_text(options.output, _written(entries, lines, options.format))
    return DONE


def _written(entries: list[Entry], lines: list[Line], form: str) -> str:
    if form in ("json", "yaml"):
        data = _data(entries, lines)
        return wire.write_json(data, 2) + "\n" if form == "json" else wire.write_yaml([data])
    columns = [Column("field"), *(Column(entry.name, name=True) for entry in entries)]
    star = "" if form == "markdown" else "* "
    rows = [
        [("  " if star else "") + line.field if line.same else f"{star}{line.field}", *map(_cell, line.values)]
        for line in lines
    ]
    return tables.markdown(columns, rows) if form == "markdown" else tables.plain(columns, rows)


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    return value if isinstance(value, str) else wire.canonical_json(value)


def _data(entries: list[Entry], lines: list[Line]) -> dict[str, Any]:
    return {
        "objects": [entry.name for entry in entries],
        "fields": [{"path": line.field, "values": list(line.values), "same": line.same} for line in lines],
    }
