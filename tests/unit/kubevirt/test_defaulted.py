"""One model of KubeVirt's defaulting: where its users once disagreed, and what each part comes to."""

from __future__ import annotations

import pytest

from krm_fn.kubevirt import defaulted
from krm_fn.migrate.settled import memory, vcpus
from krm_fn.preference.requirements import Provided
from krm_fn.validate.admission.machine import Machine

GIB = 2**30


def vm(domain):
    return {"spec": {"template": {"spec": {"domain": domain}}}}


def resources(**groups):
    return {"resources": groups}


@pytest.mark.parametrize(
    ("domain", "guest"),
    [
        (resources(requests={"memory": "0"}, limits={"memory": "1Gi"}), GIB),
        ({"memory": {"hugepages": {"pageSize": "2Mi"}}}, 2 * 2**20),
        (resources(requests={"memory": "2Gi"}, limits={"memory": "1Gi"}), 2 * GIB),
        ({"memory": {"guest": "3Gi"}, **resources(requests={"memory": "2Gi"})}, 3 * GIB),
        (resources(requests={"memory": None}, limits={"memory": "1Gi"}), GIB),
        ({"memory": {"hugepages": {"pageSize": "huge"}}}, 0),
        ({}, 0),
    ],
    ids=str,
)
def test_guest_memory_is_the_same_to_all(domain, guest):
    judged = Machine(vm(domain), applied=True).guest_memory
    required = Provided({"domain": domain}, None).as_admitted({"domain": domain}, "").memory
    assert (judged or 0) == guest * 10**9
    assert (defaulted.amount({"is": required}, "is") or 0) == guest * 10**9
    assert memory(vm(domain)) == guest


@pytest.mark.parametrize(
    ("domain", "counts"),
    [
        (resources(limits={"cpu": None}, requests={"cpu": "2"}), (2, 1, 1)),
        (resources(limits={"cpu": "0"}, requests={"cpu": "3"}), (0, 1, 1)),
        (resources(limits={"cpu": "-1"}), (2**32 - 1, 1, 1)),
        (resources(requests={"cpu": "2500m"}), (3, 1, 1)),
        ({"cpu": {"cores": 4}, **resources(limits={"cpu": "2"})}, (0, 4, 0)),
        ({"cpu": {"cores": 0, "model": "host-model"}}, (1, 1, 1)),
        ({}, (1, 1, 1)),
    ],
    ids=str,
)
def test_the_topology_is_the_same_to_all(domain, counts):
    required = Provided({"domain": domain}, None).as_admitted({"domain": domain}, "").cpu
    assert Machine(vm(domain), applied=True).topology == counts
    assert required == dict(zip(defaulted.TOPOLOGY, counts, strict=True))
    product = 1
    for count in counts:
        product *= count or 1  # to virt-launcher none is one
    assert vcpus(vm(domain)) == product


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ({"limits": {"cpu": "2"}}, "2"),
        ({"limits": {"cpu": "2"}, "requests": {"cpu": "0"}}, "2"),
        ({"limits": {"cpu": "0"}, "requests": {"cpu": "0"}}, "0"),
        ({"limits": {"cpu": "2"}, "requests": {"cpu": "1"}}, "1"),
        ({}, None),
    ],
)
def test_a_missing_cpu_request_is_the_limit(written, asked):
    assert defaulted.cpu_request(written) == asked


def test_a_volume_that_nothing_shows_gets_a_bare_disk():
    devices = {"disks": [{"name": "a"}], "filesystems": [{"name": "b"}]}
    spec = {"domain": {"devices": devices}, "volumes": [{"name": "a"}, {"name": "b"}, {"name": "c"}, None]}
    assert defaulted.bare_disks(spec) == [{"name": "c"}]
    assert defaulted.bare_disks({"volumes": "none"}) == []


@pytest.mark.parametrize(
    ("spec", "gets"),
    [
        ({}, True),
        ({"networks": [], "domain": {"devices": {"interfaces": []}}}, True),
        ({"networks": [{"name": "a", "pod": {}}]}, False),
        ({"domain": {"devices": {"interfaces": [{"name": "a"}]}}}, False),
        ({"domain": {"devices": {"autoattachPodInterface": False}}}, False),
    ],
)
def test_the_pod_network_comes_where_nothing_is_said(spec, gets):
    assert defaulted.gets_pod_network(spec) is gets


def test_the_input_device_comes_where_it_is_asked_for():
    assert defaulted.gets_input({"autoattachInputDevice": True})
    assert not defaulted.gets_input({"autoattachInputDevice": True, "inputs": [{"name": "mine"}]})
    assert not defaulted.gets_input({})


def test_architectures_bring_their_machine_type_and_bus():
    assert [defaulted.machine_type(name) for name in ("amd64", "arm64", "s390x", "?")] == [
        "q35",
        "virt",
        "s390-ccw-virtio",
        "q35",
    ]
    assert [defaulted.disk_bus(name) for name in ("amd64", "arm64", "s390x")] == ["sata", "virtio", "virtio"]
    assert [defaulted.architecture(spec, "arm64") for spec in ({}, {"architecture": "amd64"})] == ["arm64", "amd64"]
