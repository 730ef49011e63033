""".ci/image/rootfs.py: which modules an image goes without, and which packages of the base its files are from."""

from __future__ import annotations

import importlib.util
import pathlib

import pytest
from support import ROOT

STATUS = """\
Package: libc6
Status: install ok installed
Version: 2.36-9
Description: GNU C Library
 shared libraries

Package: bash
Status: install ok installed
Version: 5.2
"""


@pytest.fixture(scope="module")
def rootfs():
    spec = importlib.util.spec_from_file_location("rootfs", ROOT / ".ci/image/rootfs.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param("json/decoder.py", True, id="a package that is used"),
        pytest.param("urllib/parse.py", True, id="part of a package"),
        pytest.param("urllib/request.py", False, id="another part of it"),
        pytest.param("asyncio/tasks.py", False, id="a whole package"),
        pytest.param("socket.py", False, id="a module"),
        pytest.param("socketserver.py", False, id="a module by a longer name"),
        pytest.param("sre_compile.py", True, id="a module whose name starts like none"),
        pytest.param("lib-dynload/_socket.cpython-313-aarch64-linux-gnu.so", False, id="an extension"),
        pytest.param("lib-dynload/_json.cpython-313-x86_64-linux-gnu.so", True, id="an extension that is used"),
        pytest.param("lib-dynload/_testcapi.cpython-313-x86_64-linux-gnu.so", False, id="an extension for tests"),
        pytest.param("test/test_json.py", False, id="tests"),
        pytest.param("json/__pycache__/decoder.cpython-313.pyc", False, id="byte code of another time"),
    ],
)
def test_what_of_the_library_is_wanted(rootfs, path, expected):
    assert rootfs.wanted(path) is expected


@pytest.fixture
def base(tmp_path) -> pathlib.Path:
    """A base image's records: two packages, one of them with a file that goes into the image."""
    base = tmp_path / "base"
    for name, text in {
        "var/lib/dpkg/status": STATUS,
        "var/lib/dpkg/info/libc6:amd64.list": "/.\n/lib/x86_64-linux-gnu/libc.so.6\n",
        "var/lib/dpkg/info/bash.list": "/.\n/bin/bash\n",
        "usr/share/doc/libc6/copyright": "LGPL\n",
    }.items():
        path = base / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return base


@pytest.mark.parametrize("library", ["/lib/x86_64-linux-gnu/libc.so.6", "/usr/lib/x86_64-linux-gnu/libc.so.6"])
def test_packages_of_the_copied_files_are_recorded(rootfs, base, tmp_path, library):
    out = tmp_path / "out"
    rootfs.system_packages(out, [pathlib.Path(library)], base)
    records = out / "var/lib/dpkg/status.d"
    assert [path.name for path in records.iterdir()] == ["libc6"]
    assert (records / "libc6").read_text() == STATUS.split("\n\n", maxsplit=1)[0] + "\n"
    assert (out / "usr/share/doc/libc6/copyright").read_text() == "LGPL\n"


def test_a_base_without_records_leaves_none(rootfs, tmp_path):
    rootfs.system_packages(tmp_path / "out", [pathlib.Path("/lib/libc.so.6")], tmp_path)
    assert not (tmp_path / "out").exists()
