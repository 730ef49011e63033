"""CatalogGenerator: what is selected and changed, and what is said about each mistake."""

from __future__ import annotations

import pytest

from krm_fn.core.finding import has_errors
from krm_fn.core.manifest import copy_tree, name_of
from krm_fn.series.generator import run


def generated(config):
    items, results = run(config)
    assert results == []
    return {name_of(item): item for item in items}


def test_the_default_is_the_whole_common_catalog_cluster_wide(generator):
    items, results = run(generator("{}"))
    assert results == []
    assert len(items) == 119
    assert {item["kind"] for item in items} == {"VirtualMachineClusterInstancetype", "VirtualMachineClusterPreference"}


def test_a_configuration_without_a_spec_is_the_default(generator):
    config = generator("{}")
    del config["spec"]
    assert len(run(config)[0]) == 119


@pytest.mark.parametrize(("scope", "count"), [("Cluster", 119), ("Namespaced", 119), ("Both", 238)])
def test_the_scope_decides_the_kinds(generator, scope, count):
    assert len(run(generator(f"{{scope: {scope}}}"))[0]) == count


def test_only_namespaced_kinds_get_the_namespace(generator):
    items, _ = run(generator("{scope: Both, include: [linux]}", namespace="vms"))
    assert [item["metadata"].get("namespace") for item in items] == [None, "vms"]


def test_include_and_exclude_are_globs_over_names(generator):
    found = generated(generator('{include: ["u1.*", "windows.1?", "linux"], exclude: ["*.8xlarge", "u1.[nm]*"]}'))
    assert list(found) == [
        "linux",
        "u1.small",
        "u1.2xmedium",
        "u1.large",
        "u1.xlarge",
        "u1.2xlarge",
        "u1.4xlarge",
        "windows.10",
        "windows.11",
    ]


def test_the_vendor_replaces_the_catalogs_own(generator):
    found = generated(generator("{vendor: example.com}"))
    assert {item["metadata"]["labels"]["instancetype.kubevirt.io/vendor"] for item in found.values()} == {"example.com"}


def test_an_override_is_merged_and_the_labels_follow(generator):
    config = generator("""
        include: [u1.medium, u1.small, windows.10]
        scope: Both
        override:
          u1.medium:
            metadata: {labels: {team: vms, instancetype.kubevirt.io/icon-pf: null}, annotations: {note: ours}}
            spec: {memory: {guest: 6Gi, hugepages: {pageSize: 2Mi}}, cpu: {dedicatedCPUPlacement: true}}
          windows.10: {spec: {requirements: {memory: null}, preferredArchitecture: amd64, firmware: null}}
    """)
    before = copy_tree(config)
    items, results = run(config)
    assert results == []
    assert config == before
    changed = [item for item in items if name_of(item) == "u1.medium"]
    assert [item["kind"] for item in changed] == ["VirtualMachineClusterInstancetype", "VirtualMachineInstancetype"]
    for item in changed:
        assert item["spec"] == {
            "cpu": {"guest": 1, "dedicatedCPUPlacement": True},
            "memory": {"guest": "6Gi", "hugepages": {"pageSize": "2Mi"}},
        }
        assert item["metadata"]["labels"] == {
            "instancetype.kubevirt.io/class": "general.purpose",
            "instancetype.kubevirt.io/cpu": "1",
            "instancetype.kubevirt.io/dedicatedCPUPlacement": "true",
            "instancetype.kubevirt.io/hugepages": "2Mi",
            "instancetype.kubevirt.io/memory": "6Gi",
            "instancetype.kubevirt.io/size": "medium",
            "instancetype.kubevirt.io/vendor": "kubevirt.io",
            "instancetype.kubevirt.io/version": "1",
            "team": "vms",
        }
        assert item["metadata"]["annotations"]["note"] == "ours"
    windows = next(item for item in items if name_of(item) == "windows.10")
    assert windows["spec"]["requirements"] == {"cpu": {"guest": 1}}
    assert "firmware" not in windows["spec"]
    labels = windows["metadata"]["labels"]
    assert "instancetype.kubevirt.io/required-memory" not in labels
    assert labels["instancetype.kubevirt.io/arch"] == "amd64"
    small = next(item for item in items if name_of(item) == "u1.small")
    assert small["spec"] == {"cpu": {"guest": 1}, "memory": {"guest": "2Gi"}}


MISTAKES = {
    "unknown field": ("{catalog: [common]}", 'spec.catalog: unknown field "catalog"; did you mean "catalogs"?'),
    "unknown catalog": (
        "{catalogs: [common, comon]}",
        'spec.catalogs[1]: there is no packaged catalog "comon"; did you mean "common"?',
    ),
    "no catalogs": ("{catalogs: []}", "spec.catalogs: must not be empty"),
    "bad scope": (
        "{scope: cluster}",
        'spec.scope: must be one of Cluster, Namespaced or Both, not "cluster"; did you mean "Cluster"?',
    ),
    "bad vendor": (
        "{vendor: our company}",
        (
            'spec.vendor: "our company" is not a label value: use letters, digits, "-", "_" and ".", with a letter or digit at both '
            "ends"
        ),
    ),
    "included name that doesn't exist": (
        "{include: [u1.medum]}",
        'spec.include[0]: "u1.medum" matches no object of these catalogs; did you mean "u1.medium"?',
    ),
    "included family that doesn't exist": (
        '{include: ["u1.*", "u2.*"]}',
        'spec.include[1]: "u2.*" matches no object of these catalogs; did you mean "u1.*"?',
    ),
    "override of an unknown name": (
        "{override: {u1.lage: {}}}",
        'spec.override[u1.lage]: there is no object "u1.lage" in these catalogs; did you mean "u1.large"?',
    ),
    "override of the name": (
        "{override: {u1.large: {metadata: {name: x}}}}",
        'spec.override[u1.large].metadata.name: unknown field "name"; known here: annotations, labels',
    ),
    "override with an unknown field": (
        "{override: {u1.large: {spec: {memory: {gest: 1Gi}}}}}",
        'spec.override[u1.large].spec.memory.gest: unknown field "gest"; did you mean "guest"?',
    ),
    "override that breaks a rule": (
        "{override: {cx1.large: {spec: {memory: {guest: 3Mi}}}}}",
        "spec.override[cx1.large].spec.memory.hugepages.pageSize: 3Mi of memory is not a multiple of the huge pages' 2Mi",
    ),
    "override without memory": (
        "{override: {u1.large: {spec: {memory: null}}}}",
        "spec.override[u1.large].spec.memory: required field memory is missing",
    ),
    "override of a label that follows": (
        "{override: {u1.large: {metadata: {labels: {instancetype.kubevirt.io/cpu: '3'}}}}}",
        (
            'spec.override[u1.large].metadata.labels[instancetype.kubevirt.io/cpu]: "3" contradicts the definition, from which this '
            'label follows: it is "2" here; leave it out'
        ),
    ),
    "override that removes a label that follows": (
        "{override: {u1.large: {metadata: {labels: {instancetype.kubevirt.io/cpu: null}}}}}",
        (
            "spec.override[u1.large].metadata.labels[instancetype.kubevirt.io/cpu]: null contradicts the definition, from which this "
            'label follows: it is "2" here; leave it out'
        ),
    ),
    "override with a wrong label": (
        "{override: {u1.large: {metadata: {labels: {x: a b}}}}}",
        (
            'spec.override[u1.large].metadata.labels.x: "a b" is not a label value: use letters, digits, "-", "_" and ".", with a '
            "letter or digit at both ends"
        ),
    ),
}


@pytest.mark.parametrize(("spec", "line"), MISTAKES.values(), ids=MISTAKES.keys())
def test_each_mistake_is_one_line_at_its_place(generator, said, spec, line):
    config = generator(spec)
    items, results = run(config)
    assert items == []
    assert said(results) == [line]
    assert results[0].item is config


def test_what_has_no_effect_is_a_warning(generator, said):
    config = generator(
        "{include: [u1.large], exclude: [u2.small], override: {u1.small: {spec: {memory: {guest: 3Gi}}}}}"
    )
    items, results = run(config)
    assert [name_of(item) for item in items] == ["u1.large"]
    assert not has_errors(results)
    assert said(results) == [
        'spec.exclude[0]: "u2.small" matches no object of these catalogs; did you mean "u1.small"?',
        'spec.override[u1.small]: "u1.small" is left out by include or exclude',
    ]


@pytest.mark.parametrize(
    "spec",
    [
        "null",
        "[]",
        "{catalogs: common}",
        "{catalogs: [1, null, []]}",
        "{include: x}",
        "{include: [1, {}]}",
        "{exclude: {}}",
        "{vendor: []}",
        "{scope: []}",
        "{override: []}",
        "{override: {u1.large: []}}",
        "{override: {u1.large: {metadata: 1}}}",
        "{override: {u1.large: {metadata: {labels: [1], annotations: 3}, spec: []}}}",
        "{override: {u1.large: {metadata: {labels: {a: 1}}, spec: {memory: 3, cpu: {guest: {}}}}}}",
    ],
)
def test_values_of_any_type_never_crash(generator, spec):
    items, results = run(generator(spec))
    assert spec == "null" or (items == [] and has_errors(results))


def test_overrides_can_be_globs_and_exact_names_win(generator):
    found = generated(
        generator("""
            include: ["u1.[ms]*"]
            override:
              u1.medium: {spec: {memory: {guest: 6Gi}}}
              "u1.*": {spec: {memory: {guest: 5Gi}, ioThreadsPolicy: auto}}
        """)
    )
    memory = {name: item["spec"]["memory"]["guest"] for name, item in found.items()}
    assert memory == {"u1.micro": "5Gi", "u1.small": "5Gi", "u1.medium": "6Gi"}
    assert {item["spec"]["ioThreadsPolicy"] for item in found.values()} == {"auto"}
    assert found["u1.small"]["metadata"]["labels"]["instancetype.kubevirt.io/memory"] == "5Gi"


def test_a_glob_under_override_that_fits_nothing_is_an_error(generator, said):
    _, results = run(generator('{override: {"u9.*": {spec: {}}}}'))
    assert said(results)[0].startswith('spec.override[u9.*]: there is no object "u9.*" in these catalogs')


def test_the_generators_own_labels_and_annotations_reach_its_objects(generator):
    metadata = {
        "labels": {"team": "vms", "instancetype.kubevirt.io/vendor": "x"},
        "annotations": {"note": "ours", "config.kubernetes.io/function": "exec: {path: krm-fn}"},
    }
    (item,) = generated(generator("{include: [u1.medium]}", **metadata)).values()
    assert item["metadata"]["labels"]["team"] == "vms"
    assert item["metadata"]["labels"]["instancetype.kubevirt.io/vendor"] == "kubevirt.io"
    assert item["metadata"]["annotations"]["note"] == "ours"
    assert "config.kubernetes.io/function" not in item["metadata"]["annotations"]
