"""What a preference writes into a VM, and above all what it leaves alone."""

from __future__ import annotations

import pytest

from tests.unit.objects import devices, domain, errors, expanded, instancetype, preference


@pytest.mark.parametrize(
    ("wishes", "want"),
    [
        ({"clock": {}}, {"clock": {}}),
        ({"features": {}}, {"features": {}}),
        ({"features": {"preferredHyperv": {}}}, {"features": {"hyperv": {}}}),
        ({"firmware": {}}, {"firmware": {"bootloader": {}}}),
        ({"devices": {"preferredVideoType": ""}}, {"devices": {"video": {}}}),
        ({"machine": {}}, {}),
        ({"devices": {}}, {}),
        ({"devices": {"preferredDisableHotplug": False}}, {}),
        ({"volumes": {"preferredStorageClassName": "fast"}}, {}),
    ],
    ids=str,
)
def test_an_empty_section_leaves_the_mark_that_kubevirt_leaves(wishes, want):
    assert domain({}, None, preference(**wishes)) == want


@pytest.mark.parametrize(
    ("own", "wish"),
    [
        ({"useVirtioTransitional": False}, {"preferredUseVirtioTransitional": True}),
        ({"blockMultiQueue": False}, {"preferredBlockMultiQueue": True}),
        ({"networkInterfaceMultiqueue": False}, {"preferredNetworkInterfaceMultiQueue": True}),
        ({"autoattachMemBalloon": False}, {"preferredAutoattachMemBalloon": True}),
        ({"tpm": {"enabled": False}}, {"preferredTPM": {"persistent": True}}),
        ({"rng": {}}, {"preferredRng": {}}),
        ({"video": {"type": "vga"}}, {"preferredVideoType": "virtio"}),
        ({"panicDevices": [{"model": ""}]}, {"preferredPanicDeviceModel": "hyperv"}),
        ({"sound": {"name": "s", "model": "ich9"}}, {"preferredSoundModel": "ac97"}),
    ],
    ids=str,
)
def test_a_value_of_the_vm_stays(own, wish):
    assert devices(own, **wish) == own


def test_disable_hotplug_and_acpi_overwrite_the_vm():
    assert devices({"disableHotplug": True}, preferredDisableHotplug=False) == {}
    assert devices({"disableHotplug": False}, preferredDisableHotplug=True) == {"disableHotplug": True}
    wishes = preference(features={"preferredAcpi": {"enabled": True}})
    assert domain({"features": {"acpi": {"enabled": False}}}, None, wishes)["features"] == {"acpi": {"enabled": True}}
    wishes = preference(features={"preferredAcpi": {}})
    assert domain({"features": {"acpi": {"enabled": False}}}, None, wishes)["features"] == {}


def test_a_sound_device_gets_a_model_but_is_never_made():
    assert devices({}, preferredSoundModel="ac97") == {}
    assert devices({"sound": {"name": "s"}}, preferredSoundModel="ac97") == {"sound": {"name": "s", "model": "ac97"}}


def test_a_video_device_is_made_and_an_empty_one_filled():
    assert devices({}, preferredVideoType="vga") == {"video": {"type": "vga"}}
    assert devices({"video": {}}, preferredVideoType="vga") == {"video": {"type": "vga"}}


def test_panic_devices_are_made_or_filled_one_by_one():
    assert devices({}, preferredPanicDeviceModel="hyperv") == {"panicDevices": [{"model": "hyperv"}]}
    own = {"panicDevices": [{}, {"model": "isa"}, {"model": None}]}
    filled = [{"model": "hyperv"}, {"model": "isa"}, {"model": "hyperv"}]
    assert devices(own, preferredPanicDeviceModel="hyperv") == {"panicDevices": filled}


def test_inputs_are_filled_but_never_made():
    wish = {"preferredInputBus": "usb", "preferredInputType": "tablet"}
    assert devices({}, **wish) == {}
    assert devices({"inputs": [{"name": "i", "type": ""}]}, **wish) == {
        "inputs": [{"name": "i", "type": "tablet", "bus": "usb"}]
    }


def disks(*entries, **wish):
    return devices({"disks": list(entries)}, **wish)["disks"]


def test_a_bare_disk_becomes_a_disk_only_when_there_are_device_preferences():
    assert disks({"name": "a"}) == [{"name": "a", "disk": {}}]
    assert domain({"devices": {"disks": [{"name": "a"}]}}, None, preference(clock={}))["devices"]["disks"] == [
        {"name": "a"}
    ]


def test_each_target_gets_its_own_bus_and_only_disks_get_the_rest():
    wish = {
        "preferredDiskBus": "virtio",
        "preferredCdromBus": "sata",
        "preferredLunBus": "scsi",
        "preferredDiskCache": "none",
        "preferredDiskIO": "native",
        "preferredDiskBlockSize": {"matchVolume": {}},
        "preferredDiskDedicatedIoThread": True,
    }
    rest = {"cache": "none", "io": "native", "blockSize": {"matchVolume": {}}, "dedicatedIOThread": True}
    assert disks({"name": "a"}, {"name": "b", "cdrom": {"bus": ""}}, {"name": "c", "lun": {}}, **wish) == [
        {"name": "a", "disk": {"bus": "virtio"}, **rest},
        {"name": "b", "cdrom": {"bus": "sata"}},
        {"name": "c", "lun": {"bus": "scsi"}},
    ]


def test_only_the_first_of_two_targets_is_looked_at():
    wish = {"preferredDiskBus": "virtio", "preferredCdromBus": "sata", "preferredLunBus": "scsi"}
    assert disks({"name": "a", "disk": {}, "cdrom": {}}, {"name": "b", "cdrom": {}, "lun": {}}, **wish) == [
        {"name": "a", "disk": {"bus": "virtio"}, "cdrom": {}},
        {"name": "b", "cdrom": {"bus": "sata"}, "lun": {}},
    ]


@pytest.mark.parametrize(
    ("own", "bus", "has_thread"),
    [({"bus": "virtio"}, "", True), ({}, "virtio", True), ({"bus": "sata"}, "virtio", False), ({}, "", False)],
)
def test_a_dedicated_io_thread_needs_the_virtio_bus(own, bus, has_thread):
    (disk,) = disks({"name": "a", "disk": own}, preferredDiskBus=bus, preferredDiskDedicatedIoThread=True)
    assert ("dedicatedIOThread" in disk) is has_thread


def interfaces(entries, networks, **wish):
    spec = {"domain": {"devices": {"interfaces": entries}}, "networks": networks}
    return expanded(spec, None, preference(devices=wish))["domain"]["devices"]["interfaces"]


@pytest.mark.parametrize("binding", ["bridge", "slirp", "sriov", "macvtap", "passt", "passtBinding", "binding"])
def test_masquerade_leaves_a_bound_interface_alone(binding):
    entry = {"name": "n", binding: {}}
    assert interfaces([entry], [{"name": "n", "pod": {}}], preferredInterfaceMasquerade={}) == [entry]


def test_masquerade_goes_by_the_first_network_of_the_name_and_the_model_does_not():
    wish = {"preferredInterfaceMasquerade": {}, "preferredInterfaceModel": "virtio"}
    networks = [{"name": "a", "multus": {}}, {"name": "a", "pod": {}}, {"name": "b", "pod": {}}]
    assert interfaces([{"name": "a"}, {"name": "b"}, {"name": "c", "model": "e1000"}], networks, **wish) == [
        {"name": "a", "model": "virtio"},
        {"name": "b", "model": "virtio", "masquerade": {}},
        {"name": "c", "model": "e1000"},
    ]


def test_features_are_filled_whole_and_hyperv_one_by_one():
    wishes = preference(
        features={
            "preferredApic": {"enabled": True},
            "preferredKvm": {"hidden": True},
            "preferredSmm": {"enabled": True},
            "preferredPvspinlock": {},
            "preferredHyperv": {"relaxed": {"enabled": True}, "spinlocks": {"spinlocks": 8191}, "vapic": {}},
        }
    )
    own = {"apic": {}, "kvm": None, "hyperv": {"spinlocks": {}}, "hypervPassthrough": {"enabled": True}}
    assert domain({"features": own}, None, wishes)["features"] == {
        "apic": {},
        "kvm": {"hidden": True},
        "hyperv": {"spinlocks": {}, "relaxed": {"enabled": True}, "vapic": {}},
        "hypervPassthrough": {"enabled": True},
        "pvspinlock": {},
        "smm": {"enabled": True},
    }


@pytest.mark.parametrize("own", [{"utc": {}}, {"timezone": ""}, {"timezone": "Europe/Berlin", "timer": None}], ids=str)
def test_a_clock_offset_is_all_or_nothing_and_the_timer_on_its_own(own):
    wishes = preference(clock={"preferredClockOffset": {"timezone": "UTC"}, "preferredTimer": {"hpet": {}}})
    assert domain({"clock": own}, None, wishes)["clock"] == {**own, "timer": {"hpet": {}}}
    assert domain({"clock": {"timer": {}}}, None, wishes)["clock"] == {"timer": {}, "timezone": "UTC"}


def test_scalars_of_the_spec_are_filled():
    wishes = preference(
        preferredSubdomain="sub",
        preferredTerminationGracePeriodSeconds=10,
        preferredArchitecture="arm64",
        machine={"preferredMachineType": "virt"},
        preferredLaunchSecurity={"sev": {}},
    )
    assert expanded({"subdomain": "", "domain": {"machine": {"type": ""}}}, None, wishes) == {
        "subdomain": "sub",
        "terminationGracePeriodSeconds": 10,
        "architecture": "arm64",
        "domain": {"machine": {"type": "virt"}, "launchSecurity": {"sev": {}}},
    }
    own = {
        "subdomain": "own",
        "terminationGracePeriodSeconds": 0,
        "architecture": "amd64",
        "domain": {"launchSecurity": {}},
    }
    kept = expanded(own, None, wishes)
    assert {key: kept[key] for key in ("subdomain", "terminationGracePeriodSeconds", "architecture")} == {
        key: own[key] for key in ("subdomain", "terminationGracePeriodSeconds", "architecture")
    }
    assert kept["domain"]["launchSecurity"] == {}
    assert "architecture" not in expanded({}, None, preference(preferredArchitecture=""))


def test_launch_security_comes_from_the_vm_then_the_instancetype_then_the_preference():
    wishes = preference(preferredLaunchSecurity={"tdx": {}})
    assert domain({}, instancetype(launchSecurity={"sev": {}}), wishes)["launchSecurity"] == {"sev": {}}
    assert domain({}, instancetype(), wishes)["launchSecurity"] == {"tdx": {}}


def test_cpu_features_are_appended_but_for_the_names_the_vm_has():
    wishes = preference(cpu={"preferredCPUFeatures": [{"name": "a", "policy": "force"}, {"name": "b"}, {"name": "b"}]})
    own = {"cpu": {"features": [{"name": "a", "policy": "disable"}]}}
    assert domain(own, None, wishes)["cpu"]["features"] == [
        {"name": "a", "policy": "disable"},
        {"name": "b"},
        {"name": "b"},
    ]


def test_cpu_features_without_a_cpu_section_are_refused_where_kubevirt_crashes():
    wishes = preference(cpu={"preferredCPUFeatures": [{"name": "a"}]})
    (found,) = errors({}, None, wishes)
    assert (found.rule, found.path) == ("preference/cpu-features", "spec.template.spec.domain.cpu")
    assert domain({}, instancetype(), wishes)["cpu"]["features"] == [{"name": "a"}]
    assert domain({"cpu": {}}, None, wishes)["cpu"] == {"features": [{"name": "a"}]}


def test_virtual_gpu_options_are_applied_only_on_request():
    wishes = preference(devices={"preferredVirtualGPUOptions": {"display": {"enabled": False}}})
    sizes = instancetype(gpus=[{"name": "a"}, {"name": "b", "virtualGPUOptions": {}}])
    assert domain({}, sizes, wishes)["devices"]["gpus"] == [{"name": "a"}, {"name": "b", "virtualGPUOptions": {}}]
    assert domain({}, sizes, wishes, virtual_gpu_options=True)["devices"]["gpus"] == [
        {"name": "a", "virtualGPUOptions": {"display": {"enabled": False}}},
        {"name": "b", "virtualGPUOptions": {}},
    ]


BIOS, EFI = {"preferredUseBios": True}, {"preferredUseEfi": True}


@pytest.mark.parametrize(
    ("own", "wish", "want"),
    [
        ({}, {**BIOS, **EFI, "preferredEfi": {}, "preferredUseSecureBoot": True}, {"bios": {}}),
        ({}, {**BIOS, "preferredUseBiosSerial": True}, {"bios": {"useSerial": True}}),
        ({"bios": {}}, {"preferredUseBiosSerial": False}, {"bios": {"useSerial": False}}),
        ({"bios": {"useSerial": False}}, {"preferredUseBiosSerial": True}, {"bios": {"useSerial": False}}),
        ({"efi": {}}, {**BIOS, "preferredUseBiosSerial": True}, {"efi": {}}),
        ({}, {"preferredUseBios": False}, {}),
        ({}, {"preferredEfi": {"persistent": True}, "preferredUseSecureBoot": True}, {"efi": {"persistent": True}}),
        (
            {"efi": {}},
            {"preferredEfi": {"persistent": True}, "preferredUseSecureBoot": True},
            {"efi": {"secureBoot": True}},
        ),
        ({}, {**EFI, "preferredUseSecureBoot": False}, {"efi": {"secureBoot": False}}),
        ({}, {"preferredUseEfi": False, "preferredUseSecureBoot": True}, {}),
        ({"efi": {"secureBoot": False}}, {"preferredUseSecureBoot": True}, {"efi": {"secureBoot": False}}),
        ({"bios": {}}, {**EFI, "preferredEfi": {}, "preferredUseSecureBoot": True}, {"bios": {}}),
    ],
    ids=str,
)
def test_firmware(own, wish, want):
    made = domain({"firmware": {"bootloader": own}}, None, preference(firmware=wish))
    assert made == {"firmware": {"bootloader": want}}, "and secure boot does not switch SMM on"


@pytest.mark.parametrize(
    ("cpu", "path"),
    [
        ({"preferredCPUTopology": ""}, "spec.cpu.preferredCPUTopology"),
        ({"preferredCPUTopology": "Sockets"}, "spec.cpu.preferredCPUTopology"),
        ({"preferredCPUTopology": "spread", "spreadOptions": {"across": ""}}, "spec.cpu.spreadOptions.across"),
        (
            {"preferredCPUTopology": "preferSpread", "spreadOptions": {"across": "CoresThreads", "ratio": 3}},
            "spec.cpu.spreadOptions.ratio",
        ),
    ],
)
def test_an_invalid_preference_is_refused_whatever_the_vm(cpu, path):
    (found,) = errors({}, None, preference(cpu=cpu))
    assert (found.rule, found.path) == ("preference/invalid", path)


def test_the_nearest_topology_is_proposed():
    assert errors({}, None, preference(cpu={"preferredCPUTopology": "Sockets"}))[0].proposed == "sockets"


def test_the_older_ratio_counts_for_cores_and_threads_too():
    cpu = {"preferredCPUTopology": "spread", "spreadOptions": {"across": "CoresThreads"}}
    assert errors({}, None, preference(cpu=cpu, preferSpreadSocketToCoreRatio=4))[0].rule == "preference/invalid"


def test_spread_options_without_spread_are_not_looked_at():
    wishes = preference(cpu={"preferredCPUTopology": "cores", "spreadOptions": {"across": "nowhere", "ratio": 0}})
    assert domain({}, instancetype(), wishes)["cpu"]["cores"] == 2
