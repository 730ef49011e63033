"""The wire format: bytes → plain documents → block YAML or JSON. The only part that knows what parses and writes them.

Reading is bounded (`limits`) and means what go-yaml means (`scalars`). Every document is a tree of dict (str
keys), list, str, bool, int, `Float` and None, in which no container appears twice. Numbers remember their spelling.
"""

from __future__ import annotations

from krm_fn.core.wire import block
from krm_fn.core.wire.decode import decode
from krm_fn.core.wire.json_write import canonical_json, write_json
from krm_fn.core.wire.scalars import Float
from krm_fn.core.wire.yaml_write import write_yaml

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_fn.core.wire.positions import Document

__all__ = ["Float", "canonical_json", "read", "read_documents", "write_json", "write_yaml"]


def read(data: bytes, name: str = "") -> list[Any]:
    """Every YAML or JSON document of the input; empty ones are left out, an explicit `null` is None.

    Raises InputError, with `name`, line and column, for what is no YAML, not bounded, or doubtful: duplicate keys, keys
    that aren't scalars, numbers without a JSON form.
    """
    return _parse(decode(data, name), name)


def read_documents(data: bytes, name: str = "") -> list[Document]:
    """The documents as `read` gives them, each with the lines of its fields: `document.line("spec.running")`."""
    from krm_fn.core.wire.positions import Document, Source

    text = decode(data, name)
    source = Source(text, name)
    return [Document(value, index, source) for index, value in enumerate(_parse(text, name))]


def _parse(text: str, name: str) -> list[Any]:
    if text[:1000].lstrip()[:1] in ("{", "["):
        from krm_fn.core.wire import json_read

        documents = json_read.load(text, name)
        if documents is not None:
            return documents
    documents = block.load(text)
    if documents is not None:
        return documents
    from krm_fn.core.wire import events

    return events.load(text, name)
