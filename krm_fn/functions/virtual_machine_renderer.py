"""VirtualMachineRenderer: series among the items expanded, then every VM rendered, then all of it validated.

One VM's mistake ends that VM's rendering, never another's: a run reports them all.
"""

from __future__ import annotations

from krm_fn.core import budget, progress
from krm_fn.core.finding import ERROR, WARNING, Finding, Rule, has_errors
from krm_fn.core.manifest import (
    LOCAL_CONFIG,
    annotation,
    copy_tree,
    is_local_config,
    mapping,
    name_of,
    own_annotations,
    text,
    without_nulls,
)
from krm_fn.functions import generated
from krm_fn.functions.guard import operator_names, warn_of_substitution
from krm_fn.functions.rendered import CHECK, EXPAND, NAME_MISSING, PIN, RENDERED
from krm_fn.functions.series import family
from krm_fn.kinds import SERIES
from krm_fn.kubevirt.api import CONFIG_API, INSTANCETYPE_KINDS, PREFERENCE_KINDS, is_virtual_machine
from krm_fn.kubevirt.versions import NEWEST
from krm_fn.kubevirt.versions import read as read_version
from krm_fn.series.catalog import Catalog
from krm_fn.validate.severity import adjusted, once
from krm_fn.vm import revision, selector
from krm_fn.vm.alike import Alike
from krm_fn.vm.compatibility import upgrade
from krm_fn.vm.expand import stored
from krm_fn.vm.find import FIELDS, Found, Lookup, named

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from krm_fn.core.manifest import Manifest

EXCLUSIVE = Rule(
    "config/exclusive", "Settings that exclude each other", "Two settings of a functionConfig can't both hold."
)
_DEFAULT_REVISIONS = {EXPAND: "annotation", PIN: "controllerRevision", CHECK: "none"}


NO_MATCH = Rule(
    "config/selector",
    "Selector that matches nothing",
    "A renderer's selector matches no VirtualMachine, so nothing is rendered.",
)


class Options:
    """A VirtualMachineRenderer's spec with its defaults filled in."""

    __slots__ = (
        "catalogs",
        "defaults",
        "keep",
        "mode",
        "revisions",
        "selector",
        "severity",
        "spec",
        "validate",
        "version",
        "virtual_gpu_options",
    )

    def __init__(self, spec: Manifest) -> None:
        self.spec = spec
        self.mode: str = spec.get("mode", EXPAND)
        self.catalogs: list[str] = spec.get("catalogs", ["common"])
        self.revisions: str = spec.get("revisions", _DEFAULT_REVISIONS[self.mode])
        self.validate: bool = spec.get("validate", True)
        self.defaults: Any = spec.get("defaults", "kubevirt")
        self.selector: Manifest = spec.get("selector") or {}
        self.severity: Manifest = mapping(spec, "severity")
        self.keep: bool = spec.get("keepRevisions", True)
        self.version = read_version(spec.get("kubevirt")) or NEWEST
        self.virtual_gpu_options: bool = spec.get("virtualGPUOptions", False)


class Machines:
    """What rendering some VirtualMachines came to.

    out:        the rendered VMs, in their order.
    results:    what was found on the way, before the severities that the configuration sets.
    texts:      texts in the VMs that another tool would change. validated: what validating them found.
    revisions:  ControllerRevisions to be among the items. origins: the VMs that speak for theirs.
    """

    __slots__ = ("origins", "out", "results", "revisions", "texts", "validated")

    def __init__(self) -> None:
        self.out: list[Manifest] = []
        self.results: list[Finding] = []
        self.texts: list[Finding] = []
        self.validated: list[Finding] = []
        self.revisions: list[Manifest] = []
        self.origins: set[str] = set()


def run(
    config: Manifest,
    items: list[Manifest],
    *,
    render: Callable[[Manifest, list[Manifest], list[Manifest]], Machines] | None = None,
    part: Callable[[list[Manifest]], tuple[list[Manifest], list[Finding]]] | None = None,
) -> tuple[list[Manifest], list[Finding]]:
    """Render the VirtualMachines among the items as `config` says.

    render:  what does the work of `render_machines`, such as several processes.
    part:    gives those of the items that are to be rendered and written; the others are only looked into.
    """
    options = Options(mapping(config, "spec"))
    results = _impossible(config, options)
    if results:
        return items, results
    expanded, results = expand_series(items)
    chosen, twice = part(expanded) if part is not None else (expanded, [])
    results += twice
    flags = [_is_chosen(item, options) for item in chosen]
    budget.spend("machines", sum(flags))
    done = (render or render_machines)(
        options.spec, expanded, [item for item, flag in zip(chosen, flags, strict=True) if flag]
    )
    rendered = iter(done.out)
    out = [next(rendered) if flag else item for item, flag in zip(chosen, flags, strict=True)]
    if options.selector and not any(flags) and part is None:
        results += _no_match(config, expanded)
    # What keeps a VM from being rendered can't be talked down to a warning: it would come out short, and unnoticed.
    results += [result for result in done.results if result.severity == ERROR]
    results += adjusted((result for result in done.results if result.severity != ERROR), options.severity)
    results += adjusted(_checks(options, done, out), options.severity)
    out, clashes = generated.place(out, done.revisions, done.origins)
    results += clashes
    return (items if options.mode == CHECK else out), once(results)


def render_machines(spec: Manifest, items: list[Manifest], machines: list[Manifest]) -> Machines:
    """Render VirtualMachines and validate them, by a renderer's spec. `items`: everything that they can name."""
    options = Options(spec)
    renderer = _Renderer(options, Lookup(items, Catalog(options.catalogs, options.version), upgrade))
    done = renderer.done
    done.out = [renderer.render(vm) for vm in progress.track(machines, "rendering")]
    for vm, _ in renderer.judged:
        warn_of_substitution(vm, done.texts)
    if options.validate:
        from krm_fn.validate.manifest import check_rendered

        done.validated = check_rendered(renderer.judged, items, spec, short=options.mode != EXPAND)
    return done


def _checks(options: Options, done: Machines, out: list[Manifest]) -> list[Finding]:
    """What only shows in the result: texts that another tool would change, names, schemas, admission rules, references."""
    results = list(done.texts)
    if options.mode == PIN:
        kinds = (*INSTANCETYPE_KINDS, *PREFERENCE_KINDS)
        results += operator_names([item for item in out if item.get("kind") in kinds])
    if options.validate:
        from krm_fn.validate.manifest import check_others

        results += done.validated + check_others(out, options.spec)
    return results


def _no_match(config: Manifest, items: list[Manifest]) -> list[Finding]:
    """A warning about a selector that none of the VMs is for."""
    vms = sum(map(is_virtual_machine, items))
    message = (
        f"matches none of the {vms} VirtualMachines, so nothing is rendered: compare it with their names and labels"
    )
    return [Finding(NO_MATCH, message, config, "spec.selector", severity=WARNING)] if vms else []


def expand_series(items: list[Manifest]) -> tuple[list[Manifest], list[Finding]]:
    """Items with the families of every series among them, and the mistakes in those series."""
    series = [item for item in items if item.get("apiVersion") == CONFIG_API and text(item, "kind") in SERIES]
    if not series:
        return items, []
    made: list[Manifest] = []
    results: list[Finding] = []
    for definition in series:
        objects, found = family(definition)
        made += objects
        results += found
    placed, clashes = generated.place(items, made, {generated.origin_of(definition) for definition in series})
    ids = set(map(id, series))
    # no cluster knows these kinds: marked, kustomize and kpt keep them to themselves
    return [_local(item) if id(item) in ids else item for item in placed], results + clashes


def _local(definition: Manifest) -> Manifest:
    """The definition marked as local configuration."""
    if is_local_config(definition) or not isinstance(definition.get("metadata"), dict):
        return definition
    annotations = {**mapping(definition["metadata"], "annotations"), LOCAL_CONFIG: "true"}
    return {**definition, "metadata": {**definition["metadata"], "annotations": annotations}}


def _impossible(config: Manifest, options: Options) -> list[Finding]:
    """Settings that can't stand together."""
    if options.mode == PIN and options.revisions != "controllerRevision":
        message = f"is {options.revisions} but mode pin needs ControllerRevisions: remove it, or write mode: expand"
        return [Finding(EXCLUSIVE, message, config, "spec.revisions", current=options.revisions)]
    return []


def _is_chosen(item: Manifest, options: Options) -> bool:
    return is_virtual_machine(item) and not is_local_config(item) and selector.matches(item, options.selector)


class _Renderer:
    """The state of one call: what is found and made on the way from VM to VM."""

    def __init__(self, options: Options, lookup: Lookup) -> None:
        self.options = options
        self.lookup = lookup
        self.known = revision.Revisions()
        self.alike = Alike(
            defaults=options.defaults,
            virtual_gpu_options=options.virtual_gpu_options,
            admitted=options.validate,
            version=options.version,
        )
        self.done = Machines()
        self.judged: list[tuple[Manifest, Manifest]] = []

    def render(self, vm: Manifest) -> Manifest:
        """The rendered VM, or the VM as it came when it names nothing or something about it is wrong."""
        if not any(mapping(vm, "spec").get(field) is not None for field in FIELDS) and not self.writes_defaults():
            self.judged.append((vm, vm))
            return vm
        results = self.as_written(vm)
        found: dict[str, Found] = {}
        if not has_errors(results):
            for field in FIELDS:
                found[field], mistakes = self.lookup.resolve(vm, field)
                results += mistakes
        if has_errors(results):
            self.done.results += results
            return vm
        short = named(vm, found)
        targets = {field: found[field].target for field in FIELDS}
        for target in targets.values():
            if target is not None:
                budget.spend("characters", len(self.known.of(target).text))
        architecture = "" if self.options.defaults == "none" else self.lookup.architecture(vm)
        expanded, mistakes = self.alike.expand(short, targets["instancetype"], targets["preference"], architecture)
        self.done.results += results + mistakes
        if has_errors(mistakes):
            self.done.results += self.besides(vm, mistakes)
            return vm
        self.judged.append((vm, expanded))
        pins = self.options.mode == PIN
        rendered: Manifest = without_nulls(
            self.pinned(short, found, architecture) if pins else self.finished(expanded, targets)
        )
        return rendered

    def writes_defaults(self) -> bool:
        """Whether what the cluster's webhook writes is asked for: that is for every VM, with and without matchers."""
        return isinstance(self.options.defaults, dict)

    def as_written(self, vm: Manifest) -> list[Finding]:
        """Mistakes in the VM itself that keep it from being rendered at all."""
        results = [] if name_of(vm) else [Finding(NAME_MISSING, "is missing: write metadata.name", vm, "metadata.name")]
        if self.options.validate:
            from krm_fn.validate.manifest import check_schema

            results += adjusted(check_schema(vm, self.options.spec), self.options.severity)
        return results

    def besides(self, vm: Manifest, mistakes: list[Finding]) -> list[Finding]:
        """What is wrong with a VM that can't be rendered, whatever its instancetype and preference would have made of it."""
        if not self.options.validate:
            return []
        from krm_fn.validate.manifest import check_first, check_schema

        places = {each.path for each in (*mistakes, *check_schema(vm, self.options.spec))}
        return [each for each in check_first(vm, self.options.spec) if each.path not in places]

    def finished(self, vm: Manifest, targets: dict[str, Manifest | None]) -> Manifest:
        """An expanded VM with its stamp and its revision data.

        The template's keys are in order, so that what the VM said itself and what was added to it come out alike:
        the same as from kustomize, and the same again from the short VM that --unrender gives back.
        """
        own_annotations(vm)[RENDERED] = EXPAND
        for field, target in targets.items():
            if target is None:
                continue
            data = self.known.of(target)
            if self.options.revisions == "annotation":
                self.done.results += revision.annotate(vm, field, data)
            elif self.options.revisions == "controllerRevision":
                self.done.results += revision.unlabelled(vm, field, target)
                self.emit(vm, data)
        return vm

    def pinned(self, vm: Manifest, found: dict[str, Found], architecture: str) -> Manifest:
        """The short VM with the names of its revisions, which are made beside it unless they are there already."""
        vm = copy_tree(vm)
        own_annotations(vm)[RENDERED] = PIN
        if self.writes_defaults():
            settings = self.options.defaults
            self.done.results += stored(
                vm, found["preference"].target, settings, architecture=architecture, version=self.options.version
            )
        for field in FIELDS:
            target, given = found[field].target, found[field].revision
            if target is None:
                continue
            if given is not None:
                if generated.origin_of(vm) == annotation(given, generated.ORIGIN):  # ours, from an earlier run
                    self.done.origins.add(generated.origin_of(vm))
                    self.done.revisions.append(given)
                continue
            self.done.results += revision.unlabelled(vm, field, target)
            revision.pinned(vm, field, target, self.emit(vm, self.known.of(target)))
        return vm

    def emit(self, vm: Manifest, data: revision.Revision) -> str:
        """Make a ControllerRevision for the VM; returns its name."""
        made = revision.controller_revision(vm, data, keep=self.options.keep)
        origin = generated.origin_of(vm)
        self.done.origins.add(origin)
        self.done.revisions.append(generated.stamp(made, origin, vm))
        return name_of(made)
