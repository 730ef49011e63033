from __future__ import annotations

import json

import pytest
from listings import FOLDER, given, load

from krm_fn.core.errors import InputError
from krm_fn.importers.update import update
from krm_fn.roundtrip.definition import compose
from krm_fn.roundtrip.document import read


def row(name, cpus, memory, **more):
    return {"name": name, "guestCpus": cpus, "memoryMb": memory, "architecture": "X86_64", **more}


FIRST = [row("n2-standard-2", 2, 8192), row("n2-standard-4", 4, 16384), row("n2-standard-8", 8, 32768)]


def text_of(rows):
    return compose(given("gcp", rows).definitions)


def bring(text, rows, **options):
    return update(text.encode(), "file.yaml", given("gcp", rows).definitions, **options)


def sizes(text):
    return read(text.encode(), "file.yaml")[0].content["spec"]["sizes"]


def test_the_same_listing_changes_nothing():
    text = text_of(FIRST)
    assert bring(text, FIRST) == (text, [])


def test_a_new_size_is_added_in_its_place():
    text = text_of([FIRST[0], FIRST[2]])
    updated, changes = bring(text, FIRST)
    assert changes == ["InstancetypeSeries n2-standard: size 4 added: 4x16Gi"]
    assert list(sizes(updated)) == ["2", "4", "8"]
    assert bring(updated, FIRST) == (updated, [])


def test_comments_and_edits_stay():
    text = text_of(FIRST)
    edited = text.replace('    "4": 4\n', '    "4": 4  # the team\'s favourite\n').replace(
        "class: general.purpose", "class: ours  # renamed"
    )
    edited = edited.replace('    "8": 8\n', '    "8": 8x30Gi  # two GiB for the host\n')
    updated, changes = bring(edited, [*FIRST, row("n2-standard-16", 16, 65536)])
    assert changes == ["InstancetypeSeries n2-standard: size 16 added: 16x64Gi"]
    for kept in ("# the team's favourite", "class: ours  # renamed", "8x30Gi  # two GiB for the host"):
        assert kept in updated
    assert bring(updated, [*FIRST, row("n2-standard-16", 16, 65536)]) == (updated, [])


def test_a_size_the_listing_changed_follows_unless_it_was_edited():
    text = text_of(FIRST)
    newer = [FIRST[0], row("n2-standard-4", 4, 20480), row("n2-standard-8", 8, 40960)]
    edited = text.replace('"8": 8', '"8": 8x30Gi')
    updated, changes = bring(edited, newer)
    assert sizes(updated)["4"] == "4x20Gi"
    assert sizes(updated)["8"] == "8x30Gi"
    assert changes == [
        "InstancetypeSeries n2-standard: size 4 changed to 4x20Gi",
        "InstancetypeSeries n2-standard: size 8 differs; yours is kept, the listing has 8x40Gi",
    ]


def test_a_ratio_that_a_new_size_shifts_is_no_change():
    text = text_of(FIRST)
    newer = [*FIRST, *(row(f"n2-standard-{n}", n, n * 5120) for n in (16, 32, 48, 64))]
    updated, changes = bring(text, newer)
    assert [change.split("size ")[1].split()[0] for change in changes] == ["16", "32", "48", "64"]
    assert sizes(updated)["16"] == "16x80Gi"
    assert sizes(updated)["8"] == 8


def test_a_size_that_lacks_what_the_file_shares_says_so_with_null():
    shared = [row("a-1", 1, 1024, isSharedCpu=True), row("a-2", 2, 2048, isSharedCpu=True)]
    text = text_of(shared).replace("  sizes:\n", "  template: {cpu: {model: host-model}}\n  sizes:\n")
    updated, _ = bring(text, [*shared, row("a-4", 4, 4096)])
    assert sizes(updated)["4"] == {"cpu": 4, "template": {"cpu": None}}


def test_what_was_deleted_stays_deleted():
    text = text_of(FIRST).replace('    "4": 4\n', "")
    assert bring(text, FIRST) == (text, [])


def test_what_the_listing_dropped_stays_until_pruned():
    text = text_of(FIRST)
    kept, changes = bring(text, FIRST[:2])
    assert list(sizes(kept)) == ["2", "4", "8"]
    assert changes == ["InstancetypeSeries n2-standard: size 8 is no longer in the listing; --prune drops it"]
    pruned, changes = bring(kept, FIRST[:2], prune=True)
    assert list(sizes(pruned)) == ["2", "4"]
    assert changes == ["InstancetypeSeries n2-standard: size 8 dropped"]


def test_a_persons_own_size_is_never_pruned():
    text = text_of(FIRST).replace('    "8": 8\n', '    "8": 8\n    huge: 128\n')
    assert "huge" in sizes(bring(text, FIRST, prune=True)[0])


def test_a_new_family_is_a_new_document():
    text = text_of(FIRST)
    updated, changes = bring(text, [*FIRST, row("c2-standard-4", 4, 16384)])
    assert changes == ["InstancetypeSeries c2-standard: new"]
    assert updated.startswith(text)
    assert [one.content["metadata"]["name"] for one in read(updated.encode(), "f")] == [
        "n2-standard",
        "gcp",
        "c2-standard",
    ]


def test_other_documents_stay_byte_for_byte():
    other = "# not ours\nkind:   ConfigMap   # odd layout\napiVersion: v1\nmetadata: { name: x }\n---\n"
    updated, _ = bring(other + text_of(FIRST[:2]), FIRST)
    assert updated.startswith(other)


def test_a_file_without_a_record_keeps_every_difference():
    lines = [
        line
        for line in text_of(FIRST).splitlines(keepends=True)
        if "annotations" not in line and "imported" not in line
    ]
    text = "".join(lines).replace('"8": 8', '"8": 8x30Gi')
    updated, changes = bring(text, FIRST)
    assert updated == text
    assert changes == ["InstancetypeSeries n2-standard: size 8 differs; yours is kept, the listing has 8x32Gi"]


def test_preferences_are_updated_too():
    text = text_of(FIRST)
    arm = row("t2a-standard-1", 1, 4096) | {"architecture": "ARM64"}
    updated, changes = bring(text, [*FIRST, arm])
    assert 'PreferenceSeries gcp: member arm64 added: {"traits":["arm64"]}' in changes
    assert "arm64: {preferredArchitecture: arm64}" in updated


def test_an_update_from_a_whole_listing_reads_back_as_the_import():
    rows = json.loads((FOLDER / "gcp.json").read_text())
    updated, _ = update(text_of(rows[:4]).encode(), "f", load("gcp").definitions)
    again, changes = update(updated.encode(), "f", load("gcp").definitions)
    assert (again, changes) == (updated, [])


def test_a_file_that_is_no_yaml_is_a_clear_error():
    with pytest.raises(InputError, match=r"file\.yaml:2"):
        bring("a: [", FIRST)


@pytest.mark.parametrize("spec", ["x", "[]", "null", "{sizes: [1]}", "{sizes: 4}"])
def test_a_file_with_another_shape_is_a_clear_error(spec):
    text = f"apiVersion: krm-fn.dev/v1alpha1\nkind: InstancetypeSeries\nmetadata: {{name: n2-standard}}\nspec: {spec}\n"
    with pytest.raises(InputError, match="is not a mapping"):
        bring(text, FIRST)


@pytest.mark.parametrize(
    "size", ["null", "[]", "x", "{}", "{cpu: x}", "{cpu: 4, memory: []}", "4x", "{template: 1}", "1.5"]
)
def test_a_size_of_any_type_is_kept_as_the_persons(size):
    text = text_of(FIRST).replace('"4": 4', f'"4": {size}')
    updated, changes = bring(text, FIRST)
    assert (updated, changes) == (text, [])


def test_the_count_in_the_comment_stays_true_and_new_sizes_are_in_order():
    def row(size, cpus):
        return {
            "InstanceType": f"m7i.{size}",
            "VCpuInfo": {"DefaultVCpus": cpus},
            "MemoryInfo": {"SizeInMiB": cpus * 4096},
        }

    half = given("aws", {"InstanceTypes": [row("xlarge", 4), row("4xlarge", 16)]})
    whole = given("aws", {"InstanceTypes": [row(size, cpus) for size, cpus in (
        ("large", 2), ("xlarge", 4), ("2xlarge", 8), ("4xlarge", 16), ("8xlarge", 32))]})  # fmt: skip
    old = "# ours\n" + compose(half.definitions)
    text, _ = update(old.encode(), "aws.yaml", whole.definitions)
    assert "# Amazon EC2 m7i: 5 sizes from" in text
    assert text.startswith("# ours\n")
    sizes = read(text.encode(), "aws.yaml")[0].content["spec"]["sizes"]
    assert list(sizes) == ["large", "xlarge", "2xlarge", "4xlarge", "8xlarge"]


def test_an_object_stays_in_the_series_that_makes_it_where_families_are_drawn_anew():
    def row(name):
        return {"name": name, "ram": 2048, "vcpus": 1, "disk": 0, "properties": {}}

    old = compose(given("openstack", [row("m1-small-ssd")]).definitions)
    new = given("openstack", [row(name) for name in ("m1-small-ssd", "m1-tiny", "m1-large")])
    text, changes = update(old.encode(), "os.yaml", new.definitions)
    assert "InstancetypeSeries m1: m1-small-ssd stays in the series m1-small" in changes
    made = [document.content["spec"]["sizes"] for document in read(text.encode(), "os.yaml")]
    assert [sorted(sizes) for sizes in made] == [["ssd"], ["large", "tiny"]]
