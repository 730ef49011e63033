"""The entries of a VM's device lists: disks, interfaces, inputs, panic devices, GPUs.

Source: KubeVirt 1.9, pkg/instancetype/preference/apply/{disk,interface,device}.go.
"""

from __future__ import annotations

from krm_fn.core.manifest import copy_tree
from krm_fn.kubevirt.facts import BINDINGS, DISK, DISK_TARGETS, REMOVED_BINDINGS
from krm_fn.preference.fields import VIRTIO_DISK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_fn.core.manifest import Manifest
    from krm_fn.preference.plan import EntryStep, Plan

_BINDINGS = (*BINDINGS, *REMOVED_BINDINGS)


def fill_entry(entry: Manifest, steps: tuple[EntryStep, ...]) -> None:
    """Run a list's steps on one of its entries, in place."""
    for section, key, empty_is_missing, value in steps:
        here = entry[section] if section else entry
        found = here.get(key)
        if found is None or (empty_is_missing and not found):
            here[key] = copy_tree(value)


def fill_disks(disks: list[Manifest], steps: dict[str, tuple[EntryStep, ...]]) -> None:
    """Give every disk a target and that target's preferences. Only the first of disk, cdrom and lun counts."""
    for disk in disks:
        for target in DISK_TARGETS:
            if disk.get(target) is not None:
                break
        else:
            target = DISK
            disk[target] = {}
        fill_entry(disk, steps[target])
        if target == DISK and disk[DISK].get("bus") == "virtio":
            fill_entry(disk, steps[VIRTIO_DISK])


def fill_interfaces(interfaces: list[Manifest], networks: list[Manifest], plan: Plan) -> None:
    """Fill models, and bind unbound interfaces of a pod network by masquerade when that is preferred."""
    for interface in interfaces:
        fill_entry(interface, plan.interfaces)
        if plan.masquerade is not None and _is_unbound(interface) and _on_pod_network(interface, networks):
            interface["masquerade"] = copy_tree(plan.masquerade)


def _is_unbound(interface: Manifest) -> bool:
    return all(interface.get(binding) is None for binding in _BINDINGS)


def _on_pod_network(interface: Manifest, networks: list[Manifest]) -> bool:
    """Whether the first network of the interface's name is a pod network."""
    name = interface.get("name") or ""
    for network in networks:
        if (network.get("name") or "") == name:
            return network.get("pod") is not None
    return False


def fill_panic_devices(devices: Manifest, model: str) -> None:
    """Make a panic device of this model when there is none, else fill those that have no model."""
    entries = devices.get("panicDevices")
    if not entries:
        devices["panicDevices"] = [{"model": model}]
        return
    for entry in entries:
        if entry.get("model") is None:
            entry["model"] = model


def fill_gpus(gpus: list[Manifest], options: Manifest) -> None:
    """Give every GPU without virtualGPUOptions the preferred ones; KubeVirt itself never does."""
    for gpu in gpus:
        if gpu.get("virtualGPUOptions") is None:
            gpu["virtualGPUOptions"] = copy_tree(options)
