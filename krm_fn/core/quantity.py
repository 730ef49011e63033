"""Kubernetes quantities: what Go's resource.Quantity reads, how it rounds, and how it writes a value again.

Values are exact integers in units of 1e-9 ("nano"), the finest that Kubernetes keeps.
Source: k8s.io/apimachinery pkg/api/resource: quantity.go, suffix.go, amount.go.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_FINEST = -9
NANO = 1_000_000_000
MAX_INT64 = 2**63 - 1

DECIMAL_SI, DECIMAL_EXPONENT, BINARY_SI = "DecimalSI", "DecimalExponent", "BinarySI"
"""The three ways of writing. A quantity keeps the one it was typed in when KubeVirt computes another from it."""

_BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_DECIMAL = {"n": -9, "u": -6, "m": -3, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_DECIMAL_SUFFIXES = {exponent: suffix for suffix, exponent in _DECIMAL.items()} | {0: ""}
_BINARY_SUFFIXES = ("", *_BINARY)

_MAX_LENGTH = 1000
_SHOWN = 60
_TYPE_NAMES = {bool: "truth value", type(None): "null", list: "list", dict: "mapping"}
_MAX_EXPONENT = 1000
"""Far beyond anything that a machine has, and small enough that no input makes us compute with huge integers."""
_EXPONENT_DIGITS = len(str(_MAX_EXPONENT))
_FAST_DECIMAL_DIGITS = 18
_FAST_BINARY_DIGITS = 14

_Parsed = tuple[int, str, str]
_CACHE: dict[str, _Parsed] = {}
_CACHE_SIZE = 4096


class QuantityError(ValueError):
    """The value is not a quantity."""


def nano(value: str | float) -> int:
    """Return a quantity in units of 1e-9: finer parts rounded away from zero, binary ones capped at 2^63-1 units."""
    return _parsed(value)[0]


def ceil(value: str | float) -> int:
    """Return a quantity as a whole number, rounded away from zero (Go: Quantity.Value)."""
    number = _parsed(value)[0]
    return -(-number // NANO) if number >= 0 else number // NANO


def text(value: str | float) -> str:
    """Return a quantity as Go writes it: as it was typed where Go keeps that, else in canonical form."""
    number, style, typed = _parsed(value)
    return typed or _canonical(number, style)


def mebibytes_text(mebibytes: int) -> str:
    """MiB as whole GiB where they are: 2048 is 2Gi, 7680 is 7680Mi."""
    return f"{mebibytes // 1024}Gi" if mebibytes % 1024 == 0 else f"{mebibytes}Mi"


def whole(number: int, like: str | float) -> str:
    """Return a whole number written in the style of another quantity (Go: NewQuantity(number, like.Format))."""
    return _canonical(number * NANO, _parsed(like)[1])


def is_quantity(value: Any) -> bool:
    """Whether a value of any type is a quantity."""
    try:
        _parsed(value)
    except QuantityError:
        return False
    return True


def _parsed(value: Any) -> _Parsed:
    """(nano, style, spelling that Go keeps or "") of a value; the texts seen last are remembered."""
    if type(value) is not str:
        value = _text_of(value)
    found = _CACHE.get(value)
    if found is None:
        if len(_CACHE) >= _CACHE_SIZE:
            _CACHE.clear()
        found = _CACHE[value] = _parse(value.strip(" "))
    return found


def _text_of(value: Any) -> str:
    """The JSON text of an unquoted number; an error for what is neither text nor number."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise QuantityError(
            f"{_shown(value)} is not a quantity: write a number with an optional suffix, such as 4Gi or 500m"
        )
    if isinstance(value, int) and value.bit_length() > 4 * _MAX_LENGTH:
        raise QuantityError("a whole number this long is not a quantity")
    return str(value)


def _shown(value: Any) -> str:
    if not isinstance(value, str):
        return f"a {_TYPE_NAMES.get(type(value), 'value of this type')}"
    return f'"{value[:_SHOWN]}..."' if len(value) > _SHOWN else f'"{value}"'


def _split(typed: str) -> tuple[str, str, str, int, str]:
    """(sign, whole digits without leading zeros, fraction digits, exponent, style) of a quantity's text."""
    sign = typed[:1] if typed[:1] in ("+", "-") else ""
    number = typed[len(sign) :]
    exponent, style = 0, DECIMAL_SI
    if number[-2:] in _BINARY:
        exponent, style, number = _BINARY[number[-2:]], BINARY_SI, number[:-2]
    elif number[-1:] in _DECIMAL:
        exponent, number = _DECIMAL[number[-1]], number[:-1]
    elif "e" in number or "E" in number:
        number, _, power = number.replace("E", "e").partition("e")
        exponent, style = _exponent(power, typed), DECIMAL_EXPONENT
    integer, _, fraction = number.partition(".")
    digits = integer + fraction
    if not (digits.isascii() and digits.isdigit()) or len(typed) > _MAX_LENGTH:
        raise QuantityError(
            f"{_shown(typed)} is not a quantity: write a number with an optional suffix, such as 4Gi or 500m"
        )
    return sign, integer.lstrip("0"), fraction, exponent, style


def _exponent(power: str, typed: str) -> int:
    digits = power[1:] if power[:1] in ("+", "-") else power
    if not (digits.isascii() and digits.isdigit()):
        raise QuantityError(f"{_shown(typed)} is not a quantity: after its e it needs a whole number, such as 1e9")
    digits = digits.lstrip("0")
    if len(digits) > _EXPONENT_DIGITS or int(digits or "0") > _MAX_EXPONENT:
        raise QuantityError(f"{_shown(typed)} is not a quantity: its exponent is out of range")
    return -int(digits or "0") if power[:1] == "-" else int(digits or "0")


def _parse(typed: str) -> _Parsed:
    sign, integer, fraction, exponent, style = _split(typed)
    if typed == "0" or not (integer or fraction):
        return 0, style, "0"
    digits = integer + fraction
    scale = -len(fraction) if style is BINARY_SI else exponent - len(fraction)
    amount = int(digits) << exponent if style is BINARY_SI else int(digits)
    power = scale - _FINEST
    number = amount * 10**power if power >= 0 else -(-amount // 10**-power)
    if style is BINARY_SI:
        number = min(number, MAX_INT64 * NANO)
    keeps = _keeps_binary if style is BINARY_SI else _keeps_decimal
    spelling = typed if keeps(integer or "0", fraction, exponent) else ""
    if style is BINARY_SI and 0 < number < NANO:
        style = DECIMAL_SI
    return (-number if sign == "-" else number), style, spelling


def _keeps_binary(integer: str, fraction: str, exponent: int) -> bool:
    """Whether Go keeps the spelling of a binary quantity: whole, odd enough, and not too long for its short way."""
    room = _FAST_BINARY_DIGITS - len(integer) - exponent * 3 // 10
    return not fraction and room >= 0 and int(integer) & 7 != 0


def _keeps_decimal(integer: str, fraction: str, exponent: int) -> bool:
    """Whether Go keeps the spelling of a decimal quantity: its power a multiple of 3, its digits not like 0.5."""
    digits, scale = integer + fraction, exponent - len(fraction)
    if len(digits) > _FAST_DECIMAL_DIGITS or scale < _FINEST:
        return False
    return scale % 3 == 0 and not digits.endswith("000") and digits[0] != "0"


def _canonical(number: int, style: str) -> str:
    """The canonical spelling: no fraction, the largest suffix that loses nothing."""
    if number == 0:
        return "0"
    if style is BINARY_SI and abs(number) >= 1024 * NANO and number % NANO == 0:
        units, steps = number // NANO, 0
        while units % 1024 == 0:
            units //= 1024
            steps += 1
        return f"{units}{_BINARY_SUFFIXES[steps]}"
    exponent = _FINEST
    while number % 1000 == 0:
        number //= 1000
        exponent += 3
    if style is DECIMAL_EXPONENT:
        return f"{number}e{exponent}" if exponent else str(number)
    suffix = _DECIMAL_SUFFIXES.get(exponent)
    return f"{number}e{exponent}" if suffix is None else f"{number}{suffix}"
