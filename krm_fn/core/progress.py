"""A progress bar on stderr for a person who waits at a terminal; nothing at all for anybody else."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import TypeVar

    T = TypeVar("T")

PATIENCE = 2.0
"""Seconds that a person waits before the bar shows."""
_WIDTH = 30
_EVERY = 64
_state: dict[str, float] = {}


def enable() -> None:
    """Show the bar from now on, where stderr is a terminal."""
    if sys.stderr is not None and sys.stderr.isatty():
        from time import monotonic

        _state["since"] = monotonic()


def track(items: Sequence[T], label: str) -> Iterable[T]:
    """The items again; while they are taken the bar shows how many are done. Free of cost unless enabled."""
    return _tracked(items, label) if _state and len(items) > _EVERY else items


def _tracked(items: Sequence[T], label: str) -> Iterator[T]:
    from time import monotonic

    shown = False
    for done, item in enumerate(items):
        if done % _EVERY == 0 and monotonic() - _state["since"] > PATIENCE:
            shown = True
            filled = done * _WIDTH // len(items)
            sys.stderr.write(f"\r{label} [{'#' * filled}{'.' * (_WIDTH - filled)}] {done} of {len(items)}")
            sys.stderr.flush()
        yield item
    if shown:
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()
