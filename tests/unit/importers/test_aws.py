from __future__ import annotations

import json

import pytest
from listings import FOLDER, MAPS, fates, files, given, load, specs

from krm_fn.importers.flavor import Options
from krm_fn.importers.sources import load as import_files


@pytest.fixture(scope="module")
def imported():
    return load("aws", MAPS)


def test_a_family_is_one_series_with_its_ratio_found(imported):
    m5 = specs(imported)["m5"]
    assert (m5["memoryPerVCPU"], m5["sizes"]) == ("4Gi", {"large": 2, "xlarge": 4, "24xlarge": 96})
    assert (m5["class"], m5["vendor"]) == ("general.purpose", "aws.amazon.com")
    assert "nameTemplate" not in m5


def test_a_size_outside_the_ratio_says_its_memory(imported):
    assert specs(imported)["c4"]["memoryPerVCPU"] == "1920Mi"
    assert specs(imported)["c4"]["sizes"]["8xlarge"] == {"cpu": 36, "memory": "60Gi", "deprecated": True}
    assert specs(imported)["t3"]["sizes"] == {"micro": "2x1Gi", "large": 2, "xlarge": 4}


def test_an_old_generation_is_deprecated(imported):
    assert specs(imported)["c4"]["sizes"]["xlarge"] == {"cpu": 4, "deprecated": True}


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("m5.metal", "bare metal"),
        ("mac1.metal", "bare metal"),
        ("f1.2xlarge", "FPGAs"),
        ("inf1.xlarge", "inference accelerators"),
    ],
)
def test_what_is_no_virtual_machine_is_left_out_with_a_reason(imported, name, why):
    disposition, detail = fates(imported, name)["*"]
    assert disposition == "skipped"
    assert why in detail


def test_gpus_come_by_the_users_map(imported):
    g4dn = specs(imported)["g4dn"]
    device = {"name": "gpu1", "deviceName": "nvidia.com/TU104GL_Tesla_T4"}
    assert g4dn["sizes"]["xlarge"] == {"cpu": 4, "template": {"gpus": [device]}}
    assert [gpu["name"] for gpu in g4dn["sizes"]["12xlarge"]["template"]["gpus"]] == ["gpu1", "gpu2", "gpu3", "gpu4"]


def test_a_gpu_without_a_map_is_reported_with_what_to_write():
    found = fates(load("aws"), "g4dn.xlarge")["GpuInfo.Gpus[].Count"]
    assert found[0] == "lost"
    assert '--gpu "NVIDIA T4=RESOURCE"' in found[1]


def test_preferences_follow_architecture_threads_and_firmware(imported):
    aws = specs(imported, "PreferenceSeries")["aws"]
    assert aws["members"]["amd64.threads.efi.tpm"] == {"traits": ["amd64", "threads", "efi", "tpm"]}
    assert "arm64.efi" in aws["members"], "a Graviton boots with UEFI only"
    assert "arm64" not in aws["members"]
    assert "amd64.threads.efi.snp" in aws["members"]
    assert "amd64" in aws["members"], "one vCPU has no sibling thread to spread over"
    assert aws["traits"]["threads"]["cpu"]["spreadOptions"] == {"across": "CoresThreads", "ratio": 2}


def test_burstable_and_other_sizes_take_the_users_choice():
    chosen = specs(load("aws", Options(overcommit=25, dedicated=True)))
    assert chosen["t3"]["template"] == {"memory": {"overcommitPercent": 25}}
    assert chosen["m5"]["template"] == {"cpu": {"dedicatedCPUPlacement": True}}


def test_pages_make_one_listing_and_a_missing_page_is_reported(imported):
    tokens = [entry for entry in imported.entries if entry.key == "NextToken"]
    assert [entry.disposition for entry in tokens] == ["ignored"]
    alone = import_files("aws", files("aws")[:1], Options())
    assert [entry.disposition for entry in alone.entries if entry.key == "NextToken"] == ["lost"]


def test_pages_may_be_concatenated_in_one_file(imported):
    data = b"\n".join(content for _, content in files("aws"))
    assert specs(import_files("aws", [("all.json", data)], MAPS)) == specs(imported)


def test_the_bare_list_of_a_query_is_a_listing_too(imported):
    rows = json.loads((FOLDER / "aws-page1.json").read_text())["InstanceTypes"]
    assert specs(given("aws", rows))["m5"]["sizes"] == specs(imported)["m5"]["sizes"]


def test_a_fraction_of_a_gpu_is_reported():
    row = json.loads((FOLDER / "aws-page2.json").read_text())["InstanceTypes"][0]
    row["GpuInfo"]["Gpus"][0]["Count"] = 0
    found = fates(given("aws", [row], MAPS), "g4dn.xlarge")
    assert found["GpuInfo.Gpus[].Count"][0] == "lost"
    assert "fraction" in found["GpuInfo.Gpus[].Count"][1]


def test_a_type_without_figures_is_skipped_not_guessed():
    row = {"InstanceType": "x9.large", "VCpuInfo": {"DefaultVCpus": "two"}, "MemoryInfo": {"SizeInMiB": 1024}}
    ok = {"InstanceType": "x9.xlarge", "VCpuInfo": {"DefaultVCpus": 2}, "MemoryInfo": {"SizeInMiB": 1024}}
    found = given("aws", [row, ok])
    assert fates(found, "x9.large")["*"][0] == "skipped"
    assert specs(found)["x9"]["sizes"] == {"xlarge": "2x1Gi"}


def test_unknown_keys_are_reported_as_unknown():
    row = {"InstanceType": "m5.large", "VCpuInfo": {"DefaultVCpus": 2, "New": 1}, "MemoryInfo": {"SizeInMiB": 8192}}
    assert fates(given("aws", [row]), "m5.large")["VCpuInfo.New"][0] == "unknown"


def test_lost_keys_stay_as_annotations_on_demand():
    m5 = specs(load("aws", Options(annotate=True)))["m5"]
    assert m5["annotations"]["import.krm-fn.dev/processorinfo.manufacturer"] == "Intel"
    assert m5["sizes"]["24xlarge"]["annotations"]["import.krm-fn.dev/networkinfo.networkperformance"] == "25 Gigabit"


def test_what_the_source_has_none_of_is_no_loss_and_what_reaches_nothing_is_not_carried_over():
    row = {"InstanceType": "c8i.large", "VCpuInfo": {"DefaultVCpus": 2}, "MemoryInfo": {"SizeInMiB": 4096}, "HibernationSupported": False,
           "NitroEnclavesSupport": "unsupported", "CurrentGeneration": True, "NitroTpmSupport": "unsupported", "SupportedBootModes": ["legacy-bios"],
           "ProcessorInfo": {"SupportedArchitectures": ["x86_64"], "SupportedFeatures": ["nested-virtualization", "metal-compatibility"]}}  # fmt: skip
    found = given("aws", {"InstanceTypes": [row]})
    said = {(entry.key, entry.value): entry.disposition for entry in found.entries}
    for key in ("HibernationSupported", "NitroEnclavesSupport", "CurrentGeneration", "NitroTpmSupport"):
        assert said[key, row[key]] == "ignored"
    assert said["SupportedBootModes[]", "legacy-bios"] == "ignored"
    assert said["ProcessorInfo.SupportedFeatures[]", "nested-virtualization"] == "lost"
    assert said["ProcessorInfo.SupportedFeatures[]", "metal-compatibility"] == "ignored"
