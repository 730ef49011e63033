"""What a change of a VirtualMachine does, from Git's two sides to the outcome.

The order is KubeVirt's: the change is merged into the stored object, the mutating webhook completes it, the validating one
refuses it or lets it pass, and then the controllers look at it until nothing moves any more.
"""

from __future__ import annotations

from krm_fn.core.fieldpath import find
from krm_fn.core.finding import ERROR
from krm_fn.core.manifest import mapping, namespace_of, text
from krm_fn.vm import defaults as vm_defaults
from krm_fn.vm.expand import expand
from krm_fn.vm.impact import boot, controller, messages, notes, references, state, stored
from krm_fn.vm.impact.applied import applied
from krm_fn.vm.impact.cluster import EVICT, EXPAND, EXPAND_ALL, MIGRATE
from krm_fn.vm.impact.equality import differences, normal, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from krm_fn.core.manifest import Manifest
    from krm_fn.vm.impact.cluster import Cluster
    from krm_fn.vm.impact.references import Reference, Side

    Verdict = tuple[list[tuple[str, str]], list[tuple[str, str]]]
    """(field, message) of what refuses the object, and of what refuses to start it."""
    Judge = Callable[[Manifest, Manifest], Verdict]

AUTO, RUNNING, STOPPED = "auto", "running", "stopped"
_HALTED, _MANUAL, _ALWAYS = "Halted", "Manual", "Always"
_NAMESPACE = "default"
_STARTS = ("Always", "RerunOnFailure", "Once")


class Reason:
    """Why an effect comes. message: KubeVirt's where it says anything. field: a path from the VM's root, or ""."""

    __slots__ = ("effect", "field", "message")

    def __init__(self, effect: str, message: str, field: str = "") -> None:
        self.effect = effect
        self.message = message
        self.field = field


class Impact:
    """What a change does to one machine.

    effects, live: in the words of the report, in a fixed order. fields: (path, before, after) of what the machine is made
    of, as far as it changes: what is running against what a stop and a start would bring. notes: what a reader should know
    besides. rewritten: fields that the controller itself changes in the stored VM, so that it differs from Git.
    """

    __slots__ = ("effects", "fields", "live", "notes", "reasons", "rewritten")

    def __init__(self) -> None:
        self.effects: list[str] = []
        self.live: list[str] = []
        self.reasons: list[Reason] = []
        self.fields: list[tuple[str, Any, Any]] = []
        self.notes: list[str] = []
        self.rewritten: list[str] = []

    def add(self, effect: str, message: str, field: str = "") -> None:
        """Note an effect and why it comes."""
        if effect not in self.effects:
            self.effects.append(effect)
        self.reasons.append(Reason(effect, message, field))


def run_strategy(vm: Manifest) -> str:
    """The run strategy of a VM; `running` stands for Always or Halted."""
    spec = mapping(vm, "spec")
    strategy = text(spec, "runStrategy")
    return strategy or (_ALWAYS if spec.get("running") is True else _HALTED)


def is_running(vm: Manifest, state: str) -> bool:
    """Whether a VM has a machine: by its run strategy, where one that is started by hand counts as started."""
    if state != AUTO:
        return state == RUNNING and run_strategy(vm) != _HALTED
    return run_strategy(vm) != _HALTED


class Question:
    """What is asked: both sides, the cluster's settings, and what no manifest says.

    state: auto, running or stopped. migratable: the machine's LiveMigratable condition. pruned: revisions that Git does not
    hold any more are deleted. judge: admission's verdict on a VM (with both applied, as started).
    """

    __slots__ = ("after", "before", "cluster", "judge", "migratable", "pruned", "state")

    def __init__(  # noqa: PLR0913 - a question has as many parts
        self,
        before: Side,
        after: Side,
        cluster: Cluster,
        judge: Judge,
        *,
        state: str = AUTO,
        migratable: bool = True,
        pruned: bool = False,
    ) -> None:
        self.before = before
        self.after = after
        self.cluster = cluster
        self.judge = judge
        self.state = state
        self.migratable = migratable
        self.pruned = pruned


def assess(question: Question) -> Impact:
    """Answer what the change does."""
    impact = Impact()
    cluster, before, after = question.cluster, question.before, question.after
    old = references.first(before)
    lost = _missing(old)
    unknown = [field for field in lost if field in _missing(references.first(after))]
    live = stored.created(before.vm, _target(old, "preference"), cluster)
    live, old, _ = _written_back(live, old, cluster)
    new = stored.merged(before.vm, after.vm, live)
    refused = _matcher_rule(live, new)
    found = references.later(new, after, old, {} if question.pruned else before.revisions)
    stored.updated(new, _target(found, "preference"), cluster)
    for field in unknown:  # neither side knows the object, which need not mean that the cluster doesn't
        old.pop(field, None)
        found.pop(field, None)
    started: Manifest | None = None
    failing: list[tuple[str, str]] = []
    if not refused:
        refused, failing, started = _admitted(question, new, found)
        if unknown:
            refused, failing = [], []
    impact.notes = notes.of_matchers(lost, unknown) + notes.anew(old, found)
    for field, message in refused:
        impact.add("refused", message, field)
    if refused:
        return impact
    missing = _missing(found)
    new, found, rewritten = _written_back(new, found, cluster)
    if rewritten:
        impact.rewritten.append("spec")
        impact.notes.append(notes.REWRITTEN)
        started = boot.booted(new, None, None, cluster)
    _operate(question, impact, (live, old), (new, found), started)
    if _lost(question, old):
        impact.notes.append(notes.PRUNED)
    for field, message in missing.items():
        impact.add("next-start-fails", message, f"spec.{field}")
    for field, message in failing:
        impact.add("next-start-fails", message, field)
    return impact


def _written_back(
    vm: Manifest, found: dict[str, Reference], cluster: Cluster
) -> tuple[Manifest, dict[str, Reference], bool]:
    """The VM as the cluster's reference policy leaves it, what its matchers mean then, and whether it was rewritten."""
    if cluster.policy not in (EXPAND, EXPAND_ALL) or not any(_targets(found)) or _missing(found):
        return vm, found, False
    expanded = boot.expanded(vm, *_targets(found), cluster)
    return (vm, found, False) if expanded is None else (expanded, {}, True)


def upgrade(before: Question, after: Question) -> Impact:
    """What the same manifest comes to under another version: two questions that differ in their cluster."""
    impact = Impact()
    machines, verdicts = [], []
    for question in (before, after):
        found = references.first(question.after)
        vm = stored.created(question.after.vm, _target(found, "preference"), question.cluster)
        refused, failing, started = _admitted(question, vm, found)
        verdicts.append((refused, failing))
        machines.append(started)
    for effect, old, new in zip(("refused", "next-start-fails"), *verdicts, strict=True):
        for field, message in new:
            if (field, message) not in old:
                impact.add(effect, message, field)
    if machines[0] is not None and machines[1] is not None and is_running(after.after.vm, after.state):
        sides = [normal(machine, "template") for machine in machines]
        impact.fields = [(path, plain(left), plain(right)) for path, left, right in _fields(sides[0], sides[1])]
        if impact.fields:
            impact.add("silent", "comes with the next start of the machine")
    return impact


def _fields(before: Any, after: Any) -> list[tuple[str, Any, Any]]:
    """Where two machines differ, as paths from the VM's root."""
    return [(f"spec.template.{path}", left, right) for path, left, right in differences(before, after)]


def _missing(found: dict[str, Reference]) -> dict[str, str]:
    """The matchers that lead nowhere, with KubeVirt's words for it."""
    return {field: reference.missing for field, reference in found.items() if reference.missing}


def _target(found: dict[str, Reference], field: str) -> Manifest | None:
    return found[field].target if field in found else None


def _targets(found: dict[str, Reference]) -> tuple[Manifest | None, Manifest | None]:
    return _target(found, "instancetype"), _target(found, "preference")


def _matcher_rule(live: Manifest, new: Manifest) -> list[tuple[str, str]]:
    """Another name with the same revisionName is refused (pkg/instancetype/webhooks/vm)."""
    out = []
    for field in references.FIELDS:
        old, now = (mapping(mapping(vm, "spec"), field) for vm in (live, new))
        revision = text(now, "revisionName")
        if revision and revision == text(old, "revisionName") and text(old, "name") != text(now, "name"):
            out.append((f"spec.{field}.revisionName", messages.MATCHER_NAME))
    return out


def _admitted(
    question: Question, new: Manifest, found: dict[str, Reference]
) -> tuple[list[tuple[str, str]], list[tuple[str, str]], Manifest | None]:
    """(what refuses the object, what refuses to start it, the machine that it starts)."""
    instancetype, preference = _targets(found)
    if instancetype is not None or preference is not None:
        _, results = expand(new, instancetype, preference, defaults=vm_defaults.KUBEVIRT)
        errors = [(result.path, result.message) for result in results if result.severity == ERROR]
        if errors:
            return errors, [], None
    created = applied(new, instancetype, preference)
    started = boot.booted(new, instancetype, preference, question.cluster)
    if created is None or started is None:
        return [], [], None
    spec = {key: value for key, value in new["spec"].items() if key not in references.FIELDS}
    refused, failing = question.judge(
        {**new, "spec": {**spec, "template": created}}, {**new, "spec": {**spec, "template": started}}
    )
    return refused, failing, started


def _operate(
    question: Question,
    impact: Impact,
    before: tuple[Manifest, dict[str, Reference]],
    after: tuple[Manifest, dict[str, Reference]],
    started: Manifest | None,
) -> None:
    """What the controllers make of an admitted change."""
    (live, old), (new, found) = before, after
    cluster = question.cluster
    was_running = is_running(question.before.vm, question.state)
    booted = boot.booted(live, *_targets(old), cluster)
    missing = list(_missing(found).values())
    if booted is not None and started is not None and not missing:
        impact.fields = [
            (path, plain(left), plain(right))
            for path, left, right in _fields(normal(booted, "template"), normal(started, "template"))
        ]
    for message in missing:
        impact.add("stuck", message)
    if missing:
        return
    strategy = run_strategy(new)
    if not was_running:
        if strategy in _STARTS and strategy != run_strategy(live):
            impact.add("started", f"runStrategy becomes {strategy}", "spec.runStrategy")
        return
    if booted is None:
        return
    running = state.Running(booted)
    change = _change(question, live, old, new, found)
    if strategy == _HALTED:
        impact.add("stopped", "runStrategy becomes Halted", "spec.runStrategy")
        controller.compare(change, running)
    else:
        controller.run(change, running)
    _report(question, impact, running)


def _change(
    question: Question,
    live: Manifest,
    old: dict[str, Reference],
    new: Manifest,
    found: dict[str, Reference],
) -> state.Change:
    lost = _lost(question, old)
    seen = None if lost else applied(live, *_targets(old))

    def current(vm: Manifest) -> Manifest:
        template = applied(vm, *_targets(found))
        spec: Manifest = (template or vm["spec"]["template"])["spec"]
        return spec

    return state.Change(
        new,
        None if seen is None else seen["spec"],
        current,
        question.cluster,
        migratable=question.migratable,
    )


def _lost(question: Question, old: dict[str, Reference]) -> bool:
    """Whether a revision that the machine was started from is deleted with the change."""
    return question.pruned and any(
        reference.revision and reference.revision not in question.after.revisions for reference in old.values()
    )


def _report(question: Question, impact: Impact, running: state.Running) -> None:
    template = "spec.template.spec"
    if running.live:
        impact.live = list(running.live)
        impact.effects.append("live")
    action = _carrier(question, running)
    if action:
        impact.effects.append(action)
    if running.restart:
        places = [path for path, _, _ in running.blocked] or [running.restart_field]
        for path in places:
            impact.add("restart", running.restart, f"{template}.{path}" if path else "")
    if running.stuck:
        impact.add("stuck", running.stuck)
    impact.rewritten += [f"{template}.domain.devices.interfaces[{name}]" for name in running.cleared]
    if impact.fields and not impact.effects:
        impact.add("silent", "no condition announces it: it comes with the next start")
    if running.restart and not impact.fields:
        impact.notes.append(notes.NOTHING_CHANGES)
    if running.cleared:
        impact.notes.append(notes.cleared(running.cleared))


def _carrier(question: Question, running: state.Running) -> str:
    """What brings a patch into the guest: a migration, an eviction, nothing, or "" when it needs nothing."""
    if not _needs_carrier(running, namespace_of(question.after.vm) or _NAMESPACE):
        return ""
    methods = question.cluster.methods
    if MIGRATE in methods and (question.migratable or running.migrated):
        return "migrate"
    return "evict" if EVICT in methods else "wait"


def _needs_carrier(running: state.Running, namespace: str) -> bool:
    before, after = running.booted["spec"], running.machine["spec"]
    if any(
        find(before, path) != find(after, path)
        for path in (("domain", "cpu", "sockets"), ("domain", "memory", "guest"))
    ):
        return True
    return bool(running.migrated) or _networks_of_pod(before, namespace) != _networks_of_pod(after, namespace)


def _networks_of_pod(spec: Manifest, namespace: str) -> dict[str, str]:
    """The Multus networks that the pod of a machine needs besides its first one, by the interface's name."""
    interfaces = find(spec, ("domain", "devices", "interfaces")) or ()
    names = {entry.get("name") for entry in interfaces if entry.get("state") != "absent"}
    return {
        network.get("name") or "": (network["multus"].get("networkName") or "").removeprefix(f"{namespace}/")
        for network in spec.get("networks") or ()
        if network.get("multus") is not None and not network["multus"].get("default") and network.get("name") in names
    }
