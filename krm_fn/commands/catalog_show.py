"""`krm-fn catalog show`: complete objects of the catalogs."""

from __future__ import annotations

from krm_fn.commands import catalog_entries
from krm_fn.workspace import arguments, outputs

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

HELP = """\
Write complete objects, as they would be in a cluster.

examples:
  krm-fn catalog show u1.medium fedora
  krm-fn catalog show 'cx1.*' --scope Both -O cx1/
  krm-fn catalog show --catalog layout/ 'gp1.*'
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this action."""
    parser.add_argument("patterns", nargs="+", metavar="NAME|GLOB", help="whose names match")
    catalog_entries.add_catalogs(parser)
    arguments.add_outputs(parser)


def run(options: argparse.Namespace) -> int:
    """Write the objects. Raises InputError for a name that two catalogs have."""
    chosen = catalog_entries.named(catalog_entries.read(options), options.patterns)
    catalog_entries.check_names(chosen)
    return outputs.write_items([entry.item for entry in chosen], options)
