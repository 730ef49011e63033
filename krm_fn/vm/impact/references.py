"""Which copy of an instancetype or a preference a VirtualMachine goes by, before and after a change.

KubeVirt keeps the copy it saw first and looks at the object again only when the matcher says another name, or a kind
that it didn't say before. Source: KubeVirt 1.9, pkg/instancetype/{find,revision}/*.go, pkg/instancetype/controller/vm/controller.go.
"""

from __future__ import annotations

from krm_fn.core.manifest import mapping, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from krm_fn.core.manifest import Manifest

FIELDS = ("instancetype", "preference")


class Side:
    """A VirtualMachine as Git has it, with what its matchers lead to.

    vm:        the manifest, with names in place of inferFromVolume.
    objects:   `instancetype` and `preference` to the object of the matcher's name; absent when there is none.
    revisions: names of the ControllerRevisions in the VM's namespace to the objects that they hold.
    """

    __slots__ = ("objects", "revisions", "vm")

    def __init__(self, vm: Manifest, objects: Mapping[str, Manifest], revisions: Mapping[str, Manifest]) -> None:
        self.vm = vm
        self.objects = objects
        self.revisions = revisions


class Reference:
    """What one matcher means in the cluster.

    target:  the object, None when it can't be found. missing: KubeVirt's words for that, or "".
    name, kind, revision: the matcher as written. fresh: the object was looked up anew, not taken from a stored copy.
    """

    __slots__ = ("fresh", "kind", "missing", "name", "revision", "target")

    def __init__(self, matcher: Manifest, target: Manifest | None, missing: str = "", *, fresh: bool = True) -> None:
        self.name = text(matcher, "name")
        self.kind = text(matcher, "kind")
        self.revision = text(matcher, "revisionName")
        self.target = target
        self.missing = "" if target is not None else missing
        self.fresh = fresh


def first(side: Side) -> dict[str, Reference]:
    """What the matchers of a new VM mean."""
    out = {}
    for field, matcher in _matchers(side.vm):
        revision = text(matcher, "revisionName")
        found = side.revisions.get(revision) if revision else side.objects.get(field)
        out[field] = Reference(matcher, found, _not_found(field, matcher))
    return out


def later(vm: Manifest, side: Side, before: dict[str, Reference], old: Mapping[str, Manifest]) -> dict[str, Reference]:
    """What the matchers of a changed VM mean.

    vm: as stored. before: what they meant. old: the revisions that are left of those before the change.
    """
    out = {}
    for field, matcher in _matchers(vm):
        revision = text(matcher, "revisionName")
        known = before.get(field)
        if revision:
            found, fresh = side.revisions.get(revision) or old.get(revision), True
        elif known is not None and known.target is not None and keeps(known, matcher):
            found, fresh = known.target, False
        else:
            found, fresh = side.objects.get(field), True
        out[field] = Reference(matcher, found, _not_found(field, matcher), fresh=fresh)
    return out


def keeps(known: Reference, matcher: Manifest) -> bool:
    """Whether a matcher without a revisionName still means the copy that is stored."""
    kind = text(matcher, "kind")
    return known.name == text(matcher, "name") and (not kind or kind == known.kind)


def _matchers(vm: Manifest) -> list[tuple[str, Manifest]]:
    spec = mapping(vm, "spec")
    return [(field, spec[field]) for field in FIELDS if isinstance(spec.get(field), dict)]


def _not_found(field: str, matcher: Manifest) -> str:
    """KubeVirt's words for an object that isn't there."""
    revision = text(matcher, "revisionName")
    if revision:
        return f'controllerrevisions.apps "{revision}" not found'
    cluster = "" if text(matcher, "kind").lower().startswith(f"virtualmachine{field}") else "cluster"
    return f'virtualmachine{cluster}{field}s.instancetype.kubevirt.io "{text(matcher, "name")}" not found'
