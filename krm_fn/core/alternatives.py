"""Tests for the keywords that combine schemas: allOf, anyOf, oneOf, not."""

from __future__ import annotations

from krm_fn.core.containers import together
from krm_fn.core.keywords import SchemaError, has_type, types_of
from krm_fn.core.wording import MISSING, SHAPE, listed, mistake, show, words, wrong_type

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Protocol

    from krm_fn.core.containers import Test
    from krm_fn.core.finding import Finding
    from krm_fn.core.manifest import Manifest

    class Compiler(Protocol):
        """What makes the tests of a document's schemas, and knows its definitions."""

        definitions: Manifest

        def test(self, schema: Any) -> Test:
            """The test of one schema."""

    Failed = list[tuple[tuple[str, ...], list[Finding]]]


def combination_tests(compiler: Compiler, schema: Manifest) -> list[Test]:
    """The tests of the combining keywords that a schema has."""
    if schema.get("x-kubernetes-int-or-string") is True:
        return []  # its anyOf says the two types once more
    return [make(compiler, schema[word], schema) for word, make in _COMBINATIONS.items() if word in schema]


def _schemas(word: str, schemas: Any) -> list[Any]:
    if not isinstance(schemas, list) or not schemas:
        raise SchemaError(f"{word} must be a list of schemas, not {schemas!r:.60}")
    return schemas


def _all_of(compiler: Compiler, schemas: Any, _schema: Manifest) -> Test:
    return together([compiler.test(each) for each in _schemas("allOf", schemas)])


def _not(compiler: Compiler, schema: Any, parent: Manifest) -> Test:
    inner = compiler.test(schema)
    expects = parent.get("x-expects")

    def test(value: Any) -> list[Finding] | None:
        if inner(value):
            return None
        said = f"must be {expects}, not {show(value)}" if expects else f"{show(value)} may not stand here"
        return [mistake(SHAPE, said, value)]

    return test


def _any_of(compiler: Compiler, schemas: Any, schema: Manifest) -> Test:
    branches = [(_types(compiler, each), compiler.test(each)) for each in _schemas("anyOf", schemas)]

    def test(value: Any) -> list[Finding] | None:
        failed = []
        for types, each in branches:
            found = each(value)
            if not found:
                return None
            failed.append((types, found))
        return _best(value, failed, schema.get("x-expects"))

    return test


def _one_of(compiler: Compiler, schemas: Any, schema: Manifest) -> Test:
    branches = [(_types(compiler, each), compiler.test(each)) for each in _schemas("oneOf", schemas)]
    alone = [
        each["required"][0]
        for each in schemas
        if isinstance(each, dict) and isinstance(each.get("required"), list) and each["required"]
    ]

    def test(value: Any) -> list[Finding] | None:
        failed = [(types, found) for types, each in branches if (found := each(value))]
        if len(failed) == len(branches):
            return _best(value, failed, schema.get("x-expects"))
        if len(failed) == len(branches) - 1:
            return None
        present = [str(name) for name in alone if isinstance(value, dict) and value.get(name) is not None]
        which = f"; keep one of {', '.join(present)}" if present else ""
        return [mistake(SHAPE, f"fits more than one of the shapes that exclude each other{which}", value)]

    return test


def _types(compiler: Compiler, schema: Any) -> tuple[str, ...]:
    """The types of an alternative, through one reference; ones that refer further are taken for any type."""
    if isinstance(schema, dict) and isinstance(schema.get("$ref"), str):
        schema = compiler.definitions.get(schema["$ref"].rpartition("/")[2])
    return types_of(schema) if isinstance(schema, dict) else ()


def _best(value: Any, failed: Failed, expects: Any) -> list[Finding]:
    """What to say when no alternative fits: what is wrong by the one that the value was meant for."""
    missing = [problem.path for _, found in failed for problem in found if problem.rule is MISSING]
    if len(missing) == len(failed) == sum(len(found) for _, found in failed):
        return [mistake(MISSING, f"needs {listed(list(dict.fromkeys(missing)))}", value)]
    meant = [found for types, found in failed if types and has_type(value, types)]
    meant = meant or [found for types, found in failed if not types]
    if meant:
        return min(meant, key=len)
    types = dict.fromkeys(name for types, _ in failed for name in types)
    return wrong_type(value, expects if isinstance(expects, str) else words(types))


_COMBINATIONS: dict[str, Callable[[Compiler, Any, Manifest], Test]] = {
    "allOf": _all_of,
    "anyOf": _any_of,
    "oneOf": _one_of,
    "not": _not,
}
