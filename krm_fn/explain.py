"""Where the fields of a VirtualMachine come from, as far back as Git has it: object, series, size, member and trait.

The origins are the expansion's own (`vm.origins`); here the objects are followed to the definitions that make them, and
for a field that is not there the rule is named that kept it out.
"""

from __future__ import annotations

from krm_fn.core.fieldpath import find, parse, pattern
from krm_fn.core.manifest import mapping, name_of, text
from krm_fn.instancetype import fields as instancetype_fields
from krm_fn.kinds import SERIES_OF
from krm_fn.preference import fields as preference_fields
from krm_fn.series import catalog
from krm_fn.series.traits import packaged
from krm_fn.vm.expand import INSTANCETYPE, PREFERENCE
from krm_fn.vm.impact import boot, stored
from krm_fn.vm.impact.cluster import Cluster
from krm_fn.vm.impact.equality import ABSENT, normal
from krm_fn.vm.impact.references import first
from krm_fn.vm.mapping import conflict_of, how_written
from krm_fn.vm.origins import DEFAULT, VM, covering, origins, rows_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from krm_fn.changes.tree import Key, Tree
    from krm_fn.core.finding import Finding
    from krm_fn.core.manifest import Manifest
    from krm_fn.vm.origins import Origin

_SPEC = "spec.template.spec."
_TOPOLOGY = tuple(f"{_SPEC}domain.cpu.{key}" for key in ("sockets", "cores", "threads"))


class Explanation:
    """An expanded VM with the origin of each field.

    objects: `instancetype` and `preference` to the objects that were applied. made: the same to the definition that makes
    each, as {series, size} or {series, member}; empty where none is known. definitions: their manifests.
    """

    def __init__(self, tree: Tree, key: Key, catalogs: Iterable[str]) -> None:
        side = tree.side(key)
        self.vm = side.vm
        references = first(side)
        self.missing = {field: reference.missing for field, reference in references.items() if reference.missing}
        self.objects = {field: reference.target for field, reference in references.items() if reference.target}
        self.expanded, self.findings, self.origins = origins(
            side.vm, self.objects.get(INSTANCETYPE), self.objects.get(PREFERENCE), admitted=True
        )
        self._definitions: dict[str, Manifest] = {}
        self.made = {field: self._made(field, target, tree, catalogs) for field, target in self.objects.items()}

    def _made(self, field: str, target: Manifest, tree: Tree, catalogs: Iterable[str]) -> dict[str, str]:
        kind, name = text(target, "kind"), name_of(target)
        definition = tree.definitions.get(tree.origins.get((kind, name), ""))
        if definition is None and (kind, name) not in tree.objects:
            definition = _packaged(kind, name, catalogs)
        if definition is None or text(definition, "kind") not in SERIES_OF.values():
            return {}
        self._definitions[field] = definition
        series = name_of(definition)
        part = name.removeprefix(series).removeprefix(".")
        return {"series": f"{text(definition, 'kind')}/{series}", ("size" if field == INSTANCETYPE else "member"): part}

    def entry(self, origin: Origin) -> Manifest:
        """One field as data."""
        out: Manifest = {"path": origin.path, "value": origin.value, "from": origin.source}
        target = self.objects.get(origin.source)
        if target is not None:
            out["object"] = f"{text(target, 'kind')}/{name_of(target)}"
        if origin.field:
            out["field"] = origin.field
        if target is not None:
            out |= {key: value for key, value in self.made[origin.source].items() if value}
            trait = self._trait(origin.field) if origin.source == PREFERENCE else ""
            if trait:
                out["trait"] = trait
        return out

    def _trait(self, field: str) -> str:
        """The trait of a preference's series that brings a field, "" when it is none."""
        definition = self._definitions.get(PREFERENCE)
        if definition is None:
            return ""
        spec = mapping(definition, "spec")
        known = {**packaged(), **mapping(spec, "traits")}
        members = mapping(spec, "members")
        steps = parse(field.removeprefix("spec."))
        name: object = self.made[PREFERENCE].get("member", "")
        seen: set[object] = set()
        while isinstance(name, str) and name in members and name not in seen:
            seen.add(name)
            member = mapping(members, name)
            if find(mapping(member, "template"), steps) is not None:
                return ""
            for trait in reversed(member.get("traits") or ()):
                if find(known.get(trait), steps) is not None:
                    return str(trait)
            name = member.get("extends")
        return ""

    def words(self, origin: Origin) -> str:
        """An origin in a few words."""
        if origin.source == VM:
            return "the VM"
        if origin.source == DEFAULT:
            return "KubeVirt's default"
        entry = self.entry(origin)
        parts = [entry[key] for key in ("series",) if key in entry]
        parts += [f"{key} {entry[key]}" for key in ("size", "member", "trait") if key in entry]
        inside = f" ({', '.join(parts)})" if parts else ""
        return f"{origin.source} {name_of(self.objects[origin.source])} {origin.field}{inside}"

    def why(self, path: str) -> list[str]:
        """The story of a field in a few lines: where it comes from, or what kept it out."""
        here = [origin for origin in self.origins if _is_at(origin.path, path)]
        return self._there(here) if here else self._not_there(path)

    def _there(self, found: list[Origin]) -> list[str]:
        lines = []
        for origin in found:
            lines.append(f"{origin.path} is {_shown(origin.value)}: {self.words(origin)}")
            lines += [f"  {line}" for line in self._rule(origin)]
        return lines

    def _rule(self, origin: Origin) -> list[str]:
        """By which rule of KubeVirt's a field came to be."""
        below = origin.path.removeprefix(_SPEC)
        if origin.source == INSTANCETYPE and origin.path in _TOPOLOGY:
            count = find(mapping(self.objects[INSTANCETYPE], "spec"), ("cpu", "guest"))
            chosen = find(mapping(self.objects.get(PREFERENCE), "spec"), ("cpu", "preferredCPUTopology"))
            name = name_of(self.objects[PREFERENCE]) if PREFERENCE in self.objects else ""
            said = f"preference {name} does not say how" if name else "there is no preference"
            said = f"preference {name} wants them as {chosen}" if chosen else f"{said}, so they become sockets"
            return [f"the instancetype has {count} vCPUs; {said}", *self._conflict(below)]
        if origin.source == INSTANCETYPE:
            return self._conflict(below)
        if origin.source == PREFERENCE:
            rows = [row for row in _preference_rows(below) if f"spec.{row.source}" in origin.field]
            return [f"a preference writes it {how_written(row)}" for row in rows[-1:]]
        if origin.source == VM:
            return self._overridden(below)
        return ["KubeVirt adds it where the manifest says nothing, before a preference is applied"]

    def _conflict(self, below: str) -> list[str]:
        """Whether the VM may say the same itself."""
        found = [conflict_of(row) for row in instancetype_fields.ROWS if row.target == pattern(below)]
        words = {
            "never": "a value of the VM's own would be no conflict",
            "always": "a value of the VM's own would be refused",
        }
        return [words.get(found[0], f"a value of the VM's own would be refused {found[0]}")] if found else []

    def _overridden(self, below: str) -> list[str]:
        """A preference that would have written a field that the VM has itself."""
        preference_spec = mapping(self.objects.get(PREFERENCE), "spec")
        return [
            f"preference {name_of(self.objects[PREFERENCE])} has {row.source}: "
            f"{_shown(find(preference_spec, parse(row.source)))}, and the VM's own value wins"
            for row in _preference_rows(below)
            if row.target == pattern(below) and find(preference_spec, parse(row.source)) is not None
        ]

    def _not_there(self, path: str) -> list[str]:
        lines = [f"{path} is not in the expanded VM"]
        below = path.removeprefix(_SPEC)
        for source, word in ((INSTANCETYPE, "an instancetype"), (PREFERENCE, "a preference")):
            for row in covering(rows_of(source), below):
                if row.target != pattern(below):
                    continue
                target = self.objects.get(source)
                if target is None:
                    lines.append(f"  {word} could bring it by {row.source}, and the VM names none")
                elif find(mapping(target, "spec"), parse(row.source)) is None:
                    lines.append(f"  {source} {name_of(target)} has no {row.source}, which would bring it")
                else:
                    how = how_written(row) if isinstance(row, preference_fields.Row) else "in any case"
                    lines.append(
                        f"  {source} {name_of(target)} has {row.source}, which is written {how}: here it is not"
                    )
        lines += self._at_start(path)
        if len(lines) == 1:
            lines.append(
                "  no instancetype and no preference can bring it, and KubeVirt has no default for it: write it into the VM"
            )
        return lines

    def _at_start(self, path: str) -> list[str]:
        """What KubeVirt fills in only when the machine is started."""
        cluster = Cluster()
        vm = stored.created(self.vm, self.objects.get(PREFERENCE), cluster)
        machine = boot.booted(vm, self.objects.get(INSTANCETYPE), self.objects.get(PREFERENCE), cluster)
        if machine is None:
            return []
        value = normal(find_in(machine, parse(path.removeprefix("spec.template."))))
        if value is ABSENT or value is None:
            return []
        return [
            f"  KubeVirt fills it in when the machine starts: {_shown(value) if value != stored.RANDOM else 'a random one'}"
        ]


def find_in(value: object, steps: Iterable[str]) -> object:
    """The value at steps through mappings and lists, None when there is none."""
    for step in steps:
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value


def _preference_rows(below: str) -> list[preference_fields.Row]:
    return [row for row in covering(preference_fields.ROWS, below) if isinstance(row, preference_fields.Row)]


def _is_at(path: str, asked: str) -> bool:
    return path == asked or path.startswith((f"{asked}.", f"{asked}["))


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _packaged(kind: str, name: str, catalogs: Iterable[str]) -> Manifest | None:
    """The definition of a packaged object: the one with the longest name that the object's begins with."""
    wanted = SERIES_OF.get(kind)
    found = [
        definition
        for _, definition in catalog.definitions(catalogs)
        if text(definition, "kind") == wanted
        and (name == name_of(definition) or name.startswith(f"{name_of(definition)}."))
    ]
    return max(found, key=lambda definition: len(name_of(definition)), default=None)


def failures(explanation: Explanation) -> list[Finding]:
    """The errors that kept a VM from being expanded."""
    return explanation.findings if not explanation.origins else []
