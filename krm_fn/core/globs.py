"""Names against many globs, in bounded work: each glob is compiled once, and what has no wildcard is looked up."""

from __future__ import annotations

from functools import lru_cache

from krm_fn.core import budget

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_WILD = "*?["
_OVERHEAD = 16
"""Characters that the call of one pattern is worth."""

_COMPILING = 5000
"""What making it is worth."""


@lru_cache(maxsize=8)
def any_of(patterns: tuple[str, ...]) -> Callable[[str], bool]:
    """Whether a name fits one of the globs, whatever its case means to the file system."""
    plain = frozenset(pattern for pattern in patterns if not any(mark in pattern for mark in _WILD))
    wild = [compiled(pattern) for pattern in dict.fromkeys(patterns) if pattern not in plain]

    def fits(name: str) -> bool:
        if name in plain:
            return True
        if wild:
            budget.spend("globs", len(wild) * (len(name) + _OVERHEAD))
        return any(fit(name) for fit in wild)

    return fits


def compiled(pattern: str) -> Callable[[str], object]:
    """The match of one glob, anchored at both ends."""
    import re
    from fnmatch import translate

    budget.spend("globs", _COMPILING)
    return re.compile(translate(pattern)).match
