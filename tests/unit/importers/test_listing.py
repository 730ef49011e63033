from __future__ import annotations

import json

import pytest
from listings import FILES, FOLDER, MAPS, files, given, load

from krm_fn.core.errors import InputError
from krm_fn.importers import loss
from krm_fn.importers.flavor import Options
from krm_fn.importers.sources import load as import_files
from krm_fn.roundtrip.definition import compose

SOURCES = ("aws", "gcp", "azure", "openstack")


@pytest.mark.parametrize("name", FILES)
def test_every_key_of_a_listing_is_accounted_for(name):
    entries = load(name, MAPS).entries
    known = {}
    for entry in entries:
        known.setdefault(entry.flavor, set()).add(entry.key)
    for file in FILES[name]:
        for record in records(file):
            flavor = record.get("InstanceType") or record.get("name") or record.get("Name")
            found = known.get(flavor) or known[f"image {flavor}"]
            assert "*" in found or keys(record) <= found, flavor


def records(file):
    text = (FOLDER / file).read_text()
    decoder = json.JSONDecoder()
    found, position = [], 0
    while position < len(text.rstrip()):
        value, position = decoder.raw_decode(text, position)
        position += 1
        value = value["InstanceTypes"] if isinstance(value, dict) and "InstanceTypes" in value else value
        found += value if isinstance(value, list) else [value]
    return found


def keys(record):
    nested = record.get("capabilities")
    if nested:
        record = record | {"capabilities": {pair["name"]: pair["value"] for pair in nested}}
    if isinstance(record.get("Properties"), str):
        record = record | {"Properties": {part.split("=")[0].strip(): "" for part in record["Properties"].split(",")}}
    return {".".join(path) for path, _ in loss.leaves(record)}


@pytest.mark.parametrize("name", FILES)
def test_nothing_of_the_listings_here_is_unknown_but_what_is_made_up(name):
    unknown = {entry.key.split(".")[-1] for entry in load(name).entries if entry.disposition == loss.UNKNOWN}
    assert unknown <= {"vendor:anything", "custom_thing"}


@pytest.mark.parametrize("name", FILES)
def test_the_order_of_the_rows_does_not_matter(name):
    forward = compose(load(name, MAPS).definitions)
    backward = import_files(name.split("-")[0], files(name)[::-1], MAPS)
    assert compose(backward.definitions) == forward


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the file is empty"),
        (b"  \n", "the file is empty"),
        (b'{"InstanceTypes": [{"InstanceType": "m5.la', "listing.json:1:37: not JSON"),
        (b'[{"name": "a", ', "is it cut off"),
        (b"\xff\xfe", "not UTF-8"),
        (b"--------\n|  Name  |\n", "JSON"),
        (b"{}", "not the output of"),
        (b'{"kind": "Pod"}', "not the output of"),
        (b"[1, 2]", "not the output of"),
        (b"[]", "no entries"),
        (b"[" * 100_000, "nested too deep"),
        (b'[{"a": ' + b"9" * 5000 + b"}]", "not"),
    ],
    ids=[
        "empty",
        "blank",
        "cut",
        "cut-list",
        "binary",
        "table",
        "nothing",
        "foreign",
        "numbers",
        "no-rows",
        "deep",
        "huge",
    ],
)
def test_a_file_that_is_no_listing_is_a_clear_error(source, data, message):
    with pytest.raises(InputError, match=message):
        import_files(source, [("listing.json", data)], Options())


@pytest.mark.parametrize(
    ("source", "file", "hint"),
    [("aws", "azure-skus.json", "import azure"), ("gcp", "openstack-flavors.json", "import openstack"),
     ("openstack", "gcp.json", "import gcp"), ("azure", "aws-page1.json", "import aws")],
)  # fmt: skip
def test_another_platforms_listing_is_named(source, file, hint):
    with pytest.raises(InputError, match=hint):
        import_files(source, [(file, (FOLDER / file).read_bytes())], Options())


def test_a_broken_row_is_named_by_its_place():
    with pytest.raises(InputError, match="entry 1 of the listing"):
        given("gcp", [{"name": "a-1", "guestCpus": 1, "memoryMb": 1}, "oops"])


def test_yaml_output_of_the_tools_is_read_too():
    text = b"- name: n2-standard-2\n  guestCpus: 2\n  memoryMb: 8192\n"
    assert (
        import_files("gcp", [("listing.yaml", text)], Options()).definitions[0].manifest["metadata"]["name"]
        == "n2-standard"
    )


@pytest.mark.parametrize("value", [None, [], {}, "x", -1, True, 1e300, [{"a": 1}], {"b": []}])
@pytest.mark.parametrize("source", SOURCES)
def test_values_of_any_type_are_skipped_or_reported(source, value):
    """Every key of a row, one after the other, with a value of another type: no crash, and the row is accounted for."""
    file = {
        "aws": "aws-page2.json",
        "gcp": "gcp.json",
        "azure": "azure-skus.json",
        "openstack": "openstack-flavors.json",
    }
    rows = records(file[source])
    for row in (rows[0], rows[min(6, len(rows) - 1)], rows[-1]):
        for key in row:
            found = given(source, [*rows[1:2], row | {key: value}], MAPS)
            assert found.entries


def test_the_json_report_counts_what_it_lists():
    report = loss.to_json_value(load("aws").entries)
    assert sum(report["summary"].values()) == len(report["entries"])
    assert report["entries"][0].keys() == {"flavor", "key", "value", "disposition", "detail"}
    assert json.loads(json.dumps(report)) == report


def test_the_text_report_groups_by_reason_and_names_the_flavors():
    text = loss.to_text(load("gcp").entries, full=False)
    assert "skipped: left out\n  bare metal is no virtual machine\n    c3-standard-192-metal\n" in text
    assert "isSharedCpu = True: e2-micro, e2-medium, f1-micro" in text
    assert "ignored by rule" not in text
    assert "ignored by rule" in loss.to_text(load("gcp").entries)


def test_an_import_without_losses_says_so():
    assert loss.to_text([]) == "every key was carried over\n"


def test_scope_and_vendor_are_the_users():
    spec = load("gcp", Options(scope="Both", vendor="example.com")).definitions[0].manifest["spec"]
    assert (spec["scope"], spec["vendor"]) == ("Both", "example.com")


def test_the_text_report_of_a_large_listing_has_lines_for_people():
    rows = [{"InstanceType": f"m{n}.large", "VCpuInfo": {"DefaultVCpus": 2}, "MemoryInfo": {"SizeInMiB": 8192}, "PhcSupport": "supported",
             "NetworkInfo": {f"Key{k}": 1 for k in range(9)}} for n in range(300) if n % 3] + [
            {"InstanceType": "z.large", "VCpuInfo": {"DefaultVCpus": 2}, "MemoryInfo": {"SizeInMiB": 8192}}]  # fmt: skip
    text = loss.to_text(given("aws", {"InstanceTypes": rows}).entries, full=False)
    assert "    PhcSupport = supported: 200, such as m1.large, m2.large, m4.large\n" in text
    assert "    NetworkInfo (9 keys): 200, such as" in text
    assert max(map(len, text.splitlines())) < 200


def test_the_summary_beside_a_report_says_what_was_left_out():
    entries = load("gcp").entries
    text = loss.to_summary(entries, "lost.json")
    assert "left out\n  bare metal is no virtual machine\n    c3-standard-192-metal\n" in text
    assert text.endswith("without a home in KubeVirt; lost.json names them\n")
