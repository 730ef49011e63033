"""What a change does to one machine and to all that are like it: KubeVirt's answer, and because of what."""

from __future__ import annotations

from krm_fn.changes.stand_in import TOKEN
from krm_fn.core.finding import ERROR
from krm_fn.core.manifest import mapping
from krm_fn.validate.admission.verdict import verdict
from krm_fn.validate.manifest import check_schema
from krm_fn.vm.impact import migratable
from krm_fn.vm.impact.assess import AUTO, Impact, Question, Reason, assess, is_running, run_strategy, upgrade
from krm_fn.vm.impact.equality import differences, normal, plain
from krm_fn.vm.impact.references import FIELDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_fn.changes.causes import Causes, Edit
    from krm_fn.changes.stand_in import StandIns
    from krm_fn.core.manifest import Manifest
    from krm_fn.vm.impact.cluster import Cluster
    from krm_fn.vm.impact.references import Side

YES, NO = "yes", "no"
_OF_NEW = ("refused", "stuck", "next-start-fails")
"""What can happen to a machine that is new, besides starting."""


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


class Answer:
    """What a change does to a machine and to all that are like it. fields: (path, before, after, edit); kept: edits."""

    __slots__ = ("fields", "impact", "kept")

    def __init__(self, impact: Impact, fields: list[tuple[str, Any, Any, Edit]], kept: list[Edit]) -> None:
        self.impact = impact
        self.fields = fields
        self.kept = kept


def answer_for(alike: StandIns, settings: Settings, causes: Causes) -> Answer:
    """Ask for a change, and trace each field that it changes."""
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


def of_machine(impact: Impact, alike: StandIns) -> Impact:
    """An answer with the machine's own names in what it says."""
    if not any(TOKEN.search(reason.message) for reason in impact.reasons):
        return impact
    out = Impact()
    out.effects, out.live, out.fields, out.notes = impact.effects, impact.live, impact.fields, impact.notes
    out.reasons = [Reason(reason.effect, alike.real(reason.message), reason.field) for reason in impact.reasons]
    return out


def of_upgrade(side: Side, settings: Settings) -> Impact:
    """The same manifest under another KubeVirt: what it refuses now, and what the next start makes of it."""
    clusters = (settings.before, settings.after)
    before, after = (_misshapen(side, cluster) for cluster in clusters)
    if before is None and after is None:
        return upgrade(*(_question(side, side, settings, cluster) for cluster in clusters))
    return after if after is not None and before is None else Impact()


def of_new(side: Side, settings: Settings) -> Impact:
    """A new machine: refused, started, or neither."""
    impact = _misshapen(side, settings.after) or assess(_question(side, side, settings))
    impact.effects = [effect for effect in impact.effects if effect in _OF_NEW]
    impact.live, impact.fields = [], []
    impact.reasons = [reason for reason in impact.reasons if reason.effect in impact.effects]
    if not impact.effects and is_running(side.vm, AUTO) and run_strategy(side.vm) != "Manual":
        impact.add("started", "the VirtualMachine is new", "spec.runStrategy")
    return impact


def of_removed(vm: Manifest, settings: Settings) -> Impact:
    """A machine whose VM leaves Git."""
    impact = Impact()
    if is_running(vm, settings.state):
        impact.add("stopped", "the VirtualMachine is deleted, its machine with it, where the cluster prunes")
    return impact


def _question(old: Side, new: Side, settings: Settings, cluster: Cluster | None = None) -> Question:
    cluster = cluster or settings.after

    def judge(created: Manifest, started: Manifest) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
        return verdict(created, started, cluster.version, live_update=cluster.live_update, is_on=cluster.is_on)

    moves = settings.migratable == YES if settings.migratable != AUTO else not migratable.obstacles(old)
    return Question(old, new, cluster, judge, state=settings.state, migratable=moves, pruned=settings.pruned)


def _around(old: Manifest, new: Manifest) -> list[tuple[str, Any, Any]]:
    """What differs in the VMs' specs beside their templates and matchers."""
    sides = [
        {key: value for key, value in mapping(vm, "spec").items() if key not in ("template", *FIELDS)}
        for vm in (old, new)
    ]
    found = differences(normal(sides[0], "spec"), normal(sides[1], "spec"), "spec")
    return [(path, plain(left), plain(right)) for path, left, right in found]
