"""How a scalar is written so that every reader of YAML 1.1 or 1.2 takes it for what it is.

Strings stay plain where all agree; words and numbers of either version go into double quotes, other text into single
quotes, and what can't be printed into double quotes with escapes: kustomize's own style.
"""

from __future__ import annotations

from krm_fn.core.wire.scalars import NUMBER_STARTS, Float, Integer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_WORDS = frozenset(("", "~", "null", "true", "false", "yes", "no", "on", "off", "y", "n", "=", "<<", "---", "..."))
_INDICATORS = frozenset("-?:,[]{}#&*!|>'\"%@` ")
_NUMERIC = "0123456789+-._:eEtTzZ "
_PREFIXED = "0123456789abcdefABCDEF_"
_NAMES = {None: "null", True: "true", False: "false"}
_DIGITS = frozenset("0123456789_")
_NAMED = {"\0": "\\0", "\a": "\\a", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\v": "\\v", "\f": "\\f", "\r": "\\r"}
_NAMED |= {"\x1b": "\\e", '"': '\\"', "\\": "\\\\", "\x85": "\\N", "\u2028": "\\L", "\u2029": "\\P"}
_WIDTHS = ((0x100, "\\x{:02X}"), (0x10000, "\\u{:04X}"), (0x110000, "\\U{:08X}"))

_CACHE_SIZE = 20_000
_CACHED_LENGTH = 200
_cache: dict[str, str] = {}
known = _cache.get
"""What `string` answered before, for the writer's innermost loop; None when it has to be asked (again)."""


def string(text: str) -> str:
    """A string on one line."""
    written = _cache.get(text)
    if written is None:
        written = _string(text)
        if len(text) <= _CACHED_LENGTH and "\n" not in text:
            if len(_cache) >= _CACHE_SIZE:
                _cache.clear()
            _cache[text] = written
    return written


def _string(text: str) -> str:
    if not text.isprintable():
        return quoted(text)
    if is_ambiguous(text):
        return f'"{text}"'
    if is_plain(text):
        return text
    return "'" + text.replace("'", "''") + "'"


def quoted(text: str) -> str:
    """A string in double quotes, with escapes for all that isn't printable."""
    return '"' + "".join([char if char.isprintable() and char not in '"\\' else _escape(char) for char in text]) + '"'


def _escape(char: str) -> str:
    named = _NAMED.get(char)
    return named or next(form.format(ord(char)) for limit, form in _WIDTHS if ord(char) < limit)


def is_ambiguous(text: str) -> bool:
    """Whether some reader of YAML 1.1 or 1.2 takes the plain text for something other than a string."""
    if text.lower() in _WORDS:
        return True
    if text[0] not in NUMBER_STARTS:
        return False
    unsigned = text.lstrip("+-")
    if unsigned.lower() in (".inf", ".nan"):
        return True
    if unsigned[:2].lower() in ("0x", "0o", "0b"):
        return not unsigned[2:].strip(_PREFIXED)
    if text.strip(_NUMERIC) or not any(char in _DIGITS for char in text):
        return False
    is_address = text.count(".") > 1 and not text.strip("0123456789.")
    return not is_address


def is_plain(text: str) -> bool:
    """Whether printable text needs no quotes for its syntax's sake."""
    first = text[0]
    if first in _INDICATORS and not (first == "-" and text[1:2].isalpha()):
        return False
    return not (text[-1] in ": " or ": " in text or " #" in text)


def scalar(value: Any) -> str:
    """Any scalar but a multi-line string. TypeError for what no YAML document holds."""
    if isinstance(value, str):
        return string(value)
    if value is None or value is True or value is False:
        return _NAMES[value]
    if isinstance(value, int):
        return value.spelled if type(value) is Integer else int.__repr__(value)
    if isinstance(value, float):
        return number(value)
    raise TypeError(f"{type(value).__name__} can't be written as YAML")


def number(value: float) -> str:
    """A float: its remembered text, or one that YAML 1.1 readers take for a float too."""
    if isinstance(value, Float):
        return value.spelled
    if value - value != 0:
        raise ValueError("a float that isn't finite can't be written")
    text = float.__repr__(value)
    return text if "." in text else text.replace("e", ".0e")


def literal(text: str) -> tuple[str, list[str]] | None:
    """(header, lines) of a literal block that holds the text exactly, or None when double quotes are needed."""
    body = text.rstrip("\n")
    lines = body.split("\n")
    first = next((line for line in lines if line), "")
    if not first or first[0] in " \t":
        return None
    for line in lines:
        if not (line.isprintable() or line.replace("\t", " ").isprintable()) or (line and line.isspace()):
            return None
    ends = len(text) - len(body)
    header = "|-" if ends == 0 else "|" if ends == 1 else "|+"
    return header, lines + [""] * (ends - 1)
