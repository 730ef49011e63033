"""What KubeVirt admits and has doubts about: what its webhook warns of, and what the machine never starts with."""

from __future__ import annotations

import re

from krm_fn.core.finding import WARNING, Finding, Rule
from krm_fn.core.manifest import mapping, text
from krm_fn.kubevirt.defaulted import entries

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_fn.core.manifest import Manifest

RUNNING = Rule(
    "vm/running-deprecated",
    "Deprecated way to say that a machine runs",
    "spec.running is deprecated: KubeVirt's webhook warns of it, and it can't say more than Always and Halted.",
    "pkg/virt-api/webhooks/validating-webhook/admitters/vms-admitter.go",
)
DEVICE_NAME = Rule(
    "vm/device-name",
    "Device name that libvirt refuses",
    "The name becomes a libvirt alias, which takes letters, digits, _ and - only: KubeVirt admits the VM, and it never starts.",
)
NODE_SELECTOR = Rule(
    "vm/node-selector",
    "Node selector that no pod can have",
    "The machine's pod gets the node selector, whose keys and values are those of labels: KubeVirt admits the VM, and its pod is refused.",
    "k8s.io/kubernetes pkg/apis/core/validation/validation.go: ValidatePodSpec",
)
_NAMED_DEVICES = ("gpus", "hostDevices", "inputs")
_ALIAS = re.compile(r"[A-Za-z0-9_-]*").fullmatch


def check(vm: Manifest, about: Manifest | None = None) -> list[Finding]:
    """Warnings about a VirtualMachine that KubeVirt admits. They are about the VM, or about `about` in its place."""
    item = about if about is not None else vm
    spec = mapping(vm, "spec")
    found = []
    if isinstance(spec.get("running"), bool):
        instead = "Always" if spec["running"] else "Halted"
        message = f"is deprecated, and KubeVirt warns of it: write runStrategy: {instead} in its place"
        found.append(Finding(RUNNING, message, item, "spec.running", severity=WARNING, current=spec["running"]))
    devices = mapping(spec, "template", "spec", "domain", "devices")
    for key in _NAMED_DEVICES:
        for index, device in enumerate(entries(devices, key)):
            name = text(device, "name")
            if not _ALIAS(name):
                message = f'"{name}" becomes a libvirt alias, which takes letters, digits, _ and - only, so the machine never starts: rename it'
                path = f"spec.template.spec.domain.devices.{key}[{index}].name"
                found.append(Finding(DEVICE_NAME, message, item, path, severity=WARNING, current=name))
    return found + _of_node_selector(item)


def _of_node_selector(item: Manifest) -> list[Finding]:
    """The VM's own node selector; what an instancetype brings is said of the instancetype."""
    template = mapping(item, "spec", "template", "spec")
    if not template.get("nodeSelector"):
        return []
    from krm_fn.instancetype.validate import doubtful

    return [each.but(rule=NODE_SELECTOR, path=f"spec.template.{each.path}") for each in doubtful(template, item)]
