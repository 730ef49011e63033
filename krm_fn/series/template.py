"""Templates in series definitions: Jinja2 expressions, but without Jinja2 where a template only names variables.

Importing Jinja2 costs more than everything else that a generator does, and nearly all templates say no more than
`{{ series }}.{{ size }}`. Those are filled in here, with the same result; the others go to `series.sandbox`.
"""

from __future__ import annotations

import re

from krm_fn.series.variables import TemplateError, check_names, unset

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from typing import Any

    Variables = Mapping[str, Any]
    Render = Callable[[Variables], Any]

MAX_SOURCE = 4096
"""Characters in one template. Together with the limits in `series.sandbox` this bounds what rendering one can cost."""

_SUBSTITUTION = re.compile(r"\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}", re.ASCII)
_MARKS = ("{{", "{%", "{#")
_WORDS_OF_JINJA = frozenset(
    ("true", "false", "none", "True", "False", "None", "not", "and", "or", "in", "is", "if", "else")
)


class Template:
    """A compiled template: `render(variables)` gives its value, `path` is the field it stands in.

    is_plain: it only names variables, so that Jinja2 is not needed for it.
    """

    __slots__ = ("is_plain", "path", "render", "source")

    def __init__(self, source: str, path: str, render: Render, *, is_plain: bool = True) -> None:
        self.source = source
        self.is_plain = is_plain
        self.path = path
        self.render = render


def is_template(text: str) -> bool:
    """Whether a string has anything in it for a template engine to do."""
    return "{" in text and any(mark in text for mark in _MARKS)


def compile_template(source: str, path: str, names: Collection[str]) -> Template:
    """The compiled template; raises TemplateError for a mistake in it and for a name that is not among `names`."""
    if len(source) > MAX_SOURCE:
        raise TemplateError(f"a template of {len(source)} characters is too long: write at most {MAX_SOURCE}")
    parts = _parts(source)
    if parts is None or not _WORDS_OF_JINJA.isdisjoint(parts[1::2]):
        from krm_fn.series import sandbox  # Jinja2 costs 70 ms: only for templates that need it

        return Template(source, path, sandbox.compile_source(source, names), is_plain=False)
    check_names(parts[1::2], names)
    is_lone = len(parts[1::2]) == 1 and not any(parts[::2])
    return Template(source, path, _lone(parts[1]) if is_lone else _text(parts))


def _parts(source: str) -> list[str] | None:
    """Text and variable names by turns, when the template holds nothing else; None when Jinja2 has to read it."""
    parts = _SUBSTITUTION.split(source)
    if "\r" in source:
        return None  # Jinja2 rewrites line ends
    for literal in parts[::2]:
        if "{" in literal and any(mark in literal for mark in _MARKS):
            return None
    return None if any(literal.endswith("{") for literal in parts[:-1:2]) else parts


def _lone(name: str) -> Render:
    def render(variables: Variables) -> Any:
        if name not in variables:
            raise unset(name)
        return variables[name]

    return render


def _text(parts: list[str]) -> Render:
    def render(variables: Variables) -> str:
        out = []
        for index, part in enumerate(parts):
            if index % 2 and part not in variables:
                raise unset(part)
            out.append(str(variables[part]) if index % 2 else part)
        return "".join(out)

    return render
