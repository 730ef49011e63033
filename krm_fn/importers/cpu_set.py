"""Lists of vCPUs as Nova writes them, as KubeVirt reads them.

Source: Nova, virt/hardware.py (parse_cpu_spec, get_realtime_cpu_constraint); KubeVirt, pkg/hypervisor/common/vcpu.go
(ParseCPUMask), which knows `N`, `N-M` and `^N` and no `^N-M`.
"""

from __future__ import annotations

import re

_RULE = re.compile(r"(?P<not>\^?)\s*(?P<first>\d{1,6})\s*(?:-\s*(?P<last>\d{1,6}))?")
_MOST = 1 << 16


def realtime(mask: str, vcpus: int) -> set[int] | None:
    """The vCPUs that a flavor's realtime mask leaves for real time, or None where Nova refuses the mask.

    A mask that begins with a caret is about all vCPUs; what is left out is left out wherever that stands.
    """
    rules = [_RULE.fullmatch(part.strip()) for part in mask.split(",")]
    kept = set(range(vcpus)) if mask.lstrip().startswith("^") else set()
    left_out: set[int] = set()
    for rule in rules:
        if rule is None:
            return None
        first, last = int(rule["first"]), int(rule["last"] or rule["first"])
        if first > last or last > _MOST:
            return None
        (left_out if rule["not"] else kept).update(range(first, last + 1))
    kept -= left_out
    return kept if kept and max(kept) < vcpus else None


def ranges(cpus: set[int]) -> str:
    """A set of vCPUs as `0,2-3`."""
    parts: list[list[int]] = []
    for cpu in sorted(cpus):
        if parts and parts[-1][1] == cpu - 1:
            parts[-1][1] = cpu
        else:
            parts.append([cpu, cpu])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in parts)
