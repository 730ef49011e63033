"""Amazon EC2: the output of `aws ec2 describe-instance-types`.

Fields as in the EC2 API's InstanceTypeInfo.
"""

from __future__ import annotations

import re

from krm_fn.core.naming import slug
from krm_fn.importers.families import split
from krm_fn.importers.flavor import Flavor, whole
from krm_fn.importers.listing import rows_with
from krm_fn.importers.loss import IGNORED, LOST, MAPPED, fold, only
from krm_fn.importers.platforms import Platform
from krm_fn.importers.traits import ARCHITECTURES, offer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_fn.core.manifest import Manifest
    from krm_fn.importers.flavor import Options

_COMMAND = "`aws ec2 describe-instance-types`"
_ABOUT = {
    "vendor": "aws.amazon.com",
    "displayName": "Amazon EC2 {series}",
    "preferences": "What the types' processors and firmware allow",
    "preferenceName": "Amazon EC2 {{ member }}",
    "description": "Sizes of Amazon EC2's {series} family: {{{{ cpu }}}} vCPUs, {{{{ memory }}}} of memory",
}
_CLASSES = {
    "compute.optimized": ("c", "hpc"),
    "memory.optimized": ("r", "u", "x", "z"),
    "storage.optimized": ("d", "h", "i", "im", "is"),
    "accelerated.computing": ("dl", "f", "g", "gr", "inf", "p", "trn", "vt"),
}
_CLASS_OF = {prefix: name for name, prefixes in _CLASSES.items() for prefix in prefixes}
_OTHER_HARDWARE = {
    "fpgainfo": "FPGAs",
    "inferenceacceleratorinfo": "inference accelerators",
    "neuroninfo": "Neuron accelerators",
    "mediaacceleratorinfo": "media accelerators",
}
_STORAGE = (LOST, "disks of an instance are volumes of the VirtualMachine")
_NETWORK = (LOST, "an instancetype says nothing about networks; interfaces are the VirtualMachine's")
_REGION = (IGNORED, "about the offer, not the machine")


def _features(name: Any) -> tuple[str, str]:
    """What becomes of a processor's feature that no preference asks for."""
    if name == "nested-virtualization":
        return LOST, "whether guests can run guests is the node's; cpu.features asks for vmx or svm"
    return (
        (IGNORED, "about the bare metal types")
        if name == "metal-compatibility"
        else (LOST, "no preference asks for it")
    )


_KEYS = fold({
    "InstanceType": (MAPPED, "metadata.name"),
    "VCpuInfo.DefaultVCpus": (MAPPED, "spec.cpu.guest"),
    "VCpuInfo.DefaultThreadsPerCore": only(
        lambda count: count == 2, (MAPPED, "the preference's cpu topology"), "one thread a core is the default"
    ),
    "VCpuInfo.DefaultCores": (IGNORED, "follows from vCPUs and threads per core"),
    "VCpuInfo.ValidCores": (IGNORED, "other core counts are a choice at launch; write a size of your own"),
    "VCpuInfo.ValidThreadsPerCore": (IGNORED, "other thread counts are a choice at launch"),
    "MemoryInfo.SizeInMiB": (MAPPED, "spec.memory.guest"),
    "ProcessorInfo.SupportedArchitectures": (MAPPED, "the preference's preferredArchitecture"),
    "ProcessorInfo.SupportedFeatures": lambda name: (
        (MAPPED, "a preference with preferredLaunchSecurity") if name == "amd-sev-snp" else _features(name)
    ),
    "ProcessorInfo.SustainedClockSpeedInGhz": (LOST, "the clock is the node's; cpu.model chooses the processor"),
    "ProcessorInfo.Manufacturer": (LOST, "the manufacturer is the node's; cpu.model chooses the processor"),
    "CurrentGeneration": only(lambda is_current: is_current is False, (MAPPED, "the label deprecated"), "it is current"),
    "BurstablePerformanceSupported": (MAPPED, "vCPUs are shared"),
    "BareMetal": (IGNORED, "bare metal would be left out"),
    "SupportedBootModes": only(
        lambda mode: mode != "legacy-bios", (MAPPED, "preferences with preferredEfi"), "KubeVirt's default"
    ),
    "NitroTpmSupport": only(
        lambda value: value == "supported", (MAPPED, "a preference with preferredTPM, beside EFI"), "it has none"
    ),
    "NitroTpmInfo": (IGNORED, "versions of the TPM; KubeVirt's is 2.0"),
    "GpuInfo.TotalGpuMemoryInMiB": (IGNORED, "the sum over the GPUs"),
    "GpuInfo.Gpus.MemoryInfo": (IGNORED, "a property of the GPU"),
    "Hypervisor": (IGNORED, "KubeVirt's is KVM"),
    "SupportedVirtualizationTypes": (IGNORED, "KubeVirt's is hvm"),
    "InstanceStorageSupported": _STORAGE,
    "InstanceStorageInfo": _STORAGE,
    "EbsInfo": _STORAGE,
    "SupportedRootDeviceTypes": _STORAGE,
    "NetworkInfo": _NETWORK,
    "NitroEnclavesSupport": (LOST, "KubeVirt has no enclaves"),
    "PhcSupport": (LOST, "a precision clock is the node's"),
    "HibernationSupported": (LOST, "KubeVirt does not hibernate"),
    "PlacementGroupInfo": (LOST, "placement is affinity in the VirtualMachine"),
    "FreeTierEligible": _REGION,
    "SupportedInRegion": _REGION,
    "SupportedUsageClasses": _REGION,
    "DedicatedHostsSupported": _REGION,
    "AutoRecoverySupported": (IGNORED, "recovery is the VirtualMachine's runStrategy"),
    "RebootMigrationSupport": (IGNORED, "migration is the cluster's"),
})  # fmt: skip


def _rows(document: Any) -> list[Any] | None:
    """The types of one page of the answer, or of what --query leaves of it."""
    return rows_with(document, "InstanceType", "VCpuInfo", within="InstanceTypes")


def _read(record: Manifest, options: Options) -> Flavor | str:
    """A flavor, or why there is none."""
    name = str(record.get("instancetype", ""))
    flavor = Flavor(name, *_parts(slug(name)))
    cpu, processor = _part(record, "vcpuinfo"), _part(record, "processorinfo")
    flavor.cpu = whole(cpu.get("DefaultVCpus")) or 0
    flavor.memory = whole(_part(record, "memoryinfo").get("SizeInMiB")) or 0
    reason = _unfit(record, processor)
    if reason:
        return reason
    prefix = re.match(r"[a-z]*", flavor.series)
    flavor.klass = _CLASS_OF.get(prefix[0] if prefix else "", "general.purpose")
    flavor.deprecated = record.get("currentgeneration") is False
    flavor.burstable = record.get("burstableperformancesupported") is True
    flavor.share("BurstablePerformanceSupported", options)
    _gpus(flavor, record, options)
    _preferences(flavor, record, threads=whole(cpu.get("DefaultThreadsPerCore")) == 2)
    return flavor


def _parts(name: str) -> tuple[str, str, str]:
    """At the dot; the high memory types, `u7i-12tb.224xlarge`, have their terabytes in the size."""
    memory = re.fullmatch(r"(?P<series>u\w*)-(?P<size>\d+tb.*)", name)
    return (memory["series"], memory["size"], "{{ series }}-{{ size }}") if memory else split(name)


def _unfit(record: Manifest, processor: Manifest) -> str:
    if record.get("baremetal") is True:
        return "bare metal is no virtual machine"
    found = next((what for key, what in _OTHER_HARDWARE.items() if record.get(key)), "")
    if found:
        return f"{found} have no device in KubeVirt that a listing could name; add the size by hand with hostDevices"
    names = _strings(processor.get("SupportedArchitectures"))
    if names and not any(name in ARCHITECTURES for name in names):
        return f"KubeVirt does not run {', '.join(names)}"
    return ""


def _gpus(flavor: Flavor, record: Manifest, options: Options) -> None:
    gpus = _part(record, "gpuinfo").get("Gpus")
    for gpu in gpus if isinstance(gpus, list) else []:
        if not isinstance(gpu, dict):
            continue
        name = f"{gpu.get('Manufacturer', '')} {gpu.get('Name', '')}".strip()
        count = whole(gpu.get("Count", 1))
        if not count or count < 0:
            flavor.decide("GpuInfo", LOST, f"a fraction of {name} is no device; map it as a virtual GPU by hand")
        else:
            flavor.add_devices("GpuInfo.Gpus", name, count, options)


def _preferences(flavor: Flavor, record: Manifest, *, threads: bool) -> None:
    processor = _part(record, "processorinfo")
    names = _strings(processor.get("SupportedArchitectures"))
    always = list(dict.fromkeys(ARCHITECTURES[name] for name in names if name in ARCHITECTURES))[:1]
    always += ["threads"] if threads else []
    modes = _strings(record.get("supportedbootmodes"))
    choices: list[tuple[str, ...]] = [] if modes == ["uefi"] else [()]
    if "uefi" in modes or "uefi-preferred" in modes:
        choices.append(("efi",))
        if record.get("nitrotpmsupport") == "supported":
            choices.append(("efi", "tpm"))
        if "amd-sev-snp" in _strings(processor.get("SupportedFeatures")):
            choices.append(("efi", "snp"))
    offer(flavor, always, choices)


def _part(record: Manifest, key: str) -> Manifest:
    value = record.get(key)
    return value if isinstance(value, dict) else {}


def _strings(value: Any) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


SOURCE = Platform("aws", _COMMAND, _ABOUT, "instancetype", _KEYS, _rows, _read)
