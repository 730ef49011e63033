"""From a matcher to the instancetype or preference that it means.

A ControllerRevision named by `revisionName` comes first, as in KubeVirt (pkg/instancetype/find/spec.go), then the
object itself among the items, then the packaged catalogs.
"""

from __future__ import annotations

from krm_fn.core.absent import PLACEHOLDER, hint, is_placeholder
from krm_fn.core.finding import WARNING, Finding, Rule
from krm_fn.core.items import Items
from krm_fn.core.manifest import copy_tree, mapping, name_of, namespace_of, text
from krm_fn.core.suggest import nearest
from krm_fn.kubevirt.api import CLUSTER_KINDS, INSTANCETYPE_GROUP, INSTANCETYPE_KINDS, PREFERENCE_KINDS, matcher_kind
from krm_fn.vm import infer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Protocol

    from krm_fn.core.manifest import Manifest

    class Catalog(Protocol):
        """The catalogs that a lookup may fall back to."""

        def held(self, kind: str, name: str, namespace: str = "") -> Mapping[str, Manifest]:
            """Every catalog that has an object of this kind and name, with the object."""

        def names(self, kind: str) -> list[str]:
            """Every name of this kind."""

        def elsewhere(self, kind: str, name: str) -> list[str]:
            """The packaged catalogs that were not asked and have the name."""


AMBIGUOUS = Rule(
    "matcher/ambiguous",
    "Name that several objects have",
    "Several items have the kind, namespace and name, or had it before kustomize changed it.",
)
FAILURE_POLICY = Rule(
    "matcher/failure-policy", "Unknown failure policy", "inferFromVolumeFailurePolicy is Reject or Ignore."
)
INFER_EXCLUSIVE = Rule(
    "matcher/infer-exclusive", "Name and inferFromVolume together", "What is inferred can't be named as well."
)
MATCHER_KIND = Rule(
    "matcher/kind",
    "Unknown kind in a matcher",
    "A matcher's kind is the cluster-wide or the namespaced one, singular or plural.",
)
NAME_MISSING = Rule(
    "matcher/name-missing",
    "Matcher that names nothing",
    "spec.instancetype and spec.preference need a name or inferFromVolume.",
)
NOT_FOUND = Rule(
    "matcher/not-found",
    "Instancetype or preference not found",
    "It is neither among the items nor in the catalogs. Since 1.6 KubeVirt admits a VM that names a missing one, and then never starts it.",
)
OLDER = Rule(
    "revision/older",
    "Pinned to what an object said before",
    "A VM is pinned to a ControllerRevision, and the object that it was made of has been edited since: the edit doesn't reach the VM.",
)
MATCHER_TYPE = Rule(
    "matcher/type", "Matcher of the wrong type", "spec.instancetype and spec.preference are mappings of strings."
)
UNREADABLE = Rule(
    "matcher/unreadable",
    "Object of another API version that can't be read",
    "An object of an older API version could not be brought to v1beta1.",
)
FOREIGN_DATA = Rule(
    "revision/foreign-data",
    "ControllerRevision that holds something else",
    "Its data is not an instancetype or preference of KubeVirt's, or can't be read.",
)
REVISION_MISSING = Rule(
    "revision/missing",
    "ControllerRevision not found",
    "revisionName names a ControllerRevision that is not among the items.",
)
FIELDS = {"instancetype": INSTANCETYPE_KINDS, "preference": PREFERENCE_KINDS}
"""Field of a VM's spec → the kinds it can name, the default one first."""
REVISION = "ControllerRevision"
_MOST_HINTS = 100
_KINDS = frozenset((*INSTANCETYPE_KINDS, *PREFERENCE_KINDS, REVISION)) | infer.KINDS


class Found:
    """What a VM's matcher means.

    target:   the complete object, or None when the VM names none.
    revision: the ControllerRevision it was read from, or None.
    inferred: the VM's matcher was inferFromVolume.
    """

    __slots__ = ("inferred", "revision", "target")

    def __init__(
        self, target: Manifest | None = None, revision: Manifest | None = None, *, inferred: bool = False
    ) -> None:
        self.target = target
        self.revision = revision
        self.inferred = inferred


def named(vm: Manifest, found: Mapping[str, Found]) -> Manifest:
    """The VM with names in place of inferFromVolume, as the mutating webhook stores it; the VM itself without any."""
    if not any(each.inferred for each in found.values()):
        return vm
    out: Manifest = copy_tree(vm)
    for field, each in found.items():
        if not each.inferred:
            continue
        policy = out["spec"].pop(field).get("inferFromVolumeFailurePolicy")
        if each.target is not None:
            out["spec"][field] = {"kind": each.target["kind"], "name": name_of(each.target)}
            if field == "instancetype" and policy == "Ignore":
                # Memory beside the failure policy Ignore is the fallback for a failed inference
                # (pkg/instancetype/infer/handler.go: Instancetype).
                mapping(out, "spec", "template", "spec", "domain").pop("memory", None)
    return out


class Lookup:
    """Finds instancetypes and preferences among the items of one call, then in the packaged catalogs."""

    __slots__ = ("_catalog", "_hints", "_items", "_upgrade")

    def __init__(self, items: Iterable[Manifest], catalog: Catalog, upgrade: Callable[[Manifest], Manifest]) -> None:
        """upgrade: turns an object of an older API version into today's; raises ValueError when it can't."""
        self._items = Items(items, _KINDS)
        self._catalog = catalog
        self._hints: dict[tuple[str, str], list[str]] = {}
        self._upgrade = upgrade

    def resolve(self, vm: Manifest, field: str) -> tuple[Found, list[Finding]]:
        """What `spec.<field>` of a VM means, and every reason why it can't be told."""
        matcher = mapping(vm, "spec").get(field)
        if matcher is None:
            return Found(), []
        path = f"spec.{field}"
        if not isinstance(matcher, dict):
            return Found(), [Finding(MATCHER_TYPE, "is not a mapping, write {name: NAME}", vm, path, current=matcher)]
        mistakes = _mistakes(vm, matcher, path)
        if mistakes:
            return Found(), mistakes
        inferred = bool(matcher.get("inferFromVolume"))
        if inferred:
            followed, results = infer.infer(vm, field, self._items)
            if followed is None:
                return Found(inferred=True), results
            matcher = followed
        kind = matcher_kind(matcher.get("kind"), FIELDS[field])
        if not kind:
            message = f"is not a kind that a VM can name here, write {' or '.join(FIELDS[field])}"
            return Found(), [Finding(MATCHER_KIND, message, vm, f"{path}.kind", current=matcher.get("kind"))]
        revision, results = self._revision(vm, matcher, kind, path)
        if revision is not None or results:
            return revision or Found(), results
        target, results = self._target(vm, matcher, kind, path)
        return Found(target, inferred=inferred), results

    def architecture(self, vm: Manifest) -> str:
        """The architecture that the webhook takes from what the VM's disks come from, "" for the cluster's."""
        return infer.architecture(vm, self._items)

    def _target(self, vm: Manifest, matcher: Manifest, kind: str, path: str) -> tuple[Manifest | None, list[Finding]]:
        name = matcher["name"]
        namespace = None if kind in CLUSTER_KINDS else namespace_of(vm)
        found = [item for item in self._items.find(kind, name, namespace, vm) if _is_ours(item)]
        if len(found) > 1:
            message = f'{len(found)} items of kind {kind} are named "{name}": rename all but one'
            return None, [Finding(AMBIGUOUS, message, vm, f"{path}.name", current=name)]
        revision = text(matcher, "revisionName")
        if found:
            missing = [_stale(vm, matcher, path)] if revision else []
            try:
                return self._upgrade(found[0]), missing
            except ValueError as error:
                return None, [Finding(UNREADABLE, f'{kind} "{name}" can\'t be read: {error}', found[0])]
        if revision:
            message = (
                f'ControllerRevision "{revision}" is not among the items, and neither is {kind} "{name}": '
                "add the ControllerRevision, or remove revisionName to take what is current"
            )
            return None, [Finding(REVISION_MISSING, message, vm, f"{path}.revisionName", current=revision)]
        held = self._catalog.held(kind, name, namespace or "")
        if len(held) > 1:
            message = (
                f'{kind} "{name}" is in the catalogs {" and ".join(held)}: name only one of them, '
                "or put the object that counts among the items, which come first"
            )
            return None, [Finding(AMBIGUOUS, message, vm, f"{path}.name", current=name)]
        if not held:
            return None, [self._missing(vm, kind, name, f"{path}.name")]
        (packaged,) = held.values()
        return packaged, []

    def _revision(self, vm: Manifest, matcher: Manifest, kind: str, path: str) -> tuple[Found | None, list[Finding]]:
        name = text(matcher, "revisionName")
        found = self._items.find(REVISION, name, namespace_of(vm), vm) if name else []
        if not found:
            return None, []
        path += ".revisionName"
        if len(found) > 1:
            message = f'{len(found)} ControllerRevisions are named "{name}": rename all but one'
            return None, [Finding(AMBIGUOUS, message, vm, path, current=name)]
        held = found[0].get("data")
        kinds = INSTANCETYPE_KINDS if kind in INSTANCETYPE_KINDS else PREFERENCE_KINDS
        if not isinstance(held, dict) or not _is_ours(held) or held.get("kind") not in kinds:
            got = f"{held.get('apiVersion')} {held.get('kind')}" if isinstance(held, dict) else "no object"
            message = (
                f'ControllerRevision "{name}" holds {got} in data, not a {" or ".join(kinds)} of {INSTANCETYPE_GROUP}'
            )
            return None, [Finding(FOREIGN_DATA, message, vm, path, current=name)]
        try:
            return Found(self._upgrade(held), found[0]), self._older(vm, kind, held, path)
        except ValueError as error:
            message = f'ControllerRevision "{name}" can\'t be read: {error}'
            return None, [Finding(FOREIGN_DATA, message, vm, path, current=name)]

    def _older(self, vm: Manifest, kind: str, held: Manifest, path: str) -> list[Finding]:
        """A warning where a VM is pinned to what an object among the items said before it was edited."""
        name = text(mapping(held, "metadata"), "name") or text(mapping(vm, *path.split(".")[:-1]), "name")
        current = self._items.find(kind, name, None if kind in CLUSTER_KINDS else namespace_of(vm), vm) if name else []
        if len(current) != 1 or not _is_ours(current[0]) or mapping(current[0], "spec") == mapping(held, "spec"):
            return []
        message = (
            f'holds what {kind} "{name}" said before it was edited, and that is what the VM keeps: '
            "remove revisionName and render again for what it says now"
        )
        return [Finding(OLDER, message, vm, path, severity=WARNING)]

    def _nearest(self, kind: str, name: str) -> list[str]:
        """The three nearest names, for the first hundred that are wrong: looking for one takes a millisecond."""
        if (kind, name) not in self._hints:
            if len(self._hints) >= _MOST_HINTS:
                return []
            known = dict.fromkeys([*self._items.names(kind), *self._catalog.names(kind)])
            self._hints[kind, name] = nearest(name, known, 3)
        return self._hints[kind, name]

    def _missing(self, vm: Manifest, kind: str, name: str, path: str) -> Finding:
        message = f'there is no {kind} "{name}" among the items or in the catalogs'
        if is_placeholder(name):
            return Finding(NOT_FOUND, f"{message}; {PLACEHOLDER}", vm, path, current=name)
        other = next(k for kinds in FIELDS.values() if kind in kinds for k in kinds if k != kind)
        spaces = [] if kind in CLUSTER_KINDS else self._items.namespaces(kind, name)
        other = other if name in self._items.names(other) else ""
        # a name is looked for in the other catalogs as often as the nearest one is looked for
        elsewhere = self._catalog.elsewhere(kind, name) if len(self._hints) < _MOST_HINTS else []
        close = [] if spaces or other or elsewhere else self._nearest(kind, name)
        words = hint(spaces, other, elsewhere, close) or "add its manifest, or name a catalog that has it"
        proposed = {"proposed": close[0]} if close else {}
        return Finding(NOT_FOUND, f"{message}; {words}", vm, path, current=name, **proposed)


def _mistakes(vm: Manifest, matcher: Manifest, path: str) -> list[Finding]:
    """What the VM webhook refuses about a matcher by itself (pkg/instancetype/webhooks/vm)."""
    name, volume = matcher.get("name"), matcher.get("inferFromVolume")
    out = [
        Finding(MATCHER_TYPE, "is not a string", vm, f"{path}.{key}", current=matcher[key])
        for key in ("name", "kind", "revisionName", "inferFromVolume")
        if matcher.get(key) is not None and not isinstance(matcher[key], str)
    ]
    if out:
        return out
    if not name and not volume:
        out.append(Finding(NAME_MISSING, "has neither name nor inferFromVolume: write one of them", vm, path))
    if volume:
        for key in ("name", "kind"):
            if matcher.get(key):
                message = f"can't stand beside inferFromVolume: remove {key} or inferFromVolume"
                out.append(Finding(INFER_EXCLUSIVE, message, vm, f"{path}.{key}", current=matcher[key]))
    policy = matcher.get("inferFromVolumeFailurePolicy")
    if policy not in (None, "Reject", "Ignore"):
        message = "is not a failure policy, write Reject or Ignore"
        out.append(Finding(FAILURE_POLICY, message, vm, f"{path}.inferFromVolumeFailurePolicy", current=policy))
    return out


def _stale(vm: Manifest, matcher: Manifest, path: str) -> Finding:
    message = (
        f'ControllerRevision "{matcher["revisionName"]}" is not among the items, so the current object of that name was taken: '
        "add the ControllerRevision, or remove revisionName"
    )
    return Finding(
        REVISION_MISSING, message, vm, f"{path}.revisionName", severity=WARNING, current=matcher["revisionName"]
    )


def _is_ours(item: Manifest) -> bool:
    return text(item, "apiVersion").startswith(INSTANCETYPE_GROUP + "/")
