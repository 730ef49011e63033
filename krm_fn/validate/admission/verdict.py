"""A verdict stage by stage: what refuses the object, and what refuses to start it, under a cluster's settings.

The rules themselves hold for default settings with the feature gates on that admit more. What a cluster switches off is
asked here, so far as a change of a machine that is there already can run into it.
Source: KubeVirt 1.9, pkg/virt-api/webhooks/validating-webhook/admitters/vms-admitter.go, pkg/storage/admitters/disks.go.
"""

from __future__ import annotations

from krm_fn.core.manifest import text
from krm_fn.kubevirt.versions import NEWEST, Version
from krm_fn.validate.admission import plan
from krm_fn.validate.admission.engine import results, run
from krm_fn.validate.admission.machine import Machine
from krm_fn.validate.admission.rule import START, V

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from krm_fn.core.manifest import Manifest
    from krm_fn.validate.admission.engine import Hit

    Refusal = tuple[str, str]
    """(field path, message)."""
    Gated = tuple[str, Callable[[Machine], Iterator[Refusal]]]

_LIVE_UPDATE_ONLY = "admission/memory-hotplug-"


def _waits_as_receiver(machine: Machine) -> Iterator[tuple[str, str]]:
    if text(machine.spec, "runStrategy") == "WaitAsReceiver":
        yield (
            "spec.runStrategy",
            "Invalid RunStrategy (WaitAsReceiver), {gate} feature gate is not enabled in kubevirt resource",
        )


def _empty_drives(machine: Machine) -> Iterator[tuple[str, str]]:
    for index, disk in enumerate(machine.disks):
        if (
            isinstance(disk, dict)
            and isinstance(disk.get("cdrom"), dict)
            and text(disk, "name") not in machine.volumes_by_name
        ):
            yield f"{V}.disks[{index}].name", "{gate} feature gate not enabled, cannot define an empty CD-ROM disk"


GATED: tuple[Gated, ...] = (
    ("DecentralizedLiveMigration", _waits_as_receiver),
    ("DeclarativeHotplugVolumes", _empty_drives),
)
"""Feature gate to what is refused while it is off: (field, KubeVirt's message) of each place."""


def verdict(
    created: Manifest,
    started: Manifest,
    version: str = NEWEST,
    *,
    live_update: bool = True,
    is_on: Callable[[str], bool] = lambda _gate: True,
) -> tuple[list[Refusal], list[Refusal]]:
    """What refuses a VM, and what refuses to start the machine of one that is admitted.

    created, started: see admission.check_expanded. live_update: the cluster's rollout strategy. is_on: whether the cluster
    has a feature gate on.
    """
    machine = Machine(created, applied=True, version=Version(version))
    hits = [hit for hit in run(plan(version, "all"), machine) if live_update or not _of_live_update(hit[0])]
    refused = _pairs([hit for hit in hits if hit[0].stage != START], created)
    for gate, find in GATED:
        if not is_on(gate):
            refused += [(path, message.format(gate=gate)) for path, message in find(machine)]
    if refused:
        return refused, []
    hits = run(plan(version, "started"), Machine(started, applied=True, version=Version(version)))
    return [], _pairs([hit for hit in hits if live_update or not _of_live_update(hit[0])], started)


def _pairs(hits: list[Hit], vm: Manifest) -> list[Refusal]:
    return [(finding.path, finding.message) for finding in results(hits, vm)]


def _of_live_update(rule: str) -> bool:
    return rule.startswith(_LIVE_UPDATE_ONLY)
