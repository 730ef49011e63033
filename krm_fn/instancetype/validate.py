"""The rules that an instancetype's own spec has to keep.

Source: KubeVirt 1.9, pkg/instancetype/webhooks/admitter.go.
"""

from __future__ import annotations

from krm_fn.core.finding import WARNING, Finding, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_fn.core.manifest import Manifest

INVALID = Rule(
    "instancetype/invalid",
    "Instancetype that breaks its own rules",
    "KubeVirt refuses the instancetype itself, whoever uses it.",
)
DEPRECATED = Rule(
    "instancetype/deprecated",
    "Deprecated field of an instancetype",
    "KubeVirt warns of this field and will drop it.",
)
_OVERCOMMIT = "spec.memory.overcommitPercent"
_FULL = 100


def invalid(spec: Manifest, item: Manifest | None = None) -> list[Finding]:
    """A finding about `item` for each rule that a spec of the right types breaks."""
    memory = spec.get("memory") or {}
    percent = memory.get("overcommitPercent") or 0
    found = []
    if not 0 <= percent <= _FULL:
        message = f"{_OVERCOMMIT} is {percent}: write a percentage from 0 to {_FULL}"
        found.append(Finding(INVALID, message, item, _OVERCOMMIT))
    if percent and memory.get("hugepages") is not None:
        message = f"huge pages can't be overcommitted: remove {_OVERCOMMIT} or spec.memory.hugepages"
        found.append(Finding(INVALID, message, item, _OVERCOMMIT))
    return found


def deprecated(spec: Manifest, item: Manifest | None = None) -> list[Finding]:
    """A warning about `item` for each field that KubeVirt warns about."""
    if spec.get("launchSecurity") is None:
        return []
    message = "launchSecurity of an instancetype is deprecated: use preferredLaunchSecurity of a preference"
    return [Finding(DEPRECATED, message, item, "spec.launchSecurity", severity=WARNING)]
