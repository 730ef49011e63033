from __future__ import annotations

import pytest
from listings import MAPS, fates, given, load, specs

from krm_fn.core.errors import InputError
from krm_fn.importers.flavor import Options
from krm_fn.importers.mapfile import Maps
from krm_fn.importers.openstack import parse_properties


@pytest.fixture(scope="module")
def imported():
    return load("openstack", MAPS)


def flavor(properties, vcpus=4, ram=8192, name="t.large"):
    return {"id": "1", "name": name, "ram": ram, "vcpus": vcpus, "disk": 0, "properties": properties}


def one(properties, options=None, **figures):
    """(the instancetype's template, the preference's merged traits, fate of each property) of one flavor."""
    found = given("openstack", flavor(properties, **figures), options)
    spec = specs(found)["t"]
    preference = specs(found, "PreferenceSeries").get("openstack", {"traits": {}})
    fate = {key.removeprefix("properties."): value for key, value in fates(found, "t.large").items()}
    return spec.get("template", {}), preference["traits"], fate


DEDICATED = {"hw:cpu_policy": "dedicated"}
PAGES = DEDICATED | {"hw:mem_page_size": "1GB"}
NUMA = PAGES | {"hw:numa_nodes": "1"}


def test_plain_flavors_are_a_compact_series(imported):
    m1 = specs(imported)["m1"]
    assert m1["memoryPerVCPU"] == "2Gi"
    assert {name: size for name, size in m1["sizes"].items() if name != "huge"} == {
        "tiny": "1x512Mi", "small": 1, "medium": 2, "large": 4,
    }  # fmt: skip


def test_the_text_properties_of_older_clients_are_read(imported):
    assert specs(imported)["m1"]["sizes"]["huge"]["template"] == {
        "cpu": {"dedicatedCPUPlacement": True},
        "memory": {"hugepages": {"pageSize": "1Gi"}},
    }


def test_what_all_sizes_share_is_lifted_into_the_template(imported):
    assert specs(imported)["nfv"]["template"] == {
        "cpu": {"dedicatedCPUPlacement": True, "numa": {"guestMappingPassthrough": {}}}
    }


def test_names_become_valid_object_names(imported):
    web = specs(imported)["web-server"]
    assert (web["nameTemplate"], web["sizes"]) == ("{{ series }}-{{ size }}", {"old": "2x3000Mi"})


@pytest.mark.parametrize(
    ("properties", "template"),
    [
        (DEDICATED, {"cpu": {"dedicatedCPUPlacement": True}}),
        ({"hw:cpu_policy": "shared"}, {}),
        (DEDICATED | {"hw:emulator_threads_policy": "isolate"},
         {"cpu": {"dedicatedCPUPlacement": True, "isolateEmulatorThread": True}}),
        (DEDICATED | {"hw:emulator_threads_policy": "share"}, {"cpu": {"dedicatedCPUPlacement": True}}),
        ({"hw:mem_page_size": "2MB"}, {"memory": {"hugepages": {"pageSize": "2Mi"}}}),
        ({"hw:mem_page_size": "2048"}, {"memory": {"hugepages": {"pageSize": "2Mi"}}}),
        ({"hw:mem_page_size": "2048KB"}, {"memory": {"hugepages": {"pageSize": "2Mi"}}}),
        ({"hw:mem_page_size": "1048576"}, {"memory": {"hugepages": {"pageSize": "1Gi"}}}),
        ({"hw:mem_page_size": "large"}, {"memory": {"hugepages": {"pageSize": "2Mi"}}}),
        ({"hw:mem_page_size": "small"}, {}),
        ({"hw:mem_page_size": "any"}, {}),
        ({"hw:mem_page_size": "4"}, {}),
        (NUMA, {"cpu": {"dedicatedCPUPlacement": True, "numa": {"guestMappingPassthrough": {}}},
                "memory": {"hugepages": {"pageSize": "1Gi"}}}),
        (NUMA | {"hw:cpu_realtime": "yes", "hw:cpu_realtime_mask": "^0-1"},
         {"cpu": {"dedicatedCPUPlacement": True, "numa": {"guestMappingPassthrough": {}}, "realtime": {"mask": "^0-1"}},
          "memory": {"hugepages": {"pageSize": "1Gi"}}}),
        ({"hw:cpu_max_sockets": "8"}, {"cpu": {"maxSockets": 8}}),
    ],
)  # fmt: skip
def test_extra_specs_become_fields_of_the_instancetype(properties, template):
    assert one(properties)[0] == template


def test_large_pages_are_what_the_user_says():
    assert one({"hw:mem_page_size": "large"}, Options(large_page="1Gi"))[0] == {
        "memory": {"hugepages": {"pageSize": "1Gi"}}
    }


@pytest.mark.parametrize(
    ("properties", "traits"),
    [
        ({"os:secure_boot": "required"},
         {"secureboot": {"firmware": {"preferredEfi": {"secureBoot": True}}, "features": {"preferredSmm": {}}}}),
        ({"hw:tpm_version": "2.0", "hw:tpm_model": "tpm-tis"}, {"tpm": {"devices": {"preferredTPM": {}}}}),
        ({"hw:vif_multiqueue_enabled": "true"}, {"multiqueue": {"devices": {"preferredNetworkInterfaceMultiQueue": True}}}),
        ({"hw:vif_multiqueue_enabled": "false"}, {}),
        ({"hw:sound_model": "ac97"}, {"sound-ac97": {"devices": {"preferredSoundModel": "ac97"}}}),
        ({"hw:hide_hypervisor_id": "True"}, {"hidden": {"features": {"preferredKvm": {"hidden": True}}}}),
        ({"hw_rng:allowed": "True"}, {"rng": {"devices": {"preferredRng": {}}}}),
        ({"hw:cpu_sockets": "4"}, {"sockets": {"cpu": {"preferredCPUTopology": "sockets"}}}),
        ({"hw:cpu_cores": "4"}, {"cores": {"cpu": {"preferredCPUTopology": "cores"}}}),
        ({"hw:cpu_sockets": "2", "hw:cpu_cores": "2"},
         {"spread-2": {"cpu": {"preferredCPUTopology": "spread", "spreadOptions": {"across": "SocketsCores", "ratio": 2}}}}),
        ({"hw:cpu_threads": "2"},
         {"threads": {"cpu": {"preferredCPUTopology": "spread", "spreadOptions": {"across": "CoresThreads", "ratio": 2}}}}),
        ({"hw:cpu_sockets": "2", "hw:cpu_cores": "1", "hw:cpu_threads": "2"},
         {"spread-1-threads": {"cpu": {"preferredCPUTopology": "spread",
                                       "spreadOptions": {"across": "SocketsCoresThreads", "ratio": 1}}}}),
    ],
)  # fmt: skip
def test_extra_specs_become_traits_of_the_preference(properties, traits):
    assert one(properties)[1] == traits


@pytest.mark.parametrize(
    ("model", "security"),
    [
        ("amd-sev", {"sev": {}}),
        ("amd-sev-es", {"sev": {"policy": {"encryptedState": True}}}),
        ("amd-sev-snp", {"snp": {}}),
    ],
)
def test_memory_encryption_brings_efi(model, security):
    traits = one({"hw:mem_encryption": "true", "hw:mem_encryption_model": model})[1]
    assert traits.pop("efi") == {"firmware": {"preferredEfi": {"secureBoot": False}}}
    assert list(traits.values()) == [{"preferredLaunchSecurity": security}]


@pytest.mark.parametrize(
    ("properties", "key"),
    [
        ({"hw:cpu_policy": "mixed"}, "hw:cpu_policy"),
        ({"hw:cpu_thread_policy": "isolate"}, "hw:cpu_thread_policy"),
        ({"hw:emulator_threads_policy": "isolate"}, "hw:emulator_threads_policy"),
        ({"hw:numa_nodes": "2"}, "hw:numa_nodes"),
        (DEDICATED | {"hw:numa_nodes": "2"}, "hw:numa_nodes"),
        (DEDICATED | {"hw:cpu_realtime": "yes"}, "hw:cpu_realtime"),
        ({"hw:cpu_realtime_mask": "^0"}, "hw:cpu_realtime_mask"),
        ({"hw:numa_cpus.0": "0,1"}, "hw:numa_cpus.0"),
        ({"hw:cpu_sockets": "3"}, "hw:cpu_sockets"),
        ({"hw:cpu_max_sockets": "2"}, "hw:cpu_max_sockets"),
        ({"hw:mem_page_size": "3GB"}, "hw:mem_page_size"),
        ({"hw:mem_page_size": "huge"}, "hw:mem_page_size"),
        ({"hw:tpm_version": "1.2"}, "hw:tpm_version"),
        ({"os:secure_boot": "disabled"}, "os:secure_boot"),
        ({"hw:sound_model": "sb16"}, "hw:sound_model"),
        ({"hw:mem_encryption": "true", "hw:mem_encryption_model": "tdx"}, "hw:mem_encryption"),
        ({"trait:X": "forbidden"}, "trait:X"),
        ({"trait:X": "required"}, "trait:X"),
        ({"quota:vif_inbound_average": "1"}, "quota:vif_inbound_average"),
        ({"resources:PCPU": "4"}, "resources:PCPU"),
        ({"resources:VGPU": "1"}, "resources:VGPU"),
        ({"pci_passthrough:alias": "x:1"}, "pci_passthrough:alias"),
        ({"hw:pmu": "true"}, "hw:pmu"),
    ],
)
def test_what_has_no_home_is_lost_with_a_reason(properties, key):
    template, traits, fate = one(properties)
    assert fate[key][0] == "lost"
    assert len(fate[key][1]) > 10
    assert "sockets" not in traits
    assert "realtime" not in template.get("cpu", {})


def test_devices_come_by_alias_and_resource_class(imported):
    template = specs(imported)["gpu"]["template"]
    assert [gpu["deviceName"] for gpu in template["gpus"]] == [
        "nvidia.com/TU104GL_Tesla_T4", "nvidia.com/TU104GL_Tesla_T4", "nvidia.com/GRID_T4-1Q",
    ]  # fmt: skip
    assert [device["deviceName"] for device in template["hostDevices"]] == ["intel.com/qat", "example.com/fpga"]
    names = [device["name"] for kind in ("gpus", "hostDevices") for device in template[kind]]
    assert len(set(names)) == len(names)


def test_traits_and_aggregates_become_a_node_selector(imported):
    assert specs(imported)["nfv"]["sizes"]["large"]["template"]["nodeSelector"] == {
        "feature.node.kubernetes.io/cpu-cpuid.AVX512F": "true",
        "example.com/pool": "nfv",
    }


def test_a_listing_without_long_says_what_is_missing():
    row = {"ID": "1", "Name": "m1.small", "RAM": 2048, "Disk": 20, "Ephemeral": 0, "VCPUs": 1, "Is Public": True}
    assert "--long" in fates(given("openstack", [row]), "m1.small")["properties"][1]


def test_names_that_collide_are_reported():
    found = given("openstack", [flavor({}, name="a b.c"), flavor({}, name="a-b.c")])
    assert fates(found, "a-b.c")["*"][0] == "skipped"


def test_a_dot_and_a_dash_keep_two_families_apart():
    found = given("openstack", [flavor({}, name="m1.large"), flavor({}, name="m1-large")])
    templates = {name: spec.get("nameTemplate") for name, spec in specs(found).items()}
    assert templates == {"m1": None, "m1-2": "m1-{{ size }}"}


@pytest.mark.parametrize(
    ("text", "properties"),
    [
        ("", {}),
        ("a='1'", {"a": "1"}),
        ("hw:cpu_policy='dedicated', x='a, b=\\'c\\''", {"hw:cpu_policy": "dedicated", "x": "a, b='c'"}),
        ("no properties here", None),
    ],
)
def test_property_text_is_parsed_or_refused(text, properties):
    assert parse_properties(text) == properties


def test_a_map_file_has_sections_or_is_a_map_of_gpus():
    maps = Maps()
    maps.add_file({"gpus": {"a": "x/y"}, "pciAliases": {"b": "x/z", "c": {"kind": "gpus", "deviceName": "x/w"}},
                   "traits": {"T": "l=v"}, "largePageSize": "1GB"}, "maps.yaml")  # fmt: skip
    assert {name: device["kind"] for name, device in maps.devices.items()} == {
        "a": "gpus",
        "b": "hostDevices",
        "c": "gpus",
    }
    assert (maps.selectors, maps.large_page) == ({"T": ("l", "v")}, "1Gi")
    flat = Maps()
    flat.add_file({"NVIDIA T4": "x/y"}, "maps.yaml")
    assert flat.devices == {"NVIDIA T4": {"kind": "gpus", "deviceName": "x/y"}}


@pytest.mark.parametrize(
    "content",
    [None, [], {"gpus": [1]}, {"gpus": {"a": 1}}, {"gpus": {"a": {"deviceName": "x", "kind": "cpus"}}},
     {"gpus": {}, "gpu": {}}, {"traits": {"a": 1}}, {"largePageSize": "4K", "gpus": {}}],
)  # fmt: skip
def test_a_wrong_map_file_is_a_clear_error(content):
    with pytest.raises(InputError, match=r"maps\.yaml"):
        Maps().add_file(content, "maps.yaml")


@pytest.mark.parametrize("pair", ["x", "=y", "x="])
def test_a_wrong_device_argument_is_a_clear_error(pair):
    with pytest.raises(InputError, match="NAME=RESOURCE"):
        Maps().add_devices([pair], "--gpu", "gpus")
