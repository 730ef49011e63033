"""JSON text → documents, by the standard library, or None when the full parser has to look.

JSON is YAML too, so whatever is unusual (not JSON after all, duplicate keys, too deep, numbers too long) is left to the
full parser, which reports the place or reads it.
"""

from __future__ import annotations

from krm_fn.core.errors import InputError
from krm_fn.core.wire import limits
from krm_fn.core.wire.scalars import integer, number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_SPACE = " \t\r\n"


def load(text: str, name: str) -> list[Any] | None:
    """The JSON documents of a text that starts with one, white space between them; None when it isn't plain JSON."""
    # Every value and key stands beside one of these, at least. Strings hold them too: then the full parser counts.
    if sum(map(text.count, ",:[{")) >= limits.MAX_NODES:
        return None
    import json  # 14 ms that YAML input doesn't cost

    def constant(word: str) -> None:
        raise InputError(f'{name or "input"}: {word} is no JSON value; write a number, or "{word}" if text is meant')

    decoder = json.JSONDecoder(
        object_pairs_hook=_unique, parse_int=integer, parse_float=number, parse_constant=constant
    )
    documents: list[Any] = []
    rest, end = text.lstrip(_SPACE), 0
    try:
        while end < len(rest):
            document, end = decoder.raw_decode(rest, end)
            documents.append(document)
            while end < len(rest) and rest[end] in _SPACE:
                end += 1
        _check(documents, surrogates="\\u" in text)
    except (ValueError, RecursionError):
        return None
    return documents


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    mapping = dict(pairs)
    if len(mapping) != len(pairs):
        raise ValueError("duplicate key")
    return mapping


def _check(documents: list[Any], *, surrogates: bool) -> None:
    """Raise ValueError for documents that are too deep, or hold half a surrogate pair (UnicodeEncodeError is one)."""
    level: list[Any] = [documents]
    for _ in range(limits.MAX_DEPTH + 1):
        below: list[Any] = []
        for container in level:
            values = container.values() if isinstance(container, dict) else container
            if surrogates:
                "".join([item for item in (*container, *values) if isinstance(item, str)]).encode()
            below.extend([item for item in values if isinstance(item, (dict, list))])
        if not below:
            return
        level = below
    raise ValueError("too deep")
