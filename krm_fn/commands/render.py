"""`krm-fn render`: VirtualMachines in files, rendered without kustomize."""

from __future__ import annotations

from krm_fn import dispatch
from krm_fn.core import progress
from krm_fn.core.console import DONE, FINDINGS, print_results
from krm_fn.core.errors import FunctionConfigError, InputError
from krm_fn.core.finding import has_errors
from krm_fn.core.manifest import copy_tree, text
from krm_fn.fleet import sharing
from krm_fn.kinds import GENERATORS, SERIES
from krm_fn.kubevirt.api import CONFIG_API, is_virtual_machine
from krm_fn.validate.config import check_config, without_nulls
from krm_fn.workspace import arguments, layout, manifests, outputs
from krm_fn.workspace.catalogs import open_all, open_configured
from krm_fn.workspace.settings import complete

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from krm_fn.core.finding import Finding
    from krm_fn.core.manifest import Manifest
    from krm_fn.fleet.sharing import Sharing

HELP = """\
Write VirtualMachines as KubeVirt would run them: the instancetype and the
preference that each one names are looked up among the files, then in the
catalogs, and written into it. Series and CatalogGenerators among the
files are expanded too. Other manifests pass through.

examples:
  krm-fn render vm.yaml
  krm-fn render vms/ series.yaml -O rendered/
  krm-fn render --mode pin --defaults none vms/
  krm-fn render --config renderer.yaml vms/
  krm-fn render --catalog vendor/bundle.yaml vms/
  krm-fn render --unrender expanded.yaml
  kustomize build . | krm-fn render -
  krm-fn render -j 4 --cache .cache vms/ -O rendered/     many VMs, see docs/fleets.md
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    arguments.add_inputs(parser)
    arguments.add_outputs(parser)
    add_settings(parser)
    arguments.add_fleet(parser)
    parser.add_argument(
        "--unrender",
        action="store_true",
        help="the other way: the short VM of an expanded one, from the revision data in its annotations",
    )


def add_settings(parser: argparse.ArgumentParser) -> None:
    """The options that say how VMs are rendered: what `settings` reads."""
    parser.add_argument("--config", metavar="FILE", help="a VirtualMachineRenderer; the options below win over it")
    parser.add_argument("--mode", choices=("expand", "pin", "check"), help="expand (default), pin, or check")
    arguments.add_catalogs(parser, "where to look after the files: a packaged catalog, or a path (default common)")
    parser.add_argument(
        "--revisions", choices=("annotation", "controllerRevision", "none"), help="where copies of what was applied go"
    )
    parser.add_argument(
        "--defaults", choices=("kubevirt", "none"), help="what KubeVirt adds before a preference (default kubevirt)"
    )
    arguments.add_kubevirt(parser, "whose rules the result is validated against")
    parser.add_argument("--no-validate", action="store_true", help="don't validate the VMs and the result")


def run(options: argparse.Namespace) -> int:
    """Render, report every mistake, and write only when there is none."""
    with sharing.of(options, remember=not options.unrender) as shared:
        sources = manifests.Workspace(options.inputs, located=True, exclude=options.exclude, parse=shared.parse)
        sources.refuse_failures()
        ours, items = manifests.configurations(sources.items)
        config = settings(options, ours)
        if not any(is_virtual_machine(item) for item in items):
            raise InputError(
                f"{', '.join(options.inputs)}: there is no VirtualMachine{_of_a_kustomization(options.inputs)}"
            )
        if options.unrender:
            return _unrender(items, config, options)
        out, results = rendered(ours, items, config, shared)
    results += manifests.twice(items)
    print_results(results, sources.line_of)
    if has_errors(results):
        return FINDINGS
    if config["spec"].get("mode") != "check":
        return outputs.write_items(out, options, follows=shared.follows)
    return DONE


def _of_a_kustomization(named: list[str]) -> str:
    """What to do instead where a directory with a kustomization was named, which render doesn't build."""
    folder = next((given for given in named if layout.kustomization_of(given)), "")
    advice = f"`krm-fn build {folder}`, or `kustomize build {folder} | krm-fn render -`"
    return f"; {folder} is a kustomization, which render doesn't build: run {advice}" if folder else ""


def rendered(
    ours: list[Manifest],
    items: list[Manifest],
    config: Manifest,
    shared: Sharing | None = None,
) -> tuple[list[Manifest], list[Finding]]:
    """The items with what the definitions among `ours` make, rendered as `config` says.

    shared: how the work is done, None for this process alone.

    Raises FunctionConfigError with every mistake in the functionConfigs.
    """
    mistakes = [mistake for item in ours if text(item, "kind") not in SERIES for mistake in check_config(item)]
    if mistakes:
        raise FunctionConfigError(mistakes)
    placed, results = dispatch.generate([item for item in ours if text(item, "kind") in GENERATORS], items)
    if shared is None:
        out, found = dispatch.run(config, placed)
        return out, results + found
    out, found = dispatch.run(config, placed, render=shared.render, part=shared.part)
    return sharing.whole(out), results + found


def _unrender(items: list[Manifest], config: Manifest, options: argparse.Namespace) -> int:
    """Write the short VMs of expanded ones; whatever was not expanded passes through."""
    from krm_fn.functions.rendered import RENDERED
    from krm_fn.functions.virtual_machine_renderer import Options
    from krm_fn.migrate.shorten import shorten
    from krm_fn.validate.manifest import check_schema
    from krm_fn.vm.expand import expand

    settings = Options(config["spec"])

    def again(
        vm: Manifest, instancetype: Manifest | None, preference: Manifest | None
    ) -> tuple[Manifest, list[Finding]]:
        gpus = settings.virtual_gpu_options
        return expand(vm, instancetype, preference, defaults=settings.defaults, virtual_gpu_options=gpus)

    results: list[Finding] = []
    out = []
    for item in progress.track(items, "unrendering"):
        short = item
        if is_virtual_machine(item):
            # what the schema refuses is no result of a rendering, whether it is to be validated or not
            found = check_schema(item, config["spec"])
            if not has_errors(found):
                short, found = shorten(item, again, (RENDERED,))
            results += found
        out.append(short)
    print_results(results)
    if has_errors(results):
        return FINDINGS
    return outputs.write_items(out, options)


def settings(options: argparse.Namespace, ours: list[Manifest]) -> Manifest:
    """The VirtualMachineRenderer of --config or among the files, with the options over it."""
    given = [item for item in ours if text(item, "kind") == "VirtualMachineRenderer"]
    if options.config:
        given = [item for item in manifests.read([options.config]) if text(item, "kind") == "VirtualMachineRenderer"]
        if not given:
            raise InputError(f"{options.config}: there is no VirtualMachineRenderer")
    if len(given) > 1:
        raise InputError(
            f"{len(given)} VirtualMachineRenderers are among the files: name the one that counts with --config FILE"
        )
    open_configured(*ours, *given)
    mistakes = [mistake for item in given for mistake in check_config(item)]
    if mistakes:
        raise FunctionConfigError(mistakes)
    base: Manifest = (
        copy_tree(without_nulls(given[0]))
        if given
        else {"apiVersion": CONFIG_API, "kind": "VirtualMachineRenderer", "metadata": {"name": "command-line"}}
    )
    spec = base.get("spec") or {}
    complete(options, spec)
    for key in ("mode", "revisions", "defaults", "kubevirt"):
        if getattr(options, key) is not None:
            spec[key] = getattr(options, key)
    if options.catalogs is not None:
        spec["catalogs"] = open_all(options.catalogs)
    if options.no_validate:
        spec["validate"] = False
    return {**base, "spec": spec}
