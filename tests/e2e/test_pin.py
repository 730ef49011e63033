"""Mode pin: short VMs, ControllerRevisions that KubeVirt takes for its own, and names that follow the content."""

from __future__ import annotations

import hashlib
import json
import re

import pytest
from support import config

PIN = config("VirtualMachineRenderer", mode="pin")
DNS = re.compile(r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?")


def vm(name="shop", **spec):
    template = {
        "spec": {
            "domain": {"devices": {}},
            "volumes": [{"name": "root", "containerDisk": {"image": "example.com/fedora:41"}}],
        }
    }
    matchers = {"instancetype": {"name": "u1.medium"}, "preference": {"name": "fedora"}}
    return {
        "apiVersion": "kubevirt.io/v1",
        "kind": "VirtualMachine",
        "metadata": {"name": name, "namespace": "prod"},
        "spec": {"runStrategy": "Always", **matchers, "template": template, **spec},
    }


def instancetype(memory="4Gi", name="web", kind="VirtualMachineInstancetype", api="instancetype.kubevirt.io/v1beta1"):
    metadata = {"name": name} if "Cluster" in kind else {"name": name, "namespace": "prod"}
    return {
        "apiVersion": api,
        "kind": kind,
        "metadata": metadata,
        "spec": {"cpu": {"guest": 1}, "memory": {"guest": memory}},
    }


def revisions(answer):
    return [item for item in answer.items if item["kind"] == "ControllerRevision"]


def test_a_vm_stays_short_and_names_its_revisions(call):
    answer = call(PIN, [vm()])
    assert answer.status == 0, answer.stderr
    pinned, *made = answer.items
    assert pinned["spec"]["template"] == vm()["spec"]["template"]
    assert [item["metadata"]["name"] for item in made] == [
        pinned["spec"][field]["revisionName"] for field in ("instancetype", "preference")
    ]


def test_a_revision_is_what_kubevirt_looks_for(call):
    for revision in revisions(call(PIN, [vm()])):
        data = revision["data"]
        text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        digest = hashlib.sha256(text.encode()).hexdigest()
        assert revision["apiVersion"] == "apps/v1"
        assert revision["revision"] == 1
        assert set(data) == {"apiVersion", "kind", "metadata", "spec"}
        assert revision["metadata"]["name"] == f"shop-{data['metadata']['name']}-{digest[:10]}"
        assert revision["metadata"]["namespace"] == "prod"
        labels = {
            key.removeprefix("instancetype.kubevirt.io/object-"): value
            for key, value in revision["metadata"]["labels"].items()
        }
        assert labels.pop("uid").replace("-", "")[:8] == digest[:8]
        assert labels == {
            "name": data["metadata"]["name"],
            "kind": data["kind"],
            "version": "v1beta1",
            "generation": "1",
        }


def test_content_and_name_change_together(call):
    spec = {"instancetype": {"kind": "VirtualMachineInstancetype", "name": "web"}, "preference": None}
    del spec["preference"]
    short = vm(**spec)
    before, after, again = (call(PIN, [short, instancetype(memory)]) for memory in ("4Gi", "8Gi", "4Gi"))
    names = [revisions(answer)[0]["metadata"]["name"] for answer in (before, after, again)]
    assert names[0] == names[2] != names[1]
    assert [answer.items[0]["spec"]["instancetype"]["revisionName"] for answer in (before, after)] == names[:2]


def test_each_vm_has_a_set_of_its_own(call):
    names = [item["metadata"]["name"] for item in revisions(call(PIN, [vm("a"), vm("b")]))]
    assert len(set(names)) == 4


@pytest.mark.parametrize("keep", [True, False])
def test_revisions_come_first_and_outlive_a_rollout_unless_told_otherwise(call, keep):
    for revision in revisions(call(config("VirtualMachineRenderer", mode="pin", keepRevisions=keep), [vm()])):
        annotations = revision["metadata"].get("annotations", {})
        assert ("argocd.argoproj.io/sync-wave" in annotations) is keep
        assert ("kustomize.toolkit.fluxcd.io/prune" in annotations) is keep


def test_names_are_valid_however_long_the_vm_is_called(call):
    for revision in revisions(call(PIN, [vm("v" * 63)])):
        assert DNS.fullmatch(revision["metadata"]["name"])
    long = instancetype(name="x" * 240, kind="VirtualMachineClusterInstancetype")
    answer = call(PIN, [vm("v" * 63, instancetype={"name": "x" * 240}), long])
    assert all(len(item["metadata"]["name"]) <= 253 for item in revisions(answer))


def test_pinning_twice_changes_nothing(call):
    once = call(PIN, [vm()])
    assert call(PIN, once.items).items == once.items


def test_a_revision_that_is_there_is_kept(call):
    held = {
        "apiVersion": "apps/v1",
        "kind": "ControllerRevision",
        "metadata": {"name": "old", "namespace": "prod"},
        "revision": 1,
        "data": instancetype("2Gi"),
    }
    short = vm(instancetype={"kind": "VirtualMachineInstancetype", "name": "web", "revisionName": "old"})
    answer = call(PIN, [short, held, instancetype("8Gi")])
    assert answer.status == 0, answer.stderr
    assert answer.items[0]["spec"]["instancetype"]["revisionName"] == "old"
    assert answer.items[1] == held
    expanded = call(config("VirtualMachineRenderer"), [short, held, instancetype("8Gi")])
    assert expanded.items[0]["spec"]["template"]["spec"]["domain"]["memory"]["guest"] == "2Gi"


@pytest.mark.parametrize("version", ["v1alpha1", "v1alpha2", "v1beta1"])
def test_a_revision_of_an_older_api_version_is_read(call, version):
    held = {
        "apiVersion": "apps/v1",
        "kind": "ControllerRevision",
        "metadata": {"name": "old", "namespace": "prod"},
        "revision": 1,
        "data": instancetype("2Gi", api=f"instancetype.kubevirt.io/{version}"),
    }
    short = vm(instancetype={"kind": "VirtualMachineInstancetype", "name": "web", "revisionName": "old"})
    answer = call(config("VirtualMachineRenderer"), [short, held])
    assert answer.status == 0, answer.stderr
    assert answer.items[0]["spec"]["template"]["spec"]["domain"]["memory"]["guest"] == "2Gi"


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (None, "revision/foreign-data"),
        ("text", "revision/foreign-data"),
        ({"apiVersion": "v1", "kind": "Secret"}, "revision/foreign-data"),
        (instancetype(kind="VirtualMachinePreference"), "revision/foreign-data"),
        (instancetype(api="instancetype.kubevirt.io/v7"), "revision/foreign-data"),
    ],
    ids=["none", "text", "secret", "preference", "version"],
)
@pytest.mark.parametrize("mode", ["pin", "expand"])
def test_foreign_data_in_a_revision_is_an_error_at_the_matcher(call, data, rule, mode):
    held = {
        "apiVersion": "apps/v1",
        "kind": "ControllerRevision",
        "metadata": {"name": "old", "namespace": "prod"},
        "revision": 1,
        "data": data,
    }
    short = vm(instancetype={"kind": "VirtualMachineInstancetype", "name": "web", "revisionName": "old"})
    answer = call(config("VirtualMachineRenderer", mode=mode, validate=False), [short, held])
    assert answer.status == 1
    assert answer.items == [short, held]
    assert [(result["tags"]["rule"], result["field"]["path"]) for result in answer.results] == [
        (rule, "spec.instancetype.revisionName")
    ]


def test_a_revision_that_is_nowhere_is_an_error_at_the_matcher(call):
    short = vm(instancetype={"name": "u1.medium", "revisionName": "gone"})
    answer = call(PIN, [short])
    assert answer.status == 1
    assert [result["field"]["path"] for result in answer.results] == ["spec.instancetype.revisionName"]


def test_a_vm_without_a_name_is_an_error_and_nothing_is_lost(call):
    nameless = vm()
    del nameless["metadata"]["name"]
    answer = call(PIN, [nameless])
    assert answer.status == 1
    assert answer.items == [nameless]
    assert "metadata.name" in {result["field"]["path"] for result in answer.results}


def test_what_the_webhook_would_write_is_written_where_it_is_asked_for(call):
    settings = {
        "architecture": "amd64",
        "machineType": True,
        "firmwareUUID": True,
        "firmwareSerial": True,
        "pciTopologyVersion": True,
        "storageClass": True,
    }
    renderer = config("VirtualMachineRenderer", mode="pin", defaults=settings)
    template = call(renderer, [vm()]).items[0]["spec"]["template"]
    domain = template["spec"]["domain"]
    assert template["spec"]["architecture"] == "amd64"
    assert domain["machine"] == {"type": "q35"}
    assert re.fullmatch(
        r"[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", domain["firmware"]["uuid"]
    )
    assert domain["firmware"]["serial"] != domain["firmware"]["uuid"]
    assert template["metadata"]["annotations"] == {"kubevirt.io/pci-topology-version": "v3"}
    plain = vm()
    del plain["spec"]["instancetype"], plain["spec"]["preference"]
    plain["spec"]["template"]["spec"]["domain"]["memory"] = {"guest": "1Gi"}
    assert call(renderer, [plain]).items[0]["spec"]["template"]["spec"]["domain"]["firmware"] == domain["firmware"]


def test_names_of_virt_operators_own_types_are_warned_about(call):
    own = instancetype(name="u1.medium", kind="VirtualMachineClusterInstancetype")
    answer = call(PIN, [vm(), own])
    assert answer.status == 0
    assert "catalog/operator-name" in answer.rules
    assert "catalog/operator-name" not in call(PIN, [vm()]).rules


def test_variables_in_cloud_init_are_warned_about_for_flux(call):
    noted = vm()
    noted["spec"]["template"]["spec"]["volumes"].append(
        {"name": "ci", "cloudInitNoCloud": {"userData": "#cloud-config\nhostname: ${NAME}\n"}}
    )
    answer = call(PIN, [noted])
    assert [(result["tags"]["rule"], result["severity"]) for result in answer.results] == [
        ("flux/substitution", "warning")
    ]
    noted["metadata"]["annotations"] = {"kustomize.toolkit.fluxcd.io/substitute": "disabled"}
    assert call(PIN, [noted]).results == []


def test_annotations_that_no_longer_fit_are_an_error(call):
    big = instancetype(name="big", kind="VirtualMachineClusterInstancetype")
    big["spec"]["annotations"] = {"example.com/note": "x" * 300_000}
    answer = call(config("VirtualMachineRenderer", validate=False), [vm(instancetype={"name": "big"}), big])
    assert answer.status == 1
    assert "revision/too-large" in answer.rules
    none = call(
        config("VirtualMachineRenderer", validate=False, revisions="none"), [vm(instancetype={"name": "big"}), big]
    )
    assert none.status == 0


def test_pin_without_revisions_is_refused(call):
    answer = call(config("VirtualMachineRenderer", mode="pin", revisions="annotation"), [vm()])
    assert answer.status == 1
    assert "spec.revisions" in answer.stderr
