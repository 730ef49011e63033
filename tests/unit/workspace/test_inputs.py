"""What arguments name, as bytes."""

from __future__ import annotations

import io
import os
import sys

import pytest

from krm_fn.core.errors import InputError
from krm_fn.workspace import inputs


def test_a_directory_is_read_in_order_without_hidden_files_and_patches(tmp_path):
    for name in ("b.yaml", "a/c.json", ".hidden.yaml", ".git/x.yaml", "notes.txt", "patch.yaml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("{}")
    (tmp_path / "kustomization.yaml").write_text("patches: [{path: ./patch.yaml}]\n")
    found = [os.path.relpath(path, tmp_path) for path, _ in inputs.paths([str(tmp_path)])]
    assert found == ["b.yaml", "kustomization.yaml", "a/c.json"]


@pytest.mark.parametrize("kind", ["pipe", "link to a device", "dangling link", "link to a directory"])
def test_what_is_no_regular_file_in_a_directory_is_refused_by_name(tmp_path, kind):
    odd = tmp_path / "odd.yaml"
    if kind == "pipe":
        os.mkfifo(odd)
    else:
        odd.symlink_to({"link to a device": "/dev/zero", "dangling link": "nowhere", "link to a directory": "."}[kind])
    if kind == "link to a directory":
        assert inputs.contents([str(tmp_path)]) == []
        return
    with pytest.raises(InputError, match=r"odd\.yaml: (is not a regular file|No such file)"):
        inputs.contents([str(tmp_path)])


def test_a_pipe_that_was_named_is_read():
    read, write = os.pipe()
    os.write(write, b"a: 1\n")
    os.close(write)
    assert inputs.read_bytes(f"/dev/fd/{read}") == b"a: 1\n"
    os.close(read)


def test_reading_stops_at_the_limit(monkeypatch):
    monkeypatch.setattr(inputs, "MAX_BYTES", 1000)
    with pytest.raises(InputError, match="/dev/zero: is larger than the 1000 bytes"):
        inputs.read_bytes("/dev/zero")


def test_stdin_is_read_once_and_missing_stdin_is_said(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"a: 1\n")))
    assert inputs.contents(["-"]) == [inputs.Content("stdin", b"a: 1\n", "")]
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(InputError, match="stdin is closed"):
        inputs.from_stdin()


def test_a_name_that_no_file_has():
    with pytest.raises(InputError, match="no file name"):
        inputs.read_bytes("a\0b")
