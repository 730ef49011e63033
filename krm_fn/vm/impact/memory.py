"""Whether a machine's memory can grow while it runs.

Source: KubeVirt 1.9, pkg/liveupdate/memory/memory.go (ValidateLiveUpdateMemory).
"""

from __future__ import annotations

from krm_fn.core import quantity
from krm_fn.core.section import find

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_fn.core.manifest import Manifest

_BLOCK, _HUGE_BLOCK = 2**21, 2**30
_LEAST = 2**30


def problem(spec: Manifest, most: Any) -> str:
    """Why the memory of a machine of this spec can't be changed up to `most`, in KubeVirt's words; "" when it can."""
    domain = spec.get("domain") or {}
    guest = find(domain, ("memory", "guest"))
    huge = find(domain, ("memory", "hugepages", "pageSize")) == "1Gi"
    block, name = (_HUGE_BLOCK, "1Gi") if huge else (_BLOCK, "2Mi")
    if find(domain, ("cpu", "realtime")) is not None:
        return "Memory hotplug is not compatible with realtime VMs"
    if find(domain, ("cpu", "numa", "guestMappingPassthrough")) is not None:
        return "Memory hotplug is not compatible with guest mapping passthrough"
    if domain.get("launchSecurity") is not None:
        return "Memory hotplug is not compatible with encrypted VMs"
    if guest is None:
        return "Guest memory must be configured when memory hotplug is enabled"
    if most is None:
        return "Max guest memory must be configured when memory hotplug is enabled"
    if quantity.nano(guest) > quantity.nano(most):
        return "Guest memory is greater than the configured maxGuest memory"
    if quantity.ceil(guest) % block:
        return f"Guest memory must be {name} aligned"
    if quantity.ceil(most) % block:
        return f"MaxGuest must be {name} aligned"
    if spec.get("architecture") != "amd64":
        return "Memory hotplug is only available for x86_64 VMs"
    if quantity.ceil(guest) < _LEAST:
        return "Memory hotplug is only available for VMs with at least 1Gi of guest memory"
    return ""
