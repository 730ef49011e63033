"""What KubeVirt adds on its own, in each form of `defaults`."""

from __future__ import annotations

import json
import pathlib

import pytest

from krm_fn.core import data
from krm_fn.vm.canonical import POINTERS
from krm_fn.vm.defaults import SETTINGS, schema
from krm_fn.vm.expand import expand
from tests.unit.objects import errors, expanded, instancetype, preference, vm

ROOT = pathlib.Path(__file__).resolve().parents[3]
VOLUMES = [{"name": "root"}, {"name": "share"}, {"name": "data"}]


def test_each_volume_without_disk_or_file_system_gets_a_bare_disk():
    own = {"devices": {"disks": [{"name": "data"}], "filesystems": [{"name": "share"}]}}
    made = expanded({"volumes": VOLUMES, "domain": own}, instancetype())
    assert made["domain"]["devices"]["disks"] == [{"name": "data"}, {"name": "root"}]


def test_none_adds_neither_network_nor_input():
    made = expanded({}, None, preference(devices={"preferredAutoattachInputDevice": True}))
    assert made["domain"]["devices"] == {"autoattachInputDevice": True}
    assert "networks" not in made


def test_the_default_interface_is_bridged_and_no_longer_open_to_the_masquerade_preference():
    wishes = preference(devices={"preferredInterfaceModel": "virtio", "preferredInterfaceMasquerade": {}})
    made = expanded({}, None, wishes, defaults="kubevirt")
    assert made["networks"] == [{"name": "default", "pod": {}}]
    assert made["domain"]["devices"]["interfaces"] == [{"name": "default", "bridge": {}, "model": "virtio"}]


@pytest.mark.parametrize(
    "own",
    [
        {"networks": [{"name": "n"}]},
        {"domain": {"devices": {"interfaces": [{"name": "n"}]}}},
        {"domain": {"devices": {"autoattachPodInterface": False}}},
    ],
    ids=str,
)
def test_no_default_interface_beside_ones_own_or_against_ones_will(own):
    assert expanded(own, None, preference(), defaults="kubevirt").get("networks") == own.get("networks")


def test_an_autoattach_preference_decides_before_the_defaults_are_added():
    off = preference(devices={"preferredAutoattachPodInterface": False})
    assert "networks" not in expanded({}, None, off, defaults="kubevirt")
    wish = {
        "preferredAutoattachInputDevice": True,
        "preferredInputBus": "usb",
        "preferredAutoattachPodInterface": False,
    }
    made = expanded({}, None, preference(devices=wish), defaults="kubevirt")
    assert made["domain"]["devices"]["inputs"] == [{"name": "default-0", "bus": "usb", "type": "tablet"}]


def test_the_default_input_device_is_a_tablet_on_usb_unless_the_preference_says_otherwise():
    own = {"domain": {"devices": {"autoattachInputDevice": True}}}
    made = expanded(own, instancetype(), defaults="kubevirt")
    assert made["domain"]["devices"]["inputs"] == [{"name": "default-0", "type": "tablet", "bus": "usb"}]
    wish = preference(devices={"preferredInputBus": "virtio"})
    made = expanded(own, instancetype(), wish, defaults="kubevirt")
    assert made["domain"]["devices"]["inputs"] == [{"name": "default-0", "type": "tablet", "bus": "virtio"}]


def test_the_vms_own_inputs_keep_the_default_one_away():
    own = {"devices": {"autoattachInputDevice": True, "inputs": [{"name": "mine"}]}}
    assert expanded({"domain": own}, instancetype(), defaults="kubevirt")["domain"]["devices"]["inputs"] == [
        {"name": "mine"}
    ]


def test_a_mapping_writes_what_the_webhook_writes():
    settings = {
        "architecture": "arm64",
        "machineType": True,
        "networkInterface": "masquerade",
        "pciTopologyVersion": True,
    }
    out, _ = expand(vm(), instancetype(), None, defaults=settings)
    spec = out["spec"]["template"]["spec"]
    assert spec["architecture"] == "arm64"
    assert spec["domain"]["machine"] == {"type": "virt"}
    assert spec["domain"]["devices"]["interfaces"] == [{"name": "default", "masquerade": {}}]
    assert out["spec"]["template"]["metadata"]["annotations"]["kubevirt.io/pci-topology-version"] == "v3"


@pytest.mark.parametrize(
    ("spec", "marked"),
    [
        ({}, True),
        ({"architecture": "arm64"}, True),
        ({"architecture": "s390x"}, False),
        ({"domain": {"machine": {"type": "pc-q35-9.6"}}}, True),
        ({"domain": {"machine": {"type": "pc-i440fx-9.6"}}}, False),
        ({"architecture": "arm64", "domain": {"machine": {"type": "virt-9.6"}}}, True),
    ],
)
def test_the_pci_topology_is_marked_where_kubevirt_marks_it(spec, marked):
    out, _ = expand(vm(spec), instancetype(), None, defaults={"pciTopologyVersion": True})
    annotations = out["spec"]["template"]["metadata"]["annotations"]
    assert ("kubevirt.io/pci-topology-version" in annotations) is marked


def test_the_webhook_takes_an_architecture_where_neither_vm_nor_preference_says_one():
    assert expanded({}, instancetype(), architecture="arm64")["architecture"] == "arm64"
    assert expanded({"architecture": "s390x"}, instancetype(), architecture="arm64")["architecture"] == "s390x"
    wish = preference(preferredArchitecture="amd64")
    assert expanded({}, instancetype(), wish, architecture="arm64")["architecture"] == "amd64"


@pytest.mark.parametrize(
    ("setting", "architecture", "machine"),
    [
        ("pc-q35-9.6", "", "pc-q35-9.6"),
        ({"amd64": "q35", "s390x": "s"}, "s390x", "s"),
        ({"arm64": "virt"}, "", None),
        (True, "", "q35"),
        (False, "", None),
    ],
)
def test_machine_types(setting, architecture, machine):
    made = expanded({"architecture": architecture}, instancetype(), defaults={"machineType": setting})
    assert made["domain"].get("machine", {}).get("type") == machine


def test_what_the_vm_or_the_preference_sets_stays():
    spec = {"architecture": "s390x", "domain": {"machine": {"type": "mine"}, "firmware": {"uuid": "u", "serial": "s"}}}
    settings = {"architecture": "amd64", "machineType": "q35", "firmwareUUID": True, "firmwareSerial": True}
    made = expanded(spec, instancetype(), defaults=settings)
    assert (made["architecture"], made["domain"]["machine"], made["domain"]["firmware"]) == (
        "s390x",
        {"type": "mine"},
        {"uuid": "u", "serial": "s"},
    )
    assert expanded({}, None, preference(preferredArchitecture="arm64"), defaults=settings)["architecture"] == "arm64"


def firmware(name="vm", namespace="prod", **settings):
    given = vm()
    given["metadata"] = {"name": name, "namespace": namespace}
    out, _ = expand(given, instancetype(), None, defaults={"firmwareUUID": True, "firmwareSerial": True, **settings})
    return out["spec"]["template"]["spec"]["domain"]["firmware"]


def test_firmware_is_derived_from_namespace_name_and_cluster():
    import uuid

    made = firmware()
    assert made == firmware()
    assert uuid.UUID(made["uuid"]).version == uuid.UUID(made["serial"]).version == 5
    others = [firmware(name="b"), firmware(namespace="b"), firmware(cluster="b")]
    assert len({made["uuid"], made["serial"], *(other["uuid"] for other in others)}) == 5


def test_firmware_of_a_vm_without_a_name_is_refused():
    given = vm()
    given["metadata"] = {"generateName": "vm-"}
    out, (found,) = expand(given, instancetype(), None, defaults={"firmwareUUID": True})
    assert (found.rule, found.path) == ("defaults/firmware", "metadata.name")
    assert out is given


def test_the_preferred_storage_class_is_written_where_the_webhook_would_or_on_request():
    templates = [
        {"spec": {"pvc": {}}},
        {"spec": {"storage": {"storageClassName": None}}},
        {"spec": {"pvc": {"storageClassName": ""}}},
        {"spec": {"storage": {"storageClassName": "mine"}}},
        {"metadata": {}},
    ]
    wishes = preference(volumes={"preferredStorageClassName": "fast"})
    out, _ = expand(vm(dataVolumeTemplates=templates), None, wishes, defaults={"storageClass": True})
    assert out["spec"]["dataVolumeTemplates"] == [
        {"spec": {"pvc": {"storageClassName": "fast"}}},
        {"spec": {"storage": {"storageClassName": "fast"}}},
        *templates[2:],
    ]
    assert expand(vm(dataVolumeTemplates=templates), None, wishes, admitted=True)[0]["spec"] == out["spec"]
    assert expand(vm(dataVolumeTemplates=templates), None, wishes)[0]["spec"]["dataVolumeTemplates"] == templates


def test_canonical_writes_what_go_always_writes_and_how_it_writes_quantities():
    spec = {
        "domain": {"memory": {"maxGuest": "2048Mi"}, "features": {}, "resources": {"limits": {"x/y": "1000m"}}},
        "volumes": [{"name": "h", "hostDisk": {"path": "/d"}}, {"name": "e", "emptyDisk": {"capacity": "lots"}}],
    }
    templates = [{"spec": {"storage": {"resources": {"requests": {"storage": "0.5Gi"}}}}}, {"spec": {"pvc": {}}}]
    out, _ = expand(vm(spec, dataVolumeTemplates=templates), instancetype(), None, defaults={"canonical": True})
    made = out["spec"]["template"]["spec"]
    assert made["domain"]["memory"] == {"maxGuest": "2Gi", "guest": "4Gi"}
    assert made["domain"]["features"] == {"acpi": {}}
    assert made["domain"]["resources"] == {"limits": {"x/y": "1"}}
    assert made["volumes"] == [
        {"name": "h", "hostDisk": {"path": "/d", "capacity": "0"}},
        {"name": "e", "emptyDisk": {"capacity": "lots"}},
    ]
    assert out["spec"]["dataVolumeTemplates"] == [
        {"spec": {"storage": {"resources": {"requests": {"storage": "512Mi"}}}}, "metadata": {}},
        {"spec": {"pvc": {"resources": {}}}, "metadata": {}},
    ]


def test_canonical_leaves_out_the_zeros_that_go_omits():
    spec = {
        "subdomain": "",
        "utilityVolumes": [],
        "nodeSelector": {},
        "terminationGracePeriodSeconds": 0,
        "domain": {
            "cpu": {"cores": 0, "model": "", "dedicatedCpuPlacement": False, "realtime": {"mask": ""}},
            "devices": {
                "disableHotplug": False,
                "autoattachPodInterface": False,
                "disks": [{"name": "r", "serial": "", "shareable": False, "cdrom": {"readonly": False, "bus": ""}}],
                "inputs": [{"name": "i", "type": "tablet", "bus": ""}],
                "panicDevices": [{"model": ""}],
            },
            "features": {"kvm": {"hidden": False}, "smm": {"enabled": False}},
        },
        "volumes": [
            {"name": "r", "persistentVolumeClaim": {"claimName": "c", "hotpluggable": False}},
            {"name": "p", "containerPath": {"path": "/p", "readOnly": False}},
            {"name": "s", "secret": {"secretName": "", "optional": False}},
        ],
    }
    given = vm(spec)
    given["spec"]["template"]["metadata"] = {"labels": {}, "annotations": {"a": ""}}
    out, _ = expand(given, None, None, defaults={"canonical": True})
    template = out["spec"]["template"]
    assert template["metadata"] == {"annotations": {"a": ""}}
    made = template["spec"]
    assert made["domain"]["cpu"] == {"realtime": {}}
    assert made["domain"]["devices"] == {
        "autoattachPodInterface": False,
        "disks": [{"name": "r", "shareable": False, "cdrom": {"readonly": False}}, {"name": "p"}, {"name": "s"}],
        "inputs": [{"name": "i", "type": "tablet"}],
        "panicDevices": [{"model": ""}],
    }
    assert made["domain"]["features"] == {"kvm": {}, "smm": {"enabled": False}, "acpi": {}}
    assert made["volumes"] == [
        {"name": "r", "persistentVolumeClaim": {"claimName": "c"}},
        {"name": "p", "containerPath": {"path": "/p", "readOnly": False}},
        {"name": "s", "secret": {"optional": False}},
    ]
    assert made["terminationGracePeriodSeconds"] == 0
    assert not {"subdomain", "utilityVolumes", "nodeSelector"} & made.keys()


def test_the_pointers_are_those_of_kubevirts_types():
    lines = (ROOT / "tests" / "conformance" / "go_types.txt").read_text().splitlines()
    types = {
        name: dict(field.split(":", 1) for field in rest.split())
        for name, rest in (line.split(":", 1) for line in lines if not line.startswith("#"))
    }
    pointers, values = set(), set()

    def follow(name, around, seen):
        for field, code in types[name].items():
            if name != "ManagedFieldsEntry":
                (pointers if code in ("*", "*q") else values if code[0] in "sbiq[{" else set()).add((around, field))
            inner = code.lstrip("*[{=")
            if inner in types and (inner, field) not in seen:
                follow(inner, field, {*seen, (inner, field)})

    follow("VirtualMachineSpec", "spec", set())
    assert {(around, name) for around, name in pointers | values if {name, f"{around}.{name}"} & POINTERS} == pointers


def test_every_form_of_defaults_is_idempotent():
    settings = {
        "architecture": "amd64",
        "machineType": True,
        "firmwareUUID": True,
        "pciTopologyVersion": "v3",
        "canonical": True,
    }
    for defaults in ("none", "kubevirt", settings):
        out, _ = expand(vm({"volumes": VOLUMES}), instancetype(), preference(devices={}), defaults=defaults)
        assert expand(out, None, None, defaults=defaults) == (out, [])


def test_a_conflict_is_found_whatever_the_defaults():
    assert errors({"domain": {"cpu": {"cores": 1}}}, instancetype(), defaults={"canonical": True})


def test_the_renderers_schema_offers_these_settings():
    renderer = json.loads(data.read("schemas", "functionConfig", "VirtualMachineRenderer.json"))
    offered = renderer["properties"]["spec"]["properties"]["defaults"]
    assert {key: offered[key] for key in schema()} == schema()
    assert offered["anyOf"][1]["properties"].keys() == SETTINGS.keys()


def test_an_empty_object_that_is_a_choice_stays():
    domain = {"devices": {"rng": {}, "interfaces": [{"name": "default", "masquerade": {}}]}}
    out, _ = expand(vm({"domain": domain}), instancetype(), None, defaults={"canonical": True})
    devices = out["spec"]["template"]["spec"]["domain"]["devices"]
    assert (devices["rng"], devices["interfaces"][0]["masquerade"]) == ({}, {})
