"""Which VirtualMachines a renderer is for: a Kubernetes label selector, names and namespaces."""

from __future__ import annotations

from fnmatch import fnmatchcase

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


def matches(item: Manifest, selector: Manifest) -> bool:
    """Whether an item has the labels, name and namespace that the selector asks for; an empty selector takes all.

    selector: {matchLabels, matchExpressions, names, namespaces}; names and namespaces are globs.
    Source of the label part: Kubernetes, LabelSelector.
    """
    if not selector:
        return True
    labels = mapping(item, "metadata", "labels")
    return (
        all(labels.get(key) == value for key, value in (selector.get("matchLabels") or {}).items())
        and all(
            _OPERATORS[wanted["operator"]](labels.get(wanted["key"]), wanted.get("values") or [])
            for wanted in selector.get("matchExpressions") or []
        )
        and _glob(name_of(item), selector.get("names"))
        and _glob(namespace_of(item), selector.get("namespaces"))
    )


def _glob(value: str, patterns: list[str] | None) -> bool:
    return not patterns or any(fnmatchcase(value, pattern) for pattern in patterns)
