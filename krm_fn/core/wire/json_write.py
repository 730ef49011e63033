"""Values → JSON. Our own writer, since the standard one forgets how a float was written and costs 14 ms to import."""

from __future__ import annotations

from _json import encode_basestring

from krm_fn.core.wire.scalars import Float

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def write_json(value: Any, indent: int | None = None) -> str:
    """The value as JSON, keys in their order: on one line, or with `indent` spaces a level."""
    out: list[str] = []
    if indent is None:
        _compact(out, value, ", ", ": ", in_order=False)
    else:
        _indented(out, value, "\n", " " * indent)
    return "".join(out)


def canonical_json(value: Any) -> str:
    """The value as JSON with sorted keys and no spaces: equal values give equal text, floats as they were written."""
    out: list[str] = []
    _compact(out, value, ",", ":", in_order=True)
    return "".join(out)


def _compact(out: list[str], value: Any, comma: str, colon: str, *, in_order: bool) -> None:
    if isinstance(value, dict):
        start = "{"
        for key in sorted(value) if in_order else value:
            item = value[key]
            if type(item) is str:
                out.append(f"{start}{encode_basestring(key)}{colon}{encode_basestring(item)}")
            else:
                out.append(f"{start}{encode_basestring(key)}{colon}")
                _compact(out, item, comma, colon, in_order=in_order)
            start = comma
        out.append("}" if value else "{}")
    elif isinstance(value, list):
        start = "["
        for item in value:
            out.append(start)
            _compact(out, item, comma, colon, in_order=in_order)
            start = comma
        out.append("]" if value else "[]")
    else:
        out.append(_scalar(value))


def _indented(out: list[str], value: Any, line: str, indent: str) -> None:
    inner = line + indent
    if isinstance(value, dict) and value:
        start = "{"
        for key, item in value.items():
            out.append(f"{start}{inner}{encode_basestring(key)}: ")
            _indented(out, item, inner, indent)
            start = ","
        out.append(line + "}")
    elif isinstance(value, list) and value:
        start = "["
        for item in value:
            out.append(start + inner)
            _indented(out, item, inner, indent)
            start = ","
        out.append(line + "]")
    else:
        _compact(out, value, ",", ":", in_order=False)


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return encode_basestring(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return int.__repr__(value)
    if isinstance(value, float):
        return _number(value)
    raise TypeError(f"{type(value).__name__} can't be written as JSON")


def _number(value: float) -> str:
    """A float's text where JSON allows it: no plus sign, digits on both sides of the point, no leading zeros."""
    if value - value != 0:
        raise ValueError("a float that isn't finite can't be written")
    if not isinstance(value, Float):
        return float.__repr__(value)
    sign = "-" if value.text[0] == "-" else ""
    mantissa, exponent = value.text.lstrip("+-"), ""
    for mark in "eE":
        if mark in mantissa:
            mantissa, _, exponent = mantissa.partition(mark)
            exponent = mark + exponent
    whole, point, fraction = mantissa.partition(".")
    whole = whole.lstrip("0") or "0"
    return f"{sign}{whole}{point if fraction else ''}{fraction}{exponent}"
