"""What krm-fn has to say about a user's manifests: one record, from the deepest check to the report.

A `Finding` is a value: checks return lists of them and never print. What it is called by is a `Rule`, which stands beside
the code that finds it; `krm-fn rules` lists them all.
"""

from __future__ import annotations

from krm_fn.core.manifest import file_of, name_of, namespace_of, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, Self

    from krm_fn.core.manifest import Manifest

ERROR, WARNING, INFO = "error", "warning", "info"
_WORD, _TEXT, _NAME, _PARTS = 200, 1000, 253, 20
SHOWN, KEPT = 1000, 10_000
"""Findings that are printed for people, and kept for programs: the others are counted. A list or mapping is not searched on
when so many were found in it."""
_RANK = {ERROR: 0, WARNING: 1, INFO: 2}


class _Nothing:
    __slots__ = ()

    def __repr__(self) -> str:
        return "NOTHING"

    def __reduce__(self) -> str:
        return "NOTHING"  # the one of this module, in another process too


NOTHING: Any = _Nothing()
"""Stands for "no value given", since null is a value that a field can have."""


class Rule(str):
    """A rule by which krm-fn judges: its stable id, such as `instancetype/conflict`, with what it means for people.

    summary:      a few words that say something the id does not, without a full stop; people see it as the title.
    explanation:  one or two sentences for `krm-fn rules`, the docs and SARIF.
    source:       where it follows from, "" for krm-fn's own.
    """

    __slots__ = ("explanation", "source", "summary")

    explanation: str
    source: str
    summary: str

    def __new__(cls, rule_id: str, summary: str = "", explanation: str = "", source: str = "") -> Self:
        """The rule of an id."""
        self = super().__new__(cls, rule_id)
        self.summary = summary
        self.explanation = explanation
        self.source = source
        return self

    def __reduce__(self) -> tuple[type[Rule], tuple[str, ...]]:
        return Rule, (str(self), self.summary, f"{self.explanation} {self.conditions()}".rstrip(), self.source)

    def conditions(self) -> str:
        """Sentences on what has to be so for the rule to hold, "" when it always does."""
        return ""

    @property
    def area(self) -> str:
        """The first part of the id: `instancetype`."""
        return self.partition("/")[0]

    @property
    def name(self) -> str:
        """What follows the area in the id: `conflict`."""
        return self.partition("/")[2]


class Finding:
    """One thing to say about a manifest. It never changes; `but` gives another one.

    message:   one line that says what is wrong and what to write instead, without a full stop at its end.
    item:      the manifest it is about, None for the input as a whole or while it is not known yet.
    path:      the field path from the manifest's root, such as `spec.template.spec.domain.devices.disks[0].disk.bus`.
    current:   the value found there, proposed: the value to write; NOTHING when not given.
    known:     the names that may stand in an unknown one's place, for who words a suggestion.
    """

    __slots__ = ("current", "item", "known", "message", "path", "proposed", "rule", "severity")

    rule: Rule
    message: str
    item: Manifest | None
    path: str
    severity: str
    current: Any
    proposed: Any
    known: Iterable[str]

    def __init__(  # noqa: PLR0913 - the KRM specification has this many fields
        self,
        rule: Rule,
        message: str,
        item: Manifest | None = None,
        path: str = "",
        *,
        severity: str = ERROR,
        current: Any = NOTHING,
        proposed: Any = NOTHING,
        known: Iterable[str] = (),
    ) -> None:
        put = object.__setattr__
        put(self, "rule", rule)
        put(self, "message", message)
        put(self, "item", item)
        put(self, "path", path)
        put(self, "severity", severity)
        put(self, "current", current)
        put(self, "proposed", proposed)
        put(self, "known", known)

    def __setattr__(self, name: str, _value: object) -> None:
        raise AttributeError(f"a finding does not change: make another one with but({name}=...)")

    def __repr__(self) -> str:
        return f"Finding({self.severity} {self.rule} {self.path}: {self.message})"

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        fields = (self.rule, self.message, self.item, self.path, self.severity, self.current, self.proposed)
        return _finding, fields

    def but(self, **changes: Any) -> Finding:
        """The same finding with other values for some of its fields."""
        fields: dict[str, Any] = {name: getattr(self, name) for name in Finding.__slots__}
        return Finding(**fields | changes)


def _finding(*fields: Any) -> Finding:
    """A finding that comes from another process."""
    rule, message, item, path, severity, current, proposed = fields
    return Finding(rule, message, item, path, severity=severity, current=current, proposed=proposed)


def has_errors(findings: Iterable[Finding]) -> bool:
    """Whether any of the findings is an error."""
    return any(finding.severity == ERROR for finding in findings)


def resource_ref(item: Manifest) -> Manifest:
    """The resourceRef of the KRM specification: apiVersion, kind, name and namespace, as far as they are there."""
    ref = {key: text(item, key) for key in ("apiVersion", "kind")} | {
        "name": name_of(item),
        "namespace": namespace_of(item),
    }
    return {key: value for key, value in ref.items() if value}


def to_manifest(finding: Finding) -> Manifest:
    """The finding as it goes into a ResourceList's `results`."""
    out: Manifest = {"message": bounded(finding.message), "severity": finding.severity}
    if finding.item is not None:
        out["resourceRef"] = {key: value[:_NAME] for key, value in resource_ref(finding.item).items()}
    if finding.path:
        out["field"] = {"path": bounded(finding.path)}
        if finding.current is not NOTHING and _is_small(finding.current):
            out["field"]["currentValue"] = finding.current
        if finding.proposed is not NOTHING and _is_small(finding.proposed):
            out["field"]["proposedValue"] = finding.proposed
    if finding.item is not None:
        path, index = file_of(finding.item)
        if path:
            out["file"] = {"path": bounded(path), "index": index}
    out["tags"] = {"rule": str(finding.rule)}
    return out


def to_line(finding: Finding, line: int = 0) -> str:
    """The finding as one line for stderr: severity, file with the line where it is known, resource, field, message and rule."""
    parts = []
    if finding.item is not None:
        path, _ = file_of(finding.item)
        if path:
            parts.append(f"{path}:{line}" if line else path)
        parts.append(describe(finding.item))
    if finding.path:
        parts.append(finding.path)
    parts.append(finding.message)
    parts = [bounded(part) for part in parts]
    return printable(f"{finding.severity}: {': '.join(parts)} ({finding.rule})")


def printable(text: str) -> str:
    """A text on one line, without what could drive a terminal."""
    return text.translate(_CONTROL)


def bounded(text: str) -> str:
    """A text as a message may hold it: no word of it, such as a name, longer than 200 characters, and 1,000 in all."""
    if len(text) <= _WORD:
        return text
    import re

    text = re.sub(rf"\S{{{_WORD + 1},}}", lambda word: f"{word[0][:_WORD]}…", text)
    return text if len(text) <= _TEXT else f"{text[:_TEXT]}…"


def _is_small(value: Any) -> bool:
    """Whether a value is worth repeating in a finding."""
    if isinstance(value, str):
        return len(value) <= _TEXT
    if isinstance(value, (list, dict)):
        return len(value) <= _PARTS and all(
            _is_small(each) for each in (value.values() if isinstance(value, dict) else value)
        )
    return True


def first(findings: Iterable[Finding], most: int) -> tuple[list[Finding], str]:
    """The findings in their order, as many as anybody reads, and what to say of the others, "" for none."""
    found = ordered(findings)
    left = found[most:]
    if not left:
        return found, ""
    counts = [(sum(each.severity == severity for each in left), severity) for severity in _RANK]
    told = ", ".join(f"{count} {severity}s" for count, severity in counts if count)
    return found[:most], f"{len(left)} more findings are left out: {told}"


def describe(item: Manifest) -> str:
    """`Kind namespace/name` of an item, for people."""
    name = "/".join(part for part in (namespace_of(item), name_of(item)) if part)
    return f"{text(item, 'kind') or 'item'} {name or '(without a name)'}"


def ordered(findings: Iterable[Finding]) -> list[Finding]:
    """Errors first, then warnings, then notes; within each as they were found."""
    return sorted(findings, key=lambda finding: _RANK.get(finding.severity, 3))


# A finding stays on one line and can't drive a terminal, whatever a manifest's names hold.
_CONTROL = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))} | {10: "\\n", 9: "\\t"}
