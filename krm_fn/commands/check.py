"""`krm-fn check`: whether built manifests were rendered at all."""

from __future__ import annotations

from krm_fn.core.console import DONE, FINDINGS, print_results
from krm_fn.core.errors import InputError
from krm_fn.functions.rendered import unrendered
from krm_fn.kubevirt.api import is_virtual_machine
from krm_fn.workspace import arguments, manifests, outputs

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

HELP = """\
Find VirtualMachines that name an instancetype or a preference and were never
rendered. kubectl kustomize skips functions that it is not allowed to run and
still succeeds; this is how a pipeline notices.

examples:
  kustomize build overlays/prod | krm-fn check -
  krm-fn check built/
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    arguments.add_inputs(parser)


def run(options: argparse.Namespace) -> int:
    """Check every VM among the inputs; nothing at all to check is a failure too."""
    items = manifests.read(options.inputs, options.exclude)
    vms = [item for item in items if is_virtual_machine(item)]
    if not items:
        raise InputError(
            f"{', '.join(options.inputs)}: there is nothing to check: the build before this came out empty"
        )
    results = [finding for vm in vms for finding in unrendered(vm)]
    print_results(results)
    if results:
        return FINDINGS
    outputs.write_stdout(f"{len(vms)} VirtualMachines, none left unrendered\n")
    return DONE
