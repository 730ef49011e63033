"""Names from elsewhere as names of Kubernetes objects, and the order in which people read names with numbers."""

from __future__ import annotations

import re
from hashlib import sha256

_FOREIGN = re.compile(r"[^a-z0-9.-]+")
_LABEL_LIMIT = 63
_NATURAL = re.compile(r"(\d+)")


def slug(name: str) -> str:
    """A name as a DNS subdomain of at most 63 characters, which is also a valid label value.

    Lower case; whatever is no letter, digit, dot or dash becomes a dash; a dot beside a dash goes; what is too long
    is cut and ends with eight hexadecimal digits of the whole name's SHA-256, so two long names stay apart.
    """
    text = _FOREIGN.sub("-", name.strip().lower())
    text = re.sub(r"-*\.[.-]*", ".", text).strip(".-") or "flavor-" + _digest(name)
    return text if len(text) <= _LABEL_LIMIT else text[: _LABEL_LIMIT - 9].rstrip(".-") + "-" + _digest(name)


def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """A sort key that puts 2xlarge before 10xlarge."""
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in _NATURAL.split(name) if part)


def _digest(name: str) -> str:
    return sha256(name.encode()).hexdigest()[:8]
