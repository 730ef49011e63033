"""One manifest against the schema of its kind: unknown and missing fields, types, limits, enums."""

from __future__ import annotations

from krm_fn.core.finding import ERROR, WARNING, Finding
from krm_fn.core.problem import DUPLICATE, ENUM, LENGTH, UNKNOWN, Problem, finished
from krm_fn.core.structural import compiled
from krm_fn.kubevirt.constraints import AFTER_DECODING, OBJECT_META

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_fn.core.manifest import Manifest
    from krm_fn.kubevirt.schemas import Schemas

RULE = "schema/"
IGNORED = "schema/ignored-field"
LATER = "schema/later-version"


def problems(item: Manifest, schema: Manifest) -> list[Problem]:
    """Everything in a manifest that its schema forbids."""
    found = compiled(schema)(item)
    return finished(found, "") if found else []


def results(item: Manifest, found: list[Problem], schemas: Schemas) -> list[Finding]:
    """The problems as results about the manifest."""
    return [_result(item, problem, schemas) for problem in found]


def stops_admission(problem: Problem) -> bool:
    """Whether KubeVirt would refuse at its first stages, before it looks at what the fields mean.

    The limits that only the CRD has are judged later, on what the mutating webhook wrote.
    """
    if problem.kind == ENUM:
        return _without_indexes(problem.path) not in AFTER_DECODING
    return problem.kind not in (LENGTH, DUPLICATE) and not is_ignored(problem)


def is_ignored(problem: Problem) -> bool:
    """Whether a problem is a field that the API server drops from an object's metadata without a word."""
    return problem.kind == UNKNOWN and _without_indexes(problem.path).rpartition(".")[0] in OBJECT_META


def _result(item: Manifest, problem: Problem, schemas: Schemas) -> Finding:
    rule, severity, message = f"{RULE}{problem.kind}", ERROR, problem.message
    if is_ignored(problem):
        rule, severity = IGNORED, WARNING
        message = f"{message} (the API server drops it)"
    elif problem.kind == UNKNOWN:
        from krm_fn.kubevirt.versions import since

        version = since(str(item.get("kind")), problem.path)
        if version:
            rule = LATER
            name = problem.path.rpartition(".")[2]
            message = f'there is no field "{name}" in KubeVirt {schemas.version}: it is there since KubeVirt {version}'
    return Finding(
        rule, message, item, problem.path, severity=severity, current=problem.current, proposed=problem.proposed
    )


def _without_indexes(path: str) -> str:
    return "".join(f"[]{part.partition(']')[2]}" if index else part for index, part in enumerate(path.split("[")))
