"""Sizes as a picture: vCPUs against memory, both logarithmic, a point for each instancetype."""

from __future__ import annotations

import math
from typing import NamedTuple

from krm_fn.core.quantity import mebibytes_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from krm_fn.choose.entry import Entry

WIDTH, HEIGHT = 900, 360
_LEFT, _RIGHT, _TOP, _BOTTOM = 84, 16, 22, 46
_STEP = 9
"""Between points of one size, which stand side by side."""
_MEBI = 2**20
_TICKS = 14


class Point(NamedTuple):
    """One instancetype and where it stands."""

    entry: Entry
    colour: int
    x: float
    y: float


class Tick(NamedTuple):
    """A line of the grid: where, and what is written at it."""

    at: float
    text: str


class Plot(NamedTuple):
    """A finished picture."""

    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int
    points: list[Point]
    columns: list[Tick]
    rows: list[Tick]


def draw(entries: Sequence[tuple[Entry, int]]) -> Plot | None:
    """Place each instancetype that has both figures; None when there is none. entries: with the number of their colour."""
    sized = [(each, colour) for each, colour in entries if each.vcpus and each.memory_bytes]
    if not sized:
        return None
    across = _Scale([math.log2(each.vcpus or 1) for each, _ in sized], _LEFT + 24, WIDTH - _RIGHT - 24)
    up = _Scale([math.log2((each.memory_bytes or 1) / _MEBI) for each, _ in sized], HEIGHT - _BOTTOM - 20, _TOP + 20)
    groups: dict[tuple[int, int], list[tuple[Entry, int]]] = {}
    for each, colour in sized:
        groups.setdefault((each.vcpus or 0, each.memory_bytes or 0), []).append((each, colour))
    points = []
    for (vcpus, memory), held in groups.items():
        start = across(math.log2(vcpus)) - _STEP * (min(len(held), 5) - 1) / 2
        for place, (each, colour) in enumerate(held):
            row, column = divmod(place, 5)
            points.append(
                Point(
                    each,
                    colour,
                    round(start + column * _STEP, 1),
                    round(up(math.log2(memory / _MEBI)) + row * _STEP, 1),
                )
            )
    columns = [Tick(round(across(power), 1), str(2**power)) for power in across.ticks()]
    rows = [Tick(round(up(power), 1), _size(power)) for power in up.ticks()]
    return Plot(WIDTH, HEIGHT, _LEFT, WIDTH - _RIGHT, _TOP, HEIGHT - _BOTTOM, points, columns, rows)


def _size(power: int) -> str:
    return mebibytes_text(2**power) if power >= 0 else f"{2 ** (power + 10)}Ki"


class _Scale:
    """From logarithms to places, whole powers of two at the ends."""

    def __init__(self, values: Sequence[float], start: float, end: float) -> None:
        self.low = math.floor(min(values))
        self.high = max(math.ceil(max(values)), self.low + 1)
        self.start = start
        self.end = end

    def __call__(self, value: float) -> float:
        return self.start + (self.end - self.start) * (value - self.low) / (self.high - self.low)

    def ticks(self) -> range:
        return range(self.low, self.high + 1, max(1, math.ceil((self.high - self.low) / _TICKS)))
