"""The files of a catalog's site: complete, small, linked, escaped; its YAML reads back as the object."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import unquote

import pytest
import yaml

from krm_fn import cli
from krm_fn.choose import site, words
from krm_fn.choose.entry import entries
from krm_fn.choose.site import compact, machine, plot
from krm_fn.core import data
from krm_fn.core.errors import InputError, OutputError
from krm_fn.series import catalog


def instancetype(name="x", namespace="", **spec):
    return {
        "apiVersion": "instancetype.kubevirt.io/v1beta1",
        "kind": "VirtualMachineInstancetype" if namespace else "VirtualMachineClusterInstancetype",
        "metadata": {"name": name} | ({"namespace": namespace} if namespace else {}),
        "spec": {"cpu": {"guest": 2}, "memory": {"guest": "4Gi"}, **spec},
    }


@pytest.fixture(scope="module")
def common(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    assert cli.run(["catalog", "site", "-O", str(folder)]) == 0
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_the_common_catalog_is_below_400_kilobytes(common):
    assert sum(len(text.encode()) for text in common.values()) < 400_000


def test_there_is_a_page_for_each_object_and_every_link_leads_to_one(common):
    assert len([path for path in common if path.startswith(("instancetypes/", "preferences/"))]) == 119
    for path, text in common.items():
        if path.endswith(".html"):
            for target in re.findall(r'(?:href|src)="?([^ ">]+)', text):
                file, _, anchor = unquote(target).partition("#")
                parts = [*path.split("/")[:-1], *file.split("/")]
                while ".." in parts:
                    place = parts.index("..")
                    del parts[place - 1 : place + 1]
                found = "/".join(parts) if file else path
                assert found in common, f"{path}: {target}"
                assert not anchor or f'id="{anchor}"' in common[found], f"{path}: {target}"


def test_the_yaml_of_every_page_is_the_object(common):
    for item in catalog.objects("common", "Cluster"):
        kind = "instancetypes" if "Instancetype" in item["kind"] else "preferences"
        blocks = re.findall(r"<pre>(.*?)</pre>", common[f"{kind}/{item['metadata']['name']}.html"], re.DOTALL)
        assert yaml.safe_load(unescape(blocks[-1])) == item


def test_the_same_catalog_gives_the_same_site(common, tmp_path):
    assert cli.run(["catalog", "site", "-O", str(tmp_path)]) == 0
    assert {
        str(path.relative_to(tmp_path)): path.read_text() for path in tmp_path.rglob("*") if path.is_file()
    } == common


@pytest.mark.parametrize(
    ("name", "namespace", "path"),
    [
        ("u1.medium", "", "instancetypes/u1.medium"),
        ("../../etc", "", "instancetypes/.._2F.._2Fetc"),
        ("..", "", "instancetypes/_.."),
        ("x", "team", "instancetypes/in-team/x"),
        ("a b<c>", "", "instancetypes/a_20b_3Cc_3E"),
    ],
)
def test_a_page_stays_in_its_directory_whatever_the_name_is(name, namespace, path):
    (entry,) = entries("c", [instancetype(name, namespace)])
    assert site.path_of(entry) == path


def test_a_deprecated_object_leads_to_its_successor():
    old = instancetype("old")
    old["metadata"] |= {
        "labels": {"instancetype.kubevirt.io/deprecated": "true"},
        "annotations": {"krm-fn.dev/successor": "new"},
    }
    made = site.files(entries("c", [old, instancetype("new")]), {}, "T")
    assert (
        'Deprecated. Take <a href="../instancetypes/new.html">new</a> instead.'
        in made["instancetypes/old.html"].decode()
    )
    assert "series.html" not in made


def test_meaning_and_demands_are_told_apart():
    spec = {
        "cpu": {"guest": 2, "dedicatedCPUPlacement": True, "isolateEmulatorThread": False},
        "gpus": [{"name": "g", "deviceName": "nvidia.com/A100"}],
        "nodeSelector": {"a": "b"},
    }
    (entry,) = entries("c", [instancetype(**spec)])
    means, demands = words.meaning(entry)
    assert means == ["Each vCPU has a host CPU to itself.", "GPUs: nvidia.com/A100.", "Runs on chosen nodes only."]
    assert demands == [
        "Nodes with the static CPU manager policy.",
        "Nodes that offer nvidia.com/A100.",
        "Nodes labelled a=b.",
    ]


@pytest.mark.parametrize(
    "value",
    [
        {"a": {}, "b": [], "c": None, "d": "yes", "e": "1", "f": 1, "g": True, "h": "a, b", "i": "x: y", "j": "{z}"},
        {"long": {f"key-{number}": {"value": "x" * number} for number in range(40)}},
        {"list": [{"name": "x" * 60, "other": "y" * 60, "deep": {"more": ["z" * 50, "w" * 50]}}, "plain"]},
        {"text": "two\nlines", "a": {"b": 1}},
        {"timers": {name: {"present": False} for name in ("hpet", "pit", "rtc", "hyperv", "kvm")}, "": "#"},
        {"nested": [["a" * 50, "b" * 50], ["c"]]},
    ],
)
def test_compact_yaml_reads_back_as_what_it_was(value):
    text = compact.write(value)
    assert yaml.safe_load(text) == value
    assert value.get("text") or max(map(len, text.splitlines())) < 200


def test_an_example_names_what_yaml_would_take_for_something_else():
    first, second = entries("c", [instancetype("1e3"), instancetype("no", "team")])
    text, _ = machine.example(first, None)
    assert yaml.safe_load(text)["spec"]["instancetype"] == {"name": "1e3"}
    text, _ = machine.example(second, None)
    assert yaml.safe_load(text)["spec"]["instancetype"] == {"kind": "VirtualMachineInstancetype", "name": "no"}


def test_points_of_one_size_stand_side_by_side():
    drawn = plot.draw([(entry, 0) for entry in entries("c", [instancetype(str(number)) for number in range(7)])])
    places = {(point.x, point.y) for point in drawn.points}
    assert len(places) == 7
    assert plot.draw([]) is None


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.setattr(data, "opened", {})
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_what_can_not_be_made_leaves_nothing_half_written(here):
    (here / "empty.yaml").write_text("")
    (here / "file").write_text("")
    (here / "wrong.yaml").write_text(
        "apiVersion: instancetype.kubevirt.io/v1beta1\nkind: VirtualMachineClusterInstancetype\nmetadata: {name: a}\nspec: {}\n"
    )
    for arguments, error in (
        (["--catalog", "empty.yaml", "-O", "out"], InputError),
        (["--catalog", "wrong.yaml", "-O", "out"], Exception),
        (["-O", "file/below"], OutputError),
        (["-O", "/proc/nothing"], OutputError),
        (["--catalog", "common", "--catalog", "openstack", "-O", "out"], InputError),
    ):
        with pytest.raises(error):
            cli.run(["catalog", "site", *arguments])
    assert sorted(path.name for path in here.iterdir()) == ["empty.yaml", "file", "wrong.yaml"]
