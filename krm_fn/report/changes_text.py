"""A comparison for a terminal: what happens in totals, because of what, and to which machines, those alike folded."""

from __future__ import annotations

from krm_fn.core.finding import printable
from krm_fn.report.changes_groups import MEANINGS, change_of, groups, others, plural, shown, totals

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_fn.changes.causes import Cause
    from krm_fn.changes.compare import Report
    from krm_fn.report.changes_groups import Group

_COLOURS = {
    **dict.fromkeys(("refused", "stuck", "next-start-fails", "evict"), "31"),
    **dict.fromkeys(("restart", "silent", "stopped", "wait"), "33"),
    **dict.fromkeys(("live", "migrate", "started"), "32"),
}
_BOLD, _DIM = "1", "2"
_NAMES = 4
_FIELDS = 12
_WIDTH = max(map(len, MEANINGS))


class _Pen:
    def __init__(self, *, colour: bool) -> None:
        self.colour = colour

    def __call__(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour and code else text


def write(report: Report, *, colour: bool = False, everything: bool = False) -> str:
    """The report as text. everything: name every machine of a group."""
    pen = _Pen(colour=colour)
    lines = [pen(totals(report), _BOLD)]
    effects = report.effects()
    if effects:
        lines.append("")
        for name, count in effects.items():
            lines.append(f"  {pen(f'{name:<{_WIDTH}}', _COLOURS.get(name, ''))} {count:>5}  {MEANINGS[name]}")
    if report.causes:
        lines += ["", pen("because of", _BOLD)]
        lines += [f"  {line}" for cause in report.causes for line in _cause(cause, pen)]
    for group in groups(report):
        lines += ["", *_group(group, pen, everything=everything)]
    if report.others:
        lines += ["", *(printable(line) for line in others(report, len(report.others) if everything else _NAMES))]
    return "\n".join(lines) + "\n"


def _cause(cause: Cause, pen: _Pen) -> list[str]:
    counts = [f"→ {plural(len(cause.machines), 'machine')}"] if cause.machines else []
    if cause.keepers:
        counts.append(
            f"{plural(len(cause.keepers), 'machine')} keep{'s' if len(cause.keepers) == 1 else ''} the stored copy"
        )
    change = change_of(shown(cause.before), shown(cause.after))
    return [f"{pen(cause.object, _BOLD)} {cause.field}{': ' if change else ''}{change}  {pen(', '.join(counts), _DIM)}"]


def _group(group: Group, pen: _Pen, *, everything: bool) -> list[str]:
    head = ", ".join(pen(effect, _COLOURS.get(effect, "")) for effect in group.effects)
    if group.live:
        head += f" ({', '.join(group.live)})"
    names = group.machines if everything else group.machines[:_NAMES]
    more = len(group.machines) - len(names)
    told = ", ".join(printable(name) for name in names) + (f" and {more} more" if more else "")
    lines = [f"{head}: {pen(told, _BOLD)}" + (f" ({group.change})" if group.change != "modified" else "")]
    for path, before, after, because in group.lines[:_FIELDS]:
        lines.append(f"  {printable(path)}: {change_of(before, after)}  {pen(because, _DIM)}")
    if len(group.lines) > _FIELDS:
        lines.append(f"  and {len(group.lines) - _FIELDS} fields more, all in -o json")
    for effect, message, fields in group.says:
        places = ", ".join(fields[:_NAMES]) + (" ..." if len(fields) > _NAMES else "")
        lines.append(
            f"  {effect}: {printable(message)}" + (f" {pen(f'({printable(places)})', _DIM)}" if places else "")
        )
    return lines + [f"  note: {printable(note)}" for note in group.notes]
