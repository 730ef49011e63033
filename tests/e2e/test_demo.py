"""The demo shows what it says: both sides, what an overlay changes, a mistake."""

from __future__ import annotations

import subprocess

from support import ROOT


def test_the_demo_shows_input_output_difference_and_a_mistake(kustomize, env):
    assert kustomize
    done = subprocess.run(["bash", "tests/tools/demo.sh"], cwd=ROOT, env=env, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert any(line.startswith("spec:   ") and "| " in line for line in lines)
    assert "-          sockets: 1" in lines
    assert "+          guest: 16Gi" in lines
    (mistake,) = [line for line in lines if line.startswith("error: ")]
    assert "did you mean web.small" in mistake
    assert max(map(len, lines)) < 250
