"""Manifests with the places they came from: file, number in the file, and the line of each field."""

from __future__ import annotations

import sys

from krm_fn.commands import files
from krm_fn.commands.documents import read_bytes
from krm_fn.core import wire
from krm_fn.core.errors import InputError
from krm_fn.core.fieldpath import join
from krm_fn.core.manifest import file_of, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from krm_fn.core.manifest import Manifest
    from krm_fn.core.wire.positions import Document

_TOOLS = ("kustomize.config.k8s.io/", "kpt.dev/")
"""apiVersions of files that configure another tool: no manifests."""


class Sources:
    """The manifests of some inputs, unchanged, in their order. `items` holds them.

    skip_other: leave out documents that are no manifests also in files that were named, which is an InputError else.

    A manifest that an orchestrator annotated with its file is from there, as in the output of a pipeline on stdin.
    """

    __slots__ = ("_documents", "_from", "items")

    def __init__(self, inputs: Iterable[str], *, skip_other: bool = False) -> None:
        self.items: list[Manifest] = []
        self._from: dict[int, tuple[str, int, int, str]] = {}
        self._documents: dict[str, list[Document]] = {}
        for path, given in files.paths(list(inputs)):
            self._read(path, strict=given and not skip_other)

    def _read(self, path: str, *, strict: bool) -> None:
        ((name, data),) = read_bytes([path])
        documents = self._documents[name] = wire.read_documents(data, name)
        values = [document.value for document in documents]
        for index, (document, below, item) in enumerate(files.flattened(values)):
            if not isinstance(item, dict) or not isinstance(item.get("kind"), str):
                if strict:
                    raise InputError(f"{name}: document {index + 1} is not a manifest: it has no kind")
                sys.stderr.write(f"note: {name}: document {index + 1} is not a manifest and is left out\n")
            elif not text(item, "apiVersion").startswith(_TOOLS):
                self.items.append(item)
                self._from[id(item)] = (name, index, document, below)

    def file(self, item: Manifest | None) -> tuple[str, int]:
        """The file of a manifest and its index in it; ("", 0) for none."""
        if item is None or id(item) not in self._from:
            return "", 0
        return file_of(item) if file_of(item)[0] else self._from[id(item)][:2]

    def line(self, item: Manifest | None, path: str) -> int:
        """The line of a field, or of what is nearest above it; 0 when that is not known."""
        if item is None or id(item) not in self._from or file_of(item)[0]:
            return 0
        name, _, document, below = self._from[id(item)]
        return self._documents[name][document].line(join(below, path))
