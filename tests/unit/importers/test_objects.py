"""Objects that exist become series that generate the very same objects, or stay what they are."""

from __future__ import annotations

import json
import pathlib
import random

import pytest
from commandline import run

from krm_fn.commands import generate, import_
from krm_fn.core.errors import InputError
from krm_fn.core.manifest import copy_tree
from krm_fn.core.wire import read, write_yaml
from krm_fn.importers.flavor import Options
from krm_fn.importers.objects.item import cleaned, identity
from krm_fn.importers.objects.proof import generated
from krm_fn.importers.objects.source import convert
from krm_fn.roundtrip.definition import compose
from krm_fn.series.catalog import Catalog
from krm_fn.series.instancetype import expand

API = "instancetype.kubevirt.io/v1beta1"
CATALOG = pathlib.Path(__file__).resolve().parents[3] / "catalog"


def lists(*items):
    return [("objects.json", json.dumps({"apiVersion": "v1", "kind": "List", "items": list(items)}).encode())]


def instancetype(
    name, cpu=1, memory="1Gi", kind="VirtualMachineClusterInstancetype", labels=None, spec=None, **metadata
):
    spec = {"cpu": {"guest": cpu}, "memory": {"guest": memory}} | (spec or {})
    own = {"name": name, **metadata} | ({"labels": labels} if labels else {})
    return {"apiVersion": API, "kind": kind, "metadata": own, "spec": spec}


def preference(name, spec=None, kind="VirtualMachineClusterPreference", **metadata):
    return {"apiVersion": API, "kind": kind, "metadata": {"name": name, **metadata}, "spec": spec or {}}


def made(found):
    """The objects that an import stands for: those that its series generate and those that stay plain."""
    objects = [item for one in found.series for item in generated(one.manifest)[0].values()]
    return {identity(item): item for item in (*objects, *(item for item, _ in found.left))}


def wanted(items):
    return {identity(item): item for item in map(cleaned, items)}


def packaged(catalog):
    holder = Catalog([catalog])
    kinds = [f"VirtualMachine{scope}{kind}" for scope in ("Cluster", "") for kind in ("Instancetype", "Preference")]
    return [holder.find(kind, name) for kind in kinds for name in holder.names(kind)]


@pytest.mark.parametrize("catalog", ["common", "aws", "gcp", "azure", "openstack"])
def test_a_packaged_catalog_is_exact_again_in_little_more_lines_than_it_was_written_in(catalog):
    items = packaged(catalog)
    found = convert(lists(*items), Options())
    assert made(found) == wanted(items)
    assert found.left == []
    written = compose(found.series).count("\n")
    by_hand = sum(file.read_text().count("\n") for file in (CATALOG / catalog).glob("*.yaml"))
    assert written <= 1.5 * by_hand


def test_both_scopes_are_one_series_with_its_variants_found():
    items = [item for item in packaged("common") if item["metadata"]["name"].startswith("cx1.")]
    (series,) = convert(lists(*items), Options()).series
    spec = series.manifest["spec"]
    assert spec["scope"] == "Both"
    assert spec["sizes"] == {"medium": 1, "large": 2, "xlarge": 4, "2xlarge": 8, "4xlarge": 16, "8xlarge": 32}
    assert spec["memoryPerVCPU"] == "2Gi"
    assert spec["template"]["cpu"]["maxSockets"] == "{{ cpu }}"
    assert spec["variants"] == [{"suffix": "1gi", "template": {"memory": {"hugepages": {"pageSize": "1Gi"}}}}]


def test_packaged_traits_and_members_that_extend_one_another_are_found():
    items = [item for item in packaged("common") if item["metadata"]["name"].startswith("rhel.9")]
    (series,) = convert(lists(*items), Options()).series
    members = series.manifest["spec"]["members"]
    assert "linux" in members["9"]["traits"]
    assert any(member.get("extends") for member in members.values())


def test_objects_without_labels_are_a_series_that_gives_none():
    items = [instancetype(f"web-{size}", cpu, f"{cpu * 2}Gi") for size, cpu in (("a", 1), ("b", 2), ("c", 4), ("d", 8))]
    found = convert(lists(*items), Options())
    assert (len(found.series), found.left) == (1, [])
    assert made(found) == wanted(items)


DUMP = {
    "uid": "1", "resourceVersion": "2", "generation": 3, "creationTimestamp": "2026-01-01T00:00:00Z", "managedFields": [],
    "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}", "krm-fn.dev/origin": "x"},
}  # fmt: skip


def test_what_a_cluster_wrote_is_left_out_and_older_versions_are_todays():
    item = instancetype("u.a", **DUMP) | {"status": {}, "apiVersion": "instancetype.kubevirt.io/v1alpha2"}
    found = convert(lists(item), Options())
    assert found.objects == [instancetype("u.a")]


@pytest.mark.parametrize(
    ("item", "words"),
    [
        ({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}}, "neither an instancetype nor a preference"),
        (instancetype("", 1), "metadata.name"),
        (instancetype("a", 0), "spec.cpu.guest"),
        (instancetype("a", 1, "lots"), "spec.memory.guest"),
        ({"apiVersion": API, "kind": "VirtualMachinePreference", "metadata": {"name": "p"}}, "spec is missing"),
        (instancetype("a", labels={"x": 1}), "metadata.labels"),
        (
            {"apiVersion": "krm-fn.dev/v1alpha1", "kind": "InstancetypeSeries", "metadata": {"name": "x"}},
            "a definition already",
        ),
    ],
)
def test_what_can_not_be_used_is_one_line_and_the_rest_is_imported(item, words):
    rest = [instancetype(f"ok.{size}", cpu) for size, cpu in (("a", 1), ("b", 2))]
    found = convert(lists(item, *rest), Options())
    (mistake,) = found.mistakes
    assert words in mistake
    assert made(found) == wanted(rest)


def test_two_of_one_name_are_said_and_the_first_counts():
    found = convert(lists(instancetype("a.x", 1), instancetype("a.x", 2)), Options())
    assert ["objects.json" in line and "one of this name already" in line for line in found.mistakes] == [True]
    assert [item["spec"]["cpu"]["guest"] for item in found.objects] == [1]


@pytest.mark.parametrize(
    "item",
    [
        instancetype("solo"),
        instancetype("odd.name", spec={"unknownField": {"a": 1}}),
        instancetype("u.a", labels={"instancetype.kubevirt.io/cpu": "7"}),
        instancetype("u.a", annotations={"note": "a {{ template }} of theirs"}),
        instancetype("u.a", 1, "1Gi", labels={"other.vendor/x": "y", "instancetype.kubevirt.io/hugepages": "2Mi"}),
        preference("p.q", {"cpu": {"preferredCPUTopology": "cores"}, "unknown": [1, {"b": True}]}),
        preference("x", {"requirements": {"cpu": {"guest": 2}}}, labels={"instancetype.kubevirt.io/os-type": "linux"}),
    ],
)
def test_what_nothing_joins_is_exact_all_the_same(item):
    found = convert(lists(item), Options())
    assert made(found) == wanted([item])


def test_members_of_two_vendors_keep_their_names():
    items = [preference(f"win.{n}", {"devices": {"preferredDiskBus": "sata"}}, labels={"instancetype.kubevirt.io/vendor": v})
             for n, v in (("1", "a"), ("2", "b"), ("3", "a"))]  # fmt: skip
    assert made(convert(lists(*items), Options())) == wanted(items)


def random_family(chance):
    """A random family as its vendor could have written it: some rules, some exceptions."""
    series = {"class": chance.choice(["general.purpose", "x"]), "version": "1", "vendor": "example.com"}
    if chance.random() < 0.5:
        series["displayName"] = chance.choice(["Sizes", "Size {{ size }}", "{{ cpu }} vCPUs and {{ memory }}"])
    if chance.random() < 0.7:
        series["memoryPerVCPU"] = chance.choice(["2Gi", "1536Mi", "4G"])
    template = {}
    if chance.random() < 0.5:
        template["cpu"] = {"maxSockets": chance.choice(["{{ cpu }}", "{{ cpu * 2 }}", 8])}
    if chance.random() < 0.3:
        template["ioThreadsPolicy"] = "auto"
    sizes = {}
    for number, name in enumerate(
        chance.sample(["a", "b1", "large", "2xlarge", "m", "tiny", "s-1"], chance.randint(1, 6))
    ):
        cpu = 1 << chance.randint(0, 5)
        memory = None if "memoryPerVCPU" in series and chance.random() < 0.7 else f"{chance.randint(1, 9)}Gi"
        size = {"cpu": cpu} | ({"memory": memory} if memory else {})
        if chance.random() < 0.2:
            size["labels"] = {"tier": chance.choice(["gold", "silver"])}
        if chance.random() < 0.2:
            size["template"] = {"gpus": [{"name": "g", "deviceName": f"example.com/g{number}"}]}
        if chance.random() < 0.1:
            size["deprecated"] = True
        sizes[name] = size
    series |= {"sizes": sizes, "scope": chance.choice(["Both", "Cluster", "Namespaced"])}
    if template:
        series["template"] = template
    if chance.random() < 0.3:
        series["variants"] = [{"suffix": "z", "template": {"annotations": {"v": "z"}}}]
    name = chance.choice(["u1", "cx", "gp.2"])
    return {
        "apiVersion": "krm-fn.dev/v1alpha1",
        "kind": "InstancetypeSeries",
        "metadata": {"name": name},
        "spec": series,
    }


@pytest.mark.parametrize("seed", range(60))
def test_random_families_are_the_same_objects_again(seed):
    chance = random.Random(seed)
    items, findings = expand(random_family(chance), trusted=True)
    assert [each for each in findings if each.severity == "error"] == []
    chance.shuffle(items)
    found = convert(lists(*items), Options())
    assert made(found) == wanted(items)
    written = compose(found.series).count("\n") + sum(write_yaml([item]).count("\n") for item, _ in found.left)
    assert written <= sum(write_yaml([item]).count("\n") for item in wanted(items).values())


def places(value, path=()):
    """Every leaf of a mapping."""
    if not isinstance(value, dict):
        return [path]
    return [place for key, item in value.items() for place in places(item, (*path, key))]


def spoilt(item, chance):
    """An object as a person may have changed it: another value, label or name, or something missing."""
    item = copy_tree(item)
    metadata, found = item["metadata"], places(item["spec"])
    kind = chance.choice(["value", "label", "no label", "no text", "name", "nothing"])
    if kind == "value" and found and (path := chance.choice(found)) not in {("cpu", "guest"), ("memory", "guest")}:
        node = item["spec"]
        for key in path[:-1]:
            node = node[key]
        node[path[-1]] = chance.choice([True, "x", 3, {"a": "b"}, [1], "{{ x }}", None])
    elif kind == "label":
        key = chance.choice(
            ["team", *(f"instancetype.kubevirt.io/{name}" for name in ("size", "vendor", "cpu", "os-type"))]
        )
        metadata.setdefault("labels", {})[key] = chance.choice(["x", "2", "medium"])
    elif kind == "no label":
        metadata.get("labels", {}).pop(chance.choice(list(metadata.get("labels", {"": ""}))), None)
    elif kind == "no text":
        metadata.get("annotations", {}).pop(chance.choice(list(metadata.get("annotations", {"": ""}))), None)
    elif kind == "name":
        metadata["name"] += chance.choice(["x", ".y", "-z"])
    return item


@pytest.fixture(scope="module")
def everything():
    return [item for catalog in ("common", "aws", "azure") for item in packaged(catalog)]


@pytest.mark.parametrize("seed", range(25))
def test_a_catalog_that_people_changed_is_exact_all_the_same(seed, everything):
    chance = random.Random(seed)
    items = [spoilt(item, chance) for item in chance.sample(everything, chance.randint(1, 40))]
    unique = {identity(item): item for item in items}
    found = convert(lists(*unique.values()), Options())
    right = wanted(found.objects)
    assert made(found) == right
    written = compose(found.series).count("\n") + sum(write_yaml([item]).count("\n") for item, _ in found.left)
    assert written <= sum(write_yaml([item]).count("\n") for item in right.values())


@pytest.fixture
def objects(tmp_path):
    file = tmp_path / "objects.yaml"
    labels = {"instancetype.kubevirt.io/vendor": "old.example"}
    items = [
        instancetype(f"web.{size}", cpu, f"{cpu}Gi", labels=labels) for size, cpu in (("a", 1), ("b", 2), ("c", 4))
    ]
    file.write_text(write_yaml([*items, preference("lone")]))
    return file


def test_the_command_writes_series_and_beside_them_what_none_can_say(objects, tmp_path, capsys):
    target = tmp_path / "series.yaml"
    assert run(import_, "objects", str(objects), "-O", str(target)) == 0
    err = capsys.readouterr().err
    assert "4 objects: 3 by 1 series definition, 1 left as they are; " in err
    assert "no series: " in (tmp_path / "series-objects.yaml").read_text()
    assert run(import_, "objects", str(objects), "-O", str(target), "--check") == 0
    assert "4 objects: all exact" in capsys.readouterr().err
    target.write_text(target.read_text().replace("a: 1", "a: 3"))
    assert run(import_, "objects", str(objects), "-O", str(target), "--check") == 1
    assert "VirtualMachineClusterInstancetype web.a: changed: " in capsys.readouterr().err


def test_a_file_for_each_series_and_the_change_between_two_states(objects, tmp_path, capsys):
    folder = tmp_path / "catalog"
    assert run(import_, "objects", str(objects), "--split", str(folder)) == 0
    assert sorted(file.name for file in folder.iterdir()) == ["objects.yaml", "web.yaml"]
    capsys.readouterr()
    assert run(import_, "objects", str(objects), "--compare", str(folder)) == 0
    assert capsys.readouterr().out == "no changes\n"
    objects.write_text(objects.read_text().replace("guest: 4Gi", "guest: 5Gi"))
    run(import_, "objects", str(objects), "--compare", str(folder))
    assert capsys.readouterr().out == "VirtualMachineClusterInstancetype web.c: changed: spec.memory.guest\n"


def test_a_vendor_of_ones_own(objects, tmp_path):
    target = tmp_path / "series.yaml"
    run(import_, "objects", str(objects), "-O", str(target), "--vendor", "new.example")
    run(generate, str(target), "-O", str(tmp_path / "made.yaml"))
    items = read((tmp_path / "made.yaml").read_bytes(), "made.yaml")
    assert {item["metadata"]["labels"]["instancetype.kubevirt.io/vendor"] for item in items} == {"new.example"}


def test_importing_again_keeps_comments_and_edits(objects, tmp_path, capsys):
    target = tmp_path / "series.yaml"
    run(import_, "objects", str(objects), "-O", str(target))
    target.write_text(target.read_text().replace("spec:\n", "spec:  # ours\n", 1))
    labels = {"instancetype.kubevirt.io/vendor": "old.example"}
    objects.write_text(objects.read_text() + "---\n" + write_yaml([instancetype("web.d", 8, "8Gi", labels=labels)]))
    run(import_, "objects", str(objects), "--update", str(target))
    assert "size d added: 8x8Gi" in capsys.readouterr().out
    assert "spec:  # ours\n" in target.read_text()


def test_a_mistake_is_status_one_and_a_foreign_kind_is_named(objects, capsys):
    objects.write_text(objects.read_text() + "---\napiVersion: v1\nkind: Pod\nmetadata: {name: p}\n")
    assert run(import_, "objects", str(objects)) == 1
    out, err = capsys.readouterr()
    assert f"error: {objects}: Pod p: it is neither an instancetype nor a preference" in err
    assert "kind: InstancetypeSeries" in out


def test_no_object_at_all_is_an_input_error(tmp_path):
    (tmp_path / "empty.yaml").write_text("[]\n")
    with pytest.raises(InputError, match="no instancetype and no preference"):
        run(import_, "objects", str(tmp_path / "empty.yaml"))
