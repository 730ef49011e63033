"""From a platform's listing to series definitions: read, drop what can't be, gather into families, account for every key."""

from __future__ import annotations

from dataclasses import dataclass

from krm_fn.core.naming import slug
from krm_fn.importers.compact import families, instancetypes, preferences
from krm_fn.importers.families import by_pattern, gathered
from krm_fn.importers.flavor import Flavor
from krm_fn.importers.listing import folded, records
from krm_fn.importers.loss import ALL, IGNORED, LOST, SKIPPED, Entry, account
from krm_fn.importers.meaning import imprint
from krm_fn.importers.source import Imported
from krm_fn.kubevirt.api import IMPORTED
from krm_fn.roundtrip.definition import Definition

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

    from krm_fn.core.manifest import Manifest
    from krm_fn.importers.flavor import Options
    from krm_fn.importers.loss import Fates

    Made = tuple[list[Definition], list[Entry]]


def _itself(record: Manifest) -> Manifest:
    return record


def _ours(_record: Manifest) -> str:
    return ""


def _as_given(_records: list[Manifest], options: Options) -> Options:
    return options


@dataclass(frozen=True)
class Platform:
    """A `Source` whose listing has a row for each size.

    name:     the source's name on the command line. command: what prints the listing, for messages.
    about:    vendor, displayName, description, preferences and preferenceName; `{series}` stands for the family.
    key:      the row's key with the size's name, folded. keys: what becomes of each key (`loss`).
    rows:     a document's rows, None when it is none of the platform's.
    read:     a row, its first level of keys folded, as a flavor; or why there is none.
    unnest:   a row with what tools print as text or pairs as a mapping.
    foreign:  why a row is no size at all, "" when it is one.
    others:   rows that are something else altogether, and what makes definitions of them (OpenStack's images).
    prepare:  the options, with what only the whole listing tells.
    around:   the family around a flavor's own, for those that have one size only (`families.gathered`).
    whole:    from how many sizes on `around` counts: in a part of a listing a family of one size says nothing.
    """

    name: str
    command: str
    about: Mapping[str, str]
    key: str
    keys: Fates
    rows: Callable[[Any], list[Any] | None]
    read: Callable[[Manifest, Options], Flavor | str]
    unnest: Callable[[Manifest], Manifest] = _itself
    foreign: Callable[[Manifest], str] = _ours
    others: tuple[Callable[[Manifest], bool], Callable[[list[Manifest], Options], Made]] | None = None
    prepare: Callable[[list[Manifest], Options], Options] = _as_given
    around: Callable[[Flavor], str] | None = None
    whole: int = 0

    def claims(self, document: Any) -> bool:
        """Whether a document is a listing of this platform with at least one row."""
        return bool(self.rows(document))

    def load(self, files: Iterable[tuple[str, bytes]], options: Options) -> Imported:
        """The series of some files, which together are one listing. InputError when a file is cut off or another's."""
        found, entries = records(files, self.rows, self.command)
        records_ = [self.unnest(record) for record in found]
        rest = [record for record in records_ if self.others and self.others[0](record)]
        rows = [record for record in records_ if not any(record is other for other in rest)] if rest else records_
        options = self.prepare(rows, options)
        flavors: dict[str, Flavor] = {}
        for record in rows:
            entries += self._take(record, options, flavors)
        _settle_skipped(entries, {flavor.name for flavor in flavors.values()})
        made = self._series(list(flavors.values()), options)
        if self.others and rest:
            definitions, more = self.others[1](rest, options)
            made += definitions
            entries += more
        for definition in made:
            definition.manifest["metadata"]["annotations"] = {IMPORTED: imprint(definition.manifest)}
        return Imported(made, entries)

    def _take(self, record: Manifest, options: Options, flavors: dict[str, Flavor]) -> list[Entry]:
        """Read one record into `flavors` (mutated) and say what became of its keys."""
        row = folded(record)
        name = str(row.get(self.key) or "")
        foreign = self.foreign(row)
        if foreign:
            return [Entry(name, ALL, None, IGNORED, foreign)]
        if not name:
            return [Entry(_NAMELESS, ALL, record, SKIPPED, f"it has no {self.key}")]
        flavor = self.read(row, options)
        if isinstance(flavor, Flavor) and (flavor.cpu < 1 or flavor.memory < 1):
            flavor = "its number of vCPUs or its memory is missing or no whole number above zero"
        if isinstance(flavor, str):
            return [Entry(name, ALL, None, SKIPPED, flavor)]
        if flavor.slug in flavors:
            return [_again(flavor, flavors[flavor.slug])]
        flavors[flavor.slug] = flavor
        entries = account(name, record, self.keys, flavor.decided)
        entries += [Entry(name, missing, None, disposition, detail) for missing, disposition, detail in flavor.remarks]
        if options.annotate:
            flavor.annotations |= _annotations(entries)
        return entries

    def _series(self, flavors: list[Flavor], options: Options) -> list[Definition]:
        for flavor in flavors if options.family else ():
            parts = options.family and by_pattern(options.family, flavor.slug)
            if parts:
                flavor.series, flavor.size, flavor.pattern = parts
        made = gathered(flavors, self.around if len(flavors) >= self.whole else None)
        definitions = []
        for series, family in families(made).items():
            manifest = instancetypes(series, family, self.about, options)
            notes: dict[tuple[str, ...], str] = {
                ("spec", "sizes", flavor.size): flavor.comment for flavor in family if flavor.comment
            }
            definitions.append(Definition(manifest, self._header(family), notes))
        preference = preferences(self.name, made, self.about, options)
        if preference:
            header = [f"{self.about['preferences']}, from {self.command}.", f"krm-fn import {self.name}"]
            definitions.append(Definition(preference, header, {}))
        return definitions

    def _header(self, family: list[Flavor]) -> list[str]:
        count = f"{len(family)} size{'s' if len(family) > 1 else ''}"
        lines = [f"{self.about['displayName'].format(series=family[0].series)}: {count} from {self.command}."]
        names = list(dict.fromkeys(".".join(names) for flavor in family for names in flavor.preferences if names))
        lines.append(
            f"krm-fn import {self.name}"
            + (f"; preferences {', '.join(f'{self.name}.{name}' for name in names)}" if names else "")
        )
        return lines


_NAMELESS = "(no name)"


def _settle_skipped(entries: list[Entry], imported: set[str]) -> None:
    """A size that another row offers was not left out, and one that several rows leave out is told once (mutated)."""
    told: set[str] = set()
    for entry in entries:
        if entry.disposition == SKIPPED and entry.key == ALL:
            again = entry.flavor in told and entry.flavor != _NAMELESS
            told.add(entry.flavor)
            if entry.flavor in imported:
                entry.disposition, entry.detail = IGNORED, f"{entry.detail}; another row offers the size"
            elif again:
                entry.disposition, entry.detail = IGNORED, f"{entry.detail}; said of another row"


def _again(flavor: Flavor, first: Flavor) -> Entry:
    if flavor.name != first.name:
        detail = f"it would have the same object name as {first.name}; rename one of them in the listing"
        return Entry(flavor.name, ALL, None, SKIPPED, detail)
    same = all(getattr(flavor, key) == getattr(first, key) for key in ("cpu", "memory", "template"))
    if same:
        return Entry(flavor.name, ALL, None, IGNORED, "the same size again, from another zone, page or file")
    figures = f"{flavor.cpu} vCPUs and {flavor.memory} MiB"
    return Entry(flavor.name, ALL, figures, LOST, "another row has other figures or devices; the first one counts")


def _annotations(entries: list[Entry]) -> dict[str, str]:
    lost = [entry for entry in entries if entry.disposition == LOST and not isinstance(entry.value, (dict, list))]
    found: dict[str, str] = {}
    for entry in lost:
        name = f"import.krm-fn.dev/{slug(entry.key.replace('[]', ''))}"
        found[name] = f"{found[name]}, {entry.value}" if name in found else str(entry.value)
    return found
