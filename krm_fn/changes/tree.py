"""One side of a change: its manifests, the objects that its definitions make, and its machines."""

from __future__ import annotations

from krm_fn import dispatch
from krm_fn.core.errors import FunctionConfigError
from krm_fn.core.finding import ERROR, Finding, Rule
from krm_fn.core.manifest import annotation, file_of, is_local_config, mapping, name_of, namespace_of, text
from krm_fn.core.wire import canonical_json
from krm_fn.functions import generated
from krm_fn.functions.generated import ORIGIN, identity, origin_of
from krm_fn.kinds import GENERATORS
from krm_fn.kubevirt.api import CONFIG_API, INSTANCETYPE_GROUP, is_virtual_machine
from krm_fn.series.catalog import Catalog
from krm_fn.vm import infer
from krm_fn.vm.compatibility import upgrade
from krm_fn.vm.find import FIELDS, REVISION, Lookup
from krm_fn.vm.impact.references import Side

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from krm_fn.core.manifest import Manifest

    Key = tuple[str, str]
    """(namespace, name) of a VirtualMachine."""

TWICE = Rule(
    "diff/duplicate",
    "Object that is there twice",
    "Two manifests of one kind, namespace and name: which of them a cluster gets depends on who applies last.",
)


class Tree:
    """Manifests as one side has them.

    items: as they were given. objects: (kind, name) of all that is there. machines: the VirtualMachines, by namespace and name.
    definitions: series and generators, by their origin. others: every manifest that has nothing to do with machines, by kind,
    namespace and name.
    origins: (kind, name) of an object that a definition makes → that definition's origin. findings: what keeps parts of the
    side from being read; the rest counts.
    """

    __slots__ = (
        "_lookup",
        "_revisions",
        "_sides",
        "definitions",
        "findings",
        "items",
        "machines",
        "objects",
        "origins",
        "others",
    )

    def __init__(self, items: list[Manifest], catalogs: Iterable[str]) -> None:
        self.findings: list[Finding] = []
        self.definitions = {
            origin_of(item): item
            for item in items
            if item.get("apiVersion") == CONFIG_API and text(item, "kind") in GENERATORS
        }
        objects = self._single(self._made(items))
        self.items = items
        self.others = {identity(item): item for item in items if _is_other(item)}
        self.objects = {(text(item, "kind"), name_of(item)) for item in objects}
        self.origins = {
            (text(item, "kind"), name_of(item)): annotation(item, ORIGIN)
            for item in objects
            if annotation(item, ORIGIN)
        }
        self._lookup = Lookup(objects, Catalog(catalogs), upgrade)
        self.machines: dict[Key, Manifest] = {}
        self._revisions: dict[str, dict[str, Manifest]] = {}
        held_once: dict[str, Manifest] = {}  # a fleet's revisions mostly hold the same few objects
        for item in objects:
            if is_virtual_machine(item) and not is_local_config(item):
                self.machines[identity(item)[1:]] = item
            elif text(item, "kind") == REVISION:
                held = item.get("data")
                if isinstance(held, dict) and text(held, "apiVersion").startswith(INSTANCETYPE_GROUP):
                    alike = held_once.setdefault(canonical_json(held), held)
                    self._revisions.setdefault(namespace_of(item), {})[name_of(item)] = alike
        self._sides: dict[Key, Side] = {}

    def _single(self, items: list[Manifest]) -> list[Manifest]:
        """The items without those whose name an earlier one has, each of which is a finding.

        Machines and what they are made from count, under a name: directories also hold listings and patches, without a
        name or with one that others have.
        """
        first: dict[tuple[str, str, str, str], Manifest] = {}
        kept: list[Manifest] = []
        for item in items:
            if not name_of(item) or (_is_other(item) and text(item, "kind") not in infer.KINDS):
                kept.append(item)
                continue
            group = text(item, "apiVersion").rpartition("/")[0]
            known = first.setdefault((group, *identity(item)), item)
            if known is item:
                kept.append(item)
            else:
                where = file_of(known)[0]
                message = (
                    f"is there twice{f', in {where} too' if where else ''}: remove or rename one, here the first counts"
                )
                self.findings.append(Finding(TWICE, message, item, "metadata.name"))
        return kept

    def _made(self, items: list[Manifest]) -> list[Manifest]:
        """The items with what the definitions among them make."""
        made: list[Manifest] = []
        for definition in self.definitions.values():
            try:
                own, found = dispatch.run(definition, [])
            except FunctionConfigError as error:
                own, found = [], error.results
            made += own
            self.findings += [finding for finding in found if finding.severity == ERROR]
        placed, clashes = generated.place(items, made, set(self.definitions))
        self.findings += clashes
        return placed

    def side(self, key: Key) -> Side:
        """A machine with what its matchers lead to."""
        known = self._sides.get(key)
        if known is None:
            known = self._sides[key] = self._resolved(self.machines[key])
        return known

    def _resolved(self, vm: Manifest) -> Side:
        objects: dict[str, Manifest] = {}
        spec = mapping(vm, "spec")
        named = dict(spec)
        for field in FIELDS:
            matcher = spec.get(field)
            if not isinstance(matcher, dict):
                continue
            bare = {key: value for key, value in matcher.items() if key != "revisionName"}
            found, _ = self._lookup.resolve({**vm, "spec": {**spec, field: bare}}, field)
            if found.target is not None:
                objects[field] = found.target
                if found.inferred:
                    named[field] = {"kind": found.target["kind"], "name": name_of(found.target)}
        namespace = namespace_of(vm)
        return Side({**vm, "spec": named} if spec else vm, objects, self._revisions.get(namespace, {}))


def _is_other(item: Manifest) -> bool:
    """Whether an item is neither a machine nor something that machines are made from, which the causes tell of."""
    version, kind = text(item, "apiVersion"), text(item, "kind")
    held = mapping(item, "data") if kind == REVISION else {}
    ours = (version, text(held, "apiVersion"))
    return (
        not is_virtual_machine(item) and version != CONFIG_API and not any(INSTANCETYPE_GROUP in each for each in ours)
    )
