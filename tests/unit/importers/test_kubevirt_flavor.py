from __future__ import annotations

import json

import pytest

from krm_fn.core.errors import InputError
from krm_fn.importers.flavor import Options
from krm_fn.importers.kubevirt_flavor import SOURCE
from krm_fn.validate import manifest

API = "flavor.kubevirt.io/v1alpha1"


def load(*items, **options):
    return SOURCE.load([("f.json", json.dumps({"kind": "List", "items": items}).encode())], Options(**options))


def flavor(kind="VirtualMachineFlavor", **fields):
    return {"apiVersion": API, "kind": kind, "metadata": {"name": "std", "namespace": "ns"}, **fields}


def made(imported):
    return {(one.manifest["kind"], one.manifest["metadata"]["name"]): one.manifest for one in imported.definitions}


def test_each_profile_is_an_object():
    profiles = [
        {
            "name": name,
            "default": name == "small",
            "domainTemplate": {"cpu": {"cores": cores}, "memory": {"guest": "1Gi"}},
        }
        for name, cores in (("small", 1), ("large", 4))
    ]
    found = made(load(flavor(profiles=profiles)))
    assert set(found) == {
        ("VirtualMachineInstancetype", "std.small"), ("VirtualMachineInstancetype", "std.large"),
        ("VirtualMachinePreference", "std.small"), ("VirtualMachinePreference", "std.large"),
    }  # fmt: skip
    large = found["VirtualMachineInstancetype", "std.large"]
    assert large["metadata"] == {"name": "std.large", "namespace": "ns"}
    assert large["spec"] == {"cpu": {"guest": 4}, "memory": {"guest": "1Gi"}}
    assert found["VirtualMachinePreference", "std.large"]["spec"] == {"cpu": {"preferredCPUTopology": "cores"}}


def test_cluster_flavors_are_cluster_wide():
    found = made(load(flavor("VirtualMachineClusterFlavor", spec={"cpu": {"guest": 2}, "memory": {"guest": "1Gi"}})))
    (item,) = found.values()
    assert (item["kind"], item["metadata"]) == ("VirtualMachineClusterInstancetype", {"name": "std"})


DOMAIN = {
    "cpu": {"sockets": 2, "cores": 2, "model": "host-model", "dedicatedCpuPlacement": True, "features": [{"name": "vmx"}]},
    "resources": {"requests": {"memory": "4Gi", "cpu": "1"}},
    "machine": {"type": "q35"},
    "firmware": {"uuid": "1", "bootloader": {"efi": {"secureBoot": False}}},
    "clock": {"utc": {}, "timer": {"hpet": {"present": False}}},
    "features": {"acpi": {}, "smm": {"enabled": True}, "hyperv": {"relaxed": {}}},
    "devices": {"rng": {}, "autoattachGraphicsDevice": False, "gpus": [{"name": "g", "deviceName": "x/y"}],
                "networkInterfaceMultiqueue": True, "disks": [{"name": "d"}]},
    "ioThreadsPolicy": "auto",
    "chassis": {"serial": "1"},
}  # fmt: skip


def test_a_domain_template_is_parted_between_the_two():
    imported = load(flavor(profiles=[{"name": "p", "domainTemplate": DOMAIN}]))
    found = made(imported)
    assert found["VirtualMachineInstancetype", "std.p"]["spec"] == {
        "cpu": {"model": "host-model", "dedicatedCPUPlacement": True, "guest": 4},
        "memory": {"guest": "4Gi"},
        "ioThreadsPolicy": "auto",
        "gpus": [{"name": "g", "deviceName": "x/y"}],
    }
    spec = found["VirtualMachinePreference", "std.p"]["spec"]
    assert spec["cpu"] == {
        "preferredCPUFeatures": [{"name": "vmx"}],
        "preferredCPUTopology": "spread",
        "spreadOptions": {"across": "SocketsCores", "ratio": 2},
    }
    assert spec["machine"] == {"preferredMachineType": "q35"}
    assert spec["firmware"] == {"preferredEfi": {"secureBoot": False}}
    lost = {entry.key for entry in imported.entries if entry.disposition == "lost"}
    assert lost == {"resources.requests.cpu", "firmware.uuid", "devices.disks[].name", "chassis.serial"}
    assert {entry.disposition for entry in imported.entries} == {"mapped", "lost"}


def test_every_object_fits_todays_schema():
    for item in made(load(flavor(profiles=[{"name": "p", "domainTemplate": DOMAIN}]))).values():
        assert manifest.check(item, manifest.schemas_for({})) == []


def test_a_profile_without_memory_is_left_out_unless_the_user_says_how_much():
    item = flavor(profiles=[{"name": "p", "cpu": {"cores": 2}}])
    skipped = load(item)
    assert [entry.disposition for entry in skipped.entries] == ["skipped"]
    assert made(load(item, memory="2Gi"))["VirtualMachineInstancetype", "std.p"]["spec"]["memory"] == {"guest": "2Gi"}


def test_preferences_of_that_group_come_too():
    item = {"apiVersion": API, "kind": "VirtualMachinePreference", "metadata": {"name": "p"},
            "spec": {"cpu": {"preferredCPUTopology": "preferThreads"}}}  # fmt: skip
    (found,) = made(load(item)).values()
    assert found == item | {
        "apiVersion": "instancetype.kubevirt.io/v1beta1", "spec": {"cpu": {"preferredCPUTopology": "threads"}},
    }  # fmt: skip


@pytest.mark.parametrize(
    "value", [None, [], "x", 1, {"guest": []}, {"cores": "many"}, {"cores": -1}, {"guest": 1 << 40}]
)
@pytest.mark.parametrize("key", ["cpu", "memory", "firmware", "devices", "resources"])
def test_values_of_any_type_do_not_crash(key, value):
    load(flavor(profiles=[{"name": "p", "domainTemplate": DOMAIN | {key: value}}, 1]))
    load(flavor(spec={"cpu": {"guest": 1}, "memory": {"guest": "1Gi"}} | {key: value}))


def test_a_file_without_flavors_is_a_clear_error():
    with pytest.raises(InputError, match="no VirtualMachineFlavor"):
        load({"apiVersion": "v1", "kind": "Pod"})
