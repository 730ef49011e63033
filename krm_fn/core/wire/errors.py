"""How an input that can't be read is reported: name, line, column, what is wrong, what to do."""

from __future__ import annotations

from krm_fn.core.errors import InputError
from krm_fn.core.wire import limits


def refusal(name: str, line: int, column: int, message: str) -> InputError:
    """The InputError for a place in the input; `line` and `column` count from 0, as the parser's do."""
    return InputError(f"{name or 'input'}:{line + 1}:{column + 1}: {message}")


def place(text: str, offset: int) -> tuple[int, int]:
    """(line, column), from 0, of an offset in characters."""
    return text.count("\n", 0, offset), offset - text.rfind("\n", 0, offset) - 1


_ADVICE = (
    ("mapping values are not allowed", 'quote text that holds ": ", or indent the line as its neighbours are'),
    ("tab character", "indent with spaces"),
    ("cannot start any token", "indent with spaces, and quote text that starts with @, ` or %"),
    ("unexpected end of stream", "close the quotes"),
    ("unexpected document indicator", "close the quotes"),
    ("could not find expected ':'", "write `key: value`, or quote the text"),
    ("did not find expected key", "indent the line as its neighbours are"),
    ("did not find expected '-' indicator", "indent the line as its neighbours are"),
    ("did not find expected ',' or", "close the bracket, or quote the text"),
    ("expected node content", "close the bracket, or quote the text"),
    ("expected alphabetic or numeric character", "quote text that starts with & or *"),
    ("unknown escape character", "use single quotes, or write \\\\ for a backslash"),
    ("did not find expected <document start>", "put each document behind a line of `---`"),
)


def syntax(problem: str, context: str) -> str:
    """A message for what libyaml found, with what to write instead where that is known."""
    advice = next((f"; {advice}" for part, advice in _ADVICE if part in problem), "")
    return f"not valid YAML: {problem}{context and f' {context}'}{advice}"


def too_deep(how: str = "") -> str:
    """A message for more levels than are read; `how` says what brought them, when it can't be seen at the place."""
    return f"nested deeper than {limits.MAX_DEPTH} levels{how and f' {how}'}; flatten the document"
