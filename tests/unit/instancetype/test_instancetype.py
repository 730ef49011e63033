"""What an instancetype writes into a VM."""

from __future__ import annotations

import pytest

from krm_fn.instancetype.memory import requested
from krm_fn.instancetype.validate import doubtful
from tests.unit.objects import domain, errors, expanded, instancetype, preference

GI = 2**30


@pytest.mark.parametrize(
    ("guest", "percent", "want"),
    [
        (GI, 10, 966367616),
        (GI, 15, 912680576),
        (2**34, 99, 171798528),
        (2**29, 91, 48318368),
        (GI, 100, 0),
        (1, 50, 0),
        (2**63 - 1, 1, 9131138404447158272),
    ],
)
def test_overcommit_is_computed_in_float32(guest, percent, want):
    assert requested(guest, percent) == want


def test_a_large_guest_is_rounded_once():
    """2^54 + 2^30 + 1 lies just above the middle of two float32 numbers; by way of a double it would be the middle."""
    assert requested(2**54 + 2**30 + 1, 50) == 9007200328482816


def test_the_request_keeps_the_style_of_the_guest_and_other_requests():
    sizes = instancetype(memory={"guest": "16Gi", "overcommitPercent": 99})
    own = {"resources": {"requests": {"ephemeral-storage": "1Gi"}}}
    assert domain(own, sizes)["resources"]["requests"] == {"ephemeral-storage": "1Gi", "memory": "167772Ki"}


def test_full_overcommit_requests_zero_and_none_requests_nothing():
    full = domain({}, instancetype(memory={"guest": "1Gi", "overcommitPercent": 100}))
    assert full["resources"]["requests"] == {"memory": "0"}
    assert "resources" not in domain({}, instancetype(memory={"guest": "1Gi", "overcommitPercent": 0}))


@pytest.mark.parametrize(
    ("wishes", "vcpus", "layout"),
    [
        (None, 4, {"sockets": 4, "cores": 1, "threads": 1}),
        ({}, 4, {"sockets": 4, "cores": 1, "threads": 1}),
        ({"preferredCPUTopology": "any"}, 4, {"sockets": 4, "cores": 1, "threads": 1}),
        ({"preferredCPUTopology": "cores"}, 4, {"sockets": 1, "cores": 4, "threads": 1}),
        ({"preferredCPUTopology": "preferThreads"}, 4, {"sockets": 1, "cores": 1, "threads": 4}),
        ({"preferredCPUTopology": "cores"}, 1, {"sockets": 1, "cores": 1, "threads": 1}),
        ({"preferredCPUTopology": "spread"}, 6, {"sockets": 3, "cores": 2, "threads": 1}),
        (
            {"preferredCPUTopology": "spread", "spreadOptions": {"ratio": 3}},
            6,
            {"sockets": 2, "cores": 3, "threads": 1},
        ),
        (
            {"preferredCPUTopology": "spread", "spreadOptions": {"across": "CoresThreads"}},
            6,
            {"sockets": 1, "cores": 3, "threads": 2},
        ),
        (
            {"preferredCPUTopology": "spread", "spreadOptions": {"across": "SocketsCoresThreads", "ratio": 3}},
            12,
            {"sockets": 2, "cores": 3, "threads": 2},
        ),
        ({"preferredCPUTopology": "spread"}, 0, {"cores": 2, "threads": 1}),
        ({}, 0, {"cores": 1, "threads": 1}),
    ],
)
def test_vcpus_become_a_topology(wishes, vcpus, layout):
    sizes = instancetype(cpu={"guest": vcpus})
    assert domain({}, sizes, None if wishes is None else preference(cpu=wishes))["cpu"] == layout


def test_the_older_ratio_counts_unless_it_is_zero_and_the_newer_wins():
    wishes = {"cpu": {"preferredCPUTopology": "spread"}, "preferSpreadSocketToCoreRatio": 3}
    assert domain({}, instancetype(cpu={"guest": 6}), preference(**wishes))["cpu"]["cores"] == 3
    wishes["preferSpreadSocketToCoreRatio"] = 0
    assert domain({}, instancetype(cpu={"guest": 6}), preference(**wishes))["cpu"]["cores"] == 2
    wishes = {
        "cpu": {"preferredCPUTopology": "spread", "spreadOptions": {"ratio": 1}},
        "preferSpreadSocketToCoreRatio": 3,
    }
    assert domain({}, instancetype(cpu={"guest": 6}), preference(**wishes))["cpu"]["sockets"] == 6


@pytest.mark.parametrize(
    ("spread", "vcpus"),
    [({}, 1), ({}, 3), ({"across": "SocketsCoresThreads", "ratio": 1}, 1), ({"across": "SocketsCoresThreads"}, 6)],
)
def test_vcpus_that_do_not_divide_are_refused_before_any_conflict(spread, vcpus):
    wishes = preference(cpu={"preferredCPUTopology": "spread", "spreadOptions": spread})
    (found,) = errors({"domain": {"cpu": {"cores": 9}}}, instancetype(cpu={"guest": vcpus}), wishes)
    assert (found.rule, found.path) == ("preference/spread", "instancetype.spec.cpu.guest")


def test_a_spread_ratio_of_zero_is_refused_where_kubevirt_crashes():
    wishes = preference(cpu={"preferredCPUTopology": "spread", "spreadOptions": {"ratio": 0}})
    (found,) = errors({}, instancetype(), wishes)
    assert "divides by zero" in found.message
    assert domain({"cpu": {"cores": 1}}, None, wishes)["cpu"] == {"cores": 1}


def test_quantities_are_written_in_gos_spelling():
    assert domain({}, instancetype(memory={"guest": 1073741824, "maxGuest": "1.5Gi"}))["memory"] == {
        "guest": "1073741824",
        "maxGuest": "1536Mi",
    }
    assert domain({}, instancetype(memory={}))["memory"] == {"guest": "0"}


def test_huge_pages_and_overhead_of_the_vm_stay():
    own = {"memory": {"hugepages": {"pageSize": "2Mi"}, "reservedOverhead": {"memLock": "Required"}}}
    assert domain(own, instancetype())["memory"] == {**own["memory"], "guest": "4Gi"}


def test_io_threads_fill_the_vms_section_and_an_empty_one_does_nothing():
    assert domain({"ioThreads": {}}, instancetype(ioThreads={"supplementalPoolThreadCount": 0}))["ioThreads"] == {
        "supplementalPoolThreadCount": 0
    }
    assert "ioThreads" not in domain({}, instancetype(ioThreads={}))


def test_lists_and_maps_are_copied_whole():
    gpus = [{"name": "g", "deviceName": "d", "virtualGPUOptions": {"display": {}}}]
    sizes = instancetype(gpus=gpus, nodeSelector={"a": "b"}, launchSecurity={"sev": {}})
    spec = expanded({}, sizes)
    assert spec["domain"]["devices"]["gpus"] == gpus
    assert spec["domain"]["devices"]["gpus"] is not gpus
    assert spec["nodeSelector"] == {"a": "b"}
    assert "nodeSelector" not in expanded({}, instancetype(nodeSelector={}))


@pytest.mark.parametrize(
    ("memory", "count"),
    [
        ({"overcommitPercent": 101}, 1),
        ({"overcommitPercent": -1, "hugepages": {}}, 2),
        ({"overcommitPercent": 5, "hugepages": {}}, 1),
        ({"overcommitPercent": 0, "hugepages": {}}, 0),
    ],
)
def test_overcommit_rules(memory, count):
    found = errors({}, instancetype(memory={"guest": "1Gi", **memory})) if count else []
    assert [result.path for result in found] == ["spec.memory.overcommitPercent"] * count
    assert all(result.rule == "instancetype/invalid" for result in found)
    if not count:
        assert domain({}, instancetype(memory={"guest": "1Gi", **memory}))["memory"]["guest"] == "1Gi"


@pytest.mark.parametrize(
    ("selector", "path"),
    [
        ({"gen": "3", "a.b/c": "", "x": "A_b.9"}, None), ({"gen": "s== 3"}, "gen"), ({"a": "x" * 64}, "a"), ({"a b": "c"}, "a b"),
        ({"gen": "-x"}, "gen"),
    ],
)  # fmt: skip
def test_a_node_selector_that_no_node_can_have_is_doubted(selector, path):
    found = doubtful({"nodeSelector": selector})
    assert [each.path for each in found] == ([f"spec.nodeSelector[{path}]"] if path else [])
    assert all(each.severity == "warning" for each in found)
