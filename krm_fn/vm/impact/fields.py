"""How a change of each field reaches a machine that runs, as a table: what the docs say, held by a test to what `assess` answers.

A field that no row names needs a restart. Source: KubeVirt 1.9, pkg/virt-controller/watch/vm/vm.go and what it calls.
"""

from __future__ import annotations

LIVE, MIGRATED, RESTART, SILENT, NOTHING, STATE = (
    "live",
    "live, by a migration",
    "restart",
    "next start, silently",
    "nothing",
    "starts or stops",
)
"""What becomes of a change. LIVE reaches the machine at once or with its next move; MIGRATED needs workloadUpdateMethods to have
LiveMigrate (with Evict alone the machine is shut down and started again, with neither the change waits)."""


class Row:
    """One kind of change. path: the field, from the VM's root. what: which change of it, "" for any.

    live_update, stage: the outcome under either rollout strategy. words: conditions, and what else to know. since: the
    KubeVirt version that brought it by default; the words say what was before.
    """

    __slots__ = ("live_update", "path", "since", "stage", "what", "words")

    def __init__(self, path: str, what: str, live_update: str, stage: str, words: str, *, since: str = "") -> None:
        self.path = path
        self.what = what
        self.live_update = live_update
        self.stage = stage
        self.words = words
        self.since = since


_SPEC = "spec.template.spec"
_CPU, _MEMORY, _DEVICES = f"{_SPEC}.domain.cpu", f"{_SPEC}.domain.memory", f"{_SPEC}.domain.devices"
_STRATEGY = "`updateVolumesStrategy: Migration`"
_PLUGGED = "the volume is a claim or a DataVolume marked `hotpluggable`, and updateVolumesStrategy is not Migration"

ROWS = (
    Row("metadata.labels", "", NOTHING, NOTHING, "labels of the VirtualMachine are not the machine's"),
    Row("metadata.annotations", "", NOTHING, NOTHING, "but `kubevirt.io/skip-backup-hooks`, which is live"),
    Row("spec.runStrategy", "to or from Halted", STATE, STATE, "Halted to Manual leaves it off"),
    Row("spec.runStrategy", "between the others", NOTHING, NOTHING, "it counts from the next event on"),
    Row("spec.running", "", STATE, STATE, "true is Always, false is Halted; beside runStrategy it is refused"),
    Row("spec.updateVolumesStrategy", "", NOTHING, NOTHING, "it decides about later changes of volumes"),
    Row("spec.dataVolumeTemplates", "", NOTHING, NOTHING, "a new one is created; one that is there is never changed"),
    Row(
        "spec.instancetype.name", "", "by each field", "by each field", "the other object's fields, each by its own row"
    ),
    Row(
        "spec.instancetype.revisionName",
        "",
        "by each field",
        "by each field",
        "with a new name it has to change too, or it is refused",
    ),
    Row(
        "spec.preference.name",
        "",
        "by each field",
        "by each field",
        "preferredMachineType and preferredArchitecture are in the VM already",
    ),
    Row(
        "the instancetype or preference itself",
        "",
        NOTHING,
        NOTHING,
        "an unpinned VM goes on with the copy that KubeVirt stored",
    ),
    Row("spec.template.metadata.labels", "", SILENT, SILENT, "services that select by it do not match until then"),
    Row("spec.template.metadata.annotations", "", SILENT, SILENT, "but for the row below"),
    Row(
        "spec.template.metadata.annotations[descheduler.alpha.kubernetes.io/evict]",
        "",
        LIVE,
        LIVE,
        "and `.../prefer-no-eviction`; with the next start before",
        since="1.7",
    ),
    Row(
        f"{_CPU}.sockets",
        "more",
        MIGRATED,
        RESTART,
        "up to maxSockets: the VM's, the cluster's, or 4 times what it started with; not on arm64",
    ),
    Row(f"{_CPU}.sockets", "fewer, or beyond maxSockets", RESTART, RESTART, "cores and threads always need one"),
    Row(
        f"{_MEMORY}.guest",
        "more",
        MIGRATED,
        RESTART,
        "up to maxGuest, in steps of 2Mi, amd64 and migratable machines of 1Gi and more",
    ),
    Row(f"{_MEMORY}.guest", "below what it started with", RESTART, RESTART, "memory that was plugged can go again"),
    Row(f"{_SPEC}.nodeSelector", "", LIVE, RESTART, "counts when the machine moves or starts; no migration is started"),
    Row(f"{_SPEC}.affinity", "", LIVE, RESTART, "counts when the machine moves or starts; no migration is started"),
    Row(f"{_SPEC}.tolerations", "", LIVE, RESTART, "counts when the machine moves or starts; no migration is started"),
    Row(
        f"{_DEVICES}.interfaces[]",
        "new, bridge or sriov",
        MIGRATED,
        MIGRATED,
        "on a Multus network; by the dynamic networks controller without one",
    ),
    Row(
        f"{_DEVICES}.interfaces[]",
        "new, with a plugin",
        SILENT,
        SILENT,
        "KubeVirt neither plugs it nor asks for a restart",
    ),
    Row(f"{_DEVICES}.interfaces[]", "removed", RESTART, RESTART, "write `state: absent` first"),
    Row(
        f"{_DEVICES}.interfaces[].state",
        "absent",
        MIGRATED,
        MIGRATED,
        "bridge on a Multus network; then KubeVirt takes it out of the stored VM",
    ),
    Row(f"{_DEVICES}.interfaces[].state", "up, down", LIVE, LIVE, "refused for sriov"),
    Row(f"{_SPEC}.networks[].multus.networkName", "", MIGRATED, MIGRATED, "a restart before", since="1.8"),
    Row(
        f"{_SPEC}.volumes[]",
        "hotpluggable, new or removed",
        LIVE,
        LIVE,
        f"{_PLUGGED}; its disk names a bus: scsi or virtio; nothing before",
        since="1.9",
    ),
    Row(
        f"{_SPEC}.volumes[]",
        "hotpluggable, with another claim",
        LIVE,
        LIVE,
        "taken out and put in; nothing before",
        since="1.9",
    ),
    Row(
        f"{_SPEC}.volumes[]",
        f"another claim, with {_STRATEGY}",
        MIGRATED,
        SILENT,
        "the target has to exist; no filesystem, LUN or shareable disk",
    ),
    Row(
        f"{_SPEC}.volumes[]",
        "any other change",
        RESTART,
        RESTART,
        "their order alone counts with the next start, silently",
    ),
    Row(f"{_DEVICES}.disks[]", "of a hotpluggable volume, its bus or cache", SILENT, SILENT, ""),
    Row(
        f"{_DEVICES}.disks[]",
        "any other change",
        RESTART,
        RESTART,
        "also a disk written for a volume that had none, though nothing changes",
    ),
)
"""Kinds of change in the order of a manifest."""


def page() -> str:
    """docs/impact.md."""
    return f"""\
# How a change reaches a running machine

Which change of a VirtualMachine takes effect while its machine runs, which needs a restart, and which comes with the next
start though nobody says so: KubeVirt 1.9, by the cluster's rollout strategy (`vmRolloutStrategy` of the KubeVirt object:
LiveUpdate since 1.6, Stage before). `krm-fn diff` answers it for the change at hand; this page is made from the table in
`krm_fn/vm/impact/fields.py` that a test holds against it (`make golden` writes it).

| outcome | |
|---|---|
| {LIVE} | reaches the machine while it runs |
| {MIGRATED} | is recorded, and a live migration carries it (see below) |
| {RESTART} | KubeVirt sets the condition RestartRequired |
| {SILENT} | the next start brings it, and no condition says so |
| {STATE} | the machine is started or stopped |
| {NOTHING} | changes nothing in the machine, now or later |

**A field that is in no row needs a restart**: firmware, machine type, features, clock, devices, probes, hostname, cloud-init,
container disks, `maxSockets`, `maxGuest`, huge pages, resources, and whatever a later KubeVirt adds.

| field | change | LiveUpdate | Stage | |
|---|---|---|---|---|
{"".join(_line(row) for row in ROWS)}
What else decides:

- A migration carries a change when the KubeVirt object's `workloadUpdateMethods` have LiveMigrate and the machine can be migrated.
  Else with Evict the machine is shut down and started again; with neither (KubeVirt's default) the change *waits*.
- One change that needs a restart keeps back every live change of CPU, memory and scheduling in the same VM, until it is reverted
  or the machine is started anew. Interfaces, volumes and annotations go on.
- A CPU or memory message (too many sockets, memory below the start) blocks nothing else.
- A volume that can't be plugged ends each pass of the controller with an error: what comes after it, CPU and memory among it,
  waits as well (*stuck*).
- A machine that was started under Stage, or before its limits were raised, has no room to grow: it needs one restart first.
- The condition goes away when the change is reverted (since 1.8; before that it stays until a restart).
"""


def _line(row: Row) -> str:
    since = f" (since {row.since})" if row.since else ""
    path = f"`{row.path}`" if " " not in row.path else row.path
    return f"| {path} | {row.what} | {row.live_update}{since} | {row.stage} | {row.words} |\n"
