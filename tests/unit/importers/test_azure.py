from __future__ import annotations

import pytest
from listings import MAPS, fates, given, load, specs


@pytest.fixture(scope="module")
def sizes():
    return load("azure-sizes")


@pytest.fixture(scope="module")
def skus():
    return load("azure-skus", MAPS)


def size(name, cores=2, memory=4096):
    return {"name": name, "numberOfCores": cores, "memoryInMB": memory}


def sku(name="Standard_D2s_v5", **capabilities):
    pairs = {"vCPUs": "2", "MemoryGB": "8", **capabilities}
    rows = [{"name": key, "value": value} for key, value in pairs.items()]
    return {"resourceType": "virtualMachines", "name": name, "capabilities": rows}


def test_series_carry_azures_names(sizes):
    dsv5 = specs(sizes)["dsv5"]
    assert (dsv5["nameTemplate"], dsv5["sizes"]) == ("standard-d{{ size }}s-v5", {"2": 2, "4": 4})


@pytest.mark.parametrize("listing", ["sizes", "skus"])
def test_constrained_sizes_have_their_active_vcpus(listing, request):
    found = request.getfixturevalue(listing)
    assert specs(found)["esv5"]["sizes"] == {"2": 2, "4-2": "2x32Gi", "4": 4}
    notes = next(one.notes for one in found.definitions if one.manifest["metadata"]["name"] == "esv5")
    assert notes == {("spec", "sizes", "4-2"): "Standard_E4-2s_v5 has 4 cores of quota, 2 of them active"}


def test_the_spelling_of_keys_does_not_matter(sizes):
    assert specs(sizes)["esv5"]["memoryPerVCPU"] == "8Gi"
    assert fates(sizes, "Standard_E4s_v5")["memoryInMb"][0] == "mapped"


def test_burstable_sizes_carry_their_memory_in_their_letters(sizes, skus):
    assert specs(sizes)["b"]["sizes"] == {"1ls": "1x512Mi", "1s": "1x1Gi", "2ms": "2x8Gi"}
    assert specs(skus)["basv2"]["nameTemplate"] == "standard-b{{ size }}-v2"


def test_the_tiers_are_apart(sizes):
    assert specs(sizes)["a"]["nameTemplate"] == "standard-a{{ size }}"
    assert specs(sizes)["basic-a"]["nameTemplate"] == "basic-a{{ size }}"


@pytest.mark.parametrize(
    ("listing", "name", "disposition", "why"),
    [
        ("sizes", "Standard_DS2_v2_Promo", "skipped", "promotional"),
        ("skus", "Standard_M416ms_v2", "skipped", "restricted"),
        ("skus", "Premium_LRS", "ignored", "not a virtual machine size but disks"),
    ],
)
def test_rows_that_are_no_size_to_import_say_why(listing, name, disposition, why, request):
    found = fates(request.getfixturevalue(listing), name)["*"]
    assert found[0] == disposition
    assert why in found[1]


def test_a_restriction_in_a_zone_leaves_the_size(skus):
    assert specs(skus)["dsv5"]["sizes"] == {"2": 2, "4": 4}


def test_gpus_go_by_the_familys_name(skus):
    assert specs(skus)["ncast4v3"]["template"]["gpus"][0]["deviceName"] == "nvidia.com/TU104GL_Tesla_T4"
    assert "fraction" in fates(skus, "Standard_NV6ads_A10_v5")["capabilities.GPUs"][1]


@pytest.mark.parametrize(
    ("capabilities", "members"),
    [
        ({"HyperVGenerations": "V1"}, {"amd64"}),
        ({"HyperVGenerations": "V1,V2"}, {"amd64", "amd64.efi", "amd64.secureboot.tpm"}),
        ({"HyperVGenerations": "V2", "TrustedLaunchDisabled": "True"}, {"amd64.efi"}),
        ({"HyperVGenerations": "V2", "ConfidentialComputingType": "SNP", "TrustedLaunchDisabled": "True"},
         {"amd64.efi", "amd64.efi.snp"}),
        ({"vCPUsPerCore": "2"}, {"amd64.threads"}),
    ],
)  # fmt: skip
def test_capabilities_become_preferences(capabilities, members):
    found = given("azure", [sku(CpuArchitectureType="x64", **capabilities)])
    assert set(specs(found, "PreferenceSeries")["azure"]["members"]) == members


@pytest.mark.parametrize(
    ("memory", "mebibytes"), [("0.5", "512Mi"), ("3.5", "3584Mi"), ("1.75", "1792Mi"), ("8", "8Gi"), ("0.0001", "1Mi")]
)
def test_memory_is_decimal_gib_rounded_up(memory, mebibytes):
    assert specs(given("azure", [sku(MemoryGB=memory)]))["dsv5"]["sizes"] == {"2": f"2x{mebibytes}"}


@pytest.mark.parametrize("memory", ["NaN", "Infinity", "-4", "", "eight", "1e99"])
def test_a_figure_that_is_none_skips_the_size(memory):
    assert fates(given("azure", [sku(MemoryGB=memory)]), "Standard_D2s_v5")["*"][0] == "skipped"


@pytest.mark.parametrize(
    ("name", "series", "object_name"),
    [
        ("Standard_D2s_v5", "dsv5", "standard-d2s-v5"),
        ("Standard_ND96asr_A100_v4", "ndasra100v4", "standard-nd96asr-a100-v4"),
        ("Standard_DS11-1_v2", "dsv2", "standard-ds11-1-v2"),
        ("Standard_M416-208ms_v2", "mmsv2", "standard-m416-208ms-v2"),
        ("Standard_F2s_v2", "fsv2", "standard-f2s-v2"),
    ],
)
def test_object_names_are_azures_in_lower_case_with_dashes(name, series, object_name):
    spec = specs(given("azure", [size(name)]))[series]
    (only,) = spec["sizes"]
    assert spec["nameTemplate"].replace("{{ size }}", only) == object_name


def listed(name, place, *restrictions):
    facts = [{"name": "vCPUs", "value": "2"}, {"name": "MemoryGB", "value": "8"}]
    return {"resourceType": "virtualMachines", "name": name, "locations": [place], "capabilities": facts,
            "restrictions": [{"type": kind, "restrictionInfo": {"locations": [where]}} for kind, where in restrictions]}  # fmt: skip


def test_a_size_that_another_location_offers_is_not_left_out():
    rows = [listed("Standard_D2s_v5", "brazilsouth", ("Location", "BrazilSouth")), listed("Standard_D2s_v5", "eastus"),
            listed("Standard_D4s_v5", "eastus", ("Zone", "eastus"))]  # fmt: skip
    found = given("azure", rows)
    assert specs(found)["dsv5"]["sizes"].keys() == {"2", "4"}
    assert [entry for entry in found.entries if entry.disposition == "skipped"] == []


def test_a_size_that_is_restricted_everywhere_is_left_out_once():
    rows = [listed("Standard_D2s_v5", place, ("Location", place)) for place in ("eastus", "westus")]
    found = given("azure", rows)
    assert [entry.flavor for entry in found.entries if entry.disposition == "skipped"] == ["Standard_D2s_v5"]


def test_sizes_of_one_series_stay_together():
    names = [
        "Standard_M12s_v3",
        "Standard_M48s_1_v3",
        "Standard_M96s_2_v3",
        "Standard_E104is_v5",
        "Standard_E2s_v5",
        "Standard_E4-2s_v5",
    ]
    made = specs(given("azure", [size(name) for name in names]))
    assert {name: sorted(spec["sizes"]) for name, spec in made.items()} == {
        "msv3": ["12s", "48s-1", "96s-2"], "esv5": ["104i", "2", "4-2"],
    }  # fmt: skip
    assert made["msv3"]["nameTemplate"] == "standard-m{{ size }}-v3"


def test_tdx_is_a_preference():
    facts = listed("Standard_DC2es_v5", "eastus")
    facts["capabilities"] += [
        {"name": "HyperVGenerations", "value": "V2"},
        {"name": "ConfidentialComputingType", "value": "TDX"},
    ]
    traits = specs(given("azure", [facts]), "PreferenceSeries")["azure"]["traits"]
    assert traits["tdx"] == {"preferredLaunchSecurity": {"tdx": {}}}


def test_powershells_spelling_is_read():
    row = {
        "ResourceType": "virtualMachines",
        "Name": "Standard_D2s_v5",
        "Capabilities": [{"Name": "vCPUs", "Value": "2"}, {"Name": "MemoryGB", "Value": "8"}],
    }
    assert specs(given("azure", [row]))["dsv5"]["sizes"] == {"2": "2x8Gi"}


def test_in_a_whole_listing_a_family_of_one_joins_its_neighbours():
    names = [
        "Standard_NC6s_v3",
        "Standard_NC12s_v3",
        "Standard_NC24rs_v3",
        *(f"Standard_D{n}s_v{v}" for n in range(2, 22) for v in range(3, 14)),
    ]
    made = specs(given("azure", [size(name) for name in names]))
    assert sorted(made["ncsv3"]["sizes"]) == ["12s", "24rs", "6s"]
    assert "ncrsv3" in specs(given("azure", [size(name) for name in names[:3]]))
