from __future__ import annotations

import re

import pytest
from listings import MAPS, fates, given, load, specs

from krm_fn.core.errors import InputError
from krm_fn.core.naming import natural
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
         {"cpu": {"dedicatedCPUPlacement": True, "numa": {"guestMappingPassthrough": {}}, "realtime": {"mask": "2-3"}},
          "memory": {"hugepages": {"pageSize": "1Gi"}}}),
        (NUMA | {"hw:cpu_realtime": "yes", "hw:cpu_realtime_mask": "0-3"},
         {"cpu": {"dedicatedCPUPlacement": True, "numa": {"guestMappingPassthrough": {}}, "realtime": {}},
          "memory": {"hugepages": {"pageSize": "1Gi"}}}),
        ({"hw:cpu_max_sockets": "8"}, {}),
        ({"resources:PCPU": "4"}, {"cpu": {"dedicatedCPUPlacement": True}}),
        ({"resources2:PCPU": "5", "hw:emulator_threads_policy": "isolate"},
         {"cpu": {"dedicatedCPUPlacement": True, "isolateEmulatorThread": True}}),
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
         {"spread-1-threads": {"cpu": {"preferredCPUTopology": "spread",
                                       "spreadOptions": {"across": "SocketsCoresThreads", "ratio": 1}}}}),
        ({"hw:cpu_threads": "2", "hw:cpu_sockets": "1"},
         {"threads": {"cpu": {"preferredCPUTopology": "spread", "spreadOptions": {"across": "CoresThreads", "ratio": 2}}}}),
        ({"hw:cpu_max_sockets": "1"}, {"cores": {"cpu": {"preferredCPUTopology": "cores"}}}),
        ({"hw:cpu_max_sockets": "2"},
         {"spread-2": {"cpu": {"preferredCPUTopology": "spread", "spreadOptions": {"across": "SocketsCores", "ratio": 2}}}}),
        ({"hw:cpu_max_sockets": "1", "hw:cpu_max_cores": "1"},
         {"threads-only": {"cpu": {"preferredCPUTopology": "threads"}}}),
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
        ({"hw:cpu_max_sockets": "1", "hw:cpu_max_cores": "1", "hw:cpu_max_threads": "1"}, "hw:cpu_max_sockets"),
        (NUMA | {"hw:cpu_realtime": "yes", "hw:cpu_realtime_mask": "0-9"}, "hw:cpu_realtime"),
        (NUMA | {"hw:cpu_realtime": "yes", "hw:cpu_realtime_mask": "two"}, "hw:cpu_realtime"),
        ({"hw:mem_page_size": "3GB"}, "hw:mem_page_size"),
        ({"hw:mem_page_size": "huge"}, "hw:mem_page_size"),
        ({"hw:tpm_version": "1.2"}, "hw:tpm_version"),
        ({"os:secure_boot": "disabled"}, "os:secure_boot"),
        ({"hw:sound_model": "sb16"}, "hw:sound_model"),
        ({"hw:mem_encryption": "true", "hw:mem_encryption_model": "tdx"}, "hw:mem_encryption"),
        ({"trait:X": "forbidden"}, "trait:X"),
        ({"trait:X": "required"}, "trait:X"),
        ({"quota:vif_inbound_average": "1"}, "quota:vif_inbound_average"),
        ({"resources:PCPU": "2"}, "resources:PCPU"),
        ({"resources:PCPU": "4", "resources:VCPU": "4"}, "resources:PCPU"),
        ({"resources:NET_BW_EGR_KILOBIT_PER_SEC": "1000"}, "resources:NET_BW_EGR_KILOBIT_PER_SEC"),
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


AGGREGATE = "aggregate_instance_extra_specs:ssd"


@pytest.mark.parametrize(
    ("value", "label", "selector"),
    [
        ("true", ("disktype", "ssd"), "ssd"), ("s== true", ("disktype", "ssd"), "ssd"), ("ssd", ("disktype", "ssd"), "ssd"),
        ("false", ("disktype", "ssd"), None), ("s== false", ("disktype", "ssd"), None), (">= 2", ("disktype", "ssd"), None),
        ("gold", ("pool", "fast"), "fast"), ("gold", ("pool", ""), "gold"), ("s== gold", ("pool", ""), "gold"),
        ("<or> gold", ("pool", ""), "gold"), ("<or> gold <or> silver", ("pool", ""), None), ("<in> gold", ("pool", ""), None),
        ("a b", ("pool", ""), None), ("!= 3", ("pool", ""), None),
    ],
)  # fmt: skip
def test_an_aggregates_value_is_compared_as_nova_does(value, label, selector):
    template, _, fate = one({AGGREGATE: value}, Options(selectors={AGGREGATE: label}))
    assert template.get("nodeSelector", {}).get(label[0]) == selector
    assert fate[AGGREGATE][0] == ("lost" if selector is None else "mapped")


def test_a_label_for_one_value_is_not_taken_for_another():
    rows = [flavor({AGGREGATE: value}, name=f"t.{value}") for value in ("gold", "silver", "bronze")]
    maps = Maps()
    maps.add_traits([f"{AGGREGATE}=pool=gold", f"{AGGREGATE}=silver=pool=second"])
    found = given("openstack", rows, Options(selectors=maps.selectors))
    sizes = specs(found)["t"]["sizes"]
    assert [sizes[name]["template"]["nodeSelector"]["pool"] for name in ("gold", "silver")] == ["gold", "second"]
    assert "pool" not in str(sizes["bronze"])
    assert f"{AGGREGATE}=bronze=LABEL=VALUE" in fates(found, "t.bronze")[f"properties.{AGGREGATE}"][1]


NO_RESOURCES = {"resources:VCPU": "0", "resources:MEMORY_MB": "0", "resources:DISK_GB": "0"}


@pytest.mark.parametrize(
    ("properties", "left_out"),
    [
        (NO_RESOURCES | {"resources:CUSTOM_BAREMETAL": "1"}, True),
        ({"capabilities:hypervisor_type": "s== ironic"}, True),
        ({"resources:DISK_GB": "0"}, False),
        ({"resources:CUSTOM_FPGA": "1"}, False),
        (NO_RESOURCES, False),
    ],
)
def test_a_flavor_of_the_bare_metal_service_is_no_virtual_machine(properties, left_out):
    found = given("openstack", [flavor(properties), flavor({}, name="other.large")])
    assert ("t" not in specs(found)) == left_out
    assert (fates(found, "t.large").get("*", ("",))[0] == "skipped") == left_out


@pytest.mark.parametrize("name", [
    "accel:device_profile", "hw:pmem", "hw:usb_model", "hw:redirected_usb_ports", "hw:tpm_secret_security", "hw:boot_menu",
    "hw:cpu_dedicated_mask", "hw:locked_memory", "hw:maxphysaddr_mode", "hw:virtio_packed_ring", "hw:viommu_model",
    "hw:ephemeral_encryption", "quota:cpu_shares", "resources:PCI_DEVICE", "resources:SRIOV_NET_VF", "resources:NUMA_CORE",
    "resources:MEM_ENCRYPTION_CONTEXT", "resources_A:PGPU", "resources:FPGA", "resources:VGPU_DISPLAY_HEAD", "vmware:hw_version",
    "powervm:min_vcpu", "os:monitors", "group_policy", "capabilities:cpu_info:features",
])  # fmt: skip
def test_each_spec_of_nova_has_a_reason(name):
    assert one({name: "3"})[2][name][0] == "lost"


def test_what_a_flavor_says_there_is_none_of_is_no_loss():
    fate = one({"hw:boot_menu": "false", "quota:cpu_shares": "0", "hw:pmu": "False"})[2]
    assert {disposition for disposition, _ in fate.values()} >= {"ignored"}
    assert all(fate[name][0] == "ignored" for name in ("hw:boot_menu", "quota:cpu_shares", "hw:pmu"))


@pytest.mark.parametrize(
    ("names", "series"),
    [
        (["s3.xlarge.2", "s3.xlarge.4", "s3.large.2"], {"s3": ["large.2", "xlarge.2", "xlarge.4"]}),
        (["SCS-2V-4-20s", "SCS-4V-8-20s", "SCS-2V-4"], {"scs": ["2v-4", "2v-4-20s", "4v-8-20s"]}),
        (["b2-7", "b2-15-flex", "b2-15"], {"b2": ["7", "15", "15-flex"]}),
        (["m1-small", "m1-large", "m1-small-ssd"], {"m1": ["large", "small", "small-ssd"]}),
        (["4C-8GB-50GB", "2C-4GB"], {"flavors": ["2c-4gb", "4c-8gb-50gb"]}),
        (["c2r4", "c4r8", "c4r16"], {"c": ["2r4", "4r8", "4r16"]}),
        (["tiny", "small"], {"flavors": ["small", "tiny"]}),
        (["web-server"], {"web": ["server"]}),
    ],
)
def test_names_without_a_grammar_keep_families_together(names, series):
    found = given("openstack", [flavor({}, name=name) for name in names])
    made = specs(found)
    assert {name: sorted(spec["sizes"], key=natural) for name, spec in made.items()} == series
    for name, spec in made.items():
        pattern = spec.get("nameTemplate", "{{ series }}.{{ size }}").replace("{{ series }}", name)
        for size in spec["sizes"]:
            assert pattern.replace("{{ size }}", size) in {given_name.lower() for given_name in names}


def test_a_person_says_what_a_family_is():
    rows = [flavor({}, name=name) for name in ("prod-web-small", "prod-web-large", "prod-db-small")]
    found = given("openstack", rows, Options(family=re.compile(r"prod-(?P<series>\w+)-(?P<size>\w+)")))
    assert {name: sorted(spec["sizes"]) for name, spec in specs(found).items()} == {
        "web": ["large", "small"],
        "db": ["small"],
    }
    assert specs(found)["web"]["nameTemplate"] == "prod-{{ series }}-{{ size }}"
