"""The origins of a VM's fields as text, as data, and as comments beside the expanded VM."""

from __future__ import annotations

from krm_fn.core import wire
from krm_fn.core.finding import printable
from krm_fn.core.manifest import name_of, namespace_of
from krm_fn.kubevirt.api import CONFIG_API
from krm_fn.report.changes_groups import shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from krm_fn.core.manifest import Manifest
    from krm_fn.explain import Explanation
    from krm_fn.vm.origins import Origin

_WIDEST = 60


def chosen(explanation: Explanation, fields: Sequence[str]) -> list[Origin]:
    """The origins of the fields that are asked for, all without any."""
    return [
        origin
        for origin in explanation.origins
        if not fields
        or any(origin.path == field or origin.path.startswith((f"{field}.", f"{field}[")) for field in fields)
    ]


def data(explanation: Explanation, fields: Sequence[str] = ()) -> Manifest:
    """The explanation as a manifest of kind Explanation."""
    return {
        "apiVersion": CONFIG_API,
        "kind": "Explanation",
        "name": name_of(explanation.vm),
        "namespace": namespace_of(explanation.vm),
        "fields": [explanation.entry(origin) for origin in chosen(explanation, fields)],
    }


def as_text(explanation: Explanation, fields: Sequence[str] = ()) -> str:
    """A line for each field: path, value, and where it comes from."""
    found = chosen(explanation, fields)
    cells = [
        f"{origin.path}: {shown(origin.value) if origin.value not in ({}, []) else origin.value}" for origin in found
    ]
    width = min(max(map(len, cells), default=0), _WIDEST)
    return "".join(
        f"{printable(cell):<{width}}  {printable(explanation.words(origin))}\n"
        for cell, origin in zip(cells, found, strict=True)
    )


def as_yaml(explanation: Explanation) -> str:
    """The expanded VM with the origin of each field as a comment on its line."""
    text = wire.write_yaml([explanation.expanded])
    (document,) = wire.read_documents(text.encode(), "expanded")
    lines = text.split("\n")
    for origin in explanation.origins:
        line = document.line(origin.path) - 1
        lines[line] += f"  # {printable(explanation.words(origin))}"
    return "\n".join(lines)
