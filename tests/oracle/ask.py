"""A program of KubeVirt's code as something to ask: cases in, what KubeVirt says of each out."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pathlib

FIELDS = ("id", "vm", "instancetype", "preference", "defaults")


class Oracle:
    """One running program; `expect(case)` is what KubeVirt makes of a case. Use it as a context manager."""

    def __init__(self, binary: pathlib.Path) -> None:
        self.process = subprocess.Popen([binary], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(timeout=30)

    def expect(self, case: dict) -> dict:
        self.process.stdin.write(json.dumps({key: case.get(key) for key in FIELDS}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"the oracle ended at {json.dumps(case)[:2000]}")
        return json.loads(line)["expect"]
