"""From rendered parts to the objects that a series gives: kinds by scope, metadata, names that are right and unique."""

from __future__ import annotations

from krm_fn.core import budget
from krm_fn.core.finding import Rule
from krm_fn.core.manifest import (
    PREVIOUS_NAMES,
    PREVIOUS_NAMESPACES,
    copy_tree,
    mapping,
    name_of,
    namespace_of,
    previous_names,
)
from krm_fn.kubevirt.api import CLUSTER_KINDS, IMPORTED, INSTANCETYPE_API
from krm_fn.series.collector import LIMIT
from krm_fn.series.names import name_problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from krm_fn.core.manifest import Manifest
    from krm_fn.series.collector import Collector

DUPLICATE_NAME = Rule(
    "series/duplicate-name", "Name that is taken", "Two objects would have the same kind, namespace and name."
)
NAME = Rule(
    "series/name", "Name that can't be", "An object's name has to be a DNS subdomain of at most 253 characters."
)
MAX_OBJECTS = 10_000
MAX_WORK = 20_000_000
"""Characters that one series may make its objects of, a field counting as ten: about 20 MB of YAML."""

SCOPES = {"Cluster": (True, False), "Namespaced": (False, True), "Both": (True, True)}
"""Which of the cluster-wide and the namespaced kind a scope gives."""

_PREVIOUS = 64
"""Characters that an earlier name of one object comes to."""
_PREVIOUS_KINDS = "internal.config.kubernetes.io/previousKinds"
_OWN_KEYS = (
    "config.kubernetes.io/",
    "internal.config.kubernetes.io/",
    "config.k8s.io/",
    "kustomize.config.k8s.io/",
    "kubectl.kubernetes.io/",
    IMPORTED,
)
"""Annotations that are about the definition as a file or as a function's input, not about what it defines."""


class Part:
    """What the objects of one name have in common.

    path:      the field of the definition that the object stands for; `named_by` the one that it has its name from.
    previous:  (namespace, name) pairs from before kustomize's prefixes.
    """

    __slots__ = ("annotations", "labels", "name", "named_by", "path", "previous", "spec")

    def __init__(self, name: str, path: str, spec: Manifest, named_by: str = "") -> None:
        self.name = name
        self.path = path
        self.named_by = named_by or path
        self.spec = spec
        self.labels: dict[str, str] = {}
        self.annotations: dict[str, str] = {}
        self.previous: list[tuple[str, str]] = []


def too_much(findings: Collector, count: int, work: int, path: str) -> bool:
    """Whether a definition asks for more objects, or for more text in them, than is bearable; that is noted."""
    if count > MAX_OBJECTS:
        findings.add(
            LIMIT,
            f"{count} objects are more than the {MAX_OBJECTS} that one series may have: split it up",
            path,
        )
    elif work > MAX_WORK:
        findings.add(
            LIMIT,
            f"{count} objects of this length are more than one series may have: shorten the templates or split it up",
            path,
        )
    else:
        budget.spend("characters", work)
        return False
    return True


def inherited(series: Manifest, field: str) -> dict[str, str]:
    """The definition's own labels or annotations that its objects get too, as overlays put them on everything."""
    values = mapping(series, "metadata", field)
    return {
        key: value for key, value in values.items() if isinstance(value, str) and not str(key).startswith(_OWN_KEYS)
    }


def previously(series: Manifest, rename: Callable[[str], str]) -> list[tuple[str, str]]:
    """(namespace, name) pairs from before kustomize renamed the series; `rename`: series name to object name."""
    names = previous_names(series)
    budget.spend("characters", len(names) * _PREVIOUS)
    return [(namespace, rename(name)) for namespace, name in names]


def check_names(findings: Collector, parts: list[Part]) -> None:
    """Note names that Kubernetes refuses, once for what they come from, and names that two parts share."""
    series = name_of(findings.item)
    problem = name_problem(series)
    if problem:
        findings.add(NAME, problem, "metadata.name", current=series)
        return
    seen: dict[str, str] = {}
    refused: set[str] = set()
    for part in parts:
        problem = name_problem(part.name)
        if problem and part.named_by not in refused:
            findings.add(NAME, problem, part.path)
            refused.add(part.named_by)
        elif not problem and part.name in seen:
            findings.add(
                DUPLICATE_NAME,
                f'"{part.name}" is already the name of the object from {seen[part.name]}',
                part.path,
            )
        seen.setdefault(part.name, part.path)


def manifests(series: Manifest, parts: list[Part], kinds: tuple[str, str]) -> list[Manifest]:
    """The objects of all parts for each kind of the series' scope, cluster-wide ones first. They share nothing."""
    scope = mapping(series, "spec").get("scope")
    wanted = [
        kind for kind, is_wanted in zip(kinds, SCOPES.get(str(scope), SCOPES["Cluster"]), strict=True) if is_wanted
    ]
    namespace = namespace_of(series)
    budget.spend("objects", len(parts) * len(wanted))
    found = []
    for kind in wanted:
        own = "" if kind in CLUSTER_KINDS else namespace
        found += [
            _manifest(part, kind, own, part.spec if kind == wanted[0] else copy_tree(part.spec)) for part in parts
        ]
    return found


def _manifest(part: Part, kind: str, namespace: str, spec: Manifest) -> Manifest:
    metadata: Manifest = {"name": part.name}
    if namespace:
        metadata["namespace"] = namespace
    annotations = part.annotations | _renamed(part.previous, kind)
    if annotations:
        metadata["annotations"] = annotations
    if part.labels:
        metadata["labels"] = dict(part.labels)
    return {"apiVersion": INSTANCETYPE_API, "kind": kind, "metadata": metadata, "spec": spec}


def _renamed(previous: list[tuple[str, str]], kind: str) -> dict[str, str]:
    """Make kustomize's own note of earlier names, which it wants as three lists of one length."""
    if not previous:
        return {}
    return {
        PREVIOUS_NAMES: ",".join(name for _, name in previous),
        PREVIOUS_NAMESPACES: ",".join(namespace for namespace, _ in previous),
        _PREVIOUS_KINDS: ",".join(kind for _ in previous),
    }
