"""Objects side by side, field by field."""

from __future__ import annotations

from typing import Any, NamedTuple

from krm_fn.choose.entry import row
from krm_fn.core.fieldpath import join, segment
from krm_fn.core.manifest import mapping

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from krm_fn.choose.entry import Entry

_SHOWN = ("kind", "scope", "catalog", "displayName", "class", "vendor", "osType", "deprecated", "successor")
"""What is compared besides the specs."""


class Line(NamedTuple):
    """One field, and its value in each object: None where there is none."""

    field: str
    values: tuple[Any, ...]

    @property
    def same(self) -> bool:
        """Whether all objects say the same, `true` and `1` being different things."""
        return all(value == self.values[0] and type(value) is type(self.values[0]) for value in self.values)


def compare(entries: Sequence[Entry]) -> list[Line]:
    """What the objects say, the names and labels first, then every field of their specs in the order they come."""
    about = [row(entry) for entry in entries]
    specs = [dict(leaves(mapping(entry.item, "spec"), "spec")) for entry in entries]
    lines = [Line(field, tuple(each.get(field) for each in about)) for field in _SHOWN]
    fields = dict.fromkeys(field for spec in specs for field in spec)
    lines += [Line(field, tuple(spec.get(field) for spec in specs)) for field in fields]
    return [line for line in lines if any(value is not None for value in line.values)]


def leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """(field path, value) of each scalar and each empty collection below a value."""
    if isinstance(value, dict) and value:
        for key, each in value.items():
            yield from leaves(each, join(path, segment(str(key))))
    elif isinstance(value, list) and value:
        for index, each in enumerate(value):
            yield from leaves(each, f"{path}[{index}]")
    else:
        yield path, value
