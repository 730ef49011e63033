"""PreferenceSeries: what a definition gives, and what is said about each mistake in one."""

from __future__ import annotations

import pytest

from krm_fn.core.finding import has_errors
from krm_fn.core.manifest import copy_tree
from krm_fn.series import traits
from krm_fn.series.preference import expand

LABEL = "instancetype.kubevirt.io/"
WINDOWS = """
scope: Both
displayName: Microsoft Windows {{ member }}
osType: windows
icon: icon-windows
tags: [kubevirt, windows]
traits:
  virtio: {devices: {preferredDiskBus: virtio, preferredInterfaceModel: virtio}}
template: {annotations: {vm.kubevirt.io/os: windows}}
members:
  "10": {traits: [cores, hyperv, secureboot], requirements: {cpu: 1, memory: 2Gi}}
  "10.virtio": {extends: "10", traits: [virtio]}
"""


def family(series):
    items, results = expand(series)
    assert results == []
    return {item["metadata"]["name"]: item for item in items}


def labels_of(item):
    return {key.removeprefix(LABEL): value for key, value in item["metadata"].get("labels", {}).items()}


def test_a_family_with_packaged_and_own_traits(preferences):
    items, results = expand(preferences(WINDOWS, "windows"))
    assert results == []
    kinds = ["VirtualMachineClusterPreference"] * 2 + ["VirtualMachinePreference"] * 2
    assert [item["kind"] for item in items] == kinds
    assert [item["metadata"]["name"] for item in items] == ["windows.10", "windows.10.virtio"] * 2
    assert items[1]["metadata"] == {
        "name": "windows.10.virtio",
        "annotations": {
            "openshift.io/display-name": "Microsoft Windows 10.virtio",
            "iconClass": "icon-windows",
            "tags": "kubevirt,windows",
        },
        "labels": {
            "instancetype.kubevirt.io/os-type": "windows",
            "instancetype.kubevirt.io/required-cpu": "1",
            "instancetype.kubevirt.io/required-memory": "2Gi",
        },
    }
    spec = items[1]["spec"]
    assert spec["cpu"] == {"preferredCPUTopology": "cores"}
    assert spec["devices"] == {"preferredDiskBus": "virtio", "preferredInterfaceModel": "virtio"}
    assert spec["firmware"] == {"preferredEfi": {"secureBoot": True}}
    assert spec["requirements"] == {"cpu": {"guest": 1}, "memory": {"guest": "2Gi"}}
    assert spec["annotations"] == {"vm.kubevirt.io/os": "windows"}
    assert spec["features"]["preferredHyperv"]["spinlocks"] == {"spinlocks": 8191}


def test_the_definition_is_not_changed_and_nothing_is_shared(preferences):
    series = preferences(WINDOWS)
    before, packaged = copy_tree(series), copy_tree(traits.packaged())
    items, _ = expand(series)
    for item in items:
        item["spec"]["features"]["preferredHyperv"]["relaxed"]["x"] = 1
    again, _ = expand(series)
    assert series == before
    assert traits.packaged() == packaged
    assert "x" not in again[0]["spec"]["features"]["preferredHyperv"]["relaxed"]


def test_the_member_without_a_name_has_the_series_name(preferences):
    assert list(family(preferences('{members: {"": {}, a: {}}}'))) == ["s", "s.a"]


def test_traits_and_templates_win_over_earlier_ones_and_null_removes(preferences):
    found = family(
        preferences("""
            traits:
              one: {devices: {preferredDiskBus: sata, preferredRng: {}, preferredInputBus: usb}}
              two: {devices: {preferredDiskBus: scsi, preferredInputBus: null}, preferredSubdomain: two}
            template: {devices: {preferredDiskBus: usb, preferredCdromBus: sata}}
            members:
              a: {traits: [one, two]}
              b: {traits: [two, one]}
              c: {extends: a, traits: [one], template: {devices: {preferredDiskBus: virtio}, preferredSubdomain: null}}
        """)
    )
    assert found["s.a"]["spec"] == {
        "devices": {"preferredDiskBus": "scsi", "preferredCdromBus": "sata", "preferredRng": {}},
        "preferredSubdomain": "two",
    }
    devices = {"preferredCdromBus": "sata", "preferredRng": {}, "preferredInputBus": "usb"}
    assert found["s.b"]["spec"]["devices"] == devices | {"preferredDiskBus": "sata"}
    assert found["s.c"]["spec"] == {"devices": devices | {"preferredDiskBus": "virtio"}}


def test_a_trait_of_the_series_stands_in_for_the_packaged_one(preferences):
    series = preferences("{traits: {virtio: {preferredSubdomain: x}}, members: {a: {traits: [virtio]}}}")
    assert family(series)["s.a"]["spec"] == {"preferredSubdomain": "x"}


@pytest.mark.parametrize(
    ("requirements", "spec"),
    [
        ("{cpu: 2}", {"cpu": {"guest": 2}, "memory": {"guest": "1Gi"}, "architecture": "amd64"}),
        ("{memory: 1.5Gi}", {"cpu": {"guest": 1}, "memory": {"guest": "1.5Gi"}, "architecture": "amd64"}),
        ("{architecture: null, cpu: null}", {"memory": {"guest": "1Gi"}}),
        ("{architecture: arm64}", {"cpu": {"guest": 1}, "memory": {"guest": "1Gi"}, "architecture": "arm64"}),
        ("null", None),
        ('{cpu: "{{ 1 + 1 }}"}', {"cpu": {"guest": 2}, "memory": {"guest": "1Gi"}, "architecture": "amd64"}),
    ],
)
def test_requirements_lie_over_those_of_the_extended_member(preferences, requirements, spec):
    base = "{requirements: {cpu: 1, memory: 1Gi, architecture: amd64}}"
    found = family(preferences(f"{{members: {{a: {base}, b: {{extends: a, requirements: {requirements}}}}}}}"))
    assert found["s.b"]["spec"].get("requirements") == spec


@pytest.mark.parametrize(
    ("member", "labels"),
    [
        ("{}", {}),
        ("{traits: [arm64]}", {"arch": "arm64", "preferred-architecture": "arm64", "required-architecture": "arm64"}),
        ("{template: {preferredArchitecture: s390x}}", {"arch": "s390x", "preferred-architecture": "s390x"}),
        ("{requirements: {architecture: amd64}}", {"arch": "amd64", "required-architecture": "amd64"}),
        ("{requirements: {cpu: 2, memory: 512Mi}}", {"required-cpu": "2", "required-memory": "512Mi"}),
        ("{osType: linux, deprecated: true}", {"os-type": "linux", "deprecated": "true"}),
    ],
)
def test_labels_follow_from_the_spec(preferences, member, labels):
    assert labels_of(family(preferences(f"{{members: {{a: {member}}}}}"))["s.a"]) == labels


def test_texts_are_templates_and_members_inherit_what_they_extend(preferences):
    found = family(
        preferences("""
            vendor: example.com
            displayName: "{{ series }} {{ member }} ({{ arch }})"
            osType: linux
            icon: icon-{{ osType }}
            tags: [a, "{{ member }}"]
            annotations: {example.com/for: "{{ osType }}"}
            members:
              a: {traits: [amd64], tags: [b], labels: {example.com/x: "1"}, description: "for {{ member }}"}
              b: {extends: a, displayName: B, labels: {example.com/y: "{{ arch }}"}}
        """)
    )
    first, second = found["s.a"]["metadata"], found["s.b"]["metadata"]
    assert first["annotations"] == {
        "openshift.io/display-name": "s a (amd64)",
        "instancetype.kubevirt.io/description": "for a",
        "iconClass": "icon-linux",
        "tags": "b",
        "example.com/for": "linux",
    }
    assert second["annotations"]["openshift.io/display-name"] == "B"
    assert second["annotations"]["instancetype.kubevirt.io/description"] == "for b"
    assert second["annotations"]["tags"] == "b"
    assert second["labels"]["example.com/x"] == "1"
    assert second["labels"]["example.com/y"] == "amd64"
    assert second["labels"]["instancetype.kubevirt.io/vendor"] == "example.com"


def test_names_from_before_kustomizes_prefix_are_carried_over(preferences):
    series = preferences(
        '{members: {"": {}, a: {}}}',
        "dev-linux",
        annotations={
            "internal.config.kubernetes.io/previousNames": "linux",
            "internal.config.kubernetes.io/previousNamespaces": "default",
        },
    )
    key = "internal.config.kubernetes.io/previousNames"
    assert [item["metadata"]["annotations"][key] for item in expand(series)[0]] == ["linux", "linux.a"]


MISTAKES = {
    "unknown field": (
        "{members: {a: {}}, member: {}}",
        'spec.member: unknown field "member"; did you mean "members"?',
    ),
    "unknown field of a member": (
        "{members: {a: {extend: b}}}",
        'spec.members.a.extend: unknown field "extend"; did you mean "extends"?',
    ),
    "unknown field of the API": (
        "{members: {10.x: {template: {devices: {preferedDiskBus: virtio}}}}}",
        'spec.members[10.x].template.devices.preferedDiskBus: unknown field "preferedDiskBus"; did you mean "preferredDiskBus"?',
    ),
    "unknown field of the API in a trait": (
        "{traits: {t: {devices: {preferedDiskBus: virtio}}}, members: {a: {traits: [t]}, b: {traits: [t]}}}",
        'spec.traits.t.devices.preferedDiskBus: unknown field "preferedDiskBus"; did you mean "preferredDiskBus"?',
    ),
    "wrong type in the series' template": (
        "{template: {devices: {preferredRng: true}}, members: {a: {}}}",
        "spec.template.devices.preferredRng: must be a mapping, not true",
    ),
    "no members": ("{osType: x}", "spec.members: required field members is missing"),
    "empty members": ("{members: {}}", "spec.members: must not be empty"),
    "unknown trait": (
        "{members: {a: {traits: [virtoi]}}}",
        'spec.members.a.traits[0]: "virtoi" is not a trait; did you mean "virtio"?',
    ),
    "unknown base": (
        "{members: {linux: {}, b: {extends: linus}}}",
        'spec.members.b.extends: "linus" is not a member of this series; did you mean "linux"?',
    ),
    "member that extends itself": (
        "{members: {a: {extends: a}}}",
        'spec.members.a.extends: the member extends itself: "a" extends "a"',
    ),
    "vCPUs below one": (
        "{members: {a: {requirements: {cpu: 0}}}}",
        "spec.members.a.requirements.cpu: must be at least 1, not 0",
    ),
    "memory that is no quantity": (
        "{members: {a: {requirements: {memory: lots}}}}",
        'spec.members.a.requirements.memory: must be a quantity such as 2Gi, 500m or 4, not "lots"',
    ),
    "requirement as the API spells it": (
        "{members: {a: {requirements: {memory: {guest: 1Gi}}}}}",
        "spec.members.a.requirements.memory: must be a quantity such as 2Gi, 500m or 4, not a mapping",
    ),
    "bad scope": (
        "{scope: Cluser, members: {a: {}}}",
        'spec.scope: must be one of Cluster, Namespaced or Both, not "Cluser"; did you mean "Cluster"?',
    ),
    "undefined variable": (
        '{displayName: "{{ members }}", members: {a: {}}}',
        'spec.displayName: "members" is not a variable of this template; did you mean "member"?',
    ),
    "architecture before the spec has one": (
        '{template: {preferredSubdomain: "{{ arch }}"}, members: {a: {traits: [arm64]}}}',
        'spec.template.preferredSubdomain: "arch" has no value here: set it in the series, or use arch | default("...")',
    ),
    "name in capitals": (
        "{members: {A: {}}}",
        (
            'spec.members.A: "s.A" is not a name that Kubernetes takes: use lower-case letters, digits, "-" and ".", with a letter or '
            "digit at both ends of each part"
        ),
    ),
    "label that contradicts": (
        "{members: {a: {labels: {instancetype.kubevirt.io/arch: amd64}}}}",
        (
            'spec.members.a.labels[instancetype.kubevirt.io/arch]: "amd64" contradicts the definition, from which this label '
            "follows: it doesn't apply here; leave it out"
        ),
    ),
    "label that contradicts a field": (
        "{osType: linux, labels: {instancetype.kubevirt.io/os-type: windows}, members: {a: {}}}",
        (
            'spec.labels[instancetype.kubevirt.io/os-type]: "windows" contradicts the definition, from which this label follows: it '
            'is "linux" here; leave it out'
        ),
    ),
    "topology that doesn't exist": (
        "{template: {cpu: {preferredCPUTopology: core}}, members: {a: {}, b: {}}}",
        (
            'spec.template.cpu.preferredCPUTopology: spec.cpu.preferredCPUTopology "core" is unknown: write one of sockets, cores, '
            "threads, spread, any"
        ),
    ),
}


@pytest.mark.parametrize(("spec", "line"), MISTAKES.values(), ids=MISTAKES.keys())
def test_each_mistake_is_one_line_at_its_place(preferences, said, spec, line):
    series = preferences(spec)
    items, results = expand(series)
    assert items == []
    assert said(results) == [line]
    assert results[0].item is series


def test_what_kubevirt_warns_about_is_a_warning(preferences):
    series = preferences("{members: {a: {template: {cpu: {preferredCPUTopology: preferSockets}}}}}")
    items, results = expand(series)
    assert len(items) == 1
    path = "spec.members.a.template.cpu.preferredCPUTopology"
    assert [(result.severity, result.path, result.proposed) for result in results] == [("warning", path, "sockets")]


def test_a_circle_is_said_of_every_member_in_it(preferences):
    _, results = expand(preferences("{members: {a: {extends: b}, b: {extends: a}, c: {extends: a}}}"))
    assert [result.path for result in results] == [f"spec.members.{name}.extends" for name in "abc"]


def test_a_chain_of_members_is_bounded(preferences, said):
    series = preferences("{members: {}}")
    series["spec"]["members"] = {"m0": {}} | {f"m{n}": {"extends": f"m{n - 1}"} for n in range(1, 40)}
    _, results = expand(series)
    assert said(results)[0] == "spec.members.m32.extends: a chain of more than 32 members is too long"


def test_the_number_of_objects_is_bounded(preferences, said):
    series = preferences("{members: {}}")
    series["spec"]["members"] = {f"m{n}": {} for n in range(10_001)}
    items, results = expand(series)
    assert items == []
    assert said(results) == [
        "spec.members: 10001 objects are more than the 10000 that one series may have: split it up"
    ]


@pytest.mark.parametrize(
    "spec",
    [
        "null",
        "[]",
        "{members: []}",
        "{members: {a: [], b: null, c: 3}, traits: []}",
        "{members: {a: {traits: x}}}",
        "{members: {a: {traits: [3, null, []], extends: 3, requirements: [], template: x, labels: 3, annotations: [1]}}}",
        "{members: {a: {requirements: {cpu: [], memory: {}, architecture: 3}}}}",
        "{members: {a: {tags: 3, icon: [], displayName: {}, osType: 3, deprecated: 1}}}",
        "{members: {a: {traits: [t]}}, traits: {t: 3}}",
        "{members: {a: {}}, tags: x, template: 1, vendor: []}",
        "{members: {a: {template: {requirements: 3, cpu: [], devices: x}}}}",
    ],
)
def test_values_of_any_type_end_in_results(preferences, spec):
    items, results = expand(preferences(spec))
    assert items == []
    assert has_errors(results)
