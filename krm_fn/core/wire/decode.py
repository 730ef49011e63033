"""Bytes → text: UTF-8, or UTF-16 with a byte order mark as some Windows tools write it."""

from __future__ import annotations

import codecs

from krm_fn.core import budget
from krm_fn.core.errors import InputError
from krm_fn.core.wire.errors import refusal
from krm_fn.core.wire.limits import MAX_BYTES

_UTF32 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_SAMPLE = 4096


def decode(data: bytes, name: str) -> str:
    """The input as text, without its byte order mark; InputError when it is too large or no text."""
    if len(data) > MAX_BYTES:
        raise InputError(
            f"{name or 'input'}: {len(data)} bytes are more than the {MAX_BYTES} that are read; split the input"
        )
    budget.read(len(data))
    encoding = "utf-16" if data.startswith(_UTF16) and not data.startswith(_UTF32) else "utf-8"
    try:
        text = str(data, encoding)
    except UnicodeDecodeError as error:
        before = data[: error.start]
        column = error.start - before.rfind(b"\n") - 1
        kind = "not text but binary data" if b"\0" in data[:_SAMPLE] else f"not valid {encoding.upper()}"
        raise refusal(name, before.count(b"\n"), column, f"{kind}; save the file as UTF-8 text") from None
    return text.removeprefix("\ufeff")
