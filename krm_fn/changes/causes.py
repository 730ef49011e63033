"""Because of what a field changes: the object and the field in Git, found by the tables that the expansion works by.

A field that the VM itself says is its own cause. One that an instancetype or a preference writes leads to that object's
field, and where a definition makes the object, to the definition's: which of several edits it was is found by making each
of them alone.
"""

from __future__ import annotations

import re
from functools import lru_cache

from krm_fn import dispatch
from krm_fn.changes.hidden import masked
from krm_fn.core.errors import FunctionConfigError
from krm_fn.core.manifest import annotation, copy_tree, mapping, name_of, text
from krm_fn.core.wire import read
from krm_fn.instancetype import fields as instancetype_fields
from krm_fn.kubevirt.api import CLUSTER_KINDS
from krm_fn.preference import fields as preference_fields
from krm_fn.vm.impact import notes
from krm_fn.vm.impact.equality import ABSENT, differences, normal, plain
from krm_fn.vm.impact.references import FIELDS, first, keeps
from krm_fn.vm.revision import ANNOTATION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_fn.changes.tree import Key, Tree
    from krm_fn.core.manifest import Manifest
    from krm_fn.vm.impact.references import Side

    Edit = tuple[str, str, Any, Any]
    """(object, field, before, after) of one edit in Git."""

_TEMPLATE = "spec.template."
_DERIVED = {
    "spec.domain.cpu.maxSockets": "spec.domain.cpu.sockets",
    "spec.domain.memory.maxGuest": "spec.domain.memory.guest",
    "spec.domain.resources.requests.cpu": "spec.domain.cpu.sockets",
}
"""A field that KubeVirt works out → the field that it follows from."""
_TOPOLOGY = tuple(f"domain.cpu.{key}" for key in ("sockets", "cores", "threads"))
_KUBEVIRT = "KubeVirt"
THE_VM = "VirtualMachine"
"""The object of an edit of the machine's own manifest, whichever it is."""


class Cause:
    """One edit and how many machines it reaches. kept: machines that go on with the copy that KubeVirt stored."""

    __slots__ = ("after", "before", "field", "keepers", "machines", "object")

    def __init__(self, edit: Edit) -> None:
        self.object, self.field = edit[:2]
        self.before, self.after = (masked(self.field, value) for value in edit[2:])
        self.machines: set[Key] = set()
        self.keepers: set[Key] = set()


class Causes:
    """The edits between two trees, found while their machines are compared."""

    def __init__(self, before: Tree, after: Tree) -> None:
        self.before = before
        self.after = after
        self._found: dict[tuple[str, str, str, str], Cause] = {}
        self._edits: dict[tuple[int, int], list[tuple[str, Any, Any]]] = {}
        self._definitions: dict[str, list[tuple[str, Any, Any]]] = {}
        self._trials: dict[tuple[str, str], dict[tuple[str, str], Manifest]] = {}

    def of(self, old: Side, new: Side) -> Trace:
        """The causes of one machine's changes."""
        return Trace(self, old, new)

    def note(self, edit: Edit, key: Key, *, kept: bool = False) -> str:
        """Remember that an edit reaches a machine, or would if it did not keep its copy; returns the object."""
        cause = self._found.get(at := (*edit[:2], repr(edit[2]), repr(edit[3])))
        if cause is None:
            cause = self._found[at] = Cause(edit)
        (cause.keepers if kept else cause.machines).add(key)
        if edit[0] != THE_VM:
            return edit[0]
        name = f"{THE_VM}/{'/'.join(part for part in key if part)}"
        cause.object = name if len(cause.machines) == 1 else THE_VM
        return name

    def grouped(self) -> list[Cause]:
        """The causes, those that reach most machines first."""
        return sorted(
            self._found.values(),
            key=lambda cause: (-len(cause.machines), -len(cause.keepers), cause.object, cause.field, repr(cause.after)),
        )

    def edits(self, old: Manifest | None, new: Manifest | None) -> list[tuple[str, Any, Any]]:
        """Where the specs of two objects differ."""
        at = id(old), id(new)
        found = self._edits.get(at)
        if found is None:
            sides = [ABSENT if item is None else normal(item.get("spec") or {}, "spec") for item in (old, new)]
            found = self._edits[at] = list(differences(sides[0], sides[1], "spec"))
        return found

    def in_definition(self, item: Manifest, edit: tuple[str, Any, Any]) -> Edit:
        """An edit of an object, as one of the definition that makes it where there is one."""
        kind, name = text(item, "kind"), name_of(item)
        origin = self.after.origins.get((kind, name), "")
        if origin not in self.before.definitions or origin not in self.after.definitions:
            return f"{kind}/{name}", edit[0], plain(edit[1]), plain(edit[2])
        changed = self._definition_edits(origin)
        if len(changed) > 1:
            changed = [one for one in changed if self._makes(origin, one, (kind, name), edit)] or changed
        if not changed:
            return f"{kind}/{name}", edit[0], plain(edit[1]), plain(edit[2])
        path, left, right = changed[0]
        return origin, path, plain(left), plain(right)

    def _definition_edits(self, origin: str) -> list[tuple[str, Any, Any]]:
        found = self._definitions.get(origin)
        if found is None:
            sides = [normal(tree.definitions[origin].get("spec") or {}, "spec") for tree in (self.before, self.after)]
            found = self._definitions[origin] = list(differences(sides[0], sides[1], "spec"))
        return found

    def _makes(
        self, origin: str, change: tuple[str, Any, Any], item: tuple[str, str], edit: tuple[str, Any, Any]
    ) -> bool:
        """Whether one edit of a definition, made alone, gives an object's field its new value."""
        at = origin, change[0]
        if at not in self._trials:
            definition = copy_tree(self.before.definitions[origin])
            put(definition, change[0], plain(change[2]), absent=change[2] is ABSENT)
            try:
                made, _ = dispatch.run(definition, [])
            except FunctionConfigError:
                made = []
            self._trials[at] = {(text(one, "kind"), name_of(one)): one for one in made}
        found = self._trials[at].get(item)
        if found is None:
            return False
        return bool(get(normal(found.get("spec") or {}, "spec"), edit[0].removeprefix("spec.")) == edit[2])


class Trace:
    """The causes of one machine's changes."""

    def __init__(self, causes: Causes, old: Side, new: Side) -> None:
        self._causes = causes
        self._old, self._new = old, new
        sides = [normal(mapping(side.vm, "spec"), "spec") for side in (old, new)]
        self.own = list(differences(sides[0], sides[1], "spec"))
        self._targets = {field: self._pair(field) for field in FIELDS}

    def _pair(self, field: str) -> tuple[Manifest | None, Manifest | None]:
        """The object that a machine is made from on either side: by its matcher, or by the copy in its annotations."""
        out = []
        for side in (self._old, self._new):
            found = first(side).get(field)
            copied = annotation(side.vm, ANNOTATION.format(field))
            if found is not None:
                out.append(found.target)
            else:
                out.append(_parsed(copied) if copied else None)
        return out[0], out[1]

    def edit(self, path: str) -> Edit:
        """The edit because of which a field changes."""
        for field in FIELDS:
            if path == f"spec.{field}.revisionName":
                old, new = self._targets[field]
                edits = [] if new is None else self._causes.edits(old, new)
                if edits and new is not None:
                    return self._matcher(field) or self._causes.in_definition(new, edits[0])
        below = path.removeprefix(_TEMPLATE)
        if below != path and below.startswith("spec."):
            found = self._of_objects(below.removeprefix("spec."))
            if found is not None:
                return found
        for own, left, right in self.own:
            if _covers(own, path) or _covers(path, own):
                return THE_VM, own, plain(left), plain(right)
        if below in _DERIVED:
            return self.edit(_TEMPLATE + _DERIVED[below])
        for own, left, right in self.own:
            if own.startswith(("spec.instancetype", "spec.preference")):
                return THE_VM, own, plain(left), plain(right)
        return _KUBEVIRT, path, None, None

    def _of_objects(self, path: str) -> Edit | None:
        """The edit of an instancetype or a preference that a field below the template's spec follows from."""
        for field, rows in _SOURCES.items():
            old, new = self._targets[field]
            if new is None or old is new:
                continue
            sources = [
                source
                for source, target in rows
                if _covers(target, _plain_path(path)) or _covers(_plain_path(path), target)
            ]
            if path in _TOPOLOGY:
                sources += _TOPOLOGY_SOURCES[field]
            for edit in self._causes.edits(old, new):
                below = edit[0].removeprefix("spec.")
                if any(
                    _covers(source, _plain_path(below)) or _covers(_plain_path(below), source) for source in sources
                ):
                    return self._matcher(field) or self._causes.in_definition(new, edit)
        return None

    def _matcher(self, field: str) -> Edit | None:
        """The edit of a matcher that names another object."""
        old, new = (None if target is None else name_of(target) for target in self._targets[field])
        if old == new:
            return None
        if mapping(self._new.vm, "spec", field) or mapping(self._old.vm, "spec", field):
            return THE_VM, f"spec.{field}.name", old, new
        scope = "cluster-" if text(self._targets[field][1], "kind") in CLUSTER_KINDS else ""
        return THE_VM, f"spec.template.metadata.annotations[kubevirt.io/{scope}{field}-name]", old, new

    def kept(self) -> tuple[list[Edit], list[str]]:
        """The edits that do not reach the machine, because KubeVirt goes by the copy that it stored, and words for that."""
        found: list[Edit] = []
        said: list[str] = []
        for field, reference in first(self._old).items():
            matcher = mapping(mapping(self._new.vm, "spec"), field)
            if not matcher or matcher.get("revisionName") or not keeps(reference, matcher):
                continue
            old, new = reference.target, self._new.objects.get(field)
            if old is None or new is None or reference.revision:
                continue
            edits = self._causes.edits(old, new)
            found += [self._causes.in_definition(new, edit) for edit in edits]
            said += [notes.kept(field, reference.name)] if edits else []
        return found, said


_SOURCES = {
    "instancetype": [
        (row.source, row.target) for row in instancetype_fields.ROWS if row.how != instancetype_fields.NOTHING
    ],
    "preference": [(row.source, row.target) for row in preference_fields.ROWS],
}
_TOPOLOGY_SOURCES = {"instancetype": ["cpu.guest"], "preference": list(preference_fields.TOPOLOGY_FIELDS)}
_ENTRY = re.compile(r"\[[^\]]*\]")


def _plain_path(path: str) -> str:
    """A path with `[]` for each entry of a list, as the tables write them."""
    return _ENTRY.sub("[]", path)


def _covers(outer: str, inner: str) -> bool:
    """Whether a path is another one or one above it."""
    return inner == outer or inner.startswith((f"{outer}.", f"{outer}["))


@lru_cache(maxsize=256)
def _parsed(copied: str) -> Manifest | None:
    try:
        found = read(copied.encode(), "annotation")
    except ValueError:
        return None
    return found[0] if found and isinstance(found[0], dict) else None


def parts(path: str) -> list[str]:
    """The steps of a path: `a.b[c.d].e` is a, b, [c.d], e."""
    return re.findall(r"\[[^\]]*\]|[^.\[]+", path)


def get(value: Any, path: str) -> Any:
    """What stands at a path, ABSENT when nothing does."""
    for part in parts(path):
        name = part.strip("[]")
        if isinstance(value, dict) and name in value:
            value = value[name]
        elif isinstance(value, list) and part.startswith("["):
            value = next((entry for entry in value if isinstance(entry, dict) and entry.get("name") == name), ABSENT)
        else:
            return ABSENT
    return value


def put(item: Any, path: str, value: Any, *, absent: bool) -> None:
    """Write a value at a path of mappings and named lists, in place; whatever has no way there stays as it is."""
    *way, last = parts(path)
    for part in way:
        name = part.strip("[]")
        if isinstance(item, dict):
            item = item.setdefault(name, {})
        elif isinstance(item, list):
            item = next((entry for entry in item if isinstance(entry, dict) and entry.get("name") == name), None)
        if item is None:
            return
    if isinstance(item, dict):
        if absent:
            item.pop(last.strip("[]"), None)
        else:
            item[last.strip("[]")] = value
