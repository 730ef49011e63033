"""`krm-fn diff`: what a change in Git does to the machines that run, before it merges."""

from __future__ import annotations

import sys

from krm_fn.changes.compare import Settings, compare
from krm_fn.changes.tree import Tree
from krm_fn.core import wire
from krm_fn.core.console import DONE, FINDINGS
from krm_fn.core.errors import InputError
from krm_fn.core.finding import to_line
from krm_fn.core.manifest import text
from krm_fn.kubevirt.versions import NEWEST
from krm_fn.vm.impact.cluster import Cluster
from krm_fn.workspace import manifests

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from krm_fn.core.manifest import Manifest

HELP = """\
Say what a change does to the machines that run: which are refused, which take
it while they run, which wait for a restart, and which never notice.

examples:
  krm-fn diff before/ after/
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument("before", metavar="BASE", help="manifests before the change: a file, a directory, - for stdin")
    parser.add_argument("after", metavar="HEAD", help="manifests after the change")
    parser.add_argument("-o", "--format", choices=("json", "yaml"), default="json", help="json (default) or yaml")
    parser.add_argument(
        "--cluster", metavar="FILE", help="the KubeVirt object of the cluster; default KubeVirt's own settings"
    )
    parser.add_argument("--arch", default="", metavar="NAME", help="the cluster's architecture (default amd64)")
    parser.add_argument(
        "--migratable",
        choices=("auto", "yes", "no"),
        default="auto",
        help="whether machines can be migrated (default auto)",
    )
    parser.add_argument(
        "--state",
        choices=("auto", "running", "stopped"),
        default="auto",
        help="whether machines run (default by runStrategy)",
    )
    parser.add_argument(
        "--pruned-revisions",
        action="store_true",
        help="ControllerRevisions that Git drops are deleted from the cluster",
    )


def run(options: argparse.Namespace) -> int:
    """Compare, and write the report."""
    cluster = Cluster(_kubevirt(options.cluster), options.arch, NEWEST)
    settings = Settings(
        cluster, cluster, migratable=options.migratable, state=options.state, pruned=options.pruned_revisions
    )
    before, after = (Tree(manifests.read([path]), ["common"]) for path in (options.before, options.after))
    report = compare(before, after, settings)
    for _, finding in report.findings:
        sys.stderr.write(to_line(finding) + "\n")
    from krm_fn.report.changes_data import data

    found = data(report)
    sys.stdout.write(wire.write_json(found, 2) + "\n" if options.format == "json" else wire.write_yaml([found]))
    return FINDINGS if report.findings else DONE


def _kubevirt(path: str | None) -> Manifest | None:
    """The KubeVirt object of a file, None without one."""
    if path is None:
        return None
    found = [item for item in manifests.read([path]) if text(item, "kind") == "KubeVirt"]
    if len(found) != 1:
        raise InputError(
            f"{path}: there are {len(found)} KubeVirt objects in it, not one: `kubectl get kubevirt -A -o yaml`"
        )
    return found[0]
