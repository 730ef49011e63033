"""What KubeVirt adds to a VirtualMachine on its own, before and besides the instancetype and the preference.

`defaults` is "none", "kubevirt" or a mapping whose keys are the rows of SETTINGS.
Source: KubeVirt 1.9, pkg/virt-controller/watch/vm/vm.go (startVMI), pkg/network/vmispec, pkg/defaults/defaults.go,
pkg/instancetype/webhooks/vm/mutator.go and pkg/virt-api/webhooks/mutating-webhook/mutators/vm-mutator.go.
"""

from __future__ import annotations

from krm_fn.core.fieldpath import find, make
from krm_fn.core.finding import Finding, Rule
from krm_fn.core.manifest import name_of, namespace_of, text
from krm_fn.kubevirt import defaulted
from krm_fn.kubevirt.facts import ARCHITECTURES, MACHINE_TYPES
from krm_fn.kubevirt.versions import MARKS_PCI_TOPOLOGY, NEWEST, brings
from krm_fn.preference.apply import apply_autoattach
from krm_fn.vm import canonical

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_fn.core.manifest import Manifest
    from krm_fn.kubevirt.versions import Version
    from krm_fn.preference.plan import Plan

FIRMWARE = Rule(
    "defaults/firmware",
    "Firmware identity without a name",
    "The firmware's uuid and serial are derived from the VM's namespace and name, so both have to be known.",
)
NONE, KUBEVIRT = "none", "kubevirt"

DEFAULT_BINDING = "bridge"
BINDINGS = ("bridge", "masquerade")
PCI_TOPOLOGY = "kubevirt.io/pci-topology-version"
PCI_TOPOLOGY_VERSION = "v3"

_FLAG = {"type": "boolean"}
_TEXT = {"type": "string", "minLength": 1}
_FLAG_OR_TEXT = {"anyOf": [_FLAG, _TEXT]}

SETTINGS: dict[str, tuple[Manifest, str, str]] = {
    "architecture": (
        {"enum": list(MACHINE_TYPES)},
        "spec.template.spec.architecture",
        "The cluster's default architecture, for VMs and preferences that name none.",
    ),
    "machineType": (
        {"anyOf": [_FLAG, _TEXT, {"type": "object", "additionalProperties": _TEXT}]},
        "spec.template.spec.domain.machine.type",
        "The machine type, one text or one for each architecture; true stands for KubeVirt's own: "
        + ", ".join(f"{machine} on {architecture}" for architecture, machine in MACHINE_TYPES.items())
        + ".",
    ),
    "networkInterface": (
        {"enum": list(BINDINGS)},
        "spec.template.spec.domain.devices.interfaces",
        f"How the default interface of a VM without networks is bound; {DEFAULT_BINDING} when absent.",
    ),
    "firmwareUUID": (
        _FLAG,
        "spec.template.spec.domain.firmware.uuid",
        "true derives it from the VM's namespace and name, so that it stays. KubeVirt draws it at random.",
    ),
    "firmwareSerial": (
        _FLAG,
        "spec.template.spec.domain.firmware.serial",
        "true derives it from the VM's namespace and name, so that it stays. KubeVirt draws it at random.",
    ),
    "cluster": (
        _TEXT,
        "spec.template.spec.domain.firmware.uuid and .serial",
        "Mixed into what firmwareUUID and firmwareSerial derive, so that equal names on two clusters differ.",
    ),
    "pciTopologyVersion": (
        _FLAG_OR_TEXT,
        f"spec.template.metadata.annotations[{PCI_TOPOLOGY}]",
        f"The version of the PCI topology where KubeVirt writes one, on amd64 and arm64; true is {PCI_TOPOLOGY_VERSION}.",
    ),
    "storageClass": (
        _FLAG,
        "spec.dataVolumeTemplates[].spec.{pvc,storage}.storageClassName",
        "true writes the preference's storage class into a pinned VM's templates that name none; an expanded VM has it anyway.",
    ),
    "canonical": (
        _FLAG,
        "spec",
        "true writes what KubeVirt stores: 1024Mi as 1Gi, resources: {}, and no false, 0, empty text or list where Go omits it.",
    ),
}
"""Key of the mapping to its JSON schema, the VM fields it writes, and its description. What the VM sets stays."""

_DERIVED = {"firmwareUUID": ("uuid", ""), "firmwareSerial": ("serial", "#serial")}
"""Setting to the firmware field it derives and what tells that field's text from the other's."""
_ANNOTATIONS = ("spec", "template", "metadata", "annotations")
_FIRMWARE_NAMESPACE = "7f3c4d0e-0d5b-5f61-9c0d-6f2f6c1f8a35"


def schema() -> Manifest:
    """Return the JSON schema of a renderer's `defaults`."""
    properties = {key: {**form, "description": description} for key, (form, _, description) in SETTINGS.items()}
    mapping_form = {"type": "object", "properties": properties, "additionalProperties": False}
    return {"anyOf": [{"enum": [KUBEVIRT, NONE]}, mapping_form]}


def before(spec: Manifest, preference: Plan | None, defaults: Any) -> list[Manifest]:
    """Add what has to be there for a preference to reach it, in place: disks, input device, network and interface.

    Returns the input device in a list when one was added, for `complete` to fill in what the preference leaves open.
    """
    _add_disks(spec)
    if defaults == NONE:
        return []
    if preference is not None:
        apply_autoattach(preference, spec)
    inputs: list[Manifest] = []
    if defaulted.gets_input(find(spec, ("domain", "devices")) or {}):
        inputs = make(spec, ("domain", "devices"))["inputs"] = [{"name": defaulted.INPUT["name"]}]
    if defaulted.gets_pod_network(spec):
        binding = text(defaults, "networkInterface")
        binding = binding if binding in BINDINGS else DEFAULT_BINDING
        make(spec, ("domain", "devices"))["interfaces"] = [{"name": defaulted.NETWORK, binding: {}}]
        spec["networks"] = [{"name": defaulted.NETWORK, "pod": {}}]
    return inputs


def complete(inputs: list[Manifest]) -> None:
    """Give the input devices that were added the type and the bus that nobody wished for otherwise, in place."""
    for device in inputs:
        for key, value in defaulted.INPUT.items():
            if not device.get(key):
                device[key] = value


def _add_disks(spec: Manifest) -> None:
    added = defaulted.bare_disks(spec) if spec.get("volumes") else []
    if added:
        devices = make(spec, ("domain", "devices"))
        devices["disks"] = (devices.get("disks") or []) + added


def architecture_of(defaults: Any) -> str:
    """Return the cluster's default architecture, by which requirements are judged too."""
    return text(defaults, "architecture") or ARCHITECTURES[0]


def after(vm: Manifest, preference: Plan | None, settings: Manifest, version: Version = NEWEST) -> list[Finding]:
    """Write what the VM webhook writes besides, as far as the settings ask for it, in place.

    The VM has a spec.template.spec. An error when it has no name to derive its firmware's uuid and serial from.
    """
    derived = [key for key in _DERIVED if settings.get(key) is True]
    if derived and not name_of(vm):
        message = f"{' and '.join(derived)} are derived from the VM's name: write metadata.name"
        return [Finding(FIRMWARE, message, vm, "metadata.name")]
    spec = vm["spec"]["template"]["spec"]
    _write_machine(spec, settings)
    for key in derived:
        field, salt = _DERIVED[key]
        if not find(spec, ("domain", "firmware", field)):
            seed = "/".join((text(settings, "cluster"), namespace_of(vm), name_of(vm)))
            make(spec, ("domain", "firmware"))[field] = _derived_uuid(seed + salt)
    layout = settings.get("pciTopologyVersion")
    written = brings(MARKS_PCI_TOPOLOGY, version) and defaulted.has_pci_topology(spec)
    if layout and written and not find(vm, (*_ANNOTATIONS, PCI_TOPOLOGY)):
        make(vm, _ANNOTATIONS)[PCI_TOPOLOGY] = PCI_TOPOLOGY_VERSION if layout is True else str(layout)
    if settings.get("storageClass") is True and preference is not None and preference.storage_class:
        write_storage_class(vm["spec"], preference.storage_class)
    if settings.get("canonical") is True:
        canonical.write(vm)
    return []


def _write_machine(spec: Manifest, settings: Manifest) -> None:
    """Write the architecture, and the machine type for the one that the VM then has."""
    if text(settings, "architecture") and not spec.get("architecture"):
        spec["architecture"] = settings["architecture"]
    architecture = defaulted.architecture(spec)
    setting = settings.get("machineType")
    if setting is True:
        setting = defaulted.machine_type(architecture)
    machine = text(setting, architecture) if isinstance(setting, dict) else setting
    if machine and not find(spec, ("domain", "machine", "type")):
        make(spec, ("domain", "machine"))["type"] = machine


def _derived_uuid(seed: str) -> str:
    """A version 5 UUID of a text."""
    from hashlib import sha1  # only here: few need it, and it takes time to import

    digest = bytearray(
        sha1(bytes.fromhex(_FIRMWARE_NAMESPACE.replace("-", "")) + seed.encode(), usedforsecurity=False).digest()
    )
    digest[6] = digest[6] & 0x0F | 0x50
    digest[8] = digest[8] & 0x3F | 0x80
    digits = digest[:16].hex()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def write_storage_class(spec: Manifest, name: str) -> None:
    """Write the class that a preference prefers into the dataVolumeTemplates of a VM's spec that name none, in place.

    Source: pkg/instancetype/webhooks/vm/mutator.go. The webhook can't do it for a VM whose preference is gone.
    """
    for template in spec.get("dataVolumeTemplates") or ():
        for section in ("pvc", "storage"):
            claim = find(template, ("spec", section))
            if claim is not None and claim.get("storageClassName") is None:
                claim["storageClassName"] = name
