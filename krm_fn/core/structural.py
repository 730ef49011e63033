"""Check plain data against a JSON Schema, and say what is wrong in words for people.

The subset: type, properties, required, additionalProperties, patternProperties, propertyNames, minProperties,
maxProperties, items, minItems, maxItems, uniqueItems, enum, const, pattern, minLength, maxLength, minimum, maximum,
exclusiveMinimum, exclusiveMaximum, multipleOf, allOf, anyOf, oneOf, not, `$ref` to `#/$defs/X`, and of Kubernetes' own
words nullable, x-kubernetes-int-or-string and x-kubernetes-list-type with x-kubernetes-list-map-keys. Others are not
looked at.

Two things differ from JSON Schema on purpose. A field that is null counts as absent, as it does for the API server. And
`x-expects` in a schema ("a quantity such as 2Gi") is what a message says was expected there.

A schema is compiled into closures, each part when the first value reaches it: what is not used costs nothing.
"""

from __future__ import annotations

from krm_fn.core.keywords import SchemaError, compile_pattern, has_type, scalar_tests, type_test, types_of
from krm_fn.core.problem import (
    MISSING,
    SHAPE,
    TYPE,
    UNKNOWN,
    Problem,
    finished,
    listed,
    segment,
    show,
    under,
    words,
    wrong_type,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from krm_fn.core.manifest import Manifest

    Test = Callable[[Any], "list[Problem] | None"]

__all__ = ["Problem", "SchemaError", "check", "compiled", "verify"]

_cache: dict[int, tuple[Any, Test]] = {}
_CACHED = 256


def check(value: Any, schema: Manifest, path: str = "") -> list[Problem]:
    """Everything wrong with `value`, in the order of its fields; the paths start with `path`.

    Raises SchemaError when the schema itself can't be used where the value reaches it.
    """
    found = compiled(schema)(value)
    return finished(found, path) if found else []


def compiled(schema: Manifest) -> Test:
    """The test for a schema, made once for each schema object. It returns None, or problems as yet unfinished."""
    known = _cache.get(id(schema))
    if known is not None:
        return known[1]
    if len(_cache) >= _CACHED:
        _cache.clear()
    test = _Compiler(schema).test(schema)
    _cache[id(schema)] = (schema, test)  # holds on to the schema, so that its id stays its own
    return test


def verify(schema: Manifest) -> None:
    """Raise SchemaError, naming the place, for a schema with a part that `check` could not use."""
    compiler = _Compiler(schema)
    parts: list[tuple[str, Any]] = [
        ("the schema", schema),
        *((f"$defs.{name}", part) for name, part in compiler.definitions.items()),
    ]
    while parts:
        where, part = parts.pop()
        try:
            compiler.test(part)
        except SchemaError as error:
            raise SchemaError(f"{where}: {error}") from None
        except RecursionError:
            raise SchemaError(f"{where}: nested too deep") from None
        if isinstance(part, dict):
            parts += _parts(part, where)


def _parts(schema: Manifest, where: str) -> list[tuple[str, Any]]:
    """The schemas directly inside one, with their places."""
    found = [(f"{where}.{word}", schema[word]) for word in ("items", "additionalProperties", "not") if word in schema]
    for word in ("properties", "patternProperties"):
        found += [(f"{where}.{word}.{name}", part) for name, part in _mapping(schema, word).items()]
    for word in ("allOf", "anyOf", "oneOf"):
        found += [(f"{where}.{word}[{index}]", part) for index, part in enumerate(schema.get(word, ()))]
    return found


def _anything(_value: Any) -> None:
    return None


def _nothing(_value: Any) -> list[Problem]:
    return [Problem(SHAPE, "nothing may stand here")]


class _Compiler:
    """Makes the tests of the parts of one schema document."""

    __slots__ = ("definitions", "pending", "refs")

    def __init__(self, root: Any) -> None:
        self.definitions = _mapping(root, "$defs") if isinstance(root, dict) else {}
        self.refs: dict[str, Test] = {}
        self.pending: set[str] = set()

    def test(self, schema: Any) -> Test:
        """The test of one schema: its type first, because the other keywords mean nothing without it."""
        if isinstance(schema, bool):
            return _anything if schema else _nothing
        if not isinstance(schema, dict):
            raise SchemaError(f"a schema must be a mapping, not {schema!r:.60}")
        if "$ref" in schema:
            return self.reference(schema["$ref"])
        types = types_of(schema)
        expects = schema.get("x-expects")
        tests: list[Test] = []
        if types == ("object",):
            tests.append(_object(self, schema, words(types)))
        elif types == ("array",):
            tests.append(_array(self, schema, words(types)))
        else:
            first = type_test(types, expects if isinstance(expects, str) else "")
            tests += [first] if first else []
            if not types or "object" in types:
                tests += [_object(self, schema, "")] if not _OBJECT.isdisjoint(schema) else []
            if not types or "array" in types:
                tests += [_array(self, schema, "")] if "items" in schema else []
        tests += scalar_tests(schema)
        if not (schema.get("x-kubernetes-int-or-string") is True and "anyOf" in schema):
            tests += [make(self, schema[word], schema) for word, make in _COMBINATIONS.items() if word in schema]
        return _all(tests)

    def reference(self, ref: Any) -> Test:
        """The test of a `#/$defs/X` reference, shared by all that refer to it."""
        known = self.refs.get(ref) if isinstance(ref, str) else None
        if known is not None:
            return known
        name = ref[len("#/$defs/") :] if isinstance(ref, str) and ref.startswith("#/$defs/") else None
        if name not in self.definitions:
            raise SchemaError(f"$ref {ref!r:.60} is not a definition under $defs")
        if ref in self.pending:
            raise SchemaError(f"$ref {ref!r:.60} leads back to itself")
        self.pending.add(ref)
        try:
            test = self.refs[ref] = self.test(self.definitions[name])
        finally:
            self.pending.discard(ref)
        return test


def _mapping(schema: Manifest, key: str) -> Manifest:
    value = schema.get(key, {})
    if not isinstance(value, dict):
        raise SchemaError(f"{key} must be a mapping, not {value!r:.60}")
    return value


def _schemas(word: str, schemas: Any) -> list[Any]:
    if not isinstance(schemas, list) or not schemas:
        raise SchemaError(f"{word} must be a list of schemas, not {schemas!r:.60}")
    return schemas


def _all(tests: list[Test]) -> Test:
    if len(tests) < 2:
        return tests[0] if tests else _anything

    def test(value: Any) -> list[Problem] | None:
        problems: list[Problem] | None = None
        for each in tests:
            found = each(value)
            if found:
                problems = problems + found if problems else found
                if found[0].kind is TYPE and not found[0].path:
                    break
        return problems

    return test


class _Fields(dict[str, "Test | None"]):
    """Tests by field name, compiled when a value first has the field. An unknown name has `rest`, or None."""

    __slots__ = ("compiler", "patterns", "rest", "schemas")

    def __init__(self, compiler: _Compiler, schema: Manifest) -> None:
        self.compiler = compiler
        self.schemas = _mapping(schema, "properties")
        self.patterns = [
            (compile_pattern(name), compiler.test(sub)) for name, sub in _mapping(schema, "patternProperties").items()
        ]
        rest = schema.get("additionalProperties", True)
        self.rest = None if rest is False else compiler.test(rest)

    def __missing__(self, name: str) -> Test | None:
        tests = [test for pattern, test in self.patterns if pattern.search(str(name))]
        if name in self.schemas:
            made = self[name] = _all([self.compiler.test(self.schemas[name]), *tests])
            return made
        return _all(tests) if tests else self.rest


_OBJECT = frozenset(("properties", "required", "additionalProperties", "patternProperties"))


def _object(compiler: _Compiler, schema: Manifest, expects: str) -> Test:
    """The test of a mapping's fields. With `expects` anything but a mapping is a problem, without it passes."""
    fields = _Fields(compiler, schema)
    required = schema.get("required", ())
    if not isinstance(required, (list, tuple)) or not all(isinstance(name, str) for name in required):
        raise SchemaError(f"required must be a list of names, not {required!r:.60}")

    def test(value: Any) -> list[Problem] | None:
        if value.__class__ is not dict and not isinstance(value, dict):
            return wrong_type(value, expects) if expects else None
        problems: list[Problem] | None = None
        for name, item in value.items():
            if item is None:
                continue
            each = fields[name]
            if each is None:
                found: list[Problem] | None = [_unknown(name, item, fields.schemas)]
            else:
                found = each(item)
            if found:
                problems = problems or []
                problems += under(segment(name), found)
        for name in required:
            if value.get(name) is None:
                problems = problems or []
                problems.append(Problem(MISSING, f"required field {name} is missing", path=segment(name)))
        return problems

    return test


def _unknown(name: object, item: Any, known: Manifest) -> Problem:
    return Problem(UNKNOWN, f"unknown field {show(str(name))}", item, allowed=known)


def _array(compiler: _Compiler, schema: Manifest, expects: str) -> Test:
    """The test of a list's entries, like `_object`."""
    entry = _anything if "items" not in schema else _later(compiler, schema["items"])

    def test(value: Any) -> list[Problem] | None:
        if value.__class__ is not list and not isinstance(value, list):
            return wrong_type(value, expects) if expects else None
        problems: list[Problem] | None = None
        for index, item in enumerate(value):
            found = entry(item)
            if found:
                problems = problems or []
                problems += under(f"[{index}]", found)
        return problems

    return test


def _later(compiler: _Compiler, schema: Any) -> Test:
    """The test of a schema that is compiled when the first value comes: lists may hold lists of their kind."""
    made: list[Test] = []

    def test(value: Any) -> list[Problem] | None:
        if not made:
            made.append(compiler.test(schema))
        return made[0](value)

    return test


def _all_of(compiler: _Compiler, schemas: Any, _schema: Manifest) -> Test:
    return _all([compiler.test(each) for each in _schemas("allOf", schemas)])


def _not(compiler: _Compiler, schema: Any, parent: Manifest) -> Test:
    inner = compiler.test(schema)
    expects = parent.get("x-expects")

    def test(value: Any) -> list[Problem] | None:
        if inner(value):
            return None
        return [
            Problem(
                SHAPE,
                f"must be {expects}, not {show(value)}" if expects else f"{show(value)} may not stand here",
                value,
            )
        ]

    return test


def _any_of(compiler: _Compiler, schemas: Any, schema: Manifest) -> Test:
    branches = [(_branch_types(compiler, each), compiler.test(each)) for each in _schemas("anyOf", schemas)]

    def test(value: Any) -> list[Problem] | None:
        failed = []
        for types, each in branches:
            found = each(value)
            if not found:
                return None
            failed.append((types, found))
        return _best(value, failed, schema.get("x-expects"))

    return test


def _one_of(compiler: _Compiler, schemas: Any, schema: Manifest) -> Test:
    branches = [(_branch_types(compiler, each), compiler.test(each)) for each in _schemas("oneOf", schemas)]
    alone = [
        each["required"][0] for each in schemas if isinstance(each, dict) and isinstance(each.get("required"), list)
    ]

    def test(value: Any) -> list[Problem] | None:
        failed = [(types, found) for types, each in branches if (found := each(value))]
        if len(failed) == len(branches):
            return _best(value, failed, schema.get("x-expects"))
        if len(failed) == len(branches) - 1:
            return None
        present = [str(name) for name in alone if isinstance(value, dict) and value.get(name) is not None]
        which = f"; keep one of {', '.join(present)}" if present else ""
        return [Problem(SHAPE, f"fits more than one of the shapes that exclude each other{which}", value)]

    return test


def _branch_types(compiler: _Compiler, schema: Any) -> tuple[str, ...]:
    while isinstance(schema, dict) and isinstance(schema.get("$ref"), str):
        schema = compiler.definitions.get(schema["$ref"].rpartition("/")[2])
    return types_of(schema) if isinstance(schema, dict) else ()


def _best(value: Any, failed: list[tuple[tuple[str, ...], list[Problem]]], expects: Any) -> list[Problem]:
    """What to say when no alternative fits: what is wrong by the one the value was meant for."""
    missing = [problem.path for _, found in failed for problem in found if problem.kind is MISSING]
    if len(missing) == len(failed) == sum(len(found) for _, found in failed):
        return [Problem(MISSING, f"needs {listed(list(dict.fromkeys(missing)))}", value)]
    meant = [found for types, found in failed if not types or has_type(value, types)]
    if meant:
        return min(meant, key=len)
    types = dict.fromkeys(name for types, _ in failed for name in types)
    return wrong_type(value, expects if isinstance(expects, str) else words(types))


_COMBINATIONS: dict[str, Callable[[_Compiler, Any, Manifest], Test]] = {
    "allOf": _all_of,
    "anyOf": _any_of,
    "oneOf": _one_of,
    "not": _not,
}
