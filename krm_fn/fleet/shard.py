"""One part of several of a fleet: `--shard 2/5` renders or validates the second fifth, the same fifth everywhere.

Everything is read and looked into; only the part is worked on. Parts are cut by the order of the manifests. A
ControllerRevision that was made for a VirtualMachine goes with it.
"""

from __future__ import annotations

import os

from krm_fn.core.errors import InputError
from krm_fn.core.finding import Finding
from krm_fn.core.manifest import annotation, text
from krm_fn.functions.generated import ORIGIN, identity, origin_of
from krm_fn.kubevirt.api import is_virtual_machine
from krm_fn.series.objects import DUPLICATE_NAME

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_fn.core.manifest import Manifest


INDEX = "JOB_COMPLETION_INDEX"
"""What Kubernetes tells a pod of an Indexed Job."""


class Shard:
    """The part `number` of `count`, counted from 1."""

    __slots__ = ("count", "number")

    def __init__(self, number: int, count: int) -> None:
        self.number = number
        self.count = count

    def part(self, items: list[Manifest]) -> tuple[list[Manifest], list[Finding]]:
        """The items of this part, and those of them whose kind and name another part has as well."""
        places = [index * self.count // len(items) + 1 for index in range(len(items))]
        machines = {
            origin_of(item): place for item, place in zip(items, places, strict=True) if is_virtual_machine(item)
        }
        first: dict[tuple[Any, ...], int] = {}
        own: list[Manifest] = []
        found: list[Finding] = []
        for item, by_order in zip(items, places, strict=True):
            place = machines.get(annotation(item, ORIGIN), by_order)
            before = first.setdefault((text(item, "apiVersion").partition("/")[0], *identity(item)), place)
            if place == self.number:
                own.append(item)
            if before != place and self.number in (before, place):
                message = f"is in the shards {before} and {place} of {self.count}: rename or remove one"
                found.append(Finding(DUPLICATE_NAME, message, item, "metadata.name"))
        return own, found


def parse(given: str) -> Shard | None:
    """`2/5`; `/5` in a pod of an Indexed Job, which counts from 0; None for nothing. Raises InputError."""
    if not given:
        return None
    number, slash, count = given.partition("/")
    index = os.environ.get(INDEX, "")
    if not number and index.isdecimal():
        number = str(int(index) + 1)
    if slash and number.isdecimal() and count.isdecimal() and 1 <= int(number) <= int(count) <= 10_000:
        return Shard(int(number), int(count))
    raise InputError(f"--shard {given}: write the number of the part and how many there are, such as 2/5")
