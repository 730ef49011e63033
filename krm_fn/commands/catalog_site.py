"""`krm-fn catalog site`: a static web site of a catalog."""

from __future__ import annotations

import os

from krm_fn.choose import site
from krm_fn.choose.entry import INSTANCETYPE, PREFERENCE
from krm_fn.commands import catalog_entries
from krm_fn.core.console import DONE, say
from krm_fn.core.errors import InputError
from krm_fn.core.manifest import name_of, text
from krm_fn.kinds import KINDS
from krm_fn.kubevirt.api import INSTANCETYPE_KINDS
from krm_fn.workspace import outputs

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from krm_fn.choose.entry import Entry
    from krm_fn.core.manifest import Manifest

HELP = """\
Write a static web site of a catalog: a table that filters and sorts, a plot of
sizes, a page for each object with its meaning, its YAML, a VM to copy and what
KubeVirt runs of it, and a comparison. It needs no server, no network and no
build: open index.html, or publish the directory anywhere.

examples:
  krm-fn catalog site -O public/
  krm-fn catalog site --catalog definitions/ --title 'Example Cloud' -O public/catalog/
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this action."""
    catalog_entries.add_catalogs(parser)
    parser.add_argument("--title", metavar="TEXT", help="the heading (default the catalogs' names)")
    parser.add_argument("-O", "--output", metavar="DIR", required=True, help="write the site into this directory")


def run(options: argparse.Namespace) -> int:
    """Make every page, and write them all or none."""
    found = catalog_entries.read(options)
    made = pages(found, catalog_entries.definitions(options), title_of(options))
    outputs.write_files(options.output, made)
    say(f"{options.output}: {len(made)} files, {sum(map(len, made.values())) // 1024} KiB; open index.html")
    return DONE


def title_of(options: argparse.Namespace) -> str:
    """The heading that was asked for, or the names of the catalogs."""
    names = catalog_entries.DEFAULT if options.catalogs is None else options.catalogs
    known = " and ".join(os.path.basename(os.path.normpath(name)).partition(".")[0] or name for name in names)  # noqa: PTH119
    title: str = options.title or f"Catalog {known}"
    return title


def pages(found: list[Entry], definitions: list[Manifest], title: str) -> dict[str, bytes]:
    """The files of a site. Raises InputError for a name that two catalogs have, or that has two pages."""
    catalog_entries.check_names(found)
    seen: dict[str, Entry] = {}
    for entry in found:
        first = seen.setdefault(site.path_of(entry).lower(), entry)
        if first is not entry:
            raise InputError(
                f"{first.item['kind']} {first.name} and {entry.item['kind']} {entry.name} would be one page"
            )
    series = {(_kind(each), name_of(each)): each for each in definitions}
    return site.files(found, series, title)


def _kind(definition: Manifest) -> str:
    """What a series makes, as entries call it."""
    return INSTANCETYPE if INSTANCETYPE_KINDS[0] in KINDS[text(definition, "kind")].makes else PREFERENCE
