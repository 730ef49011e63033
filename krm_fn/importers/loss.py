"""What became of every key of a listing: the loss report.

Each source has a table of key paths and what becomes of them. `account` walks a record to its last leaf and looks every
leaf up, so a key that nobody thought of can't vanish: it is reported as unknown.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import Any

    Fate = tuple[str, str]
    """(disposition, detail)"""
    Fates = Mapping[str, Fate | Callable[[Any], Fate]]
    """Path of a key → what becomes of it, or of each value of it."""

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
_NO = frozenset(("", "0", "0.0", "false", "no", "none", "unsupported", "off", "disabled"))
_SHOWN = 6
_DEEP = 3
"""Keys below one key that are no longer named one by one."""


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


def says_no(value: Any) -> bool:
    """Whether a value says that there is none of what its key is about: null, false, 0, nothing, `unsupported`."""
    return value in (None, [], {}) or str(value).strip().casefold() in _NO


def only(wanted: Callable[[Any], bool], fate: Fate, otherwise: str = "changes nothing") -> Callable[[Any], Fate]:
    """The fate of the values that are wanted; the others are ignored with a reason."""
    return lambda value: fate if wanted(value) else (IGNORED, otherwise)


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


def _row(table: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    """A table's row for a path: its own, else that of the nearest parent, without regard to case; or None."""
    for end in range(len(path), 0, -1):
        key = ".".join(path[:end]).casefold()
        row = table.get(key) or table.get(key.replace("[]", ""))
        if row:
            return row
    return None


def account(flavor: str, record: Mapping[str, Any], table: Fates, decided: Mapping[str, Fate]) -> list[Entry]:
    """An entry for every leaf of a record.

    table: what the source says of each key. decided: what its value decided in this record; it goes before the table.
    Keys of both are folded (`fold`).
    """
    entries = []
    for path, value in leaves(dict(record)):
        fate = _row(decided, path) or _fate(_row(table, path), value)
        entries.append(Entry(flavor, ".".join(path), value, *fate))
    return entries


def _fate(row: Any, value: Any) -> Fate:
    """What a table's row says of a value: what the source has none of can't be lost, and is not carried over."""
    if row is None:
        return UNKNOWN, "no rule for this key"
    fate: Fate = row(value) if callable(row) else row
    if fate[0] == LOST and says_no(value):
        return IGNORED, "the listing says that there is none"
    if fate[0] == MAPPED and value in (None, "", []):
        return IGNORED, "it has no value"
    return fate


def fold(table: Fates) -> Fates:
    """The table with its keys as `account` asks for them."""
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


def to_summary(entries: Iterable[Entry], file: str) -> str:
    """What has to be said at once where the whole report goes to a file: what was left out and why, and how much was lost."""
    rows = list(entries)
    text = to_text((row for row in rows if row.disposition == SKIPPED), full=False) if _count(rows, SKIPPED) else ""
    lost, unknown = _count(rows, LOST), _count(rows, UNKNOWN)
    parts = [f"{lost} of them without a home in KubeVirt"] if lost else []
    parts += [f"{unknown} unknown"] if unknown else []
    return text + (f"keys: {' and '.join(parts)}; {file} names them\n" if parts else "")


def _count(rows: list[Entry], disposition: str) -> int:
    """How many keys have a fate, whatever the number of flavors; of left-out ones how many flavors."""
    return len({row.flavor if disposition == SKIPPED else row.key for row in rows if row.disposition == disposition})


def _concerned(keys: Mapping[str, list[Entry]], everybody: set[str]) -> list[str]:
    """`key, key: flavor, flavor` lines; keys of the same flavors share one, and many below one key are counted."""
    keys = _gathered(keys)
    groups: dict[tuple[str, ...], list[str]] = {}
    for key, rows in keys.items():
        values = list(dict.fromkeys(str(row.value) for row in rows))
        alone = len(values) == 1 and len(keys) == 1 and not key.endswith(" keys)")
        shown = f"{key} = {_clip(values[0])}" if alone else key
        groups.setdefault(tuple(dict.fromkeys(row.flavor for row in rows)), []).append(shown)
    lines = []
    for flavors, names in groups.items():
        whom = f"all {len(flavors)}" if len(flavors) == len(everybody) > 1 else _listed(flavors)
        lines.append(whom if names[0].startswith(ALL) else f"{_listed(names)}: {whom}")
    return lines


def _gathered(keys: Mapping[str, list[Entry]]) -> dict[str, list[Entry]]:
    """The keys with their entries; where many lie below one key of the listing, they are one."""
    below: dict[str, list[str]] = {}
    for key in keys:
        below.setdefault(key.partition(".")[0], []).append(key)
    made: dict[str, list[Entry]] = {}
    for top, own in below.items():
        if len(own) <= _DEEP or any(":" in key for key in own):
            made |= {key: keys[key] for key in own}
        else:
            made[f"{top} ({len(own)} keys)"] = [row for key in own for row in keys[key]]
    return made


def _listed(names: Iterable[str]) -> str:
    """Names for people: all of a few, else how many and the first ones."""
    known = [_clip(name) for name in names]
    if len(known) <= _SHOWN:
        return ", ".join(known)
    return f"{len(known)}, such as {', '.join(known[: _SHOWN // 2])}"


def _clip(value: str, width: int = 60) -> str:
    line = " ".join(value.split())
    return line if len(line) <= width else line[: width - 3] + "..."
