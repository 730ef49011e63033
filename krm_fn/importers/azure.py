"""Microsoft Azure: the output of `az vm list-sizes` and of `az vm list-skus`.

list-sizes has four figures a size and counts the cores of the quota; list-skus has capabilities, all of them text.
"""

from __future__ import annotations

import re
from decimal import ROUND_CEILING, Decimal, InvalidOperation

from krm_fn.core.naming import slug
from krm_fn.importers.families import split
from krm_fn.importers.flavor import GIB, Flavor, whole
from krm_fn.importers.listing import folded, rows_with
from krm_fn.importers.loss import IGNORED, LOST, MAPPED, fold, only
from krm_fn.importers.platforms import Platform
from krm_fn.importers.traits import ARCHITECTURES, offer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_fn.core.manifest import Manifest
    from krm_fn.importers.flavor import Options

_COMMAND = "`az vm list-sizes` or `az vm list-skus`"
_ABOUT = {
    "vendor": "azure.microsoft.com",
    "displayName": "Microsoft Azure {series}",
    "preferences": "What the sizes' processors and firmware allow",
    "preferenceName": "Microsoft Azure {{ member }}",
    "description": "Sizes of Microsoft Azure's {series} series: {{{{ cpu }}}} vCPUs, {{{{ memory }}}} of memory",
}
_CLASSES = {"f": "compute.optimized", "e": "memory.optimized", "m": "memory.optimized", "g": "memory.optimized",
            "l": "storage.optimized", "n": "accelerated.computing", "h": "high.performance"}  # fmt: skip
_PARTS = re.compile(
    r"(?P<tier>standard|basic)_(?P<family>[a-z]+)(?P<number>\d+)(?:-(?P<active>\d+))?(?P<letters>[a-z]*)(?P<rest>(?:_[a-z0-9]+)*)"
)
_CONFIDENTIAL = {"SNP": "snp", "TDX": "tdx"}
_STORAGE = (LOST, "disks are volumes of the VirtualMachine")
_NETWORK = (LOST, "an instancetype says nothing about networks; interfaces are the VirtualMachine's")
_WHOLE = 200
_OFFER = (IGNORED, "about the offer, not the machine")
_KEYS = fold({
    "name": (MAPPED, "metadata.name"),
    "numberOfCores": (MAPPED, "spec.cpu.guest"),
    "memoryInMB": (MAPPED, "spec.memory.guest, in MiB whatever the key says"),
    "osDiskSizeInMB": _STORAGE,
    "resourceDiskSizeInMB": _STORAGE,
    "maxDataDiskCount": _STORAGE,
    "resourceType": (IGNORED, "virtualMachines; what is none is left out"),
    "tier": (IGNORED, "the name begins with it"),
    "size": (IGNORED, "the name holds it"),
    "family": (IGNORED, "the quota's family; the name says the series"),
    "kind": _OFFER, "capacity": _OFFER, "costs": _OFFER, "apiVersions": _OFFER, "locations": _OFFER,
    "locationInfo": _OFFER,
    "restrictions": (IGNORED, "restricted in some zones only"),
    "capabilities.vCPUs": (MAPPED, "spec.cpu.guest"),
    "capabilities.vCPUsAvailable": (MAPPED, "spec.cpu.guest"),
    "capabilities.vCPUsPerCore": only(
        lambda count: str(count) == "2", (MAPPED, "the preference's cpu topology"), "one thread a core is the default"
    ),
    "capabilities.MemoryGB": (MAPPED, "spec.memory.guest"),
    "capabilities.CpuArchitectureType": (MAPPED, "the preference's preferredArchitecture"),
    "capabilities.HyperVGenerations": only(
        lambda value: "V2" in str(value).upper(), (MAPPED, "preferences with preferredEfi"), "KubeVirt's default"
    ),
    "capabilities.TrustedLaunchDisabled": only(
        lambda value: str(value).casefold() == "true", (MAPPED, "no preference with secure boot"), "it is not disabled"
    ),
    "capabilities.ConfidentialComputingType": only(
        lambda value: str(value).upper() in _CONFIDENTIAL,
        (MAPPED, "a preference with preferredLaunchSecurity, beside EFI"),
        "no kind of launch security that KubeVirt has",
    ),
    "capabilities.ParentSize": (IGNORED, "the size this one is a constrained form of"),
    "capabilities.ACUs": (LOST, "a benchmark figure; cpu.model chooses the processor"),
    **dict.fromkeys(("capabilities." + name for name in (
        "MaxResourceVolumeMB", "OSVhdSizeMB", "MaxDataDiskCount", "PremiumIO", "UltraSSDAvailable", "CachedDiskBytes",
        "CombinedTempDiskAndCachedIOPS", "CombinedTempDiskAndCachedReadBytesPerSecond", "UncachedDiskIOPS",
        "CombinedTempDiskAndCachedWriteBytesPerSecond", "UncachedDiskBytesPerSecond", "EphemeralOSDiskSupported",
        "SupportedEphemeralOSDiskPlacements", "EncryptionAtHostSupported", "DiskControllerTypes", "NvMeDiskSizeInMiB",
        "NvMeSizePerDiskInMiB", "MaxWriteAcceleratorDisksAllowed",
    )), _STORAGE),
    **dict.fromkeys(("capabilities." + name for name in (
        "AcceleratedNetworkingEnabled", "MaxNetworkInterfaces", "RdmaEnabled",
    )), _NETWORK),
    **dict.fromkeys(("capabilities." + name for name in (
        "LowPriorityCapable", "VMDeploymentTypes", "CapacityReservationSupported", "SupportedCapacityReservationTypes",
        "MemoryPreservingMaintenanceSupported", "RetirementDateUtc",
    )), _OFFER),
    "capabilities.HibernationSupported": (LOST, "KubeVirt does not hibernate"),
})  # fmt: skip


def _rows(document: Any) -> list[Any] | None:
    """The rows of either command; the API's own answers hold them under `value`."""
    sizes = rows_with(document, "name", "numberOfCores", within="value")
    return sizes if sizes is not None else rows_with(document, "resourceType", "capabilities", within="value")


def _unnest(record: Manifest) -> Manifest:
    """The record with its capabilities as a mapping: the listing has name and value pairs."""
    key = next((key for key in record if str(key).casefold() == "capabilities"), "")
    pairs = record.get(key)
    if not isinstance(pairs, list) or not all(isinstance(pair, dict) for pair in pairs):
        return record
    rows = [folded(pair) for pair in pairs]
    if not all("name" in row for row in rows):
        return record
    return {name: value for name, value in record.items() if name != key} | {
        "capabilities": {str(row["name"]): row.get("value") for row in rows}
    }


def _foreign(record: Manifest) -> str:
    """What a row is when it is no size of a virtual machine; list-skus lists disks and hosts too."""
    kind = str(record.get("resourcetype", "virtualMachines"))
    return "" if kind.casefold() == "virtualmachines" else f"not a virtual machine size but {kind}"


def _read(record: Manifest, options: Options) -> Flavor | str:
    """A flavor, or why there is none."""
    name = str(record.get("name", ""))
    if name.casefold().endswith("_promo"):
        return "a promotional size; import the one without _Promo"
    if restricted := _restricted(record):
        return restricted
    match = _PARTS.fullmatch(name.casefold())
    flavor = Flavor(name, *(_parts(match) if match else split(slug(name))))
    capabilities = record.get("capabilities")
    facts = (
        {key.casefold(): str(value) for key, value in capabilities.items()} if isinstance(capabilities, dict) else {}
    )
    _figures(flavor, record, facts, int(match["active"]) if match and match["active"] else 0)
    flavor.klass = _CLASSES.get(match["family"][0] if match else "", "general.purpose")
    if match and match["family"] == "b":
        flavor.burstable = True
        flavor.share("name", options)
    elif options.dedicated:
        flavor.set("cpu", "dedicatedCPUPlacement", True)
    if facts.get("gpus", "0") != "0":
        gpus = whole(facts["gpus"])
        family = str(record.get("family", "")) or flavor.series
        if gpus and gpus > 0:
            flavor.add_devices("capabilities.GPUs", family, gpus, options)
        else:
            flavor.decide("capabilities.GPUs", LOST, f"a fraction of a GPU of {family} is no device; add it by hand")
    elif "gpus" in facts:
        flavor.decide("capabilities.GPUs", IGNORED, "it has none")
    return _preferences(flavor, facts)


def _figures(flavor: Flavor, record: Manifest, facts: Manifest, active: int) -> None:
    cores = whole(record.get("numberofcores")) or whole(facts.get("vcpus")) or 0
    flavor.cpu = whole(facts.get("vcpusavailable")) or (active or cores)
    if flavor.cpu != cores:
        flavor.comment = f"{flavor.name} has {cores} cores of quota, {flavor.cpu} of them active"
        for key in ("numberOfCores", "capabilities.vCPUs"):
            flavor.decide(key, IGNORED, "the cores of the quota; the active ones count")
    try:
        gibibytes = Decimal(str(facts["memorygb"])) if "memorygb" in facts else Decimal(0)
        flavor.memory = int((gibibytes * GIB).to_integral_value(ROUND_CEILING)) if 0 < gibibytes < GIB * GIB else 0
    except (InvalidOperation, ValueError):
        flavor.memory = 0
    flavor.memory = flavor.memory or whole(record.get("memoryinmb")) or 0


def _preferences(flavor: Flavor, facts: Manifest) -> Flavor | str:
    architecture = facts.get("cpuarchitecturetype", "").casefold()
    if architecture and architecture not in ARCHITECTURES:
        return f"KubeVirt does not run {architecture}"
    always = [ARCHITECTURES[architecture]] if architecture else []
    if facts.get("vcpuspercore") == "2":
        always.append("threads")
    generations = {part.strip().upper() for part in facts.get("hypervgenerations", "").split(",")}
    choices: list[tuple[str, ...]] = [] if generations == {"V2"} else [()]
    if "V2" in generations:
        choices.append(("efi",))
        if facts.get("trustedlaunchdisabled", "").casefold() != "true":
            choices.append(("secureboot", "tpm"))
        if security := _CONFIDENTIAL.get(facts.get("confidentialcomputingtype", "").upper()):
            choices.append(("efi", security))
    if always or choices != [()]:
        offer(flavor, always, choices)
    return flavor


def _parts(match: re.Match[str]) -> tuple[str, str, str]:
    """A name's parts: family, letters and version make the series, the number and what belongs to it the size.

    To the size belong the active cores (`16-4`), a number of its own behind the letters (`M96s_1_v3`), the letter of sizes
    that have a host to themselves (`E104is_v5`), and the letters of burstable sizes, which carry their memory.
    """
    family, letters = match["family"], match["letters"]
    size = match["number"] + (f"-{match['active']}" if match["active"] else "")
    rest = match["rest"].split("_")[1:]
    numbers = [part for part in rest if part.isdecimal()]
    rest = [part for part in rest if not part.isdecimal()]
    series = family + letters + "".join(rest)
    if family == "b":
        series = family + (letters.translate(_MEMORY_LETTERS) if rest else "") + "".join(rest)
        size, letters = size + letters, ""
    elif numbers:
        size, letters = "-".join((size + letters, *numbers)), ""
    elif letters[:1] == "i":
        series = family + letters[1:] + "".join(rest)
        size, letters = size + "i", letters[1:]
    if match["tier"] == "basic":
        series = f"basic-{series}"
    tail = "".join(f"-{part}" for part in rest)
    return series, size, f"{match['tier']}-{family}{{{{ size }}}}{letters}{tail}"


def _around(flavor: Flavor) -> str:
    """The series without the letters of a size's extras: NC24rs_v3, which has RDMA, is one of NCsv3."""
    match = _PARTS.fullmatch(flavor.name.casefold())
    if match is None:
        return ""
    letters = match["letters"].translate(_EXTRA_LETTERS)
    series = match["family"] + letters + "".join(part for part in match["rest"].split("_") if not part.isdecimal())
    return series if series != flavor.series else ""


_EXTRA_LETTERS = {ord(letter): None for letter in "irm"}
_MEMORY_LETTERS = {ord(letter): None for letter in "lmt"}


def _restricted(record: Manifest) -> str:
    """Why a row is not offered where it says it is, "" when it is; a restriction of some zones is none."""
    places = {str(place).casefold() for place in _list(record.get("locations"))}
    closed: set[str] = set()
    for row in map(folded, filter(lambda row: isinstance(row, dict), _list(record.get("restrictions")))):
        if str(row.get("type", "")).casefold() == "location":
            info = row.get("restrictioninfo")
            named = _list(info.get("locations")) if isinstance(info, dict) else _list(row.get("values"))
            closed |= {str(place).casefold() for place in named} or places or {""}
    if not closed or places - closed:
        return ""
    return f"restricted for this subscription in {', '.join(sorted(places)) or 'its location'}"


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


SOURCE = Platform(
    "azure",
    _COMMAND,
    _ABOUT,
    "name",
    _KEYS,
    _rows,
    _read,
    unnest=_unnest,
    foreign=_foreign,
    around=_around,
    whole=_WHOLE,
)
