"""Which VirtualMachines a renderer is for: a Kubernetes label selector, names and namespaces."""

from __future__ import annotations

from krm_fn.core import budget, globs
from krm_fn.core.manifest import mapping, name_of, namespace_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from krm_fn.core.manifest import Manifest

_OPERATORS: dict[str, Callable[[Any, list[Any]], bool]] = {
    "In": lambda value, values: value in values,
    "NotIn": lambda value, values: value not in values,
    "Exists": lambda value, _values: value is not None,
    "DoesNotExist": lambda value, _values: value is None,
}

_EXPRESSION = 16
"""Characters of a glob that looking at one label is worth."""


def matches(item: Manifest, selector: Manifest) -> bool:
    """Whether an item has the labels, name and namespace that the selector asks for; an empty selector takes all.

    selector: {matchLabels, matchExpressions, names, namespaces}; names and namespaces are globs.
    Source of the label part: Kubernetes, LabelSelector.
    """
    if not selector:
        return True
    labels = mapping(item, "metadata", "labels")
    wanted = (selector.get("matchLabels") or {}), (selector.get("matchExpressions") or [])
    budget.spend("globs", sum(map(len, wanted)) * _EXPRESSION)
    return (
        all(labels.get(key) == value for key, value in wanted[0].items())
        and all(_OPERATORS[each["operator"]](labels.get(each["key"]), each.get("values") or []) for each in wanted[1])
        and _glob(name_of(item), selector.get("names"))
        and _glob(namespace_of(item), selector.get("namespaces"))
    )


def _glob(value: str, patterns: list[str] | None) -> bool:
    return not patterns or globs.any_of(tuple(patterns))(value)
