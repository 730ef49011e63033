"""What a source of an import is, whatever it reads."""

from __future__ import annotations

from typing import Protocol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from krm_fn.importers.flavor import Options
    from krm_fn.importers.loss import Entry
    from krm_fn.roundtrip.definition import Definition


class Imported:
    """What an import makes: definitions with their comments, and the fate of every key."""

    __slots__ = ("definitions", "entries")

    def __init__(self, definitions: list[Definition], entries: list[Entry]) -> None:
        self.definitions = definitions
        self.entries = entries


class Source(Protocol):
    """Something whose sizes can be imported."""

    def claims(self, document: Any) -> bool:
        """Whether a document of a file is this source's, to tell a person whose listing a foreign file is."""

    def load(self, files: Iterable[tuple[str, bytes]], options: Options) -> Imported:
        """The definitions that some files' contents make. InputError when a file is cut off or another source's."""
