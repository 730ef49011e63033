"""The packaged catalogs: what they hold, what pins it, and how little a look-up reads."""

from __future__ import annotations

import pathlib
import subprocess
import sys

import jsonschema
import pytest
from tools.golden import fingerprints

from krm_fn.core import data
from krm_fn.core.manifest import name_of
from krm_fn.kubevirt.api import CONFIG_API, INSTANCETYPE_KINDS, LABEL, PREFERENCE_KINDS
from krm_fn.series import catalog, generator, instancetype, labels, preference, traits
from krm_fn.series.catalog import Catalog
from krm_fn.series.shape import schema_of
from krm_fn.validate.config import check_config
from krm_fn.vm.compatibility import upgrade
from krm_fn.vm.find import Lookup

PINNED = pathlib.Path(__file__).parents[2] / "catalog" / "common.sha256"
CLUSTER_INSTANCETYPE, CLUSTER_PREFERENCE = INSTANCETYPE_KINDS[0], PREFERENCE_KINDS[0]


@pytest.fixture(scope="module")
def definitions():
    return [definition for _, definition in catalog.definitions(catalog.names())]


@pytest.fixture(scope="module")
def common():
    return [item for _, one in catalog.definitions(["common"]) for item in catalog.expand_as(one, "Both")]


def test_common_holds_what_is_pinned():
    """After an intended change: run `make golden` and say in the changelog what changed."""
    assert fingerprints() == PINNED.read_text().splitlines()


def test_common_has_as_many_objects_as_the_official_bundle(common):
    kinds = [item["kind"] for item in common]
    assert {kind: kinds.count(kind) for kind in kinds} == {
        "VirtualMachineClusterInstancetype": 65,
        "VirtualMachineInstancetype": 65,
        "VirtualMachineClusterPreference": 54,
        "VirtualMachinePreference": 54,
    }


def test_common_stays_compact():
    files = [("catalog", "common", name) for name in data.names("catalog", "common")] + [("catalog", "traits.yaml")]
    assert sum(data.read(*file).count(b"\n") for file in files) <= 500


def test_every_label_of_common_follows_from_the_spec(common):
    for item in common:
        table = labels.INSTANCETYPE if item["kind"] in INSTANCETYPE_KINDS else labels.PREFERENCE
        derived = {key: value for key, value in labels.derived(table, item["spec"]).items() if value is not None}
        given = item["metadata"]["labels"]
        fields = {f"{LABEL}{key}" for key in ("vendor", "class", "version", "size", "icon-pf", "os-type", "deprecated")}
        assert {key: value for key, value in given.items() if key not in fields} == derived, name_of(item)


def test_every_instancetype_of_common_has_a_description(common):
    described = {f"{LABEL}displayName", f"{LABEL}description"}
    for item in common:
        if item["kind"] in INSTANCETYPE_KINDS:
            assert described <= item["metadata"]["annotations"].keys()


def test_packaged_definitions_stand_the_checks_of_a_users(definitions):
    for definition in definitions:
        expand = instancetype.expand if definition["kind"] == "InstancetypeSeries" else preference.expand
        items, results = expand(definition)
        assert results == [], name_of(definition)
        assert items == expand(definition, trusted=True)[0]


def test_packaged_definitions_fit_the_published_schemas(definitions):
    for definition in definitions:
        jsonschema.Draft202012Validator(schema_of(definition["kind"])).validate(definition)


def test_each_file_holds_the_series_it_is_named_after():
    for name in catalog.names():
        for series in catalog.series_names(name):
            assert {name_of(definition) for definition in catalog.series(name, series)} == {series}
            for definition in catalog.series(name, series):
                names = [name_of(item) for item in catalog.expand_as(definition, "Cluster")]
                if "nameTemplate" not in definition["spec"]:  # clouds have their own way with names
                    assert all(one == series or one.startswith(f"{series}.") for one in names)


@pytest.mark.parametrize("name", sorted(traits.packaged()))
def test_each_packaged_trait_is_a_preference_of_its_own(preferences, name):
    items, results = preference.expand(preferences(f"{{members: {{a: {{traits: [{name}]}}}}}}"))
    assert results == []
    assert items[0]["spec"] == traits.packaged()[name]


def test_common_is_a_catalog_and_the_traits_are_not():
    assert "common" in catalog.names()
    assert "traits.yaml" not in catalog.names()


@pytest.mark.parametrize(
    ("kind", "name", "found"),
    [
        ("VirtualMachineClusterInstancetype", "u1.medium", True),
        ("VirtualMachineInstancetype", "cx1.8xlarge1gi", True),
        ("VirtualMachineClusterPreference", "windows.2k22.virtio", True),
        ("VirtualMachinePreference", "linux", True),
        ("VirtualMachineClusterInstancetype", "linux", False),
        ("VirtualMachineClusterPreference", "u1.medium", False),
        ("VirtualMachineClusterInstancetype", "u1", False),
        ("VirtualMachineClusterInstancetype", "u1.huge", False),
        ("VirtualMachineClusterInstancetype", "", False),
        ("VirtualMachine", "u1.medium", False),
    ],
)
def test_a_look_up_finds_by_kind_and_name(kind, name, found):
    item = Catalog(["common"]).find(kind, name)
    assert (item is not None) is found
    if item is not None:
        assert (item["kind"], name_of(item)) == (kind, name)


def test_a_look_up_reads_only_the_file_that_can_hold_the_name(monkeypatch):
    read = []
    catalog.series.cache_clear()
    catalog._expanded.cache_clear()
    original = data.read
    monkeypatch.setattr(catalog.data, "read", lambda *parts: read.append(parts[-1]) or original(*parts))
    assert Catalog(["common"]).find(CLUSTER_INSTANCETYPE, "u1.medium")
    assert Catalog(["common"]).find(CLUSTER_PREFERENCE, "alpine")
    assert [file for file in read if file != "traits.yaml"] == ["u1.yaml", "alpine.yaml"]


def test_a_series_is_expanded_once_for_all_calls():
    one, other = (Catalog(["common"]).find(CLUSTER_INSTANCETYPE, "u1.medium") for _ in range(2))
    assert one is other


def test_names_lists_each_kind_and_unknown_catalogs_have_none():
    assert len(Catalog(["common", "nowhere"]).names(CLUSTER_INSTANCETYPE)) == 65
    assert len(Catalog(["common"]).names(CLUSTER_PREFERENCE)) == 54
    assert Catalog(["nowhere"]).names(CLUSTER_PREFERENCE) == []
    assert Catalog([]).find(CLUSTER_PREFERENCE, "linux") is None


def test_the_whole_catalog_needs_no_jinja_and_no_schema():
    program = (
        "import sys; from krm_fn.series import catalog;"
        "n = sum(len(catalog.expand_as(one, 'Both')) for _, one in catalog.definitions(['common']));"
        "heavy = {'jinja2', 'typing', 'dataclasses', 'pathlib', 'logging', 'argparse', 'difflib', 'krm_fn.core.structural'};"
        "print(n, sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(PINNED.parents[2])!r}); {program}"],
                          capture_output=True, text=True)  # fmt: skip
    assert (done.stdout, done.stderr) == ("238 []\n", "")


OWN = {
    "apiVersion": "instancetype.kubevirt.io/v1beta1",
    "kind": "VirtualMachineInstancetype",
    "metadata": {"name": "own.small", "namespace": "team"},
    "spec": {"cpu": {"guest": 1}, "memory": {"guest": "1Gi"}},
}
CLASHING = {**OWN, "kind": CLUSTER_INSTANCETYPE, "metadata": {"name": "u1.medium"}}


@pytest.fixture
def opened(monkeypatch):
    monkeypatch.setattr(data, "opened", {"bundle.yaml": [OWN, CLASHING]})
    return Catalog(["common", "bundle.yaml"])


def test_an_opened_catalog_is_looked_into_beside_the_packaged_ones(opened):
    assert opened.find(OWN["kind"], "own.small", "team") is OWN
    assert opened.find(OWN["kind"], "own.small", "elsewhere") is None
    assert opened.names(OWN["kind"])[-1] == "own.small"
    assert opened.find(CLUSTER_PREFERENCE, "fedora")


def test_a_name_in_two_catalogs_has_two_holders(opened):
    assert list(opened.held(CLUSTER_INSTANCETYPE, "u1.medium")) == ["common", "bundle.yaml"]
    assert list(opened.held(CLUSTER_INSTANCETYPE, "u1.large")) == ["common"]
    assert list(Catalog(["common", "openstack"]).held(CLUSTER_INSTANCETYPE, "m1.large")) == ["common", "openstack"]


def test_a_machine_that_names_what_two_catalogs_have_is_told_how_to_choose(opened):
    vm = {
        "apiVersion": "kubevirt.io/v1",
        "kind": "VirtualMachine",
        "metadata": {"name": "x"},
        "spec": {"instancetype": {"name": "u1.medium"}},
    }
    found, (problem,) = Lookup([], opened, upgrade).resolve(vm, "instancetype")
    assert (found.target, problem.rule) == (None, "matcher/ambiguous")
    assert "in the catalogs common and bundle.yaml: name only one of them" in problem.message
    found, problems = Lookup([CLASHING], opened, upgrade).resolve(vm, "instancetype")
    assert (found.target, problems) == (CLASHING, [])


@pytest.mark.usefixtures("opened")
def test_a_generator_takes_an_opened_catalog_and_refuses_an_unknown_one():
    spec = {"catalogs": ["bundle.yaml"], "vendor": "example.com"}
    config = {"apiVersion": CONFIG_API, "kind": "CatalogGenerator", "metadata": {"name": "c"}, "spec": spec}
    items, problems = generator.run(config)
    assert problems == []
    assert [(name_of(item), item["metadata"]["labels"][f"{LABEL}vendor"]) for item in items] == [
        ("own.small", "example.com"),
        ("u1.medium", "example.com"),
    ]
    assert "labels" not in OWN["metadata"]
    assert check_config({**config, "kind": "VirtualMachineRenderer", "spec": {"catalogs": ["bundle.yaml"]}}) == []
    (problem,) = check_config({**config, "kind": "VirtualMachineRenderer", "spec": {"catalogs": ["other.yaml"]}})
    assert problem.path == "spec.catalogs[0]"
    assert "a function reads no files: name the bundle in resources, with the component lookup-only" in problem.message
