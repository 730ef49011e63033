"""Field paths: taken apart, put together, followed."""

import pytest

from krm_fn.core.fieldpath import depth, find, join, make, parse, pattern, segment, walk

VM = {
    "metadata": {"annotations": {"a.b/c": "x"}},
    "spec": {
        "volumes": [{"name": "root"}, {"disk": {"size": "1Gi"}}, "text", None],
        "requests": {"cpu": "1", "memory": None},
    },
}


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        ("", ()),
        ("spec.volumes[0].name", ("spec", "volumes", "0", "name")),
        ("metadata.annotations[a.b/c]", ("metadata", "annotations", "a.b/c")),
        ("[0]", ("0",)),
    ],
)
def test_paths_are_taken_apart(path, steps):
    assert parse(path) == steps


def test_a_path_put_together_comes_apart_again():
    assert parse(join(join("metadata.annotations", segment("a.b/c")), segment("plain"))) == (
        "metadata",
        "annotations",
        "a.b/c",
        "plain",
    )


def test_indexes_are_left_out_and_names_in_brackets_are_not():
    assert pattern("spec.volumes[10].x[a.b/1]") == "spec.volumes[].x[a.b/1]"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("spec.requests.cpu", "1"),
        ("spec.requests.memory", None),
        ("spec.volumes.name", None),
        ("spec.requests.cpu.x", None),
        ("none.x", None),
    ],
)
def test_what_is_missing_null_or_no_mapping_is_not_found(path, value):
    assert find(VM, parse(path)) == value


def test_depth_counts_the_steps_that_lead_somewhere():
    assert [
        depth(VM, parse(path)) for path in ("spec.volumes[1].disk.size", "spec.volumes[9].disk", "spec.x", "x")
    ] == [5, 2, 1, 0]


def test_mappings_are_made_where_there_is_none():
    manifest = {"spec": None}
    make(manifest, ("spec", "domain"))["cpu"] = 1
    assert manifest == {"spec": {"domain": {"cpu": 1}}}
    assert make(manifest, ("spec", "domain")) is manifest["spec"]["domain"]


def test_a_walk_comes_by_every_entry_whose_mapping_is_there():
    places = [(path, key, parent.get(key)) for path, parent, key in walk(VM, ("spec", "volumes[]", "name"))]
    assert places == [("spec.volumes[0].name", "name", "root"), ("spec.volumes[1].name", "name", None)]
    assert [path for path, _, _ in walk(VM, ("spec", "requests", "*"))] == ["spec.requests.cpu", "spec.requests.memory"]
    assert list(walk(VM, ("metadata[]", "x"))) == []
