from __future__ import annotations

import argparse
import base64
import json

import pytest
from commandline import run

from krm_fn.commands import convert as command
from krm_fn.core.errors import InputError
from krm_fn.migrate.convert import convert
from krm_fn.roundtrip.document import read, write

API = "instancetype.kubevirt.io"


def preference(spec, version="v1beta1", kind="VirtualMachinePreference", name="p", **metadata):
    return {"apiVersion": f"{API}/{version}", "kind": kind, "metadata": {"name": name, **metadata}, "spec": spec}


def instancetype(spec=None, version="v1beta1", kind="VirtualMachineInstancetype", name="i"):
    spec = {"cpu": {"guest": 1}, "memory": {"guest": "1Gi"}} | (spec or {})
    return {"apiVersion": f"{API}/{version}", "kind": kind, "metadata": {"name": name}, "spec": spec}


def vm(name="vm", domain=None, **matchers):
    fields = {field: {"kind": f"virtualmachine{field}", **value} for field, value in matchers.items()}
    return {
        "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine", "metadata": {"name": name, "namespace": "ns"},
        "spec": {**fields, "template": {"spec": {"domain": {"devices": {}, **(domain or {})}}}},
    }  # fmt: skip


def rules(results):
    return [(result.rule, result.severity) for result in results]


@pytest.mark.parametrize("version", ["v1alpha1", "v1alpha2"])
@pytest.mark.parametrize("kind", ["VirtualMachineInstancetype", "VirtualMachineClusterInstancetype"])
def test_older_versions_become_v1beta1(version, kind):
    item = instancetype(version=version, kind=kind)
    assert rules(convert([item])) == [("convert/converted", "info")]
    assert item == instancetype(kind=kind)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"cpu": {"preferredCPUTopology": "preferCores"}}, {"cpu": {"preferredCPUTopology": "cores"}}),
        ({"cpu": {"preferredCPUTopology": "preferAny"}}, {"cpu": {"preferredCPUTopology": "any"}}),
        ({"cpu": {"preferredCPUTopology": "sockets"}}, {"cpu": {"preferredCPUTopology": "sockets"}}),
        ({"preferSpreadSocketToCoreRatio": 4}, {"cpu": {"spreadOptions": {"ratio": 4}}}),
        ({"preferSpreadSocketToCoreRatio": 0, "cpu": {"preferredCPUTopology": "preferSpread"}},
         {"cpu": {"preferredCPUTopology": "spread"}}),
        ({"preferSpreadSocketToCoreRatio": 4, "cpu": {"spreadOptions": {"ratio": 3}}}, {"cpu": {"spreadOptions": {"ratio": 3}}}),
        ({"preferSpreadSocketToCoreRatio": 4, "cpu": {"spreadOptions": {"across": "SocketsCores"}}},
         {"cpu": {"spreadOptions": {"across": "SocketsCores", "ratio": 4}}}),
        ({"firmware": {"preferredUseEfi": True}}, {"firmware": {"preferredEfi": {}}}),
        ({"firmware": {"preferredUseEfi": True, "preferredUseSecureBoot": True}},
         {"firmware": {"preferredEfi": {"secureBoot": True}}}),
        ({"firmware": {"preferredUseEfi": True, "preferredUseSecureBoot": False}},
         {"firmware": {"preferredEfi": {"secureBoot": False}}}),
        ({"firmware": {"preferredUseEfi": False}}, {"firmware": {}}),
        ({"firmware": {"preferredUseEfi": True, "preferredEfi": {"persistent": True}}},
         {"firmware": {"preferredEfi": {"persistent": True}}}),
        ({"firmware": {"preferredUseSecureBoot": True}}, {"firmware": {"preferredUseSecureBoot": True}}),
        ({"firmware": {"preferredUseEfi": False, "preferredUseSecureBoot": True}},
         {"firmware": {"preferredUseSecureBoot": True}}),
    ],
)  # fmt: skip
def test_deprecated_spellings_become_todays(before, after):
    item = preference(before)
    convert([item])
    assert item["spec"] == after


def test_an_empty_topology_was_none_before_v1beta1_and_is_a_mistake_since():
    old, new = (preference({"cpu": {"preferredCPUTopology": ""}}, version) for version in ("v1alpha2", "v1beta1"))
    convert([old, new])
    assert old["spec"] == {"cpu": {}}
    assert new["spec"] == {"cpu": {"preferredCPUTopology": ""}}


def test_a_vm_that_brings_efi_gets_the_secure_boot_that_the_preference_filled_in():
    item = preference({"firmware": {"preferredUseEfi": True, "preferredUseSecureBoot": False}})
    own = vm(domain={"firmware": {"bootloader": {"efi": {}}}}, preference={"name": "p"})
    said = vm(domain={"firmware": {"bootloader": {"efi": {"secureBoot": True}}}}, preference={"name": "p"})
    convert([item, own, said])
    efi = [one["spec"]["template"]["spec"]["domain"]["firmware"]["bootloader"]["efi"] for one in (own, said)]
    assert efi == [{"secureBoot": False}, {"secureBoot": True}]


def test_secure_boot_alone_goes_only_with_its_vms():
    item = preference({"firmware": {"preferredUseSecureBoot": True}})
    assert rules(convert([item])) == [("convert/kept", "warning")]
    convert([item, vm(preference={"name": "p"})])
    assert item["spec"] == {"firmware": {}}


SEV = {"launchSecurity": {"sev": {}}}


def test_launch_security_moves_to_the_preference_of_its_vms():
    items = [instancetype(SEV), preference({}), vm(instancetype={"name": "i"}, preference={"name": "p"})]
    results = convert(items)
    assert items[0] == instancetype()
    assert items[1]["spec"] == {"preferredLaunchSecurity": {"sev": {}}}
    assert rules(results) == [("convert/launch-security", "info")]


def test_launch_security_goes_into_a_vm_whose_preference_serves_others_too():
    mine = vm(instancetype={"name": "i"}, preference={"name": "p"})
    items = [instancetype(SEV), preference({}), mine, vm("other", preference={"name": "p"})]
    convert(items)
    assert items[1]["spec"] == {}
    assert mine["spec"]["template"]["spec"]["domain"]["launchSecurity"] == {"sev": {}}


@pytest.mark.parametrize(
    "others",
    [[], [preference({})], [vm(instancetype={"name": "i", "revisionName": "r"})], [vm(instancetype={"name": "other"})],
     [vm(instancetype={"name": "i"}, domain=SEV)]],
    ids=["alone", "preference", "pinned", "another", "conflict"],
)  # fmt: skip
def test_launch_security_stays_where_no_vm_shows_where_it_belongs(others):
    item = instancetype(SEV)
    assert rules(convert([item, *others])) == [("convert/kept", "warning")]
    assert item["spec"]["launchSecurity"] == {"sev": {}}


def revision(data, name="vm-i-v1alpha1-1", labels=None):
    metadata = {"name": name, "namespace": "ns"} | ({"labels": labels} if labels else {})
    return {"apiVersion": "apps/v1", "kind": "ControllerRevision", "metadata": metadata, "data": data, "revision": 0}


def encoded(spec):
    return {"apiVersion": f"{API}/v1alpha1", "spec": base64.b64encode(json.dumps(spec).encode()).decode()}


def test_a_revision_holds_todays_object_under_a_name_of_its_content():
    held = revision(instancetype(version="v1alpha2"), labels={"x": "y"})
    user = vm(instancetype={"name": "i", "revisionName": "vm-i-v1alpha1-1"})
    convert([held, user])
    assert held["data"] == instancetype()
    assert held["metadata"]["labels"] == {"x": "y", f"{API}/object-version": "v1beta1"}
    assert held["metadata"]["name"].startswith("vm-i-")
    assert user["spec"]["instancetype"]["revisionName"] == held["metadata"]["name"]
    again = json.loads(json.dumps([held, user]))
    assert convert(again) == []
    assert again == [held, user]


@pytest.mark.parametrize("version", ["", None])
def test_a_first_revision_without_a_version_is_one_all_the_same(version):
    data = encoded({"cpu": {"guest": 6}, "memory": {"guest": "32G"}}) | {"apiVersion": version}
    item = revision(data)
    convert([item, vm(instancetype={"name": "i", "revisionName": item["metadata"]["name"]})])
    assert (item["data"]["kind"], item["data"]["spec"]["cpu"]) == ("VirtualMachineInstancetype", {"guest": 6})


def test_other_controllers_revisions_are_let_be():
    for data in ({"spec": {"template": {}}}, {"spec": "no base64!"}, {"apiVersion": "", "spec": "text"}):
        item = revision(dict(data))
        assert convert([item]) == []
        assert item["data"] == data


def test_flavors_are_pointed_to_their_importer():
    item = {
        "apiVersion": "flavor.kubevirt.io/v1alpha1",
        "kind": "VirtualMachineFlavor",
        "metadata": {"name": "f"},
        "spec": {},
    }
    (finding,) = convert([item])
    assert (finding.severity, "krm-fn import flavor" in finding.message) == ("warning", True)


def test_a_revision_that_no_vm_here_names_keeps_its_name():
    held = revision(instancetype(version="v1alpha1"))
    assert rules(convert([held]))[-1] == ("convert/revision", "warning")
    assert held["metadata"]["name"] == "vm-i-v1alpha1-1"


@pytest.mark.parametrize(
    ("spec", "field", "kind"),
    [
        ({"cpu": {"guest": 2}, "memory": {"guest": "1Gi"}}, "instancetype", "VirtualMachineInstancetype"),
        ({"cpu": {"preferredCPUTopology": "preferCores"}}, "preference", "VirtualMachinePreference"),
        ({}, "preference", "VirtualMachinePreference"),
    ],
)
def test_the_first_encoding_is_decoded(spec, field, kind):
    held = revision(encoded(spec))
    user = vm(**{field: {"name": "mine", "revisionName": "vm-i-v1alpha1-1"}})
    convert([held, user])
    data = held["data"]
    assert (data["apiVersion"], data["kind"], data["metadata"]) == (f"{API}/v1beta1", kind, {"name": "mine"})
    assert data["spec"] in (spec, {"cpu": {"preferredCPUTopology": "cores"}})


@pytest.mark.parametrize(
    "spec", ["%%%", "bm90IGpzb24=", base64.b64encode(b"[1]").decode(), base64.b64encode(b"[" * 99999).decode()]
)
def test_a_revision_that_can_not_be_decoded_is_an_error_and_stays(spec):
    held = revision({"apiVersion": f"{API}/v1alpha1", "spec": spec})
    assert rules(convert([held])) == [("convert/revision", "error")]
    assert held["data"]["spec"] == spec


def test_lists_are_looked_into():
    items = [instancetype(version="v1alpha1")]
    listed = {"apiVersion": f"{API}/v1alpha1", "kind": "VirtualMachineInstancetypeList", "items": items}
    convert([{"apiVersion": "v1", "kind": "List", "items": [listed]}])
    assert listed["apiVersion"] == items[0]["apiVersion"] == f"{API}/v1beta1"


@pytest.mark.parametrize("spec", [None, [], "x", 1, {"cpu": []}, {"cpu": {"preferredCPUTopology": []}}, {"firmware": "x"},
                                  {"firmware": {"preferredUseEfi": "yes"}}, {"preferSpreadSocketToCoreRatio": "2"},
                                  {"preferSpreadSocketToCoreRatio": True}, {"launchSecurity": 1}])  # fmt: skip
@pytest.mark.parametrize("make", [preference, instancetype])
def test_specs_of_any_type_do_not_crash(make, spec):
    item = make({}, "v1alpha1") | {"spec": spec}
    convert([item, vm(preference={"name": "p"}, instancetype={"name": "i"})])
    assert item["apiVersion"] == f"{API}/v1beta1"


FILE = """\
# Our catalog, kept by the platform team.
apiVersion: instancetype.kubevirt.io/v1alpha2   # to be converted
kind:  VirtualMachinePreference
metadata:
    name: fedora
spec:
    # Guests count sockets for licences.
    cpu:
        preferredCPUTopology: preferCores # not sockets
    # Everything boots with EFI.
    firmware:
        preferredUseEfi: true  # since 2022
        # and securely
        preferredUseSecureBoot: true

    # the ratio
    preferSpreadSocketToCoreRatio: 4
    devices:
        preferredDiskBus: virtio
---
# nothing of ours
apiVersion: v1
kind:   ConfigMap
data: {switch: yes, time: 12:30,   octal: "0777"}
"""
CONVERTED = """\
# Our catalog, kept by the platform team.
apiVersion: instancetype.kubevirt.io/v1beta1    # to be converted
kind: VirtualMachinePreference
metadata:
    name: fedora
spec:
    # Guests count sockets for licences.
    cpu:
        preferredCPUTopology: cores       # not sockets
        spreadOptions: {ratio: 4}
    # Everything boots with EFI.
    firmware:
        preferredEfi: {secureBoot: true} # since 2022
        # and securely

    # the ratio
    devices:
        preferredDiskBus: virtio
---
# nothing of ours
apiVersion: v1
kind:   ConfigMap
data: {switch: yes, time: 12:30,   octal: "0777"}
"""


def test_comments_and_layout_stay_and_other_documents_stay_byte_for_byte(tmp_path, capsys):
    file = tmp_path / "catalog.yaml"
    file.write_text(FILE)
    assert run(command, str(file)) == 0
    assert capsys.readouterr().out == CONVERTED
    assert run(command, "-i", str(file)) == 0
    assert file.read_text() == CONVERTED
    assert run(command, str(file)) == 0
    assert capsys.readouterr().out.endswith(CONVERTED)


def test_check_says_whether_there_is_something_to_convert(tmp_path, capsys):
    (tmp_path / "old.yaml").write_text(FILE)
    (tmp_path / "new.yaml").write_text(CONVERTED)
    assert run(command, "--check", str(tmp_path)) == 1
    assert "preferredUseEfi, now firmware.preferredEfi" in capsys.readouterr().err
    assert run(command, "--check", str(tmp_path / "new.yaml")) == 0
    assert (tmp_path / "old.yaml").read_text() == FILE


def test_json_stays_json(tmp_path):
    file = tmp_path / "it.json"
    file.write_text(json.dumps(instancetype(version="v1alpha1"), indent=4) + "\n")
    run(command, "-i", str(file))
    assert file.read_text() == json.dumps(instancetype(), indent=4) + "\n"


def test_several_files_are_one_stream_on_stdout(tmp_path, capsys):
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text(f"apiVersion: v1\nkind: X\nmetadata: {{name: {name}}}")
    run(command, str(tmp_path))
    assert capsys.readouterr().out.count("---\n") == 1


def test_an_older_kubevirt_keeps_launch_security(tmp_path):
    file = tmp_path / "all.json"
    items = [instancetype(SEV), preference({}), vm(instancetype={"name": "i"}, preference={"name": "p"})]
    file.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))
    run(command, "-i", "--kubevirt", "1.8", str(file))
    assert json.loads(file.read_text())["items"] == items


@pytest.mark.parametrize("arguments", [("--kubevirt", "new"), ("missing.yaml",)])
def test_what_can_not_be_used_is_an_input_error(arguments, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.yaml").write_text("a: 1\n")
    with pytest.raises(InputError):
        run(command, "a.yaml", *arguments)


@pytest.mark.parametrize("text", ["a: [", "a: 1\na: 2\n", "\tx", "a: *b"])
def test_a_file_that_is_no_yaml_names_file_and_line(text):
    with pytest.raises(InputError, match=r"f\.yaml:\d+"):
        read(text.encode(), "f.yaml")


@pytest.mark.parametrize(
    "text", ["", "\n", "# only a comment\n", "---\n", "a: 1", "--- {a: 1}\n", "a: 1\r\nb: 2\r\n", "---\na: 1\n---\n"]
)
def test_an_untouched_file_stays_as_it_is(text):
    assert write(read(text.encode(), "f.yaml")) == text


def test_the_help_is_complete():
    parser = argparse.ArgumentParser()
    command.configure(parser)
    assert all(action.help for action in parser._actions)


@pytest.mark.parametrize(
    ("flavor", "matcher", "warned"),
    [
        ({"name": "std", "profile": "small"}, {"name": "std.small"}, False),
        ({"name": "std", "kind": "VirtualMachineFlavor"}, {"kind": "VirtualMachineInstancetype", "name": "std"}, True),
        ({"name": "std", "kind": "virtualmachineclusterflavors", "profile": "Big"}, {"name": "std.big"}, False),
    ],
)
def test_a_vm_of_a_flavor_names_the_instancetype_that_was_imported(flavor, matcher, warned):
    item = vm()
    item["spec"]["flavor"] = flavor
    results = convert([item])
    assert item["spec"]["instancetype"] == matcher
    assert "flavor" not in item["spec"]
    assert [result.severity for result in results] == ["info", "warning"][: 1 + warned]


@pytest.mark.parametrize("flavor", [None, "x", [], {}, {"name": 1}])
def test_a_flavor_that_is_none_stays(flavor):
    item = vm()
    item["spec"]["flavor"] = flavor
    assert convert([item]) == []
    assert item["spec"]["flavor"] == flavor
