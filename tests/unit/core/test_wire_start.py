"""What reading and writing import: a process starts for each call of the function."""

from __future__ import annotations

import subprocess
import sys
import types

import pytest
import yaml
from krm_fn.core.wire import block
from wire_samples import MANIFEST

from conftest import ROOT
from krm_fn.core import wire
from krm_fn.core.errors import InputError

PLAIN = """
import sys
from krm_fn.core import wire
documents = wire.read(sys.stdin.buffer.read())
wire.write_yaml(documents), wire.write_json(documents), wire.canonical_json(documents)
wire.read_documents(b"a: 1")
print(*sorted({"yaml", "json", "re", "typing", "enum", "dataclasses"} & set(sys.modules)))
"""


def test_block_yaml_needs_no_parser_module():
    # -S: what a site-packages hook imports isn't ours.
    done = subprocess.run([sys.executable, "-S", "-c", PLAIN], input=MANIFEST.encode(), capture_output=True, check=True)
    assert done.stdout.decode().split() == []


def test_packaged_catalogs_need_no_parser_module():
    found = list((ROOT / "catalog").rglob("*.yaml"))
    assert found
    assert [path for path in found if block.load(path.read_text(encoding="utf-8")) is None] == []


def test_without_libyaml_the_rest_is_refused_not_read_by_another_parser(monkeypatch):
    monkeypatch.setattr(yaml, "__with_libyaml__", False)
    assert wire.read(MANIFEST.encode())[0]["kind"] == "VirtualMachine"
    with pytest.raises(
        InputError, match=r"^f: this input needs a full YAML parser, .* built without libyaml; install a PyYAML wheel"
    ):
        wire.read(b"a: >\n  folded\n", "f")


def test_a_pyyaml_built_without_libyaml_says_so(monkeypatch):
    """The flag above is what PyYAML itself sets when its extension module is missing."""
    for name in [name for name in sys.modules if name == "yaml" or name.startswith("yaml.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "yaml._yaml", None)
    import yaml as rebuilt

    assert isinstance(rebuilt, types.ModuleType)
    assert rebuilt.__with_libyaml__ is False
    with pytest.raises(InputError, match="built without libyaml"):
        wire.read(b"a: !!str 1")
