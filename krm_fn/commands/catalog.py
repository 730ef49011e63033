"""`krm-fn catalog`: what catalogs hold, and what to take from them."""

from __future__ import annotations

import argparse
from importlib import import_module

HELP = """\
Look into catalogs of instancetypes and preferences: the packaged ones, a file
or directory of series or objects, what `kubectl get -o yaml` wrote, or an OCI
layout (--catalog, as often as there are catalogs).

examples:
  krm-fn catalog list --kind instancetype --cpu 2..8 --memory 16Gi..
  krm-fn catalog list --search 'server 2022'
  krm-fn catalog find --cpu 6 --memory 20Gi --preference windows.2k22.virtio
  krm-fn catalog compare u1.2xlarge cx1.2xlarge
  krm-fn catalog show u1.medium fedora
  krm-fn catalog site -O public/
  krm-fn catalog build --oci layout/ --tag v1.2.0
  krm-fn catalog list --catalog vendor/bundle.yaml
"""
ACTIONS = {
    "list": "names, kinds and sizes, filtered",
    "find": "the smallest instancetypes that fit",
    "compare": "objects side by side",
    "show": "complete objects",
    "site": "a static web site to look through",
    "build": "bundles and OCI artifacts to publish",
}
"""Action → what it does; its module is krm_fn.commands.catalog_<action>."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="|".join(ACTIONS))
    for name, summary in ACTIONS.items():
        module = import_module(f"krm_fn.commands.catalog_{name}")
        action = actions.add_parser(
            name,
            help=summary,
            description=module.HELP,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.configure(action)
        action.set_defaults(act=module.run)


def run(options: argparse.Namespace) -> int:
    """Do what the action says."""
    status: int = options.act(options)
    return status
