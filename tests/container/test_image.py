"""What the image is: small, without a shell or a writer, the same from the same sources."""

from __future__ import annotations

import ast
import datetime as dt
import io
import json
import os
import pathlib
import re
import subprocess
import sys
import tarfile

import pytest
from support import ROOT

from container.conftest import IMAGE, WORK
from krm_fn.kubevirt.versions import VERSIONS

MEBIBYTE = 1 << 20


@pytest.fixture(scope="session")
def members(engine) -> dict[str, tarfile.TarInfo]:
    """Every file of the image's file system by its path, engine's own mount points left out."""
    container = subprocess.run([engine, "create", IMAGE], check=True, capture_output=True, text=True).stdout.strip()
    try:
        exported = subprocess.run([engine, "export", container], check=True, capture_output=True).stdout
    finally:
        subprocess.run([engine, "rm", container], check=True, capture_output=True)
    with tarfile.open(fileobj=io.BytesIO(exported)) as archive:
        found = {member.name: member for member in archive if not member.isdir()}
    return {name: member for name, member in found.items() if not name.startswith(("dev/", "proc/", "sys/", "run/"))}


def inspect(engine: str, image: str = IMAGE):
    return json.loads(subprocess.run([engine, "image", "inspect", image], check=True, capture_output=True).stdout)[0]


def test_runs_as_nobody_and_starts_without_a_shell(engine):
    config = inspect(engine)["Config"]
    assert (config["User"], config["Entrypoint"], config.get("Cmd")) == ("65534:65534", ["/usr/bin/krm-fn"], None)


def test_labels_say_what_it_is(engine):
    labels = inspect(engine)["Config"]["Labels"]
    assert labels["dev.krm-fn.kubevirt-versions"] == ",".join(VERSIONS)
    assert f"v{labels['org.opencontainers.image.version']}" == IMAGE.rpartition(":")[2]
    assert labels["org.opencontainers.image.licenses"] == "Apache-2.0"


def test_holds_no_program_but_python_and_the_function(members):
    programs = sorted(
        name for name, member in members.items() if member.mode & 0o111 and member.isfile() and ".so" not in name
    )
    assert [re.sub(r"3\.\d+$", "3.x", name) for name in programs] == [
        "usr/bin/krm-fn",
        "usr/bin/krm-fn-copy",
        "usr/bin/python3.x",
    ]


def test_nothing_in_it_is_writable_or_gains_rights(members):
    files = [member for member in members.values() if member.isfile()]
    assert len(files) > 500
    assert [member.name for member in files if member.mode & 0o7022 or member.uid or member.gid] == []


def test_stays_small(members):
    assert sum(member.size for member in members.values()) < 32 * MEBIBYTE


def test_a_shell_can_not_be_started(run_image):
    assert run_image("-c", "true", options=("--entrypoint", "/bin/sh")).returncode not in (0, 1)


def test_root_file_system_and_home_are_read_only(in_image):
    program = (
        "import os\nfor folder in ('/', '/tmp', '/nonexistent', '/usr/lib/krm-fn'): print(os.access(folder, os.W_OK))"
    )
    assert in_image(program).split() == ["False"] * 4


def test_every_module_of_ours_and_of_the_libraries_we_import_is_there(in_image):
    """Modules are left out of the image by a list: nothing that krm-fn imports anywhere may be on it.

    But for what -j, --executor and --cache need, since an image shares work with others by --shard, and what `new
    --interactive` completes names with, since nobody sits before an image.
    """
    files = {path: imported(path) for path in (ROOT / "krm_fn").rglob("*.py")}
    left_out = {"concurrent.futures", "sqlite3", "krm_fn.fleet.store", "distributed"}
    apart = {path for path, names in files.items() if names & left_out}
    assert {path.relative_to(ROOT / "krm_fn").as_posix() for path in apart} <= {
        "fleet/workers.py", "fleet/cache.py", "fleet/store.py", "commands/build.py"
    }  # fmt: skip
    wanted = {name for path, names in files.items() if path not in apart for name in names} - {"readline"}
    assert {"yaml", "jinja2", "json", "krm_fn.main"} <= wanted
    in_image(f"from importlib import import_module\nfor name in {sorted(wanted)}: import_module(name)")


@pytest.mark.parametrize("option", ["-j", "--cache"])
def test_an_option_that_the_image_has_no_modules_for_says_so(run_image, option):
    done = run_image("render", option, "2", "-", data=b"{}")
    assert done.returncode == 3
    assert f"{option} needs the module" in done.stderr.decode()
    assert "--shard" in done.stderr.decode()


def imported(path: pathlib.Path) -> set[str]:
    """The modules that a file imports at any depth, and itself; names for type checkers left out."""
    own = path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__")
    names = {own}
    tree = ast.parse(path.read_bytes())
    unused = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in unused:
            continue
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
    return names


def test_the_library_has_no_way_to_the_network(in_image):
    program = """
from importlib import import_module
for name in ("socket", "ssl", "ctypes", "http.client", "urllib.request", "asyncio", "multiprocessing"):
    try:
        import_module(name)
    except ImportError:
        continue
    print(name)
"""
    assert in_image(program) == ""


def test_byte_code_is_there_for_everything_and_is_checked_by_nothing(in_image):
    program = """
import os, struct
for root, _, names in os.walk("/usr/lib/krm-fn"):
    for name in names:
        if name.endswith(".py"):
            cached = os.path.join(root, "__pycache__", f"{name[:-3]}.{sys.implementation.cache_tag}.pyc")
            with open(cached, "rb") as file:
                print(struct.unpack("<4xI", file.read(8))[0])
"""
    flags = in_image(program).split()
    assert len(flags) > 100
    assert set(flags) == {"1"}  # hash-based, unchecked


def test_packages_are_the_locked_ones(members):
    locked = dict(re.findall(r"^([a-z0-9-]+)==(\S+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE))
    installed = dict(re.match(r"(.+)-(.+)\.dist-info", name).groups() for name in found_distributions(members))
    installed.pop("krm_fn")
    assert {name.replace("_", "-").lower(): version for name, version in installed.items()} == locked


def found_distributions(members) -> set[str]:
    return {part for name in members for part in name.split("/") if part.endswith(".dist-info")}


def test_building_again_gives_the_same_layers(engine):
    """From our own sources by way of the wheel to the layer: no cache helps."""
    image = "localhost/krm-fn-again:test"
    epoch = int(dt.datetime.fromisoformat(inspect(engine)["Created"]).timestamp())
    variables = {
        "ENGINE": engine,
        "IMAGE": image,
        "SOURCE_DATE_EPOCH": str(epoch),
        "PYTHON": sys.executable,
        "BUILD_OPTIONS": "--no-cache",
    }
    if (base := (WORK / "base").read_text().strip()) != "default":
        variables["BASE_IMAGE"] = base
    done = subprocess.run(
        [ROOT / ".ci" / "image" / "image.sh"], env={**os.environ, **variables}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    try:
        one, again = inspect(engine), inspect(engine, image)
        assert len(one["RootFS"]["Layers"]) == 1
        assert one["RootFS"] == again["RootFS"]
        assert one["Created"] == again["Created"]
    finally:
        subprocess.run([engine, "rmi", image], check=True, capture_output=True)
