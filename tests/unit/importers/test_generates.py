"""What is imported generates, validates and expands, without a finding."""

from __future__ import annotations

import pytest
from listings import FILES, MAPS, load

from krm_fn.roundtrip.definition import compose
from krm_fn.roundtrip.document import read
from krm_fn.series import instancetype, preference
from krm_fn.validate import admission, manifest
from krm_fn.vm.expand import expand

EXPAND = {"InstancetypeSeries": instancetype.expand, "PreferenceSeries": preference.expand}


def generate(imported):
    objects, findings = {}, []
    for definition in imported.definitions:
        made, results = EXPAND[definition.manifest["kind"]](definition.manifest)
        objects |= {item["metadata"]["name"]: item for item in made}
        findings += results
    return objects, findings


@pytest.mark.parametrize("name", FILES)
def test_every_import_generates_without_findings(name):
    objects, findings = generate(load(name, MAPS))
    assert [result.message for result in findings] == []
    assert objects
    assert "krm-fn.dev/imported" not in str(objects)


@pytest.mark.parametrize("name", FILES)
def test_every_generated_object_is_valid(name):
    for item in generate(load(name, MAPS))[0].values():
        assert [result.message for result in manifest.check(item, manifest.schemas_for({}))] == []


@pytest.mark.parametrize("name", FILES)
def test_a_vm_of_every_size_starts(name):
    """Each size alone, and with each preference that the comment above its series offers."""
    imported = load(name, MAPS)
    objects, _ = generate(imported)
    tried = 0
    for definition in imported.definitions:
        if definition.manifest["kind"] != "InstancetypeSeries":
            continue
        names = definition.header[1].partition("preferences ")[2]
        offered = [objects[preference] for preference in names.split(", ") if preference]
        for sized in instancetype.expand(definition.manifest)[0]:
            for wish in (None, *offered):
                if wish and sized["spec"]["cpu"]["guest"] % 2 and "threads" in wish["metadata"]["name"]:
                    continue
                expanded, results = expand(machine(sized, wish), sized, wish)
                assert [result.message for result in results if result.severity == "error"] == []
                assert [result.message for result in admission.check(expanded) if result.severity == "error"] == []
                tried += 1
    assert tried > 5


def machine(sized, wish):
    spec = {"runStrategy": "Halted", "instancetype": {"name": sized["metadata"]["name"]}}
    if wish:
        spec["preference"] = {"name": wish["metadata"]["name"]}
    disk = {"name": "root", "containerDisk": {"image": "example.com/os:1"}}
    spec["template"] = {"spec": {"domain": {"devices": {}}, "volumes": [disk]}}
    return {
        "apiVersion": "kubevirt.io/v1",
        "kind": "VirtualMachine",
        "metadata": {"name": "vm", "namespace": "ns"},
        "spec": spec,
    }


@pytest.mark.parametrize(
    ("listing", "name", "cpu", "memory"),
    [
        ("aws", "c4.xlarge", 4, "7680Mi"),
        ("aws", "m5.24xlarge", 96, "384Gi"),
        ("gcp", "n2-highmem-128", 128, "864Gi"),
        ("gcp", "c3-standard-8-lssd", 8, "32Gi"),
        ("azure-skus", "standard-e4-2s-v5", 2, "32Gi"),
        ("azure-sizes", "basic-a0", 1, "768Mi"),
        ("openstack", "m1.tiny", 1, "512Mi"),
        ("openstack", "web-server-old", 2, "3000Mi"),
    ],
)
def test_objects_have_the_platforms_names_and_figures(listing, name, cpu, memory):
    spec = generate(load(listing, MAPS))[0][name]["spec"]
    assert (spec["cpu"]["guest"], spec["memory"]["guest"]) == (cpu, memory)


@pytest.mark.parametrize("name", FILES)
def test_the_yaml_says_what_the_definitions_say(name):
    definitions = load(name, MAPS).definitions
    documents = [document.content for document in read(compose(definitions).encode(), "out.yaml")]
    assert documents == [definition.manifest for definition in definitions]
