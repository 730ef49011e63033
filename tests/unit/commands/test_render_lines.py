"""Where render's mistakes are: the file with the line, in colours where somebody looks."""

from __future__ import annotations

import pytest

from krm_fn.main import main

VM = """\
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata: {name: shop}
spec:
  runStrategy: Always
  instancetype:
    name: u1.medum
  template:
    spec:
      domain: {devices: {}}
"""


@pytest.fixture
def said(tmp_path, capsys):
    def render(*options, before=""):
        (tmp_path / "vm.yaml").write_text(before + VM)
        assert main(["render", *options, str(tmp_path / "vm.yaml")]) == 1
        return capsys.readouterr().err

    return render


def test_a_mistake_has_its_line(said):
    assert "vm.yaml:7: VirtualMachine shop: spec.instancetype.name: there is no" in said()


def test_the_line_is_that_of_the_file(said):
    assert "vm.yaml:11: VirtualMachine shop" in said(before="apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n---\n")


def test_colours_are_for_terminals_or_as_asked(said):
    assert "\x1b" not in said()
    assert said("--color", "always").startswith("\x1b[31merror\x1b[0m: ")
