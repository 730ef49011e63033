"""`krm-fn check`: whether built manifests were rendered at all."""

from __future__ import annotations

from krm_fn.core.console import DONE, FINDINGS, print_results
from krm_fn.core.errors import InputError
from krm_fn.core.finding import Finding
from krm_fn.core.manifest import annotation, mapping
from krm_fn.functions.virtual_machine_renderer import PIN, RENDERED
from krm_fn.kubevirt.api import is_virtual_machine
from krm_fn.vm.find import FIELDS
from krm_fn.workspace import arguments, manifests, outputs

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from krm_fn.core.manifest import Manifest

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
    items = manifests.read(options.inputs)
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


def unrendered(vm: Manifest) -> list[Finding]:
    """What shows that a VM was not rendered: matchers without the stamp, or pinned without a revision's name."""
    results = []
    stamp = annotation(vm, RENDERED)
    for field in FIELDS:
        matcher = mapping(vm, "spec").get(field)
        if matcher is None:
            continue
        if stamp != PIN:
            message = (
                "names an object, but the VM was not rendered: run kustomize with --enable-alpha-plugins --enable-exec, "
                "or with a container engine (kubectl kustomize can't run exec functions)"
            )
            results.append(Finding("render/skipped", message, vm, f"spec.{field}", current=matcher))
        elif not mapping(vm, "spec", field).get("revisionName"):
            message = "has no revisionName although the VM was pinned: render it again"
            results.append(Finding("render/unpinned", message, vm, f"spec.{field}.revisionName"))
    return results
