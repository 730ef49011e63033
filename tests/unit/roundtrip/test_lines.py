"""Fields taken out line by line give the bytes that the careful way gives, or nothing."""

from __future__ import annotations

import pytest
from commandline import run

from krm_fn.commands import adopt as command
from krm_fn.core.wire import read, write_yaml
from krm_fn.kubevirt.api import CLUSTER_INSTANCETYPE, CLUSTER_PREFERENCE
from krm_fn.roundtrip import lines
from krm_fn.series.catalog import Catalog
from krm_fn.vm.expand import expand

TEXT = """\
spec:
  template:
    domain:
      cpu:
        cores: 2
      disks:
      - bus: virtio
        name: a
      - disk:
          bus: virtio
        name: b
    userData: |
      # no comment
      a: b
"""
BEFORE = ("spec", "template")


def vm(number):
    devices = {
        "disks": [{"name": "root", "disk": {}}, {"name": "ci", "disk": {}}],
        "interfaces": [{"name": "default", "masquerade": {}}],
    }
    return {
        "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine", "metadata": {"name": f"vm-{number}"},
        "spec": {"runStrategy": "Always", "template": {"spec": {
            "domain": {"devices": devices}, "networks": [{"name": "default", "pod": {}}],
            "volumes": [{"name": "root", "containerDisk": {"image": "x:1"}},
                        {"name": "ci", "cloudInitNoCloud": {"userData": "#cloud-config\na: 1\n"}}]}}},
    }  # fmt: skip


@pytest.fixture(scope="module")
def fleet():
    catalog = Catalog(["common"])
    plain = []
    for number, (size, wish) in enumerate(
        (s, p) for s in ("u1.medium", "cx1.large") for p in catalog.names(CLUSTER_PREFERENCE)
    ):
        made, findings = expand(
            vm(number), catalog.find(CLUSTER_INSTANCETYPE, size), catalog.find(CLUSTER_PREFERENCE, wish)
        )
        if not [each for each in findings if each.severity == "error"]:
            plain.append(made)
    return plain


def test_a_fleet_is_rewritten_as_the_careful_way_does(fleet, tmp_path, capsys, monkeypatch):
    file = tmp_path / "vms.yaml"
    file.write_text(write_yaml(fleet))
    calls = []
    real = lines.without

    def counted(*arguments):
        calls.append(real(*arguments))
        return calls[-1]

    monkeypatch.setattr(lines, "without", counted)
    assert run(command, str(file)) == 0
    fast = capsys.readouterr()
    assert len(calls) > len(fleet) / 2

    def refuse(*_):
        raise lines.NotPlainError

    monkeypatch.setattr(lines, "without", refuse)
    assert run(command, str(file)) == 0
    careful = capsys.readouterr()
    assert fast.err == careful.err
    assert read(fast.out.encode(), "fast") == read(careful.out.encode(), "careful")
    assert fast.out == careful.out


@pytest.mark.parametrize(
    ("path", "gone", "left"),
    [
        (("spec", "template", "domain", "cpu", "cores"), "        cores: 2\n", "      cpu: {}\n"),
        (("spec", "template", "domain", "cpu"), "      cpu:\n        cores: 2\n", "      disks:\n"),
        (("spec", "template", "domain", "disks", 0, "bus"), "      - bus: virtio\n", "      - name: a\n"),
        (("spec", "template", "domain", "disks", 1, "disk", "bus"), "          bus: virtio\n", "      - disk: {}\n"),
    ],
)
def test_a_field_goes_and_what_is_empty_then_says_so(path, gone, left):
    made = lines.without(TEXT, [path], BEFORE, {"instancetype": {"name": "u1.medium"}})
    assert gone not in made
    assert left in made
    assert "spec:\n  instancetype:\n    name: u1.medium\n  template:\n" in made
    assert "      # no comment\n      a: b\n" in made


@pytest.mark.parametrize(
    "text",
    [
        TEXT.replace("cores: 2", "cores: 2  # two"), TEXT.replace("cpu:", "cpu: &a"), TEXT.replace("\n", "\r\n"), TEXT.rstrip("\n"),
        TEXT.replace("      cpu:\n        cores: 2", "      cpu: {cores: 2}"), "# above\n" + TEXT, TEXT.replace("cpu:", '"cpu":'),
    ],
)  # fmt: skip
def test_what_is_not_plain_goes_the_careful_way(text):
    with pytest.raises(lines.NotPlainError):
        lines.without(
            text, [("spec", "template", "domain", "cpu", "cores")], BEFORE, {"instancetype": {"name": "u1.medium"}}
        )
