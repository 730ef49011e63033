"""For people: findings by file and manifest, then one line that sums up."""

from __future__ import annotations

from krm_fn.core.console import BOLD, DIM, SEVERITY_COLOURS, paint
from krm_fn.core.finding import SHOWN, bounded, describe, printable
from krm_fn.core.manifest import text as content
from krm_fn.report import SKIPPED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_fn.core.finding import Finding
    from krm_fn.report import Report, Subject

_KINDS_SHOWN, _KIND_LENGTH = 8, 60


def write(report: Report, *, colour: bool = False) -> str:
    """The report as text, each finding as `line: severity: field: message (rule)`."""
    lines = []
    left = SHOWN
    for file, subjects in report.by_file().items():
        told = [subject for subject in subjects if subject.findings]
        if told and left > 0:
            lines.append(_paint(printable(file) or "no file", BOLD, colour))
            for subject in told:
                lines += _subject(subject, colour, left) if left > 0 else []
                left -= len(subject.findings)
            lines.append("")
    if left < 0:
        lines += [f"{-left} more findings are left out here: -o json has them", ""]
    lines += _skipped(report)
    lines.append(_summary(report.counts()))
    return "\n".join(lines) + "\n"


def _skipped(report: Report) -> list[str]:
    """What could not be judged, by kind: nobody should take a manifest for valid that nobody looked at."""
    counts: dict[str, int] = {}
    for subject in report.subjects:
        if subject.item is not None and subject.status == SKIPPED:
            kind = content(subject.item, "kind")[:_KIND_LENGTH]
            counts[kind] = counts.get(kind, 0) + 1
    if not counts:
        return []
    kinds = sorted(counts, key=lambda kind: (-counts[kind], kind))
    more = f" and {len(kinds) - _KINDS_SHOWN} more kinds" if len(kinds) > _KINDS_SHOWN else ""
    shown = ", ".join(f"{counts[kind]} {printable(kind)}" for kind in kinds[:_KINDS_SHOWN])
    return [f"skipped, no schema for the kind: {shown}{more}"]


def _subject(subject: Subject, colour: bool, most: int) -> list[str]:
    lines = [f"  {printable(bounded(describe(subject.item)))}"] if subject.item is not None else []
    return lines + [f"    {_finding(result, line, colour)}" for result, line in subject.findings[:most]]


def _finding(result: Finding, line: int, colour: bool) -> str:
    severity = _paint(result.severity, SEVERITY_COLOURS.get(result.severity, DIM), colour)
    where = "".join(
        f"{part}: " for part in (str(line) if line else "", severity, printable(bounded(result.path))) if part
    )
    return f"{where}{printable(bounded(result.message))} {_paint(f'({result.rule})', DIM, colour)}"


def _paint(text: str, code: str, colour: bool) -> str:
    return paint(text, code) if colour else text


def _summary(counts: dict[str, int]) -> str:
    parts = [f"{counts[status]} {status}" for status in ("valid", "invalid", "skipped")]
    found = [_plural(counts[f"{name}s"], name) for name in ("error", "warning") if counts[f"{name}s"]]
    return f"{_plural(counts['manifests'], 'manifest')}: {', '.join(parts)}" + (
        f"; {', '.join(found)}" if found else ""
    )


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
