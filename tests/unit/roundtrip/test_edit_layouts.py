"""Files in many layouts, with a comment at every place that can have one: edits keep all of them and nothing else changes."""

from __future__ import annotations

import random
import re

import pytest

from krm_fn.commands.adopt import rewrite
from krm_fn.core.errors import InputError
from krm_fn.core.manifest import copy_tree
from krm_fn.kubevirt.api import CLUSTER_INSTANCETYPE, CLUSTER_PREFERENCE
from krm_fn.migrate.adopt import adopt
from krm_fn.migrate.convert import convert
from krm_fn.roundtrip.document import read, write
from krm_fn.roundtrip.edit import plain
from krm_fn.series.catalog import Catalog

SPECS = [
    {"cpu": {"preferredCPUTopology": "preferCores"}, "firmware": {"preferredUseEfi": True, "preferredUseSecureBoot": True},
     "preferSpreadSocketToCoreRatio": 4, "devices": {"preferredDiskBus": "virtio"}},
    {"preferSpreadSocketToCoreRatio": 0, "firmware": {"preferredUseEfi": False}},
    {"firmware": {"preferredUseEfi": True, "preferredEfi": {"persistent": True}}, "machine": {"preferredMachineType": "q35"}},
    {"preferSpreadSocketToCoreRatio": 3, "cpu": {"spreadOptions": {"across": "SocketsCores"}, "preferredCPUTopology": "preferSpread"},
     "clock": {"preferredTimer": {"hpet": {"present": False}}}, "features": {"preferredAcpi": {}}},
    {"annotations": {"a": "b"}, "firmware": {"preferredUseSecureBoot": False, "preferredUseEfi": True}},
]  # fmt: skip


class Layout:
    """Writes mappings as YAML with seeded choices of indentation, flow style, blank lines and comments."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.comments = 0
        self.indent = self.random.choice((2, 4))

    def comment(self):
        self.comments += 1
        return f"# c{self.comments}."

    def maybe(self, chance):
        return self.random.random() < chance

    def block(self, value, column):
        lines = []
        for key, item in value.items():
            if self.maybe(0.4):
                lines.append(" " * column + self.comment())
            if self.maybe(0.15):
                lines.append("")
            head = " " * column + f"{key}:"
            tail = f"  {self.comment()}" if self.maybe(0.5) else ""
            if isinstance(item, dict) and item and not self.maybe(0.2):
                lines += [head + tail, *self.block(item, column + self.indent)]
            elif isinstance(item, list) and not self.maybe(0.2):
                lines += [head + tail, *(line for one in item for line in self.item(one, column))]
            else:
                lines.append(f"{head} {self.flow(item)}{tail}")
        return lines

    def item(self, value, column):
        first, *rest = self.block(value, column + 2)
        while first.lstrip()[:1] in ("#", ""):
            first, *rest = [*rest, first] if not rest[0].lstrip().startswith("#") else [rest[0], *rest[1:], first]
        return [f"{' ' * column}- {first.lstrip()}", *rest]

    def flow(self, item):
        if isinstance(item, list):
            return "[" + ", ".join(self.flow(value) for value in item) + "]"
        if isinstance(item, dict):
            return "{" + ", ".join(f"{key}: {self.flow(value)}" for key, value in item.items()) + "}"
        return {True: "true", False: "false"}.get(item, item) if isinstance(item, bool) else str(item)


def document(seed):
    layout = Layout(seed)
    spec = SPECS[seed % len(SPECS)]
    value = {"apiVersion": "instancetype.kubevirt.io/v1alpha2", "kind": "VirtualMachinePreference",
             "metadata": {"name": "p", "labels": {"x": "y"}}, "spec": copy_tree(spec)}  # fmt: skip
    if layout.maybe(0.3):
        value = {key: value[key] for key in ("kind", "spec", "metadata", "apiVersion")}
    return "\n".join([layout.comment(), *layout.block(value, 0), layout.comment()]) + "\n", value


@pytest.mark.parametrize("seed", range(60))
def test_every_comment_survives_a_conversion_once(seed):
    text, value = document(seed)
    (parsed,) = read(text.encode(), "f")
    assert plain(parsed.content) == value
    convert([parsed.content])
    parsed.edited = True
    written = write([parsed])
    wanted = copy_tree(value)
    convert([wanted])
    (again,) = read(written.encode(), "f")
    assert plain(again.content) == wanted, written
    assert sorted(re.findall(r"# c\d+\.", written)) == sorted(re.findall(r"# c\d+\.", text)), written


VM = {
    "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine", "metadata": {"name": "vm"},
    "spec": {"runStrategy": "Always", "template": {
        "metadata": {"annotations": {"vm.kubevirt.io/os": "linux"}, "labels": {"x": "y"}},
        "spec": {
            "domain": {
                "cpu": {"sockets": 2}, "memory": {"guest": "8Gi"}, "resources": {"requests": {"memory": "8Gi"}},
                "devices": {
                    "disks": [{"name": "a", "disk": {"bus": "virtio"}}, {"name": "b", "cdrom": {"bus": "sata"}}],
                    "interfaces": [{"name": "default", "model": "virtio", "masquerade": {}}], "rng": {}},
                "machine": {"type": "q35"}},
            "networks": [{"name": "default", "pod": {}}],
            "volumes": [{"name": "a", "emptyDisk": {"capacity": "1Gi"}}, {"name": "b", "emptyDisk": {"capacity": "1Gi"}}]}}},
}  # fmt: skip


@pytest.fixture(scope="module")
def candidates():
    common = Catalog(["common"])
    return (
        [common.find(CLUSTER_INSTANCETYPE, name) for name in ("u1.large", "cx1.large")],
        [common.find(CLUSTER_PREFERENCE, name) for name in ("linux", "fedora")],
    )


@pytest.mark.parametrize("seed", range(60))
def test_every_comment_survives_an_adoption_once(seed, candidates):
    layout = Layout(seed)
    text = "\n".join([layout.comment(), *layout.block(VM, 0), layout.comment()]) + "\n"
    (parsed,) = read(text.encode(), "f")
    assert plain(parsed.content) == VM
    found = adopt(VM, *candidates)
    assert found.preference["metadata"]["name"] == "linux"
    rewrite(parsed.content, found)
    parsed.edited = True
    written = write([parsed])
    (again,) = read(written.encode(), "f")
    wanted = copy_tree(VM)
    rewrite(wanted, found)
    assert plain(again.content) == wanted, written
    assert "memory" not in wanted["spec"]["template"]["spec"]["domain"]
    assert sorted(re.findall(r"# c\d+\.", written)) == sorted(re.findall(r"# c\d+\.", text)), written


SHARED = """\
x-base: &base  # what all have
  preferredUseEfi: true
  preferredUseSecureBoot: true
apiVersion: v1
kind: List
items:
- apiVersion: instancetype.kubevirt.io/v1alpha2
  kind: VirtualMachinePreference
  metadata: {name: a}
  spec:
    firmware: &f
      preferredUseEfi: true  # always
    cpu: &c {preferredCPUTopology: preferCores}
- apiVersion: instancetype.kubevirt.io/v1alpha2
  kind: VirtualMachinePreference
  metadata: {name: b}
  spec:
    firmware:
      <<: *f
      preferredUseSecureBoot: false
    cpu: *c
- apiVersion: instancetype.kubevirt.io/v1alpha2
  kind: VirtualMachinePreference
  metadata: {name: c}
  spec: {firmware: {<<: *base}, cpu: *c}
"""


def test_what_aliases_share_is_converted_in_each_place():
    (parsed,) = read(SHARED.encode(), "f")
    convert([parsed.content])
    parsed.edited = True
    written = write([parsed])
    (again,) = read(written.encode(), "f")
    specs = [item["spec"] for item in plain(again.content)["items"]]
    assert [spec["cpu"] for spec in specs] == [{"preferredCPUTopology": "cores"}] * 3
    assert [spec["firmware"] for spec in specs] == [
        {"preferredEfi": {}}, {"preferredEfi": {"secureBoot": False}}, {"preferredEfi": {"secureBoot": True}},
    ]  # fmt: skip
    assert plain(again.content)["x-base"] == {"preferredUseEfi": True, "preferredUseSecureBoot": True}
    assert (written.count("# always"), written.count("# what all have")) == (1, 1)


def test_a_file_with_aliases_that_is_not_edited_stays_as_it_is():
    assert write(read(SHARED.encode(), "f")) == SHARED


LAUGHS = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}, *a{n - 1}]\n" for n in range(1, 30))


def test_aliases_that_stand_for_too_much_are_refused():
    with pytest.raises(InputError, match="values, aliases counted"):
        read(LAUGHS.encode(), "f")
