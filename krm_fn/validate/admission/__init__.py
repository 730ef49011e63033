"""The rules of KubeVirt's admission that a manifest alone decides.

KubeVirt looks at a VirtualMachine in stages: the schema, the mutating webhook, the CRD, the validating webhook of the
VirtualMachine, and when it is started the one of its VirtualMachineInstance. The schema is `validate.schema`'s; the
rest is here, one table for each area. A cluster stops at the first stage that refuses; here all are run, so that an
author sees everything at once.

The rules are those of KubeVirt 1.9 with its default settings, and with the feature gates on that admit more. For an
older version those about newer fields are left out.
"""

from __future__ import annotations

from functools import cache

from krm_fn.core.finding import NOTHING, Finding
from krm_fn.core.manifest import copy_tree, mapping, text
from krm_fn.kubevirt.defaulted import entries
from krm_fn.kubevirt.versions import NEWEST, Version
from krm_fn.validate.admission import (
    architecture,
    block_size,
    buses,
    claims,
    cloud_init,
    cpu,
    credentials,
    data_volume_templates,
    devices,
    disks,
    dns,
    firmware,
    hyperv,
    interfaces,
    launch_security,
    matchers,
    memory,
    metadata,
    networks,
    ports,
    probes,
    run_strategy,
    scheduling,
    volumes,
)
from krm_fn.validate.admission.engine import compiled, results, run
from krm_fn.validate.admission.machine import Machine
from krm_fn.validate.admission.rule import CRD, CREATE, MUTATE, START, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from krm_fn.core.manifest import Manifest
    from krm_fn.validate.admission.engine import Plan

AREAS: tuple[tuple[str, tuple[Rule, ...]], ...] = (
    ("Names, labels, annotations", metadata.RULES),
    ("Instancetype and preference", matchers.RULES),
    ("Run strategy, reboot policy, long lists", run_strategy.RULES),
    ("Memory, CPU resources, huge pages, hotplug", memory.RULES),
    ("CPU placement, NUMA, realtime", cpu.RULES),
    ("Architecture", architecture.RULES),
    ("Disks", disks.RULES),
    ("Disk buses", buses.RULES),
    ("Block sizes", block_size.RULES),
    ("Volumes", volumes.RULES),
    ("Cloud-init", cloud_init.RULES),
    ("dataVolumeTemplates", data_volume_templates.RULES),
    ("Networks", networks.RULES),
    ("Interfaces", interfaces.RULES),
    ("Ports", ports.RULES),
    ("Resource claims, GPUs, host devices", claims.RULES),
    ("Other devices and IO threads", devices.RULES),
    ("Firmware", firmware.RULES),
    ("Launch security", launch_security.RULES),
    ("Hyper-V", hyperv.RULES),
    ("Probes, start and eviction", probes.RULES),
    ("Host name, DNS, service account", dns.RULES),
    ("Affinity and topology spread", scheduling.RULES),
    ("Access credentials", credentials.RULES),
)
RULES: tuple[Rule, ...] = tuple(rule for _, area in AREAS for rule in area)


def rules() -> tuple[Rule, ...]:
    """All rules, in the order of their areas."""
    return RULES


def check(
    vm: Manifest, version: str = NEWEST, *, misshapen: Collection[str] = (), unread: bool = False
) -> list[Finding]:
    """What KubeVirt would refuse about a VirtualMachine as it is written, or as it is after an expansion.

    An instancetype or preference that the manifest still names has not been applied: what it could cure is let pass.

    misshapen: the field paths at which the schema found mistakes. With any, only rules that judge a value by itself
               are run, since a missing or mistyped part would make the others speak of what follows from that; and
               what lies at or below such a path is left to the schema.
    unread:    whether there are fields that nobody knows. They may be what a rule misses, so of the rules that look at more
               than one value those count that object to a value that is there.
    """
    found = results(run(plan(version, "alone" if misshapen else "all"), Machine(vm, version=Version(version))), vm)
    if unread and not misshapen:
        found = [each for each in found if each.current is not NOTHING or getattr(each.rule, "alone", False)]
    return [result for result in found if not _covered(result.path, misshapen)] if misshapen else found


def check_metadata(item: Manifest, version: str = NEWEST) -> list[Finding]:
    """What the API server would refuse about the metadata of an object, whatever its kind."""
    return results(run(plan(version, "metadata"), Machine(item, applied=True, version=Version(version))), item)


def check_first(vm: Manifest, version: str = NEWEST) -> list[Finding]:
    """What the mutating webhook and the CRD refuse: both come before an instancetype is applied."""
    return results(run(plan(version, "first"), Machine(vm, version=Version(version))), vm)


def as_created(written: Manifest, expanded: Manifest) -> Manifest:
    """The expanded machine as the webhook sees the short one: the disks that it adds come after the preference, so they are bare.

    Only a downwardMetrics volume is looked at that early, so other machines are theirs as they are.
    """
    volumes = entries(mapping(written, "spec", "template", "spec"), "volumes")
    if not any(isinstance(volume, dict) and isinstance(volume.get("downwardMetrics"), dict) for volume in volumes):
        return expanded
    own = {
        text(disk, "name")
        for disk in entries(mapping(written, "spec", "template", "spec", "domain", "devices"), "disks")
    }
    created: Manifest = copy_tree(expanded)
    devices = mapping(created, "spec", "template", "spec", "domain", "devices")
    devices["disks"] = [
        disk if text(disk, "name") in own else {"name": text(disk, "name")} for disk in entries(devices, "disks")
    ]
    return created


def check_expanded(written: Manifest, created: Manifest, started: Manifest, version: str = NEWEST) -> list[Finding]:
    """What KubeVirt would refuse about a VirtualMachine once its instancetype and preference are applied.

    written:  the manifest, which the results are about.
    created:  the manifest with both applied, as the webhook sees it: without default disks and network for the
              preference to reach.
    started:  the manifest that the machine is started from: with them. May be the same.
    """
    hits = run(plan(version, "all"), Machine(created, applied=True, version=Version(version)))
    if created is started:
        return results(hits, written)
    hits = [hit for hit in hits if hit[0].stage != START]
    hits += run(plan(version, "started"), Machine(started, applied=True, version=Version(version)))
    return results(hits, written)


def _covered(path: str, misshapen: Collection[str]) -> bool:
    return any(path == place or path.startswith((f"{place}.", f"{place}[")) for place in misshapen)


def _of_the_instance(rule: Rule) -> bool:
    """Whether the VirtualMachineInstance is asked too, and not only the VirtualMachine that it is made from."""
    return rule.stage in (CREATE, START) and rule.subject not in ("metadata", "spec", "data volume template")


@cache
def plan(version: str, selection: str) -> Plan:
    """The rules for a KubeVirt version, sorted once for each process."""
    known = [rule for rule in RULES if rule.holds_in(Version(version))]
    return compiled([rule for rule in known if _SELECTIONS[selection](rule)])


_SELECTIONS: dict[str, Callable[[Rule], bool]] = {
    "all": lambda _rule: True,
    "alone": lambda rule: rule.alone,
    "first": lambda rule: rule.stage in (MUTATE, CRD),
    "metadata": lambda rule: rule.subject == "metadata",
    "started": _of_the_instance,
}
"""What part of the rules is asked for."""
