"""The block sizes that a disk shows to the guest."""

from __future__ import annotations

from krm_fn.core.manifest import mapping
from krm_fn.kubevirt.defaulted import whole_number
from krm_fn.validate.admission.buses import DISK_SOURCE, DISKS, bus_of, default_bus
from krm_fn.validate.admission.machine import enabled, has
from krm_fn.validate.admission.rule import PREFERENCE, START, Rule, when

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from krm_fn.validate.admission.machine import Machine
    from krm_fn.validate.admission.rule import Check, Found

_LEAST, _MOST = 512, 2 * 2**20
_SIZE = f"{DISKS}[%d].blockSize"
_LOGICAL = f"{_SIZE}.custom.logical"
_SOURCE = f"{DISK_SOURCE}: validateBlockSize"
_RANGE_SOURCE = f"{DISK_SOURCE}: validateCustomBlockSize"


class _Sizes:
    """The custom sizes of a disk, and the first of KubeVirt's questions that they answer wrongly."""

    __slots__ = ("discard", "logical", "physical")

    def __init__(self, disk: Any) -> None:
        custom = mapping(disk, "blockSize", "custom")
        self.logical = whole_number(custom, "logical") or 0
        self.physical = whole_number(custom, "physical") or 0
        self.discard = whole_number(custom, "discardGranularity")

    def failing(self, bus: str) -> str:
        """One of "order", "sata" and "discard"; "" when it comes down to the range of the sizes."""
        if self.logical > self.physical:
            return "order"
        if bus == "sata" and self.logical != _LEAST:
            return "sata"
        if self.discard is not None and self.logical != 0 and self.discard % self.logical != 0:
            return "discard"
        return ""


def _is_custom(disk: Any) -> bool:
    size = mapping(disk, "blockSize")
    return has(size, "custom") and not enabled(size, "matchVolume")


def _asked(question: str) -> Check:
    def check(_machine: Machine, disk: Any, _index: Any) -> Iterable[Found]:
        if not _is_custom(disk):
            return ()
        sizes = _Sizes(disk)
        return (
            ((None, sizes.discard if question == "discard" else sizes.logical),)
            if sizes.failing(bus_of(disk)) == question
            else ()
        )

    return check


def _default_sata(machine: Machine, disk: Any, _index: Any) -> Iterable[Found]:
    if not _is_custom(disk) or bus_of(disk) or default_bus(machine) != "sata":
        return ()
    sizes = _Sizes(disk)
    return ((None, sizes.logical),) if sizes.failing("sata") == "sata" else ()


def _ranged(wrong: Callable[[int], bool]) -> Check:
    def check(_machine: Machine, disk: Any, index: Any) -> Iterable[Found]:
        if not _is_custom(disk):
            return ()
        sizes = _Sizes(disk)
        if sizes.failing(bus_of(disk)):
            return ()
        pairs = (("logical", sizes.logical), ("physical", sizes.physical))
        return [(f"{DISKS}[{index}].blockSize.custom.{key}", size) for key, size in pairs if wrong(size)]

    return check


def _rule(
    name: str, field: str, check: Check, message: str, explanation: str, source: str = _SOURCE, **more: Any
) -> Rule:
    return Rule(f"block-size-{name}", "disk", "blockSize", field, check, message, explanation, source, **more)


RULES = (
    _rule(
        "custom-and-match",
        _SIZE,
        when(
            lambda _machine, disk: (
                has(mapping(disk, "blockSize"), "custom") and enabled(disk["blockSize"], "matchVolume")
            )
        ),
        "blockSize has custom sizes and matchVolume: keep one of them, or write matchVolume: {{enabled: false}}",
        "Block sizes are either given or taken from the volume. matchVolume counts as on unless it says enabled:"
        " false.",
    ),
    _rule(
        "order",
        _LOGICAL,
        _asked("order"),
        "the logical block size {current} is larger than the physical one: write a physical size of at least as much",
        "A physical block holds one or more logical ones.",
    ),
    _rule(
        "sata",
        _LOGICAL,
        _asked("sata"),
        "on the sata bus the logical block size must be 512, not {current}: write 512 or bus: virtio",
        "Emulated sata controllers know logical blocks of 512 bytes only.",
    ),
    _rule(
        "sata-by-default",
        _LOGICAL,
        _default_sata,
        "the disk names no bus and gets sata, where the logical block size must be 512, not {current}: write bus:"
        " virtio",
        "A disk without a bus is put on sata when the machine starts, and sata knows logical blocks of 512 bytes only.",
        f"{_SOURCE}, after pkg/defaults",
        stage=START,
        cured_by=(PREFERENCE,),
    ),
    _rule(
        "discard-granularity",
        f"{_SIZE}.custom.discardGranularity",
        _asked("discard"),
        "discardGranularity {current} is not a multiple of the logical block size: write a multiple",
        "Blocks are discarded whole.",
        since="1.7",
    ),
    _rule(
        "small",
        f"{_SIZE}.custom.logical or .physical",
        _ranged(lambda size: size < _LEAST),
        f"block size {{current}} is less than {_LEAST}: write a power of two from {_LEAST} to {_MOST}",
        f"Blocks have at least {_LEAST} bytes; a size that is left out counts as 0.",
        _RANGE_SOURCE,
    ),
    _rule(
        "large",
        f"{_SIZE}.custom.logical or .physical",
        _ranged(lambda size: size > _MOST),
        f"block size {{current}} is more than {_MOST}: write a power of two from {_LEAST} to {_MOST}",
        f"Blocks have at most {_MOST} bytes.",
        _RANGE_SOURCE,
    ),
    _rule(
        "power",
        f"{_SIZE}.custom.logical or .physical",
        _ranged(lambda size: _LEAST <= size <= _MOST and size & (size - 1) != 0),
        f"block size {{current}} is not a power of two: write a power of two from {_LEAST} to {_MOST}",
        "The size of a block is a power of two.",
        _RANGE_SOURCE,
    ),
)
