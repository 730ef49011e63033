"""For CI servers: JUnit's XML, a test suite for each file and a test case for each manifest."""

from __future__ import annotations

from krm_fn.core.finding import ERROR, describe
from krm_fn.report import SKIPPED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_fn.core.finding import Finding
    from krm_fn.report import Report, Subject

_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#10;", "\t": "&#9;", "\r": "&#13;"}


def write(report: Report) -> str:
    """The report as a JUnit document. Errors are failures, other findings are in system-out."""
    suites = [_suite(file, subjects) for file, subjects in report.by_file().items()]
    counts = report.counts()
    totals = f'tests="{counts["manifests"]}" failures="{counts["invalid"]}" errors="0" skipped="{counts["skipped"]}"'
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            f'<testsuites name="krm-fn validate" {totals}>',
            *suites,
            "</testsuites>",
            "",
        ]
    )


def _suite(file: str, subjects: list[Subject]) -> str:
    cases = [subject for subject in subjects if subject.item is not None]
    failed = sum(any(result.severity == ERROR for result, _ in subject.findings) for subject in cases)
    skipped = sum(subject.status == SKIPPED for subject in cases)
    name = _escaped(file or "no file")
    lines = [
        f'  <testsuite name="{name}" tests="{len(cases)}" failures="{failed}" errors="0" skipped="{skipped}" time="0">'
    ]
    lines += [_case(subject, name) for subject in cases]
    notes = [_line(result, line) for subject in subjects if subject.item is None for result, line in subject.findings]
    lines += [f"    <system-out>{_escaped(chr(10).join(notes))}</system-out>"] if notes else []
    return "\n".join([*lines, "  </testsuite>"])


def _case(subject: Subject, suite: str) -> str:
    name = _escaped(f"{describe(subject.item or {})} #{subject.index + 1}")
    parts = []
    errors = [(result, line) for result, line in subject.findings if result.severity == ERROR]
    others = [(result, line) for result, line in subject.findings if result.severity != ERROR]
    if errors:
        first = errors[0][0]
        told = _escaped("\n".join(_line(result, line) for result, line in errors))
        parts.append(f'<failure type="{_escaped(first.rule)}" message="{_escaped(_said(first))}">{told}</failure>')
    elif subject.status == SKIPPED:
        parts.append('<skipped message="there is no schema for this kind"/>')
    if others:
        parts.append(
            f"<system-out>{_escaped(chr(10).join(_line(result, line) for result, line in others))}</system-out>"
        )
    inside = "".join(f"\n      {part}" for part in parts)
    opening = f'    <testcase classname="{suite}" name="{name}" time="0"'
    return f"{opening}>{inside}\n    </testcase>" if parts else f"{opening}/>"


def _line(result: Finding, line: int) -> str:
    where = f"line {line}: " if line else ""
    return f"{where}{result.severity}: {_said(result)} ({result.rule})"


def _said(result: Finding) -> str:
    return f"{result.path}: {result.message}" if result.path else result.message


def _escaped(text: str) -> str:
    """Text for XML 1.0, where most control characters can't stand at all, not even escaped."""
    return "".join(
        _ESCAPES.get(char, char) if char in _ESCAPES or _is_allowed(ord(char)) else "\ufffd" for char in text
    )


def _is_allowed(code: int) -> bool:
    return 0x20 <= code < 0xD800 or 0xE000 <= code <= 0xFFFD or code >= 0x10000
