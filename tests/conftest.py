"""Shared fixtures: the function as a process, and the real tools around it."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys

import pytest
from support import ROOT, tool

from krm_fn.core import budget


@pytest.fixture(autouse=True)
def whole_budget() -> None:
    """Each test is a call of its own."""
    budget.start()


@pytest.fixture(scope="session")
def kustomize() -> str:
    return tool("kustomize")


@pytest.fixture(scope="session")
def kpt() -> str:
    return tool("kpt")


@pytest.fixture(scope="session")
def command() -> str:
    """The krm-fn command as it is installed beside this Python."""
    return str(pathlib.Path(sys.executable).parent / "krm-fn")


@pytest.fixture(scope="session")
def env(command: str) -> dict[str, str]:
    """The environment with krm-fn and the fetched tools on PATH."""
    path = os.pathsep.join((str(pathlib.Path(command).parent), str(ROOT / "bin"), os.environ.get("PATH", "")))
    return {**os.environ, "PATH": path}


class Answer:
    """What one call of the function gave back."""

    def __init__(self, done: subprocess.CompletedProcess[bytes]) -> None:
        self.status = done.returncode
        self.stdout = done.stdout
        self.stderr = done.stderr.decode()

    @property
    def document(self):
        return json.loads(self.stdout)

    @property
    def items(self):
        return self.document["items"]

    @property
    def results(self):
        return self.document.get("results", [])

    @property
    def rules(self):
        return [result["tags"]["rule"] for result in self.results]


@pytest.fixture(scope="session")
def call(command):
    """Call the function as a process with a functionConfig and items, as JSON."""

    def run(config, items=(), **extra) -> Answer:
        document = {
            "apiVersion": "config.kubernetes.io/v1",
            "kind": "ResourceList",
            "functionConfig": config,
            "items": list(items),
        }
        return Answer(subprocess.run([command], input=json.dumps(document).encode(), capture_output=True, **extra))

    return run
