"""Requirements: only the first that is not met, in KubeVirt's words, at KubeVirt's fields."""

from __future__ import annotations

import pytest

from tests.unit.objects import errors, instancetype, preference

CPU = "spec.template.spec.domain.cpu"


def failure(own, required, sizes=None, cpu=None, **options):
    wishes = preference(requirements=required, **({"cpu": cpu} if cpu else {}))
    found = errors({"domain": own, "architecture": options.pop("architecture", "")}, sizes, wishes, **options)
    assert all(result.rule == "preference/requirement" for result in found)
    return [result.path for result in found], found[0].message if found else ""


def spread(across):
    return {"preferredCPUTopology": "spread", "spreadOptions": {"across": across, "ratio": 9}}


@pytest.mark.parametrize(
    ("cpu", "topology", "fields", "words"),
    [
        (
            {"cores": 4},
            {},
            ["sockets"],
            "0 vCPU provided by VirtualMachine, preference requires 2 vCPU provided as sockets",
        ),
        ({"sockets": 4}, {"preferredCPUTopology": "cores"}, ["cores"], "provided as cores"),
        ({"sockets": 4}, {"preferredCPUTopology": "preferThreads"}, ["threads"], "provided as threads"),
        (
            {"cores": 4},
            {"preferredCPUTopology": "any"},
            ["cores", "sockets", "threads"],
            "as cores, sockets and threads",
        ),
        (
            {"cores": 65536, "sockets": 65536, "threads": 1},
            {"preferredCPUTopology": "any"},
            ["cores", "sockets", "threads"],
            "0 vCPU",
        ),
        ({"cores": 4, "threads": 4}, spread("SocketsCores"), ["sockets", "cores"], "as SocketsCores"),
        (
            {"sockets": 4, "cores": 4},
            spread("SocketsCoresThreads"),
            ["sockets", "cores", "threads"],
            "as SocketsCoresThreads",
        ),
    ],
    ids=str,
)
def test_cpu_without_an_instancetype_goes_by_the_preferred_topology(cpu, topology, fields, words):
    paths, message = failure({"cpu": cpu}, {"cpu": {"guest": 2}}, cpu=topology)
    assert paths == [f"{CPU}.{field}" for field in fields]
    assert "insufficient CPU resources of 0 vCPU provided by VirtualMachine" in message
    assert words in message


def test_the_ratio_of_a_spread_is_irrelevant_to_its_requirement():
    assert failure({"cpu": {"sockets": 2, "cores": 1}}, {"cpu": {"guest": 2}}, cpu=spread("SocketsCores")) == ([], "")


def test_no_cpu_section_has_its_own_words():
    assert failure({}, {"cpu": {"guest": 2}})[0] == [CPU]
    assert "no CPU resources provided by VirtualMachine" in failure({}, {"cpu": {"guest": 2}})[1]


def test_an_instancetypes_vcpus_count_whatever_the_topology():
    paths, message = failure({}, {"cpu": {"guest": 3}}, instancetype(), cpu={"preferredCPUTopology": "cores"})
    assert paths == ["spec.instancetype"]
    assert "insufficient CPU resources of 2 vCPU provided by instance type, preference requires 3 vCPU" in message
    assert failure({}, {"cpu": {"guest": 2}}, instancetype()) == ([], "")


def test_memory_is_the_guests_and_requests_do_not_count():
    own = {"resources": {"requests": {"memory": "8Gi"}}}
    paths, message = failure(own, {"memory": {"guest": "1.5Gi"}})
    assert paths == ["spec.template.spec.domain.memory"]
    assert "insufficient Memory resources of 0 provided by VirtualMachine, preference requires 1536Mi" in message
    assert failure({"memory": {"guest": "2Gi"}}, {"memory": {"guest": "2048Mi"}}) == ([], "")


def test_memory_of_an_instancetype_is_named_so():
    paths, message = failure({}, {"memory": {"guest": "+5Gi"}}, instancetype())
    assert paths == ["spec.instancetype"]
    assert "of 4Gi provided by instance type, preference requires +5Gi" in message


def test_the_architecture_has_to_match_what_was_applied():
    assert failure({}, {"architecture": "arm64"})[0] == ["spec.template.spec.architecture"]
    assert "preference requires architecture arm64 but  is being requested" in failure({}, {"architecture": "arm64"})[1]
    wishes = preference(requirements={"architecture": "arm64"}, preferredArchitecture="arm64")
    assert errors({}, None, wishes) == []


def test_only_the_first_failure_is_reported():
    required = {"cpu": {"guest": 9}, "memory": {"guest": "9Gi"}, "architecture": "arm64"}
    assert failure({}, required, instancetype())[0] == ["spec.instancetype"]
    assert failure({"cpu": {"sockets": 9}}, required)[0] == ["spec.template.spec.domain.memory"]


@pytest.mark.parametrize(
    ("own", "required", "met"),
    [
        ({}, {"cpu": {"guest": 1}}, True),
        ({"resources": {"limits": {"cpu": "3500m"}, "requests": {"cpu": 1}}}, {"cpu": {"guest": 4}}, True),
        ({"resources": {"requests": {"cpu": 2}}}, {"cpu": {"guest": 3}}, False),
        ({"cpu": {"cores": 4}}, {"cpu": {"guest": 1}}, False),
        ({"resources": {"requests": {"memory": "2Gi"}}}, {"memory": {"guest": "2Gi"}}, True),
        ({"resources": {"requests": {"memory": "0"}, "limits": {"memory": "2Gi"}}}, {"memory": {"guest": "2Gi"}}, True),
        ({"memory": {"hugepages": {"pageSize": "1Gi"}}}, {"memory": {"guest": "1Gi"}}, True),
        ({"memory": {"hugepages": {"pageSize": "big"}}}, {"memory": {"guest": "1Gi"}}, False),
        ({}, {"architecture": "amd64"}, True),
        ({}, {"architecture": "arm64"}, False),
    ],
    ids=str,
)
def test_with_defaults_the_vm_is_judged_as_the_webhook_completes_it(own, required, met):
    assert (failure(own, required, defaults="kubevirt")[0] == []) is met


def test_the_cluster_architecture_of_the_defaults_counts():
    assert failure({}, {"architecture": "arm64"}, defaults={"architecture": "arm64"}) == ([], "")


def test_an_empty_required_architecture_is_never_met_where_the_webhook_writes_one():
    """Without defaulting a VM that names none meets it: KubeVirt would start such a VM and never admits it."""
    from krm_fn.vm.expand import expand
    from tests.unit.objects import vm

    empty = preference(requirements={"architecture": ""})
    _, results = expand(vm(), None, empty, admitted=True)
    assert [result.path for result in results] == ["spec.template.spec.architecture"]
    _, results = expand(vm(), None, empty)
    assert [(result.rule, result.severity, result.path) for result in results] == [
        ("preference/requirement", "warning", "spec.requirements.architecture")
    ]
    assert failure({}, {"architecture": ""}, architecture="amd64")[0] == ["spec.template.spec.architecture"]
