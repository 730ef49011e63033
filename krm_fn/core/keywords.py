"""Tests for the keywords of a JSON Schema that look at one value only: its type, its choices, its limits."""

from __future__ import annotations

import re
from operator import ge, gt, le, lt

from krm_fn.core.fieldpath import segment
from krm_fn.core.wording import DUPLICATE, LENGTH, PATTERN, RANGE, mistake, not_among, show, words, wrong_type

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from krm_fn.core.finding import Finding
    from krm_fn.core.manifest import Manifest

    Test = Callable[[Any], "list[Finding] | None"]

_CLASSES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}


class SchemaError(ValueError):
    """A schema that can't be used: not of the subset's shape."""


def types_of(schema: Manifest) -> tuple[str, ...]:
    """The types a schema names, () when it takes any. Kubernetes' int-or-string is both."""
    if schema.get("x-kubernetes-int-or-string") is True:
        return ("integer", "string")
    named = schema.get("type", ())
    types = (named,) if isinstance(named, str) else tuple(named) if isinstance(named, (list, tuple)) else (None,)
    if any(not isinstance(name, str) or name not in _CLASSES for name in types):
        raise SchemaError(f"type must be one of {', '.join(_CLASSES)}, not {named!r:.60}")
    return (*types, "null") if types and schema.get("nullable") is True else types


def has_type(value: Any, types: Iterable[str]) -> bool:
    """Whether a value is of one of the types. true is no number; 2.0 is a whole number, as in JSON Schema."""
    for name in types:
        if isinstance(value, _CLASSES[name]) and (name == "boolean" or not isinstance(value, bool)):
            return True
        if name == "integer" and isinstance(value, float) and value.is_integer():
            return True
    return False


def type_test(types: tuple[str, ...], expects: str) -> Test | None:
    """The test for a schema's types. Most values are settled by their class alone."""
    if not types:
        return None
    classes = frozenset(each for name in types for each in _CLASSES[name])

    def test(value: Any) -> list[Finding] | None:
        return (
            None if value.__class__ in classes or has_type(value, types) else wrong_type(value, expects or words(types))
        )

    return test


def limit(schema: Manifest, key: str) -> Any:
    """The number under a keyword, None when it isn't there."""
    value = schema.get(key)
    if value is not None and not has_type(value, ("number",)):
        raise SchemaError(f"{key} must be a number, not {value!r:.60}")
    return value


def compile_pattern(pattern: Any) -> re.Pattern[str]:
    """A pattern as Python's. Its closing `$` means the very end, as in Go; Python's own lets a newline follow."""
    try:
        at_end = pattern.endswith("$") and not pattern.endswith("\\$")
        return re.compile(pattern[:-1] + r"\Z" if at_end else pattern)
    except (re.error, AttributeError, OverflowError, RecursionError) as error:
        raise SchemaError(f"pattern {pattern!r:.60} can't be used: {error}") from None


def same(one: Any, other: Any) -> bool:
    """Whether two values are equal in JSON, where true is not 1."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(item, other[key]) for key, item in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(isinstance(one, bool) == isinstance(other, bool) and one == other)


def _enum(choices: Any) -> Test:
    if not isinstance(choices, list) or not choices:
        raise SchemaError(f"enum must be a list of values, not {choices!r:.60}")
    texts = frozenset(choice for choice in choices if isinstance(choice, str))

    def test(value: Any) -> list[Finding] | None:
        if (value in texts) if isinstance(value, str) else any(same(value, choice) for choice in choices):
            return None
        return not_among(value, choices)

    return test


def _pattern(schema: Manifest) -> Test:
    pattern, expects = schema["pattern"], schema.get("x-expects")
    search = compile_pattern(pattern).search

    def test(value: Any) -> list[Finding] | None:
        if not isinstance(value, str) or search(value):
            return None
        what = f"must be {expects}" if expects else f"must match {pattern}"
        return [mistake(PATTERN, f"{what}, not {show(value)}", value)]

    return test


def _within(schema: Manifest) -> Test:
    least, most = limit(schema, "minimum"), limit(schema, "maximum")
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    if above is True or below is True:  # the older spelling, which CRDs use: a flag beside the limit
        least, above = (None, least) if above is True else (least, None)
        most, below = (None, most) if below is True else (most, None)
    bounds: tuple[tuple[Any, Callable[[Any, Any], bool], str], ...] = (
        (least, ge, "at least"),
        (most, le, "at most"),
        (above, gt, "more than"),
        (below, lt, "less than"),
    )
    rows = [row for row in bounds if row[0] is not None and row[0] is not False]

    def test(value: Any) -> list[Finding] | None:
        if not has_type(value, ("number",)):
            return None
        for bound, ok, word in rows:
            if not ok(value, bound):
                return [mistake(RANGE, f"must be {word} {show(bound)}, not {show(value)}", value)]
        return None

    return test


def _multiple(schema: Manifest) -> Test:
    step = limit(schema, "multipleOf")
    if not step or step < 0:
        raise SchemaError(f"multipleOf must be a number above 0, not {step!r:.60}")

    def test(value: Any) -> list[Finding] | None:
        if not has_type(value, ("number",)) or value % step == 0:
            return None
        return [mistake(RANGE, f"must be a multiple of {show(step)}, not {show(value)}", value)]

    return test


_SIZES = {
    # keyword: class, whether it is the upper limit, what is counted
    "minLength": (str, False, "characters"),
    "maxLength": (str, True, "characters"),
    "minItems": (list, False, "entries"),
    "maxItems": (list, True, "entries"),
    "minProperties": (dict, False, "fields"),
    "maxProperties": (dict, True, "fields"),
}


def _size(schema: Manifest, keyword: str) -> Test:
    of_class, is_most, unit = _SIZES[keyword]
    bound = limit(schema, keyword)

    def test(value: Any) -> list[Finding] | None:
        if not isinstance(value, of_class) or (len(value) <= bound if is_most else len(value) >= bound):
            return None
        if not value:
            return [mistake(LENGTH, "must not be empty", value)]
        limits = f"at most {bound} are allowed" if is_most else f"at least {bound} are needed"
        return [mistake(LENGTH, f"has {len(value)} {unit}, {limits}", value)]

    return test


def _unique(schema: Manifest) -> Test | None:
    kind = schema.get("x-kubernetes-list-type")
    keys = schema.get("x-kubernetes-list-map-keys", ()) if kind == "map" else ()
    if not isinstance(keys, (list, tuple)) or not (keys or kind == "set" or schema.get("uniqueItems") is True):
        return None

    def test(value: Any) -> list[Finding] | None:
        if not isinstance(value, list):
            return None
        seen: set[str] = set()
        problems = []
        for index, entry in enumerate(value):
            parts = [entry.get(key) for key in keys] if keys and isinstance(entry, dict) else entry
            if keys and not isinstance(entry, dict):
                continue
            mark = _mark(parts)
            if mark in seen:
                what = (
                    f"the same {' and '.join(map(str, keys))} as an earlier entry"
                    if keys
                    else f"{show(entry)} stands here already"
                )
                problems.append(mistake(DUPLICATE, f"{what}; each may stand once", entry, path=f"[{index}]"))
            seen.add(mark)
        return problems

    return test


def _mark(value: Any) -> str:
    """A text that only equal JSON values share."""
    if isinstance(value, dict):
        pairs = sorted(value.items(), key=lambda pair: str(pair[0]))
        return "{" + ",".join(f"{key!r}:{_mark(item)}" for key, item in pairs) + "}"
    if isinstance(value, list):
        return f"[{','.join(map(_mark, value))}]"
    if isinstance(value, float) and value.is_integer():
        return hex(int(value))
    return hex(value) if isinstance(value, int) and not isinstance(value, bool) else repr(value)


def _names(schema: Manifest) -> Test:
    rule = schema["propertyNames"]
    if not isinstance(rule, dict):
        raise SchemaError(f"propertyNames must be a schema, not {rule!r:.60}")
    tests = scalar_tests(rule)

    def test(value: Any) -> list[Finding] | None:
        if not isinstance(value, dict):
            return None
        problems: list[Finding] = []
        for name in value:
            for each in tests:
                found = each(name) or ()
                problems += [one.but(message=f"the name {one.message}", path=segment(name)) for one in found]
        return problems

    return test


def scalar_tests(schema: Manifest) -> list[Test]:
    """The tests of the keywords that look at no part of the value by a schema of its own."""
    tests: list[Test] = []
    if "enum" in schema:
        tests.append(_enum(schema["enum"]))
    if "const" in schema:
        tests.append(_enum([schema["const"]]))
    if "pattern" in schema:
        tests.append(_pattern(schema))
    if not schema.keys().isdisjoint(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")):
        tests.append(_within(schema))
    if "multipleOf" in schema:
        tests.append(_multiple(schema))
    tests += [_size(schema, keyword) for keyword in _SIZES if schema.get(keyword) is not None]
    unique = _unique(schema)
    if unique is not None:
        tests.append(unique)
    if "propertyNames" in schema:
        tests.append(_names(schema))
    return tests
