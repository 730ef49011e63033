"""Where in the manifest a finding is, when KubeVirt reports it at a path that no manifest has.

Collector carry KubeVirt's own paths, so that they can be compared with what a cluster says. To show the line of one, this
leads to the field that is meant, or to the nearest part around it.
"""

from __future__ import annotations

import re

from krm_fn.validate.admission.rule import D, T, V

_ODDITIES: tuple[tuple[str, str], ...] = (
    (rf"{V}\.disks\.domain\.devices\.disks\.disk(\[\d+\])", rf"{V}.disks\1.disk"),
    (rf"{V}\.disks\.domain\.devices\.disks", f"{V}.disks"),
    (rf"{T}(\[\d+\])\.bootOrder", rf"{V}.interfaces\1.bootOrder"),
    (r"spec\.domain\.devices", V),
    (rf"{T}\.interfaces", f"{V}.interfaces"),
    (rf"{D}\.volumes", f"{T}.volumes"),
    (rf"{T}\.acpi", f"{D}.firmware.acpi"),
    (rf"{T}\.launchSecurity", f"{D}.launchSecurity"),
    (rf"{T}\.GPUs", f"{V}.gpus"),
    (rf"{T}\.Sound", f"{V}.sound"),
    (rf"{T}\.video", f"{V}.video"),
    (rf"{D}\.ioThreads\.count", f"{D}.ioThreads.supplementalPoolThreadCount"),
    (rf"{D}\.features\.hyperv\.domain\.features\.hyperv", f"{D}.features.hyperv"),
    (rf"{T}\.(nodeAffinity|podAffinity|podAntiAffinity)(.*?)\.namespace$", rf"{T}.affinity.\1\2.namespaces"),
    (rf"{T}\.(nodeAffinity|podAffinity|podAntiAffinity)", rf"{T}.affinity.\1"),
    (r"spec\.dataVolumeTemplate(\[\d+\])\.name", r"spec.dataVolumeTemplates\1.metadata.name"),
    (r"spec\.dataVolumeTemplate(\[\d+\])\.source$", r"spec.dataVolumeTemplates\1.spec.source"),
    (r"spec\.dataVolumeTemplate(\[\d+\])\.(PVC\.Storage|source\.sourceRef)", r"spec.dataVolumeTemplates\1.spec"),
    (r"spec\.dataVolumeTemplate(?=\[)", "spec.dataVolumeTemplates"),
    (r"nameservers$", f"{T}.dnsConfig.nameservers"),
    (r"searchDomains$", f"{T}.dnsConfig.searches"),
    (r"options$", f"{T}.dnsConfig.options"),
)
"""(pattern for the beginning of KubeVirt's path, what to write instead); the first that matches counts."""


def manifest_path(path: str) -> str:
    """The path in the manifest that a finding's path means; the path itself when there is nothing odd about it."""
    for pattern, instead in _ODDITIES:
        changed, count = re.subn(f"^{pattern}", instead, path)
        if count:
            return changed
    return path
