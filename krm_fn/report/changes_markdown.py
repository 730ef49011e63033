"""A comparison for a pull request's comment: totals, causes, then the machines, folded, within a comment's length."""

from __future__ import annotations

from krm_fn.core.finding import printable
from krm_fn.report.changes_groups import MEANINGS, change_of, groups, others, plural, shown, totals

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_fn.changes.compare import Report
    from krm_fn.report.changes_groups import Group

MOST = 60_000
"""Characters of a report: a comment on GitHub holds 65,536."""
MARK = "<!-- krm-fn diff -->"
"""The first line, by which a later run finds its comment."""
_CAUSES = 30
_NAMES = 40
_FIELDS = 25
_CUT = "\nThe report is longer than a comment holds: the rest is in `krm-fn diff -o json`.\n"


def write(report: Report) -> str:
    """The report as markdown of at most MOST characters."""
    head = [MARK, "### What this does to the machines that run", "", f"{totals(report)}.", ""]
    if report.findings:
        head += [f"- {_text(side)}: {_text(finding.message)}" for side, finding in report.findings[:_CAUSES]] + [""]
    if report.effects():
        head += ["| effect | machines | |", "|---|---|---|"]
        head += [f"| **{name}** | {count} | {MEANINGS[name]} |" for name, count in report.effects().items()] + [""]
    head += _causes(report)
    head += [f"- {_text(line)}" for line in others(report, _NAMES)]
    text = "\n".join(head)[: MOST - len(_CUT)]
    for group in groups(report):
        block = _block(group)
        if len(text) + len(block) > MOST - len(_CUT):
            return text + _CUT
        text += block
    return text


def _causes(report: Report) -> list[str]:
    if not report.causes:
        return []
    lines = ["| because of | change | machines |", "|---|---|---|"]
    for cause in report.causes[:_CAUSES]:
        kept = f", {len(cause.keepers)} keep the stored copy" if cause.keepers else ""
        change = change_of(shown(cause.before), shown(cause.after))
        lines.append(f"| {_code(cause.object)} {_code(cause.field)} | {_code(change)} | {len(cause.machines)}{kept} |")
    if len(report.causes) > _CAUSES:
        lines.append(f"| and {len(report.causes) - _CAUSES} more | | |")
    return [*lines, ""]


def _block(group: Group) -> str:
    live = f" ({', '.join(group.live)})" if group.live else ""
    title = f"<b>{', '.join(group.effects)}</b>{live}: {plural(len(group.machines), 'machine')}"
    if len(group.machines) == 1:
        title = f"<b>{', '.join(group.effects)}</b>{live}: {_text(group.machines[0])}"
    lines = ["", f"<details><summary>{title}{'' if group.change == 'modified' else f', {group.change}'}</summary>", ""]
    if len(group.machines) > 1:
        more = len(group.machines) - _NAMES
        lines += [
            ", ".join(_code(name) for name in group.machines[:_NAMES]) + (f" and {more} more" if more > 0 else ""),
            "",
        ]
    if group.lines:
        lines += ["| field | change | because of |", "|---|---|---|"]
        for path, before, after, because in group.lines[:_FIELDS]:
            lines.append(f"| {_code(path)} | {_code(change_of(before, after))} | {_code(because)} |")
        if len(group.lines) > _FIELDS:
            lines.append(f"| and {len(group.lines) - _FIELDS} fields more | | |")
        lines.append("")
    for effect, message, fields in group.says:
        places = ", ".join(_code(field) for field in fields[:_FIELDS])
        lines.append(f"- **{effect}**: {_text(message)}" + (f" ({places})" if places else ""))
    lines += [f"- {_text(note)}" for note in group.notes]
    return "\n".join([*lines, "", "</details>", ""])


def _code(text: str) -> str:
    """A text as inline code in a table's cell, whatever it holds."""
    if not text:
        return ""
    safe = printable(text).replace("|", "\\|")
    fence = "``" if "`" in safe else "`"
    return f"{fence} {safe} {fence}" if "`" in safe else f"{fence}{safe}{fence}"


def _text(text: str) -> str:
    """A text that can't become markup or mention anybody."""
    safe = printable(text).replace("&", "&amp;").replace("<", "&lt;").replace("@", "&#64;")
    for char in "\\|*_[]~#":
        safe = safe.replace(char, f"\\{char}")
    return safe
