from __future__ import annotations

import pytest
from commandline import run

from krm_fn.commands import adopt as command
from krm_fn.core.errors import InputError
from krm_fn.core.manifest import copy_tree
from krm_fn.core.wire import read, write_yaml
from krm_fn.kubevirt.api import CLUSTER_INSTANCETYPE, CLUSTER_PREFERENCE
from krm_fn.migrate import guest
from krm_fn.migrate.adopt import adopt, matcher
from krm_fn.migrate.settled import differences, memory, settled, vcpus
from krm_fn.series.catalog import Catalog
from krm_fn.vm.expand import expand


@pytest.fixture(scope="module")
def common():
    catalog = Catalog(["common"])
    return [
        {name: catalog.find(kind, name) for name in catalog.names(kind)}
        for kind in (CLUSTER_INSTANCETYPE, CLUSTER_PREFERENCE)
    ]


def machine(domain=None, name="vm", **spec):
    return {
        "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine", "metadata": {"name": name},
        "spec": {"runStrategy": "Always", **spec,
                 "template": {"spec": {
                     "domain": {"devices": {"disks": [{"name": "root", "disk": {}}], "interfaces": [{"name": "default"}]},
                                **(domain or {})},
                     "networks": [{"name": "default", "pod": {}}],
                     "volumes": [{"name": "root", "containerDisk": {"image": "example.com/os:1"}}]}}},
    }  # fmt: skip


def found(vm, common, *, accepted=()):
    return adopt(vm, list(common[0].values()), list(common[1].values()), frozenset(accepted))


def without(vm, paths):
    short = copy_tree(vm)
    for path in paths:
        parent = short
        for key in path[:-1]:
            parent = parent[key]
        del parent[path[-1]]
    return short


@pytest.mark.parametrize(
    ("sized", "wish"),
    [("u1.medium", "linux"), ("u1.large", "fedora"), ("o1.medium", "ubuntu"), ("cx1.large", "rhel.9"), ("m1.large", "windows.2k22"),
     ("u1.xlarge", "windows.10.virtio"), ("n1.2xlarge", "rhel.9.dpdk"), ("rt1.2xlarge", "rhel.9.realtime"), ("u1.nano", "cirros")],
)  # fmt: skip
def test_an_expanded_vm_is_adopted_and_expands_to_itself(sized, wish, common):
    instancetype, preference = common[0][sized], common[1][wish]
    written = machine(instancetype={"name": sized}, preference={"name": wish})
    plain, results = expand(written, instancetype, preference)
    if [result for result in results if result.severity == "error"]:
        pytest.fail(f"{sized} and {wish} do not go together: {results}")
    adopted = found(plain, common)
    assert adopted.paths is not None, adopted.reasons
    short = without(plain, adopted.paths)
    again, _ = expand(short, adopted.instancetype, adopted.preference)
    assert list(differences(settled(plain), settled(again))) == []
    assert adopted.instancetype["spec"] == instancetype["spec"]
    assert "guest" not in str(short["spec"]["template"]["spec"]["domain"].get("memory", ""))


def test_the_plain_instancetype_goes_before_one_that_says_more(common):
    adopted = found(machine({"cpu": {"sockets": 2}, "memory": {"guest": "8Gi"}}), common)
    assert (adopted.instancetype["metadata"]["name"], adopted.preference) == ("u1.large", None)
    assert adopted.paths == [
        ("spec", "template", "spec", "domain", "cpu"), ("spec", "template", "spec", "domain", "memory"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "domain",
    [
        {"memory": {"guest": "4Gi"}},
        {"cpu": {"cores": 1}, "memory": {"guest": "4096Mi"}},
        {"resources": {"requests": {"memory": "4Gi"}}},
        {"memory": {"guest": "4Gi"}, "resources": {"requests": {"memory": "4Gi"}}},
        {"cpu": {"cores": 1, "sockets": 1, "threads": 1}, "resources": {"requests": {"memory": "4294967296"}}},
    ],
    ids=["guest", "spelled", "request", "both", "bytes"],
)
def test_the_same_machine_in_other_words_is_adopted(domain, common):
    assert found(machine(domain), common).instancetype["metadata"]["name"] == "u1.medium"


def test_an_overcommitted_vm_gets_an_overcommitting_instancetype(common):
    domain = {"memory": {"guest": "4Gi"}, "resources": {"requests": {"memory": "2Gi"}}}
    assert found(machine(domain), common).instancetype["metadata"]["name"] == "o1.medium"


@pytest.mark.parametrize(
    ("vm", "reason"),
    [
        (machine({"cpu": {"cores": 2}, "memory": {"guest": "8Gi"}}), "cpu.cores is 2, with u1.large it would be 1"),
        (machine({"memory": {"guest": "4Gi"}, "resources": {"limits": {"memory": "4Gi"}}}), "limits.memory is 4Gi"),
        (machine({"memory": {"guest": "4Gi"}, "resources": {"requests": {"cpu": "500m"}}}), "requests.cpu is 500m"),
        (machine({"cpu": {"sockets": 3}, "memory": {"guest": "5Gi"}}), "the next one up is"),
        (machine({"cpu": {"sockets": 4000}, "memory": {"guest": "5Gi"}}), "nor more of both"),
        (machine({}), "it says no memory"),
        (machine({"memory": {"guest": "lots"}}), "write a quantity"),
        (machine({"memory": {"guest": "4Gi"}}, instancetype={"name": "x"}), "it names an instancetype already"),
        (machine({"memory": {"guest": "4Gi"}}, preference={"name": "x"}), "it names a preference already"),
        (machine({"memory": []}), "memory"),
        ({"apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine", "metadata": {}, "spec": {}}, "template"),
    ],
)
def test_what_stands_in_the_way_is_said(vm, reason, common):
    adopted = found(vm, common)
    assert adopted.paths is None
    assert reason in " ".join(adopted.reasons)


def test_what_a_user_accepts_does_not_stand_in_the_way(common):
    vm = machine({"cpu": {"cores": 2}, "memory": {"guest": "8Gi"}})
    assert found(vm, common, accepted=["topology"]).instancetype["metadata"]["name"] == "u1.large"
    vm = machine({"memory": {"guest": "4Gi"}, "devices": {"rng": {}, "disks": [{"name": "root", "disk": {"bus": "virtio"}}],
                                                          "interfaces": [{"name": "default", "model": "virtio"}]}})  # fmt: skip
    assert found(vm, common).preference is None
    assert found(vm, common, accepted=["annotations"]).preference["metadata"]["name"] == "linux"


def test_a_preference_that_would_reach_the_default_interface_stands_in_the_way(common):
    vm = machine(
        {"memory": {"guest": "4Gi"}, "devices": {"rng": {}, "disks": [{"name": "root", "disk": {"bus": "virtio"}}]}}
    )
    del vm["spec"]["template"]["spec"]["networks"]
    assert found(vm, common, accepted=["annotations"]).preference is None


def test_a_vm_is_never_changed_by_looking_at_it(common):
    vm = machine({"cpu": {"sockets": 2}, "memory": {"guest": "8Gi"}})
    before = copy_tree(vm)
    found(vm, common)
    assert vm == before


@pytest.mark.parametrize(
    ("domain", "figures"),
    [
        ({}, (1, 0)),
        ({"cpu": {"cores": 2, "threads": 2}}, (4, 0)),
        ({"cpu": {"cores": "2"}}, (1, 0)),
        ({"resources": {"limits": {"cpu": "3500m", "memory": "1Gi"}}}, (4, 1 << 30)),
        ({"cpu": {"cores": 1}, "resources": {"requests": {"cpu": "4"}}}, (1, 0)),
    ],
)
def test_figures_are_read_as_kubevirt_completes_them(domain, figures):
    vm = machine(domain)
    assert (vcpus(vm), memory(vm)) == figures


def test_a_matcher_says_its_kind_only_where_it_is_not_the_default():
    assert matcher({"kind": CLUSTER_INSTANCETYPE, "metadata": {"name": "a"}}) == {"name": "a"}
    assert matcher({"kind": "VirtualMachineInstancetype", "metadata": {"name": "a"}}) == {
        "kind": "VirtualMachineInstancetype", "name": "a",
    }  # fmt: skip


FILE = """\
# our database
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata:
  name: db  # the name
spec:
  runStrategy: Always
  template:
    metadata:
      annotations:
        vm.kubevirt.io/os: linux
    spec:
      domain:
        # two sockets, for the licences
        cpu:
          sockets: 2
        memory:
          guest: 8Gi  # much
        devices:
          rng: {}
          disks:
            - name: root  # boots
              disk:
                bus: virtio
          interfaces:
            - {name: default, model: virtio, masquerade: {}}
      networks:
        - {name: default, pod: {}}
      volumes:
        - name: root
          containerDisk: {image: "example.com/os:1"}
---
apiVersion: v1
kind:   Namespace   # stays
metadata: { name: x }
"""
ADOPTED = """\
# our database
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata:
  name: db  # the name
spec:
  runStrategy: Always
  instancetype:
    name: u1.large
  preference:
    name: linux
  template:
    spec:
      domain:
        # two sockets, for the licences
        # much
        devices:
          disks:
            - name: root  # boots
              disk: {}
          interfaces:
            - {name: default, masquerade: {}}
      networks:
        - {name: default, pod: {}}
      volumes:
        - name: root
          containerDisk: {image: "example.com/os:1"}
---
apiVersion: v1
kind:   Namespace   # stays
metadata: { name: x }
"""


def test_comments_survive_and_other_documents_stay(tmp_path, capsys):
    file = tmp_path / "vm.yaml"
    file.write_text(FILE)
    assert run(command, str(file)) == 0
    assert capsys.readouterr() == (ADOPTED, f"{file}:2: adopted: VirtualMachine db: u1.large and linux\n1 adopted\n")
    assert run(command, "-i", str(tmp_path)) == 0
    assert file.read_text() == ADOPTED
    capsys.readouterr()
    run(command, "-i", str(file))
    assert "it names an instancetype already" in capsys.readouterr().err
    assert file.read_text() == ADOPTED


def test_instancetypes_in_the_files_are_candidates(tmp_path, capsys):
    own = {"apiVersion": "instancetype.kubevirt.io/v1beta1", "kind": CLUSTER_INSTANCETYPE, "metadata": {"name": "odd"},
           "spec": {"cpu": {"guest": 3}, "memory": {"guest": "5Gi"}}}  # fmt: skip
    vm = machine({"cpu": {"sockets": 3}, "memory": {"guest": "5Gi"}})
    listed = {"apiVersion": "v1", "kind": "List", "items": [own, vm]}
    (tmp_path / "all.yaml").write_text(write_yaml([listed]))
    run(command, str(tmp_path))
    (document,) = read(capsys.readouterr().out.encode(), "out")
    assert document["items"][1]["spec"]["instancetype"] == {"name": "odd"}
    assert "cpu" not in document["items"][1]["spec"]["template"]["spec"]["domain"]


def test_other_catalogs_on_demand(tmp_path, capsys):
    (tmp_path / "vm.yaml").write_text(write_yaml([machine({"cpu": {"sockets": 4}, "memory": {"guest": "7680Mi"}})]))
    run(command, "--catalog", "common", "--catalog", "aws", str(tmp_path))
    assert "adopted: VirtualMachine vm: c4.xlarge\n" in capsys.readouterr().err
    with pytest.raises(InputError, match="packaged are"):
        run(command, "--catalog", "ibm", str(tmp_path))


@pytest.mark.parametrize(
    ("os", "expected"),
    [
        ("rhel9", "rhel.9"),
        ("rhel10", "rhel.10"),
        ("fedora", "fedora"),
        ("fedora41", "fedora"),
    ],
)
def test_a_preference_of_another_guest_is_never_named(os, expected, common):
    preference = common[1]["rhel.9"]
    plain, _ = expand(
        machine(instancetype={"name": "u1.medium"}, preference={"name": "rhel.9"}), common[0]["u1.medium"], preference
    )
    plain["spec"]["template"].setdefault("metadata", {})["annotations"] = {"vm.kubevirt.io/os": os} if os else {}
    adopted = found(plain, common, accepted=["annotations"])
    assert adopted.preference["metadata"]["name"] == expected


@pytest.mark.parametrize(
    ("change", "hint"),
    [
        (lambda vm: vm["metadata"].update(labels={"vm.kubevirt.io/template": "rhel9-server-small"}), "rhel9serversmall"),
        (lambda vm: vm["metadata"].update(labels={"os.template.kubevirt.io/win2k22": "true"}), "windows2k22"),
        (lambda vm: vm["spec"].update(dataVolumeTemplates=[{"spec": {"sourceRef": {"name": "centos-stream9"}}}]), "centosstream9"),
        (lambda vm: vm["spec"]["template"]["spec"]["volumes"].append(
            {"name": "b", "containerDisk": {"image": "quay.io/containerdisks/fedora:41@sha256:00"}}), "fedora41"),
    ],
)  # fmt: skip
def test_what_a_vm_calls_its_guest(change, hint):
    vm = machine()
    change(vm)
    assert hint in guest.hints(vm)


def test_the_next_size_up_asks_nothing_of_the_nodes_that_the_vm_does_not(common):
    (reason,) = found(machine({"memory": {"guest": "1000M"}}), common).reasons
    assert reason == "no instancetype has 1 vCPU and 1000M; the next one up is u1.micro with 1 vCPU and 1Gi"
    (reason,) = found(machine({"cpu": {"sockets": 2}, "memory": {"guest": "2Gi"}}), common).reasons
    assert reason.endswith("u1.2xmedium with 2 vCPUs and 4Gi")


POOL = """apiVersion: pool.kubevirt.io/v1beta1
kind: VirtualMachinePool
metadata: {name: p}
spec:
  virtualMachineTemplate:
    spec:
      runStrategy: Always
      template:
        spec:
          domain:
            memory: {guest: 4Gi}  # as much as it takes
            devices: {}
---
apiVersion: kubevirt.io/v1
kind: VirtualMachineInstance
metadata: {name: i}
spec: {domain: {memory: {guest: 4Gi}, devices: {}}}
"""


def test_a_pools_template_is_adopted_and_an_instance_can_not_be(tmp_path, capsys):
    file = tmp_path / "pool.yaml"
    file.write_text(POOL)
    assert run(command, str(file)) == 0
    out, err = capsys.readouterr()
    spec = read(out.encode(), "out")[0]["spec"]["virtualMachineTemplate"]["spec"]
    assert spec["instancetype"] == {"name": "u1.medium"}
    assert "memory" not in spec["template"]["spec"]["domain"]
    assert f"{file}:1: adopted: VirtualMachinePool p: u1.medium" in err
    assert "kept: VirtualMachineInstance i: a VirtualMachineInstance can't name an instancetype" in err
