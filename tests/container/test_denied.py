"""The image under a seccomp profile that kills it at the first socket, process or file opened for writing."""

from __future__ import annotations

import json
import os

import pytest
from security.calls import DOCUMENTS, request

SOCKETS = ["socket", "socketpair", "connect", "bind", "listen", "accept", "accept4"]
PROCESSES = [
    "fork",
    "vfork",
    "clone3",
    "ptrace",
    "kill",
    "tkill",
    "memfd_create",
    "process_vm_readv",
    "process_vm_writev",
]
FILES = [
    "creat",
    "unlink",
    "unlinkat",
    "rename",
    "renameat",
    "renameat2",
    "mkdir",
    "mkdirat",
    "link",
    "linkat",
    "symlink",
]
FILES += [
    "symlinkat",
    "truncate",
    "ftruncate",
    "chmod",
    "fchmodat",
    "chown",
    "fchownat",
    "utimensat",
    "mknod",
    "mknodat",
    "openat2",
]
CLONE_THREAD = 0x10000
WRITING = os.O_RDWR, os.O_CREAT, os.O_TRUNC
"""runc itself opens a pipe with O_WRONLY after it has set the profile; what exists in the image is read-only anyway."""


@pytest.fixture(scope="module")
def profile(tmp_path_factory) -> str:
    """The profile's path. It is in force from the start of the program on, the engine's own preparations are before it."""
    rules: list[dict] = [{"names": SOCKETS + PROCESSES + FILES, "action": "SCMP_ACT_KILL_PROCESS"}]
    process = {"index": 0, "value": CLONE_THREAD, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}
    rules.append({"names": ["clone"], "action": "SCMP_ACT_KILL_PROCESS", "args": [process]})
    for call, index in (("open", 1), ("openat", 2)):
        for flag in WRITING:
            argument = {"index": index, "value": flag, "valueTwo": flag, "op": "SCMP_CMP_MASKED_EQ"}
            rules.append({"names": [call], "action": "SCMP_ACT_KILL_PROCESS", "args": [argument]})
    path = tmp_path_factory.mktemp("seccomp") / "profile.json"
    architectures = ["SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64"]
    path.write_text(json.dumps({"defaultAction": "SCMP_ACT_ALLOW", "architectures": architectures, "syscalls": rules}))
    return str(path)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_answer_is_the_same_under_denial(run_image, profile, name):
    free = run_image(data=request(name))
    denied = run_image(options=("--security-opt", f"seccomp={profile}", "--cap-drop", "ALL"), data=request(name))
    assert denied.returncode == free.returncode in (0, 1), denied.stderr.decode()
    assert denied.stdout == free.stdout != b""
    assert denied.stderr == free.stderr


@pytest.mark.parametrize(
    "program",
    [
        pytest.param("import os; os.fork()", id="process"),
        pytest.param("import os; os.open('/tmp/x', os.O_WRONLY | os.O_CREAT)", id="file"),
        pytest.param("import os; os.unlink('/etc/passwd')", id="removal"),
    ],
)
def test_the_profile_kills(run_image, profile, program):
    """Otherwise the test above could not fail."""
    options = ("--security-opt", f"seccomp={profile}", "--entrypoint", "/usr/bin/python3")
    assert run_image("-IS", "-c", program, options=options).returncode in (128 + 31, 159)
