"""Tests for mappings and lists: each field and each entry by its own schema, compiled when a value first has it.

The inner loops of validation. A field that is only a text or only true or false is settled by its class, without a call.
"""

from __future__ import annotations

from krm_fn.core.fieldpath import segment
from krm_fn.core.finding import KEPT
from krm_fn.core.keywords import SchemaError, compile_pattern, type_test
from krm_fn.core.wording import MISSING, NULL, UNKNOWN, mistake, show, under, wrong_type

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, Protocol

    from krm_fn.core.finding import Finding
    from krm_fn.core.manifest import Manifest

    Test = Callable[[Any], "list[Finding] | None"]

    class Compiler(Protocol):
        """What makes the test of a schema within the same document."""

        def test(self, schema: Any) -> Test:
            """The test of one schema."""

        @property
        def tells_nulls(self) -> bool:
            """Whether a field that is null is worth a word, and not only an absent one."""


_PROSE = frozenset(("type", "title", "description", "examples", "default"))
_LEAVES: dict[Any, tuple[type, Test]] = {
    name: (of_class, type_test((name,), "") or (lambda _value: None))
    for name, of_class in (("string", str), ("boolean", bool))
}
"""Types whose values one class tells, with the test for all other values."""
_BY_CLASS: dict[Any, Test] = dict(_LEAVES.values())


def mapping_of(schema: Manifest, key: str) -> Manifest:
    """A keyword that holds a mapping, {} without it."""
    value = schema.get(key, {})
    if not isinstance(value, dict):
        raise SchemaError(f"{key} must be a mapping, not {value!r:.60}")
    return value


def together(tests: Sequence[Test]) -> Test:
    """One test for several of the same value."""
    if len(tests) == 1:
        return tests[0]

    def test(value: Any) -> list[Finding] | None:
        problems: list[Finding] = []
        for each in tests:
            found = each(value)
            if found:
                problems += found
        return problems

    return test


class _Fields(dict[str, "Test | type | None"]):
    """Tests by field name: a class where that decides, None where no field may be."""

    __slots__ = ("compiler", "patterns", "rest", "schemas")

    def __init__(self, compiler: Compiler, schema: Manifest) -> None:
        self.compiler = compiler
        self.schemas = mapping_of(schema, "properties")
        patterns = mapping_of(schema, "patternProperties").items()
        self.patterns = [(compile_pattern(name), compiler.test(part)) for name, part in patterns]
        rest = schema.get("additionalProperties", True)
        self.rest = None if rest is False else _leaf(rest) or compiler.test(rest)

    def __missing__(self, name: str) -> Test | type | None:
        tests = [test for pattern, test in self.patterns if pattern.search(str(name))]
        if name in self.schemas:
            schema = self.schemas[name]
            leaf = None if tests else _leaf(schema)
            made = self[name] = leaf or together([self.compiler.test(schema), *tests])
            return made
        return together(tests) if tests else self.rest


def _leaf(schema: Any) -> type | None:
    """The class that decides for a schema that is nothing but a type."""
    if isinstance(schema, dict) and schema.keys() <= _PROSE and isinstance(schema.get("type"), str):
        return _LEAVES.get(schema["type"], (None,))[0]
    return None


def object_test(  # noqa: C901 - one pass over the fields of every manifest, without a call for each
    compiler: Compiler, schema: Manifest, expects: str, more: Sequence[Test] = ()
) -> Test:
    """The test of a mapping and its fields.

    expects:  what to say of anything else; with "" anything else passes.
    more:     tests of the mapping as a whole.
    """
    fields = _Fields(compiler, schema)
    required = schema.get("required", ())
    if not isinstance(required, (list, tuple)) or not all(isinstance(name, str) for name in required):
        raise SchemaError(f"required must be a list of names, not {required!r:.60}")
    tells_nulls = compiler.tells_nulls

    def test(value: Any) -> list[Finding] | None:
        if value.__class__ is not dict and not isinstance(value, dict):
            return wrong_type(value, expects) if expects else None
        problems: list[Finding] | None = None
        for name, item in value.items():
            each = fields[name]
            if item.__class__ is each:
                continue
            if item is None and each is not None:
                found = _null(fields.schemas.get(name)) if tells_nulls and name not in required else None
            else:
                found = _field(name, item, each, fields) if each is None or each.__class__ is type else each(item)
            if found:
                problems = problems or []
                problems += under(segment(name), found)
                if len(problems) > KEPT:
                    break
        for name in required:
            if value.get(name) is None:
                problems = problems or []
                problems.append(mistake(MISSING, f"required field {name} is missing", path=segment(name)))
        for each in more:
            found = each(value)
            if found:
                problems = (problems or []) + found
        return problems

    return test


def _null(schema: Any) -> list[Finding] | None:
    """A field that is null, unless its schema says that it may be."""
    if isinstance(schema, dict) and schema.get("nullable") is True:
        return None
    return [mistake(NULL, "is null, which server-side apply refuses: leave the field out", None)]


def _field(name: object, item: Any, each: Any, fields: _Fields) -> list[Finding] | None:
    """An unknown field, or a value that its class alone didn't let pass."""
    if each is None:
        return [mistake(UNKNOWN, f"unknown field {show(str(name))}", item, known=fields.schemas)]
    return _BY_CLASS[each](item)


def array_test(compiler: Compiler, schema: Manifest, expects: str, more: Sequence[Test] = ()) -> Test:
    """The test of a list and its entries, as `object_test`."""
    items = schema.get("items", True)
    entry: Test | None = None

    def test(value: Any) -> list[Finding] | None:
        nonlocal entry
        if value.__class__ is not list and not isinstance(value, list):
            return wrong_type(value, expects) if expects else None
        problems: list[Finding] | None = None
        if entry is None:
            entry = compiler.test(items)  # not before there is a value: an entry's schema may lead back here
        for index, item in enumerate(value):
            found = entry(item)
            if found:
                problems = problems or []
                problems += under(f"[{index}]", found)
                if len(problems) > KEPT:
                    break
        for each in more:
            found = each(value)
            if found:
                problems = (problems or []) + found
        return problems

    return test
