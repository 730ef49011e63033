"""Which entries somebody asks for: one row for each condition, with ranges for numbers and sizes."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from krm_fn.choose.entry import INSTANCETYPE, PREFERENCE
from krm_fn.core import quantity
from krm_fn.core.errors import InputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from krm_fn.choose.entry import Entry

ANY, NONE = "any", "none"
"""What can be asked of a device or huge pages beside a name or a size."""
_YES = {"yes": True, "true": True, ANY: True, "no": False, "false": False, NONE: False}
_FIRST = "names of objects go before the filters"


class Filter(NamedTuple):
    """One condition. `make(value)` gives the test of an entry; InputError says what a wrong value should be."""

    metavar: str
    help: str
    make: Callable[[str], Callable[[Entry], bool]]
    bare: str = ""
    """What the option means without a value; "" when it needs one."""


def number_range(value: str, option: str = "--cpu") -> tuple[int, int | None]:
    """`4`, `2..8`, `2..` or `..8` as the least and the most, None without a limit. Raises InputError."""
    return _range(value, option, int, "a number")


def size_range(value: str, option: str = "--memory") -> tuple[int, int | None]:
    """`8Gi`, `4Gi..32Gi`, `4Gi..` or `..32Gi` in bytes, None without a limit. Raises InputError."""
    return _range(value, option, size, "a size")


def size(value: str) -> int:
    """A quantity in bytes. Raises ValueError."""
    if not quantity.is_quantity(value):
        raise ValueError(value)
    return quantity.ceil(value)


def _range(value: str, option: str, read: Callable[[str], int], what: str) -> tuple[int, int | None]:
    low, dots, high = value.partition("..")
    try:
        least = read(low) if low else 0
        most = (read(high) if high else None) if dots else least
    except ValueError:
        least, most = 1, 0
    if not (low or high) or least < 0 or (most is not None and most < least):
        raise InputError(f"{option} {value}: write {what} or a range of them, such as {_EXAMPLES[option]}")
    return least, most


_EXAMPLES = {"--cpu": "4, 2..8 or 4..", "--gpu": "1, 2..4 or 2..", "--memory": "16Gi, 8Gi..32Gi or ..64Gi"}


def _within(figure: int | None, limits: tuple[int, int | None]) -> bool:
    least, most = limits
    return figure is not None and figure >= least and (most is None or figure <= most)


def _cpu(value: str) -> Callable[[Entry], bool]:
    limits = number_range(value)
    return lambda entry: _within(entry.vcpus, limits)


def _memory(value: str) -> Callable[[Entry], bool]:
    limits = size_range(value)
    return lambda entry: _within(entry.memory_bytes, limits)


def _kind(value: str) -> Callable[[Entry], bool]:
    if value not in (INSTANCETYPE, PREFERENCE):
        raise InputError(f"--kind {value}: write {INSTANCETYPE} or {PREFERENCE}")
    return lambda entry: entry.kind == value


def _text(field: str) -> Callable[[str], Callable[[Entry], bool]]:
    return lambda value: lambda entry: fnmatchcase(getattr(entry, field).lower(), value.lower())


def _devices(value: str) -> Callable[[Entry], bool]:
    if value in _YES:
        return lambda entry: bool(entry.gpus) is _YES[value]
    if value.replace("..", "").isdigit():
        limits = number_range(value, "--gpu")
        return lambda entry: _within(len(entry.gpus), limits)
    return lambda entry: any(value.lower() in name.lower() for name in entry.gpus)


def _hugepages(value: str) -> Callable[[Entry], bool]:
    if value in _YES:
        return lambda entry: bool(entry.hugepages) is _YES[value]
    try:
        wanted = size(value)
    except ValueError:
        raise InputError(
            f"--hugepages {value}: write a page size such as 2Mi or 1Gi, {ANY} or {NONE}; {_FIRST}"
        ) from None
    return lambda entry: bool(entry.hugepages) and size(entry.hugepages) == wanted


def _flag(option: str, field: str) -> Callable[[str], Callable[[Entry], bool]]:
    def make(value: str) -> Callable[[Entry], bool]:
        if value not in _YES:
            raise InputError(f"--{option} {value}: write yes or no; {_FIRST}")
        return lambda entry: getattr(entry, field) is _YES[value]

    return make


def _search(value: str) -> Callable[[Entry], bool]:
    words = value.lower().split()

    def found(entry: Entry) -> bool:
        searched = f"{entry.name} {entry.display_name} {entry.description} {entry.type_class} {entry.os_type}"
        searched = f"{searched} {entry.vendor} {' '.join((*entry.gpus, *entry.devices))}".lower()
        return all(word in searched for word in words)

    return found


FILTERS = {
    "kind": Filter("KIND", "instancetype or preference", _kind),
    "class": Filter("CLASS", "a class such as compute.exclusive; a glob", _text("type_class")),
    "cpu": Filter("RANGE", "vCPUs: 4, 2..8, 4..; of a preference those that it requires", _cpu),
    "memory": Filter("RANGE", "memory: 16Gi, 8Gi..32Gi, ..64Gi", _memory),
    "arch": Filter("ARCH", "amd64, arm64 or s390x", _text("architecture")),
    "gpu": Filter("NAME|RANGE", f"with a GPU; with a value, one of that name, so many, {ANY} or {NONE}", _devices, ANY),
    "dedicated": Filter("yes|no", "with CPUs of the node's to itself", _flag("dedicated", "dedicated"), "yes"),
    "hugepages": Filter("SIZE", f"with huge pages; with a value, of that size, {ANY} or {NONE}", _hugepages, ANY),
    "os-type": Filter("TYPE", "a preference's operating system: linux, windows", _text("os_type")),
    "vendor": Filter("VENDOR", "whose it is; a glob", _text("vendor")),
    "deprecated": Filter("yes|no", "deprecated ones, or only others", _flag("deprecated", "deprecated"), "yes"),
    "search": Filter("WORDS", "words in names, display names and descriptions", _search),
}
"""Option → its condition, in the order of the help text."""


def matching(entries: Iterable[Entry], given: dict[str, Any]) -> list[Entry]:
    """The entries that all given conditions hold for. given: option → value; None and "" are no condition."""
    tests = [FILTERS[name].make(value) for name, value in given.items() if value]
    return [entry for entry in entries if all(test(entry) for test in tests)]
