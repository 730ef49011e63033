"""The packaged catalogs of the clouds' sizes against the figures that the platforms publish."""

from __future__ import annotations

import pathlib

import pytest

from krm_fn.core.quantity import ceil
from krm_fn.core.wire import read
from krm_fn.series.catalog import Catalog
from krm_fn.series.instancetype import expand
from krm_fn.validate import manifest

ROOT = pathlib.Path(__file__).resolve().parents[3] / "catalog"
KIND = "VirtualMachineClusterInstancetype"
GIB = 1 << 30

FIGURES = {
    "aws": """
        c4.large 2 3.75      c4.xlarge 4 7.5      c4.2xlarge 8 15      c4.4xlarge 16 30     c4.8xlarge 36 60
        c5.large 2 4         c5.xlarge 4 8        c5.2xlarge 8 16      c5.4xlarge 16 32     c5.9xlarge 36 72
        c5.12xlarge 48 96    c5.18xlarge 72 144   c5.24xlarge 96 192
        m5.large 2 8         m5.xlarge 4 16       m5.2xlarge 8 32      m5.4xlarge 16 64     m5.8xlarge 32 128
        m5.12xlarge 48 192   m5.16xlarge 64 256   m5.24xlarge 96 384
        m6i.large 2 8        m6i.xlarge 4 16      m6i.2xlarge 8 32     m6i.4xlarge 16 64    m6i.8xlarge 32 128
        m6i.12xlarge 48 192  m6i.16xlarge 64 256  m6i.24xlarge 96 384  m6i.32xlarge 128 512
        r5.large 2 16        r5.xlarge 4 32       r5.2xlarge 8 64      r5.4xlarge 16 128    r5.8xlarge 32 256
        r5.12xlarge 48 384   r5.16xlarge 64 512   r5.24xlarge 96 768
        t3.nano 2 0.5        t3.micro 2 1         t3.small 2 2         t3.medium 2 4        t3.large 2 8
        t3.xlarge 4 16       t3.2xlarge 8 32
        g4dn.xlarge 4 16     g4dn.2xlarge 8 32    g4dn.4xlarge 16 64   g4dn.8xlarge 32 128  g4dn.12xlarge 48 192
        g4dn.16xlarge 64 256
    """,
    "gcp": """
        e2-micro 2 1          e2-small 2 2           e2-medium 2 4
        e2-standard-2 2 8     e2-standard-4 4 16     e2-standard-8 8 32     e2-standard-16 16 64   e2-standard-32 32 128
        e2-highmem-2 2 16     e2-highmem-4 4 32      e2-highmem-8 8 64      e2-highmem-16 16 128
        e2-highcpu-2 2 2      e2-highcpu-4 4 4       e2-highcpu-8 8 8       e2-highcpu-16 16 16    e2-highcpu-32 32 32
        n2-standard-2 2 8     n2-standard-4 4 16     n2-standard-8 8 32     n2-standard-16 16 64   n2-standard-32 32 128
        n2-standard-48 48 192 n2-standard-64 64 256  n2-standard-80 80 320  n2-standard-96 96 384  n2-standard-128 128 512
        n2-highmem-2 2 16     n2-highmem-4 4 32      n2-highmem-8 8 64      n2-highmem-16 16 128   n2-highmem-32 32 256
        n2-highmem-48 48 384  n2-highmem-64 64 512   n2-highmem-80 80 640   n2-highmem-96 96 768   n2-highmem-128 128 864
        n2-highcpu-2 2 2      n2-highcpu-4 4 4       n2-highcpu-8 8 8       n2-highcpu-16 16 16    n2-highcpu-32 32 32
        n2-highcpu-48 48 48   n2-highcpu-64 64 64    n2-highcpu-80 80 80    n2-highcpu-96 96 96
        c2-standard-4 4 16    c2-standard-8 8 32     c2-standard-16 16 64   c2-standard-30 30 120  c2-standard-60 60 240
        m1-ultramem-40 40 961 m1-ultramem-80 80 1922 m1-ultramem-160 160 3844
        m1-megamem-96 96 1433.6
    """,
    "azure": """
        standard-b1ls 1 0.5      standard-b1s 1 1         standard-b1ms 1 2        standard-b2s 2 4
        standard-b2ms 2 8        standard-b4ms 4 16       standard-b8ms 8 32       standard-b12ms 12 48
        standard-b16ms 16 64     standard-b20ms 20 80
        standard-d2s-v5 2 8      standard-d4s-v5 4 16     standard-d8s-v5 8 32     standard-d16s-v5 16 64
        standard-d32s-v5 32 128  standard-d48s-v5 48 192  standard-d64s-v5 64 256  standard-d96s-v5 96 384
        standard-e2s-v5 2 16     standard-e4s-v5 4 32     standard-e8s-v5 8 64     standard-e16s-v5 16 128
        standard-e20s-v5 20 160  standard-e32s-v5 32 256  standard-e48s-v5 48 384  standard-e64s-v5 64 512
        standard-e96s-v5 96 672
        standard-e4-2s-v5 2 32   standard-e8-2s-v5 2 64   standard-e8-4s-v5 4 64   standard-e16-4s-v5 4 128
        standard-e16-8s-v5 8 128 standard-e32-8s-v5 8 256 standard-e32-16s-v5 16 256
        standard-e64-16s-v5 16 512  standard-e64-32s-v5 32 512  standard-e96-24s-v5 24 672  standard-e96-48s-v5 48 672
        standard-f2s-v2 2 4      standard-f4s-v2 4 8      standard-f8s-v2 8 16     standard-f16s-v2 16 32
        standard-f32s-v2 32 64   standard-f48s-v2 48 96   standard-f64s-v2 64 128  standard-f72s-v2 72 144
    """,
    "openstack": "m1.tiny 1 0.5  m1.small 1 2  m1.medium 2 4  m1.large 4 8  m1.xlarge 8 16",
}


def figures(catalog):
    words = FIGURES[catalog].split()
    return {name: (int(cpu), float(gib)) for name, cpu, gib in zip(*[iter(words)] * 3, strict=True)}


@pytest.mark.parametrize("catalog", FIGURES)
def test_every_size_has_the_published_figures_and_no_size_is_missing(catalog):
    packaged = Catalog([catalog])
    assert set(packaged.names(KIND)) == set(figures(catalog))
    for name, (cpu, gib) in figures(catalog).items():
        spec = packaged.find(KIND, name)["spec"]
        assert spec["cpu"]["guest"] == cpu, name
        assert 0 <= gib * GIB - ceil(spec["memory"]["guest"]) < 1 << 20, name


@pytest.mark.parametrize("file", sorted(ROOT.glob("[!c]*/*.yaml")), ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_each_file_is_one_checked_series_of_its_name_with_its_source(file):
    (definition,) = read(file.read_bytes(), file.name)
    items, results = expand(definition)
    assert results == []
    assert definition["metadata"]["name"] == file.stem
    assert file.read_text().startswith("# Figures: ")
    for item in items:
        assert manifest.check(item, manifest.schemas_for({})) == []


def test_a_t4_for_each_of_amazons():
    counts = {
        name: len(Catalog(["aws"]).find(KIND, f"g4dn.{name}")["spec"]["gpus"])
        for name in ("xlarge", "12xlarge", "16xlarge")
    }
    assert counts == {"xlarge": 1, "12xlarge": 4, "16xlarge": 1}
