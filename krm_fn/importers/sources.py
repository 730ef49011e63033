"""What can be imported, one row each: what its own tool prints, where the docs are, and what reads it."""

from __future__ import annotations

from typing import NamedTuple

from krm_fn.core.errors import InputError
from krm_fn.importers import aws, azure, gcp, kubevirt_flavor, openstack
from krm_fn.importers.listing import ForeignListingError
from krm_fn.importers.objects import source as objects

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from krm_fn.importers.flavor import Options
    from krm_fn.importers.source import Imported, Source


class Row(NamedTuple):
    """One source."""

    listing: str
    """What is read, in a few words for the help text: the platform's own command, or the kind of a manifest."""
    docs: str
    """Its page, as a path in the project."""
    source: Source
    """What reads it."""


SOURCES = {
    "aws": Row("aws ec2 describe-instance-types", "docs/import-aws.md", aws.SOURCE),
    "gcp": Row("gcloud compute machine-types list --format=json", "docs/import-gcp.md", gcp.SOURCE),
    "azure": Row("az vm list-sizes, az vm list-skus", "docs/import-azure.md", azure.SOURCE),
    "openstack": Row(
        "openstack flavor list --long -f json, flavor show, image show", "docs/import-openstack.md", openstack.SOURCE
    ),
    "flavor": Row(
        "VirtualMachineFlavor manifests (flavor.kubevirt.io/v1alpha1)", "docs/import-flavor.md", kubevirt_flavor.SOURCE
    ),
    "objects": Row(
        "instancetypes and preferences (instancetype.kubevirt.io)", "docs/import-objects.md", objects.SOURCE
    ),
}
"""Name on the command line → its row, in the order in which they are shown."""


def load(name: str, files: Iterable[tuple[str, bytes]], options: Options) -> Imported:
    """What a source makes of some files: (name, content) pairs. InputError names whose listing a foreign file is."""
    try:
        return SOURCES[name].source.load(files, options)
    except ForeignListingError as error:
        others = (other for other, row in SOURCES.items() if other != name and row.source.claims(error.document))
        whose = next(others, "")
        hint = f"; it looks like a listing for `krm-fn import {whose}`" if whose else ""
        raise InputError(f"{error}{hint}") from None
