"""The table of how changes reach a running machine, against what is answered for an example of each row."""

from __future__ import annotations

import pytest
from support import ROOT
from trees import edited, instancetype, report, vm

from krm_fn.vm.impact import fields

SPEC = "spec.template.spec"
DEVICES = f"{SPEC}.domain.devices"
CLAIM = {"claimName": "data", "hotpluggable": True}
MORE = {"name": "data", "disk": {"bus": "scsi"}}
ROOT_DISK = {"name": "root", "disk": {"bus": "virtio"}}
ROOT_VOLUME = {"name": "root", "persistentVolumeClaim": {"claimName": "shop"}}
POD, LAN = {"name": "default", "pod": {}}, {"name": "lan", "multus": {"networkName": "a"}}
FIRST, SECOND = {"name": "default", "masquerade": {}}, {"name": "lan", "bridge": {}}


def with_all(changes, base=None):
    out = base or BASE
    for path, value in changes.items():
        out = edited(out, path, value)
    return out


BASE = with_all(
    {
        f"{SPEC}.domain.cpu": {"sockets": 2, "cores": 1, "threads": 1},
        f"{SPEC}.domain.memory": {"guest": "4Gi"},
        f"{DEVICES}.interfaces": [FIRST, SECOND],
        f"{SPEC}.networks": [POD, LAN],
    },
    vm(),
)
PLUGGED = with_all(
    {
        f"{SPEC}.volumes": [ROOT_VOLUME, {"name": "data", "persistentVolumeClaim": CLAIM}],
        f"{DEVICES}.disks": [ROOT_DISK, MORE],
    }
)
MOVING = edited(BASE, "spec.updateVolumesStrategy", "Migration")
PLUGIN = {"name": "new", "binding": {"name": "plugin"}}
NEW = {"name": "new", "multus": {"networkName": "b"}}

EXAMPLES = {
    ("metadata.labels", ""): (BASE, {"metadata.labels": {"a": "b"}}),
    ("metadata.annotations", ""): (BASE, {"metadata.annotations": {"a": "b"}}),
    ("spec.runStrategy", "to or from Halted"): (BASE, {"spec.runStrategy": "Halted"}),
    ("spec.runStrategy", "between the others"): (BASE, {"spec.runStrategy": "Manual"}),
    ("spec.running", ""): (with_all({"spec.runStrategy": None, "spec.running": True}), {"spec.running": False}),
    ("spec.updateVolumesStrategy", ""): (BASE, {"spec.updateVolumesStrategy": "Migration"}),
    ("spec.template.metadata.labels", ""): (BASE, {"spec.template.metadata": {"labels": {"a": "b"}}}),
    ("spec.template.metadata.annotations", ""): (BASE, {"spec.template.metadata": {"annotations": {"a": "b"}}}),
    ("spec.template.metadata.annotations[descheduler.alpha.kubernetes.io/evict]", ""): (
        BASE,
        {"spec.template.metadata": {"annotations": {"descheduler.alpha.kubernetes.io/evict": "true"}}},
    ),
    (f"{SPEC}.domain.cpu.sockets", "more"): (BASE, {f"{SPEC}.domain.cpu.sockets": 4}),
    (f"{SPEC}.domain.cpu.sockets", "fewer, or beyond maxSockets"): (BASE, {f"{SPEC}.domain.cpu.sockets": 1}),
    (f"{SPEC}.domain.memory.guest", "more"): (BASE, {f"{SPEC}.domain.memory.guest": "8Gi"}),
    (f"{SPEC}.domain.memory.guest", "below what it started with"): (BASE, {f"{SPEC}.domain.memory.guest": "2Gi"}),
    (f"{SPEC}.nodeSelector", ""): (BASE, {f"{SPEC}.nodeSelector": {"a": "b"}}),
    (f"{SPEC}.affinity", ""): (BASE, {f"{SPEC}.affinity": {"podAntiAffinity": {}}}),
    (f"{SPEC}.tolerations", ""): (BASE, {f"{SPEC}.tolerations": [{"operator": "Exists"}]}),
    (f"{DEVICES}.interfaces[]", "new, bridge or sriov"): (
        BASE,
        {f"{DEVICES}.interfaces": [FIRST, SECOND, {"name": "new", "bridge": {}}], f"{SPEC}.networks": [POD, LAN, NEW]},
    ),
    (f"{DEVICES}.interfaces[]", "new, with a plugin"): (
        BASE,
        {f"{DEVICES}.interfaces": [FIRST, SECOND, PLUGIN], f"{SPEC}.networks": [POD, LAN, NEW]},
    ),
    (f"{DEVICES}.interfaces[]", "removed"): (BASE, {f"{DEVICES}.interfaces": [FIRST], f"{SPEC}.networks": [POD]}),
    (f"{DEVICES}.interfaces[].state", "absent"): (
        BASE,
        {f"{DEVICES}.interfaces": [FIRST, {**SECOND, "state": "absent"}]},
    ),
    (f"{DEVICES}.interfaces[].state", "up, down"): (
        BASE,
        {f"{DEVICES}.interfaces": [FIRST, {**SECOND, "state": "down"}]},
    ),
    (f"{SPEC}.networks[].multus.networkName", ""): (
        BASE,
        {f"{SPEC}.networks": [POD, {**LAN, "multus": {"networkName": "b"}}]},
    ),
    (f"{SPEC}.volumes[]", "hotpluggable, new or removed"): (
        PLUGGED,
        {f"{SPEC}.volumes": [ROOT_VOLUME], f"{DEVICES}.disks": [ROOT_DISK]},
    ),
    (f"{SPEC}.volumes[]", "hotpluggable, with another claim"): (
        PLUGGED,
        {f"{SPEC}.volumes": [ROOT_VOLUME, {"name": "data", "persistentVolumeClaim": {**CLAIM, "claimName": "other"}}]},
    ),
    (f"{SPEC}.volumes[]", "another claim, with `updateVolumesStrategy: Migration`"): (
        MOVING,
        {f"{SPEC}.volumes": [{"name": "root", "persistentVolumeClaim": {"claimName": "other"}}]},
    ),
    (f"{SPEC}.volumes[]", "any other change"): (
        BASE,
        {f"{SPEC}.volumes": [{"name": "root", "persistentVolumeClaim": {"claimName": "other"}}]},
    ),
    (f"{DEVICES}.disks[]", "of a hotpluggable volume, its bus or cache"): (
        PLUGGED,
        {f"{DEVICES}.disks": [ROOT_DISK, {**MORE, "cache": "none"}]},
    ),
    (f"{DEVICES}.disks[]", "any other change"): (BASE, {f"{DEVICES}.disks": [{**ROOT_DISK, "cache": "none"}]}),
}
BY_OBJECTS = {
    ("spec.dataVolumeTemplates", ""),
    ("spec.instancetype.name", ""),
    ("spec.instancetype.revisionName", ""),
    ("spec.preference.name", ""),
    ("the instancetype or preference itself", ""),
}
"""Rows that say more than one change does: tests of their own are below and in tests/unit/changes."""
OUTCOMES = {
    fields.LIVE: ["live"],
    fields.MIGRATED: ["migrate", "live"],
    fields.RESTART: ["restart"],
    fields.SILENT: ["silent"],
    fields.NOTHING: ["none"],
    fields.STATE: ["stopped"],
}


def effects(before, after, strategy, version="1.9"):
    kubevirt = {
        "spec": {
            "configuration": {"vmRolloutStrategy": strategy},
            "workloadUpdateStrategy": {"workloadUpdateMethods": ["LiveMigrate"]},
        }
    }
    (found,) = report([before], [after], kubevirt, versions=(version, version)).machines
    return found.effects


def test_every_row_has_an_example():
    assert {*EXAMPLES} | BY_OBJECTS == {(row.path, row.what) for row in fields.ROWS}


@pytest.mark.parametrize(
    "row", [row for row in fields.ROWS if (row.path, row.what) in EXAMPLES], ids=lambda row: f"{row.path} {row.what}"
)
@pytest.mark.parametrize("strategy", ["LiveUpdate", "Stage"])
def test_a_row_says_what_is_answered(row, strategy):
    before, changes = EXAMPLES[row.path, row.what]
    outcome = row.live_update if strategy == "LiveUpdate" else row.stage
    assert effects(before, with_all(changes, before), strategy) == OUTCOMES[outcome]


@pytest.mark.parametrize(
    "change",
    [
        {f"{SPEC}.hostname": "a"},
        {f"{SPEC}.domain.cpu.cores": 2},
        {f"{SPEC}.domain.machine": {"type": "pc-q35-rhel9.4.0"}},
        {f"{SPEC}.evictionStrategy": "LiveMigrate"},
        {f"{SPEC}.terminationGracePeriodSeconds": 1},
        {f"{SPEC}.domain.devices.rng": {}},
        {f"{SPEC}.domain.memory.maxGuest": "8Gi"},
        {
            f"{SPEC}.topologySpreadConstraints": [
                {"maxSkew": 1, "topologyKey": "a", "whenUnsatisfiable": "DoNotSchedule"}
            ]
        },
    ],
    ids=lambda change: next(iter(change)),
)
@pytest.mark.parametrize("strategy", ["LiveUpdate", "Stage"])
def test_a_field_in_no_row_needs_a_restart(change, strategy):
    assert effects(BASE, with_all(change), strategy) == ["restart"]


def test_a_blocking_change_keeps_live_ones_back():
    assert effects(BASE, with_all({f"{SPEC}.hostname": "a", f"{SPEC}.domain.cpu.sockets": 4}), "LiveUpdate") == [
        "restart"
    ]
    down = with_all({f"{SPEC}.domain.cpu.sockets": 1, f"{SPEC}.nodeSelector": {"a": "b"}})
    assert effects(BASE, down, "LiveUpdate") == ["restart", "live"]


def test_a_data_volume_template_that_is_there_is_never_changed():
    template = {
        "metadata": {"name": "shop"},
        "spec": {"storage": {"resources": {"requests": {"storage": "1Gi"}}}, "source": {"blank": {}}},
    }
    before = with_all(
        {"spec.dataVolumeTemplates": [template], f"{SPEC}.volumes": [{"name": "root", "dataVolume": {"name": "shop"}}]}
    )
    larger = edited(template, "spec.storage.resources.requests.storage", "2Gi")
    assert effects(before, edited(before, "spec.dataVolumeTemplates", [larger]), "LiveUpdate") == ["none"]


@pytest.mark.parametrize(
    ("version", "outcome"), [("1.7", ["restart"]), ("1.8", ["migrate", "live"]), ("1.9", ["migrate", "live"])]
)
def test_another_network_is_live_since_it_is(version, outcome):
    before, changes = EXAMPLES[f"{SPEC}.networks[].multus.networkName", ""]
    assert effects(before, with_all(changes, before), "LiveUpdate", version) == outcome


def test_a_new_size_goes_by_its_fields():
    plain = edited(edited(BASE, f"{SPEC}.domain.cpu", None), f"{SPEC}.domain.memory", None)
    sides = [edited(plain, "spec.instancetype", {"name": name}) for name in ("a", "b")]
    objects = [instancetype("a"), instancetype("b", cpu=4, ioThreadsPolicy="auto")]
    (found,) = report([sides[0], *objects], [sides[1], *objects]).machines
    assert found.effects == ["restart"]
    assert "spec.template.spec.domain.ioThreadsPolicy" in [reason.field for reason in found.impact.reasons]


def test_the_page_is_the_one_in_docs():
    assert (ROOT / "docs/impact.md").read_text() == fields.page(), "make golden rewrites it"
