"""`krm-fn catalog build`: a catalog as bundles to release, and as an OCI artifact to push."""

from __future__ import annotations

import os
from hashlib import sha256

from krm_fn import __version__, dispatch
from krm_fn.core import oci, wire
from krm_fn.core.console import DONE, FINDINGS, print_results
from krm_fn.core.errors import InputError
from krm_fn.core.finding import describe, has_errors
from krm_fn.core.manifest import name_of, namespace_of, text
from krm_fn.kinds import GENERATORS
from krm_fn.kubevirt.api import CONFIG_API
from krm_fn.series import catalog
from krm_fn.workspace import arguments, manifests, outputs
from krm_fn.workspace.catalogs import open_all

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from krm_fn.core.finding import Finding
    from krm_fn.core.manifest import Manifest

HELP = """\
Write a catalog as bundles, one for each kind, with a kustomization that lists
them and their checksums; or as an OCI image layout with the same files in one
layer, which Flux and Argo CD take from a registry. Without files it is the
packaged catalog. The same definitions give the same bytes.

examples:
  krm-fn catalog build -O release/
  krm-fn catalog build definitions/ --oci layout/ --tag v1.2.0
  kustomize build . | krm-fn catalog build - --oci layout/ --tag v1.2.0
  skopeo copy oci:layout:v1.2.0 docker://registry.example.com/catalog:v1.2.0
"""
CHECKSUMS, KUSTOMIZATION = "CHECKSUMS.sha256", "kustomization.yaml"
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
    parser.add_argument("--tag", default="latest", help="the artifact's tag in the layout (default latest)")
    parser.add_argument("--source", metavar="URL", help="annotation: the repository of the definitions")
    parser.add_argument("--revision", metavar="REVISION", help="annotation: their revision, such as main@sha1:...")
    parser.add_argument(
        "--annotation", action="append", default=[], metavar="KEY=VALUE", help="one more annotation; may be given again"
    )


def run(options: argparse.Namespace) -> int:
    """Generate all, and write only when there is no mistake."""
    if not (options.output or options.oci):
        raise InputError("nothing says where to: add -O DIR for bundles, --oci DIR for an OCI layout, or both")
    if options.oci and os.path.isdir(options.oci) and os.listdir(options.oci):  # noqa: PTH112,PTH208
        # what is left over from another layout would be part of this one
        raise InputError(f"{options.oci} is not empty: name a new directory for the OCI layout")
    created, annotations = _created(), _annotations(options)
    given = _definitions(options)
    items, results = _expanded(given)
    print_results(results)
    if has_errors(results):
        return FINDINGS
    if not items:
        raise InputError(f"{', '.join(options.inputs)}: there is nothing to build a catalog of")
    contents = bundles(items)
    if options.output:
        outputs.write_files(options.output, contents)
    if options.oci:
        proof = {
            f"{oci.TITLE}title": "KubeVirt instancetypes and preferences",
            f"{oci.TITLE}version": options.tag,
            f"{OWN}version": __version__,
            f"{OWN}objects": str(len(items)),
            f"{OWN}definitions": oci.digest(wire.canonical_json([manifests.clean(item) for item in given]).encode()),
        }
        outputs.write_files(
            options.oci, oci.layout(contents, tag=options.tag, annotations=proof | annotations, created=created)
        )
    return DONE


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
