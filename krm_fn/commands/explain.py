"""`krm-fn explain`: each field of an expanded VirtualMachine with where it comes from."""

from __future__ import annotations

import os

from krm_fn.changes.tree import Tree
from krm_fn.core import wire
from krm_fn.core.console import DONE, FINDINGS, print_results
from krm_fn.core.errors import InputError
from krm_fn.core.suggest import did_you_mean
from krm_fn.explain import Explanation
from krm_fn.workspace import arguments, inputs, manifests, outputs
from krm_fn.workspace.catalogs import open_all

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from krm_fn.changes.tree import Key

HELP = """\
Say where each field of a VirtualMachine comes from once its instancetype and
preference are applied: the VM itself, a field of the instancetype with its
series and size, a field of the preference with its series, member and trait,
or a default of KubeVirt. VM is a file or directory that holds one, or a name
that is looked for in the working directory.

examples:
  krm-fn explain vm.yaml
  krm-fn explain web/shop spec.template.spec.domain.cpu
  krm-fn explain shop --in vms/ --in series.yaml -o yaml
  krm-fn explain vm.yaml --why spec.template.spec.domain.cpu.sockets
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument(
        "vm", metavar="VM", help="a file or directory with one VirtualMachine, - for stdin, NAME or NAMESPACE/NAME"
    )
    parser.add_argument("fields", nargs="*", metavar="FIELD", help="only these fields and what is below them")
    parser.add_argument(
        "--in",
        dest="places",
        action="append",
        metavar="PATH",
        help="where the VM, series, instancetypes and preferences are, repeated (default: VM itself, or . for a name)",
    )
    arguments.add_catalogs(parser, "where to look after the manifests: a packaged catalog, or a path (default common)")
    arguments.add_report(parser, ("text", "yaml", "json"))
    parser.add_argument(
        "--why", action="append", metavar="FIELD", help="tell the story of one field, also of one that is not there"
    )


def run(options: argparse.Namespace) -> int:
    """Explain, or say why the VM can't be expanded."""
    catalogs = open_all(["common"] if options.catalogs is None else options.catalogs)
    is_file = options.vm == inputs.STDIN or os.path.exists(options.vm)  # noqa: PTH110
    places = [*([options.vm] if is_file else []), *(options.places or ([] if is_file else ["."]))]
    tree = Tree(manifests.read(places), catalogs)
    tree.machines = {key: manifests.clean(vm) for key, vm in tree.machines.items()}
    explanation = Explanation(tree, _chosen(tree, options.vm, by_name=not is_file), catalogs)
    for field, message in explanation.missing.items():
        raise InputError(f"{options.vm}: spec.{field}: {message}: give what has it with --in PATH or --catalog NAME")
    print_results([*tree.findings, *explanation.findings])
    if not explanation.origins:
        return FINDINGS
    outputs.write_text(options.output, _written(explanation, options))
    return FINDINGS if tree.findings else DONE


def _chosen(tree: Tree, given: str, *, by_name: bool) -> Key:
    """The one VirtualMachine that is meant."""
    found = sorted(tree.machines)
    if by_name:
        namespace, _, name = given.rpartition("/")
        named = [key for key in found if key[1] == name and namespace in ("", key[0])]
        if not named:
            raise InputError(
                f"{given}: there is no such file and no VirtualMachine of that name{did_you_mean(name, {key[1] for key in found})}"
            )
        found = named
    names = ", ".join("/".join(part for part in key if part) for key in found[:10])
    if len(found) != 1:
        raise InputError(
            f"{given}: there are {len(found)} VirtualMachines: write NAME with --in {given} for one of {names}"
            if found
            else f"{given}: there is no VirtualMachine"
        )
    return found[0]


def _written(explanation: Explanation, options: argparse.Namespace) -> str:
    from krm_fn.report import explanation as report

    if options.why:
        return "\n".join(line for field in options.why for line in explanation.why(field)) + "\n"
    if options.format == "yaml":
        return report.as_yaml(explanation)
    if options.format == "json":
        return wire.write_json(report.data(explanation, options.fields), 2) + "\n"
    return report.as_text(explanation, options.fields)
