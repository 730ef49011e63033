"""What tests share beside fixtures: where the project lies, the real tools, functionConfigs."""

from __future__ import annotations

import os
import pathlib
import shutil

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
CI = bool(os.environ.get("CI"))


def tool(name: str) -> str:
    """The path of a real tool; without it the test fails in CI and is skipped, by name, elsewhere."""
    path = shutil.which(name, path=os.pathsep.join((str(ROOT / "bin"), os.environ.get("PATH", ""))))
    if path is None:
        message = f"{name} is not on this machine and could not be fetched: run `make tools`"
        pytest.fail(message) if CI else pytest.skip(message)
    return path


def config(kind: str, **spec):
    """A functionConfig of ours."""
    return {"apiVersion": "krm-fn.dev/v1alpha1", "kind": kind, "metadata": {"name": "test"}, "spec": spec}
