"""Several files written all or none."""

from __future__ import annotations

import os
import resource
import subprocess
import sys

import pytest

from krm_fn.core.errors import OutputError
from krm_fn.workspace import transaction


def here(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_files_are_written_and_removed_and_nothing_lies_beside_them(tmp_path):
    (tmp_path / "old").write_bytes(b"1")
    (tmp_path / "gone").write_bytes(b"2")
    transaction.write(
        {str(tmp_path / "old"): b"new", str(tmp_path / "sub/made"): b"3"}, [str(tmp_path / "gone")], make_folders=True
    )
    assert here(tmp_path) == {"old": b"new", "sub/made": b"3"}


@pytest.mark.parametrize("count", [3, 60])
def test_a_failure_leaves_everything_as_it_was(tmp_path, monkeypatch, count):
    contents = {str(tmp_path / f"d/{number}"): b"new" for number in range(count)}
    (tmp_path / "0").write_bytes(b"old")
    contents[str(tmp_path / "0")] = b"new"
    contents[str(tmp_path / "last")] = b"new"
    real = os.replace

    def fails(source, target):
        if target == str(tmp_path / "last"):
            raise OSError(5, "Input/output error")
        real(source, target)

    monkeypatch.setattr(os, "replace", fails)
    with pytest.raises(OutputError, match=r"last: Input/output error"):
        transaction.write(contents, make_folders=True)
    assert here(tmp_path) == {"0": b"old"}
    assert not (tmp_path / "d").exists()


def test_a_removal_that_fails_brings_the_others_back(tmp_path):
    (tmp_path / "a").write_bytes(b"old")
    (tmp_path / "b").write_bytes(b"old")
    with pytest.raises(OutputError, match="missing: No such file"):
        transaction.write({str(tmp_path / "a"): b"new"}, [str(tmp_path / "b"), str(tmp_path / "missing")])
    assert here(tmp_path) == {"a": b"old", "b": b"old"}


def test_a_disk_that_fills_up_changes_nothing(tmp_path):
    (tmp_path / "a").write_bytes(b"old")
    (tmp_path / "b").write_bytes(b"old")
    program = (
        "import sys; from krm_fn.workspace import transaction\n"
        "try:\n    transaction.write({sys.argv[1] + '/a': b'new', sys.argv[1] + '/b': b'x' * 10000})\n"
        "except Exception as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)),
    )
    assert done.stdout == f"{tmp_path}/b: File too large\n"
    assert here(tmp_path) == {"a": b"old", "b": b"old"}


def test_the_mode_stays(tmp_path):
    (tmp_path / "a").write_bytes(b"old")
    (tmp_path / "a").chmod(0o640)
    transaction.write({str(tmp_path / "a"): b"new"})
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o640


def test_a_new_file_has_the_mode_of_the_umask(tmp_path):
    before = os.umask(0o027)
    try:
        transaction.write({str(tmp_path / "a"): b"new"})
    finally:
        os.umask(before)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("target", ["folder", "file/below", "x" * 300, "a\0b"])
def test_what_can_not_be_written_is_named(tmp_path, target):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_bytes(b"old")
    with pytest.raises(OutputError, match=r"folder|file/below|xxx|a.*b"):
        transaction.write({str(tmp_path / "new"): b"1", str(tmp_path / target): b"2"}, make_folders=True)
    assert here(tmp_path) == {"file": b"old"}


def test_a_link_that_stays_inside_is_followed_and_one_that_leaves_is_refused(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/real").write_bytes(b"")
    (tmp_path / "out").write_bytes(b"")
    (tmp_path / "in/inside").symlink_to("real")
    (tmp_path / "in/outside").symlink_to("../out")
    (tmp_path / "in/folder").symlink_to("..")
    within = str(tmp_path / "in")
    assert transaction.settled(f"{within}/inside", within) == os.path.realpath(f"{within}/real")
    for name in ("outside", "folder/new", "missing/../../new"):
        with pytest.raises(OutputError, match="leads out of"):
            transaction.settled(f"{within}/{name}", within)
