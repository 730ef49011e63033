"""`krm-fn catalog list|find|compare|show`, as a person calls them."""

from __future__ import annotations

import json

import pytest
import yaml

from krm_fn import cli
from krm_fn.commands import tables
from krm_fn.core import data
from krm_fn.core.errors import InputError

BUNDLE = """apiVersion: instancetype.kubevirt.io/v1beta1
kind: VirtualMachineClusterInstancetype
metadata: {name: u1.medium, annotations: {instancetype.kubevirt.io/displayName: "a|b <i>*"}}
spec: {cpu: {guest: 1}, memory: {guest: 3Gi}}
"""


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.setattr(data, "opened", {})
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bundle.yaml").write_text(BUNDLE)
    return tmp_path


@pytest.fixture
def run(capsysbinary):
    def call(*arguments, status=0):
        assert cli.run(["catalog", *arguments]) == status
        captured = capsysbinary.readouterr()
        return captured.out.decode(), captured.err.decode()

    return call


def test_a_table_is_as_wide_as_what_it_holds(run):
    out, _ = run("list", "u1.2xlarge", "windows.11")
    assert out == (
        "NAME        KIND          VCPUS  MEMORY  CLASS            DISPLAY NAME\n"
        "u1.2xlarge  instancetype      8    32Gi  general.purpose  General Purpose\n"
        "windows.11  preference        2     4Gi  windows          Microsoft Windows 11\n"
    )
    wide, _ = run("list", "cx1.large", "-o", "wide")
    assert wide.splitlines()[1].startswith("cx1.large  instancetype      2     4Gi  compute.exclusive  yes")


def test_numbers_are_numbers_for_programs(run):
    out, _ = run("list", "--search", "server 2022", "-o", "json")
    found = json.loads(out)
    assert [each["name"] for each in found] == ["windows.2k22", "windows.2k22.virtio"]
    assert (found[0]["vCPUs"], found[0]["memoryBytes"]) == (1, 2 * 2**30)
    out, _ = run("list", "u1.medium", "-o", "yaml")
    assert yaml.safe_load(out)[0]["memory"] == "4Gi"


def test_markdown_shows_markup_in_names_as_it_is(run):
    out, _ = run("list", "--catalog", "bundle.yaml", "-o", "markdown")
    assert out.splitlines()[2] == r"| u1.medium | instancetype | 1 | 3Gi | a\|b \<i\>\* |"


def test_nothing_that_fits_is_said(run):
    out, err = run("list", "--cpu", "7")
    assert out == ""
    assert "none of 119 objects has all that was asked for" in err


def test_find_gives_the_smallest_and_what_it_leaves(run):
    out, _ = run("find", "--cpu", "6", "--memory", "20Gi", "--preference", "windows.2k22.virtio", "--limit", "1")
    assert out.splitlines()[0].split("  ")[0] == "NAME"
    assert out.splitlines()[1].split()[:6] == ["u1.2xlarge", "8", "32Gi", "2", "12Gi", "yes"]
    out, _ = run("find", "--cpu", "6", "--memory", "20Gi", "-o", "json", "--preference", "windows.11")
    first = json.loads(out)[0]
    assert first["unused"] == {"vCPUs": 2, "memoryBytes": 12 * 2**30}
    assert first["preference"] == {"name": "windows.11", "satisfied": True}


def test_find_ends_with_1_when_nothing_fits(run):
    out, err = run("find", "--cpu", "10000", status=1)
    assert "no instancetype of these catalogs is large enough" in err
    out, _ = run("find", "--cpu", "1", "--class", "general*", "--memory", "2Gi..", "--limit", "1",
                 "--preference", "windows.11", "--catalog", "common")  # fmt: skip
    assert "u1.2xmedium" in out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["find"], "say what is needed"),
        (["find", "--cpu", "1", "--preference", "2022"], "it is in the texts of windows.2k22, windows.2k22.virtio"),
        (["find", "--cpu", "1", "--catalog", "common", "--catalog", "bundle.yaml"],
         'u1.medium" is in the catalogs common and bundle.yaml: choose one with --catalog common or --catalog bundle.yaml'),
        (["list", "--catalog", ""], "no catalog is named"),
        (["list", "--limit", "2"], "there is no option --limit here; add --help"),
        (["list", "u1.meduim"], "did you mean u1.medium"),
        (["compare", "u1.medium"], "one object alone"),
        (["compare", "u1.medium", "u1.huge"], 'no object of the catalogs is named "u1.huge"'),
        (["show", "u1.medium", "--catalog", "bundle.yaml", "--catalog", "common"], "is in the catalogs"),
    ],
)  # fmt: skip
def test_what_can_not_be_done_says_what_to_write(arguments, says):
    with pytest.raises(InputError) as error:
        cli.run(["catalog", *arguments])
    assert says in str(error.value)


def test_two_catalogs_are_listed_with_where_each_object_is(run):
    out, _ = run("list", "u1.medium", "--catalog", "common", "--catalog", "bundle.yaml", "-o", "json")
    assert [each["catalog"] for each in json.loads(out)] == ["common", "bundle.yaml"]


def test_compare_marks_what_differs(run):
    out, _ = run("compare", "u1.large", "o1.large")
    assert "  spec.cpu.guest" in out
    assert "* spec.memory.overcommitPercent  -" in out
    out, _ = run("compare", "u1.large", "o1.large", "--differences", "-o", "json")
    fields = json.loads(out)["fields"]
    assert {field["same"] for field in fields} == {False}
    assert {"path": "spec.memory.overcommitPercent", "values": [None, 50], "same": False} in fields


def test_show_writes_complete_objects(run):
    out, _ = run("show", "u1.medium", "--scope", "Both")
    kinds = [document["kind"] for document in yaml.safe_load_all(out)]
    assert kinds == ["VirtualMachineClusterInstancetype", "VirtualMachineInstancetype"]


def test_bytes_are_told_in_the_largest_exact_unit():
    assert [tables.bytes_text(size) for size in (0, 1, 1536 * 2**20, 12 * 2**30)] == ["0", "1", "1536Mi", "12Gi"]
