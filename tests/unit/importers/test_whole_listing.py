"""A whole public listing: every figure of it, compared object by object with the source."""

from __future__ import annotations

import gzip
import json

import pytest
from listings import FOLDER

from krm_fn.core.quantity import ceil
from krm_fn.importers.flavor import Options
from krm_fn.importers.sources import load
from krm_fn.series.instancetype import expand

MIB = 1 << 20
GPUS = {"NVIDIA T4": {"kind": "gpus", "deviceName": "nvidia.com/TU104GL_Tesla_T4"}}


@pytest.fixture(scope="module")
def data():
    return gzip.decompress((FOLDER / "ec2-types.json.gz").read_bytes())


@pytest.fixture(scope="module")
def imported(data):
    return load("aws", [("ec2-types.json", data)], Options(devices=GPUS))


@pytest.fixture(scope="module")
def objects(imported):
    series = [one.manifest for one in imported.definitions if one.manifest["kind"] == "InstancetypeSeries"]
    made = [item for one in series for item in expand(one)[0]]
    return {item["metadata"]["name"]: item for item in made}


def test_every_type_is_imported_with_its_figures_or_left_out_with_a_reason(data, imported, objects):
    rows = {row["InstanceType"]: row for row in json.loads(data)["InstanceTypes"]}
    left_out = {entry.flavor: entry.detail for entry in imported.entries if entry.disposition == "skipped"}
    assert len(rows) == 1395
    assert objects.keys() == rows.keys() - left_out.keys()
    assert {name for name, reason in left_out.items() if reason == "bare metal is no virtual machine"} == {
        name for name, row in rows.items() if row["BareMetal"]
    }
    for name, item in objects.items():
        row, spec = rows[name], item["spec"]
        assert spec["cpu"]["guest"] == row["VCpuInfo"]["DefaultVCpus"], name
        assert ceil(spec["memory"]["guest"]) == row["MemoryInfo"]["SizeInMiB"] * MIB, name
        deprecated = item["metadata"]["labels"].get("instancetype.kubevirt.io/deprecated") == "true"
        assert deprecated == (row["CurrentGeneration"] is False), name
        cards = [gpu for gpu in row.get("GpuInfo", {}).get("Gpus", []) if gpu["Name"] == "T4"]
        assert len(spec.get("gpus", [])) == sum(gpu["Count"] for gpu in cards), name


def test_families_are_those_that_people_know(imported):
    series = {
        one.manifest["metadata"]["name"]: one.manifest["spec"]["sizes"]
        for one in imported.definitions
        if one.manifest["kind"] == "InstancetypeSeries"
    }
    singles = [name for name, sizes in series.items() if len(sizes) == 1]
    assert len(singles) <= len(series) / 10
    assert set(series["m5"]) == {"large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge"}
    assert {"12tb.224xlarge", "8tb.112xlarge"} <= set(series["u7i"])


def test_the_order_of_the_rows_changes_nothing(data, imported):
    rows = json.loads(data)["InstanceTypes"][::-1]
    again = load("aws", [("ec2.json", json.dumps({"InstanceTypes": rows}).encode())], Options(devices=GPUS))
    assert [one.manifest for one in again.definitions] == [one.manifest for one in imported.definitions]
