from __future__ import annotations

import pytest
from listings import MAPS, fates, given, load, specs


@pytest.fixture(scope="module")
def imported():
    return load("gcp", MAPS)


def row(name, cpus=2, memory=2048, **more):
    return {"name": name, "guestCpus": cpus, "memoryMb": memory, **more}


def test_zones_are_one_size(imported):
    n2 = specs(imported)["n2-standard"]
    assert n2["sizes"] == {"2": 2, "4": 4, "128": 128}
    assert n2["nameTemplate"] == "{{ series }}-{{ size }}"
    again = [entry for entry in imported.entries if entry.flavor == "n2-standard-2" and entry.key == "*"]
    assert [entry.disposition for entry in again] == ["ignored"]


def test_memory_mb_is_mib(imported):
    assert specs(imported)["n2-highmem"]["sizes"]["128"] == "128x864Gi"
    assert specs(imported)["m1-megamem"]["sizes"] == {"96": "96x1468006Mi"}


def test_shared_core_sizes_are_a_series_of_their_own(imported):
    assert specs(imported)["e2"]["sizes"] == {"micro": "2x1Gi", "medium": "2x4Gi"}
    assert specs(imported)["e2-standard"]["sizes"] == {"2": "2x8Gi"}


def test_a_tail_behind_the_size_goes_into_the_name_template(imported):
    lssd = specs(imported)["c3-standard-lssd"]
    assert (lssd["nameTemplate"], lssd["sizes"]) == ("c3-standard-{{ size }}-lssd", {"4": 4, "8": 8})


def test_accelerators_are_counted(imported):
    sizes = specs(imported)["a2-highgpu"]["sizes"]
    assert [len(size["template"]["gpus"]) for size in sizes.values()] == [1, 2]


def test_bare_metal_is_left_out(imported):
    assert fates(imported, "c3-standard-192-metal")["*"] == ("skipped", "bare metal is no virtual machine")


def test_a_deprecated_type_is_labelled(imported):
    assert specs(imported)["n1-standard"]["sizes"]["1"]["deprecated"] is True


def test_architecture_becomes_a_preference(imported):
    assert set(specs(imported, "PreferenceSeries")["gcp"]["members"]) == {"amd64", "arm64"}


def test_zones_that_disagree_are_reported():
    found = given("gcp", [row("n2-standard-2", memory=8192), row("n2-standard-2", memory=4096)])
    assert [entry.disposition for entry in found.entries if entry.key == "*"] == ["lost"]
    assert specs(found)["n2-standard"]["sizes"] == {"2": "2x8Gi"}


@pytest.mark.parametrize(
    ("name", "series", "size"),
    [
        ("n2-standard-4", "n2-standard", "4"),
        ("f1-micro", "f1", "micro"),
        ("a2-ultragpu-8g", "a2-ultragpu", "8g"),
        ("ct5lp-hightpu-1t", "ct5lp-hightpu", "1t"),
        ("oddball", "oddball", "default"),
    ],
)
def test_names_split_into_series_and_size(name, series, size):
    assert list(specs(given("gcp", [row(name)]))[series]["sizes"]) == [size]


def test_the_apis_own_answer_is_a_listing_too():
    found = given("gcp", {"kind": "compute#machineTypeList", "items": [row("n2-standard-2")], "nextPageToken": ""})
    assert "n2-standard" in specs(found)
    assert fates(found, "given.json")["kind"][0] == "ignored"


@pytest.mark.parametrize(
    "document",
    [
        row("n2-standard-2", memory=8192),
        {"kind": "compute#machineTypeList", "items": [row("n2-standard-2", memory=8192)], "selfLink": "x"},
        {"kind": "compute#machineTypeAggregatedList", "id": "x", "unreachables": [], "items": {
            "zones/a": {"machineTypes": [row("n2-standard-2", memory=8192)]}, "zones/b": {"warning": {"code": "NO_RESULTS_ON_PAGE"}}}},
    ],
    ids=["one", "list", "aggregated"],
)  # fmt: skip
def test_every_form_of_the_answer_is_read(document):
    found = given("gcp", document)
    assert specs(found)["n2-standard"]["sizes"] == {"2": "2x8Gi"}
    assert [entry for entry in found.entries if entry.disposition == "unknown"] == []


def test_m4n_is_memory_optimized():
    assert specs(given("gcp", [row("m4n-hypermem-16")]))["m4n-hypermem"]["class"] == "memory.optimized"


def test_in_a_whole_listing_types_of_one_size_are_gathered_by_their_generation():
    names = ["a3-megagpu-8g", "a3-ultragpu-8g", "h3-standard-88", *(f"n2-standard-{n}" for n in range(1, 101))]
    made = specs(given("gcp", [row(name) for name in names]))
    assert {name: list(spec["sizes"]) for name, spec in made.items() if name != "n2-standard"} == {
        "a3": ["megagpu", "ultragpu"], "h3-standard": ["88"],
    }  # fmt: skip
    assert made["a3"]["nameTemplate"] == "{{ series }}-{{ size }}-8g"
