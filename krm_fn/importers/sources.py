"""The platforms whose sizes can be imported, one row each: what their own tool prints, and where the docs are."""

from __future__ import annotations

from typing import NamedTuple


class Source(NamedTuple):
    """One platform."""

    listing: str
    """What is read, in a few words for the help text: the platform's own command, or the kind of a manifest."""
    docs: str
    """Its page, as a path in the project."""


SOURCES = {
    "aws": Source("aws ec2 describe-instance-types", "docs/import-aws.md"),
    "gcp": Source("gcloud compute machine-types list --format=json", "docs/import-gcp.md"),
    "azure": Source("az vm list-sizes, az vm list-skus", "docs/import-azure.md"),
    "openstack": Source("openstack flavor list --long -f json, flavor show, image show", "docs/import-openstack.md"),
    "flavor": Source("VirtualMachineFlavor manifests (flavor.kubevirt.io/v1alpha1)", "docs/import-flavor.md"),
}
"""Name on the command line → its row, in the order in which they are shown."""
