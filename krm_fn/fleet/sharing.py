"""How a command's work is done: by whom (`-j`, `--executor`), how much (`--shard`), what is known already (`--cache`)."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from importlib import import_module

from krm_fn.core import wire
from krm_fn.core.errors import InputError
from krm_fn.fleet import shard
from krm_fn.fleet.known import Known

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator
    from typing import Any

    from krm_fn.core.finding import Finding
    from krm_fn.core.manifest import Manifest
    from krm_fn.core.wire.positions import Document
    from krm_fn.fleet.cache import CheckEach, Render


class Sharing:
    """What a command hands to those who read, render and validate; None leaves it to them.

    parse:       the documents of an input.
    render:      see virtual_machine_renderer.run. check_each: see manifest_validator.validate. part: see both.
    follows:     whether the output is to stand behind that of an earlier shard.
    """

    __slots__ = ("check_each", "follows", "parse", "part", "render")

    def __init__(self) -> None:
        self.parse: Callable[[bytes, str], list[Document]] = wire.read_documents
        self.render: Render | None = None
        self.check_each: CheckEach | None = None
        self.part: Callable[[list[Manifest]], tuple[list[Manifest], list[Finding]]] | None = None
        self.follows = False


@contextmanager
def of(options: argparse.Namespace, *, remember: bool = True) -> Iterator[Sharing]:
    """The sharing that the options of arguments.add_fleet ask for. remember: whether --cache can serve."""
    found = Sharing()
    part = shard.parse(options.shard)
    if part is not None:
        found.part, found.follows = part.part, part.number > 1
    with ExitStack() as stack:
        if options.executor or options.jobs > 1:
            crew = stack.enter_context(_needed("workers", "--executor" if options.executor else "-j").of(options))
            found.parse, found.render, found.check_each = crew.read, crew.render, crew.validate
        if options.cache and remember:
            cache = _needed("cache", "--cache").Cache(options.cache, as_text=options.format == "yaml")
            found.parse = cache.read
            found.render, found.check_each = cache.render(found.render), cache.check_each(found.check_each)
        yield found


def _needed(module: str, option: str) -> Any:
    """A module of this package that takes a part of Python's library which the image goes without."""
    try:
        return import_module(f"krm_fn.fleet.{module}")
    except ModuleNotFoundError as error:
        raise InputError(
            f"{option} needs the module {error.name}, which this Python comes without, as in the image: "
            "share the work with --shard, or use krm-fn from its package"
        ) from None


def whole(items: list[Manifest]) -> list[Manifest]:
    """Items in full, also those that are known from earlier only by their heads."""
    return [item.whole() if isinstance(item, Known) else item for item in items]
