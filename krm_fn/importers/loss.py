"""What became of every key of a listing: the loss report.

Each source has a table `path -> (disposition, detail)`. `account` walks a record to its last leaf and looks every leaf
up, so a key that nobody thought of can't vanish: it is reported as unknown.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

    Fates = Mapping[str, tuple[str, str]]

MAPPED, LOST, SKIPPED, UNKNOWN, IGNORED = "mapped", "lost", "skipped", "unknown", "ignored"
"""mapped: it is in the output. lost: KubeVirt has no field for it. skipped: the whole flavor is left out. unknown: no
rule knows the key. ignored: a rule says that it is no property of a virtual machine's size (ids, regions, prices)."""
TITLES = {
    SKIPPED: "left out",
    LOST: "no home in KubeVirt",
    UNKNOWN: "keys that krm-fn does not know; say so if they matter",
    IGNORED: "ignored by rule",
    MAPPED: "carried over",
}
ALL = "*"
"""The key of an entry that is about a flavor as a whole."""


class Entry:
    """What became of one key of one flavor."""

    __slots__ = ("detail", "disposition", "flavor", "key", "value")

    def __init__(self, flavor: str, key: str, value: Any, disposition: str, detail: str) -> None:
        self.flavor = flavor
        self.key = key
        self.value = value
        self.disposition = disposition
        self.detail = detail

    def __repr__(self) -> str:
        return f"Entry({self.flavor} {self.key}: {self.disposition}, {self.detail})"

    def to_manifest(self) -> dict[str, Any]:
        """The entry as it stands in the JSON report."""
        return {name: getattr(self, name) for name in ("flavor", "key", "value", "disposition", "detail")}


def leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every leaf of a record with its path; a list's items add `[]` to its key, empty containers are leaves."""
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from leaves(item, (*path, str(key)))
    elif isinstance(value, list) and value:
        for item in value:
            yield from leaves(item, (*path[:-1], f"{path[-1]}[]") if path else ("[]",))
    else:
        yield path, value


def lookup(table: Fates, path: tuple[str, ...]) -> tuple[str, str] | None:
    """The fate of a path: its own row, else that of the nearest parent, without regard to case."""
    for end in range(len(path), 0, -1):
        key = ".".join(path[:end]).casefold()
        row = table.get(key) or table.get(key.replace("[]", ""))
        if row:
            return row
    return None


def account(flavor: str, record: Mapping[str, Any], table: Fates, decided: Fates) -> list[Entry]:
    """An entry for every leaf of a record.

    table: what the source says of each key. decided: what its value decided in this record; it goes before the table.
    Keys of both are folded (`fold`).
    """
    entries = []
    for path, value in leaves(dict(record)):
        key = ".".join(path)
        fate = lookup(decided, path) or lookup(table, path) or (UNKNOWN, "no rule for this key")
        entries.append(Entry(flavor, key, value, *fate))
    return entries


def fold(table: Fates) -> dict[str, tuple[str, str]]:
    """The table with its keys as `lookup` asks for them."""
    return {key.casefold(): row for key, row in table.items()}


def to_json_value(entries: Iterable[Entry]) -> dict[str, Any]:
    """The report for machines: counts, then every key of every flavor."""
    rows = list(entries)
    counts = {name: sum(row.disposition == name for row in rows) for name in (MAPPED, LOST, SKIPPED, UNKNOWN, IGNORED)}
    return {"summary": counts, "entries": [row.to_manifest() for row in rows]}


def to_text(entries: Iterable[Entry], *, full: bool = True) -> str:
    """The report for people: by what became of a key and why; below that the keys and whom they concern.

    full: also what was carried over and what is ignored by rule.
    """
    rows = list(entries)
    everybody = {row.flavor for row in rows if row.key != ALL}
    lines = []
    for disposition in (SKIPPED, LOST, UNKNOWN, IGNORED, MAPPED) if full else (SKIPPED, LOST, UNKNOWN):
        reasons: dict[str, dict[str, list[Entry]]] = {}
        for row in rows:
            if row.disposition == disposition:
                reasons.setdefault(row.detail, {}).setdefault(row.key.replace("[]", ""), []).append(row)
        lines += [f"{disposition}: {TITLES[disposition]}"] if reasons else []
        for detail, keys in reasons.items():
            lines.append(f"  {detail}")
            lines += [f"    {line}" for line in _concerned(keys, everybody)]
    return "".join(f"{line}\n" for line in lines) or "every key was carried over\n"


def _concerned(keys: Mapping[str, list[Entry]], everybody: set[str]) -> list[str]:
    """`key, key: flavor, flavor` lines; keys of the same flavors share one."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for key, rows in keys.items():
        values = list(dict.fromkeys(str(row.value) for row in rows))
        shown = f"{key} = {_clip(values[0])}" if len(values) == 1 and len(keys) == 1 else key
        groups.setdefault(tuple(dict.fromkeys(row.flavor for row in rows)), []).append(shown)
    lines = []
    for flavors, names in groups.items():
        whom = f"all {len(flavors)}" if len(flavors) == len(everybody) > 1 else ", ".join(flavors)
        lines.append(whom if names[0].startswith(ALL) else f"{', '.join(names)}: {whom}")
    return lines


def _clip(value: str, width: int = 60) -> str:
    line = " ".join(value.split())
    return line if len(line) <= width else line[: width - 3] + "..."
