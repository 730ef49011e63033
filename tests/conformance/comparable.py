"""Whether two manifests are the same to KubeVirt's Go types.

null equals absent; so does an empty struct, scalar, list or map that Go holds by value. What it holds by pointer stays,
empty or not. Quantities compare by value, lists by order, and a field that the types don't have stays as a difference.
"""

from __future__ import annotations

import json
import pathlib

from krm_fn.core import quantity

_LINES = (pathlib.Path(__file__).parent / "go_types.txt").read_text().splitlines()
TYPES = {
    name: dict(field.split(":", 1) for field in rest.split())
    for name, rest in (line.split(":", 1) for line in _LINES if not line.startswith("#"))
}
"""Type name to field name to code; the codes are explained at the top of go_types.txt."""

ABSENT = object()
_ZEROS = {"=": {}, "s": "", "b": False, "i": 0, "t": "", "q": 0}


def differences(left, right, root="VirtualMachine"):
    """`path: left != right` for every difference, [] when the two are the same."""
    return list(_walk("", _struct(root, left), _struct(root, right)))


def _walk(path, left, right):
    if isinstance(left, dict) and isinstance(right, dict):
        for key in sorted({*left, *right}):
            yield from _walk(f"{path}.{key}".lstrip("."), left.get(key, ABSENT), right.get(key, ABSENT))
    elif isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        for index, pair in enumerate(zip(left, right, strict=True)):
            yield from _walk(f"{path}[{index}]", *pair)
    elif _text(left) != _text(right):
        yield f"{path}: {_text(left)} != {_text(right)}"


def _text(value):
    return "(absent)" if value is ABSENT else json.dumps(value, sort_keys=True)


def _struct(name, value):
    if not isinstance(value, dict):
        return value
    fields = {key: _field(TYPES[name].get(key, "*"), item) for key, item in value.items()}
    return {key: item for key, item in fields.items() if item is not ABSENT}


def _field(code, value):
    if value is None:
        return ABSENT
    plain = _value(code, value)
    zero = (
        plain in ({}, []) if code[0] in "[{" else type(plain) is type(_ZEROS.get(code[0])) and plain == _ZEROS[code[0]]
    )
    return ABSENT if zero else plain


def _value(code, value):
    head, rest = code[0], code[1:]
    if head == "*":
        return _value(rest, value) if rest else value
    if head == "=" or code in TYPES:
        return _struct(rest if head == "=" else code, value)
    if head == "q":
        return quantity.nano(value) if quantity.is_quantity(value) else value
    if head == "[" and isinstance(value, list):
        return [_entry(rest, item) for item in value]
    if head == "{" and isinstance(value, dict):
        return {key: _entry(rest, item) for key, item in value.items()}
    return value


def _entry(code, value):
    """Entries of lists and maps have their place: null is the zero value there, and nothing is dropped."""
    return _ZEROS.get(code[0]) if value is None else _value(code, value)
