"""Where the fields of an expanded VM come from."""

from __future__ import annotations

import json

import pytest
from commandline import run
from trees import SERIES, edited, vm

from krm_fn.changes.tree import Tree
from krm_fn.commands import explain
from krm_fn.core import wire
from krm_fn.core.errors import InputError
from krm_fn.core.fieldpath import leaves
from krm_fn.explain import Explanation
from krm_fn.report import explanation as report
from krm_fn.series import catalog
from krm_fn.vm.expand import expand
from krm_fn.vm.origins import SOURCES, origins

_SPEC = "spec.template.spec"
BARE = edited(vm(), f"{_SPEC}.domain.devices", {})
BARE = edited(BARE, f"{_SPEC}.networks", None)


def named(instancetype, preference):
    out = edited(BARE, "spec.instancetype", {"name": instancetype})
    return edited(out, "spec.preference", {"name": preference}) if preference else out


def explained(machine, *items):
    return Explanation(Tree([machine, *items], ["common"]), ("web", "shop"), ["common"])


def entries(explanation):
    return {entry["path"]: entry for entry in map(explanation.entry, explanation.origins)}


OBJECTS = {
    kind: [item for item in catalog.objects("common", "Cluster") if item["kind"].endswith(kind)]
    for kind in ("Instancetype", "Preference")
}


@pytest.mark.parametrize("preference", OBJECTS["Preference"], ids=lambda item: item["metadata"]["name"])
def test_every_field_has_an_origin_with_every_packaged_preference(preference):
    large = next(item for item in OBJECTS["Instancetype"] if item["metadata"]["name"] == "u1.2xlarge")
    architecture = preference["spec"].get("preferredArchitecture")
    machine = edited(BARE, f"{_SPEC}.architecture", architecture) if architecture else BARE
    expanded, findings, found = origins(machine, large, preference)
    plain, same = expand(machine, large, preference)
    assert expanded == plain
    assert [each.message for each in findings] == [each.message for each in same]
    assert [(origin.path, origin.value) for origin in found] == list(leaves(expanded))
    assert {origin.source for origin in found} <= set(SOURCES)
    for origin in found:
        assert bool(origin.field) == (origin.source != "default"), origin.path
        assert origin.field != "spec", origin.path


@pytest.mark.parametrize("instancetype", OBJECTS["Instancetype"], ids=lambda item: item["metadata"]["name"])
def test_the_value_stands_in_the_field_that_is_named(instancetype):
    _, _, found = origins(BARE, instancetype, None)
    spec = dict(leaves(instancetype))
    for origin in found:
        if origin.source == "instancetype" and "domain.cpu" not in origin.path and "requests" not in origin.path:
            assert spec[origin.field] == origin.value


def test_objects_lead_to_series_size_member_and_trait():
    found = entries(explained(named("u1.2xlarge", "windows.11.virtio")))
    sockets = found[f"{_SPEC}.domain.cpu.sockets"]
    assert sockets == {
        "path": f"{_SPEC}.domain.cpu.sockets",
        "value": 8,
        "from": "instancetype",
        "object": "VirtualMachineClusterInstancetype/u1.2xlarge",
        "field": "spec.cpu.guest",
        "series": "InstancetypeSeries/u1",
        "size": "2xlarge",
    }
    bus = found[f"{_SPEC}.domain.devices.disks[0].disk.bus"]
    assert (bus["from"], bus["object"], bus["field"]) == (
        "preference",
        "VirtualMachineClusterPreference/windows.11.virtio",
        "spec.devices.preferredDiskBus",
    )
    assert (bus["series"], bus["member"]) == ("PreferenceSeries/windows", "11.virtio")
    assert bus["trait"]
    assert found[f"{_SPEC}.domain.devices.disks[0].name"]["from"] == "default"
    assert found[f"{_SPEC}.volumes[0].name"]["from"] == "vm"


def test_an_own_series_wins_over_the_catalog():
    found = entries(explained(named("web.medium", None), SERIES))
    memory = found[f"{_SPEC}.domain.memory.guest"]
    assert (memory["series"], memory["size"], memory["value"]) == ("InstancetypeSeries/web", "medium", "8Gi")


@pytest.mark.parametrize(
    ("field", "says"),
    [
        (
            "domain.cpu.sockets",
            [
                "the instancetype has 2 vCPUs; preference fedora does not say how, so they become sockets",
                "would be refused",
            ],
        ),
        ("domain.memory.guest", ["instancetype web.medium spec.memory.guest (InstancetypeSeries/web, size medium)"]),
        ("domain.memory.maxGuest", ["web.medium has no memory.maxGuest", "when the machine starts: 32Gi"]),
        ("domain.cpu.model", ["web.medium has no cpu.model", "when the machine starts: host-model"]),
        ("domain.firmware.uuid", ["when the machine starts: a random one"]),
        ("domain.devices.disks[0].cache", ["fedora has no devices.preferredDiskCache"]),
        (
            "domain.devices.disks[0].disk.bus",
            ["fedora has devices.preferredDiskBus: virtio, and the VM's own value wins"],
        ),
        ("domain.devices.rng", ["a preference writes it when the VM has none"]),
        ("domain.devices.sound.model", ["fedora has no devices.preferredSoundModel"]),
        ("hostname", ["KubeVirt has no default for it: write it into the VM"]),
        ("domain.devices.interfaces[0].bridge", ["KubeVirt adds it where the manifest says nothing"]),
    ],
)
def test_why(field, says):
    machine = edited(
        named("web.medium", "fedora"), f"{_SPEC}.domain.devices.disks", [{"name": "root", "disk": {"bus": "sata"}}]
    )
    story = "\n".join(explained(machine, SERIES).why(f"{_SPEC}.{field}"))
    for part in says:
        assert part in story


def test_yaml_is_the_expanded_vm_with_comments():
    explanation = explained(named("web.medium", "fedora"), SERIES)
    text = report.as_yaml(explanation)
    assert wire.read(text.encode(), "out") == [explanation.expanded]
    assert text.count("  # ") == len(explanation.origins)
    assert "guest: 8Gi  # instancetype web.medium spec.memory.guest (InstancetypeSeries/web, size medium)" in text


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "vm.yaml").write_text(wire.write_yaml([named("web.medium", None)]))
    (tmp_path / "series.yaml").write_text(wire.write_yaml([SERIES]))
    return tmp_path


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("given", [["vm.yaml", "--in", "series.yaml"], ["."], ["shop"], ["web/shop", "--in", "."]])
def test_the_vm_is_a_file_a_directory_or_a_name(given, capsys):
    assert run(explain, *given, "-o", "json") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["kind"], found["name"], found["namespace"]) == ("Explanation", "shop", "web")
    assert not [entry for entry in found["fields"] if "internal.config" in entry["path"]]


@pytest.mark.usefixtures("folder")
def test_only_some_fields(capsys):
    assert run(explain, "shop", f"{_SPEC}.domain.memory", f"{_SPEC}.domain.cpu") == 0
    assert len(capsys.readouterr().out.splitlines()) == 4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["shp"], 'no VirtualMachine of that name; did you mean "shop"'),
        (["series.yaml"], "there is no VirtualMachine"),
        (["vm.yaml"], "spec.instancetype: .*web.medium.* not found: give what has it with --in PATH"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_what_can_not_be_explained(arguments, message):
    with pytest.raises(InputError, match=message):
        run(explain, *arguments)


def test_several_machines_ask_for_a_name(folder):
    (folder / "other.yaml").write_text(wire.write_yaml([vm("other")]))
    with pytest.raises(
        InputError, match=r"there are 2 VirtualMachines: write NAME with --in \. for one of web/other, web/shop"
    ):
        run(explain, ".")


def test_a_vm_that_does_not_expand_says_why(folder, capsys):
    conflicting = edited(named("web.medium", None), f"{_SPEC}.domain.cpu", {"sockets": 2})
    (folder / "vm.yaml").write_text(wire.write_yaml([conflicting]))
    assert run(explain, "shop") == 1
    assert "instancetype/conflict" in capsys.readouterr().err
