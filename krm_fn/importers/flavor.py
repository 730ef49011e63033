"""One size of another platform, and what the user decides about the import."""

from __future__ import annotations

from krm_fn.importers.families import DEFAULT_TEMPLATE
from krm_fn.importers.loss import IGNORED, LOST, MAPPED

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Mapping
    from typing import Any

    from krm_fn.core.manifest import Manifest

GIB = 1024
"""MiB in a GiB."""


class Options:
    """The user's choices for an import.

    devices:      name in the listing -> {kind: gpus | hostDevices, deviceName}; GPUs, PCI aliases and resource classes.
    selectors:    trait or aggregate property, or `property=value` -> (node label, value).
    aggregates:   aggregate property -> the values that the listing has of it; the source's own to fill.
    large_page:   what "large" huge pages are.
    overcommit:   memory.overcommitPercent for burstable and shared-core families, or None.
    dedicated:    whether the vCPUs of all other families are dedicated.
    annotate:     whether lost keys stay on the objects as annotations.
    family:       the user's own pattern of names, with the groups `series` and `size`, or None.
    memory:       what KubeVirt flavors that say no memory get.
    """

    __slots__ = (
        "aggregates", "annotate", "dedicated", "devices", "family", "large_page", "memory", "overcommit", "scope", "selectors",
        "vendor",
    )  # fmt: skip

    def __init__(  # noqa: PLR0913 - one argument an option
        self,
        *,
        devices: Mapping[str, Manifest] | None = None,
        selectors: Mapping[str, tuple[str, str]] | None = None,
        large_page: str = "2Mi",
        overcommit: int | None = None,
        dedicated: bool = False,
        annotate: bool = False,
        scope: str = "",
        vendor: str = "",
        family: re.Pattern[str] | None = None,
        memory: str = "",
    ) -> None:
        self.devices = {name.casefold(): dict(device) for name, device in (devices or {}).items()}
        self.selectors = dict(selectors or {})
        self.aggregates: Mapping[str, frozenset[str]] = {}
        self.large_page = large_page
        self.overcommit = overcommit
        self.dedicated = dedicated
        self.annotate = annotate
        self.scope = scope
        self.vendor = vendor
        self.family = family
        self.memory = memory


class Flavor:
    """One size, read.

    name:        as the listing spells it. slug: the object's name.
    series, size, pattern: the family, the size in it, the name template.
    cpu, memory: vCPUs and MiB. template: further fields of the instancetype's spec.
    traits:      name -> fragment of a preference's spec. preferences: combinations of traits that fit, each a tuple.
    comment:     what a reader of the series should know about this size. decided: fates that its values
                 decided (`loss.account`). remarks: (key, disposition, detail) of what the listing does not
                 hold. burstable: None where the platform makes no difference.
    """

    __slots__ = (
        "annotations", "burstable", "comment", "cpu", "decided", "deprecated", "klass", "memory", "name", "pattern",
        "preferences", "remarks", "series", "size", "slug", "template", "traits",
    )  # fmt: skip

    def __init__(self, name: str, series: str, size: str, pattern: str = DEFAULT_TEMPLATE) -> None:
        self.name = name
        self.slug = pattern.replace("{{ series }}", series).replace("{{ size }}", size)
        self.series = series
        self.size = size
        self.pattern = pattern
        self.cpu = 0
        self.memory = 0
        self.klass = "general.purpose"
        self.template: Manifest = {}
        self.traits: dict[str, Manifest] = {}
        self.preferences: list[tuple[str, ...]] = []
        self.annotations: dict[str, str] = {}
        self.deprecated = False
        self.burstable: bool | None = None
        self.comment = ""
        self.decided: dict[str, tuple[str, str]] = {}
        self.remarks: list[tuple[str, str, str]] = []

    def decide(self, key: str, disposition: str, detail: str) -> None:
        """Say what became of a key, where its value and not the table decides; a key may be decided in parts."""
        before = self.decided.get(key.casefold())
        if before:
            disposition = LOST if LOST in (disposition, before[0]) else disposition
            detail = f"{before[1]}; {detail}"
        self.decided[key.casefold()] = (disposition, detail)

    def set(self, *path_and_value: Any) -> None:
        """Set a field of the instancetype's spec: `set("cpu", "dedicatedCPUPlacement", True)`."""
        *path, last, value = path_and_value
        parent = self.template
        for key in path:
            parent = parent.setdefault(key, {})
        parent[last] = value

    def add_devices(self, key: str, name: str, count: int, options: Options) -> None:
        """Add `count` devices of a listing's kind, or say how to map that kind.

        key: the listing's key, for the report. name: the device's name there; `options.devices` maps it.
        """
        device = options.devices.get(name.casefold())
        if not count:
            self.decide(key, IGNORED, "it asks for none")
            return
        if device is None:
            option = "--pci-alias" if key.endswith(":alias") else "--gpu"
            self.decide(key, LOST, f'no device for "{name}"; map it with {option} "{name}=RESOURCE" or in --map FILE')
            return
        if not 0 < count <= MAX_DEVICES:
            self.decide(key, LOST, f"{count} devices: a virtual machine has 1 to {MAX_DEVICES}")
            return
        kind = device["kind"]
        prefix = "gpu" if kind == "gpus" else "device"
        listed = self.template.setdefault(kind, [])
        listed += [
            {"name": f"{prefix}{len(listed) + number}", "deviceName": device["deviceName"]}
            for number in range(1, count + 1)
        ]
        self.decide(key, MAPPED, f"spec.{kind}: {count} x {device['deviceName']}")

    def share(self, key: str, options: Options) -> None:
        """Apply the user's choice about burstable sizes: what `key` of the listing says."""
        if self.burstable and options.overcommit is not None:
            self.set("memory", "overcommitPercent", options.overcommit)
            self.decide(key, MAPPED, f"spec.memory.overcommitPercent: {options.overcommit}")
        elif self.burstable:
            self.decide(
                key, LOST, "vCPUs are shared anyway and have no credits; --overcommit PERCENT shares memory too"
            )
        elif options.dedicated:
            self.set("cpu", "dedicatedCPUPlacement", True)
            self.decide(key, MAPPED, "spec.cpu.dedicatedCPUPlacement: true")
        else:
            self.decide(key, IGNORED, "vCPUs as KubeVirt shares them; --dedicated pins them to cores of their own")


MAX_DEVICES = 64


def whole(value: Any) -> int | None:
    """A whole number given as a number or as its text (`4`, `"4"`, `4.0`), or None."""
    if isinstance(value, bool):
        return None
    try:
        number = float(value) if isinstance(value, (str, int, float)) else None
    except (ValueError, OverflowError):
        return None
    if number is None or number != number or abs(number) >= 1 << 53 or number != int(number):  # noqa: PLR0124 - NaN
        return None
    return int(number)
