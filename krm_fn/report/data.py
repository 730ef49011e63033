"""For programs: the report as plain data, written as JSON or YAML."""

from __future__ import annotations

from krm_fn.core.finding import KEPT, resource_ref, to_manifest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_fn.core.finding import Finding
    from krm_fn.core.manifest import Manifest
    from krm_fn.report import Report, Subject


def data(report: Report) -> Manifest:
    """`summary`, one entry of `manifests` for each manifest, and `results` in the shape of the KRM functions specification.

    A result's file has the line of its field besides path and index.
    """
    found = [(subject, result, line) for subject in report.subjects for result, line in subject.findings]
    results = [_result(*each) for each in found[:KEPT]]
    if found[KEPT:]:
        results.append({"message": f"{len(found) - KEPT} more findings are left out", "severity": "info"})
    return {
        "summary": report.counts(),
        "manifests": [_manifest(subject) for subject in report.subjects if subject.item is not None],
        "results": results,
    }


def _manifest(subject: Subject) -> Manifest:
    out = resource_ref(subject.item or {}) | {"status": subject.status}
    return out | ({"file": {"path": subject.file, "index": subject.index}} if subject.file else {})


def _result(subject: Subject, result: Finding, line: int) -> Manifest:
    out = to_manifest(result)
    if subject.file:
        out["file"] = {"path": subject.file, "index": subject.index} | ({"line": line} if line else {})
    return out
