"""The smallest case that still shows something."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

KEPT = {
    ("id",),
    ("defaults",),
    ("vm",),
    ("vm", "apiVersion"),
    ("vm", "kind"),
    ("vm", "spec"),
    ("vm", "spec", "template"),
}
"""Without these a case is none."""


def shrink(case: dict, still: Callable[[dict], bool]) -> dict:
    """`case` with all left out that can be left out while `still` holds: whole trees first, then what is in them."""
    smaller = True
    while smaller:
        smaller = False
        for path in sorted(_paths(case), key=len):
            without = _without(case, path)
            if without is not None and still(without):
                case = without
                smaller = True
    return case


def _paths(value: object, path: tuple = ()) -> Iterator[tuple]:
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in below:
        if (*path, key) not in KEPT:
            yield (*path, key)
        yield from _paths(item, (*path, key))


def _without(case: dict, path: tuple) -> dict | None:
    """A copy of `case` without what lies at `path`, None when nothing does (any more)."""
    out = copy.deepcopy(case)
    parent = out
    try:
        for key in path[:-1]:
            parent = parent[key]
        if path in (("instancetype",), ("preference",)):
            if parent[path[0]] is None:
                return None
            parent[path[0]] = None
        else:
            del parent[path[-1]]
    except (KeyError, IndexError, TypeError):
        return None
    return out
