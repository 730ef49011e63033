"""`krm-fn catalog build`: a catalog as bundles to release, and as an OCI artifact to push."""

from __future__ import annotations

import json
import os
from collections import Counter
from hashlib import sha256

from krm_fn import __version__, dispatch
from krm_fn.choose import changes
from krm_fn.choose.entry import entries
from krm_fn.commands import tables
from krm_fn.commands.catalog_list import NARROW, narrow
from krm_fn.core import oci, wire
from krm_fn.core.console import DONE, FINDINGS, print_results
from krm_fn.core.errors import InputError
from krm_fn.core.finding import describe, has_errors
from krm_fn.core.manifest import name_of, namespace_of, text
from krm_fn.kinds import GENERATORS, SERIES
from krm_fn.kubevirt.api import CONFIG_API, INSTANCETYPE_KINDS, PREFERENCE_KINDS
from krm_fn.series import catalog
from krm_fn.workspace import arguments, manifests, outputs
from krm_fn.workspace.catalogs import open_all

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable
    from typing import Any

    from krm_fn.choose.changes import Change
    from krm_fn.choose.entry import Entry
    from krm_fn.core.finding import Finding
    from krm_fn.core.manifest import Manifest

HELP = """\
Write a catalog as bundles, one for each kind, with a kustomization that lists
them and their checksums; or as an OCI image layout with the same files in one
layer, which Flux and Argo CD take from a registry. Without files it is the
packaged catalog. The same definitions give the same bytes.

What was made is printed: objects by kind, files and digests. A table for a
README, a site and what changed since an older bundle come on request.

examples:
  krm-fn catalog build -O release/
  krm-fn catalog build definitions/ -O release/ --site public/ --readme CATALOG.md
  krm-fn catalog build definitions/ -O release/ --since old-release/ --changelog CHANGES.md
  krm-fn catalog build definitions/ --oci layout/ --tag v1.2.0
  kustomize build . | krm-fn catalog build - --oci layout/ --tag v1.2.0
  skopeo copy oci:layout:v1.2.0 docker://registry.example.com/catalog:v1.2.0
"""
CHECKSUMS, KUSTOMIZATION = "CHECKSUMS.sha256", "kustomization.yaml"
_TITLE = "Catalog"
_KINDS = frozenset((*INSTANCETYPE_KINDS, *PREFERENCE_KINDS))
_FIELD = ("path", "before", "after")
OWN = "dev.krm-fn."
"""Prefix of our own annotations of an artifact."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this action."""
    arguments.add_inputs(parser, optional=True)
    arguments.add_catalogs(parser, f"{', '.join(catalog.names())} (default common where no file is given)")
    parser.add_argument(
        "--scope", choices=("Cluster", "Namespaced", "Both"), help="kinds of --catalog (default Cluster)"
    )
    parser.add_argument("-O", "--output", metavar="DIR", help="write the bundles into this directory")
    parser.add_argument("--oci", metavar="DIR", help="write an OCI image layout into this new directory")
    parser.add_argument("--site", metavar="DIR", help="write a web site of it as well, as `catalog site` does")
    parser.add_argument("--readme", metavar="FILE", help="write a table of its objects, in markdown")
    parser.add_argument("--since", metavar="NAME|PATH", help="an older catalog: say what is new, changed or gone")
    parser.add_argument("--changelog", metavar="FILE", help="write that in markdown")
    parser.add_argument("--title", metavar="TEXT", help="of the site and the table (default Catalog)")
    parser.add_argument("--tag", default="latest", help="the artifact's tag in the layout (default latest)")
    parser.add_argument("--source", metavar="URL", help="annotation: the repository of the definitions")
    parser.add_argument("--revision", metavar="REVISION", help="annotation: their revision, such as main@sha1:...")
    parser.add_argument(
        "--annotation", action="append", default=[], metavar="KEY=VALUE", help="one more annotation; may be given again"
    )
    arguments.add_format(parser, ("text", "json"), "what is printed: text (default) or json")


def run(options: argparse.Namespace) -> int:
    """Generate all, and write only when there is no mistake."""
    if not (options.output or options.oci or options.site or options.readme):
        raise InputError(
            "nothing says where to: add -O DIR for bundles, --oci DIR for an OCI layout, --site DIR for a site, "
            "--readme FILE for a table, or several"
        )
    if options.oci and os.path.isdir(options.oci) and os.listdir(options.oci):  # noqa: PTH112,PTH208
        # what is left over from another layout would be part of this one
        raise InputError(f"{options.oci} is not empty: name a new directory for the OCI layout")
    if options.changelog and not options.since:
        raise InputError("--changelog says what changed since an older catalog: name it with --since")
    created, annotations = _created(), _annotations(options)
    given = _definitions(options)
    items, results = _expanded(given)
    print_results(results)
    if has_errors(results):
        return FINDINGS
    if not items:
        raise InputError(f"{', '.join(options.inputs)}: there is nothing to build a catalog of")
    contents = bundles(items)
    layout = _layout(options, contents, proof=_proof(items, given, options) | annotations, created=created)
    found = entries("", [item for item in items if text(item, "kind") in _KINDS])
    changed = changes.changes(_older(options.since), found) if options.since else []
    site = _site(options, found, given)
    for folder, files in ((options.output, contents), (options.oci, layout), (options.site, site)):
        if folder:
            outputs.write_files(folder, files)
    if options.readme:
        outputs.write_text(options.readme, _table(found, options.title or _TITLE))
    if options.changelog:
        outputs.write_text(options.changelog, changes.markdown(changed))
    _print(_made(items, contents, layout, changed, options), options.format)
    return DONE


def _proof(items: list[Manifest], given: list[Manifest], options: argparse.Namespace) -> dict[str, str]:
    """The annotations by which an artifact can be traced to what it was made of."""
    return {
        f"{oci.TITLE}title": "KubeVirt instancetypes and preferences",
        f"{oci.TITLE}version": options.tag,
        f"{OWN}version": __version__,
        f"{OWN}objects": str(len(items)),
        f"{OWN}definitions": oci.digest(wire.canonical_json([manifests.clean(item) for item in given]).encode()),
    }


def _layout(
    options: argparse.Namespace, contents: dict[str, bytes], *, proof: dict[str, str], created: int
) -> dict[str, bytes]:
    if not options.oci:
        return {}
    return oci.layout(contents, tag=options.tag, annotations=proof, created=created)


def _older(path: str) -> list[Entry]:
    (name,) = open_all([path])
    return entries(name, catalog.objects(name, "Both"))


def _site(options: argparse.Namespace, found: list[Entry], given: list[Manifest]) -> dict[str, bytes]:
    if not options.site:
        return {}
    if not found:
        raise InputError("--site: there is no instancetype and no preference to show")
    from krm_fn.commands.catalog_site import pages

    series = [manifests.clean(item) for item in given if text(item, "kind") in SERIES]
    return pages(found, series, options.title or _TITLE)


def _table(found: list[Entry], title: str) -> str:
    """A section for a README: how many there are, and a row for each."""
    counts = Counter(entry.kind for entry in found)
    said = " and ".join(f"{count} {kind}{'' if count == 1 else 's'}" for kind, count in counts.items())
    return f"# {tables.escaped(title)}\n\n{said[:1].upper()}{said[1:]}.\n\n{tables.markdown(NARROW, [narrow(entry) for entry in found])}"


def _made(
    items: list[Manifest],
    contents: dict[str, bytes],
    layout: dict[str, bytes],
    changed: list[Change],
    options: argparse.Namespace,
) -> dict[str, Any]:
    """What was made, for programs."""
    made: dict[str, Any] = {
        "objects": len(items),
        "kinds": dict(Counter(text(item, "kind") for item in items)),
        "files": {name: oci.digest(data) for name, data in contents.items()},
    }
    if layout:
        (entry,) = json.loads(layout["index.json"])["manifests"]
        made["artifact"] = {"tag": options.tag, "digest": entry["digest"]}
    if options.since:
        made["since"] = options.since
        made["changes"] = [
            {"what": change.what, "kind": change.entry.item["kind"], "name": change.entry.name}
            | ({"fields": [dict(zip(_FIELD, each, strict=True)) for each in change.fields]} if change.fields else {})
            | ({"successor": change.entry.successor} if change.what == changes.DEPRECATED else {})
            for change in changed
        ]
    return made


def _print(made: dict[str, Any], form: str) -> None:
    if form == "json":
        outputs.write_text(None, wire.write_json(made, 2) + "\n")
        return
    lines = [f"{made['objects']} objects: {', '.join(f'{count} {kind}' for kind, count in made['kinds'].items())}"]
    lines += [f"{digest}  {name}" for name, digest in made["files"].items()]
    if "artifact" in made:
        lines.append(f"{made['artifact']['digest']}  artifact, tag {made['artifact']['tag']}")
    if "changes" in made:
        counts = Counter(change["what"] for change in made["changes"])
        said = ", ".join(f"{counts[what]} {what}" for what in changes.ALL if counts[what]) or "no changes"
        lines.append(f"since {made['since']}: {said}")
    outputs.write_text(None, "".join(f"{line}\n" for line in lines))


def bundles(items: Iterable[Manifest]) -> dict[str, bytes]:
    """File name → content: a YAML stream for each kind, the kustomization and the checksums of these files."""
    kinds: dict[str, list[Manifest]] = {}
    for item in sorted(items, key=lambda item: (namespace_of(item), name_of(item))):
        if not (text(item, "kind").isascii() and text(item, "kind").isalnum()):
            raise InputError(
                f"{describe(item)}: the kind {text(item, 'kind')!r} is no word, so that no bundle can be called by it"
            )
        kinds.setdefault(text(item, "kind").lower(), []).append(item)
    contents = {f"{kind}s.yaml": wire.write_yaml(kinds[kind]).encode() for kind in sorted(kinds)}
    kustomization = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": list(contents),
    }
    contents[KUSTOMIZATION] = wire.write_yaml([kustomization]).encode()
    lines = [f"{sha256(contents[name]).hexdigest()}  {name}\n" for name in sorted(contents)]
    return {**contents, CHECKSUMS: "".join(lines).encode()}


def _definitions(options: argparse.Namespace) -> list[Manifest]:
    """What the catalog is built of, the packaged catalogs as a definition like any other."""
    given = manifests.read(options.inputs, options.exclude)
    chosen = options.catalogs if options.catalogs is not None else ([] if given else ["common"])
    if not chosen:
        return given
    spec = {"catalogs": open_all(chosen), "scope": options.scope or "Cluster"}
    generator = {"apiVersion": CONFIG_API, "kind": "CatalogGenerator", "metadata": {"name": "catalog"}, "spec": spec}
    return [*given, generator]


def _expanded(given: list[Manifest]) -> tuple[list[Manifest], list[Finding]]:
    """Definitions expanded among the other manifests."""
    ours, items = manifests.configurations(given)
    results: list[Finding] = []
    for definition in ours:
        if text(definition, "kind") in GENERATORS:
            items, found = dispatch.run(definition, items)
            results += found
    return manifests.shown(items), results


def _annotations(options: argparse.Namespace) -> dict[str, str]:
    named = {f"{oci.TITLE}source": options.source, f"{oci.TITLE}revision": options.revision}
    found = {key: value for key, value in named.items() if value}
    for pair in options.annotation:
        key, sign, value = pair.partition("=")
        if not (key and sign):
            raise InputError(f"--annotation {pair}: write KEY=VALUE")
        found[key] = value
    return found


def _created() -> int:
    """The time that the artifact carries: SOURCE_DATE_EPOCH, else 1970, so that two builds are the same."""
    given = os.environ.get("SOURCE_DATE_EPOCH", "0")
    if not (given.isascii() and given.isdigit() and len(given) <= 11):
        raise InputError(f"SOURCE_DATE_EPOCH is {given!r}, write seconds since 1970 as a number")
    return int(given)
