"""What a scalar's text means: YAML 1.2's core schema, with every doubt left as text.

Only here is decided whether text is a number. Numbers that older YAML readers see where YAML 1.2 sees none (`0b1`,
`1_000`, `1:30`, dates) and words such as `yes` stay strings, and so does a decimal number with leading zeros: `0777`
is 511 to one reader and 777 to the next.
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
_PREFIXED = {"0x": ("0123456789abcdefABCDEF", 16), "0o": ("01234567", 8)}
_NOT_FINITE = frozenset(
    (*(sign + word for sign in ("", "+", "-") for word in (".inf", ".Inf", ".INF")), ".nan", ".NaN", ".NAN")
)


class NumberError(ValueError):
    """A number that can't be kept: without a JSON form, or with too many digits. The message says what to write."""


class Float(float):
    """A float that remembers how it was written, so that 1.10 stays 1.10."""

    __slots__ = ("text",)
    text: str

    def __new__(cls, text: str) -> Float:  # noqa: PYI034 - typing.Self would import typing
        """Read the text of a float."""
        self = super().__new__(cls, text)
        self.text = text
        return self

    def __repr__(self) -> str:
        return self.text

    __str__ = __repr__

    def __getnewargs__(self) -> tuple[str]:  # type: ignore[override]
        return (self.text,)


def resolve(text: str) -> Scalar:
    """The value of a plain scalar; NumberError when it is a number that can't be kept."""
    if text in WORDS:
        return WORDS[text]
    if text[0] in NUMBER_STARTS:
        return _number(text)
    return text


def _number(text: str) -> Scalar:
    if not text.strip(_DECIMAL):
        unsigned = text[1:] if text[0] in "+-" else text
        if unsigned.isdigit():
            return text if unsigned[0] == "0" and len(unsigned) > 1 else integer(text)
        try:
            float(text)  # with these characters Python's grammar is YAML's and Go's
        except ValueError:
            return text
        return number(text)
    digits, base = _PREFIXED.get(text[:2], ("", 0))
    if base and len(text) > len("0x") and not text[2:].strip(digits):
        return integer(text, base)
    if text in _NOT_FINITE:
        raise NumberError(f'{text} has no JSON form; write a number, or "{text}" if text is meant')
    return text


def integer(text: str, base: int = 10) -> int:
    """The integer that `text` spells; NumberError past MAX_DIGITS."""
    _bounded(text)
    return int(text, base)


def number(text: str) -> Float:
    """The float that `text` spells; NumberError past MAX_DIGITS or past what a 64-bit float holds."""
    _bounded(text)
    value = Float(text)
    if value - value != 0:
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
    if tag.endswith(":float") and type(value) is int:
        return number(text if base_ten(text) else str(value))
    return value


def base_ten(text: str) -> bool:
    """Whether a number's text is decimal."""
    return text[:2] not in _PREFIXED


TYPES: dict[str, tuple[type, ...]] = {
    "tag:yaml.org,2002:null": (type(None),),
    "tag:yaml.org,2002:bool": (bool,),
    "tag:yaml.org,2002:int": (int,),
    "tag:yaml.org,2002:float": (Float, int),
}
