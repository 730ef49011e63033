"""Shards: the same parts everywhere, each object in one of them."""

import pytest

from krm_fn.core.errors import InputError
from krm_fn.fleet.shard import Shard, parse


def vm(name, **annotations):
    metadata = {"name": name, "namespace": "shop"} | ({"annotations": annotations} if annotations else {})
    return {"apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine", "metadata": metadata}


def revision(name, of):
    metadata = {"name": name, "namespace": "shop", "annotations": {"krm-fn.dev/origin": f"VirtualMachine/shop/{of}"}}
    return {"apiVersion": "apps/v1", "kind": "ControllerRevision", "metadata": metadata}


@pytest.mark.parametrize("count", [1, 2, 3, 7, 20])
def test_the_parts_make_up_the_whole_in_its_order(count):
    items = [vm(f"vm-{number}") for number in range(11)]
    parts = [Shard(number, count).part(items) for number in range(1, count + 1)]
    assert [item for own, _ in parts for item in own] == items
    assert all(found == [] for _, found in parts)


def test_a_revision_goes_with_the_machine_that_it_was_made_for():
    items = [vm("a"), vm("b"), revision("r-a", "a"), revision("r-b", "b")]
    assert [item["metadata"]["name"] for item in Shard(1, 4).part(items)[0]] == ["a", "r-a"]
    assert [item["metadata"]["name"] for item in Shard(2, 4).part(items)[0]] == ["b", "r-b"]


def test_both_shards_of_one_name_say_so_and_no_other():
    items = [vm("a"), vm("b"), vm("c"), vm("a")]
    found = [Shard(number, 4).part(items)[1] for number in (1, 2, 3, 4)]
    assert [len(each) for each in found] == [1, 0, 0, 1]
    assert found[0][0].message == "is in the shards 1 and 4 of 4: rename or remove one"


def test_a_shard_is_written_as_a_fraction():
    assert parse("") is None
    assert (parse("2/5").number, parse("2/5").count) == (2, 5)


def test_a_pod_of_an_indexed_job_knows_its_number(monkeypatch):
    monkeypatch.setenv("JOB_COMPLETION_INDEX", "0")
    assert parse("/5").number == 1
    monkeypatch.setenv("JOB_COMPLETION_INDEX", "5")
    with pytest.raises(InputError, match="such as 2/5"):
        parse("/5")


@pytest.mark.parametrize("text", ["0/3", "4/3", "1", "1/", "/2", "a/b", "1/2/3", "-1/2", "1/100000"])
def test_other_spellings_are_refused(text):
    with pytest.raises(InputError, match="such as 2/5"):
        parse(text)
