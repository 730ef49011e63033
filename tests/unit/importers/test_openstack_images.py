from __future__ import annotations

import pytest
from listings import fates, given, load, specs


def image(properties, **more):
    return {"name": "Test", "disk_format": "qcow2", "min_ram": 0, "properties": properties, **more}


def one(properties, **more):
    """(traits, the member, fates) of one image."""
    found = given("openstack", image(properties, **more))
    (spec,) = specs(found, "PreferenceSeries").values()
    (member,) = spec["members"].values()
    return spec["traits"], member, fates(found, "image Test")


def test_distribution_and_version_name_the_preference():
    series = specs(load("openstack"), "PreferenceSeries")
    assert set(series["ubuntu"]["members"]) == {"22.04", "24.04"}
    assert series["windows"]["osType"] == "windows"
    assert series["ubuntu"]["osType"] == "linux"


@pytest.mark.parametrize(
    ("properties", "trait", "fragment"),
    [
        ({"hw_disk_bus": "scsi"}, "disk-scsi", {"devices": {"preferredDiskBus": "scsi"}}),
        ({"hw_disk_bus": "ide"}, "disk-sata", {"devices": {"preferredDiskBus": "sata"}}),
        ({}, "disk-virtio", {"devices": {"preferredDiskBus": "virtio"}}),
        ({"hw_cdrom_bus": "usb"}, "cdrom-usb", {"devices": {"preferredCdromBus": "usb"}}),
        ({"hw_vif_model": "VirtualE1000"}, "nic-e1000", {"devices": {"preferredInterfaceModel": "e1000"}}),
        ({"hw_vif_model": "vmxnet3"}, "nic-virtio", {"devices": {"preferredInterfaceModel": "virtio"}}),
        ({"hw_machine_type": "pc-q35-8.2"}, "pc-q35-8.2", {"machine": {"preferredMachineType": "pc-q35-8.2"}}),
        ({"hw_firmware_type": "bios"}, "bios", {"firmware": {"preferredUseBios": True}}),
        ({"hw_firmware_type": "uefi"}, "efi", {"firmware": {"preferredEfi": {"secureBoot": False}}}),
        ({"os_secure_boot": "optional"}, "secureboot",
         {"firmware": {"preferredEfi": {"secureBoot": True}}, "features": {"preferredSmm": {}}}),
        ({"hw_tpm_model": "tpm-crb", "hw_tpm_version": "2.0"}, "tpm", {"devices": {"preferredTPM": {}}}),
        ({"hw_video_model": "none"}, "headless", {"devices": {"preferredAutoattachGraphicsDevice": False}}),
        ({"hw_video_model": "bochs"}, "video-bochs", {"devices": {"preferredVideoType": "bochs"}}),
        ({"hw_rng_model": "virtio"}, "rng", {"devices": {"preferredRng": {}}}),
        ({"hw_pointer_model": "usbtablet"}, "usb-tablet",
         {"devices": {"preferredAutoattachInputDevice": True, "preferredInputType": "tablet", "preferredInputBus": "usb"}}),
        ({"hw_time_hpet": "true"}, "hpet-on", {"clock": {"preferredTimer": {"hpet": {"present": True}}}}),
        ({"img_hide_hypervisor_id": "true"}, "hidden", {"features": {"preferredKvm": {"hidden": True}}}),
        ({"hw_architecture": "aarch64"}, "arm64", {"preferredArchitecture": "arm64"}),
        ({"hw_cpu_threads": "2"}, "spread-1-threads",
         {"cpu": {"preferredCPUTopology": "spread", "spreadOptions": {"across": "SocketsCoresThreads", "ratio": 1}}}),
        ({"hw_cpu_threads": "2", "hw_cpu_sockets": "1"}, "threads",
         {"cpu": {"preferredCPUTopology": "spread", "spreadOptions": {"across": "CoresThreads", "ratio": 2}}}),
        ({"hw_cpu_max_sockets": "1"}, "cores", {"cpu": {"preferredCPUTopology": "cores"}}),
        ({"vmware_adaptertype": "lsiLogic"}, "disk-scsi", {"devices": {"preferredDiskBus": "scsi"}}),
        ({"vmware_adaptertype": "ide"}, "disk-sata", {"devices": {"preferredDiskBus": "sata"}}),
        ({"vmware_adaptertype": "ide", "hw_disk_bus": "virtio"}, "disk-virtio", {"devices": {"preferredDiskBus": "virtio"}}),
        ({"architecture": "x86_64"}, "amd64", {"preferredArchitecture": "amd64"}),
        ({"hw_sound_model": "ich9"}, "sound-ich9", {"devices": {"preferredSoundModel": "ich9"}}),
    ],
)  # fmt: skip
def test_properties_become_traits(properties, trait, fragment):
    assert one(properties)[0][trait] == fragment


def test_secure_boot_goes_before_plain_uefi():
    traits = one({"hw_firmware_type": "uefi", "os_secure_boot": "required"})[0]
    assert "efi" not in traits
    assert "secureboot" in traits


def test_min_ram_is_a_requirement():
    assert one({}, min_ram=1536)[1]["requirements"] == {"memory": "1536Mi"}
    assert "requirements" not in one({}, min_ram=0)[1]


def test_windows_gets_its_enlightenments_before_the_images_own_words():
    traits, member, _ = one({"os_type": "windows", "hw_time_hpet": "true"})
    assert traits["windows"]["features"]["preferredHyperv"]["spinlocks"] == {"spinlocks": 8191}
    assert member["traits"].index("windows") < member["traits"].index("hpet-on")


@pytest.mark.parametrize(
    ("name", "value"),
    [("hw_machine_type", "pc-i440fx-6.2"), ("hw_video_model", "qxl"), ("hw_vif_model", "vmxnet3"), ("hw_disk_bus", "xen"),
     ("hw_tpm_version", "1.2"), ("hw_numa_nodes", "2"), ("hw_watchdog_action", "reset"), ("hw_architecture", "ppc64le"),
     ("hw_scsi_model", "lsilogic"), ("hw_pointer_model", "ps2mouse"), ("hw_input_bus", "ps2"), ("hw_cpu_cores", "4"),
     ("hw_sound_model", "sb16"), ("hw_firmware_type", "coreboot"), ("os_secure_boot", "maybe")],
)  # fmt: skip
def test_what_has_no_home_is_lost(name, value):
    assert one({name: value})[2][f"properties.{name}"][0] == "lost"


def test_the_apis_own_answer_has_its_properties_at_the_top():
    row = {"name": "Test", "disk_format": "raw", "hw_disk_bus": "scsi", "os_distro": "debian", "os_version": "12"}
    found = given("openstack", {"images": [row]})
    assert specs(found, "PreferenceSeries")["debian"]["members"] == {"12": {"traits": ["disk-scsi"]}}


def test_images_of_one_version_are_one_member_unless_they_differ():
    facts = {"os_distro": "rhel", "os_version": "9"}
    same = given("openstack", [image(facts, name="a"), image(facts, name="b")])
    assert list(specs(same, "PreferenceSeries")["rhel"]["members"]) == ["9"]
    other = given("openstack", [image(facts, name="a"), image(facts | {"hw_disk_bus": "scsi"}, name="B x")])
    assert list(specs(other, "PreferenceSeries")["rhel"]["members"]) == ["9", "9.b-x"]


@pytest.mark.parametrize(
    ("properties", "series", "member", "ostype"),
    [
        ({"os_distro": "win2k22", "os_version": "2022"}, "windows", "2k22", "windows"),
        ({"os_distro": "win10"}, "windows", "10", "windows"),
        ({"os_distro": "windows", "os_version": "2019"}, "windows", "2019", "windows"),
        ({"os_distro": "http://microsoft.com/win/2k19"}, "windows", "2k19", "windows"),
        ({"os_distro": "http://ubuntu.com/ubuntu/22.04"}, "ubuntu", "22.04", "linux"),
        ({"os_distro": "rhel", "os_version": "9.4"}, "rhel", "9.4", "linux"),
        ({"vmware_ostype": "windows9_64Guest"}, "windows", "9-64guest", "windows"),
    ],
)
def test_the_distribution_is_named_as_libosinfo_does(properties, series, member, ostype):
    ((name, spec),) = specs(given("openstack", image(properties)), "PreferenceSeries").items()
    assert (name, list(spec["members"]), spec["osType"]) == (series, [member], ostype)
    assert ("windows" in spec["traits"]) == (ostype == "windows")


def test_a_bus_that_kubevirt_lacks_is_not_called_unsaid():
    found = given("openstack", image({"hw_disk_bus": "fdc"}))
    assert [entry.disposition for entry in found.entries if "hw_disk_bus" in entry.key] == ["lost"]


@pytest.mark.parametrize(
    "name", ["hw_usb_model", "hw_numa_cpus.0", "trait:CUSTOM_A", "hw_emulation_architecture", "img_bdm_v2", "kernel_id"]
)
def test_each_property_of_nova_has_a_reason(name):
    assert one({name: "x"})[2][f"properties.{name}"][0] in ("lost", "ignored")
