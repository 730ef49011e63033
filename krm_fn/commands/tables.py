"""Rows for people: a table for a terminal, a table of markdown, and the texts in their cells."""

from __future__ import annotations

from typing import Any, NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_UNITS = ("", "Ki", "Mi", "Gi", "Ti", "Pi")


class Column(NamedTuple):
    """One column: its heading, whether it holds numbers, and whether the heading is a name, which keeps its case."""

    title: str
    number: bool = False
    name: bool = False

    @property
    def heading(self) -> str:
        """The heading of a table on a terminal."""
        return self.title if self.name else self.title.upper()


def plain(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> str:
    """Columns side by side, numbers to the right; empty columns are left out, and without rows there is nothing."""
    if not rows:
        return ""
    kept = [index for index in range(len(columns)) if any(row[index] for row in rows)]
    lines = [[columns[index].heading for index in kept], *([row[index] for index in kept] for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(kept))]
    return "".join(
        "  ".join(
            cell.rjust(width) if columns[index].number else cell.ljust(width)
            for cell, width, index in zip(line, widths, kept, strict=True)
        ).rstrip()
        + "\n"
        for line in lines
    )


def markdown(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> str:
    """The same as a table of markdown."""
    kept = [index for index in range(len(columns)) if any(row[index] for row in rows)]
    head = " | ".join(columns[index].title for index in kept)
    rule = "|".join("---:" if columns[index].number else "---" for index in kept)
    body = "".join(f"| {' | '.join(escaped(row[index]) for index in kept)} |\n" for row in rows)
    return f"| {head} |\n|{rule}|\n{body}"


def escaped(cell: str) -> str:
    """A cell that markdown shows as it is: no pipe, no line break, no markup."""
    for char in "\\`*_[]<>|":
        cell = cell.replace(char, f"\\{char}")
    return " ".join(cell.split())


def cell(value: Any) -> str:
    """A value as a person reads it: yes for true, nothing for nothing."""
    if value is None or value is False or value == ():
        return ""
    if value is True:
        return "yes"
    return ", ".join(map(str, value)) if isinstance(value, (tuple, list)) else str(value)


def bytes_text(size: int) -> str:
    """Bytes in the largest binary unit that keeps them exact, such as 12Gi or 1536Mi."""
    unit = 0
    while size and size % 1024 == 0 and unit < len(_UNITS) - 1:
        size, unit = size // 1024, unit + 1
    return f"{size}{_UNITS[unit]}"
