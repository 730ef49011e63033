"""From two trees to what changes in which machine."""

from __future__ import annotations

from krm_fn.changes.causes import Causes
from krm_fn.changes.hidden import masked
from krm_fn.changes.stand_in import TOKEN, StandIns
from krm_fn.core.finding import ERROR
from krm_fn.core.manifest import mapping
from krm_fn.validate.admission.verdict import verdict
from krm_fn.validate.manifest import check_schema
from krm_fn.vm.impact import migratable
from krm_fn.vm.impact.alike import differences, normal, plain
from krm_fn.vm.impact.assess import AUTO, Impact, Question, Reason, assess, is_running, run_strategy, upgrade
from krm_fn.vm.impact.references import FIELDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_fn.changes.causes import Cause, Edit
    from krm_fn.changes.tree import Key, Tree
    from krm_fn.core.finding import Finding
    from krm_fn.core.manifest import Manifest
    from krm_fn.vm.impact.cluster import Cluster
    from krm_fn.vm.impact.references import Side

ADDED, REMOVED, MODIFIED, UNCHANGED = "added", "removed", "modified", "unchanged"
EFFECTS = (
    ("refused", "refused by the API server or a webhook"),
    ("stuck", "admitted, and the controller never settles"),
    ("next-start-fails", "the next start fails"),
    ("stopped", "stopped"),
    ("started", "started"),
    ("evict", "shut down and started again to take the change"),
    ("restart", "need a restart, and KubeVirt says so (RestartRequired)"),
    ("silent", "change with the next start, and nobody says so"),
    ("migrate", "take the change by a live migration"),
    ("wait", "have the change recorded, and nothing carries it to the guest"),
    ("live", "take the change while they run"),
    ("none", "changed in Git, unchanged in the cluster"),
)
"""The words of a report in the order of what a reader has to know first, with what they mean of machines."""
YES, NO = "yes", "no"
_ORCHESTRATOR = ("internal.config.kubernetes.io/", "config.kubernetes.io/", "config.k8s.io/")


class Settings:
    """What a comparison is made under.

    before, after: the cluster on either side, two for an upgrade. migratable: auto, yes or no. state: auto, running or
    stopped. pruned: revisions that Git does not hold any more are deleted.
    """

    __slots__ = ("after", "before", "migratable", "pruned", "state")

    def __init__(
        self, before: Cluster, after: Cluster, *, migratable: str = AUTO, state: str = AUTO, pruned: bool = False
    ) -> None:
        self.before = before
        self.after = after
        self.migratable = migratable
        self.state = state
        self.pruned = pruned


class Field:
    """One field that changes, from the VM's root, and the cause of that."""

    __slots__ = ("after", "because", "before", "path")

    def __init__(self, path: str, before: Any, after: Any, because: str) -> None:
        self.path = path
        self.before = before
        self.after = after
        self.because = because


class Machine:
    """What becomes of one machine. change: one of ADDED to UNCHANGED. source: the manifest that the reader should look at."""

    __slots__ = ("change", "fields", "impact", "name", "namespace", "source")

    def __init__(self, key: Key, change: str, source: Manifest, impact: Impact | None = None) -> None:
        self.namespace, self.name = key
        self.change = change
        self.source = source
        self.impact = impact or Impact()
        self.fields: list[Field] = []

    @property
    def effects(self) -> list[str]:
        """The effects in the order of EFFECTS; `none` where there is none."""
        return [name for name, _ in EFFECTS if name in self.impact.effects] or ["none"]


class Report:
    """All that a comparison found.

    findings: (side, finding) of what could not be read. others: (change, object) of the manifests that are no machines, named
    and never shown, since there may be secrets among them.
    """

    __slots__ = ("causes", "findings", "machines", "others")

    def __init__(
        self,
        machines: list[Machine],
        causes: list[Cause],
        findings: list[tuple[str, Finding]],
        others: list[tuple[str, str]],
    ) -> None:
        self.machines = machines
        self.causes = causes
        self.findings = findings
        self.others = others

    def counted(self, change: str) -> int:
        """How many machines have this change."""
        return sum(machine.change == change for machine in self.machines)

    def effects(self) -> dict[str, int]:
        """Effect to the number of machines that have it, among those that were touched."""
        out: dict[str, int] = {}
        for name, _ in EFFECTS:
            found = sum(name in machine.effects for machine in self.machines if machine.change != UNCHANGED)
            if found:
                out[name] = found
        return out


def compare(before: Tree, after: Tree, settings: Settings) -> Report:
    """Everything that changes between two trees."""
    causes = Causes(before, after)
    answers: dict[bytes, Answer] = {}
    machines = [
        _machine(key, before, after, settings, causes, answers) for key in sorted({*before.machines, *after.machines})
    ]
    findings = [("before", finding) for finding in before.findings] + [("after", finding) for finding in after.findings]
    return Report(machines, causes.grouped(), findings, _others(before, after))


def _others(before: Tree, after: Tree) -> list[tuple[str, str]]:
    """What changes besides machines."""
    found = []
    for kind, namespace, name in sorted({*before.others, *after.others}):
        old, new = before.others.get((kind, namespace, name)), after.others.get((kind, namespace, name))
        if old is None or new is None:
            change = ADDED if old is None else REMOVED
        elif old is new or _whole(old) == _whole(new):
            continue
        else:
            change = MODIFIED
        found.append((change, f"{kind} {'/'.join(part for part in (namespace, name) if part)}"))
    return found


def _whole(item: Manifest) -> Any:
    """A manifest without where its file lies."""
    annotations = mapping(item, "metadata", "annotations")
    own = {key: value for key, value in annotations.items() if not key.startswith(_ORCHESTRATOR)}
    return {**item, "metadata": {**mapping(item, "metadata"), "annotations": own}}


def _machine(
    key: Key, before: Tree, after: Tree, settings: Settings, causes: Causes, answers: dict[bytes, Answer]
) -> Machine:
    if key not in after.machines:
        return _removed(key, before, settings)
    if key not in before.machines:
        return _added(key, after, settings)
    old, new = before.side(key), after.side(key)
    if _same(old, new):
        return Machine(key, UNCHANGED, new.vm) if settings.before is settings.after else _upgraded(key, new, settings)
    alike = StandIns(old, new)
    answer = None if alike.key is None else answers.get(alike.key)
    if answer is None:
        answer = _answer(alike, settings, causes)
        if alike.key is not None:
            answers[alike.key] = answer
    machine = Machine(key, MODIFIED, new.vm, _of_machine(answer.impact, alike))
    for path, left, right, edit in answer.fields:
        cause = (*edit[:2], alike.real(edit[2]), alike.real(edit[3]))
        shown = [masked(path, alike.real(value)) for value in (left, right)]
        machine.fields.append(Field(path, shown[0], shown[1], causes.note(cause, key)))
    for edit in answer.kept:
        causes.note(edit, key, kept=True)
    return machine


class Answer:
    """What a change does to a machine and to all that are like it. fields: (path, before, after, edit); kept: edits."""

    __slots__ = ("fields", "impact", "kept")

    def __init__(self, impact: Impact, fields: list[tuple[str, Any, Any, Edit]], kept: list[Edit]) -> None:
        self.impact = impact
        self.fields = fields
        self.kept = kept


def _answer(alike: StandIns, settings: Settings, causes: Causes) -> Answer:
    old, new = alike.old, alike.new
    impact = _assessed(old, new, settings)
    trace = causes.of(old, new)
    refused = (
        [(path, plain(left), plain(right)) for path, left, right in trace.own] if "refused" in impact.effects else []
    )
    fields = refused or [*_around(old.vm, new.vm), *impact.fields]
    kept, said = trace.kept()
    impact.notes += said
    return Answer(impact, [(path, left, right, trace.edit(path)) for path, left, right in fields], kept)


def _assessed(old: Side, new: Side, settings: Settings) -> Impact:
    """What a change does, where both manifests are of the shape that KubeVirt's schema wants."""
    impact = _misshapen(new, settings.after)
    if impact is not None:
        return impact
    if _misshapen(old, settings.before) is not None:
        impact = assess(_question(new, new, settings))
        impact.notes.append(
            "the manifest before the change is none that KubeVirt takes, so nothing is said of the machine that runs"
        )
        return impact
    return assess(_question(old, new, settings))


def _misshapen(side: Side, cluster: Cluster) -> Impact | None:
    """The refusal of a VM that the schema of KubeVirt's version refuses, None where it doesn't."""
    found = [each for each in check_schema(side.vm, {"kubevirt": cluster.version}) if each.severity == ERROR]
    if not found:
        return None
    impact = Impact()
    for each in found:
        impact.add("refused", each.message, each.path)
    return impact


def _of_machine(impact: Impact, alike: StandIns) -> Impact:
    """An answer with the machine's own names in what it says."""
    if not any(TOKEN.search(reason.message) for reason in impact.reasons):
        return impact
    out = Impact()
    out.effects, out.live, out.fields, out.notes = impact.effects, impact.live, impact.fields, impact.notes
    out.reasons = [Reason(reason.effect, alike.real(reason.message), reason.field) for reason in impact.reasons]
    return out


def _upgraded(key: Key, side: Side, settings: Settings) -> Machine:
    """The same manifest under another KubeVirt: what it refuses now, and what the next start makes of it."""
    source = side.vm
    side = StandIns(side, side).old
    clusters = (settings.before, settings.after)
    before, after = (_misshapen(side, cluster) for cluster in clusters)
    if before is None and after is None:
        impact = upgrade(*(_question(side, side, settings, cluster) for cluster in clusters))
    else:
        impact = after if after is not None and before is None else Impact()
    machine = Machine(key, MODIFIED if impact.effects or impact.notes else UNCHANGED, source, impact)
    because = f"KubeVirt {settings.after.version}"
    machine.fields = [
        Field(path, masked(path, left), masked(path, right), because) for path, left, right in impact.fields
    ]
    return machine


def _question(old: Side, new: Side, settings: Settings, cluster: Cluster | None = None) -> Question:
    cluster = cluster or settings.after

    def judge(created: Manifest, started: Manifest) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
        return verdict(created, started, cluster.version, live_update=cluster.live_update, is_on=cluster.is_on)

    moves = settings.migratable == YES if settings.migratable != AUTO else not migratable.obstacles(old)
    return Question(old, new, cluster, judge, state=settings.state, migratable=moves, pruned=settings.pruned)


def _same(old: Side, new: Side) -> bool:
    """Whether nothing that decides about a machine differs: its manifest and what its matchers lead to."""
    if old.vm is not new.vm and _written(old.vm) != _written(new.vm):
        return False
    for field in FIELDS:
        matcher = mapping(mapping(new.vm, "spec"), field)
        if not matcher:
            continue
        left, right = old.objects.get(field), new.objects.get(field)
        if left is not right and content(left) != content(right):
            return False
        revision = matcher.get("revisionName")
        if revision and old.revisions.get(revision) != new.revisions.get(revision):
            return False
    return True


def _written(vm: Manifest) -> Any:
    """What a person wrote of a VM: without its status, and without where the file lies."""
    metadata = mapping(vm, "metadata")
    annotations = mapping(metadata, "annotations")
    own = {key: value for key, value in annotations.items() if not key.startswith(_ORCHESTRATOR)}
    return vm.get("spec"), mapping(metadata, "labels"), own


def content(item: Manifest | None) -> Any:
    """What of an instancetype or a preference reaches a machine."""
    return None if item is None else (item.get("kind"), mapping(item, "metadata").get("name"), item.get("spec"))


def _around(old: Manifest, new: Manifest) -> list[tuple[str, Any, Any]]:
    """What differs in the VMs' specs beside their templates and matchers."""
    sides = [
        {key: value for key, value in mapping(vm, "spec").items() if key not in ("template", *FIELDS)}
        for vm in (old, new)
    ]
    found = differences(normal(sides[0], "spec"), normal(sides[1], "spec"), "spec")
    return [(path, plain(left), plain(right)) for path, left, right in found]


def _added(key: Key, after: Tree, settings: Settings) -> Machine:
    """A new machine: refused, started, or neither."""
    side = after.side(key)
    plain_side = StandIns(side, side).new
    impact = _misshapen(plain_side, settings.after) or assess(_question(plain_side, plain_side, settings))
    impact.effects = [effect for effect in impact.effects if effect in ("refused", "stuck", "next-start-fails")]
    impact.live, impact.fields = [], []
    impact.reasons = [reason for reason in impact.reasons if reason.effect in impact.effects]
    if not impact.effects and is_running(side.vm, AUTO) and run_strategy(side.vm) != "Manual":
        impact.add("started", "the VirtualMachine is new", "spec.runStrategy")
    return Machine(key, ADDED, side.vm, impact)


def _removed(key: Key, before: Tree, settings: Settings) -> Machine:
    vm = before.machines[key]
    machine = Machine(key, REMOVED, vm)
    if is_running(vm, settings.state):
        machine.impact.add("stopped", "the VirtualMachine is deleted, its machine with it, where the cluster prunes")
    return machine
