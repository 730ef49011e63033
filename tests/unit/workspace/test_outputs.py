"""Where answers go: stdout, a file, a directory, back into the files."""

from __future__ import annotations

import argparse
import os

import pytest

from krm_fn.core.errors import InputError, OutputError
from krm_fn.workspace import arguments, outputs
from krm_fn.workspace.inputs import Content


def options(*given):
    parser = argparse.ArgumentParser()
    arguments.add_outputs(parser)
    return parser.parse_args(given)


def edits(*given):
    parser = argparse.ArgumentParser()
    arguments.add_edits(parser)
    return parser.parse_args(given)


def item(kind="ConfigMap", name="a", api="v1", **metadata):
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name, **metadata}}


@pytest.mark.parametrize(
    ("manifest", "name"),
    [
        (item(), "configmap_a.yaml"),
        (item("VirtualMachine", "web", "kubevirt.io/v1", namespace="shop"), "virtualmachine_shop_web.yaml"),
        (item("DataVolume", "d", "cdi.kubevirt.io/v1beta1"), "datavolume_d.yaml"),
        (item("Cluster", "main", "cluster.x-k8s.io/v1beta1"), "cluster.cluster.x-k8s.io_main.yaml"),
        (item("Thing", "b_c", "example.com/v1", namespace="a"), "thing.example.com_a_b%5Fc.yaml"),
        (item("Thing", "c", "example.com/v1", namespace="a_b"), "thing.example.com_a%5Fb_c.yaml"),
        (item("ClusterRole", "system:node", "rbac.authorization.k8s.io/v1"), "clusterrole.rbac.authorization.k8s.io_system%3Anode.yaml"),
        (item("../x", "../../y", "../z/v1"), "%2E%2E%2Fx..._..%2F..%2Fy.yaml"),
        ({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"generateName": "run-"}}, "job.batch_run-.yaml"),
    ],
)  # fmt: skip
def test_a_file_is_called_by_the_objects_identity(manifest, name):
    assert outputs.file_name(manifest, "yaml") == name
    assert "/" not in name


def test_two_objects_of_one_file_are_refused_before_anything_is_written(tmp_path):
    with pytest.raises(InputError, match="would hold both ConfigMap a of v1 and ConfigMap a of v1"):
        outputs.write_items([item("Secret"), item(), item()], options("-O", f"{tmp_path}/out/"))
    assert not list(tmp_path.iterdir())


def test_a_directory_gets_a_file_for_each_object_and_one_line_says_so(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert outputs.write_items([item(), item("Secret")], options("-O", "out/")) == 0
    assert capsys.readouterr().err == "out/: 2 new\n"
    assert outputs.write_items([item(), item("Secret", labels={"a": "b"})], options("-O", "out")) == 0
    assert capsys.readouterr().err == "out/: 1 changed, 1 as before\n"
    assert sorted(os.listdir("out")) == ["configmap_a.yaml", "secret_a.yaml"]


def test_prune_removes_what_an_earlier_run_wrote_and_nothing_else(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    outputs.write_items([item(name=name) for name in ("stays", "goes", "edited")], options("-O", "out/"))
    with open("out/configmap_edited.yaml", "a") as file:
        file.write("# mine\n")
    (tmp_path / "out/other.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n")
    (tmp_path / "out/deep").mkdir()
    (tmp_path / "out/deep/configmap_x.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n")
    (tmp_path / "out/broken.yaml").write_text("a: [\n")
    capsys.readouterr()
    assert outputs.write_items([item(name="stays")], options("-O", "out/", "--prune", "--dry-run")) == 0
    assert capsys.readouterr().err.endswith("would remove out/configmap_goes.yaml\n")
    assert outputs.write_items([item(name="stays")], options("-O", "out/", "--prune")) == 0
    assert capsys.readouterr().err == (
        "note: out/configmap_edited.yaml: is not written by this run and was changed by hand; it stays\n"
        "out/: 1 removed, 1 as before\n"
    )
    assert sorted(os.listdir("out")) == [
        "broken.yaml",
        "configmap_edited.yaml",
        "configmap_stays.yaml",
        "deep",
        "other.yaml",
    ]


def test_check_says_what_would_change_and_writes_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert outputs.write_items([item()], options("-O", "out/", "--check")) == 1
    assert capsys.readouterr().err == "would add out/configmap_a.yaml\n"
    assert not list(tmp_path.iterdir())
    outputs.write_items([item()], options("-O", "all.yaml"))
    capsys.readouterr()
    assert outputs.write_items([item()], options("-O", "all.yaml", "--check")) == 0
    assert outputs.write_items([item(name="b")], options("-O", "all.yaml", "--check")) == 1
    assert capsys.readouterr().err == "nothing would change\nwould change all.yaml\n"


@pytest.mark.parametrize("given", [("--check",), ("--dry-run",), ("--prune",), ("--prune", "-O", "a.yaml")])
def test_options_without_what_they_need_are_refused(given):
    with pytest.raises(InputError, match="needs a"):
        outputs.write_items([item()], options(*given))


@pytest.mark.parametrize("link", ["out/configmap_a.yaml", "out"])
def test_nothing_is_written_through_a_link_that_leaves(tmp_path, monkeypatch, link):
    (tmp_path / "work").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/victim").write_text("theirs")
    monkeypatch.chdir(tmp_path / "work")
    if "/" in link:
        os.mkdir("out")
    os.symlink(
        os.path.relpath(tmp_path / "elsewhere" / ("victim" if "/" in link else ""), os.path.dirname(link) or "."), link
    )
    with pytest.raises(OutputError, match="leads out of"):
        outputs.write_items([item()], options("-O", "out/"))
    assert os.listdir(tmp_path / "elsewhere") == ["victim"]
    assert (tmp_path / "elsewhere/victim").read_text() == "theirs"


def test_a_pipe_that_was_named_is_written():
    read, write = os.pipe()
    outputs.write_text(f"/dev/fd/{write}", "told\n")
    assert os.read(read, 100) == b"told\n"
    os.close(read)
    os.close(write)


@pytest.mark.parametrize("name", ["../x", "/x", "a/../../x", "", "a//b", "a\\b", "a\0b", "."])
def test_a_name_that_is_no_path_below_is_refused(tmp_path, name):
    with pytest.raises(OutputError, match="can't be the name of a file"):
        outputs.write_files(str(tmp_path / "out"), {"fine": b"", name: b""})
    assert not list(tmp_path.iterdir())


def test_edits_go_back_into_their_files_and_only_those_that_changed(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.yaml").write_text("a: 1\n")
    (tmp_path / "b.yaml").write_text("b: 1\n")
    changes = [
        outputs.Edit(Content("a.yaml", b"a: 1\n"), "a: 2\n"),
        outputs.Edit(Content("b.yaml", b"b: 1\n"), "b: 1\n"),
    ]
    assert outputs.write_edits(changes, edits("--check"), "".join) == 1
    assert outputs.write_edits(changes, edits("-i", "--dry-run"), "".join) == 0
    assert capsys.readouterr().err == "would change a.yaml\n" * 2
    before = (tmp_path / "b.yaml").stat().st_mtime_ns
    assert outputs.write_edits(changes, edits("-i"), "".join) == 0
    assert capsys.readouterr().err == "wrote a.yaml\n"
    assert (tmp_path / "a.yaml").read_text() == "a: 2\n"
    assert (tmp_path / "b.yaml").stat().st_mtime_ns == before
    assert outputs.write_edits(changes, edits(), "".join) == 0
    assert capsys.readouterr().out == "a: 2\nb: 1\n"


def test_stdin_has_no_file_to_write_to():
    with pytest.raises(InputError, match="stdin"):
        outputs.write_edits([outputs.Edit(Content("stdin", b""), "")], edits("-i"), "".join)
