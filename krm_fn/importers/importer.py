"""From listings to series definitions: read, drop what can't be, group into families, account for every key."""

from __future__ import annotations

from krm_fn.core.naming import slug
from krm_fn.importers import aws, azure, gcp, openstack
from krm_fn.importers.compact import families, instancetypes, preferences
from krm_fn.importers.flavor import Flavor, Options
from krm_fn.importers.listing import folded, records
from krm_fn.importers.loss import ALL, IGNORED, LOST, SKIPPED, Entry, account
from krm_fn.importers.meaning import imprint
from krm_fn.kubevirt.api import IMPORTED
from krm_fn.roundtrip.definition import Definition

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import ModuleType

    from krm_fn.core.manifest import Manifest

SOURCES: dict[str, ModuleType] = {"aws": aws, "gcp": gcp, "azure": azure, "openstack": openstack}
"""Each has COMMAND, ABOUT, NAME, KEYS, rows(document) and read(record, options); some `unnest`, `foreign`, `finish`."""


class Imported:
    """What an import makes: series definitions with their comments, and the fate of every key."""

    __slots__ = ("definitions", "entries")

    def __init__(self, definitions: list[Definition], entries: list[Entry]) -> None:
        self.definitions = definitions
        self.entries = entries


def import_listing(source: str, files: Iterable[tuple[str, bytes]], options: Options | None = None) -> Imported:
    """The series that a source's listings describe. InputError when a file is cut off or another platform's.

    files: (name, content) pairs; all of them together are one listing.
    """
    options = options or Options()
    module = SOURCES[source]
    others = {name: other.rows for name, other in SOURCES.items() if name != source}
    found, entries = records(files, module.rows, module.COMMAND, others)
    flavors: dict[str, Flavor] = {}
    definitions: list[Definition] = []
    rest: list[Manifest] = []
    for record in found:
        row = module.unnest(record) if hasattr(module, "unnest") else record
        if hasattr(module, "is_flavor") and not module.is_flavor(row):
            rest.append(row)
        else:
            entries += _take(module, row, options, flavors)
    if rest:
        images, image_entries = module.finish(rest, options)
        definitions += images
        entries += image_entries
    made = _series(module, source, list(flavors.values()), options) + definitions
    for definition in made:
        definition.manifest["metadata"]["annotations"] = {IMPORTED: imprint(definition.manifest)}
    return Imported(made, entries)


def _take(module: ModuleType, record: Manifest, options: Options, flavors: dict[str, Flavor]) -> list[Entry]:
    """Read one record into `flavors` (mutated) and say what became of its keys."""
    row = folded(record)
    name = str(row.get(module.NAME) or "")
    foreign = module.foreign(row) if hasattr(module, "foreign") else ""
    if foreign:
        return [Entry(name, ALL, None, IGNORED, foreign)]
    if not name:
        return [Entry("(no name)", ALL, record, SKIPPED, f"it has no {module.NAME}")]
    flavor = module.read(row, options)
    if isinstance(flavor, Flavor) and (flavor.cpu < 1 or flavor.memory < 1):
        flavor = "its number of vCPUs or its memory is missing or no whole number above zero"
    if isinstance(flavor, str):
        return [Entry(name, ALL, None, SKIPPED, flavor)]
    key = _object_name(flavor)
    if key in flavors:
        return [_again(flavor, flavors[key])]
    flavors[key] = flavor
    entries = account(name, record, module.KEYS, flavor.decided)
    entries += [Entry(name, missing, None, disposition, detail) for missing, disposition, detail in flavor.remarks]
    if options.annotate:
        flavor.annotations |= _annotations(entries)
    return entries


def _again(flavor: Flavor, first: Flavor) -> Entry:
    if flavor.name != first.name:
        detail = f"it would have the same object name as {first.name}; rename one of them in the listing"
        return Entry(flavor.name, ALL, None, SKIPPED, detail)
    same = all(getattr(flavor, key) == getattr(first, key) for key in ("cpu", "memory", "template"))
    if same:
        return Entry(flavor.name, ALL, None, IGNORED, "the same size again, from another zone, page or file")
    figures = f"{flavor.cpu} vCPUs and {flavor.memory} MiB"
    return Entry(flavor.name, ALL, figures, LOST, "another row has other figures or devices; the first one counts")


def _object_name(flavor: Flavor) -> str:
    return flavor.pattern.replace("{{ series }}", flavor.series).replace("{{ size }}", flavor.size)


def _annotations(entries: list[Entry]) -> dict[str, str]:
    lost = [entry for entry in entries if entry.disposition == LOST and not isinstance(entry.value, (dict, list))]
    found: dict[str, str] = {}
    for entry in lost:
        name = f"import.krm-fn.dev/{slug(entry.key.replace('[]', ''))}"
        found[name] = f"{found[name]}, {entry.value}" if name in found else str(entry.value)
    return found


def _series(module: ModuleType, source: str, flavors: list[Flavor], options: Options) -> list[Definition]:
    made = _apart(flavors)
    definitions = []
    for series, family in families(made).items():
        manifest = instancetypes(series, family, module.ABOUT, options)
        notes: dict[tuple[str, ...], str] = {
            ("spec", "sizes", flavor.size): flavor.comment for flavor in family if flavor.comment
        }
        definitions.append(Definition(manifest, _header(module, source, family), notes))
    preference = preferences(source, made, module.ABOUT, options)
    if preference:
        header = [f"{module.ABOUT['preferences']}, from {module.COMMAND}.", f"krm-fn import {source}"]
        definitions.append(Definition(preference, header, {}))
    return definitions


def _apart(flavors: list[Flavor]) -> list[Flavor]:
    """The flavors, with families of one name but different name templates set apart (mutated)."""
    patterns: dict[str, list[str]] = {}
    for flavor in flavors:
        known = patterns.setdefault(flavor.series, [])
        if flavor.pattern not in known:
            known.append(flavor.pattern)
        place = known.index(flavor.pattern)
        if place:
            flavor.pattern = flavor.pattern.replace("{{ series }}", flavor.series)
            known[place] = flavor.pattern
            flavor.series = f"{flavor.series}-{place + 1}"
    return flavors


def _header(module: ModuleType, source: str, family: list[Flavor]) -> list[str]:
    count = f"{len(family)} size{'s' if len(family) > 1 else ''}"
    lines = [f"{module.ABOUT['displayName'].format(series=family[0].series)}: {count} from {module.COMMAND}."]
    names = list(dict.fromkeys(".".join(names) for flavor in family for names in flavor.preferences if names))
    lines.append(
        f"krm-fn import {source}"
        + (f"; preferences {', '.join(f'{source}.{name}' for name in names)}" if names else "")
    )
    return lines
