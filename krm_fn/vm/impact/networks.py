"""Interfaces that are plugged, unplugged, switched and led to other networks while a machine runs.

Source: KubeVirt 1.9, pkg/network/controllers/vm.go.
"""

from __future__ import annotations

from krm_fn.core.fieldpath import find, make
from krm_fn.core.manifest import copy_tree
from krm_fn.vm.impact.state import by_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_fn.core.manifest import Manifest
    from krm_fn.vm.impact.state import Change, Running


def step(change: Change, running: Running) -> None:
    """Bring the machine's interfaces and networks to what the VM says, as far as that is done live."""
    template, spec = change.vm["spec"]["template"]["spec"], running.machine["spec"]
    statuses = set(by_name(find(spec, ("domain", "devices", "interfaces"))))
    detached = {
        name
        for side in (template, spec)
        for name, interface in by_name(find(side, ("domain", "devices", "interfaces"))).items()
        if interface.get("state") == "absent" and (name not in statuses or _is_absent(spec, name))
    }
    if detached:
        for side in (template, spec):
            _take_out(side, detached)
        running.cleared += sorted(detached - set(running.cleared))
    devices = make(spec, ("domain", "devices"))
    networks = by_name(template.get("networks"))
    present = by_name(devices.get("interfaces"))
    for interface in find(template, ("domain", "devices", "interfaces")) or ():
        name, state = interface.get("name"), interface.get("state") or ""
        here = present.get(name)
        if here is None:
            if (
                state != "absent"
                and any(interface.get(key) is not None for key in ("bridge", "sriov"))
                and name in networks
            ):
                devices["interfaces"] = [*(devices.get("interfaces") or ()), copy_tree(interface)]
                spec["networks"] = [*(spec.get("networks") or ()), copy_tree(networks[name])]
                running.note("interfaces")
            continue
        if state != (here.get("state") or "") and here.get("state") != "absent":
            here["state"] = state
            running.note("interfaces")
        _rename(networks.get(name), spec, name, change, running)


def _rename(wanted: Manifest | None, spec: Manifest, name: Any, change: Change, running: Running) -> None:
    """Take over another Multus network under the same name."""
    here = by_name(spec.get("networks")).get(name)
    if not change.cluster.network_live or wanted is None or here is None:
        return
    new, old = (find(side, ("multus", "networkName")) for side in (wanted, here))
    if new and old and new != old:
        here["multus"]["networkName"] = new
        running.note("interfaces")


def _is_absent(spec: Manifest, name: str) -> bool:
    return bool(by_name(find(spec, ("domain", "devices", "interfaces")))[name].get("state") == "absent")


def _take_out(spec: Manifest, names: set[str]) -> None:
    devices = find(spec, ("domain", "devices")) or {}
    for parent, key in ((devices, "interfaces"), (spec, "networks")):
        if parent.get(key):
            parent[key] = [entry for entry in parent[key] if entry.get("name") not in names]
