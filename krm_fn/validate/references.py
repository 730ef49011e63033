"""Objects that a VirtualMachine names: whether they are among the items.

What is missing may be in the cluster, so how much it matters is the user's to say. A name counts as there when an item has
it now or had it before kustomize put a prefix or suffix to it.
"""

from __future__ import annotations

from krm_fn.core.absent import PLACEHOLDER, hint, is_placeholder
from krm_fn.core.fieldpath import walk
from krm_fn.core.finding import ERROR, WARNING, Finding, Rule
from krm_fn.core.items import Items
from krm_fn.core.manifest import mapping, name_of, namespace_of, text
from krm_fn.core.suggest import did_you_mean
from krm_fn.kubevirt import api

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any, Protocol

    from krm_fn.core.manifest import Manifest

    class Catalog(Protocol):
        """Instancetypes and preferences that exist besides the items, such as the packaged ones."""

        def find(self, kind: str, name: str, namespace: str = "") -> Manifest | None:
            """The object, None when there is none."""

        def names(self, kind: str) -> list[str]:
            """The names of a kind's objects."""

        def elsewhere(self, kind: str, name: str) -> list[str]:
            """The packaged catalogs besides these that have the name."""


NOT_FOUND = Rule(
    "references/not-found",
    "Object not among the manifests",
    "A volume, credential or network names an object that may be in the cluster. Judged only with `references: error` or `warn`.",
)
MATCHER_NOT_FOUND = Rule(
    "references/matcher-not-found",
    "Instancetype, preference or revision not among the manifests",
    "It may be in the cluster; `references` says how much it matters. KubeVirt admits a VM that names a missing one, and never starts it.",
)
LEVELS = {"error": ERROR, "warn": WARNING, "ignore": ""}

_TEMPLATE = "spec.template.spec."
_VOLUME = f"{_TEMPLATE}volumes[]."
_SOURCE = "spec.dataVolumeTemplates[].spec.source."
_CLAIM = ("PersistentVolumeClaim", "DataVolume")
_CONFIG_MAP, _SECRET, _ACCOUNT = ("ConfigMap",), ("Secret",), ("ServiceAccount",)

REFERENCES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (f"{_VOLUME}persistentVolumeClaim.claimName", _CLAIM),
    (f"{_VOLUME}ephemeral.persistentVolumeClaim.claimName", _CLAIM),
    (f"{_VOLUME}memoryDump.claimName", _CLAIM),
    (f"{_VOLUME}dataVolume.name", ("DataVolume", "PersistentVolumeClaim")),
    (f"{_VOLUME}configMap.name", _CONFIG_MAP),
    (f"{_VOLUME}sysprep.configMap.name", _CONFIG_MAP),
    (f"{_VOLUME}sysprep.secret.name", _SECRET),
    (f"{_VOLUME}secret.secretName", _SECRET),
    (f"{_VOLUME}containerDisk.imagePullSecret", _SECRET),
    (f"{_VOLUME}cloudInitNoCloud.secretRef.name", _SECRET),
    (f"{_VOLUME}cloudInitNoCloud.networkDataSecretRef.name", _SECRET),
    (f"{_VOLUME}cloudInitConfigDrive.secretRef.name", _SECRET),
    (f"{_VOLUME}cloudInitConfigDrive.networkDataSecretRef.name", _SECRET),
    (f"{_VOLUME}serviceAccount.serviceAccountName", _ACCOUNT),
    (f"{_TEMPLATE}serviceAccountName", _ACCOUNT),
    (f"{_TEMPLATE}utilityVolumes[].claimName", _CLAIM),
    (f"{_TEMPLATE}accessCredentials[].sshPublicKey.source.secret.secretName", _SECRET),
    (f"{_TEMPLATE}accessCredentials[].userPassword.source.secret.secretName", _SECRET),
    (f"{_TEMPLATE}domain.firmware.kernelBoot.container.imagePullSecret", _SECRET),
    (f"{_TEMPLATE}networks[].multus.networkName", ("NetworkAttachmentDefinition",)),
    (f"{_TEMPLATE}resourceClaims[].resourceClaimName", ("ResourceClaim",)),
    (f"{_TEMPLATE}resourceClaims[].resourceClaimTemplateName", ("ResourceClaimTemplate",)),
    ("spec.dataVolumeTemplates[].spec.sourceRef.name", ("DataSource",)),
    *((f"{_SOURCE}{kind}.secretRef", _SECRET) for kind in ("gcs", "http", "imageio", "registry", "s3", "vddk")),
    *((f"{_SOURCE}{kind}.certConfigMap", _CONFIG_MAP) for kind in ("http", "imageio", "registry", "s3")),
    (f"{_SOURCE}pvc.name", _CLAIM),
    (f"{_SOURCE}snapshot.name", ("VolumeSnapshot",)),
)
"""Where a VirtualMachine names an object of its namespace: field path, and the kinds that it may be, the usual first."""

_MATCHERS = {"instancetype": api.INSTANCETYPE_KINDS, "preference": api.PREFERENCE_KINDS}
_CATALOG_KINDS = frozenset((*api.INSTANCETYPE_KINDS, *api.PREFERENCE_KINDS))
_MOST_HINTS = 100
_REVISION = ("ControllerRevision",)
_KINDS = frozenset((*_CATALOG_KINDS, *_REVISION, *(kind for _, kinds in REFERENCES for kind in kinds)))


class References:
    """What the items offer, and how much it matters when a VirtualMachine names something else.

    level:    "error", "warn" or "ignore" for every reference. Without one, a missing instancetype, preference or revision
              is a warning, because KubeVirt takes such a VM and then never starts it, and of the rest nothing is said.
    catalog:  where instancetypes and preferences count as there besides the items.
    """

    __slots__ = ("_catalog", "_hints", "_index", "_items", "_matcher", "_other")

    def __init__(self, items: Iterable[Manifest], level: str = "", catalog: Catalog | None = None) -> None:
        self._other = LEVELS.get(level, "")
        self._matcher = LEVELS.get(level, WARNING)
        self._catalog = catalog
        self._items = items
        self._hints = 0
        self._index: Items | None = None

    def check(self, vm: Manifest, about: Manifest | None = None) -> list[Finding]:
        """What a VirtualMachine names and no item has. The results are about the VM, or about `about` in its place."""
        item = about if about is not None else vm
        results = list(self._matchers(vm, item)) if self._matcher else []
        if self._other:
            own = {name_of(each) for each in _entries(mapping(vm, "spec").get("dataVolumeTemplates"))}
            for path, kinds in REFERENCES:
                for place, parent, key in walk(vm, path.split(".")):
                    name = text(parent, key)
                    if name and parent.get("optional") is not True and not (name in own and "DataVolume" in kinds):
                        results += self._missing(
                            item, place, kinds, name, _namespace(vm, path, parent), self._other, NOT_FOUND
                        )
        return results

    def _matchers(self, vm: Manifest, item: Manifest) -> Iterator[Finding]:
        spec = mapping(vm, "spec")
        for field, kinds in _MATCHERS.items():
            if spec.get(field) is None:
                continue
            matcher = mapping(spec, field)
            name, revision = text(matcher, "name"), text(matcher, "revisionName")
            kind = api.matcher_kind(matcher.get("kind"), kinds)
            namespace, severity = namespace_of(vm), self._matcher
            if revision:
                path = f"spec.{field}.revisionName"
                yield from self._missing(item, path, _REVISION, revision, namespace, severity, MATCHER_NOT_FOUND)
                continue
            namespace = "" if kind in api.CLUSTER_KINDS else namespace
            if name and kind and (self._catalog is None or self._catalog.find(kind, name, namespace) is None):
                yield from self._missing(
                    item, f"spec.{field}.name", (kind,), name, namespace, severity, MATCHER_NOT_FOUND
                )

    def _missing(  # noqa: PLR0913 - one reference
        self, item: Manifest, path: str, kinds: tuple[str, ...], name: str, namespace: str, severity: str, rule: Rule
    ) -> list[Finding]:
        if "/" in name:
            namespace, _, name = name.partition("/")
        if self._index is None:
            self._index = Items(self._items, _KINDS)
        if any(self._index.has(kind, name, namespace) for kind in kinds):
            return []
        words = self._hint(self._index, name, namespace, kinds) or "add it, or let this be when the cluster has it"
        message = f'there is no {kinds[0]} "{name}" among the manifests; {words}'
        return [Finding(rule, message, item, path, severity=severity, current=name)]

    def _hint(self, index: Items, name: str, namespace: str, kinds: tuple[str, ...]) -> str:
        """Where the name is, or the nearest that is there; for the first hundred, since looking for one takes time."""
        if is_placeholder(name):
            return PLACEHOLDER
        self._hints += 1
        if self._hints > _MOST_HINTS:
            return ""
        catalog = self._catalog if kinds[0] in _CATALOG_KINDS else None
        known = [each for kind in kinds for each in index.names(kind) if index.has(kind, each, namespace)]
        spaces = sorted({space for kind in kinds for space in index.namespaces(kind, name) if space})
        if kinds[0] not in _CATALOG_KINDS:
            return f"it is in namespace {', '.join(spaces)}" if spaces else did_you_mean(name, known).removeprefix("; ")
        other = next((k for pair in _MATCHERS.values() if kinds[0] in pair for k in pair if k != kinds[0]), "")
        other = other if index.has(other, name, "") else ""
        elsewhere = [] if spaces or other or catalog is None else catalog.elsewhere(kinds[0], name)
        close = [] if catalog is None else catalog.names(kinds[0])
        found = hint([] if kinds[0] in api.CLUSTER_KINDS else spaces, other, elsewhere, [])
        return found or did_you_mean(name, [*known, *close]).removeprefix("; ")


def _entries(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _namespace(vm: Manifest, path: str, parent: Manifest) -> str:
    """Where the object is looked for: a data volume's source may be in another namespace than the VM."""
    return (text(parent, "namespace") if path.startswith("spec.dataVolumeTemplates") else "") or namespace_of(vm)
