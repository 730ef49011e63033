"""Files of objects in, series out: `krm-fn import objects`."""

from __future__ import annotations

from dataclasses import dataclass, field

from krm_fn.core.finding import describe
from krm_fn.core.manifest import mapping, name_of, text
from krm_fn.core.quantity import is_quantity
from krm_fn.core.wire import read
from krm_fn.importers.meaning import imprint
from krm_fn.importers.objects import instancetypes, preferences
from krm_fn.importers.objects.item import Item, cleaned, folded, identity
from krm_fn.importers.objects.proof import ALONE, length, prove
from krm_fn.importers.source import Imported
from krm_fn.kubevirt.api import CONFIG_API, IMPORTED, INSTANCETYPE_GROUP, INSTANCETYPE_KINDS, LABEL, PREFERENCE_KINDS
from krm_fn.migrate.convert import convert_data
from krm_fn.migrate.convert import objects as flattened
from krm_fn.roundtrip.definition import Definition

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    from krm_fn.core.manifest import Manifest
    from krm_fn.importers.flavor import Options

_KINDS = (*INSTANCETYPE_KINDS, *PREFERENCE_KINDS)
_VENDOR = f"{LABEL}vendor"
_TOOLS = ("kustomize.config.k8s.io/", "kpt.dev/")


@dataclass
class Converted:
    """What an import of objects made.

    series: definitions, proved. left: objects that stay plain, with reasons. mistakes: what could not be used, a line each.
    objects: all that came in, cleaned.
    """

    series: list[Definition] = field(default_factory=list)
    left: list[tuple[Manifest, str]] = field(default_factory=list)
    mistakes: list[str] = field(default_factory=list)
    objects: list[Manifest] = field(default_factory=list)


class _Objects:
    """The `Source` of KubeVirt's own objects."""

    def claims(self, document: Any) -> bool:
        """Whether there is an instancetype or a preference in a document."""
        return any(text(item, "kind") in _KINDS for item in flattened([document]))

    def load(self, files: Iterable[tuple[str, bytes]], options: Options) -> Imported:
        """The series and the plain objects of some files."""
        found = convert(files, options)
        return Imported([*found.series, *(plain(item, reason) for item, reason in found.left)], [])


SOURCE = _Objects()


def plain(item: Manifest, reason: str) -> Definition:
    """An object that stays as it is, with the reason beside its first line."""
    return Definition(item, [], {("apiVersion",): f"no series: {reason}"})


def convert(files: Iterable[tuple[str, bytes]], options: Options) -> Converted:
    """Read objects and make series of them that generate the very same ones."""
    found = Converted()
    found.objects, found.mistakes = read_objects(files)
    if options.vendor:
        for item in found.objects:
            item["metadata"].setdefault("labels", {})[_VENDOR] = options.vendor
    items = folded(found.objects)
    taken: set[tuple[str, str]] = set()
    for family in instancetypes.families([item for item in items if item.is_instancetype], options.family):
        series = family[0].series
        name = _free(("InstancetypeSeries", series), taken)
        parts = {id(sized.item): sized for sized in family}
        _add(found, [sized.item for sized in family], _instancetypes(name, parts))
    for members in preferences.families([item for item in items if not item.is_instancetype]):
        series = members[0].name.partition(".")[0]
        if ("PreferenceSeries", series) not in taken:
            taken.add(("PreferenceSeries", series))
            _add(found, members, _preferences(series))
            continue
        for (
            member
        ) in members:  # a member's name begins with its series' name, and that is taken: each is its own series
            taken.add(("PreferenceSeries", member.name))
            _add(found, [member], _preferences(member.name))
    for definition in found.series:
        definition.manifest["metadata"]["annotations"] = {IMPORTED: imprint(definition.manifest)}
    found.series.sort(key=lambda one: (one.manifest["kind"], name_of(one.manifest)))
    return found


def _instancetypes(name: str, parts: dict[int, instancetypes.Sized]) -> Callable[[list[Item]], Definition]:
    return lambda items: instancetypes.definition([parts[id(item)] for item in items], name)


def _preferences(name: str) -> Callable[[list[Item]], Definition]:
    return lambda items: preferences.definition(items, name)


def _free(wanted: tuple[str, str], taken: set[tuple[str, str]]) -> str:
    kind, name = wanted
    number = 1
    while (kind, name) in taken:
        number += 1
        name = f"{wanted[1]}-{number}"
    taken.add((kind, name))
    return name


def _add(found: Converted, items: Sequence[Item], make: Callable[[list[Item]], Definition]) -> None:
    definition, left = prove(list(items), make, lines)
    if definition is not None:
        found.series.append(definition)
    found.left += [(one, reason) for item, reason in left for one in item.objects]


def lines(definition: Definition) -> int:
    """The lines of a definition as it will be written."""
    from krm_fn.roundtrip.definition import compose

    with_record = {
        **definition.manifest,
        "metadata": {**definition.manifest["metadata"], "annotations": {IMPORTED: "x"}},
    }
    return compose([Definition(with_record, definition.header, definition.notes, dense=definition.dense)]).count("\n")


def read_objects(files: Iterable[tuple[str, bytes]]) -> tuple[list[Manifest], list[str]]:
    """The instancetypes and preferences of some files, cleaned and of today's API; and what could not be used, a line each."""
    found: list[Manifest] = []
    mistakes: list[str] = []
    seen: dict[tuple[str, str, str], str] = {}
    for name, data in files:
        for item in flattened(read(data, name)):
            if text(item, "apiVersion").startswith(_TOOLS):
                continue
            mistake = _mistake(item)
            if not mistake:
                convert_data(item)
                made = cleaned(item)
                first = seen.setdefault(identity(made), name)
                if any(identity(made) == identity(other) for other in found):
                    mistake = f"there is one of this name already, in {first}"
                else:
                    found.append(made)
            if mistake:
                mistakes.append(f"{name}: {describe(item)}: {mistake}")
    return found, mistakes


def _mistake(item: Manifest) -> str:
    """What keeps a manifest from being imported, "" when nothing does."""
    kind, group = text(item, "kind"), text(item, "apiVersion").partition("/")[0]
    if kind not in _KINDS or group != INSTANCETYPE_GROUP:
        if text(item, "apiVersion") == CONFIG_API:
            return "it is a definition already; import what `krm-fn generate` makes of it"
        return "it is neither an instancetype nor a preference"
    if not name_of(item):
        return "metadata.name is missing"
    spec = item.get("spec")
    if not isinstance(spec, dict):
        return "spec is missing, or no mapping"
    for metadata in ("labels", "annotations"):
        values = mapping(item, "metadata").get(metadata)
        if values is not None and not (
            isinstance(values, dict) and all(isinstance(each, str) for each in values.values())
        ):
            return f"metadata.{metadata} is no mapping of texts"
    return _figures(spec) if kind in INSTANCETYPE_KINDS else ""


def _figures(spec: Manifest) -> str:
    """What is wrong with the vCPUs and the memory that every instancetype has to have."""
    cpu, memory = mapping(spec, "cpu").get("guest"), mapping(spec, "memory").get("guest")
    if not isinstance(cpu, int) or isinstance(cpu, bool) or cpu < 1:
        return "spec.cpu.guest is no number of vCPUs"
    return (
        "" if isinstance(memory, (str, int)) and is_quantity(memory) else "spec.memory.guest is no quantity such as 4Gi"
    )


def report(found: Converted, after: int) -> str:
    """What an import did, for people. after: the lines that were written."""
    before = sum(map(length, found.objects))
    plural = "" if len(found.series) == 1 else "s"
    text_ = f"{len(found.objects)} objects: {len(found.objects) - len(found.left)} by {len(found.series)} series definition{plural}"
    text_ += f", {len(found.left)} left as they are" if found.left else ""
    text_ += f"; {before} lines, now {after}\n"
    alone = [describe(item) for item, reason in found.left if reason == ALONE]
    others = [f"left as it is: {describe(item)}: {reason}\n" for item, reason in found.left if reason != ALONE]
    if alone:
        others.append(
            f"left as they are, since nothing joins them: {', '.join(alone[:6])}{', ...' if len(alone) > 6 else ''}\n"
        )
    return "".join(f"error: {mistake}\n" for mistake in found.mistakes) + text_ + "".join(others)
