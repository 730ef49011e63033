"""What the writer writes is what kustomize's YAML reader (go-yaml) reads, and the other way round."""

from __future__ import annotations

import random
import subprocess
import sys

from support import ROOT

from krm_fn.core import wire

sys.path.append(str(ROOT / "tests" / "unit" / "core"))
from wire_samples import WORDS, text


def can_pass(word: str) -> bool:
    """Not what kustomize's own JSON step refuses or changes: control characters, half of the Unicode spaces."""
    return all(char.isprintable() or char in "\n\t" for char in word)


def test_awkward_text_survives_kustomize(kustomize, tmp_path):
    source = random.Random(1)
    words = sorted({word for word in (*WORDS, *(text(source) for _ in range(1500))) if can_pass(word)})
    keys = [word for word in words if word not in ("", "<<") and len(word) < 128]
    spec = {"values": words, "keys": {key: key for key in keys}, "numbers": [wire.Float("1.10"), 10**15, -5, 1e22]}
    item = {"apiVersion": "example.com/v1", "kind": "Sample", "metadata": {"name": "words"}, "spec": spec}
    (tmp_path / "words.yaml").write_text(wire.write_yaml([item]), encoding="utf-8")
    (tmp_path / "kustomization.yaml").write_text("resources: [words.yaml]\n")
    done = subprocess.run([kustomize, "build", str(tmp_path)], capture_output=True)
    assert done.returncode == 0, done.stderr.decode()[-300:]
    (built,) = wire.read(done.stdout)
    assert built == item


def test_a_manifest_is_written_as_kustomize_writes_it(kustomize, tmp_path):
    item = {
        "apiVersion": "v1",
        "data": {
            "1": "yes",
            "cloud-init": "#cloud-config\nusers:\n- default\n\n",
            "empty": "",
            "flag": "on",
            "json": '{"a": "b: c"}',
            "mac": "02:00:00:aa:bb:cc",
            "mode": "0777",
            "note": "it's: here",
            "size": "2Gi",
            "url": "https://example.com/a?b=c#d",
            "version": "1.10",
        },
        "kind": "ConfigMap",
        "metadata": {"annotations": {"a.b/c": "true"}, "name": "texts"},
    }
    (tmp_path / "texts.yaml").write_text(wire.write_yaml([item]))
    (tmp_path / "kustomization.yaml").write_text("resources: [texts.yaml]\n")
    done = subprocess.run([kustomize, "build", str(tmp_path)], capture_output=True, check=True)
    assert done.stdout.decode() == wire.write_yaml([item])
