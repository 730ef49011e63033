"""`krm-fn diff`: what a change in Git does to the machines that run, before it merges."""

from __future__ import annotations

import os

from krm_fn import dispatch
from krm_fn.changes.answers import Settings
from krm_fn.changes.compare import Report, compare
from krm_fn.changes.tree import Tree
from krm_fn.core import wire
from krm_fn.core.console import DONE, FINDINGS, note, print_results, wants_colour
from krm_fn.core.errors import InputError
from krm_fn.core.finding import has_errors
from krm_fn.core.manifest import mapping, text
from krm_fn.kinds import GENERATORS
from krm_fn.kubevirt.api import CONFIG_API
from krm_fn.kubevirt.versions import NEWEST, VERSIONS
from krm_fn.kubevirt.versions import read as read_version
from krm_fn.vm.impact.cluster import Cluster
from krm_fn.workspace import arguments, inputs, kustomize, manifests, outputs, revision
from krm_fn.workspace.catalogs import open_all

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from krm_fn.core.manifest import Manifest

HELP = """\
Say what a change does to the machines that run, as KubeVirt's webhooks and
controllers decide it: which are refused, which take the change while they run,
which wait for a restart, which change silently with the next start, and which
never notice. Two files or directories are compared, or what git has at a
revision with the working tree, as they are or built by kustomize. A
VirtualMachineRenderer among them renders both sides first.

examples:
  krm-fn diff before/ after/
  krm-fn diff --since origin/main vms/ series/
  krm-fn diff --since origin/main --build overlays/prod
  kustomize build . | krm-fn diff deployed.yaml -
  krm-fn diff --cluster kubevirt.yaml -o markdown -O comment.md before/ after/
  krm-fn diff --kubevirt 1.7..1.9 vms/              what an upgrade changes
"""
RENDERER = "VirtualMachineRenderer"
_FORMATS = ("text", "markdown", "json", "yaml")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument(
        "inputs",
        nargs="*",
        metavar="PATH",
        help="BASE and HEAD, each a file, a directory or - for stdin; with --since any number",
    )
    parser.add_argument("--since", metavar="REF", help="compare the paths as git has them at REF with the working tree")
    parser.add_argument(
        "--build", action="store_true", help="the paths are kustomizations: compare what kustomize builds"
    )
    arguments.add_report(parser, _FORMATS)
    arguments.add_catalogs(parser, "where to look after the manifests: a packaged catalog, or a path (default common)")
    parser.add_argument(
        "--cluster", metavar="FILE", help="the cluster's KubeVirt object; default KubeVirt's own settings"
    )
    parser.add_argument("--arch", default="", metavar="NAME", help="the cluster's architecture (default amd64)")
    parser.add_argument(
        "--migratable",
        choices=("auto", "yes", "no"),
        default="auto",
        help="whether machines can be migrated (auto: what a manifest shows)",
    )
    parser.add_argument(
        "--state",
        choices=("auto", "running", "stopped"),
        default="auto",
        help="whether machines run (auto: by runStrategy)",
    )
    parser.add_argument(
        "--pruned-revisions",
        action="store_true",
        help="ControllerRevisions that Git drops are deleted from the cluster",
    )
    parser.add_argument(
        "--kubevirt",
        metavar="VERSION[..VERSION]",
        default=NEWEST,
        help=f"the cluster's KubeVirt (default {NEWEST}), or an upgrade",
    )
    parser.add_argument("--all", action="store_true", help="name every machine, also of large groups")
    kustomize.add_flags(parser)
    parser.add_argument("--exit-code", action="store_true", help="exit status 1 when a machine changes")


def run(options: argparse.Namespace) -> int:
    """Compare, and write the report."""
    report = compared(options)
    print_results(finding for _, finding in report.findings)
    outputs.write_text(options.output, _written(report, options))
    changed = any(machine.change != "unchanged" for machine in report.machines)
    wrong = has_errors(finding for _, finding in report.findings)
    return FINDINGS if wrong or (options.exit_code and changed) else DONE


def compared(options: argparse.Namespace) -> Report:
    """The comparison that the options ask for."""
    settings = _settings(options)
    return compare(*_sides(options), settings)


def _settings(options: argparse.Namespace) -> Settings:
    kubevirt = _kubevirt(options.cluster)
    versions = [read_version(part) if part else None for part in options.kubevirt.split("..")]
    if None in versions or len(versions) > 2:
        raise InputError(f"--kubevirt {options.kubevirt}: write one of {', '.join(VERSIONS)}, or two as 1.7..1.9")
    clusters = [Cluster(kubevirt, options.arch, version) for version in versions if version is not None]
    return Settings(
        clusters[0], clusters[-1], migratable=options.migratable, state=options.state, pruned=options.pruned_revisions
    )


def _kubevirt(path: str | None) -> Manifest | None:
    """The KubeVirt object of a file, None without one."""
    if path is None:
        return None
    found: list[Manifest] = [item for item in manifests.read([path]) if text(item, "kind") == "KubeVirt"]
    if len(found) != 1:
        raise InputError(
            f"{path}: there are {len(found)} KubeVirt objects in it, not one: `kubectl get kubevirt -A -o yaml`"
        )
    return found[0]


def _sides(options: argparse.Namespace) -> tuple[Tree, Tree]:
    """Both sides as the arguments name them."""
    catalogs = open_all(["common"] if options.catalogs is None else options.catalogs)
    named = options.inputs
    if options.since is not None:
        named = named or ["."]
        with revision.checked_out(options.since, named, whole=options.build) as (folder, paths):
            old = _read(paths, options, folder)
        return Tree(old, catalogs), Tree(_read([path for path in named if os.path.exists(path)], options), catalogs)  # noqa: PTH110
    if ".." in options.kubevirt and named:
        tree = Tree(_read(named, options), catalogs)
        return tree, tree
    if len(named) != 2:
        raise InputError(
            f"diff takes BASE and HEAD, got {len(named)} of them; with --since REF it takes any number of paths"
        )
    if named == [inputs.STDIN, inputs.STDIN]:
        raise InputError("stdin can be one of the two sides, not both")
    old, new = (_read([path], options) for path in named)
    return Tree(old, catalogs), Tree(new, catalogs)


def _read(paths: list[str], options: argparse.Namespace, folder: str = "") -> list[Manifest]:
    """The manifests of some paths. folder: where a checkout lies, which no message and no report should name."""
    try:
        if options.build:
            command, flags = kustomize.program(options.kustomize), kustomize.flags(options)
            return _rendered([item for path in paths for item in kustomize.built(path, command, flags)])
        return _rendered([_placed(item, folder) for item in manifests.read(paths)])
    except InputError as error:
        raise InputError(
            str(error).replace(f"{folder}{os.sep}", f"{options.since}:") if folder else str(error)
        ) from None


def _rendered(items: list[Manifest]) -> list[Manifest]:
    """The items as the one VirtualMachineRenderer among them renders them, which is what a cluster gets.

    A VM that it refuses stays as it is written: the comparison says why. Several renderers belong to several builds, and none of
    them counts here.
    """
    configs = [item for item in items if text(item, "kind") == RENDERER and item.get("apiVersion") == CONFIG_API]
    if len(configs) != 1:
        if configs:
            note(
                f"{len(configs)} VirtualMachineRenderers are among the manifests: compare one kustomization at a time with --build"
            )
        return items
    spec = {**mapping(configs[0], "spec"), "validate": False}
    definitions = [item for item in items if text(item, "kind") in GENERATORS and item.get("apiVersion") == CONFIG_API]
    placed, _ = dispatch.generate(definitions, items)
    return dispatch.run({**configs[0], "spec": spec}, placed)[0]


def _placed(item: Manifest, folder: str) -> Manifest:
    """An item of a checkout with the path that it has in the repository."""
    metadata = item.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    if folder and isinstance(annotations, dict) and isinstance(annotations.get(manifests.PATH), str):
        annotations[manifests.PATH] = annotations[manifests.PATH].removeprefix(f"{folder}{os.sep}")
    return item


def _written(report: Report, options: argparse.Namespace) -> str:
    if options.format == "text":
        from krm_fn.report import changes_text

        return changes_text.write(report, colour=not options.output and wants_colour(), everything=options.all)
    if options.format == "markdown":
        from krm_fn.report import changes_markdown

        return changes_markdown.write(report)
    from krm_fn.report.changes_data import data

    found = data(report)
    return wire.write_json(found, 2) + "\n" if options.format == "json" else wire.write_yaml([found])
