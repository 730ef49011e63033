"""How an input that can't be read is reported: name, line, column, what is wrong, what to do."""

from __future__ import annotations

from krm_fn.core.errors import InputError


def refusal(name: str, line: int, column: int, message: str) -> InputError:
    """The InputError for a place in the input; `line` and `column` count from 0, as the parser's do."""
    return InputError(f"{name or 'input'}:{line + 1}:{column + 1}: {message}")


def place(text: str, offset: int) -> tuple[int, int]:
    """(line, column), from 0, of an offset in characters."""
    return text.count("\n", 0, offset), offset - text.rfind("\n", 0, offset) - 1
