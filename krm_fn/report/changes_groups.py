"""Machines of a comparison that have the same to say, said once: what the text and the markdown are made of."""

from __future__ import annotations

from krm_fn.changes.compare import EFFECTS, UNCHANGED
from krm_fn.core.finding import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_fn.changes.compare import Machine, Report

MEANINGS = dict(EFFECTS)
_SHOWN = 70
_FOLLOWS = ("domain.cpu.maxSockets", "domain.memory.maxGuest")
"""Fields that KubeVirt works out from others that are shown already."""


class Group:
    """Machines to which the same happens. lines: what changes, (path, before, after, because). says: reasons and notes."""

    __slots__ = ("change", "effects", "lines", "live", "machines", "notes", "says")

    def __init__(self, machine: Machine) -> None:
        impact = machine.impact
        self.change = machine.change
        self.effects = machine.effects
        self.live = impact.live
        self.lines = [
            (
                field.path,
                shown(field.before),
                shown(field.after),
                (field.because.partition("/")[0] == "VirtualMachine" and "the VM") or field.because,
            )
            for field in [field for field in machine.fields if not _is_noise(field.path)] or machine.fields
        ]
        self.says: list[tuple[str, str, list[str]]] = []
        for reason in impact.reasons:
            known = next((entry for entry in self.says if entry[:2] == (reason.effect, reason.message)), None)
            if known is None:
                known = (reason.effect, reason.message, [])
                self.says.append(known)
            if reason.field:
                known[2].append(reason.field)
        self.notes = impact.notes
        self.machines: list[str] = []

    @property
    def key(self) -> str:
        """What two machines have to share."""
        return repr((self.change, self.effects, self.live, self.lines, self.says, self.notes))


def groups(report: Report) -> list[Group]:
    """Groups of the machines that were touched, the gravest effects and the largest groups first."""
    found: dict[str, Group] = {}
    for machine in report.machines:
        if machine.change != UNCHANGED:
            group = Group(machine)
            group = found.setdefault(group.key, group)
            group.machines.append("/".join(part for part in (machine.namespace, machine.name) if part))
    order = list(MEANINGS)
    return sorted(
        found.values(), key=lambda group: (order.index(group.effects[0]), -len(group.machines), group.machines[0])
    )


def _is_noise(path: str) -> bool:
    return path.endswith(_FOLLOWS) or ("annotations[kubevirt.io/" in path and path.endswith("-name]"))


def shown(value: Any) -> str:
    """A value on one line, cut when long; "" for none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        text = "{" + ", ".join(f"{key}: {shown(part)}" for key, part in value.items()) + "}"
    elif isinstance(value, list):
        text = "[" + ", ".join(shown(part) for part in value) + "]"
    else:
        text = str(value)
    text = printable(text)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def change_of(before: str, after: str) -> str:
    """`before → after`, with words for what is new or gone."""
    if not before:
        return f"+ {after}" if after else ""
    return f"{before} → {after}" if after else f"{before} → gone"


def plural(count: int, noun: str) -> str:
    """`1 machine`, `2 machines`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def others(report: Report, most: int) -> list[str]:
    """What changes besides machines: a line for each change, with as many names as fit."""
    lines = []
    for change, word in (("added", "added"), ("modified", "changed"), ("removed", "removed")):
        names = [name for each, name in report.others if each == change]
        if names:
            more = f" and {len(names) - most} more" if len(names) > most else ""
            lines.append(f"{word} besides: {', '.join(names[:most])}{more}")
    return lines


def totals(report: Report) -> str:
    """The first line of a report."""
    counts = [(report.counted(change), change) for change in ("modified", "added", "removed", "unchanged")]
    words = {"modified": "changed"}
    told = ", ".join(f"{count} {words.get(change, change)}" for count, change in counts if count)
    return f"{plural(len(report.machines), 'machine')}: {told}" if report.machines else "no machines on either side"
