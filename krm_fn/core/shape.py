"""Whether a value has the types that code is about to rely on.

A shape is the name of a type (a key of TYPES), `[shape]` for a list, or a dict of field name to shape; fields that a
shape doesn't name are not looked at, and null counts as absent, as it does for the API server.
"""

from __future__ import annotations

from krm_fn.core.finding import Finding, Rule
from krm_fn.core.quantity import is_quantity

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from krm_fn.core.manifest import Manifest

WRONG_TYPE = Rule(
    "manifest/type", "Part of the wrong type", "A part that the expansion has to read is of a type that it can't be."
)
_MAX_UINT32 = 2**32 - 1
_MAX_INT64 = 2**63 - 1


def _is_texts(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(entry, str) or entry is None for entry in value.values())


def _is_quantities(value: Any) -> bool:
    return isinstance(value, dict) and all(entry is None or is_quantity(entry) for entry in value.values())


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and -_MAX_INT64 <= value <= _MAX_INT64


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MAX_UINT32


TYPES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "text": (lambda value: isinstance(value, str), "a string"),
    "flag": (lambda value: isinstance(value, bool), "true or false"),
    "count": (_is_count, f"a whole number from 0 to {_MAX_UINT32}"),
    "integer": (_is_integer, "a whole number"),
    "quantity": (is_quantity, "a quantity, such as 4Gi or 500m"),
    "mapping": (lambda value: isinstance(value, dict), "a mapping"),
    "list": (lambda value: isinstance(value, list), "a list"),
    "mappings": (
        lambda value: isinstance(value, list) and all(isinstance(e, dict) for e in value),
        "a list of mappings",
    ),
    "texts": (_is_texts, "a mapping whose values are strings"),
    "quantities": (_is_quantities, "a mapping whose values are quantities, such as 4Gi or 500m"),
}
"""Type name to its test and to the words for it in a message."""

_TESTS = {name: test for name, (test, _) in TYPES.items()}
_KINDS = {bool: "true or false", int: "a number", float: "a number", str: "a string", list: "a list", dict: "a mapping"}


def build(fields: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Return the shape that holds every (path, type name), paths written like `domain.devices.disks[].disk.bus`."""
    root: dict[str, Any] = {}
    for path, type_name in fields:
        here = root
        *parents, last = path.split(".")
        for part in parents:
            here = _container(here, part)
        if last.endswith("[]"):
            here.setdefault(last[:-2], [type_name])
        elif not isinstance(here.get(last), (dict, list)):
            here[last] = type_name
    return root


def _container(here: dict[str, Any], part: str) -> dict[str, Any]:
    """The dict of fields below one part of a path, made when it isn't there or was only known by a type name."""
    name, is_list = (part[:-2], True) if part.endswith("[]") else (part, False)
    found = here.get(name)
    fields = found[0] if isinstance(found, list) else found
    if not isinstance(fields, dict):
        fields = {}
        here[name] = [fields] if is_list else fields
    return fields


def fits(value: Any, shape: Any) -> bool:
    """Whether a value has a shape."""
    kind = type(shape)
    if kind is str:
        return _TESTS[shape](value)
    if kind is list:
        if not isinstance(value, list):
            return False
        inner = shape[0]
        return all(fits(entry, inner) for entry in value)
    if not isinstance(value, dict):
        return False
    for key, part in value.items():
        if key in shape and part is not None:
            below = shape[key]
            if not (_TESTS[below](part) if type(below) is str else fits(part, below)):
                return False
    return True


def mismatches(value: Any, shape: Any, path: str, item: Manifest) -> list[Finding]:
    """Every part of a value that doesn't have its shape. `path`: that of the value in `item`."""
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            return [_mismatch(path, "mapping", value, item)]
        parts = [(f"{path}.{key}" if path else key, part, shape[key]) for key, part in value.items() if key in shape]
        return [found for at, part, below in parts if part is not None for found in mismatches(part, below, at, item)]
    if isinstance(shape, list):
        if not isinstance(value, list):
            return [_mismatch(path, "list", value, item)]
        parts = [(f"{path}[{index}]", entry, shape[0]) for index, entry in enumerate(value)]
        return [found for at, part, below in parts for found in mismatches(part, below, at, item)]
    return [] if _TESTS[shape](value) else [_mismatch(path, shape, value, item)]


def _mismatch(path: str, type_name: str, value: Any, item: Manifest) -> Finding:
    found = _KINDS.get(type(value), "a number" if isinstance(value, (int, float)) else "null")
    message = f"{path or 'the manifest'} is {found}: write {TYPES[type_name][1]}"
    return Finding(WRONG_TYPE, message, item, path, current=value)
