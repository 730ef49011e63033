"""Every system call of the function: only its own files are read, nothing is written, no socket, no process."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
from support import ROOT, tool

from security.calls import DOCUMENTS

TRACED = "trace=%file,%network,%process,openat,creat,socket"
CALL = re.compile(r"^\d+\s+(?P<name>\w+)\((?P<arguments>.*)\)\s+= (?P<result>-?\d+)", re.DOTALL)
READABLE = (
    *{os.path.realpath(path) for path in (sys.prefix, sys.base_prefix, os.path.dirname(os.__file__))},
    *(str(ROOT / name) for name in ("krm_fn", "catalog", "schemas", ".venv")),
    *(
        "/lib/",
        "/usr/lib/",
        "/usr/local/lib/",
        "/usr/share/locale/",
        "/usr/share/zoneinfo/",
        "/etc/ld.so.cache",
        "/etc/localtime",
        "/etc/locale.alias",
        "/etc/ssl/openssl.cnf",
    ),
    *("/proc/self/", "/proc/sys/", "/sys/devices/system/cpu"),
)
"""The interpreter, the packaged files, and what the C library and OpenSSL read as they start."""
LOOKING = {
    "access",
    "faccessat",
    "faccessat2",
    "getcwd",
    "lstat",
    "newfstatat",
    "readlink",
    "readlinkat",
    "stat",
    "statx",
    "statfs",
}
"""Calls that look at a path and open nothing: how the interpreter finds itself."""
STARTING_AND_ENDING = {"execve", "exit_group", "exit"}


@pytest.fixture(scope="module", params=DOCUMENTS)
def calls(request, tmp_path_factory, env) -> list[tuple[str, str]]:
    """Name and arguments of every successful traced call while one request is answered."""
    from security.calls import request as body

    log = tmp_path_factory.mktemp("trace") / "calls"
    command = [tool("strace"), "-f", "-qq", "-s", "4096", "-e", TRACED, "-o", log, sys.executable, "-B", "-m", "krm_fn"]
    done = subprocess.run(command, input=body(request.param), env=env, cwd=ROOT, capture_output=True)
    assert done.returncode in (0, 1), done.stderr.decode()
    assert done.stdout
    found = [CALL.match(line) for line in log.read_text().splitlines()]
    return [(call["name"], call["arguments"]) for call in found if call and int(call["result"]) >= 0]


def test_nothing_is_opened_for_writing(calls):
    opened = [arguments for name, arguments in calls if name in ("open", "openat", "creat")]
    assert opened
    assert [
        arguments for arguments in opened if re.search(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND|O_TMPFILE", arguments)
    ] == []


def test_only_the_interpreter_and_packaged_files_are_read(calls):
    paths = [re.search(r'"([^"]*)"', arguments)[1] for name, arguments in calls if name in ("open", "openat")]
    outside = {os.path.realpath(path) for path in paths if not os.path.realpath(path).startswith(READABLE)}
    # the list of a folder is how the interpreter finds modules: the folder that it was started in among them
    assert {path for path in outside if not os.path.isdir(path)} == set()


def test_there_is_no_other_call(calls):
    """No socket, no process, no change of a file: nothing but looking, opening to read, starting and ending."""
    names = {name for name, _ in calls}
    assert names - LOOKING - STARTING_AND_ENDING - {"open", "openat"} == set()
    assert [name for name, _ in calls].count("execve") == 1
