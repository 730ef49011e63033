"""Field paths: how a place in a manifest is written, and what stands there.

`spec.volumes[0].name` names one place; a name that holds a dot or a bracket stands in brackets itself, as in
`metadata.annotations[a.b/c]`. In tables `volumes[]` stands for each entry of a list and `*` for each key of a mapping.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any

    from krm_fn.core.manifest import Manifest

Steps = tuple[str, ...]
"""A path of mappings, taken apart once for many look-ups."""

_STEP = re.compile(r"\[([^\]]*)\]|([^.\[\]]+)")
_INDEX = re.compile(r"\[\d+\]")
_EACH = "[]"


def segment(name: object) -> str:
    """One step of a field path: the name itself, or `[a.b/c]` for one that holds a dot or a bracket."""
    text = name if isinstance(name, str) else str(name)
    return f"[{text}]" if not text or any(char in ".[]" for char in text) else text


def join(parent: str, child: str) -> str:
    """Two parts of a field path as one."""
    return parent + child if not parent or not child or child[0] == "[" else f"{parent}.{child}"


def parse(path: str) -> Steps:
    """The steps of a path: `("volumes", "0", "name")` for `volumes[0].name`."""
    return tuple(match[1] or match[2] for match in _STEP.finditer(path))


def pattern(path: str) -> str:
    """A path with its indexes left out, as tables have it: `volumes[].name` for `volumes[0].name`."""
    return _INDEX.sub(_EACH, path)


def depth(value: Any, steps: Sequence[str]) -> int:
    """How many of the steps lead somewhere."""
    for count, step in enumerate(steps):
        if isinstance(value, dict) and step in value:
            value = value[step]
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return count
    return len(steps)


def find(value: Any, steps: Iterable[str]) -> Any:
    """The value at a path of mappings, None when a part of it is missing, null or no mapping."""
    for step in steps:
        value = value.get(step) if isinstance(value, dict) else None
        if value is None:
            return None
    return value


def make(manifest: Manifest, steps: Iterable[str]) -> Manifest:
    """The mapping at a path, made where it is missing or null. What is there has to be mappings."""
    here = manifest
    for step in steps:
        below = here.get(step)
        if below is None:
            below = here[step] = {}
        here = below
    return here


def walk(value: Any, steps: Sequence[str], path: str = "") -> Iterator[tuple[str, Manifest, str]]:
    """(path, mapping, key) of every place that the steps of a table's path lead to and whose mapping is there.

    steps:  such as `"spec.volumes[].name".split(".")`.
    path:   that of `value`, which the paths begin with.
    """
    if not isinstance(value, dict):
        return
    step = steps[0]
    if len(steps) == 1:
        for key in list(value) if step == "*" else (step,):
            yield join(path, segment(key)), value, key
        return
    name = step.removesuffix(_EACH)
    below, place = value.get(name), join(path, name)
    if name == step:
        yield from walk(below, steps[1:], place)
    elif isinstance(below, list):
        for index, entry in enumerate(below):
            yield from walk(entry, steps[1:], f"{place}[{index}]")


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """(path, value) of every scalar and every empty collection in a value."""
    if isinstance(value, dict) and value:
        for key, below in value.items():
            yield from leaves(below, join(path, segment(key)))
    elif isinstance(value, list) and value:
        for index, below in enumerate(value):
            yield from leaves(below, f"{path}[{index}]")
    else:
        yield path, value
