"""Runs the tables of rules over a machine: only the rules whose subject is there.

A rule names the part of the machine that it is about and, mostly, a key that the part must have. So the walk goes
over the keys of the manifest and looks up who cares, and costs little however many rules there are.
"""

from __future__ import annotations

from krm_fn.core.finding import NOTHING, Finding
from krm_fn.validate.admission.machine import Machine
from krm_fn.validate.admission.rule import STAGES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from krm_fn.core.manifest import Manifest
    from krm_fn.validate.admission.rule import Found, Rule

    Part = tuple[Callable[[Machine], Any], bool, tuple[Rule, ...], dict[str, tuple[Rule, ...]]]
    Plan = tuple[Part, ...]
    Hit = tuple[Rule, str, Any, dict[str, str]]

_SHOWN = 60
_NO_WORDS: dict[str, str] = {}

SUBJECTS: dict[str, tuple[Callable[[Machine], Any], bool]] = {
    "metadata": (lambda machine: machine.metadata, False),
    "spec": (lambda machine: machine.spec, False),
    "template metadata": (lambda machine: _part(machine.spec.get("template"), "metadata"), False),
    "template": (lambda machine: machine.template, False),
    "domain": (lambda machine: machine.domain, False),
    "devices": (lambda machine: machine.devices, False),
    "resources": (lambda machine: machine.resources, False),
    "cpu": (lambda machine: machine.cpu, False),
    "memory": (lambda machine: machine.memory, False),
    "firmware": (lambda machine: _part(machine.domain, "firmware"), False),
    "features": (lambda machine: _part(machine.domain, "features"), False),
    "disk": (lambda machine: machine.disks, True),
    "volume": (lambda machine: machine.volumes, True),
    "network": (lambda machine: machine.networks, True),
    "interface": (lambda machine: machine.interfaces, True),
    "data volume template": (lambda machine: machine.spec.get("dataVolumeTemplates"), True),
    "access credential": (lambda machine: machine.template.get("accessCredentials"), True),
    "resource claim": (lambda machine: machine.template.get("resourceClaims"), True),
    "spread constraint": (lambda machine: machine.template.get("topologySpreadConstraints"), True),
    "cpu feature": (lambda machine: machine.cpu.get("features"), True),
    "input": (lambda machine: machine.devices.get("inputs"), True),
    "panic device": (lambda machine: machine.devices.get("panicDevices"), True),
}
"""The parts of a machine that rules are about: how to get there, and whether it is a list of parts."""


def _part(parent: Any, key: str) -> Any:
    return parent.get(key) if isinstance(parent, dict) else None


def compiled(rules: Iterable[Rule]) -> Plan:
    """The rules sorted by the part and the key that they need."""
    always: dict[str, list[Rule]] = {}
    by_key: dict[str, dict[str, list[Rule]]] = {}
    for rule in rules:
        for key in rule.needs:
            by_key.setdefault(rule.subject, {}).setdefault(key, []).append(rule)
        if not rule.needs:
            always.setdefault(rule.subject, []).append(rule)
    return tuple(
        (get, many, tuple(always.get(name, ())), {key: tuple(found) for key, found in by_key.get(name, {}).items()})
        for name, (get, many) in SUBJECTS.items()
        if name in always or name in by_key
    )


def run(plan: Plan, machine: Machine) -> list[Hit]:
    """What the rules find, as (rule, field path, value found there, words for the message)."""
    hits: list[Hit] = []
    for get, many, always, by_key in plan:
        part = get(machine)
        if not many:
            if isinstance(part, dict):
                _judge(machine, part, (), always, by_key, hits)
        elif isinstance(part, list):
            for index, entry in enumerate(part):
                if isinstance(entry, dict):
                    _judge(machine, entry, index, always, by_key, hits)
    return hits


def _judge(
    machine: Machine,
    part: Manifest,
    index: Any,
    always: tuple[Rule, ...],
    by_key: dict[str, tuple[Rule, ...]],
    hits: list[Hit],
) -> None:
    for rule in always:
        found = rule.check(machine, part, index)
        if found:
            hits.extend(_hits(rule, machine, index, found))
    for key, value in part.items():
        rules = by_key.get(key)
        if rules is not None and value is not None:
            for rule in rules:
                found = rule.check(machine, part, index)
                if found:
                    hits.extend(_hits(rule, machine, index, found))


def _hits(rule: Rule, machine: Machine, index: Any, findings: Iterable[Found]) -> Iterator[Hit]:
    if any(source in machine.awaits for source in rule.cured_by):
        return
    for finding in findings:
        path = finding[0]
        if path is None:
            path = rule.field % index if "%" in rule.field else rule.field
        yield rule, path, finding[1], finding[2] if len(finding) > 2 else _NO_WORDS


def results(hits: list[Hit], item: Manifest) -> list[Finding]:
    """The hits as results about an item, in the order of KubeVirt's stages, each said once for a place."""
    if not hits:
        return []
    seen = set()
    out = []
    for rule, path, current, words in sorted(hits, key=lambda hit: STAGES.index(hit[0].stage)):
        if (rule, path) not in seen:
            seen.add((rule, path))
            out.append(_result(rule, path, current, words, item))
    return out


def _result(rule: Rule, path: str, current: Any, words: dict[str, str], item: Manifest) -> Finding:
    message = rule.message.format(current=shown(current), **words)
    value = NOTHING if current is None or isinstance(current, (dict, list)) else current
    return Finding(rule, message, item, path, current=value, proposed=words.get("proposed", NOTHING))


def shown(value: Any) -> str:
    """A value for a message: text in quotes, cut when long."""
    if isinstance(value, str):
        return f'"{value[:_SHOWN]}..."' if len(value) > _SHOWN else f'"{value}"'
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and value.bit_length() > 4 * _SHOWN:
        return "a very large number"
    return str(value) if isinstance(value, (int, float)) else "the value"
