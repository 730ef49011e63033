"""Findings about a user's manifests, in the shape of the KRM functions specification.

A `Result` is a value: functions return lists of them and never print. `rule` is a stable id such as
`instancetype/conflict`; `krm-fn rules` lists them all.
"""

from __future__ import annotations

from krm_fn.core.manifest import file_of, name_of, namespace_of, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from krm_fn.core.manifest import Manifest

ERROR, WARNING, INFO = "error", "warning", "info"
_RANK = {ERROR: 0, WARNING: 1, INFO: 2}
NOTHING: Any = type("Nothing", (), {"__repr__": lambda _self: "NOTHING", "__slots__": ()})()
"""Stands for "no value given", since null is a value that a field can have."""


class Result:
    """One finding.

    message:  one line that says what is wrong and what to write instead, without a full stop at its end.
    item:     the manifest it is about, or None when it is about the input as a whole.
    path:     the field path from the manifest's root, such as `spec.template.spec.domain.devices.disks[0].disk.bus`.
    current:  the value found there, proposed: the value to write; NOTHING when not given.
    """

    __slots__ = ("current", "item", "message", "path", "proposed", "rule", "severity")

    def __init__(  # noqa: PLR0913 - the KRM specification has this many fields
        self,
        rule: str,
        message: str,
        item: Manifest | None = None,
        path: str = "",
        *,
        severity: str = ERROR,
        current: Any = NOTHING,
        proposed: Any = NOTHING,
    ) -> None:
        self.rule = rule
        self.message = message
        self.item = item
        self.path = path
        self.severity = severity
        self.current = current
        self.proposed = proposed

    def __repr__(self) -> str:
        return f"Result({self.severity} {self.rule} {self.path}: {self.message})"


def has_errors(results: Iterable[Result]) -> bool:
    """Whether any of the results is an error."""
    return any(result.severity == ERROR for result in results)


def resource_ref(item: Manifest) -> Manifest:
    """The resourceRef of the KRM specification: apiVersion, kind, name and namespace, as far as they are there."""
    ref = {key: text(item, key) for key in ("apiVersion", "kind")} | {
        "name": name_of(item),
        "namespace": namespace_of(item),
    }
    return {key: value for key, value in ref.items() if value}


def to_manifest(result: Result) -> Manifest:
    """The result as it goes into a ResourceList's `results`."""
    out: Manifest = {"message": result.message, "severity": result.severity}
    if result.item is not None:
        out["resourceRef"] = resource_ref(result.item)
    if result.path:
        out["field"] = {"path": result.path}
        if result.current is not NOTHING:
            out["field"]["currentValue"] = result.current
        if result.proposed is not NOTHING:
            out["field"]["proposedValue"] = result.proposed
    if result.item is not None:
        path, index = file_of(result.item)
        if path:
            out["file"] = {"path": path, "index": index}
    out["tags"] = {"rule": result.rule}
    return out


def to_line(result: Result) -> str:
    """The result as one line for stderr: severity, file, resource, field, message and rule."""
    parts = []
    if result.item is not None:
        path, _ = file_of(result.item)
        if path:
            parts.append(path)
        parts.append(describe(result.item))
    if result.path:
        parts.append(result.path)
    parts.append(result.message)
    line = f"{result.severity}: {': '.join(parts)} ({result.rule})"
    return printable(line)


def printable(text: str) -> str:
    """A text on one line, without what could drive a terminal."""
    return text.translate(_CONTROL)


def describe(item: Manifest) -> str:
    """`Kind namespace/name` of an item, for people."""
    name = "/".join(part for part in (namespace_of(item), name_of(item)) if part)
    return f"{text(item, 'kind') or 'item'} {name or '(without a name)'}"


def ordered(results: Iterable[Result]) -> list[Result]:
    """Errors first, then warnings, then notes; within each as they were found."""
    return sorted(results, key=lambda result: _RANK.get(result.severity, 3))


# A result stays on one line and can't drive a terminal, whatever a manifest's names hold.
_CONTROL = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))} | {10: "\\n", 9: "\\t"}
