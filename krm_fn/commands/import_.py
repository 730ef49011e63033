"""`krm-fn import`: other platforms' listings as series definitions."""

from __future__ import annotations

import re
import sys

from krm_fn import __version__
from krm_fn.core.console import DONE
from krm_fn.core.errors import InputError
from krm_fn.core.wire import read as read_documents
from krm_fn.core.wire import write_json
from krm_fn.importers import loss
from krm_fn.importers.flavor import Options
from krm_fn.importers.mapfile import Maps
from krm_fn.importers.sources import SOURCES, load
from krm_fn.workspace import inputs, outputs

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from krm_fn.importers.source import Imported

_LISTINGS = "\n".join(f"  {name:<9}  {source.listing}" for name, source in SOURCES.items())
HELP = f"""\
Write series definitions for the sizes that another platform lists, or for
instancetypes and preferences that exist. What is read is what the platform's
own tool prints, or manifests:

{_LISTINGS}

What has no home in KubeVirt is reported on stderr, or in full in a file with
--report: every key of the listing is carried over, reported or ignored by a
rule that the report names.

examples:
  aws ec2 describe-instance-types | krm-fn import aws - > ec2.yaml
  krm-fn import aws page1.json page2.json --gpu 'NVIDIA T4=nvidia.com/TU104GL_Tesla_T4'
  krm-fn import azure skus.json --report lost.json > azure.yaml
  krm-fn import openstack flavors.json images.json --map maps.yaml
  krm-fn import aws newer.json --update ec2.yaml
  krm-fn import gcp types.json --generator -O series.yaml    for `generators:`
  kubectl get vmclusterinstancetype -o yaml | krm-fn import objects - -O series.yaml
  krm-fn import objects ours/ --split catalog/
"""


_FUNCTIONS = {
    "container": f"container:\n  image: ghcr.io/krm-fn/krm-fn:v{__version__}\n",
    "exec": "exec:\n  path: krm-fn\n",
}
"""How kustomize runs a generator, by the words of --generator."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument("source", choices=SOURCES, help="whose listing it is")
    parser.add_argument(
        "files",
        nargs="+",
        metavar="FILE|-",
        help="listings; together they are one, - is stdin; for objects also directories",
    )
    output = parser.add_argument_group("output")
    output.add_argument(
        "-o", "--format", choices=("yaml", "json"), default="yaml", help="yaml (default, with comments) or json"
    )
    output.add_argument("-O", "--output", metavar="FILE", help="write to this file instead of stdout")
    output.add_argument(
        "--generator",
        nargs="?",
        const="container",
        choices=sorted(_FUNCTIONS),
        help="write series that kustomize runs under `generators:`: krm-fn as a container (default), or as exec from the PATH",
    )
    output.add_argument(
        "--report", metavar="FILE", help="write the whole loss report here: JSON if the name ends in .json"
    )
    output.add_argument(
        "--update", metavar="FILE", help="bring this file, made by an earlier import, up to date in place"
    )
    output.add_argument("--prune", action="store_true", help="with --update: drop sizes that the listing no longer has")
    output.add_argument("--dry-run", action="store_true", help="with --update: say what would change and write nothing")
    own = parser.add_argument_group("objects")
    own.add_argument("--split", metavar="DIR", help="a file for each series, and objects.yaml for what none can say")
    own.add_argument("--compare", metavar="OLD", help="say which objects differ from those of this file or directory")
    own.add_argument(
        "--check",
        action="store_true",
        help="write nothing; exit status 1 unless what was written gives the same objects",
    )
    choices = parser.add_argument_group("choices")
    choices.add_argument(
        "--scope", choices=("Cluster", "Namespaced", "Both"), default="", help="the series' scope (default Cluster)"
    )
    choices.add_argument(
        "--family",
        default="",
        metavar="REGEX",
        help="how names are families and sizes, by the groups series and size: '(?P<series>.+?)-(?P<size>.+)'",
    )
    choices.add_argument("--vendor", default="", help="the series' vendor (default the platform)")
    choices.add_argument("--dedicated", action="store_true", help="dedicated CPUs for sizes that are not burstable")
    choices.add_argument("--overcommit", type=int, metavar="PERCENT", help="memory overcommit of burstable sizes")
    choices.add_argument("--annotate", action="store_true", help="keep what has no home as annotations")
    choices.add_argument("--memory", default="", metavar="SIZE", help="memory of KubeVirt flavors that say none")
    maps = parser.add_argument_group("names that only you know")
    maps.add_argument(
        "--gpu",
        action="append",
        default=[],
        metavar="NAME=RESOURCE",
        help="device for a GPU of the listing; repeatable",
    )
    maps.add_argument(
        "--pci-alias", action="append", default=[], metavar="ALIAS=RESOURCE", help="host device for a PCI alias"
    )
    maps.add_argument(
        "--trait", action="append", default=[], metavar="TRAIT=LABEL=VALUE", help="node label for a required trait"
    )
    maps.add_argument("--large-page", metavar="SIZE", help="what hw:mem_page_size=large means (default 2Mi)")
    maps.add_argument(
        "--map", "--gpu-map", dest="map", metavar="FILE", help="gpus, pciAliases, traits and largePageSize in a file"
    )


def run(options: argparse.Namespace) -> int:
    """Import, report, and write or update."""
    if options.update and (options.source == "flavor" or options.format == "json" or options.output):
        raise InputError("--update rewrites series definitions in their file: not for flavor, with -o json or with -O")
    if options.generator and (options.source in ("objects", "flavor") or options.update):
        raise InputError(
            "--generator is for series made anew of a listing: not for objects or flavor, nor with --update"
        )
    if options.source == "objects":
        from krm_fn.commands import import_objects

        return import_objects.run(options, _choices(options))
    files = [(name, data) for name, data, _ in map(inputs.content, options.files)]
    imported = load(options.source, files, _choices(options))
    _report(imported, options.report)
    if options.update:
        return _update(imported, options)
    from krm_fn.roundtrip.definition import compose

    if options.generator:
        for definition in imported.definitions:
            annotations = definition.manifest["metadata"].setdefault("annotations", {})
            annotations["config.kubernetes.io/function"] = _FUNCTIONS[options.generator]
    if options.format == "json":
        items = [definition.manifest for definition in imported.definitions]
        text = write_json({"apiVersion": "v1", "kind": "List", "items": items}, 2) + "\n"
    else:
        text = compose(imported.definitions)
    outputs.write_text(options.output, text)
    return DONE


def _choices(options: argparse.Namespace) -> Options:
    maps = Maps()
    if options.map:
        (name, data) = inputs.content(options.map)[:2]
        documents = read_documents(data, name)
        maps.add_file(documents[0] if len(documents) == 1 else None, name)
    maps.add_devices(options.gpu, "--gpu", "gpus")
    maps.add_devices(options.pci_alias, "--pci-alias", "hostDevices")
    maps.add_traits(options.trait)
    if options.large_page:
        maps.set_large_page(options.large_page, "--large-page")
    if options.overcommit is not None and not 0 <= options.overcommit <= 100:
        raise InputError("--overcommit is a percentage from 0 to 100")
    return Options(
        devices=maps.devices,
        selectors=maps.selectors,
        large_page=maps.large_page,
        overcommit=options.overcommit,
        dedicated=options.dedicated,
        annotate=options.annotate,
        scope=options.scope,
        vendor=options.vendor,
        family=_family(options.family),
        memory=options.memory,
    )


def _family(pattern: str) -> re.Pattern[str] | None:
    """The user's pattern of names, compiled."""
    if not pattern:
        return None
    try:
        found = re.compile(pattern)
    except re.error as error:
        raise InputError(f"--family: {pattern} is no regular expression: {error}") from None
    if not {"series", "size"} <= found.groupindex.keys():
        raise InputError('--family needs the groups series and size, such as "(?P<series>.+)-(?P<size>[^-]+)"')
    return found


def _report(imported: Imported, path: str | None) -> None:
    if path is None:
        sys.stderr.write(loss.to_text(imported.entries, full=False))
        return
    sys.stderr.write(loss.to_summary(imported.entries, path))
    if path.endswith(".json"):
        outputs.write_text(path, write_json(loss.to_json_value(imported.entries), 2) + "\n")
    else:
        outputs.write_text(path, loss.to_text(imported.entries))


def _update(imported: Imported, options: argparse.Namespace) -> int:
    from krm_fn.importers.update import update

    name, data = inputs.content(options.update)[:2]
    text, changes = update(data, name, imported.definitions, prune=options.prune)
    outputs.write_stdout("".join(f"{change}\n" for change in changes) or "nothing changed\n")
    if not options.dry_run:
        outputs.write_text(options.update, text)
    return DONE
