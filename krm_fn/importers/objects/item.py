"""One instancetype or preference as it is imported: without what a cluster or a tool wrote to it."""

from __future__ import annotations

from krm_fn.core.manifest import copy_tree, mapping, name_of, namespace_of, text
from krm_fn.kubevirt.api import CLUSTER_KINDS, INSTANCETYPE_API, INSTANCETYPE_KINDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from krm_fn.core.manifest import Manifest

_TOOLS = (
    "kubectl.kubernetes.io/",
    "config.kubernetes.io/",
    "internal.config.kubernetes.io/",
    "config.k8s.io/",
    "kustomize.config.k8s.io/",
    "krm-fn.dev/origin",
)
"""Annotations that tools keep for themselves."""
CLUSTER, NAMESPACED, BOTH = "Cluster", "Namespaced", "Both"


class CantSayError(Exception):
    """A series can't say one of its objects exactly. `item` is the object, None when it is the family as a whole."""

    def __init__(self, reason: str, item: Item | None = None) -> None:
        super().__init__(reason)
        self.item = item


class Item:
    """What the objects of one name have in common, cluster-wide and namespaced. Not to be changed.

    scope: as in a series. objects: the complete objects that have to come out, cleaned.
    """

    __slots__ = ("annotations", "is_instancetype", "labels", "name", "namespace", "objects", "scope", "spec")

    def __init__(self, scope: str, objects: list[Manifest]) -> None:
        first = objects[0]
        metadata = mapping(first, "metadata")
        self.scope = scope
        self.objects = objects
        self.is_instancetype = text(first, "kind") in INSTANCETYPE_KINDS
        self.name = name_of(first)
        self.namespace = next((namespace_of(item) for item in objects if namespace_of(item)), "")
        self.labels: dict[str, str] = mapping(metadata, "labels")
        self.annotations: dict[str, str] = mapping(metadata, "annotations")
        self.spec: Manifest = mapping(first, "spec")


def cleaned(item: Manifest) -> Manifest:
    """A new object of today's API with nothing but its names, labels, annotations and spec."""
    metadata: Manifest = {"name": name_of(item)}
    kind = text(item, "kind")
    if namespace_of(item) and kind not in CLUSTER_KINDS:
        metadata["namespace"] = namespace_of(item)
    labels = mapping(item, "metadata", "labels")
    annotations = {
        key: value for key, value in mapping(item, "metadata", "annotations").items() if not str(key).startswith(_TOOLS)
    }
    if labels:
        metadata["labels"] = dict(labels)
    if annotations:
        metadata["annotations"] = annotations
    return {
        "apiVersion": INSTANCETYPE_API,
        "kind": kind,
        "metadata": metadata,
        "spec": copy_tree(mapping(item, "spec")),
    }


def identity(item: Manifest) -> tuple[str, str, str]:
    """What tells an object from all others."""
    return text(item, "kind"), namespace_of(item), name_of(item)


def folded(objects: Iterable[Manifest]) -> list[Item]:
    """The objects by name, those that are the same for the cluster and for one namespace as one."""
    namespaced: dict[tuple[bool, str], list[Manifest]] = {}
    cluster: list[Manifest] = []
    for item in objects:
        key = (text(item, "kind") in INSTANCETYPE_KINDS, name_of(item))
        if text(item, "kind") in CLUSTER_KINDS:
            cluster.append(item)
        else:
            namespaced.setdefault(key, []).append(item)
    found = []
    for item in cluster:
        twins = namespaced.get((text(item, "kind") in INSTANCETYPE_KINDS, name_of(item)), [])
        twin = next((one for one in twins if _alike(item, one)), None)
        if twin is not None and len(twins) == 1:
            twins.remove(twin)
            found.append(Item(BOTH, [item, twin]))
        else:
            found.append(Item(CLUSTER, [item]))
    return found + [Item(NAMESPACED, [item]) for rest in namespaced.values() for item in rest]


def _alike(one: Manifest, other: Manifest) -> bool:
    metadata, others = (
        {key: value for key, value in item["metadata"].items() if key != "namespace"} for item in (one, other)
    )
    return metadata == others and one["spec"] == other["spec"]
