"""What a scalar's text means: what it means to go-yaml, which kubectl, kustomize and kpt read it with.

Only here is decided whether text is a number. Words and numbers of YAML 1.1 that go-yaml leaves alone (`yes`, `1:30`,
dates) stay text, and so does what looks like a number and has no value there: `0x` and 40 digits, `7e91234`. Numbers
in an unusual spelling (`0400`, `0x1F`, `1_000`) have go-yaml's value and remember their text.
Source: go-yaml v3, resolve.go, and Go's strconv.ParseInt with base 0.
"""

from __future__ import annotations

from krm_fn.core.wire.limits import MAX_DIGITS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Scalar = str | int | float | bool | None

WORDS: dict[str, bool | None] = {
    "": None,
    **dict.fromkeys(("~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
NUMBER_STARTS = frozenset("0123456789+-.")
_DECIMAL = "0123456789+-.eE"
_PREFIXED = {
    "0x": ("0123456789abcdefABCDEF", 16),
    "0o": ("01234567", 8),
    "0b": ("01", 2),
}
_LEAST, _MOST, _MOST_UNSIGNED = -(2**63), 2**63 - 1, 2**64 - 1
_FLOAT_DIGITS = 300
"""Whole numbers up to this long are in the range of a 64-bit float."""
_NOT_FINITE = frozenset(
    (*(sign + word for sign in ("", "+", "-") for word in (".inf", ".Inf", ".INF")), ".nan", ".NaN", ".NAN")
)


class NumberError(ValueError):
    """A number that can't be kept: without a JSON form, or with too many digits. The message says what to write."""


class Float(float):
    """A float that remembers how it was `spelled`, so that 1.10 stays 1.10; `text` is that without underscores."""

    __slots__ = ("spelled", "text")
    spelled: str
    text: str

    def __new__(cls, spelled: str) -> Float:  # noqa: PYI034 - typing.Self would import typing
        """Read the text of a float."""
        text = spelled.replace("_", "")
        self = super().__new__(cls, text)
        self.spelled = spelled
        self.text = text
        return self

    def __repr__(self) -> str:
        return self.text

    __str__ = __repr__

    def __getnewargs__(self) -> tuple[str]:  # type: ignore[override]
        return (self.spelled,)


class Integer(int):
    """A whole number that remembers how it was `spelled`, where that is not its decimal digits: 0400, 0x1F, 1_000."""

    spelled: str

    def __new__(cls, value: int, spelled: str) -> Integer:  # noqa: PYI034 - typing.Self would import typing
        """Take the value and its text."""
        self = super().__new__(cls, value)
        self.spelled = spelled
        return self

    def __getnewargs__(self) -> tuple[int, str]:  # type: ignore[override]
        return int(self), self.spelled


def resolve(text: str) -> Scalar:
    """The value of a plain scalar; NumberError when it is a number that can't be kept."""
    if text in WORDS:
        return WORDS[text]
    if text[0] in NUMBER_STARTS:
        return _number(text)
    return text


def _number(text: str) -> Scalar:
    # go-yaml takes underscores out first, wherever they stand; behind a point they have to be between digits.
    plain = text.replace("_", "")
    unsigned = plain[1:] if plain[0] in "+-" else plain
    if not plain.strip(_DECIMAL):
        if unsigned.isdigit():
            if unsigned[0] == "0" and len(unsigned) > 1:
                return _octal(text, plain, unsigned)
            return integer(text, plain) if len(unsigned) <= _FLOAT_DIGITS else _finite(text)
        try:
            float(text if text[0] == "." else plain)  # with these characters Python's grammar is YAML's and Go's
        except ValueError:
            return text
        return _finite(text)
    digits, base = _PREFIXED.get(unsigned[:2].lower(), ("", 0))
    if base and len(unsigned) > len("0x") and not unsigned[2:].strip(digits):
        return _within_64_bits(text, plain, unsigned[2:], base)
    if text in _NOT_FINITE:
        raise NumberError(f'{text} has no JSON form; write a number, or "{text}" if text is meant')
    return text


def _octal(text: str, plain: str, digits: str) -> Scalar:
    """A decimal number with leading zeros: octal, or a float where 8 or 9 or too many digits keep it from being one."""
    value = text if digits.strip("01234567") else _within_64_bits(text, plain, digits, 8)
    return _finite(text) if value is text else value


def _within_64_bits(text: str, plain: str, digits: str, base: int) -> int | str:
    """The number that the digits spell, or the text when 64 bits don't hold it."""
    if len(digits) > MAX_DIGITS:
        return text
    value = -int(digits, base) if plain[0] == "-" else int(digits, base)
    most = _MOST if plain[0] in "+-" else _MOST_UNSIGNED
    return Integer(value, text) if _LEAST <= value <= most else text


def _finite(text: str) -> Float | str:
    """The float that the text spells, or the text when it is past what 64 bits hold."""
    _bounded(text)
    value = Float(text)
    return value if value - value == 0 else text


def integer(text: str, plain: str = "") -> int:
    """The integer that `text` spells in decimal digits, `plain` without underscores; NumberError past MAX_DIGITS."""
    _bounded(text)
    value = int(plain or text)
    return value if str(value) == text else Integer(value, text)


def number(text: str) -> Float:
    """The float that `text` spells; NumberError past MAX_DIGITS or past what a 64-bit float holds."""
    value = _finite(text)
    if isinstance(value, str):
        raise NumberError(f'{text[:40]} is larger than any 64-bit float; write "{text[:40]}" if text is meant')
    return value


def _bounded(text: str) -> None:
    if len(text) > MAX_DIGITS:
        raise NumberError(
            f"a number of {len(text)} characters; at most {MAX_DIGITS} are read, quote it if text is meant"
        )


MERGE_TAG = "tag:yaml.org,2002:merge"
_TEXT_TAGS = ("!", "tag:yaml.org,2002:str")


def tagged(tag: str, text: str) -> Any:
    """The value of a scalar with an explicit tag of the core schema; NumberError when the text isn't of that type."""
    if tag in _TEXT_TAGS or (tag == MERGE_TAG and text == "<<"):  # kustomize writes the text `<<` as `!!merge <<`
        return text
    value = resolve(text) if tag in TYPES else NumberError
    expected = TYPES.get(tag, ())
    if value is NumberError or type(value) not in expected:
        short = tag.replace("tag:yaml.org,2002:", "!!")
        raise NumberError(f"tag {short} can't be used with {text[:40]!r}; remove the tag, or quote the value as text")
    if tag.endswith(":float") and isinstance(value, int):
        return number(str(int(value)) if type(value) is Integer else text)
    return value


TYPES: dict[str, tuple[type, ...]] = {
    "tag:yaml.org,2002:null": (type(None),),
    "tag:yaml.org,2002:bool": (bool,),
    "tag:yaml.org,2002:int": (int, Integer),
    "tag:yaml.org,2002:float": (Float, int, Integer),
}
