"""What the tests of the importers share: the listings beside them, and imports of them."""

from __future__ import annotations

import json
import pathlib

from krm_fn.importers.flavor import Options
from krm_fn.importers.sources import load as import_files

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "data" / "listings"
FILES = {
    "aws": ("aws-page1.json", "aws-page2.json"),
    "gcp": ("gcp.json",),
    "azure-sizes": ("azure-sizes.json",),
    "azure-skus": ("azure-skus.json",),
    "openstack": (
        "openstack-flavors.json",
        "openstack-flavors-old-client.json",
        "openstack-flavor-show.json",
        "openstack-images.json",
    ),
}
MAPS = Options(
    devices={
        "NVIDIA T4": {"kind": "gpus", "deviceName": "nvidia.com/TU104GL_Tesla_T4"},
        "nvidia-tesla-a100": {"kind": "gpus", "deviceName": "nvidia.com/GA100_A100_PCIE_40GB"},
        "Standard NCASv3_T4 Family": {"kind": "gpus", "deviceName": "nvidia.com/TU104GL_Tesla_T4"},
        "t4": {"kind": "gpus", "deviceName": "nvidia.com/TU104GL_Tesla_T4"},
        "qat": {"kind": "hostDevices", "deviceName": "intel.com/qat"},
        "VGPU": {"kind": "gpus", "deviceName": "nvidia.com/GRID_T4-1Q"},
        "CUSTOM_FPGA_X": {"kind": "hostDevices", "deviceName": "example.com/fpga"},
    },
    selectors={
        "HW_CPU_X86_AVX512F": ("feature.node.kubernetes.io/cpu-cpuid.AVX512F", "true"),
        "aggregate_instance_extra_specs:pool": ("example.com/pool", ""),
    },
)


def files(name: str) -> list[tuple[str, bytes]]:
    return [(file, (FOLDER / file).read_bytes()) for file in FILES[name]]


def load(name: str, options: Options | None = None):
    return import_files(name.split("-", maxsplit=1)[0], files(name), options or Options())


def given(source: str, document, options: Options | None = None):
    """An import of one document that the test wrote itself."""
    return import_files(source, [("given.json", json.dumps(document).encode())], options or Options())


def specs(imported, kind: str = "InstancetypeSeries") -> dict:
    """The specs of the imported series of a kind, by name."""
    found = [one.manifest for one in imported.definitions if one.manifest["kind"] == kind]
    return {one["metadata"]["name"]: one["spec"] for one in found}


def fates(imported, flavor: str) -> dict:
    """key -> (disposition, detail) of one flavor."""
    return {entry.key: (entry.disposition, entry.detail) for entry in imported.entries if entry.flavor == flavor}
