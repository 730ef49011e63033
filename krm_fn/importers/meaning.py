"""What the entries of a series definition mean, however they are written, and a short record of it.

The record is an annotation that an import leaves on its series; the next import tells a person's edits from the
listing's news by it.
"""

from __future__ import annotations

import re
from hashlib import sha256

from krm_fn.core.manifest import mapping, text
from krm_fn.core.quantity import QuantityError, ceil
from krm_fn.core.wire import canonical_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_fn.core.manifest import Manifest

SECTIONS = {"InstancetypeSeries": ("sizes",), "PreferenceSeries": ("traits", "members")}
_SIZE = re.compile(r"(?P<cpu>\d{1,9})x(?P<memory>\S+)")
_MIB = 1 << 20


def imprint(manifest: Manifest) -> str:
    """What an import brought: `name=digest` for each size, trait and member."""
    kept = (f"{name}={digest(meaning)}" for name, meaning in meanings(manifest).items())
    return " ".join(kept)


def meanings(manifest: Manifest) -> dict[str, Manifest]:
    """`section.name` -> what the entry means, however it is written."""
    spec = mapping(manifest, "spec")
    found: dict[str, Manifest] = {}
    for section in SECTIONS.get(text(manifest, "kind"), ()):
        for name, item in mapping(spec, section).items():
            found[f"{section}.{name}"] = size(spec, item) if section == "sizes" else {"value": item}
    return found


def size(spec: Manifest, item: Any) -> Manifest:
    """What a size means under its series' ratio and template: cpu, memory in MiB, template, and the rest of its fields.

    Memory that is no whole number of MiB stays as it is written.
    """
    fields = item if isinstance(item, dict) else {}
    cpu, memory = fields.get("cpu", item), fields.get("memory")
    match = _SIZE.fullmatch(item) if isinstance(item, str) else None
    if match:
        cpu, memory = int(match["cpu"]), match["memory"]
    ratio = mebibytes(spec.get("memoryPerVCPU"))
    amount: Any = mebibytes(memory)
    if memory is None and ratio is not None and isinstance(cpu, int):
        amount = ratio * cpu
    rest = {key: value for key, value in fields.items() if key not in ("cpu", "memory", "template")}
    template = _merged(mapping(spec, "template"), mapping(fields, "template"))
    return {"cpu": cpu, "memory": memory if amount is None else amount, "template": template, "rest": rest}


def _merged(base: Manifest, own: Manifest) -> Manifest:
    merged = dict(base)
    for key, value in own.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = _merged(merged[key], value) if both else value
    return {key: value for key, value in merged.items() if value is not None}


def mebibytes(value: Any) -> int | None:
    """A quantity in whole MiB, or None when it is none or not whole."""
    try:
        size = ceil(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else None
    except QuantityError:
        return None
    return size // _MIB if size is not None and size % _MIB == 0 else None


def digest(meaning: Manifest) -> str:
    """Eight hexadecimal digits that stand for a meaning."""
    return sha256(canonical_json(meaning).encode()).hexdigest()[:8]
