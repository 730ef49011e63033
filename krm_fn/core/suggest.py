"""The nearest right name for a wrong one."""

from __future__ import annotations

from krm_fn.core import budget

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_LIMIT = 2000


def nearest(name: str, candidates: Iterable[str], count: int = 1) -> list[str]:
    """Up to `count` candidates that look like `name`, best first; an exact match but for case comes first.

    Bounded: very long names and very many candidates are not compared by similarity.
    """
    names = sorted(set(candidates))
    folded = name.casefold()
    same = [candidate for candidate in names if candidate.casefold() == folded]
    if same or len(name) > 100 or len(names) > _LIMIT or not budget.may_compare(len(names)):
        return same[:count]
    from difflib import get_close_matches  # imported on this path only: it costs several milliseconds

    by_fold = {candidate.casefold(): candidate for candidate in names}
    return [by_fold[match] for match in get_close_matches(folded, by_fold, n=count, cutoff=0.6)]


def did_you_mean(name: str, candidates: Iterable[str]) -> str:
    """`; did you mean "x"?` or the empty string."""
    found = nearest(name, candidates)
    return f'; did you mean "{found[0]}"?' if found else ""
