"""InstancetypeSeries: what a definition gives, and what is said about each mistake in one."""

from __future__ import annotations

import pytest

from krm_fn.core.finding import has_errors
from krm_fn.core.manifest import copy_tree
from krm_fn.series.instancetype import expand

LABEL = "instancetype.kubevirt.io/"
CX1 = """
class: compute.exclusive
version: "1"
vendor: example.com
displayName: Compute Exclusive
description: Whole physical cores, huge pages and the host's NUMA layout for compute-bound guests.
icon: pficon-registry
scope: Both
memoryPerVCPU: 2Gi
template:
  cpu: {dedicatedCPUPlacement: true, isolateEmulatorThread: true, maxSockets: "{{ cpu }}", numa: {guestMappingPassthrough: {}}}
  memory: {hugepages: {pageSize: 2Mi}}
  ioThreadsPolicy: auto
sizes: {medium: 1, large: 2, xlarge: 4}
variants:
  - suffix: 1gi
    template: {memory: {hugepages: {pageSize: 1Gi}}}
"""


def family(series):
    items, results = expand(series)
    assert results == []
    return {item["metadata"]["name"]: item for item in items}


def labels_of(item):
    return {key.removeprefix(LABEL): value for key, value in item["metadata"]["labels"].items()}


def test_a_family_of_two_scopes_and_a_variant(instancetypes):
    items, results = expand(instancetypes(CX1, "cx1"))
    assert results == []
    names = ["cx1.medium", "cx1.medium1gi", "cx1.large", "cx1.large1gi", "cx1.xlarge", "cx1.xlarge1gi"]
    assert [item["metadata"]["name"] for item in items] == names * 2
    kinds = ["VirtualMachineClusterInstancetype"] * 6 + ["VirtualMachineInstancetype"] * 6
    assert [item["kind"] for item in items] == kinds
    assert items[5] == {
        "apiVersion": "instancetype.kubevirt.io/v1beta1",
        "kind": "VirtualMachineClusterInstancetype",
        "metadata": {
            "name": "cx1.xlarge1gi",
            "annotations": {
                "instancetype.kubevirt.io/displayName": "Compute Exclusive",
                "instancetype.kubevirt.io/description": "Whole physical cores, huge pages and the host's NUMA layout for "
                "compute-bound guests.",
            },
            "labels": {
                "instancetype.kubevirt.io/class": "compute.exclusive",
                "instancetype.kubevirt.io/cpu": "4",
                "instancetype.kubevirt.io/dedicatedCPUPlacement": "true",
                "instancetype.kubevirt.io/hugepages": "1Gi",
                "instancetype.kubevirt.io/icon-pf": "pficon-registry",
                "instancetype.kubevirt.io/isolateEmulatorThread": "true",
                "instancetype.kubevirt.io/memory": "8Gi",
                "instancetype.kubevirt.io/numa": "true",
                "instancetype.kubevirt.io/size": "xlarge1gi",
                "instancetype.kubevirt.io/vendor": "example.com",
                "instancetype.kubevirt.io/version": "1",
            },
        },
        "spec": {
            "cpu": {
                "guest": 4,
                "dedicatedCPUPlacement": True,
                "isolateEmulatorThread": True,
                "maxSockets": 4,
                "numa": {"guestMappingPassthrough": {}},
            },
            "memory": {"guest": "8Gi", "hugepages": {"pageSize": "1Gi"}},
            "ioThreadsPolicy": "auto",
        },
    }


def test_the_definition_is_not_changed_and_nothing_is_shared(instancetypes):
    series = instancetypes(CX1)
    before = copy_tree(series)
    items, _ = expand(series)
    items[0]["spec"]["cpu"]["numa"]["guestMappingPassthrough"]["x"] = 1
    items[0]["metadata"]["labels"]["x"] = "y"
    assert series == before
    assert all(item["spec"]["cpu"]["numa"] == {"guestMappingPassthrough": {}} for item in items[1:])
    assert all("x" not in item["metadata"]["labels"] for item in items[1:])


@pytest.mark.parametrize(
    ("scope", "kinds"),
    [
        ("{}", ["VirtualMachineClusterInstancetype"]),
        ("{scope: Cluster}", ["VirtualMachineClusterInstancetype"]),
        ("{scope: Namespaced}", ["VirtualMachineInstancetype"]),
        ("{scope: Both}", ["VirtualMachineClusterInstancetype", "VirtualMachineInstancetype"]),
    ],
)
def test_the_scope_decides_the_kinds(instancetypes, scope, kinds):
    series = instancetypes("sizes: {a: 1x1Gi}")
    series["spec"] |= instancetypes(scope)["spec"]
    assert [item["kind"] for item in expand(series)[0]] == kinds


def test_only_namespaced_kinds_get_the_namespace(instancetypes):
    items, _ = expand(instancetypes("{scope: Both, sizes: {a: 1x1Gi}}", namespace="vms"))
    assert [item["metadata"].get("namespace") for item in items] == [None, "vms"]


@pytest.mark.parametrize(
    ("per_vcpu", "vcpus", "memory"),
    [
        ("2Gi", 4, "8Gi"),
        ("512Mi", 2, "1Gi"),
        ("1536Mi", 1, "1536Mi"),
        ("1.5Gi", 2, "3Gi"),
        ("7.5Gi", 2, "15Gi"),
        ("2G", 3, "6G"),
        ("1500M", 2, "3G"),
        ("1024Gi", 8, "8Ti"),
        ("1e9", 2, "2e9"),
        ("1073741824", 2, "2147483648"),
    ],
)
def test_memory_per_vcpu_is_exact_and_keeps_its_unit_family(instancetypes, per_vcpu, vcpus, memory):
    item = family(instancetypes(f'{{memoryPerVCPU: "{per_vcpu}", sizes: {{a: {vcpus}}}}}'))["s.a"]
    assert item["spec"]["memory"] == {"guest": memory}
    assert labels_of(item)["memory"] == memory


@pytest.mark.parametrize(
    ("size", "cpu", "memory"),
    [
        ("4", 4, "16Gi"),
        ("1x512Mi", 1, "512Mi"),
        ("'2 x 3.5Gi'", 2, "3.5Gi"),
        ("{cpu: 3}", 3, "12Gi"),
        ("{cpu: 3, memory: 1G}", 3, "1G"),
        ("{cpu: 3, memory: 1073741824}", 3, "1073741824"),
    ],
)
def test_the_spellings_of_a_size(instancetypes, size, cpu, memory):
    item = family(instancetypes(f"{{memoryPerVCPU: 4Gi, sizes: {{a: {size}}}}}"))["s.a"]
    assert item["spec"] == {"cpu": {"guest": cpu}, "memory": {"guest": memory}}
    assert (labels_of(item)["cpu"], labels_of(item)["memory"]) == (str(cpu), memory)


def test_a_template_may_say_the_memory_that_a_size_leaves_open(instancetypes):
    series = instancetypes('{template: {memory: {guest: "{{ cpu * 3 }}Gi"}}, sizes: {a: 1, b: {cpu: 2}}}')
    assert [item["spec"]["memory"]["guest"] for item in expand(series)[0]] == ["3Gi", "6Gi"]


def test_templates_merge_series_size_variant_and_null_removes(instancetypes):
    found = family(
        instancetypes("""
            memoryPerVCPU: 1Gi
            template: {cpu: {model: host-model, dedicatedCPUPlacement: true}, nodeSelector: {a: "1", b: "2"}, gpus: [{name: x}]}
            sizes:
              plain: 1
              own: {cpu: 2, template: {cpu: {model: null}, nodeSelector: {b: "3"}, gpus: [{name: y}, {name: z}]}}
            variants:
              - {suffix: v, template: {cpu: {dedicatedCPUPlacement: null}, nodeSelector: {c: "{{ size }}"}}}
        """)
    )
    assert found["s.plain"]["spec"]["cpu"] == {"guest": 1, "model": "host-model", "dedicatedCPUPlacement": True}
    assert found["s.own"]["spec"] == {
        "cpu": {"guest": 2, "dedicatedCPUPlacement": True},
        "memory": {"guest": "2Gi"},
        "nodeSelector": {"a": "1", "b": "3"},
        "gpus": [{"name": "y"}, {"name": "z"}],
    }
    assert found["s.ownv"]["spec"]["cpu"] == {"guest": 2}
    assert found["s.ownv"]["spec"]["nodeSelector"] == {"a": "1", "b": "3", "c": "ownv"}
    assert "dedicatedCPUPlacement" not in labels_of(found["s.plainv"])


def test_a_template_that_gives_null_leaves_its_field_out(instancetypes):
    series = instancetypes(
        '{template: {cpu: {maxSockets: "{{ cpu if cpu > 1 else none }}"}}, sizes: {a: 1x1Gi, b: 2x1Gi}}'
    )
    assert [item["spec"]["cpu"].get("maxSockets") for item in expand(series)[0]] == [None, 2]


def test_names_labels_annotations_and_texts_are_templates(instancetypes):
    found = family(
        instancetypes("""
            class: c
            version: 2
            nameTemplate: "{{ class }}{{ version }}-{{ size }}"
            displayName: "{{ class }} {{ size }}"
            description: "{{ cpu }} vCPUs, {{ memory }} ({{ memory_bytes // 1048576 }} MiB){{ ', dense' if variant }}"
            labels: {example.com/tier: "{{ size }}", example.com/big: "{{ cpu > 1 }}", example.com/none: "{{ none }}"}
            annotations: {example.com/cpu: "{{ cpu }}"}
            sizes:
              a: 1x1Gi
              b: {cpu: 2, memory: 2Gi, labels: {example.com/tier: gold}, annotations: {example.com/note: "{{ series }}"}}
            variants: [{suffix: x, displayName: Dense}]
        """)
    )
    assert list(found) == ["c2-a", "c2-ax", "c2-b", "c2-bx"]
    metadata = found["c2-b"]["metadata"]
    assert metadata["annotations"] == {
        "example.com/cpu": "2",
        "example.com/note": "s",
        "instancetype.kubevirt.io/displayName": "c b",
        "instancetype.kubevirt.io/description": "2 vCPUs, 2Gi (2048 MiB)",
    }
    own = {key: value for key, value in metadata["labels"].items() if key.startswith("example.com")}
    assert own == {"example.com/big": "true", "example.com/tier": "gold"}
    assert metadata["labels"]["instancetype.kubevirt.io/version"] == "2"
    variant = found["c2-ax"]["metadata"]
    assert variant["annotations"]["instancetype.kubevirt.io/displayName"] == "Dense"
    assert variant["annotations"]["instancetype.kubevirt.io/description"] == "1 vCPUs, 1Gi (1024 MiB), dense"
    assert variant["labels"]["instancetype.kubevirt.io/size"] == "ax"


def test_null_removes_labels_and_annotations_of_an_earlier_place(instancetypes):
    found = family(
        instancetypes("""
            labels: {x: a, y: "{{ size }}"}
            annotations: {x: a, y: b}
            sizes: {a: {cpu: 1, memory: 1Gi, labels: {x: null}, annotations: {x: null}}}
            variants: [{suffix: v, labels: {y: null}, annotations: {y: "{{ none }}"}}]
        """)
    )
    plain, variant = found["s.a"]["metadata"], found["s.av"]["metadata"]
    assert [key for key in plain["labels"] if "/" not in key] == ["y"]
    assert plain["annotations"] == {"y": "b"}
    assert [key for key in variant["labels"] if "/" not in key] == []
    assert "annotations" not in variant


def test_deprecated_marks_the_series_a_size_or_a_variant(instancetypes):
    found = family(
        instancetypes("""
            deprecated: true
            sizes: {a: 1x1Gi, b: {cpu: 1, memory: 1Gi, deprecated: false}}
            variants: [{suffix: v, deprecated: true}]
        """)
    )
    assert {name for name, item in found.items() if labels_of(item).get("deprecated") == "true"} == {
        "s.a",
        "s.av",
        "s.bv",
    }


@pytest.mark.parametrize(
    ("template", "label", "value"),
    [
        ("{cpu: {realtime: {}}}", "realtime", "true"),
        ("{cpu: {realtime: {mask: 0-1}}}", "realtime", "true"),
        ("{cpu: {numa: {}}}", "numa", None),
        ("{cpu: {numa: {guestMappingPassthrough: {}}}}", "numa", "true"),
        ("{cpu: {dedicatedCPUPlacement: false}}", "dedicatedCPUPlacement", None),
        ("{cpu: {isolateEmulatorThread: true}}", "isolateEmulatorThread", "true"),
        ("{memory: {hugepages: {pageSize: 2Mi}}}", "hugepages", "2Mi"),
        ("{memory: {hugepages: {}}}", "hugepages", None),
    ],
)
def test_labels_follow_from_the_spec(instancetypes, template, label, value):
    item = family(instancetypes(f"{{template: {template}, sizes: {{a: 1x1Gi}}}}"))["s.a"]
    assert labels_of(item).get(label) == value


def test_metadata_of_overlays_reaches_the_objects_but_not_the_files_own(instancetypes):
    series = instancetypes(
        "sizes: {a: 1x1Gi}",
        labels={"team": "vms"},
        annotations={
            "owner": "me",
            "config.kubernetes.io/local-config": "true",
            "internal.config.kubernetes.io/path": "a.yaml",
            "config.k8s.io/id": "1",
            "kustomize.config.k8s.io/id": "1",
        },
    )
    metadata = family(series)["s.a"]["metadata"]
    assert metadata["annotations"] == {"owner": "me"}
    assert metadata["labels"]["team"] == "vms"


def test_names_from_before_kustomizes_prefix_are_carried_over(instancetypes):
    series = instancetypes(
        "{scope: Both, sizes: {a: 1x1Gi}}",
        "dev-cx1",
        annotations={
            "internal.config.kubernetes.io/previousNames": "cx1,x-cx1",
            "internal.config.kubernetes.io/previousNamespaces": "default,default",
        },
    )
    items, _ = expand(series)
    assert items[1]["metadata"]["annotations"] == {
        "internal.config.kubernetes.io/previousNames": "cx1.a,x-cx1.a",
        "internal.config.kubernetes.io/previousNamespaces": "default,default",
        "internal.config.kubernetes.io/previousKinds": "VirtualMachineInstancetype,VirtualMachineInstancetype",
    }


MISTAKES = {
    "unknown field": (
        "{sizes: {a: 1x1Gi}, memoryPerVCPUs: 1Gi}",
        'spec.memoryPerVCPUs: unknown field "memoryPerVCPUs"; did you mean "memoryPerVCPU"?',
    ),
    "unknown field of a size": (
        "{sizes: {a: {cpu: 1, memory: 1Gi, lables: {}}}}",
        'spec.sizes.a.lables: unknown field "lables"; did you mean "labels"?',
    ),
    "unknown field of the API": (
        "{template: {cpu: {dedicatedCpuPlacement: true}}, sizes: {a: 1x1Gi, b: 2x1Gi}}",
        'spec.template.cpu.dedicatedCpuPlacement: unknown field "dedicatedCpuPlacement"; did you mean "dedicatedCPUPlacement"?',
    ),
    "unknown field of the API in a size": (
        "{sizes: {a: {cpu: 1, memory: 1Gi, template: {cpus: {}}}}}",
        'spec.sizes.a.template.cpus: unknown field "cpus"; did you mean "cpu"?',
    ),
    "unknown field of the API in a variant": (
        "{sizes: {a.b: 1x1Gi}, variants: [{suffix: x}, {suffix: y, template: {gpus: [{nme: a, name: b}]}}]}",
        'spec.variants[1].template.gpus[0].nme: unknown field "nme"; did you mean "name"?',
    ),
    "wrong type in a template": (
        "{template: {cpu: {maxSockets: many}}, sizes: {a: 1x1Gi}}",
        'spec.template.cpu.maxSockets: must be a whole number, not "many"',
    ),
    "wrong type from a template": (
        '{template: {cpu: {maxSockets: "{{ size }}"}}, sizes: {a: 1x1Gi}}',
        'spec.template.cpu.maxSockets: must be a whole number, not "a"',
    ),
    "missing field of the API": (
        "{template: {gpus: [{deviceName: x}]}, sizes: {a: 1x1Gi}}",
        "spec.template.gpus[0].name: required field name is missing",
    ),
    "no sizes": ("{class: x}", "spec.sizes: required field sizes is missing"),
    "empty sizes": ("{sizes: {}}", "spec.sizes: must not be empty"),
    "size without memory": (
        "{sizes: {a: 2}}",
        'spec.sizes.a: the size has no memory: write "2x4Gi", {cpu: 2, memory: 4Gi} or spec.memoryPerVCPU',
    ),
    "no vCPUs": ("{sizes: {a: 0x1Gi}}", "spec.sizes.a: 0 vCPUs: write at least 1"),
    "negative vCPUs": ("{memoryPerVCPU: 1Gi, sizes: {a: -1}}", "spec.sizes.a: -1 vCPUs: write at least 1"),
    "fractional vCPUs": (
        "{memoryPerVCPU: 1Gi, sizes: {a: 1.5}}",
        'spec.sizes.a: 1.5 is not a number of vCPUs: write a whole number, "4x16Gi" or a mapping with cpu and memory',
    ),
    "fractional vCPUs in text": (
        "{sizes: {a: 1.5x4Gi}}",
        'spec.sizes.a: "1.5" is not a number of vCPUs: write a whole number, "4x16Gi" or a mapping with cpu and memory',
    ),
    "too many vCPUs": (
        "{sizes: {a: 99999x1Gi}}",
        "spec.sizes.a: 99999 vCPUs: write at most 4096, which is what KVM runs in one guest",
    ),
    "vCPUs beyond counting": (
        "{memoryPerVCPU: 1Gi, sizes: {a: 1" + "0" * 60 + "}}",
        "spec.sizes.a: a number of more than 38 digits vCPUs: write at most 4096, which is what KVM runs in one guest",
    ),
    "true for vCPUs": (
        "{memoryPerVCPU: 1Gi, sizes: {a: true}}",
        'spec.sizes.a: true is not a number of vCPUs: write a whole number, "4x16Gi" or a mapping with cpu and memory',
    ),
    "vCPUs in quotes": (
        '{memoryPerVCPU: 1Gi, sizes: {a: "4"}}',
        "spec.sizes.a: vCPUs are a number: write 4 without quotes",
    ),
    "size without vCPUs": (
        "{sizes: {a: {memory: 1Gi}}}",
        'spec.sizes.a.cpu: the size has no vCPUs: write their number, "<vcpus>x<memory>" or a mapping with cpu',
    ),
    "memory with another suffix": (
        "{sizes: {a: 1x4GB}}",
        'spec.sizes.a: "4GB" is not a quantity: write a number with an optional suffix, such as 4Gi or 500m; did you mean "4Gi"?',
    ),
    "memory that is no quantity": (
        "{sizes: {a: {cpu: 1, memory: lots}}}",
        'spec.sizes.a.memory: "lots" is not a quantity: write a number with an optional suffix, such as 4Gi or 500m',
    ),
    "no memory at all": ("{sizes: {a: 1x0}}", 'spec.sizes.a: "0" of memory: write more than 0'),
    "negative memory": ("{sizes: {a: 1x-4Gi}}", 'spec.sizes.a: "-4Gi" of memory: write more than 0'),
    "memory beyond counting": ("{sizes: {a: 1x9Ei}}", 'spec.sizes.a: "9Ei" of memory: write less than 8Ei'),
    "memory per vCPU beyond counting": (
        "{memoryPerVCPU: 1Ei, sizes: {a: 100}}",
        "spec.sizes.a: 100 times memoryPerVCPU is more memory than Kubernetes can count",
    ),
    "wrong memory per vCPU": (
        "{memoryPerVCPU: 4gb, sizes: {a: 1, b: 2}}",
        (
            'spec.memoryPerVCPU: "4gb" is not a quantity: write a number with an optional suffix, such as 4Gi or 500m; did you mean '
            '"4Gi"?'
        ),
    ),
    "said twice": (
        "{template: {memory: {guest: 3Gi}}, sizes: {a: 1x1Gi}}",
        "spec.template.memory.guest: memory.guest is 3Gi in the template but 1Gi in size a: say it once",
    ),
    "two sizes of one name": (
        "{nameTemplate: '{{ series }}', sizes: {a: 1x1Gi, b: 2x1Gi}}",
        'spec.sizes.b: "s" is already the name of the object from spec.sizes.a',
    ),
    "size and variant of one name": (
        "{sizes: {a: 1x1Gi, ab: 2x1Gi}, variants: [{suffix: b}]}",
        'spec.sizes.ab: "s.ab" is already the name of the object from spec.variants[0]',
    ),
    "two variants of one suffix": (
        "{sizes: {a: 1x1Gi}, variants: [{suffix: b}, {suffix: b}]}",
        'spec.variants[1].suffix: "b" is already the suffix of spec.variants[0]: give each variant its own',
    ),
    "name in capitals": (
        "{sizes: {XL: 1x1Gi}, variants: [{suffix: b}]}",
        (
            'spec.sizes.XL: "s.XL" is not a name that Kubernetes takes: use lower-case letters, digits, "-" and ".", with a letter or '
            "digit at both ends of each part"
        ),
    ),
    "name too long": (
        "{nameTemplate: '{{ size }}" + "a" * 253 + "', sizes: {a: 1x1Gi}}",
        "spec.sizes.a: the name has 254 characters: Kubernetes takes at most 253",
    ),
    "size too long for its label": (
        "{sizes: {" + "a" * 64 + ": 1x1Gi}}",
        (
            f"spec.sizes.{'a' * 64}: label instancetype.kubevirt.io/size: the label's value has 64 characters: Kubernetes takes at "
            "most 63"
        ),
    ),
    "label too long": (
        "{sizes: {a: {cpu: 1, memory: 1Gi, labels: {x: " + "a" * 64 + "}}}}",
        "spec.sizes.a.labels.x: the label's value has 64 characters: Kubernetes takes at most 63",
    ),
    "label with a space": (
        "{labels: {x: 'a {{ size }}'}, sizes: {a: 1x1Gi}}",
        'spec.labels.x: "a a" is not a label value: use letters, digits, "-", "_" and ".", with a letter or digit at both ends',
    ),
    "label with a wrong key": (
        "{labels: {-x: a}, sizes: {a: 1x1Gi}}",
        (
            'spec.labels.-x: "-x" is not a key that Kubernetes takes: for at most 63 characters use letters, digits, "-", "_" and '
            '".", with a letter or digit at both ends'
        ),
    ),
    "label that is no text": (
        "{labels: {x: 1}, sizes: {a: 1x1Gi}}",
        "spec.labels.x: must be text, not 1; write it in quotes",
    ),
    "label that contradicts": (
        "{labels: {instancetype.kubevirt.io/cpu: '2'}, sizes: {a: 1x1Gi, b: 2x1Gi}}",
        (
            'spec.labels[instancetype.kubevirt.io/cpu]: "2" contradicts the definition, from which this label follows: it is "1" '
            "here; leave it out"
        ),
    ),
    "label that doesn't apply": (
        "{labels: {instancetype.kubevirt.io/hugepages: 2Mi}, sizes: {a: 1x1Gi}}",
        (
            'spec.labels[instancetype.kubevirt.io/hugepages]: "2Mi" contradicts the definition, from which this label follows: it '
            "doesn't apply here; leave it out"
        ),
    ),
    "overcommit of huge pages": (
        "{template: {memory: {overcommitPercent: 50, hugepages: {pageSize: 2Mi}}}, sizes: {a: 1x1Gi}}",
        "spec.template.memory.overcommitPercent: huge pages can't be overcommitted: remove spec.memory.overcommitPercent or spec.memory.hugepages",
    ),
    "overcommit of huge pages in a variant": (
        (
            "{template: {memory: {overcommitPercent: 50}}, sizes: {a: 1x1Gi}, variants: [{suffix: x, template: {memory: {hugepages: "
            "{pageSize: 2Mi}}}}]}"
        ),
        "spec.template.memory.overcommitPercent: huge pages can't be overcommitted: remove spec.memory.overcommitPercent or spec.memory.hugepages",
    ),
    "overcommit out of range": (
        "{template: {memory: {overcommitPercent: 101}}, sizes: {a: 1x1Gi}}",
        "spec.template.memory.overcommitPercent: must be at most 100, not 101",
    ),
    "negative overcommit": (
        "{template: {memory: {overcommitPercent: -1}}, sizes: {a: 1x1Gi}}",
        "spec.template.memory.overcommitPercent: must be at least 0, not -1",
    ),
    "memory that huge pages don't divide": (
        "{template: {memory: {hugepages: {pageSize: 1Gi}}}, sizes: {a: 1x512Mi, b: 1x1Gi, c: 1x1536Mi}}",
        "spec.template.memory.hugepages.pageSize: 512Mi of memory is not a multiple of the huge pages' 1Gi",
    ),
    "huge pages of nothing": (
        "{template: {memory: {hugepages: {pageSize: '0'}}}, sizes: {a: 1x512Mi}}",
        "spec.template.memory.hugepages.pageSize: 0 of memory: write more than 0",
    ),
    "huge pages beyond counting": (
        "{template: {memory: {hugepages: {pageSize: '1e99999'}}}, sizes: {a: 1x512Mi}}",
        'spec.template.memory.hugepages.pageSize: "1e99999" is not a quantity: its exponent is out of range',
    ),
    "maximum below the memory": (
        "{template: {memory: {maxGuest: 1Gi}}, sizes: {a: 1x2Gi}}",
        "spec.template.memory.maxGuest: maxGuest 1Gi is less than the guest's 2Gi",
    ),
    "bad scope": (
        "{scope: Clusters, sizes: {a: 1x1Gi}}",
        'spec.scope: must be one of Cluster, Namespaced or Both, not "Clusters"; did you mean "Cluster"?',
    ),
    "undefined variable": (
        '{template: {cpu: {maxSockets: "{{ cpus }}"}}, sizes: {a: 1x1Gi, b: 2x1Gi}}',
        'spec.template.cpu.maxSockets: "cpus" is not a variable of this template; did you mean "cpu"?',
    ),
    "variable without a value": (
        '{nameTemplate: "{{ class }}.{{ size }}", sizes: {a: 1x1Gi, b: 2x1Gi}}',
        'spec.nameTemplate: "class" has no value here: set it in the series, or use class | default("...")',
    ),
    "template that fails for some sizes": (
        '{template: {cpu: {maxSockets: "{{ 8 // (cpu - 2) }}"}}, sizes: {a: 4x1Gi, b: 2x1Gi}}',
        "spec.template.cpu.maxSockets: the template divides by zero",
    ),
    "loop": (
        '{description: "{% for x in [1] %}{% endfor %}", sizes: {a: 1x1Gi}}',
        "spec.description: loops are not part of these templates: write the values of each size in its own template",
    ),
}


@pytest.mark.parametrize(("spec", "line"), MISTAKES.values(), ids=MISTAKES.keys())
def test_each_mistake_is_one_line_at_its_place(instancetypes, said, spec, line):
    series = instancetypes(spec)
    items, results = expand(series)
    assert items == []
    assert said(results) == [line]
    assert results[0].item is series


def test_a_template_nested_too_deeply_is_cut_off(instancetypes, said):
    _, results = expand(instancetypes("{template: " + "{a: " * 60 + "1" + "}" * 60 + ", sizes: {a: 1x1Gi}}"))
    assert f"spec.template{'.a' * 32}: nested more than 32 deep, which no KubeVirt object is" in said(results)


def test_all_mistakes_are_found_in_one_run(instancetypes):
    _, results = expand(
        instancetypes("""
            clas: x
            memoryPerVCPU: 4GB
            template: {cpu: {modle: x, maxSockets: "{{ cpus }}"}, memory: {overcommitPercent: 200}}
            labels: {a: "b c"}
            sizes: {a: 0, b: 1x1Gi, C: 1x1Gi, d: {cpu: 1, memory: 2Gi, template: {memory: {hugepages: {pageSize: 3Mi}}}}}
            variants: [{sufix: x}]
        """)
    )
    paths = {result.path for result in results}
    assert paths == {
        "spec.clas",
        "spec.memoryPerVCPU",
        "spec.template.cpu.modle",
        "spec.template.cpu.maxSockets",
        "spec.template.memory.overcommitPercent",
        "spec.labels.a",
        "spec.sizes.a",
        "spec.sizes.C",
        "spec.variants[0].sufix",
        "spec.variants[0].suffix",
    }


def test_what_kubevirt_warns_about_is_a_warning(instancetypes):
    items, results = expand(instancetypes("{template: {launchSecurity: {sev: {}}}, sizes: {a: 1x1Gi, b: 2x1Gi}}"))
    assert len(items) == 2
    assert [(result.severity, result.path) for result in results] == [("warning", "spec.template.launchSecurity")]


@pytest.mark.parametrize(
    "spec",
    [
        "null",
        "[]",
        "text",
        "{sizes: []}",
        "{sizes: {a: [], b: null, c: {cpu: {}}}}",
        "{sizes: {a: 1x1Gi}, template: [], labels: 3, annotations: x, variants: {a: b}}",
        "{sizes: {a: {cpu: 1, memory: {}, template: 1, labels: [], annotations: null, deprecated: x}}}",
        "{sizes: {a: 1x1Gi}, variants: [1, null, {suffix: 3}, {suffix: []}, {suffix: x, template: {cpu: 3, memory: []}}]}",
        "{sizes: {a: 1x1Gi}, template: {cpu: [], memory: {guest: {}, hugepages: 3}}}",
        "{sizes: {a: 1x1Gi}, class: [], version: {}, vendor: 3, icon: null, nameTemplate: {}, displayName: 3, description: []}",
        "{sizes: {a: 1x1Gi}, memoryPerVCPU: [], scope: {}}",
    ],
)
def test_values_of_any_type_end_in_results(instancetypes, spec):
    items, results = expand(instancetypes(spec))
    assert items == []
    assert has_errors(results)


@pytest.mark.parametrize(
    "metadata", [None, [], {"name": 3}, {"name": ""}, {"name": "UPPER"}, {"name": "x", "labels": [1]}]
)
def test_metadata_of_any_type_ends_in_results(instancetypes, metadata):
    series = instancetypes("{sizes: {a: 1x1Gi}}")
    series["metadata"] = metadata
    items, results = expand(series)
    assert items == []
    assert has_errors(results)


def test_a_bad_series_name_is_said_once(instancetypes):
    _, results = expand(instancetypes("{sizes: {a: 1x1Gi, b: 1x1Gi}}", "Bad_Name"))
    assert [result.path for result in results] == ["metadata.name"]


def test_the_number_of_objects_is_bounded(instancetypes, said):
    series = instancetypes("{sizes: {}, variants: []}")
    series["spec"]["sizes"] = {f"s{n}": "1x1Gi" for n in range(5001)}
    series["spec"]["variants"] = [{"suffix": "v"}]
    items, results = expand(series)
    assert items == []
    assert said(results) == ["spec.sizes: 10002 objects are more than the 10000 that one series may have: split it up"]


def test_the_text_of_all_objects_is_bounded(instancetypes, said):
    series = instancetypes("{sizes: {}}")
    series["spec"]["sizes"] = {f"s{n}": "1x1Gi" for n in range(1000)}
    series["spec"]["annotations"] = {"x": "y" * 100_000}
    items, results = expand(series)
    assert items == []
    assert "1000 objects of this length are more than one series may have" in said(results)[0]


def test_the_number_of_findings_is_bounded(instancetypes):
    series = instancetypes("{sizes: {}}")
    series["spec"]["sizes"] = {f"s{n}": -1 for n in range(1000)}
    _, results = expand(series)
    assert len(results) == 200
    assert results[-1].message == "more than 199 findings: the rest is left out"


def test_the_number_of_expressions_is_bounded(instancetypes, said):
    series = instancetypes("{sizes: {a: 1x1Gi}}")
    series["spec"]["annotations"] = {f"k{n}": f"{{{{ cpu * {n} }}}}" for n in range(501)}
    items, results = expand(series)
    assert items == []
    assert said(results) == [
        "spec: more than 500 different expressions in one series: write plain values, or split it up"
    ]


def test_a_mistake_in_every_size_does_not_make_it_slow(instancetypes):
    series = instancetypes("{sizes: {}}")
    series["spec"]["sizes"] = {f"s{n}": "1x1Gi" for n in range(2000)}
    series["spec"]["template"] = {f"field{n}": 1 for n in range(50)}
    _, results = expand(series)
    assert len(results) == 50


def names(series):
    items, results = expand(series)
    assert results == []
    return [item["metadata"]["name"] for item in items]


def test_variants_can_stand_without_the_plain_sizes(instancetypes, said):
    series = instancetypes("{plain: false, sizes: {a: 1x1Gi, b: 2x1Gi}, variants: [{suffix: .x}, {suffix: .y}]}")
    assert names(series) == ["s.a.x", "s.a.y", "s.b.x", "s.b.y"]
    _, results = expand(instancetypes("{plain: false, sizes: {a: 1x1Gi}}"))
    assert said(results) == ["spec.plain: there are no variants, and without the plain sizes nothing is left"]


def test_several_series_share_what_they_do_not_say_themselves(instancetypes):
    series = instancetypes("""
        vendor: example.com
        memoryPerVCPU: 4Gi
        displayName: "{{ series }} {{ class }}"
        template: {ioThreadsPolicy: auto}
        sizes: {s: 1, m: 2}
        series:
          g1: null
          c1: {class: compute, memoryPerVCPU: 2Gi, sizes: {s: null, l: 4}, template: {ioThreadsPolicy: null}}
        class: general
    """)
    before = copy_tree(series)
    items, results = expand(series)
    assert results == []
    assert series == before
    found = {item["metadata"]["name"]: item for item in items}
    assert list(found) == ["g1.s", "g1.m", "c1.m", "c1.l"]
    assert found["g1.m"]["spec"] == {"cpu": {"guest": 2}, "memory": {"guest": "8Gi"}, "ioThreadsPolicy": "auto"}
    assert found["c1.l"]["spec"] == {"cpu": {"guest": 4}, "memory": {"guest": "8Gi"}}
    metadata = found["c1.l"]["metadata"]
    assert metadata["labels"]["instancetype.kubevirt.io/class"] == "compute"
    assert metadata["annotations"]["instancetype.kubevirt.io/displayName"] == "c1 compute"


def test_mistakes_in_one_of_several_series_are_shown_where_they_stand(instancetypes, said):
    series = instancetypes("""
        memoryPerVCPU: 4Gi
        sizes: {s: 1, m: -2}
        series: {a: {memoryPerVCPU: 4GB}, "b.c": {sizes: {m: 0}, clas: x}, d: {series: {}}, e: {sizes: {m: 1}}}
    """)
    items, results = expand(series)
    assert items == []
    assert {result.item is series for result in results} == {True}
    paths = {line.partition(": ")[0] for line in said(results)}
    assert paths == {
        "spec.sizes.m",
        "spec.series.a.memoryPerVCPU",
        "spec.series[b.c].sizes.m",
        "spec.series[b.c].clas",
        "spec.series.d.series",
    }


def test_objects_of_two_series_cannot_share_a_name(instancetypes, said):
    series = instancetypes('{nameTemplate: "x.{{ size }}", sizes: {s: 1x1Gi}, series: {a: {}, b: {}}}')
    assert "is already the name of the object from" in said(expand(series)[1])[0]


def test_the_number_of_objects_of_all_series_is_bounded(instancetypes, said):
    series = instancetypes("{sizes: {}, series: {}}")
    series["spec"]["sizes"] = {f"s{n}": "1x1Gi" for n in range(100)}
    series["spec"]["series"] = {f"f{n}": {} for n in range(101)}
    items, results = expand(series)
    assert items == []
    assert "10100 objects are more than the 10000" in said(results)[-1]


def test_gpus_are_labelled(instancetypes):
    items, _ = expand(instancetypes("{sizes: {a: 1x1Gi}, template: {gpus: [{name: g, deviceName: a/b}]}}"))
    assert items[0]["metadata"]["labels"]["instancetype.kubevirt.io/gpus"] == "true"
