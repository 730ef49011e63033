"""Commands whose work is shared or cut up, as processes."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time

import pytest
from distributed import Client

KRM_FN = [sys.executable, "-m", "krm_fn"]
VM = """\
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata: {{name: vm-{n}, namespace: shop}}
spec:
  runStrategy: Always
  instancetype: {{name: u1.medium}}
  preference: {{name: fedora}}
  template: {{spec: {{domain: {{devices: {{}}}}, hostname: vm-{n}}}}}
"""


@pytest.fixture
def fleet(tmp_path):
    (tmp_path / "fleet.yaml").write_text("---\n".join(VM.format(n=n) for n in range(300)))
    return tmp_path


def krm_fn(folder, *arguments, status=0):
    done = subprocess.run([*KRM_FN, *arguments], cwd=folder, capture_output=True, text=True)
    assert done.returncode == status, done.stderr
    return done


@pytest.mark.parametrize(
    "more", [[], ["--mode", "pin"], ["-o", "json"], ["--revisions", "controllerRevision"]], ids=str
)
def test_two_processes_write_the_same_bytes(fleet, more):
    assert (
        krm_fn(fleet, "render", "-j", "2", *more, "fleet.yaml").stdout
        == krm_fn(fleet, "render", *more, "fleet.yaml").stdout
    )


def test_shards_behind_each_other_are_the_whole(fleet):
    shards = [krm_fn(fleet, "render", "--shard", f"{n}/3", "fleet.yaml").stdout for n in (1, 2, 3)]
    assert "".join(shards) == krm_fn(fleet, "render", "fleet.yaml").stdout


def test_shards_fill_a_directory_that_does_not_change_again(fleet):
    for _ in (1, 2):
        for number in (1, 2, 3):
            krm_fn(fleet, "render", "--mode", "pin", "--shard", f"{number}/3", "fleet.yaml", "-O", "shards/")
    krm_fn(fleet, "render", "--mode", "pin", "fleet.yaml", "-O", "whole/")
    whole, shards = ({path.name: path.read_text() for path in (fleet / name).iterdir()} for name in ("whole", "shards"))
    assert shards == whole
    assert len(whole) == 900


def test_findings_have_their_lines_whoever_found_them(fleet):
    text = (fleet / "fleet.yaml").read_text().replace("hostname: vm-250", "hostnam: vm-250")
    (fleet / "fleet.yaml").write_text(text)
    alone = krm_fn(fleet, "validate", "fleet.yaml", status=1)
    assert krm_fn(fleet, "validate", "-j", "2", "fleet.yaml", status=1).stdout == alone.stdout
    assert "hostnam" in krm_fn(fleet, "validate", "--shard", "3/3", "fleet.yaml", status=1).stdout
    assert "100 valid, 0 invalid" in krm_fn(fleet, "validate", "--shard", "1/3", "fleet.yaml").stdout


@pytest.mark.parametrize(
    ("option", "said"),
    [
        (["-j", "0"], "from 1 on"),
        (["--shard", "3/2"], "such as 2/5"),
        (["--executor", "ray:x"], "write dask:ADDRESS"),
    ],
    ids=str,
)
def test_unusable_options_are_said(fleet, option, said):
    done = subprocess.run([*KRM_FN, "render", *option, "fleet.yaml"], cwd=fleet, capture_output=True, text=True)
    assert done.returncode == 3
    assert said in done.stderr


def test_a_dask_worker_that_dies_takes_nothing_along(fleet):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    worker = [
        sys.executable,
        "-m",
        "distributed.cli.dask_worker",
        address,
        "--nthreads",
        "1",
        "--host",
        "127.0.0.1",
        "--no-dashboard",
        "--no-nanny",
    ]
    scheduler = [
        sys.executable,
        "-m",
        "distributed.cli.dask_scheduler",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--no-dashboard",
    ]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    started = [subprocess.Popen(command, **quiet) for command in (scheduler, worker, worker)]
    try:
        alone = krm_fn(fleet, "render", "fleet.yaml").stdout
        call = [*KRM_FN, "render", "--executor", f"dask:{address}", "fleet.yaml"]
        with Client(address, timeout=60) as client:
            client.wait_for_workers(2, timeout=60)
        assert subprocess.run(call, cwd=fleet, capture_output=True, text=True).stdout == alone
        running = subprocess.Popen(call, cwd=fleet, stdout=subprocess.PIPE, text=True)
        time.sleep(0.5)
        os.kill(started[1].pid, signal.SIGKILL)
        assert running.communicate(timeout=60)[0] == alone
        assert running.returncode == 0
    finally:
        for process in started:
            process.kill()
            process.wait()
