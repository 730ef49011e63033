"""inferFromVolume: every way that labels can be reached, and what happens when they can't."""

from __future__ import annotations

import pytest
from support import config

RENDERER = config("VirtualMachineRenderer")
LABELS = {
    "instancetype.kubevirt.io/default-instancetype": "u1.medium",
    "instancetype.kubevirt.io/default-preference": "fedora",
}


def vm(volume, templates=(), policy=None, **domain):
    matcher = {"inferFromVolume": "root", **({"inferFromVolumeFailurePolicy": policy} if policy else {})}
    spec = {
        "runStrategy": "Always",
        "instancetype": matcher,
        "preference": dict(matcher),
        "template": {"spec": {"domain": {"devices": {}, **domain}, "volumes": [{"name": "root", **volume}]}},
    }
    if templates:
        spec["dataVolumeTemplates"] = list(templates)
    return {
        "apiVersion": "kubevirt.io/v1",
        "kind": "VirtualMachine",
        "metadata": {"name": "shop", "namespace": "prod"},
        "spec": spec,
    }


def holder(kind, name, labels=LABELS, spec=None, namespace="prod"):
    api = {"PersistentVolumeClaim": "v1", "VolumeSnapshot": "snapshot.storage.k8s.io/v1"}.get(
        kind, "cdi.kubevirt.io/v1beta1"
    )
    return {
        "apiVersion": api,
        "kind": kind,
        "metadata": {"name": name, "namespace": namespace, "labels": dict(labels)},
        "spec": spec or {},
    }


def template(spec, labels=None):
    return {
        "metadata": {"name": "root-dv", **({"labels": labels} if labels else {})},
        "spec": {"storage": {"resources": {"requests": {"storage": "10Gi"}}}, **spec},
    }


CLAIM = {"persistentVolumeClaim": {"claimName": "root-pvc"}}
VOLUME = {"dataVolume": {"name": "root-dv"}}
WAYS = {
    "claim": (CLAIM, [], [holder("PersistentVolumeClaim", "root-pvc")]),
    "data volume": (VOLUME, [], [holder("DataVolume", "root-dv")]),
    "data volume collected": (VOLUME, [], [holder("PersistentVolumeClaim", "root-dv")]),
    "data volume from claim": (
        VOLUME,
        [],
        [
            holder("DataVolume", "root-dv", {}, {"source": {"pvc": {"name": "golden", "namespace": "images"}}}),
            holder("PersistentVolumeClaim", "golden", namespace="images"),
        ],
    ),
    "data volume from snapshot": (
        VOLUME,
        [],
        [
            holder("DataVolume", "root-dv", {}, {"source": {"snapshot": {"name": "snap", "namespace": "images"}}}),
            holder("VolumeSnapshot", "snap", namespace="images"),
        ],
    ),
    "template from claim": (
        VOLUME,
        [template({"source": {"pvc": {"name": "golden", "namespace": "images"}}})],
        [holder("PersistentVolumeClaim", "golden", namespace="images")],
    ),
    "template from data source": (
        VOLUME,
        [template({"sourceRef": {"kind": "DataSource", "name": "fedora"}})],
        [holder("DataSource", "fedora")],
    ),
    "data source elsewhere": (
        VOLUME,
        [template({"sourceRef": {"kind": "DataSource", "name": "fedora", "namespace": "images"}})],
        [holder("DataSource", "fedora", namespace="images")],
    ),
    "data source from claim": (
        VOLUME,
        [template({"sourceRef": {"kind": "DataSource", "name": "fedora"}})],
        [
            holder("DataSource", "fedora", {}, {"source": {"pvc": {"name": "golden", "namespace": "images"}}}),
            holder("PersistentVolumeClaim", "golden", namespace="images"),
        ],
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_labels_are_found(call, way):
    volume, templates, holders = WAYS[way]
    answer = call(RENDERER, [vm(volume, templates), *holders])
    assert answer.status == 0, answer.stderr
    annotations = answer.items[0]["spec"]["template"]["metadata"]["annotations"]
    assert annotations["kubevirt.io/cluster-instancetype-name"] == "u1.medium"
    assert annotations["kubevirt.io/cluster-preference-name"] == "fedora"


def test_the_kind_label_is_followed(call):
    labels = {
        **LABELS,
        "instancetype.kubevirt.io/default-instancetype": "own",
        "instancetype.kubevirt.io/default-instancetype-kind": "virtualmachineinstancetype",
    }
    own = {
        "apiVersion": "instancetype.kubevirt.io/v1beta1",
        "kind": "VirtualMachineInstancetype",
        "metadata": {"name": "own", "namespace": "prod"},
        "spec": {"cpu": {"guest": 2}, "memory": {"guest": "3Gi"}},
    }
    answer = call(RENDERER, [vm(CLAIM), holder("PersistentVolumeClaim", "root-pvc", labels), own])
    assert answer.items[0]["spec"]["template"]["spec"]["domain"]["memory"] == {"guest": "3Gi"}


def test_pinning_writes_the_names_in_place_of_the_volume(call):
    answer = call(
        config("VirtualMachineRenderer", mode="pin"), [vm(CLAIM), holder("PersistentVolumeClaim", "root-pvc")]
    )
    assert answer.status == 0, answer.stderr
    matcher = answer.items[0]["spec"]["instancetype"]
    assert {key: matcher[key] for key in ("kind", "name")} == {
        "kind": "VirtualMachineClusterInstancetype",
        "name": "u1.medium",
    }
    assert "inferFromVolume" not in matcher


def test_the_labels_of_a_template_itself_are_never_read(call):
    own = dict.fromkeys(LABELS, "u1.large")
    sourced = template({"sourceRef": {"kind": "DataSource", "name": "fedora"}}, own)
    answer = call(RENDERER, [vm(VOLUME, [sourced]), holder("DataSource", "fedora")])
    annotations = answer.items[0]["spec"]["template"]["metadata"]["annotations"]
    assert annotations["kubevirt.io/cluster-instancetype-name"] == "u1.medium"
    refused = call(RENDERER, [vm(VOLUME, [template({"source": {"blank": {}}}, own)])])
    assert refused.status == 1
    assert "its own are never read: write the name into the matcher" in refused.stderr


@pytest.mark.parametrize(
    ("labels", "source", "written"),
    [
        ({"template.kubevirt.io/architecture": "arm64"}, {}, "arm64"),
        ({"template.kubevirt.io/architecture": "sparc"}, {}, None),
        ({}, {"source": {"dataSource": {"name": "first", "namespace": "images"}}}, "s390x"),
    ],
)
def test_the_architecture_follows_the_data_source(call, labels, source, written):
    reference = template({"sourceRef": {"kind": "datasource", "name": "fedora"}})
    first = holder("DataSource", "first", {"template.kubevirt.io/architecture": "s390x"}, namespace="images")
    machine = vm(VOLUME, [reference])
    machine["spec"]["instancetype"] = {"name": "u1.medium"}
    del machine["spec"]["preference"]
    given = [machine, holder("DataSource", "fedora", labels, source), first]
    answer = call(RENDERER, given)
    assert answer.status == 0, answer.stderr
    assert answer.items[0]["spec"]["template"]["spec"].get("architecture") == written
    none = call(config("VirtualMachineRenderer", defaults="none"), given)
    assert "architecture" not in none.items[0]["spec"]["template"]["spec"]


@pytest.mark.parametrize("policy", [None, "Reject", "Ignore"])
def test_a_holder_that_is_not_among_the_items_is_an_error_that_says_what_to_add(call, policy):
    answer = call(RENDERER, [vm(CLAIM, policy=policy)])
    assert answer.status == 1
    assert {result["field"]["path"] for result in answer.results} == {
        "spec.instancetype.inferFromVolume",
        "spec.preference.inferFromVolume",
    }
    assert 'PersistentVolumeClaim "root-pvc" in namespace prod' in answer.stderr
    assert "add its manifest" in answer.stderr


IGNORABLE = {
    "no label": (CLAIM, [], [holder("PersistentVolumeClaim", "root-pvc", {})]),
    "other volume": ({"containerDisk": {"image": "example.com/fedora:41"}}, [], []),
    "blank template": (VOLUME, [template({"source": {"blank": {}}})], []),
    "other reference": (VOLUME, [template({"sourceRef": {"kind": "Image", "name": "x"}})], []),
}


@pytest.mark.parametrize("case", IGNORABLE)
def test_missing_labels_are_refused_or_ignored_as_the_policy_says(call, case):
    volume, templates, holders = IGNORABLE[case]
    renderer = config("VirtualMachineRenderer", validate=False)
    rejected = call(renderer, [vm(volume, templates), *holders])
    assert rejected.status == 1
    ignored = call(renderer, [vm(volume, templates, "Ignore", memory={"guest": "2Gi"}), *holders])
    assert ignored.status == 0, ignored.stderr
    spec = ignored.items[0]["spec"]
    assert "instancetype" not in spec
    assert spec["template"]["spec"]["domain"]["memory"] == {"guest": "2Gi"}


def test_memory_beside_the_policy_ignore_is_only_a_fallback(call):
    answer = call(
        RENDERER, [vm(CLAIM, policy="Ignore", memory={"guest": "512Mi"}), holder("PersistentVolumeClaim", "root-pvc")]
    )
    assert answer.status == 0, answer.stderr
    assert answer.items[0]["spec"]["template"]["spec"]["domain"]["memory"] == {"guest": "4Gi"}


def test_a_volume_that_is_not_there_is_refused_under_either_policy(call):
    for policy in ("Reject", "Ignore"):
        wrong = vm(CLAIM, policy=policy)
        wrong["spec"]["template"]["spec"]["volumes"][0]["name"] = "roott"
        answer = call(config("VirtualMachineRenderer", validate=False), [wrong])
        assert answer.status == 1
        assert 'did you mean "roott"?' in answer.stderr
