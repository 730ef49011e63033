"""What `core.structural` finds, and its wording: what is wrong, and what is allowed there."""

from __future__ import annotations

from krm_fn.core.finding import NOTHING
from krm_fn.core.suggest import nearest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

UNKNOWN, MISSING, TYPE, ENUM, RANGE, PATTERN, LENGTH, DUPLICATE, SHAPE = (
    "unknown-field",
    "missing-field",
    "type",
    "enum",
    "range",
    "pattern",
    "length",
    "duplicate",
    "shape",
)
KINDS = (UNKNOWN, MISSING, TYPE, ENUM, RANGE, PATTERN, LENGTH, DUPLICATE, SHAPE)

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


class Problem:
    """One thing wrong with a value. `path` is relative to what was checked until `finished` has put its root before it.

    kind:     one of KINDS, the last part of the rule id.
    allowed:  for an unknown field, the names that are known there.
    """

    __slots__ = ("allowed", "current", "kind", "message", "path", "proposed")

    def __init__(
        self,
        kind: str,
        message: str,
        current: Any = NOTHING,
        *,
        path: str = "",
        proposed: Any = NOTHING,
        allowed: Any = (),
    ) -> None:
        self.kind = kind
        self.message = message
        self.path = path
        self.current = NOTHING if isinstance(current, (dict, list)) else current
        self.proposed = proposed
        self.allowed = allowed

    def __repr__(self) -> str:
        return f"Problem({self.kind} {self.path}: {self.message})"


def segment(name: object) -> str:
    """One step of a field path: the name itself, or `[a.b/c]` for one that holds a dot or a bracket."""
    text = name if isinstance(name, str) else str(name)
    return f"[{text}]" if not text or any(char in ".[]" for char in text) else text


def join(parent: str, child: str) -> str:
    """Two parts of a field path as one."""
    return parent + child if not parent or not child or child[0] == "[" else f"{parent}.{child}"


def under(step: str, found: list[Problem]) -> list[Problem]:
    """Put one step before the paths of what was found below it."""
    for problem in found:
        problem.path = join(step, problem.path)
    return found


def finished(found: list[Problem], path: str) -> list[Problem]:
    """Put the root before every path and suggest names for unknown fields (for the first hundred: it costs time)."""
    suggestions = 0
    for problem in under(path, found) if path else found:
        if problem.kind == UNKNOWN and suggestions < _SUGGESTED:
            suggestions += 1
            problem.message += _instead(problem.path, problem.allowed)
    return found


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


def wrong_type(value: Any, expected: str) -> list[Problem]:
    """A value of another type than the schema's. Says so when quotes are all that is wrong."""
    hint = ""
    if isinstance(value, str) and _unquoted(value) == expected:
        hint = "; write it without quotes"
    elif expected == _WORDS["string"] and isinstance(value, (int, float)):
        hint = "; write it in quotes"
    return [Problem(TYPE, f"must be {expected}, not {show(value)}{hint}", value)]


def not_among(value: Any, choices: Sequence[Any]) -> list[Problem]:
    """A value outside an enum."""
    names = [str(choice) if isinstance(choice, str) and choice else show(choice) for choice in choices]
    if len(names) == 1:
        return [Problem(ENUM, f"must be {names[0]}, not {show(value)}", value, proposed=choices[0])]
    close = nearest(value, (choice for choice in choices if isinstance(choice, str))) if isinstance(value, str) else []
    hint = f'; did you mean "{close[0]}"?' if close else ""
    message = f"must be one of {listed(names)}, not {show(value)}{hint}"
    return [Problem(ENUM, message, value, proposed=close[0] if close else NOTHING)]
