"""Catalogs from files: series, objects, a cluster's listing, an OCI layout; and what is wrong with one."""

from __future__ import annotations

import json

import pytest

from krm_fn.core import data, oci
from krm_fn.core.errors import FunctionConfigError, InputError
from krm_fn.workspace.catalogs import open_all, open_configured

SERIES = """apiVersion: krm-fn.dev/v1alpha1
kind: InstancetypeSeries
metadata: {name: gp}
spec: {version: "1", vendor: example.com, memoryPerVCPU: 2Gi, sizes: {small: 1, large: 4}}
"""
OBJECT = """apiVersion: instancetype.kubevirt.io/v1beta1
kind: VirtualMachineClusterInstancetype
metadata: {name: gp.small}
spec: {cpu: {guest: 1}, memory: {guest: 2Gi}}
"""
LISTING = {
    "apiVersion": "v1",
    "kind": "List",
    "items": [
        {
            "apiVersion": "instancetype.kubevirt.io/v1beta1",
            "kind": "VirtualMachinePreference",
            "metadata": {
                "name": "own",
                "namespace": "team",
                "uid": "5e1f",
                "resourceVersion": "17",
                "managedFields": [{"manager": "kubectl"}],
                "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}", "note": "ours"},
            },
            "spec": {},
        },
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "other"}},
    ],
}


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.setattr(data, "opened", {})
    monkeypatch.chdir(tmp_path)
    return tmp_path


def names(path):
    return [item["metadata"]["name"] for item in data.opened[path]]


def test_a_file_or_directory_of_series_and_objects(here):
    (here / "vendor").mkdir()
    (here / "vendor/series.yaml").write_text(SERIES)
    (here / "vendor/more.yaml").write_text(OBJECT.replace("gp.small", "own.small"))
    assert open_all(["common", "vendor", "vendor/series.yaml", "vendor"]) == ["common", "vendor", "vendor/series.yaml"]
    assert names("vendor") == ["own.small", "gp.small", "gp.large"]
    assert names("vendor/series.yaml") == ["gp.small", "gp.large"]


def test_a_cluster_s_listing_comes_without_what_the_cluster_wrote(here):
    (here / "cluster.json").write_text(json.dumps(LISTING))
    open_all(["cluster.json"])
    (item,) = data.opened["cluster.json"]
    assert item["metadata"] == {"name": "own", "namespace": "team", "annotations": {"note": "ours"}}


def write_layout(folder, files, tag="v1"):
    for path, content in oci.layout(files, tag=tag, annotations={}).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)


def test_an_oci_layout_with_and_without_its_tag(here):
    write_layout(here / "layout", {"bundle.yaml": OBJECT.encode(), "notes.txt": b"- not: [a manifest"})
    open_all(["layout", "layout:v1"])
    assert names("layout") == names("layout:v1") == ["gp.small"]
    with pytest.raises(InputError, match=r"^layout: has the tags v1: name one as DIR:TAG$"):
        open_all(["layout:v2"])


def test_a_damaged_layout_is_refused(here):
    write_layout(here / "layout", {"bundle.yaml": OBJECT.encode()})
    for blob in (here / "layout/blobs/sha256").iterdir():
        blob.write_bytes(blob.read_bytes() + b" ")
    with pytest.raises(InputError, match="it is damaged, or somebody changed it"):
        open_all(["layout"])


def test_a_layer_that_unpacks_to_more_than_is_read_is_refused(here, monkeypatch):
    write_layout(here / "layout", {"bundle.yaml": OBJECT.encode() * 100})
    monkeypatch.setattr(oci, "MAX_BYTES", 1000)
    with pytest.raises(InputError, match="holds more than the 1000 bytes"):
        open_all(["layout"])


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "bundle.yaml: there is no instancetype, preference or series in it"),
        (
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n",
            "there is no instancetype, preference or series in it",
        ),
        (f"{OBJECT}---\n{OBJECT}", "is there twice: rename or remove one"),
        (OBJECT.replace("guest: 1", "guests: 1"), 'did you mean "guest"'),
        (OBJECT.replace("v1beta1", "v9"), "v9"),
        (OBJECT.replace("{name: gp.small}", "{}"), "is missing: write metadata.name"),
        (SERIES.replace("small: 1", "small: none"), "is not a number of vCPUs"),
    ],
    ids=["empty", "other kinds", "twice", "unknown field", "version", "no name", "series"],
)
def test_a_catalog_with_mistakes_says_all_of_them(here, content, says):
    (here / "bundle.yaml").write_text(content)
    with pytest.raises((InputError, FunctionConfigError), match=says.replace("(", r"\(")):
        open_all(["bundle.yaml"])
    assert data.opened == {}


def test_a_name_that_leads_nowhere_says_what_is_packaged():
    with pytest.raises(
        InputError, match='no packaged catalog and no file or directory of that name; did you mean "common"'
    ):
        open_all(["comon"])


def test_a_function_config_opens_only_what_lies_in_the_working_directory(here, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "bundle.yaml"
    outside.write_text(OBJECT)
    (here / "bundle.yaml").write_text(OBJECT)
    (here / "link.yaml").symlink_to(outside)
    open_configured({"spec": {"catalogs": ["common", "bundle.yaml", 5, "nowhere"]}}, {"spec": {"catalogs": None}}, {})
    assert list(data.opened) == ["bundle.yaml"]
    for path in (str(outside), "link.yaml"):
        with pytest.raises(InputError, match="leads out of the working directory: name it with --catalog"):
            open_configured({"spec": {"catalogs": [path]}})
