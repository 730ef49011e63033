"""Whether a machine's memory can grow while it runs.

Source: KubeVirt 1.9, pkg/liveupdate/memory/memory.go (ValidateLiveUpdateMemory).
"""

from __future__ import annotations

from krm_fn.core import quantity
from krm_fn.core.fieldpath import find
from krm_fn.kubevirt.facts import AMD64

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_fn.core.manifest import Manifest

_BLOCK, _HUGE_BLOCK = 2**21, 2**30
_LEAST = 2**30
_EXCLUDED = (
    (("cpu", "realtime"), "realtime VMs"),
    (("cpu", "numa", "guestMappingPassthrough"), "guest mapping passthrough"),
    (("launchSecurity",), "encrypted VMs"),
)


def problem(spec: Manifest, most: Any) -> str:
    """Why the memory of a machine of this spec can't be changed up to `most`, in KubeVirt's words; "" when it can."""
    domain = spec.get("domain") or {}
    for path, words in _EXCLUDED:
        if find(domain, path) is not None:
            return f"Memory hotplug is not compatible with {words}"
    guest = find(domain, ("memory", "guest"))
    for value, words in ((guest, "Guest"), (most, "Max guest")):
        if value is None:
            return f"{words} memory must be configured when memory hotplug is enabled"
    huge = find(domain, ("memory", "hugepages", "pageSize")) == "1Gi"
    block, name = (_HUGE_BLOCK, "1Gi") if huge else (_BLOCK, "2Mi")
    checks = (
        (quantity.nano(guest) > quantity.nano(most), "Guest memory is greater than the configured maxGuest memory"),
        (quantity.ceil(guest) % block, f"Guest memory must be {name} aligned"),
        (quantity.ceil(most) % block, f"MaxGuest must be {name} aligned"),
        (spec.get("architecture") != AMD64, "Memory hotplug is only available for x86_64 VMs"),
        (quantity.ceil(guest) < _LEAST, "Memory hotplug is only available for VMs with at least 1Gi of guest memory"),
    )
    return next((message for wrong, message in checks if wrong), "")
