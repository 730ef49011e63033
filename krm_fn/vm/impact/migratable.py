"""Whether a machine can be migrated while it runs, as far as its manifest shows it.

What a manifest does not show: access modes of the claims, and node labels. Source: KubeVirt 1.9, pkg/virt-handler/vm.go
(calculateLiveMigrationCondition and what it calls).
"""

from __future__ import annotations

from krm_fn.core.fieldpath import find
from krm_fn.vm.impact.applied import applied
from krm_fn.vm.impact.references import first

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_fn.core.manifest import Manifest
    from krm_fn.vm.impact.references import Side

_ALLOWED = "kubevirt.io/allow-pod-bridge-network-live-migration"
_MOVABLE = ("masquerade", "passtBinding", "binding")


def obstacles(side: Side) -> list[str]:
    """What of a VM keeps its machine from being migrated, as field paths below the template."""
    found = first(side)
    instancetype, preference = (found[key].target if key in found else None for key in ("instancetype", "preference"))
    template = applied(side.vm, instancetype, preference)
    return [] if template is None else of_template(template)


def of_template(template: Manifest) -> list[str]:
    """The same of a template with its instancetype and preference applied."""
    spec = template.get("spec") or {}
    domain = spec.get("domain") or {}
    devices = domain.get("devices") or {}
    out = []
    if find(template, ("metadata", "annotations", _ALLOWED)) is None:
        pods = {network.get("name") for network in spec.get("networks") or () if network.get("pod") is not None}
        out += [
            f"spec.domain.devices.interfaces[{interface.get('name')}]"
            for interface in devices.get("interfaces") or ()
            if interface.get("name") in pods and not any(interface.get(key) is not None for key in _MOVABLE)
        ]
    for key in ("hostDevices", "gpus"):
        if devices.get(key):
            out.append(f"spec.domain.devices.{key}")
    security = domain.get("launchSecurity") or {}
    out += [f"spec.domain.launchSecurity.{key}" for key in ("sev", "tdx", "snp") if security.get(key) is not None]
    if domain.get("launchSecurity") == {}:
        out.append("spec.domain.launchSecurity")
    if find(domain, ("features", "hypervPassthrough")) is not None:
        out.append("spec.domain.features.hypervPassthrough")
    out += [
        f"spec.volumes[{volume.get('name')}].hostDisk"
        for volume in spec.get("volumes") or ()
        if volume.get("hostDisk") is not None and not volume["hostDisk"].get("shared")
    ]
    return out
