"""Which VM fields an instancetype refuses: all of them, at KubeVirt's paths, in KubeVirt's order."""

from __future__ import annotations

import pytest

from tests.unit.objects import domain, errors, expanded, instancetype, paths

SPEC = "spec.template.spec"
DOMAIN = f"{SPEC}.domain"


def test_every_conflict_is_reported_in_kubevirts_order():
    sizes = instancetype(
        nodeSelector={"a": "b"},
        schedulerName="x",
        cpu={
            "guest": 2,
            "model": "host-model",
            "dedicatedCPUPlacement": True,
            "isolateEmulatorThread": False,
            "numa": {},
            "realtime": {},
        },
        memory={"guest": "1Gi", "hugepages": {}},
        ioThreads={"supplementalPoolThreadCount": 2},
        ioThreadsPolicy="auto",
        launchSecurity={},
        gpus=[{"name": "g", "deviceName": "d"}],
        hostDevices=[{"name": "h", "deviceName": "d"}],
        annotations={"b": "1", "a": "1"},
    )
    own = {
        "nodeSelector": {},
        "schedulerName": "y",
        "domain": {
            "resources": {"requests": {"cpu": "0", "memory": "1Gi"}, "limits": {"cpu": 1}},
            "cpu": {
                "sockets": 1,
                "cores": 1,
                "threads": 1,
                "model": "host-model",
                "dedicatedCpuPlacement": True,
                "isolateEmulatorThread": True,
                "numa": {},
                "realtime": {},
            },
            "memory": {"hugepages": {}},
            "ioThreads": {"supplementalPoolThreadCount": 0},
            "ioThreadsPolicy": "",
            "launchSecurity": {},
            "devices": {"gpus": [{"name": "g"}], "hostDevices": [{"name": "h"}]},
        },
    }
    assert paths(own, sizes, annotations={"a": "2", "b": ""}) == [
        f"{SPEC}.nodeSelector",
        f"{SPEC}.schedulerName",
        f"{DOMAIN}.resources.requests.cpu",
        f"{DOMAIN}.resources.limits.cpu",
        f"{DOMAIN}.cpu.sockets",
        f"{DOMAIN}.cpu.cores",
        f"{DOMAIN}.cpu.threads",
        f"{DOMAIN}.cpu.model",
        f"{DOMAIN}.cpu.dedicatedCPUPlacement",
        f"{DOMAIN}.cpu.isolateEmulatorThread",
        f"{DOMAIN}.cpu.numa",
        f"{DOMAIN}.cpu.realtime",
        f"{DOMAIN}.memory.hugepages",
        f"{DOMAIN}.ioThreads.supplementalPoolThreadCount",
        f"{DOMAIN}.ioThreadsPolicy",
        f"{DOMAIN}.launchSecurity",
        f"{DOMAIN}.devices.gpus",
        f"{DOMAIN}.devices.hostDevices",
        "annotations.a",
        "annotations.b",
    ]


@pytest.mark.parametrize(
    ("own", "path"),
    [
        ({"memory": {"guest": "0", "hugepages": {}, "maxGuest": "1Gi"}}, "memory.guest"),
        ({"memory": {"hugepages": {}, "maxGuest": "1Gi"}}, "memory.hugepages"),
        ({"memory": {"maxGuest": "1Gi"}, "resources": {"requests": {"memory": "0"}}}, "memory.maxGuest"),
        ({"resources": {"requests": {"memory": "0"}, "limits": {"memory": "0"}}}, "resources.requests.memory"),
        ({"resources": {"limits": {"memory": None}}}, "resources.limits.memory"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_only_the_first_memory_conflict_is_reported(own, path):
    sizes = instancetype(memory={"guest": "1Gi", "hugepages": {}, "maxGuest": "2Gi"})
    assert paths({"domain": own}, sizes) == [f"{DOMAIN}.{path}"]


@pytest.mark.parametrize(
    "own",
    [
        {"cpu": {"sockets": 0, "cores": 0, "threads": 0, "model": "", "dedicatedCpuPlacement": False}},
        {"cpu": {"maxSockets": 4}},
        {"memory": {}},
        {"memory": {"hugepages": {"pageSize": "2Mi"}, "maxGuest": "8Gi"}},
        {"resources": {"requests": {"ephemeral-storage": "1Gi"}}},
        {"devices": {"gpus": [], "hostDevices": []}},
        {"ioThreads": {}},
    ],
    ids=str,
)
def test_unset_values_do_not_conflict(own):
    sizes = instancetype(cpu={"guest": 1, "model": "x", "dedicatedCPUPlacement": False, "maxSockets": 2}, gpus=[])
    assert paths({"domain": own, "schedulerName": ""}, sizes) == []


def test_an_instancetypes_false_still_conflicts_with_a_vms_true():
    sizes = instancetype(cpu={"guest": 1, "dedicatedCPUPlacement": False})
    assert paths({"domain": {"cpu": {"dedicatedCpuPlacement": True}}}, sizes) == [f"{DOMAIN}.cpu.dedicatedCPUPlacement"]


def test_an_empty_instancetype_scheduler_or_gpu_list_is_not_set():
    own = {"schedulerName": "mine", "domain": {"devices": {"gpus": [{"name": "g"}]}}}
    assert expanded(own, instancetype(schedulerName="", gpus=[]))["schedulerName"] == "mine"


def test_the_same_annotation_value_is_no_conflict():
    assert paths(sizes=instancetype(annotations={"a": "x", "b": ""}), annotations={"a": "x", "b": None}) == []


def test_dots_and_slashes_of_an_annotation_key_stay():
    found = errors(sizes=instancetype(annotations={"vm.kubevirt.io/os": "a"}), annotations={"vm.kubevirt.io/os": "b"})
    assert [result.path for result in found] == ["annotations.vm.kubevirt.io/os"]


def test_the_message_names_the_field_as_the_vm_spells_it():
    sizes = instancetype(cpu={"guest": 1, "dedicatedCPUPlacement": True})
    (found,) = errors({"domain": {"cpu": {"dedicatedCpuPlacement": True}}}, sizes)
    assert found.message.startswith("remove spec.template.spec.domain.cpu.dedicatedCpuPlacement: ")
    assert found.rule == "instancetype/conflict"
    assert found.current is True


def test_a_conflict_keeps_the_preference_away():
    own = {"domain": {"cpu": {"cores": 1}}}
    assert paths(own, instancetype()) == [f"{DOMAIN}.cpu.cores"]
    assert own == {"domain": {"cpu": {"cores": 1}}}


def test_max_sockets_of_the_vm_is_overwritten():
    sizes = instancetype(cpu={"guest": 1, "maxSockets": 8})
    assert domain({"cpu": {"maxSockets": 2}}, sizes)["cpu"]["maxSockets"] == 8
    assert (
        "maxSockets" not in domain({"cpu": {"maxSockets": 2}}, instancetype(cpu={"guest": 1, "maxSockets": 0}))["cpu"]
    )
