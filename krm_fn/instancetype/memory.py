"""The memory that an overcommitting instancetype requests, to the byte as KubeVirt computes it.

Source: KubeVirt 1.9, pkg/instancetype/apply/memory.go.
"""

from __future__ import annotations

from struct import pack, unpack

_MAX_INT64 = 2**63 - 1
_EXACT_BITS = 53
_FLOAT32_BITS = 24


def _float32(number: float) -> float:
    return unpack("<f", pack("<f", number))[0]  # type: ignore[no-any-return]


def _float32_of(number: int) -> float:
    """A whole number in float32, rounded once, half to even: going by way of a double would round it twice."""
    spare = number.bit_length() - _FLOAT32_BITS
    if number.bit_length() <= _EXACT_BITS:
        return _float32(float(number))
    kept, lost = divmod(number, 1 << spare)
    half = 1 << (spare - 1)
    if lost > half or (lost == half and kept & 1):
        kept += 1
    return float(kept << spare)


def requested(guest: int, percent: int) -> int:
    """Return the bytes to request for a guest's bytes at an overcommit in percent (1 to 100), truncated.

    KubeVirt computes in float32: each step rounds to 24 bits, so 1Gi at 15 % is 912680576 and not 912680550.
    """
    share = _float32(1.0 - _float32(percent / 100.0))
    return min(_MAX_INT64, int(_float32(_float32_of(min(guest, _MAX_INT64)) * share)))
