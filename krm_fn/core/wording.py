"""What `core.structural` finds, in words: the rules, what is wrong, and what is allowed there."""

from __future__ import annotations

from krm_fn.core.fieldpath import join
from krm_fn.core.finding import NOTHING, Finding, Rule
from krm_fn.core.suggest import nearest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

UNKNOWN = Rule(
    "schema/unknown-field",
    "Field that the kind does not have here",
    "The kind has no field of this name here: a typing mistake, or a field that belongs elsewhere.",
)
MISSING = Rule(
    "schema/missing-field",
    "Required field missing",
    "The field has to be there. A field that is null counts as absent.",
)
TYPE = Rule(
    "schema/type",
    "Value of the wrong type",
    "Text stands in quotes when it looks like a number; numbers, true and false stand without.",
)
ENUM = Rule("schema/enum", "Value that is not a choice", "Only the listed values are taken; case counts.")
RANGE = Rule(
    "schema/range",
    "Number out of range",
    "The number is outside what the field's type can hold, or outside its limits.",
)
PATTERN = Rule(
    "schema/pattern",
    "Text of the wrong form",
    "The text has to have a form, as quantities have: 2Gi, 500m, 1.5.",
)
LENGTH = Rule(
    "schema/length",
    "Too long, too short or too many",
    "A text, list or mapping is outside the limits of its length.",
)
DUPLICATE = Rule(
    "schema/duplicate",
    "Entry that stands twice",
    "The list's entries are told apart by these keys, so each combination may stand once.",
)
SHAPE = Rule(
    "schema/shape",
    "Fields that don't go together",
    "The combination of fields fits none, or more than one, of the shapes that are allowed.",
)
NULL = Rule(
    "schema/null",
    "Field that is null",
    "The API server drops a null when it creates an object, and refuses it when the manifest is applied server-side, as Flux,"
    " `kubectl apply --server-side` and Argo CD with ServerSideApply do.",
)
RULES = (UNKNOWN, MISSING, TYPE, ENUM, RANGE, PATTERN, LENGTH, DUPLICATE, SHAPE, NULL)

_WORDS = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}
_LISTED = 12
_SUGGESTED = 100
_SHOWN = 60
_MAX_BITS = 128


def mistake(rule: Rule, message: str, value: Any = NOTHING, path: str = "", **more: Any) -> Finding:
    """What is wrong with a value of no manifest yet. `path` is relative to the value until `finished` has put its root first."""
    return Finding(rule, message, path=path, current=NOTHING if isinstance(value, (dict, list)) else value, **more)


def under(step: str, found: Iterable[Finding]) -> list[Finding]:
    """What was found below a step, with the step before the paths."""
    return [each.but(path=join(step, each.path)) for each in found]


def finished(found: Iterable[Finding], path: str) -> list[Finding]:
    """The root before every path, and names suggested for unknown fields (for the first hundred: it costs time)."""
    out = []
    suggestions = 0
    for each in under(path, found) if path else found:
        if each.rule is UNKNOWN and suggestions < _SUGGESTED:
            suggestions += 1
            out.append(each.but(message=each.message + _instead(each.path, each.known)))
        else:
            out.append(each)
    return out


def _instead(path: str, allowed: Iterable[str]) -> str:
    names = sorted(allowed)
    name = path.rpartition(".")[2]
    close = nearest(name, names)
    if close:
        return f'; did you mean "{close[0]}"?'
    return f"; known here: {', '.join(names)}" if 0 < len(names) <= _LISTED else ""


def show(value: Any) -> str:
    """A value for a message: short, on one line, and safe with numbers too large to print."""
    if isinstance(value, str):
        return f'"{value}"' if len(value) <= _SHOWN else f'"{value[:_SHOWN]}..."'
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and value.bit_length() > _MAX_BITS:
        return "a number of more than 38 digits"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return "null" if value is None else str(value)


def words(types: Iterable[str]) -> str:
    """`a whole number or text` for ("integer", "string")."""
    return listed([_WORDS.get(name, name) for name in types if name != "null"] or ["null"])


def listed(names: Sequence[str]) -> str:
    """`a, b or c`."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def _unquoted(text: str) -> str:
    """What a text would be without its quotes, in words."""
    if text in ("true", "false"):
        return _WORDS["boolean"]
    return _WORDS["integer"] if text.isascii() and text.isdigit() else ""


def wrong_type(value: Any, expected: str) -> list[Finding]:
    """A value of another type than the schema's. Says so when quotes are all that is wrong."""
    hint = ""
    if isinstance(value, str) and _unquoted(value) == expected:
        hint = "; write it without quotes"
    elif expected == _WORDS["string"] and isinstance(value, (int, float)):
        hint = "; write it in quotes"
    return [mistake(TYPE, f"must be {expected}, not {show(value)}{hint}", value)]


def not_among(value: Any, choices: Sequence[Any]) -> list[Finding]:
    """A value outside an enum."""
    names = [str(choice) if isinstance(choice, str) and choice else show(choice) for choice in choices]
    if len(names) == 1:
        return [mistake(ENUM, f"must be {names[0]}, not {show(value)}", value, proposed=choices[0])]
    close = nearest(value, (choice for choice in choices if isinstance(choice, str))) if isinstance(value, str) else []
    hint = f'; did you mean "{close[0]}"?' if close else ""
    message = f"must be one of {listed(names)}, not {show(value)}{hint}"
    return [mistake(ENUM, message, value, proposed=close[0] if close else NOTHING)]
