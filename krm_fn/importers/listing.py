"""From files to records: JSON or YAML, paged, several documents in one file, several files.

Clouds' tools print one JSON document a call; people concatenate them. Nothing here knows a cloud: a source's `rows`
says which documents are its own.
"""

from __future__ import annotations

import json

from krm_fn.core.errors import InputError
from krm_fn.core.wire import read as read_yaml
from krm_fn.importers.loss import IGNORED, LOST, UNKNOWN, Entry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from krm_fn.core.manifest import Manifest

    Rows = Callable[[Any], "list[Any] | None"]

_DECODER = json.JSONDecoder()
_BLANK = " \t\r\n,"


def documents(data: bytes, name: str) -> list[Any]:
    """All documents of a file. InputError when it is cut off, empty, or neither JSON nor YAML."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{name}: not UTF-8 at byte {error.start}; save the listing as UTF-8 JSON") from None
    if not text.strip():
        raise InputError(f"{name}: the file is empty; save the listing as JSON")
    found = _json(text, name) if text.lstrip()[0] in "[{" else read_yaml(data, name)
    if not any(isinstance(document, (dict, list)) for document in found):
        raise InputError(
            f"{name}: this is no listing but text; print it as JSON (--output json, --format=json, -f json)"
        )
    return found


def _json(text: str, name: str) -> list[Any]:
    found: list[Any] = []
    position = 0
    while True:
        while position < len(text) and text[position] in _BLANK:
            position += 1
        if position == len(text):
            return found
        try:
            value, position = _DECODER.raw_decode(text, position)
        except RecursionError:
            raise InputError(f"{name}: nested too deep for a listing") from None
        except ValueError as error:
            at = getattr(error, "pos", position)
            line, column = text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
            cut = "; the file ends too early, is it cut off?" if not text[at:].strip() else ""
            reason = getattr(error, "msg", "a number has too many digits")
            raise InputError(f"{name}:{line}:{column}: not JSON: {reason}{cut}") from None
        found.append(value)


class ForeignListingError(InputError):
    """A document that is no listing of the source it was given to; `document` may be another one's."""

    def __init__(self, message: str, document: Any) -> None:
        super().__init__(message)
        self.document = document


def records(files: Iterable[tuple[str, bytes]], rows: Rows, command: str) -> tuple[list[Manifest], list[Entry]]:
    """The records of all files in their order, and what became of the keys around them.

    files: (name, content). rows: the source's own reading of a document. command: what prints such a listing.
    """
    found: list[Manifest] = []
    entries: list[Entry] = []
    last: Entry | None = None
    for name, data in files:
        for document in documents(data, name):
            own = rows(document)
            if own is None:
                raise ForeignListingError(f"{name}: not the output of {command}", document)
            broken = next((number for number, row in enumerate(own) if not isinstance(row, dict)), None)
            if broken is not None:
                raise InputError(f"{name}: entry {broken} of the listing is no object; is it the output of {command}?")
            found += own
            around = _envelope(name, document, own)
            last = next((entry for entry in around if entry.key.casefold() in _MORE and entry.value), None)
            entries += around
    if last is not None:
        last.disposition, last.detail = (
            LOST,
            "more pages follow that are not in the input; import them together with these",
        )
    if not found:
        raise InputError(f"the listing has no entries; is it the whole output of {command}?")
    return found, entries


_MORE = ("nexttoken", "nextpagetoken", "nextlink", "next", "flavors_links", "images_links")
_ABOUT_THE_ANSWER = frozenset((
    *_MORE, "kind", "id", "selflink", "responsemetadata", "count", "warning", "unreachables", "unreachable", "etag",
    "first", "schema",
))  # fmt: skip
"""Keys around the rows in the answers of the platforms' APIs."""
_ROWS = frozenset(("items", "value", "instancetypes", "flavors", "flavor", "images"))


def _envelope(name: str, document: Any, rows: list[Any]) -> list[Entry]:
    if not isinstance(document, dict) or any(document is row for row in rows):
        return []
    around = [(key, value) for key, value in document.items() if key.casefold() not in _ROWS]
    return [Entry(name, key, value, *_envelope_fate(key)) for key, value in around]


def _envelope_fate(key: str) -> tuple[str, str]:
    if key.casefold() in _ABOUT_THE_ANSWER:
        return IGNORED, "about the answer, not its rows"
    return UNKNOWN, "no rule for this key"


def rows_with(document: Any, *keys: str, within: str = "") -> list[Any] | None:
    """The rows of a document when they are objects with all the named keys in any case, else None.

    A document is a list of them, one of them, or an answer that holds a list under `within`.
    """
    wanted = {key.casefold() for key in keys}
    rows = document.get(within) if within and isinstance(document, dict) and within in document else document
    if isinstance(rows, dict) and wanted <= {str(key).casefold() for key in rows}:
        return [rows]
    if not isinstance(rows, list):
        return None
    first = next((row for row in rows if isinstance(row, dict)), None)
    if first is None:
        return rows if not rows else None
    return rows if wanted <= {str(key).casefold() for key in first} else None


def folded(record: Manifest) -> Manifest:
    """A record with its first level of keys in lower case: tools have changed their spelling over time."""
    return {str(key).casefold(): value for key, value in record.items()}
