"""The rules that an instancetype's own spec has to keep.

Source: KubeVirt 1.9, pkg/instancetype/webhooks/admitter.go.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_fn.core.manifest import Manifest

_OVERCOMMIT = "spec.memory.overcommitPercent"
_FULL = 100


def invalid(spec: Manifest) -> list[tuple[str, str]]:
    """Return (path, message) for each rule that a spec of the right types breaks."""
    memory = spec.get("memory") or {}
    percent = memory.get("overcommitPercent") or 0
    found = []
    if not 0 <= percent <= _FULL:
        found.append((_OVERCOMMIT, f"{_OVERCOMMIT} is {percent}: write a percentage from 0 to {_FULL}"))
    if percent and memory.get("hugepages") is not None:
        found.append((_OVERCOMMIT, f"huge pages can't be overcommitted: remove {_OVERCOMMIT} or spec.memory.hugepages"))
    return found


def deprecated(spec: Manifest) -> list[tuple[str, str]]:
    """Return (path, message) for each field that KubeVirt warns about."""
    if spec.get("launchSecurity") is None:
        return []
    message = "launchSecurity of an instancetype is deprecated: use preferredLaunchSecurity of a preference"
    return [("spec.launchSecurity", message)]
