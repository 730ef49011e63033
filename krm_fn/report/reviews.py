"""For reviews: GitHub's workflow commands, which show at the line, and GitLab's code quality report."""

from __future__ import annotations

from hashlib import sha256

from krm_fn.core.finding import ERROR, KEPT, WARNING, bounded, describe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from krm_fn.core.finding import Finding
    from krm_fn.core.manifest import Manifest
    from krm_fn.report import Report, Subject

_COMMANDS = {ERROR: "error", WARNING: "warning"}
_SEVERITIES = {ERROR: "major", WARNING: "minor"}
_DATA = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY = {**_DATA, ":": "%3A", ",": "%2C"}


def github(report: Report) -> str:
    """One workflow command for each finding."""
    return "".join(_command(*each) for each in _found(report))


def _command(subject: Subject, finding: Finding, line: int) -> str:
    at = {"file": subject.file, "line": str(line) if line and subject.file else "", "title": str(finding.rule)}
    properties = ",".join(f"{key}={_escaped(value, _PROPERTY)}" for key, value in at.items() if value)
    return f"::{_COMMANDS.get(finding.severity, 'notice')} {properties}::{_escaped(_said(subject, finding), _DATA)}\n"


def gitlab(report: Report) -> list[Manifest]:
    """The entries of a code quality report. A fingerprint stays as long as file, object, field, rule and message do."""
    return [
        {
            "description": _said(subject, finding),
            "check_name": str(finding.rule),
            "fingerprint": sha256(f"{subject.file}\n{finding.rule}\n{_said(subject, finding)}".encode()).hexdigest(),
            "severity": _SEVERITIES.get(finding.severity, "info"),
            "location": {"path": subject.file or "stdin", "lines": {"begin": line or 1}},
        }
        for subject, finding, line in _found(report)
    ]


def _found(report: Report) -> Iterator[tuple[Subject, Finding, int]]:
    found = [(subject, finding, line) for subject in report.subjects for finding, line in subject.findings]
    yield from found[:KEPT]


def _said(subject: Subject, finding: Finding) -> str:
    parts = [describe(subject.item) if subject.item is not None else "", finding.path, finding.message]
    return ": ".join(bounded(part) for part in parts if part)


def _escaped(text: str, table: dict[str, str]) -> str:
    return "".join(table.get(letter, letter) for letter in text)
