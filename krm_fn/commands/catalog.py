"""`krm-fn catalog`: what the packaged catalogs hold."""

from __future__ import annotations

import argparse
from fnmatch import fnmatchcase

from krm_fn.commands import catalog_build
from krm_fn.core import wire
from krm_fn.core.console import DONE
from krm_fn.core.errors import InputError
from krm_fn.core.manifest import mapping, name_of
from krm_fn.core.suggest import nearest
from krm_fn.kubevirt.api import CLUSTER_KINDS, CONFIG_API, INSTANCETYPE_KINDS
from krm_fn.series import catalog
from krm_fn.workspace import arguments, outputs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_fn.core.manifest import Manifest

HELP = """\
List and show the instancetypes and preferences of the packaged catalogs.

examples:
  krm-fn catalog list                    every name, with vCPUs and memory
  krm-fn catalog list 'u1.*' 'fedora*'   those that match a glob
  krm-fn catalog list --catalog aws     another catalog
  krm-fn catalog show u1.medium fedora   complete objects as YAML
  krm-fn catalog build --oci layout/     an OCI artifact for Flux and Argo CD
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="list|show|build")
    listing = actions.add_parser("list", help="names, kinds and sizes")
    listing.add_argument("patterns", nargs="*", metavar="GLOB", help="only names that match one of these")
    show = actions.add_parser("show", help="complete objects")
    show.add_argument("patterns", nargs="+", metavar="NAME|GLOB")
    show.add_argument(
        "--scope", choices=("Cluster", "Namespaced", "Both"), default="Cluster", help="which kinds (default Cluster)"
    )
    for action in (listing, show):
        arguments.add_catalogs(action, f"{', '.join(catalog.names())} (default common)")
        arguments.add_outputs(action)
    catalog_build.configure(
        actions.add_parser(
            "build",
            help="bundles and OCI artifacts",
            description=catalog_build.HELP,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
    )


def run(options: argparse.Namespace) -> int:
    """List or show the chosen objects, or build a catalog."""
    if options.action == "build":
        return catalog_build.run(options)
    wanted = ["common"] if options.catalogs is None else options.catalogs
    unknown = [name for name in wanted if name not in catalog.names()]
    if unknown:
        raise InputError(f"there is no catalog {', '.join(unknown)}, write {', '.join(catalog.names())}")
    scope = getattr(options, "scope", "Cluster")
    config = {
        "apiVersion": CONFIG_API,
        "kind": "CatalogGenerator",
        "metadata": {"name": "catalog"},
        "spec": {"catalogs": wanted, "scope": scope},
    }
    items, _ = catalog.generate(config)
    patterns = options.patterns or ["*"]
    for pattern in patterns:
        if not any(fnmatchcase(name_of(item), pattern) for item in items):
            close = nearest(pattern, [name_of(item) for item in items], 3)
            raise InputError(
                f'no object of the catalogs is named "{pattern}"'
                + (f"; did you mean {' or '.join(close)}?" if close else "")
            )
    chosen = [item for item in items if any(fnmatchcase(name_of(item), pattern) for pattern in patterns)]
    if options.action == "show":
        return outputs.write_items(chosen, options)
    if options.format == "json":
        outputs.write_text(options.output, wire.write_json([_row(item) for item in chosen], 2) + "\n")
    else:
        outputs.write_text(options.output, _table([list(_row(item).values()) for item in chosen]))
    return DONE


def _row(item: Manifest) -> dict[str, str]:
    """name, what it is, size and description of one object; sizes of a preference are what it requires."""
    spec = item["spec"]
    size = spec if item["kind"] in INSTANCETYPE_KINDS else mapping(spec, "requirements")
    annotations = mapping(item["metadata"], "annotations")
    return {
        "name": name_of(item),
        "kind": "instancetype" if item["kind"] in INSTANCETYPE_KINDS else "preference",
        "scope": "Cluster" if item["kind"] in CLUSTER_KINDS else "Namespaced",
        "vCPUs": str(mapping(size, "cpu").get("guest", "")),
        "memory": str(mapping(size, "memory").get("guest", "")),
        "displayName": str(
            annotations.get("instancetype.kubevirt.io/displayName")
            or annotations.get("openshift.io/display-name")
            or ""
        ),
    }


def _table(rows: list[list[str]]) -> str:
    header = ["NAME", "KIND", "SCOPE", "VCPUS", "MEMORY", "DISPLAY NAME"]
    widths = [max(len(row[column]) for row in [header, *rows]) for column in range(len(header))]
    return "".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() + "\n"
        for row in [header, *rows]
    )
