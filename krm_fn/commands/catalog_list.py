"""`krm-fn catalog list`: what is in the catalogs, filtered."""

from __future__ import annotations

from krm_fn.choose import filters
from krm_fn.choose.entry import row
from krm_fn.choose.special import special
from krm_fn.commands import catalog_entries, tables
from krm_fn.commands.tables import Column
from krm_fn.core import wire
from krm_fn.core.console import DONE, note
from krm_fn.workspace import arguments, outputs

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from krm_fn.choose.entry import Entry

HELP = """\
List what is in the catalogs. Figures of a preference are what it requires.
Ranges are written 4, 2..8, 4.. or ..8. Several filters have to hold together.

examples:
  krm-fn catalog list 'u1.*' 'fedora*'
  krm-fn catalog list --kind instancetype --cpu 2..8 --memory 16Gi..
  krm-fn catalog list --dedicated --hugepages 1Gi -o wide
  krm-fn catalog list --search 'server 2022'
  krm-fn catalog list --catalog aws --gpu t4 -o json
  kubectl get virtualmachineclusterinstancetypes -o yaml | krm-fn catalog list --catalog -
"""
NARROW = (
    Column("name"),
    Column("kind"),
    Column("vCPUs", number=True),
    Column("memory", number=True),
    Column("class"),
    Column("special"),
    Column("display name"),
)
WIDE = (
    Column("name"),
    Column("namespace"),
    Column("kind"),
    Column("vCPUs", number=True),
    Column("memory", number=True),
    Column("class"),
    Column("arch"),
    Column("dedicated CPUs"),
    Column("huge pages"),
    Column("GPUs"),
    Column("host devices"),
    Column("OS"),
    Column("deprecated"),
    Column("vendor"),
    Column("catalog"),
    Column("scope"),
    Column("display name"),
    Column("description"),
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this action."""
    parser.add_argument("patterns", nargs="*", metavar="GLOB", help="only names that match one of these")
    catalog_entries.add_filters(parser)
    catalog_entries.add_catalogs(parser)
    arguments.add_report(parser, ("table", "wide", "json", "yaml", "markdown"))


def run(options: argparse.Namespace) -> int:
    """List the entries that the options leave."""
    found = catalog_entries.read(options)
    if options.patterns:
        found = catalog_entries.named(found, options.patterns)
    chosen = filters.matching(found, catalog_entries.given_filters(options))
    if not chosen:
        note(f"none of {len(found)} objects has all that was asked for")
    outputs.write_text(options.output, _written(chosen, options.format))
    return DONE


def _written(chosen: list[Entry], form: str) -> str:
    if form == "json":
        return wire.write_json([row(entry) for entry in chosen], 2) + "\n"
    if form == "yaml":
        return wire.write_yaml([[row(entry) for entry in chosen]])
    if form == "wide":
        return tables.plain(WIDE, [wide(entry) for entry in chosen])
    if form == "markdown":
        return tables.markdown(NARROW, [narrow(entry) for entry in chosen])
    return tables.plain(NARROW, [narrow(entry) for entry in chosen])


def narrow(entry: Entry) -> list[str]:
    """The cells of an entry below NARROW."""
    return [
        entry.name,
        entry.kind,
        tables.cell(entry.vcpus),
        entry.memory,
        entry.type_class or entry.os_type,
        ", ".join(special(entry)),
        entry.display_name,
    ]


def wide(entry: Entry) -> list[str]:
    """The cells of an entry below WIDE."""
    return [
        entry.name,
        entry.namespace,
        entry.kind,
        tables.cell(entry.vcpus),
        entry.memory,
        entry.type_class,
        entry.architecture,
        tables.cell(entry.dedicated),
        entry.hugepages,
        tables.cell(entry.gpus),
        tables.cell(entry.devices),
        entry.os_type,
        tables.cell(entry.deprecated),
        entry.vendor,
        entry.catalog,
        entry.scope,
        entry.display_name,
        entry.description,
    ]
