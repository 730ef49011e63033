"""How the process ends when its streams, its input or its disk are not what it hopes for. Status 2 is for bugs only."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from support import config

from krm_fn.main import main

PROGRAM = [sys.executable, "-m", "krm_fn"]
VM = {
    "apiVersion": "kubevirt.io/v1",
    "kind": "VirtualMachine",
    "metadata": {"name": "web"},
    "spec": {
        "runStrategy": "Halted",
        "instancetype": {"name": "u1.small"},
        "template": {"spec": {"domain": {"devices": {}}}},
    },
}
OLD = """\
# size, kept for the old cluster
apiVersion: instancetype.kubevirt.io/v1alpha1
kind: VirtualMachineInstancetype
metadata: {name: old, annotations: {note: Größe für alle 🚀}}
spec: {cpu: {guest: 1}, memory: {guest: 1Gi}}
"""


def resource_list(function, *items):
    return json.dumps(
        {
            "apiVersion": "config.kubernetes.io/v1",
            "kind": "ResourceList",
            "items": list(items),
            "functionConfig": function,
        }
    )


CATALOG = resource_list(config("CatalogGenerator", scope="Namespaced", include=["u1.medium"]))


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "vm.yaml").write_text(json.dumps(VM))
    (tmp_path / "old.yaml").write_text(OLD)
    (tmp_path / "in.json").write_text(CATALOG)
    return tmp_path


def shell(line, folder, **environment):
    """A shell line with krm-fn in it, as (status, stdout, stderr)."""
    done = subprocess.run(
        ["bash", "-c", line.replace("krm-fn", f"{sys.executable} -m krm_fn")],
        cwd=folder,
        capture_output=True,
        timeout=60,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


COMMANDS = [
    "render vm.yaml",
    "convert old.yaml",
    "catalog list",
    "schema",
    "schema VirtualMachine",
    "validate vm.yaml",
    "check vm.yaml",
    "--help",
    "--version",
]


@pytest.mark.parametrize("command", [*COMMANDS, "< in.json"])
def test_a_full_disk_behind_stdout_is_one_line_and_status_3(folder, command):
    status, _, err = shell(f"krm-fn {command} >/dev/full", folder)
    assert "Traceback" not in err
    assert "bug" not in err
    if command != "check vm.yaml":  # that finds something before
        assert (status, err.splitlines()[-1]) == (3, "error: stdout: No space left on device")


@pytest.mark.parametrize("command", ["render vm.yaml", "validate vm.yaml", "catalog list", "--help", "< in.json"])
@pytest.mark.parametrize("closed", ["2>&-", ">&-", "<&- >&- 2>&-"])
def test_closed_streams_are_no_bugs(folder, command, closed):
    if "<" in command and "<" in closed:
        pytest.skip("stdin is given")
    status, _, err = shell(f"krm-fn {command} {closed}", folder)
    assert "Traceback" not in err
    assert status in ((3,) if ">&-" in closed.replace("2>&-", "") and "vm.yaml" not in command else (0, 1, 3))


def test_a_closed_stdin_is_no_wish_for_help(folder):
    status, out, err = shell("krm-fn <&-", folder)
    assert (status, out) == (3, "")
    assert err.startswith("error: stdin is closed")


def test_a_closed_stdout_is_not_taken_for_done(folder):
    assert shell("krm-fn < in.json >&-", folder) == (3, "", "error: stdout: Bad file descriptor\n")


def test_a_file_that_is_not_there_is_status_3_with_stderr_closed(folder):
    assert shell("krm-fn render nosuch.yaml 2>&-", folder) == (3, "", "")


def test_a_reader_that_goes_away_gets_no_traceback(folder):
    status, _, err = shell(
        "set -o pipefail; krm-fn catalog show '*' --catalog aws | true; exit ${PIPESTATUS[0]}", folder
    )
    assert (status, err) == (3, "")


@pytest.mark.parametrize("arguments", [[], ["render", "-"], ["validate", "-"], ["convert", "-"]])
def test_an_interrupt_is_quiet(arguments):
    with subprocess.Popen(
        [*PROGRAM, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (130, b"", b"")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-16"])
def test_what_is_written_is_utf_8_whatever_the_environment_says(folder, encoding):
    _, out, _ = shell("krm-fn convert old.yaml", folder, PYTHONIOENCODING=encoding, LC_ALL="C")
    assert "note: Größe für alle 🚀" in out
    broken = {**VM, "metadata": {"name": "büro"}, "spec": {**VM["spec"], "grüße": 1}}
    (folder / "büro.yaml").write_text(json.dumps(broken, ensure_ascii=False))
    status, out, _ = shell("krm-fn validate büro.yaml", folder, PYTHONIOENCODING=encoding, LC_ALL="C")
    assert status == 1
    assert "spec.grüße" in out
    status, _, err = shell("krm-fn render büro.yaml", folder, PYTHONIOENCODING=encoding, LC_ALL="C")
    assert status == 1
    assert "VirtualMachine büro" in err


@pytest.mark.parametrize(
    ("command", "path"),
    [
        ("render vm.yaml -O vm.yaml/", "vm.yaml"),
        ("render vm.yaml -O missing/folder/out.yaml", "missing/folder/out.yaml"),
        ("render vm.yaml -O vm.yaml/x/y.yaml", "vm.yaml/x/y.yaml"),
        ("convert old.yaml -O /proc/nothing", "/proc/nothing"),
        ("convert old.yaml -O .", "."),
        ("validate vm.yaml -O missing/report", "missing/report"),
        ("validate vm.yaml -o sarif -O /dev/full", "/dev/full"),
        ("catalog show u1.small -O vm.yaml/", "vm.yaml"),
        ("catalog build -O vm.yaml", "vm.yaml"),
        ("schema VirtualMachine -O missing/x.json", "missing/x.json"),
    ],
)
def test_an_output_that_can_not_be_written_is_one_line_with_its_path(folder, command, path):
    status, _, err = shell(f"krm-fn {command}", folder)
    assert status == 3
    assert "Traceback" not in err
    assert err.splitlines()[-1].startswith(f"error: {path}")


def test_a_disk_that_fills_up_leaves_every_file_as_it_was(folder):
    (folder / "big.yaml").write_text("---\n".join([OLD] * 150))
    before = (folder / "big.yaml").read_bytes()
    status, _, err = shell("ulimit -f 8; krm-fn convert -i old.yaml big.yaml", folder)
    assert (status, "big.yaml: File too large" in err) == (3, True)
    assert (folder / "big.yaml").read_bytes() == before
    assert (folder / "old.yaml").read_text() == OLD
    assert sorted(os.listdir(folder)) == ["big.yaml", "in.json", "old.yaml", "vm.yaml"]


@pytest.mark.parametrize(
    "command", [["convert"], ["adopt"], ["render"], ["validate"], ["render", "--unrender"], ["generate"], ["check"]]
)
@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: kubevirt.io/v1\nkind: VirtualMachine\nmetadata: {name: a}\nspec: {running: !!bool maybe}\n",
        "apiVersion: kubevirt.io/v1\nkind: VirtualMachine\nspec:\n  ? {a: b}\n  : x\n",
        "apiVersion: kubevirt.io/v1\nkind: VirtualMachine\nmetadata: {name: a}\nspec: !!timestamp x\n",
        '{"apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine", "metadata": {"name": "\\ud83d"}}',
        "apiVersion: kubevirt.io/v1\nkind: VirtualMachine\nmetadata: []\nspec: 1\n",
        """{"apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine", "metadata": {"name": "a", "annotations":
        {"krm-fn.dev/instancetype-revision": "{\\"spec\\": 1}"}}}""",
        "kind: VirtualMachine\n",
        "\ufeff",
        "%YAML 9.9\n---\nkind: List\nitems: [1]\n",
    ],
)
def test_odd_manifests_are_no_bugs(tmp_path, capsys, command, text):
    (tmp_path / "odd.yaml").write_text(text)
    assert main([*command, str(tmp_path / "odd.yaml")]) in (0, 1, 3)
    assert "Traceback" not in capsys.readouterr().err


def test_json_with_a_character_in_two_escapes_is_converted(tmp_path):
    (tmp_path / "a.json").write_text(
        '{"apiVersion": "instancetype.kubevirt.io/v1alpha1", "kind": "VirtualMachineInstancetype", "metadata": '
        '{"name": "a", "annotations": {"note": "\\ud83d\\ude80 \\\\\\ud83d\\uDE80"}}, "spec": {"cpu": {"guest": 1}, "memory": {"guest": "1Gi"}}}'
    )
    status, out, _ = shell("krm-fn convert a.json", tmp_path)
    assert status == 0
    assert json.loads(out)["metadata"]["annotations"]["note"] == "🚀 \\🚀"


FIELDS = [
    ("VirtualMachineRenderer", {}, field)
    for field in (
        "mode",
        "catalogs",
        "revisions",
        "validate",
        "defaults",
        "selector",
        "severity",
        "references",
        "schemas",
    )
]


@pytest.mark.parametrize(
    ("kind", "spec", "field"),
    [
        *FIELDS,
        ("ManifestValidator", {}, "references"),
        ("CatalogGenerator", {"include": ["u1.small"]}, "override"),
        ("InstancetypeSeries", {"sizes": {"a": "1x1Gi"}}, "variants"),
        ("PreferenceSeries", {"members": {"a": {}}}, "traits"),
    ],
)
def test_a_field_that_is_null_is_absent(kind, spec, field):
    wrong = {**VM, "spec": {**VM["spec"], "wrong": 1}}
    answers = []
    for given in (spec, {**spec, field: None}):
        done = subprocess.run(PROGRAM, input=resource_list(config(kind, **given), wrong).encode(), capture_output=True)
        answers.append((done.returncode, json.loads(done.stdout)["items"], done.stderr))
    assert answers[0] == answers[1]


@pytest.mark.parametrize(
    "selector", [{"names": None}, {"matchLabels": {"a": None}}, {"matchExpressions": [{"key": "a", "operator": "DoesNotExist", "values": None}]}]
)  # fmt: skip
def test_nulls_below_are_absent_as_well(selector):
    done = subprocess.run(
        PROGRAM,
        input=resource_list(config("VirtualMachineRenderer", selector=selector), VM).encode(),
        capture_output=True,
    )
    assert done.returncode == 0
    assert "instancetype" not in json.loads(done.stdout)["items"][0]["spec"]


def validator(schemas):
    return resource_list(config("ManifestValidator", schemas=schemas), VM).encode()


@pytest.mark.parametrize("where", ["/etc", "..", "link"])
def test_a_function_reads_no_files_elsewhere(tmp_path, where):
    (tmp_path / "build").mkdir()
    (tmp_path / "build/link").symlink_to("/etc")
    done = subprocess.run(PROGRAM, input=validator(where), capture_output=True, cwd=tmp_path / "build")
    assert (done.returncode, done.stdout) == (3, b"")
    assert done.stderr.startswith(f"error: spec.schemas {where}: is not below the working directory".encode())


def test_a_schema_that_is_no_regular_file_is_refused(tmp_path):
    (tmp_path / "schemas").mkdir()
    os.mkfifo(tmp_path / "schemas/VirtualMachine.json")
    done = subprocess.run(PROGRAM, input=validator("schemas"), capture_output=True, cwd=tmp_path, timeout=20)
    assert done.returncode == 3
    assert b"schemas/VirtualMachine.json: is not a regular file" in done.stderr


@pytest.mark.parametrize("target", ["-O out", "--oci out"])
def test_a_kind_that_is_a_path_makes_no_bundle(tmp_path, target):
    (tmp_path / "work").mkdir()
    (tmp_path / "work/in.yaml").write_text("{apiVersion: v1, kind: ../../x, metadata: {name: e}}\n")
    status, _, err = shell(f"krm-fn catalog build in.yaml {target}", tmp_path / "work")
    assert status == 3
    assert "the kind '../../x' is no word" in err
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["in.yaml"]
