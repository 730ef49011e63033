"""What is chosen by: facts about objects, filters, the smallest that fit, pairs, and objects side by side."""

from __future__ import annotations

import pytest

from krm_fn.choose import filters
from krm_fn.choose.compare import compare
from krm_fn.choose.entry import entries, row
from krm_fn.choose.find import smallest
from krm_fn.choose.pair import Pairs
from krm_fn.core.errors import InputError
from krm_fn.core.manifest import copy_tree
from krm_fn.series import catalog


@pytest.fixture(scope="module")
def common():
    return entries("common", catalog.objects("common", "Cluster"))


def names(found):
    return [entry.name for entry in found]


def by_name(found, name):
    return next(entry for entry in found if entry.name == name)


def instancetype(name="x", labels=(), annotations=(), **spec):
    return {
        "apiVersion": "instancetype.kubevirt.io/v1beta1",
        "kind": "VirtualMachineClusterInstancetype",
        "metadata": {"name": name, "labels": dict(labels), "annotations": dict(annotations)},
        "spec": {"cpu": {"guest": 2}, "memory": {"guest": "1.5Gi"}, **spec},
    }


def test_an_instancetype_says_what_it_asks_of_a_node(common):
    rt1 = by_name(common, "rt1.large")
    assert (rt1.vcpus, rt1.memory, rt1.memory_bytes) == (2, "8Gi", 8 * 2**30)
    assert (rt1.dedicated, rt1.hugepages, rt1.numa, rt1.realtime, rt1.plain) == (True, "1Gi", True, True, False)
    assert by_name(common, "u1.medium").plain
    assert by_name(common, "o1.medium").overcommit == 50


def test_a_preference_s_figures_are_what_it_requires(common):
    windows = by_name(common, "windows.11")
    assert (windows.vcpus, windows.memory, windows.os_type) == (2, "4Gi", "windows")
    assert windows.display_name == "Microsoft Windows 11"


def test_a_row_for_programs_has_numbers_and_nothing_empty():
    gpus = [{"name": "a", "deviceName": "nvidia.com/A100"}]
    labels = {"instancetype.kubevirt.io/deprecated": "true"}
    (entry,) = entries("c", [instancetype(labels=labels, annotations={"krm-fn.dev/successor": "y"}, gpus=gpus)])
    assert row(entry) == {
        "name": "x",
        "kind": "instancetype",
        "scope": "Cluster",
        "catalog": "c",
        "family": "x",
        "vCPUs": 2,
        "memory": "1.5Gi",
        "memoryBytes": 3 * 2**29,
        "gpus": ["nvidia.com/A100"],
        "deprecated": True,
        "successor": "y",
    }


def test_odd_objects_have_facts_too():
    odd = instancetype(memory={"guest": "lots"}, cpu={"guest": "2"}, gpus="none", nodeSelector=[])
    (entry,) = entries("c", [odd])
    assert (entry.vcpus, entry.memory, entry.memory_bytes, entry.gpus) == (None, "", None, ())


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"kind": "instancetype", "cpu": "2", "memory": "4Gi", "class": "general*"}, ["u1.2xmedium"]),
        ({"search": "server 2022"}, ["windows.2k22", "windows.2k22.virtio"]),
        ({"kind": "instancetype", "cpu": "32..", "memory": "..64Gi", "dedicated": "no"}, []),
        ({"hugepages": "1024Mi", "class": "compute.exclusive", "cpu": "..2"}, ["cx1.medium1gi", "cx1.large1gi"]),
        ({"hugepages": "none", "dedicated": "yes", "cpu": "1", "memory": "4Gi"}, ["d1.medium"]),
        ({"arch": "arm64", "os-type": "linux", "search": "fedora"}, ["fedora.arm64"]),
        ({"gpu": "any"}, []),
        ({"deprecated": "yes"}, []),
        ({"vendor": "KUBEVIRT.*", "cpu": "64"}, ["n1.8xlarge"]),
    ],
)
def test_conditions_hold_together(common, given, expected):
    found = names(filters.matching(common, given))
    assert found == expected


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [
        ("cpu", "8..2", "--cpu 8..2: write a number or a range of them, such as 4, 2..8 or 4.."),
        ("cpu", "..", "--cpu .."),
        ("cpu", "two", "--cpu two"),
        ("cpu", "-1", "--cpu -1"),
        ("memory", "8GB", "--memory 8GB: write a size or a range of them, such as 16Gi, 8Gi..32Gi or ..64Gi"),
        (
            "hugepages",
            "big",
            "--hugepages big: write a page size such as 2Mi or 1Gi, any or none; names of objects go before",
        ),
        ("gpu", "4..2", "--gpu 4..2: write a number or a range of them, such as 1, 2..4"),
        ("kind", "VM", "--kind VM: write instancetype or preference"),
        ("dedicated", "cx1.*", "--dedicated cx1.*: write yes or no; names of objects go before the filters"),
    ],
)
def test_a_wrong_condition_says_what_to_write(common, option, value, says):
    with pytest.raises(InputError, match=f"^{says.replace('.', '[.]').replace('*', '[*]')}"):
        filters.matching(common, {option: value})


def test_the_smallest_come_first_and_plain_ones_before_special_ones(common):
    found = smallest(common, vcpus=6, memory=20 * 2**30)
    assert names(each.entry for each in found)[:2] == ["u1.2xlarge", "o1.2xlarge"]
    assert (found[0].unused_vcpus, found[0].unused_memory) == (2, 12 * 2**30)
    plain = [each.entry.plain for each in found]
    assert plain == sorted(plain, reverse=True)
    special = smallest(filters.matching(common, {"dedicated": "yes"}), vcpus=3, special=True)
    assert special[0].entry.name == "n1.medium"


def test_what_a_preference_refuses_comes_last_with_the_reason(common):
    windows = by_name(common, "windows.11")
    found = smallest(common, vcpus=1, preference=windows)
    assert found[0].entry.name == "u1.2xmedium"
    assert found[0].problems == ()
    (reason,) = next(each.problems for each in found if each.entry.name == "u1.medium")
    assert reason == ("insufficient CPU resources of 1 vCPU provided by instance type, preference requires 2 vCPU")


def test_a_pair_is_judged_as_kubevirt_judges_it(common):
    pairs = Pairs()
    arm = by_name(common, "fedora.arm64")
    assert pairs.problems(by_name(common, "u1.medium"), arm) == ()
    spread = copy_tree(arm.item)
    spread["spec"]["cpu"] = {"preferredCPUTopology": "spread"}
    (odd,) = entries("c", [spread])
    (reason,) = pairs.problems(by_name(common, "u1.medium"), odd)
    assert "vCPU" in reason


def test_every_pair_of_the_catalog_is_tried_in_a_few_hundred_expansions(common):
    pairs = Pairs()
    sizes, wishes = ([entry for entry in common if entry.kind == kind] for kind in ("instancetype", "preference"))
    refused = [(size.name, wish.name) for size in sizes for wish in wishes if pairs.problems(size, wish)]
    assert ("u1.nano", "windows.11") in refused
    assert len(sizes) * len(wishes) == 65 * 54
    assert len(pairs._known) < 1500


def test_objects_side_by_side_line_up_by_field(common):
    lines = {line.field: line for line in compare([by_name(common, "u1.large"), by_name(common, "cx1.large")])}
    assert lines["spec.cpu.guest"].values == (2, 2)
    assert lines["spec.cpu.guest"].same
    assert lines["spec.memory.guest"].values == ("8Gi", "4Gi")
    assert lines["spec.cpu.numa.guestMappingPassthrough"].values == (None, {})
    assert not lines["spec.cpu.numa.guestMappingPassthrough"].same


def test_one_and_true_are_not_the_same():
    first, second = entries("c", [instancetype(), instancetype(cpu={"guest": True})])
    assert not next(line for line in compare([first, second]) if line.field == "spec.cpu.guest").same


def test_gpus_are_counted_named_or_asked_for_at_all():
    made = entries(
        "c",
        [
            instancetype(
                str(count), gpus=[{"name": f"g{each}", "deviceName": "nvidia.com/A100"} for each in range(count)]
            )
            for count in range(4)
        ],
    )
    expected = {
        "any": "123",
        "yes": "123",
        "none": "0",
        "no": "0",
        "1": "1",
        "2..": "23",
        "..1": "01",
        "a100": "123",
        "h100": "",
    }
    assert {value: "".join(names(filters.matching(made, {"gpu": value}))) for value in expected} == expected
