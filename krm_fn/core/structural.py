"""Check plain data against a JSON Schema, and say what is wrong in words for people.

The subset: type, properties, required, additionalProperties, patternProperties, propertyNames, minProperties,
maxProperties, items, minItems, maxItems, uniqueItems, enum, const, pattern, minLength, maxLength, minimum, maximum,
exclusiveMinimum, exclusiveMaximum, multipleOf, allOf, anyOf, oneOf, not, `$ref` to `#/$defs/X`, and of Kubernetes' own
words nullable, x-kubernetes-int-or-string and x-kubernetes-list-type with x-kubernetes-list-map-keys. Others are not
looked at.

Two things differ from JSON Schema on purpose. A field that is null counts as absent, as it does for the API server when it
creates an object; with `x-tells-nulls` at the schema's root each is told besides, but for those that may be null. And
`x-expects` in a schema ("a quantity such as 2Gi") is what a message says was expected there.

A schema is compiled into closures, each part when the first value reaches it: what is not used costs nothing.
"""

from __future__ import annotations

from krm_fn.core.alternatives import combination_tests
from krm_fn.core.containers import array_test, mapping_of, object_test, together
from krm_fn.core.keywords import SchemaError, scalar_tests, type_test, types_of
from krm_fn.core.wording import SHAPE, finished, mistake, words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from krm_fn.core.finding import Finding
    from krm_fn.core.manifest import Manifest

    Test = Callable[[Any], "list[Finding] | None"]

__all__ = ["SchemaError", "check", "compiled", "verify"]

TELLS_NULLS = "x-tells-nulls"
_cache: dict[int, tuple[Any, Test]] = {}
_CACHED = 256


def check(value: Any, schema: Manifest, path: str = "") -> list[Finding]:
    """Everything wrong with `value`, in the order of its fields; the paths start with `path`.

    Raises SchemaError when the schema itself can't be used where the value reaches it.
    """
    found = compiled(schema)(value)
    return finished(found, path) if found else []


def compiled(schema: Manifest) -> Test:
    """The test for a schema, made once for each schema object. It returns None, or findings as yet unfinished."""
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
        found += [(f"{where}.{word}.{name}", part) for name, part in mapping_of(schema, word).items()]
    for word in ("allOf", "anyOf", "oneOf"):
        found += [(f"{where}.{word}[{index}]", part) for index, part in enumerate(schema.get(word, ()))]
    return found


def _anything(_value: Any) -> None:
    return None


def _nothing(_value: Any) -> list[Finding]:
    return [mistake(SHAPE, "nothing may stand here")]


class _Compiler:
    """Makes the tests of the parts of one schema document."""

    __slots__ = ("definitions", "pending", "refs", "tells_nulls")

    def __init__(self, root: Any) -> None:
        self.tells_nulls = isinstance(root, dict) and root.get(TELLS_NULLS) is True
        self.definitions = mapping_of(root, "$defs") if isinstance(root, dict) else {}
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
        more = [*scalar_tests(schema), *combination_tests(self, schema)]
        if types == ("object",):
            return object_test(self, schema, words(types), more)
        if types == ("array",):
            return array_test(self, schema, words(types), more)
        if (not types or "object" in types) and not _OBJECT.isdisjoint(schema):
            more.insert(0, object_test(self, schema, ""))
        if (not types or "array" in types) and "items" in schema:
            more.insert(0, array_test(self, schema, ""))
        expects = schema.get("x-expects")
        first = type_test(types, expects if isinstance(expects, str) else "")
        if first is None:
            return together(more) if more else _anything
        return _typed(first, more, schema) if more else first

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


_OBJECT = frozenset(("properties", "required", "additionalProperties", "patternProperties"))
_REMEMBERED, _REMEMBERED_LENGTH = 1000, 100


def _typed(first: Test, more: list[Test], schema: Manifest) -> Test:
    """The test of a type and of what the type's values have to keep besides.

    Texts that passed are remembered, since manifests repeat the same few; whole numbers have their limits compared first.
    """
    rest = together(more)
    passed: set[str] = set()
    least, most = _limits(schema)

    def test(value: Any) -> list[Finding] | None:
        if value.__class__ is str:
            if value in passed:
                return None
        elif value.__class__ is int and least <= value <= most:
            return None
        found = first(value) or rest(value)
        if not found and value.__class__ is str and len(passed) < _REMEMBERED and len(value) < _REMEMBERED_LENGTH:
            passed.add(value)
        return found

    return test


def _limits(schema: Manifest) -> tuple[int, int]:
    """The limits that a whole number can be let pass by; none can where a schema asks for more."""
    least, most = schema.get("minimum"), schema.get("maximum")
    if schema.keys() <= _ONLY_LIMITS and isinstance(least, int) and isinstance(most, int):
        return least, most
    return 1, 0


_ONLY_LIMITS = frozenset(("type", "minimum", "maximum", "title", "description", "examples", "default"))
