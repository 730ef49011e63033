"""What one call may cost, whatever its input: one budget that templates, lookups, globs, aliases and messages draw on.

Amounts are counted and not timed, so that the same input has the same answer on every machine. A call that has spent one
of them is refused with its name; the command line can raise it, a function can't, since its input comes with a pull request.
"""

from __future__ import annotations

from krm_fn.core.errors import InputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_MEBI = 1024 * 1024
_UNFOLDING = 8
"""Characters that may be written for each byte that is read, besides the fixed amount."""

LIMITS = {
    "objects": (50_000, "objects made by series and catalogs"),
    "machines": (50_000, "VirtualMachines rendered"),
    "characters": (64 * _MEBI, "characters made by templates, aliases and revision data"),
    "templates": (40_000_000, "steps of template expressions"),
    "globs": (100_000_000, "characters compared with globs"),
    "lookups": (20_000_000, "objects of one name looked at"),
}
"""Name → (how much, of what). 50,000 machines take some fifteen seconds, each of the others some five."""

SIMILAR = 300_000
"""Names compared by similarity for the hints in messages. Beyond it there are no more hints, and no error."""

_granted: dict[str, int] = {}
_left: dict[str, int] = {}
_hints = {"left": SIMILAR}


class BudgetError(InputError):
    """The input asks for more work than one call does."""


def start(raised: Mapping[str, int] | None = None) -> None:
    """Begin a call with a whole budget. raised: limit → its amount in place of the usual one."""
    _granted.clear()
    _granted.update({name: amount for name, (amount, _) in LIMITS.items()} | dict(raised or {}))
    _left.clear()
    _left.update(_granted)
    _hints["left"] = SIMILAR


def read(size: int) -> None:
    """Note that so many bytes of input were read: larger input may have a larger answer."""
    _granted["characters"] += size * _UNFOLDING
    _left["characters"] += size * _UNFOLDING


def spend(name: str, amount: int) -> None:
    """Take from one of the LIMITS; raises BudgetError when it is used up."""
    _left[name] -= amount
    if _left[name] < 0:
        raise BudgetError(
            f"this asks for more than {_granted[name]} {LIMITS[name][1]} in one call: make it smaller, split it up, or, on the command line, "
            f"raise it with --budget {name}=N"
        )


def may_compare(count: int) -> bool:
    """Whether so many names may still be compared by similarity, for a hint; they count as compared then."""
    _hints["left"] -= count
    return _hints["left"] >= 0


start()
