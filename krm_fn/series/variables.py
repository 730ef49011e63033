"""The names that a template may use, and what is said of others: the same with Jinja2 and without it."""

from __future__ import annotations

from krm_fn.core.suggest import did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection


class TemplateError(ValueError):
    """A template that can't be compiled or rendered; its text is the message for the user."""


def check_names(used: Collection[str], names: Collection[str]) -> None:
    """Raise TemplateError for the first name that no template here can use."""
    for name in used:
        if name not in names:
            hint = did_you_mean(name, names) or f"; write one of {', '.join(sorted(names))}"
            raise TemplateError(f'"{name}" is not a variable of this template{hint}')


def unset(name: str) -> TemplateError:
    """The error for a variable that exists but has no value in this series."""
    return TemplateError(f'"{name}" has no value here: set it in the series, or use {name} | default("...")')
