"""What the writer writes is what kustomize's YAML reader (go-yaml) reads, and the other way round."""

from __future__ import annotations

import pathlib
import random
import subprocess
import sys

from krm_fn.core import wire

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "unit" / "core"))
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


PLAIN = """
0400 0777 08 00 0_7 0x1F 0X1F -0x1F 0x_1F 0o17 0O17 0o18 0b101 0B11 0b12 1_000 1__0 +5 -0 -010 +08 1e3 1.e3 .5 +.5 .1_5 ._5
7e91234 -1e400 1e-400 0x4Bd91c27a05E6F8830D1b2C94e7fA6635081CdE2 0xFFFFFFFFFFFFFFFF 0x10000000000000000 -0x8000000000000001
9223372036854775808 1:30 10.0.0.1 1.2.3 0x1p-2 1e 2Gi yes on y = tRUE True NULL ~ 01777777777777777777777 02000000000000000000000
"""


def test_unquoted_text_means_what_it_means_to_kustomize(kustomize, tmp_path):
    words = PLAIN.split()
    (tmp_path / "words.yaml").write_text(
        "apiVersion: example.com/v1\nkind: Sample\nmetadata: {name: words}\nspec:\n"
        + "".join(f"- {w}\n" for w in words)
    )
    (tmp_path / "kustomization.yaml").write_text("resources: [words.yaml]\n")
    done = subprocess.run([kustomize, "build", str(tmp_path)], capture_output=True, check=True)
    (built,) = wire.read(done.stdout)
    (ours,) = wire.read((tmp_path / "words.yaml").read_bytes())
    assert [*zip(words, map(meaning, ours["spec"]), strict=True)] == [
        *zip(words, map(meaning, built["spec"]), strict=True)
    ]


def meaning(value):
    return type(value) if isinstance(value, (str, bool, type(None))) else float(value)
