"""The families that flavors belong to: their series, their sizes in it, and the template that gives their names again."""

from __future__ import annotations

import re
from itertools import takewhile

from krm_fn.core.naming import natural

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from krm_fn.importers.flavor import Flavor

    Parts = tuple[str, str, str]

SERIES, SIZE = "{{ series }}", "{{ size }}"
DEFAULT_TEMPLATE = f"{SERIES}.{SIZE}"
ALL_IN_ONE = "flavors"
"""The series of names that say no family, such as `4c-8gb`."""
_TOKENS = re.compile(r"\d+|[a-z]+|[^a-z0-9]+")


def split(name: str) -> Parts:
    """(series, size, name template) of a name that follows no platform's grammar.

    At the first dot, so that `s3.xlarge.2` is one of s3; else at the first dash before a number (`scs-2v-4`), else at the
    last dash. A name that begins with a number is a size of the series ALL_IN_ONE; one without any separator is a series
    with one size until `gathered` finds its like.
    """
    if name[:1].isdigit():
        return ALL_IN_ONE, name, SIZE
    series, dot, size = name.partition(".")
    if dot and series and size:
        return series, size, DEFAULT_TEMPLATE
    found = re.fullmatch(r"(?P<series>.+?)-(?P<size>\d.*)", name) or re.fullmatch(r"(?P<series>.+)-(?P<size>.+)", name)
    return (found["series"], found["size"], f"{SERIES}-{SIZE}") if found else (name, "default", SERIES)


def by_pattern(pattern: re.Pattern[str], name: str) -> Parts | None:
    """The parts of a name by the user's own pattern, which has the groups `series` and `size`; None when it does not match."""
    match = pattern.search(name)
    if match is None or not match["series"] or not match["size"]:
        return None
    (start, end), spot = match.span("size"), match.span("series")
    template = f"{name[:start]}{SIZE}{name[end:]}"
    if spot[1] <= start:
        template = f"{name[: spot[0]]}{SERIES}{name[spot[1] : start]}{SIZE}{name[end:]}"
    return match["series"], match["size"], template


def wider(flavor: Flavor) -> str:
    """The family around a flavor's own, or "": without its last part, or without the numbers of a name without parts."""
    if flavor.size != "default":
        return flavor.series.rpartition("-")[0]
    letters = re.match(r"[a-z]+(?=\d)", flavor.series)
    return letters[0] if letters else ALL_IN_ONE


def gathered(flavors: list[Flavor], around: Callable[[Flavor], str] | None = None) -> list[Flavor]:
    """The flavors in families, each with one template for its names (mutated).

    around: the wider family of a flavor, which a family of one size goes into where that then has more; such as `wider`,
    for names that follow no grammar.
    """
    if around:
        _join_singles(flavors, around)
    for family in _by_series(flavors).values():
        _one_template(family)
    return flavors


def _join_singles(flavors: list[Flavor], around: Callable[[Flavor], str]) -> None:
    """Give series of one size to the wider one that then has more than one, in place."""
    members = _by_series(flavors)
    found: dict[str, list[Flavor]] = {}
    for own in members.values():
        if len(own) == 1 and (name := around(own[0])):
            found.setdefault(name, []).append(own[0])
    for name, singles in found.items():
        if len(singles) > 1 or name in members:
            for flavor in singles:
                flavor.series, flavor.pattern = name, ""


def _by_series(flavors: Iterable[Flavor]) -> dict[str, list[Flavor]]:
    found: dict[str, list[Flavor]] = {}
    for flavor in flavors:
        found.setdefault(flavor.series, []).append(flavor)
    return found


def _one_template(family: list[Flavor]) -> None:
    """Agree on one template for a family's names, in place: theirs, or what all of them begin and end with.

    The few whose names are of another build are a family of their own, named by a number behind the dash.
    """
    if len({flavor.pattern for flavor in family}) == 1 and all(_name(flavor) == flavor.slug for flavor in family):
        return
    series = family[0].series
    head, tail = _ends([_TOKENS.findall(flavor.slug) for flavor in family]) if series != ALL_IN_ONE else ("", "")
    sizes = [flavor.slug[len(head) : len(flavor.slug) - len(tail)] for flavor in family]
    if (head or series == ALL_IN_ONE) and all(size[0].isalnum() and size[-1].isalnum() for size in sizes):
        for flavor, size in zip(family, sizes, strict=True):
            flavor.size = size
            flavor.pattern = (head.replace(series, SERIES, 1) if head.startswith(series) else head) + SIZE + tail
        return
    groups: dict[str, list[Flavor]] = {}
    for flavor in sorted(family, key=lambda one: (one.pattern != DEFAULT_TEMPLATE, natural(one.slug))):
        groups.setdefault(flavor.pattern, []).append(flavor)
    for number, group in enumerate(groups.values(), 1):
        for flavor in group if number > 1 else ():
            flavor.pattern = flavor.pattern.replace(SERIES, flavor.series)
            flavor.series = f"{series}-{number}"


def _name(flavor: Flavor) -> str:
    return flavor.pattern.replace(SERIES, flavor.series).replace(SIZE, flavor.size)


def _ends(names: list[list[str]]) -> tuple[str, str]:
    """What all names begin with and what all end with, in whole tokens, with something left between them.

    Behind a separator the end begins with one too: `u-` and `-metal`, not `xlarge`.
    """
    shortest = min(len(name) for name in names) - 1
    head = min(_alike(names), shortest)
    tail = min(_alike([name[head:][::-1] for name in names]), shortest - head)
    first = names[0]
    if not first[head - 1].isalnum():
        while tail and first[len(first) - tail].isalnum():
            tail -= 1
    return "".join(first[:head]), "".join(first[len(first) - tail :])


def _alike(names: list[list[str]]) -> int:
    """How many tokens all names have alike from their beginning."""
    return len([*takewhile(lambda same: len(set(same)) == 1, zip(*names, strict=False))])
