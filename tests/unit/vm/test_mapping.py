"""The tables are complete, and the page that is made from them is up to date."""

from __future__ import annotations

import pathlib

from krm_fn.instancetype import fields as instancetype_fields
from krm_fn.preference import fields as preference_fields
from krm_fn.vm.mapping import markdown
from tests.conformance.comparable import TYPES

DOCS = pathlib.Path(__file__).parents[3] / "docs"

SECTIONS = {
    "CPUInstancetype",
    "MemoryInstancetype",
    "DiskIOThreads",
    "ClockPreferences",
    "ClockOffset",
    "CPUPreferences",
    "SpreadOptions",
    "DevicePreferences",
    "FeaturePreferences",
    "FeatureHyperv",
    "FirmwarePreferences",
    "MachinePreferences",
    "PreferenceRequirements",
    "CPUPreferenceRequirement",
    "MemoryPreferenceRequirement",
    "VolumePreferences",
}
"""The types that are taken apart; every other one is applied as a whole."""


def leaves(type_name, path=""):
    for field, code in TYPES[type_name].items():
        inner = code.lstrip("=*")
        if inner in SECTIONS:
            yield from leaves(inner, f"{path}{field}.")
        else:
            yield f"{path}{field}"


def test_every_field_of_an_instancetype_is_in_the_table():
    assert {row.source for row in instancetype_fields.ROWS} == set(leaves("VirtualMachineInstancetypeSpec"))


def test_every_field_of_a_preference_is_in_a_table_or_explained():
    rows = {row.source for row in preference_fields.ROWS if row.how != preference_fields.MARK}
    read = {
        *preference_fields.TOPOLOGY_FIELDS,
        *preference_fields.REQUIREMENT_FIELDS,
        *preference_fields.WEBHOOK_FIELDS,
    }
    assert rows | read | set(preference_fields.NOT_APPLIED) == set(leaves("VirtualMachinePreferenceSpec"))
    assert not rows & set(preference_fields.NOT_APPLIED)
    assert all(preference_fields.NOT_APPLIED.values())


def test_every_target_is_a_field_of_a_virtual_machine():
    for row in (*instancetype_fields.ROWS, *preference_fields.ROWS):
        here = (
            "VirtualMachineInstanceSpec"
            if not row.target.startswith("metadata.")
            else "VirtualMachineInstanceTemplateSpec"
        )
        for part in row.target.split("."):
            if here == "q":  # a key of requests or limits
                break
            assert part.removesuffix("[]") in TYPES[here], row.target
            here = TYPES[here][part.removesuffix("[]")].lstrip("[{=*")


def test_the_page_is_up_to_date():
    assert (DOCS / "mapping.md").read_text() == markdown(), "run `make golden`"
