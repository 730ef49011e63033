"""The sizes of an InstancetypeSeries, in their three spellings: `4`, `"4x16Gi"` and `{cpu: 4, memory: 16Gi, ...}`."""

from __future__ import annotations

import re

from krm_fn.core import quantity
from krm_fn.core.fieldpath import join, segment
from krm_fn.core.finding import NOTHING, Rule
from krm_fn.core.manifest import mapping
from krm_fn.core.wording import UNKNOWN, show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_fn.core.finding import Finding
    from krm_fn.core.manifest import Manifest
    from krm_fn.series.collector import Collector

QUANTITY = Rule("series/quantity", "Memory that is no quantity", "Memory is a quantity such as 4Gi.")
SIZE = Rule("series/size", "Size that can't be", "A size is a number of vCPUs, a text such as 2x4Gi, or a mapping.")
MAX_VCPUS = 4096
"""What KVM runs in one guest at most, on any architecture."""

_PAIR = re.compile(r" *([^x\s][^x]*)x *(\S.*)", re.DOTALL)
_OWN_FIELD = re.compile(
    r"spec(?:\.series(?:\.[^.\[]+|\[[^\]]*\]))?\.sizes(?:\.[^.\[]+|\[[^\]]*\])(?:\.(?:cpu|memory))?"
)
_MAX_DIGITS = 20
_SUFFIXES = {"k": "Ki", "m": "Mi", "g": "Gi", "t": "Ti", "p": "Pi", "e": "Ei"}
_NUMBER = re.compile(r"([0-9]+(?:\.[0-9]+)?) *([kmgtpe])i?b?", re.IGNORECASE)


class Size:
    """One size. `memory`: the guest's as text, "" when only a template can say it; `fields`: its mapping or empty."""

    __slots__ = ("cpu", "fields", "memory", "name", "path")

    def __init__(self, name: str, path: str, cpu: int, memory: str, fields: Manifest) -> None:
        self.name = name
        self.path = path
        self.cpu = cpu
        self.memory = memory
        self.fields = fields


def is_about_a_size(found: Finding) -> bool:
    """Whether `read_sizes` says what the schema found there, in better words."""
    return found.rule != UNKNOWN and _OWN_FIELD.fullmatch(found.path) is not None


def read_sizes(findings: Collector, spec: Manifest) -> list[Size]:
    """The sizes that are right, in the order they are written. Everything wrong with the others is noted."""
    per_vcpu = spec.get("memoryPerVCPU")
    if per_vcpu is not None and not _memory(findings, per_vcpu, "spec.memoryPerVCPU"):
        per_vcpu = NOTHING
    found = []
    for key, value in mapping(spec, "sizes").items():
        path = join("spec.sizes", segment(key))
        size = _read(findings, str(key), value, per_vcpu, path)
        if size is not None:
            found.append(size)
    return found


def _read(findings: Collector, name: str, value: Any, per_vcpu: Any, path: str) -> Size | None:
    fields: Manifest = value if isinstance(value, dict) else {}
    if isinstance(value, dict):
        cpu, cpu_path, memory, memory_path = value.get("cpu"), f"{path}.cpu", value.get("memory"), f"{path}.memory"
    else:
        cpu, memory = _pair(value)
        cpu_path = memory_path = path
    vcpus = _vcpus(findings, cpu, cpu_path)
    if memory is not None:
        text = _memory(findings, memory, memory_path)
        return Size(name, path, vcpus, text, fields) if vcpus and text else None
    if not vcpus or per_vcpu is NOTHING:
        return None
    product = _product(findings, per_vcpu, vcpus, path) if per_vcpu is not None else ""
    return None if product is None else Size(name, path, vcpus, product, fields)


def _pair(value: Any) -> tuple[Any, Any]:
    """Split vCPUs and memory of a size in one of its short spellings; memory None when it only says the vCPUs."""
    pair = _PAIR.fullmatch(value) if isinstance(value, str) else None
    if pair is None:
        return value, None
    count, memory = pair[1].strip(), pair[2].strip()
    return (int(count) if count.isascii() and count.isdigit() and len(count) < _MAX_DIGITS else count), memory


def _vcpus(findings: Collector, value: Any, path: str) -> int:
    """The number of vCPUs, or 0 when it isn't one, which is noted."""
    if isinstance(value, int) and not isinstance(value, bool):
        if 0 < value <= MAX_VCPUS:
            return value
        say = "at least 1" if value < 1 else f"at most {MAX_VCPUS}, which is what KVM runs in one guest"
        findings.add(SIZE, f"{show(value)} vCPUs: write {say}", path, current=value)
    elif value is None:
        findings.add(SIZE, 'the size has no vCPUs: write their number, "<vcpus>x<memory>" or a mapping with cpu', path)
    elif isinstance(value, str) and value.isascii() and value.isdigit():
        findings.add(SIZE, f"vCPUs are a number: write {value} without quotes", path, current=value)
    else:
        message = (
            f'{show(value)} is not a number of vCPUs: write a whole number, "4x16Gi" or a mapping with cpu and memory'
        )
        findings.add(SIZE, message, path, current=value if isinstance(value, (str, int, float)) else NOTHING)
    return 0


def _memory(findings: Collector, value: Any, path: str) -> str:
    """The quantity as text, or "" when it isn't one that a guest can have, which is noted."""
    try:
        amount = quantity.ceil(value)
    except quantity.QuantityError as error:
        close = _close(value)
        hint = f'; did you mean "{close}"?' if close else ""
        findings.add(
            QUANTITY,
            f"{error}{hint}",
            path,
            current=value if isinstance(value, str) else NOTHING,
            proposed=close or NOTHING,
        )
        return ""
    if not 0 < amount < quantity.MAX_INT64:
        say = "more than 0" if amount <= 0 else "less than 8Ei"
        findings.add(
            QUANTITY,
            f"{show(value)} of memory: write {say}",
            path,
            current=value if isinstance(value, str) else NOTHING,
        )
        return ""
    return str(value).strip(" ")


def _close(value: Any) -> str:
    """The quantity that was probably meant by `4GB`, `4 Gi` or `512mb`."""
    match = _NUMBER.fullmatch(value.strip()) if isinstance(value, str) else None
    return match[1] + _SUFFIXES[match[2].lower()] if match else ""


def _product(findings: Collector, per_vcpu: Any, vcpus: int, path: str) -> str | None:
    """Multiply memoryPerVCPU by the vCPUs, exactly; the unit family stays, the spelling is Kubernetes' own."""
    amount = quantity.nano(per_vcpu) * vcpus
    total = -(-amount // quantity.NANO)
    if total >= quantity.MAX_INT64:
        findings.add(QUANTITY, f"{vcpus} times memoryPerVCPU is more memory than Kubernetes can count", path)
        return None
    return quantity.whole(total, per_vcpu)
