"""`krm-fn schema`: JSON Schemas, the packaged ones and those of a cluster's own CRDs."""

from __future__ import annotations

import os

from krm_fn.core import wire
from krm_fn.core.console import DONE
from krm_fn.core.errors import InputError
from krm_fn.core.suggest import did_you_mean
from krm_fn.kubevirt.crd import schemas_of
from krm_fn.kubevirt.schemas import KINDS, config_kinds, config_schema, packaged
from krm_fn.kubevirt.versions import NEWEST
from krm_fn.workspace import arguments, inputs, outputs

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from krm_fn.core.manifest import Manifest

HELP = """\
Print the JSON Schema that krm-fn checks a kind with, or make one from a CRD so
that manifests are checked against exactly what a cluster runs. Editors use one
through a first line such as
  # yaml-language-server: $schema=schemas/VirtualMachineRenderer.json

examples:
  krm-fn schema                                      the kinds that have a schema
  krm-fn schema VirtualMachine --kubevirt 1.8
  krm-fn schema InstancetypeSeries
  kubectl get crd virtualmachines.kubevirt.io -o yaml | krm-fn schema --from-crd - -O schemas/
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument(
        "kind", nargs="?", metavar="KIND", help="a kind of KubeVirt's or of krm-fn.dev; without it, list them"
    )
    arguments.add_kubevirt(parser, "of which version")
    parser.add_argument(
        "--from-crd", metavar="FILE", help="make schemas from the CustomResourceDefinitions in this file, - for stdin"
    )
    parser.add_argument(
        "-O",
        "--output",
        metavar="PATH",
        help="write to this file, or one file for each kind into this directory (DIR/)",
    )


def run(options: argparse.Namespace) -> int:
    """Print or write schemas. Raises InputError for an unknown kind and for a file without a usable CRD."""
    if options.from_crd:
        name, data, _ = inputs.content(options.from_crd)
        made = schemas_of(wire.read(data, name), name)
        if options.kind:
            made = [schema for schema in made if schema["title"] == options.kind]
            if not made:
                raise InputError(f"{name}: no CustomResourceDefinition of kind {options.kind} in it")
        _write(made, options.output)
    elif options.kind:
        _write([_packaged(options.kind, (options.kubevirt or NEWEST).minor)], options.output)
    else:
        kinds = [*(kind for kinds in KINDS.values() for kind in kinds), *config_kinds()]
        outputs.write_stdout("".join(f"{kind}\n" for kind in kinds))
    return DONE


def _packaged(kind: str, version: str) -> Manifest:
    ours = config_schema(kind)
    if ours is not None:
        return ours
    known = [each for kinds in KINDS.values() for each in kinds]
    if kind not in known:
        raise InputError(
            f"there is no schema of {kind}{did_you_mean(kind, [*known, *config_kinds()]) or '; `krm-fn schema` lists the kinds'}"
        )
    return packaged(kind, version)


def _write(schemas: list[Manifest], target: str | None) -> None:
    if not target or not (target.endswith("/") or os.path.isdir(target)):  # noqa: PTH112
        if len(schemas) > 1:
            kinds = ", ".join(schema["title"] for schema in schemas)
            raise InputError(f"there are several schemas ({kinds}): name one KIND, or a directory with -O DIR/")
        outputs.write_text(target, wire.write_json(schemas[0], 1) + "\n")
        return
    contents = {f"{schema['title'].partition(' ')[0]}.json": wire.write_json(schema, 1) + "\n" for schema in schemas}
    outputs.write_files(target, {name: text.encode() for name, text in contents.items()})
