"""Texts, labels and annotations of a family: what its members share, with variables where they differ by what they are."""

from __future__ import annotations

import re
from collections import Counter

from krm_fn.importers.objects.item import CantSayError, Item
from krm_fn.series.template import is_template

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_ORDERS = (("memory", "cpu"), ("size",), ("size", "memory", "cpu"), ("memory",), ("cpu",), ("member",))
"""Variables by which a text is tried, those that are looked for first first."""


def plain(text: str, item: Item) -> str:
    """A text that stands for itself in a series. CantSayError when the series would take it for a template."""
    if is_template(text):
        raise CantSayError(f"its text {text!r} would be a template in a series", item)
    return text


def most_common(texts: Sequence[str | None], variables: Sequence[Mapping[str, str]]) -> str | None:
    """The text or template that gives most of the texts, or None when nothing gives two."""
    found: Counter[str] = Counter()
    for text, own in zip(texts, variables, strict=True):
        if text is not None and not is_template(text):
            found.update({text, *(_replaced(text, own, names) for names in _ORDERS)})
    best, count = max(
        found.items(), key=lambda pair: (pair[1], "{{" not in pair[0], -len(pair[0]), pair[0]), default=("", 0)
    )
    return best if count > 1 or len(texts) == 1 else None


def gives(template: str, variables: Mapping[str, str]) -> str:
    """What one of our own templates gives."""
    return re.sub(r"\{\{ (\w+) \}\}", lambda match: variables.get(match[1], ""), template)


def _replaced(text: str, variables: Mapping[str, str], names: Sequence[str]) -> str:
    for name in names:
        value = variables.get(name)
        if value:
            text = re.sub(rf"(?<![\w.{{]){re.escape(value)}(?![\w.}}])", f"{{{{ {name} }}}}", text)
    return text


def shared(values: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """The entries that all mappings have alike."""
    return {
        key: value
        for key, value in values[0].items()
        if all(key in other and other[key] == value for other in values[1:])
    }


def beyond(item: Item, fields: Mapping[str, str | None], derived: Mapping[str, str | None]) -> dict[str, str | None]:
    """The labels that a series has to be given for an object: those that do not follow, and null for those it lacks.

    fields: labels that fields of the definition set. derived: labels that follow from the spec.
    """
    right = {**fields, **derived}
    for key, value in item.labels.items():
        if key in right and right[key] != value and (key in derived or right[key] is not None):
            said = f'"{right[key]}"' if right[key] is not None else "that it does not apply"
            raise CantSayError(f'its label {key} is "{value}", and from its spec follows {said}', item)
    own: dict[str, str | None] = {
        key: plain(value, item) for key, value in item.labels.items() if right.get(key) is None or key not in right
    }
    return own | {key: None for key, value in right.items() if value is not None and key not in item.labels}
