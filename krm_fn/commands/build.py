"""`krm-fn build`: kustomizations built and rendered in one process."""

from __future__ import annotations

from krm_fn.commands import render
from krm_fn.core import progress
from krm_fn.core.console import FINDINGS, note, print_results
from krm_fn.core.finding import Finding, has_errors
from krm_fn.fleet import sharing
from krm_fn.functions.generated import identity
from krm_fn.kubevirt.api import is_virtual_machine
from krm_fn.series.objects import DUPLICATE_NAME
from krm_fn.vm.find import NOT_FOUND
from krm_fn.workspace import arguments, kustomize, manifests, outputs

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator

    from krm_fn.core.manifest import Manifest
    from krm_fn.fleet.sharing import Sharing

HELP = """\
Run `kustomize build` on each directory and render what it prints, in one process.
The result is that of `kustomize build DIR | krm-fn render -`: kustomize calls no
function, which for many VirtualMachines is most of what a build costs. Series, and
a VirtualMachineRenderer with the settings, are listed under `resources:`; they are
used and left out. Where a kustomization calls functions itself, kustomize's own
options let it, as in the last example.

examples:
  krm-fn build overlays/prod
  krm-fn build overlays/* -O rendered/
  krm-fn build --mode pin --kubevirt 1.8 overlays/prod
  krm-fn build --enable-helm overlays/prod
  krm-fn build --enable-alpha-plugins --enable-exec overlays/prod
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument("inputs", nargs="+", metavar="DIR", help="directories with a kustomization")
    arguments.add_outputs(parser)
    render.add_settings(parser)
    kustomize.add_flags(parser)
    arguments.add_fleet(parser)


def run(options: argparse.Namespace) -> int:
    """Build each directory, render it by itself, and write everything when there is no mistake in any."""
    items: list[Manifest] = []
    results: list[Finding] = []
    seen: dict[tuple[str, ...], str] = {}
    checks_only = False
    with sharing.of(options) as shared:
        for folder, built in _built(list(dict.fromkeys(options.inputs)), options, shared):
            ours, plain = manifests.configurations(built)
            config = render.settings(options, ours)
            checks_only = config["spec"].get("mode") == "check"
            if not any(is_virtual_machine(item) for item in plain):
                note(f"{folder}: there is no VirtualMachine in it")
            rendered, found = render.rendered(ours, plain, config, shared)
            results += found
            _lead_to_the_mark(folder, found)
            shown = manifests.shown(rendered)
            results += _twice(shown, folder, seen)
            items += shown
    print_results(results)
    if has_errors(results):
        return FINDINGS
    return 0 if checks_only else outputs.write_items(items, options, follows=shared.follows)


def _built(folders: list[str], options: argparse.Namespace, shared: Sharing) -> Iterator[tuple[str, list[Manifest]]]:
    """Each directory with what kustomize makes of it; with `-j`, kustomize runs for several at once."""
    command, flags = kustomize.program(options.kustomize), kustomize.flags(options)

    def output(folder: str) -> tuple[bytes, str]:
        return kustomize.output(folder, command, flags)

    if options.jobs == 1:
        printed: Iterable[tuple[bytes, str]] = map(output, progress.track(folders, "building"))
    else:
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(options.jobs) as threads:
            printed = list(threads.map(output, folders))
    for folder, text in zip(folders, printed, strict=True):
        yield folder, kustomize.manifests_of(document.value for document in shared.parse(*text))


def _lead_to_the_mark(folder: str, found: list[Finding]) -> None:
    """Say which series kustomize has not printed, where a name was not found."""
    if any(result.rule == NOT_FOUND for result in found):
        for path in kustomize.dropped(folder):
            note(
                f"{path}: is annotated config.kubernetes.io/local-config, so kustomize does not print it: remove the annotation, "
                "`krm-fn build` leaves definitions out by itself"
            )


def _twice(items: list[Manifest], folder: str, seen: dict[tuple[str, ...], str]) -> list[Finding]:
    """Objects that another directory has as well: applied together, one of the two would win by chance."""
    results = []
    for item in items:
        first = seen.setdefault((str(item.get("apiVersion")), *identity(item)), folder)
        if first != folder:
            message = f"comes out of {first} and of {folder}: build them one by one, or give one of them another name or namespace"
            results.append(Finding(DUPLICATE_NAME, message, item, "metadata.name"))
    return results
