"""An index of the items of one call, for everything a VirtualMachine can name.

Names as they were before kustomize's namePrefix, nameSuffix and namespace count as well: a transformer sees objects
under their new names while the VMs that name them still hold the old ones.
"""

from __future__ import annotations

from krm_fn.core import budget
from krm_fn.core.manifest import (
    PREVIOUS_NAMES,
    PREVIOUS_NAMESPACES,
    annotation,
    name_of,
    namespace_of,
    previous_names,
    text,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from krm_fn.core.manifest import Manifest

_AFFIXES = ("internal.config.kubernetes.io/prefixes", "internal.config.kubernetes.io/suffixes")

_PREVIOUS = (PREVIOUS_NAMES, PREVIOUS_NAMESPACES)


class Items:
    """Items by kind and name; built once per call."""

    __slots__ = ("_by_kind", "_by_space", "_found")

    def __init__(self, items: Iterable[Manifest], kinds: frozenset[str]) -> None:
        """Index the items of these kinds."""
        self._by_kind: dict[str, dict[str, list[Manifest]]] = {}
        self._by_space: dict[tuple[str, str], dict[str, list[Manifest]]] = {}
        self._found: dict[tuple[str | None, ...], list[Manifest]] = {}
        for item in items:
            kind = text(item, "kind")
            if kind in kinds:
                names = self._by_kind.setdefault(kind, {})
                for name in dict.fromkeys((name_of(item), *(old for _, old in previous_names(item)))):
                    names.setdefault(name, []).append(item)

    def names(self, kind: str) -> list[str]:
        """Every name by which an item of this kind can be found."""
        return [name for name in self._by_kind.get(kind, ()) if name]

    def namespaces(self, kind: str, name: str) -> list[str]:
        """The namespaces in which an item has a name."""
        return sorted({namespace_of(item) for item in self._by_kind.get(kind, {}).get(name, ())} - {""})

    def has(self, kind: str, name: str, namespace: str) -> bool:
        """Whether an item has a name where it is looked for; "" is a namespace that isn't known yet, and any item's."""
        for item in self._by_kind.get(kind, {}).get(name, ()):
            spaces = _spaces(item)
            if not namespace or namespace in spaces or "" in spaces:
                return True
        return False

    def find(self, kind: str, name: str, namespace: str | None, near: Manifest) -> list[Manifest]:
        """The items that `near` means by a name, best first; a second one means that the name is ambiguous.

        namespace: None for cluster-wide kinds. An item without a namespace fits any, as it gets the one it is applied to.
        Items that went through the same prefixes and suffixes as `near` come before others, current names before old ones.
        """
        candidates = self._by_kind.get(kind, {}).get(name, [])
        if len(candidates) < 2:
            return [item for item in candidates if namespace is None or _fits(item, namespace, near)]
        # all that the answer depends on: a thousand VMs that mean one of a thousand objects ask once
        asked = (kind, name, namespace, *(annotation(near, key) for key in (*_AFFIXES, *_PREVIOUS)))
        if asked not in self._found:
            if namespace:
                candidates = self._around(kind, name, namespace, near)
            budget.spend("lookups", len(candidates))
            self._found[asked] = self._best(candidates, name, namespace, near)
        return self._found[asked]

    def _around(self, kind: str, name: str, namespace: str, near: Manifest) -> list[Manifest]:
        """The items of a name that are or were in one of the namespaces that `near` is or was in, or in none."""
        if (kind, name) not in self._by_space:
            spaces = self._by_space[kind, name] = {}
            for item in self._by_kind[kind][name]:
                for space in dict.fromkeys((namespace_of(item), *(old for old, _ in previous_names(item)))):
                    spaces.setdefault(space, []).append(item)
        spaces = self._by_space[kind, name]
        wanted = dict.fromkeys(("", namespace, *(old for old, _ in previous_names(near))))
        return list({id(item): item for space in wanted for item in spaces.get(space, ())}.values())

    @staticmethod
    def _best(candidates: list[Manifest], name: str, namespace: str | None, near: Manifest) -> list[Manifest]:
        """Those of several candidates that fit best."""
        found = [item for item in candidates if namespace is None or _fits(item, namespace, near)]
        if len(found) < 2:
            return found
        affixes = [annotation(near, key) for key in _AFFIXES]

        def rank(item: Manifest) -> tuple[bool, bool, bool]:
            return (
                namespace is not None and namespace_of(item) != namespace,
                [annotation(item, key) for key in _AFFIXES] != affixes,
                name_of(item) != name,
            )

        ranked = [(rank(item), item) for item in found]
        best = min(each for each, _ in ranked)
        return [item for each, item in ranked if each == best]


def _fits(item: Manifest, namespace: str, near: Manifest) -> bool:
    own = namespace_of(item)
    if not own or not namespace or own == namespace:
        return True
    return bool(_spaces(item) & ({space for space, _ in previous_names(near)} | {namespace}))


def _spaces(item: Manifest) -> set[str]:
    """The namespaces of an item, now and before kustomize moved it."""
    return {namespace_of(item), *(space for space, _ in previous_names(item))}
