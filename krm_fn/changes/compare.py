"""From two trees to what changes in which machine."""

from __future__ import annotations

from krm_fn.changes.answers import answer_for, of_machine, of_new, of_removed, of_upgrade
from krm_fn.changes.causes import Causes
from krm_fn.changes.hidden import masked
from krm_fn.changes.stand_in import StandIns
from krm_fn.changes.upgrades import news
from krm_fn.core.manifest import mapping
from krm_fn.vm.impact.assess import Impact
from krm_fn.vm.impact.references import FIELDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_fn.changes.answers import Answer, Settings
    from krm_fn.changes.causes import Cause
    from krm_fn.changes.tree import Key, Tree
    from krm_fn.core.finding import Finding
    from krm_fn.core.manifest import Manifest
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
_ORCHESTRATOR = ("internal.config.kubernetes.io/", "config.kubernetes.io/", "config.k8s.io/")


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
    known: dict[bytes, Answer] = {}
    machines = [
        _machine(key, before, after, settings, causes, known) for key in sorted({*before.machines, *after.machines})
    ]
    findings = [("before", finding) for finding in before.findings] + [("after", finding) for finding in after.findings]
    if settings.before is not settings.after:
        versions = settings.before.version, settings.after.version
        findings += [(f"KubeVirt {versions[1]}", finding) for finding in news(after.items, *versions)]
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
    key: Key, before: Tree, after: Tree, settings: Settings, causes: Causes, known: dict[bytes, Answer]
) -> Machine:
    if key not in after.machines:
        vm = before.machines[key]
        return Machine(key, REMOVED, vm, of_removed(vm, settings))
    new = after.side(key)
    if key not in before.machines:
        alike = StandIns(new, new)
        return Machine(key, ADDED, new.vm, of_machine(of_new(alike.new, settings), alike))
    old = before.side(key)
    if _same(old, new):
        return Machine(key, UNCHANGED, new.vm) if settings.before is settings.after else _upgraded(key, new, settings)
    alike = StandIns(old, new)
    answer = None if alike.key is None else known.get(alike.key)
    if answer is None:
        answer = answer_for(alike, settings, causes)
        if alike.key is not None:
            known[alike.key] = answer
    machine = Machine(key, MODIFIED, new.vm, of_machine(answer.impact, alike))
    for path, left, right, edit in answer.fields:
        cause = (*edit[:2], alike.real(edit[2]), alike.real(edit[3]))
        shown = [masked(path, alike.real(value)) for value in (left, right)]
        machine.fields.append(Field(path, shown[0], shown[1], causes.note(cause, key)))
    for edit in answer.kept:
        causes.note(edit, key, kept=True)
    return machine


def _upgraded(key: Key, side: Side, settings: Settings) -> Machine:
    """A machine whose manifest stays as it is under another KubeVirt."""
    alike = StandIns(side, side)
    impact = of_machine(of_upgrade(alike.new, settings), alike)
    machine = Machine(key, MODIFIED if impact.effects or impact.notes else UNCHANGED, side.vm, impact)
    because = f"KubeVirt {settings.after.version}"
    for path, left, right in impact.fields:
        shown = [masked(path, alike.real(value)) for value in (left, right)]
        machine.fields.append(Field(path, shown[0], shown[1], because))
    return machine


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
