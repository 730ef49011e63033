"""The rules that an instancetype's own spec has to keep.

Source: KubeVirt 1.9, pkg/instancetype/webhooks/admitter.go.
"""

from __future__ import annotations

from krm_fn.core.finding import WARNING, Finding, Rule
from krm_fn.kubevirt.facts import is_label_value, is_qualified_name

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
NODE_LABEL = Rule(
    "instancetype/node-selector",
    "Node selector that no node can have",
    "KubeVirt takes it, and the pod of each machine is refused: labels' keys and values have a grammar.",
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


def doubtful(spec: Manifest, item: Manifest | None = None) -> list[Finding]:
    """A warning about `item` for what KubeVirt takes and no machine can be started with."""
    selector = spec.get("nodeSelector")
    found = []
    for key, value in selector.items() if isinstance(selector, dict) else ():
        path = f"spec.nodeSelector[{key}]"
        if not is_qualified_name(str(key)):
            message = f"\"{key}\" can't be the key of a label, so no node has it and the machine's pod is refused"
            found.append(Finding(NODE_LABEL, message, item, path, severity=WARNING))
        elif isinstance(value, str) and not is_label_value(value):
            message = (
                f"\"{value}\" can't be the value of a label, so no node has it and the machine's pod is refused: write letters,"
                " digits, -, _ and . (at most 63)"
            )
            found.append(Finding(NODE_LABEL, message, item, path, severity=WARNING))
    return found
