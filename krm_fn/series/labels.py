"""Labels that follow from a spec, so that they can't disagree with it: one table for each of the two kinds.

The label names are those that the project common-instancetypes puts on its objects; consoles filter by them.
"""

from __future__ import annotations

from krm_fn.core.fieldpath import join, segment
from krm_fn.core.finding import Rule
from krm_fn.core.manifest import mapping
from krm_fn.core.wording import show
from krm_fn.kubevirt.api import LABEL
from krm_fn.series.fragments import as_text
from krm_fn.series.names import key_problem, label_value_problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from krm_fn.core.manifest import Manifest
    from krm_fn.series.collector import Collector

    Table = tuple[tuple[str, Callable[[Manifest], str | None]], ...]
    Given = tuple[str, Mapping[str, Any]]


WRONG_ANNOTATION = Rule("series/annotation", "Annotation that can't be", "The name of an annotation is malformed.")
WRONG_LABEL = Rule(
    "series/label",
    "Label that can't be",
    "A label's name or value is malformed, or contradicts what follows from the spec.",
)


def _scalar(*path: str) -> Callable[[Manifest], str | None]:
    """The field itself as text, when it is set to a scalar."""

    def read(spec: Manifest) -> str | None:
        parent = spec
        for name in path[:-1]:
            parent = mapping(parent, name)
        value = parent.get(path[-1])
        return None if isinstance(value, (dict, list)) else as_text(value)

    return read


def _true(*path: str) -> Callable[[Manifest], str | None]:
    """`true` when the field is true."""
    read = _scalar(*path)
    return lambda spec: "true" if read(spec) == "true" else None


def _present(*path: str) -> Callable[[Manifest], str | None]:
    """`true` when the field is there, be it an empty mapping."""

    def read(spec: Manifest) -> str | None:
        parent = spec
        for name in path[:-1]:
            parent = mapping(parent, name)
        return "true" if isinstance(parent.get(path[-1]), dict) else None

    return read


def _architecture(spec: Manifest) -> str | None:
    return _scalar("preferredArchitecture")(spec) or _scalar("requirements", "architecture")(spec)


INSTANCETYPE: Table = (
    (f"{LABEL}cpu", _scalar("cpu", "guest")),
    (f"{LABEL}memory", _scalar("memory", "guest")),
    (f"{LABEL}hugepages", _scalar("memory", "hugepages", "pageSize")),
    (f"{LABEL}dedicatedCPUPlacement", _true("cpu", "dedicatedCPUPlacement")),
    (f"{LABEL}isolateEmulatorThread", _true("cpu", "isolateEmulatorThread")),
    (f"{LABEL}numa", _present("cpu", "numa", "guestMappingPassthrough")),
    (f"{LABEL}realtime", _present("cpu", "realtime")),
    (f"{LABEL}gpus", lambda spec: "true" if spec.get("gpus") else None),
)
PREFERENCE: Table = (
    (f"{LABEL}arch", _architecture),
    (f"{LABEL}preferred-architecture", _scalar("preferredArchitecture")),
    (f"{LABEL}required-architecture", _scalar("requirements", "architecture")),
    (f"{LABEL}required-cpu", _scalar("requirements", "cpu", "guest")),
    (f"{LABEL}required-memory", _scalar("requirements", "memory", "guest")),
)


def architecture(spec: Manifest) -> str | None:
    """The architecture that a preference is for: the preferred, else the required one."""
    return _architecture(spec)


def derived(table: Table, spec: Manifest) -> dict[str, str | None]:
    """Every label of the table: its value for this spec, None where it doesn't apply."""
    return {label: read(spec) for label, read in table}


def combined(
    findings: Collector,
    given: Sequence[Given],
    fixed: Mapping[str, str | None],
    fields: Mapping[str, str | None],
    *,
    may_lack: bool = False,
) -> dict[str, str]:
    """All labels of an object, sorted; a given label that says something else than the spec is a finding.

    given:   (field path, labels) pairs, later ones winning; None removes.
    may_lack: None also leaves out a label that would follow; else that is a contradiction.
    fixed:   labels that follow from the object's spec; None: the label would be wrong here.
    fields:  labels that a field of the definition sets, such as vendor; None: it isn't set, so a given label is fine.
    """
    out: dict[str, str] = {}
    right = {**fields, **fixed}
    for path, labels in given:
        for key, value in labels.items():
            if may_lack and value is None:
                right.pop(key, None)
                out.pop(key, None)
            elif key in right and value != right[key] and (key in fixed or right[key] is not None):
                _contradiction(findings, join(path, segment(key)), value, right[key])
            elif value is None:
                out.pop(key, None)
            else:
                out[key] = value
    out.update((key, value) for key, value in right.items() if value is not None)
    return dict(sorted(out.items()))


def _contradiction(findings: Collector, path: str, value: Any, right: str | None) -> None:
    said = f'it is "{right}" here' if right is not None else "it doesn't apply here"
    findings.add(
        WRONG_LABEL,
        f"{show(value)} contradicts the definition, from which this label follows: {said}; leave it out",
        path,
        current=value,
    )


def check_metadata(
    findings: Collector, given: Sequence[Given], labels: Mapping[str, str], annotations: Mapping[str, str], path: str
) -> None:
    """Note every key and label value that Kubernetes would refuse, at the place it was given, else at `path`."""
    for key, value in labels.items():
        problem = key_problem(key) or label_value_problem(value)
        if problem:
            place = next((join(at, segment(key)) for at, layer in reversed(given) if key in layer), "")
            findings.add(WRONG_LABEL, problem if place else f"label {key}: {problem}", place or path, current=value)
    for key in annotations:
        problem = key_problem(key)
        if problem:
            findings.add(WRONG_ANNOTATION, problem, path)
