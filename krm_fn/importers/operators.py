"""Values of flavors that the hosts' aggregates are compared with, some of which begin with an operator.

Source: Nova, scheduler/filters/extra_specs_ops.py.
"""

from __future__ import annotations

_OPERATORS = frozenset((
    "=", "<in>", "<all-in>", "==", "!=", ">=", "<=", "s==", "s!=", "s<", "s<=", "s>", "s>=", "<or>",
))  # fmt: skip
_EQUAL, _ANY_OF = "s==", "<or>"


def equal_to(value: str) -> str | None:
    """The text that a host has to have, or None when the value asks for something else than one text."""
    words = value.split()
    if not words or words[0] not in _OPERATORS:
        return value
    if words[0] == _EQUAL and len(words) > 1:
        return words[1]
    choices = {*words[1::2]}
    return choices.pop() if words[0] == _ANY_OF and len(choices) == 1 else None
