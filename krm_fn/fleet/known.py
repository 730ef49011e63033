"""Manifests that were read in an earlier run: their heads, and the rest when somebody asks for it."""

from __future__ import annotations

import pickle

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_fn.core.manifest import Manifest


class Known(dict[str, "Any"]):
    """The head of a VirtualMachine that was read in an earlier run: apiVersion, kind, metadata, matchers."""

    __slots__ = ("piece", "place")

    def __init__(self, head: Manifest, piece: Piece, place: int) -> None:
        super().__init__(head)
        self.piece = piece
        self.place = place

    def whole(self) -> Manifest:
        """All of the machine, with the metadata that this one has by now."""
        found: Manifest = {**self.piece.documents()[self.place], "metadata": self["metadata"]}
        return found


class Piece:
    """Some documents of an input: their digest, and what they hold."""

    __slots__ = ("_documents", "_held", "digest")

    def __init__(self, digest: bytes, held: bytes, documents: list[Any] | None) -> None:
        self.digest = digest
        self._held = held
        self._documents = documents

    def documents(self) -> list[Any]:
        """The documents in full."""
        if self._documents is None:
            self._documents = pickle.loads(self._held)  # noqa: S301 - from a file that only its owner writes
        return self._documents
