"""Every packaged preference and instancetype on a plain VM: it renders, pins and validates without an error."""

from __future__ import annotations

import pytest
from support import config

from krm_fn import dispatch
from krm_fn.series import catalog

INSTANCETYPE, PREFERENCE = "VirtualMachineClusterInstancetype", "VirtualMachineClusterPreference"
OBJECTS = [(name, item) for name in catalog.names() for item in catalog.objects(name, "Cluster")]
INSTANCETYPES = [(name, item) for name, item in OBJECTS if item["kind"] == INSTANCETYPE]
PREFERENCES = [item for _, item in OBJECTS if item["kind"] == PREFERENCE]
LARGE = "u1.2xlarge"


def vm(number, source, **matchers):
    volume = {"name": "root", "containerDisk": {"image": "example.com/image:1"}}
    return {
        "apiVersion": "kubevirt.io/v1",
        "kind": "VirtualMachine",
        "metadata": {"name": f"vm-{number}", "namespace": source},
        "spec": {
            "runStrategy": "Always",
            **matchers,
            "template": {"spec": {"domain": {"devices": {}}, "volumes": [volume]}},
        },
    }


def machines(source):
    """A VM for each instancetype of a catalog, and for `common` one for each preference besides."""
    made = [item for name, item in INSTANCETYPES if name == source]
    out = [vm(n, source, instancetype={"name": item["metadata"]["name"]}) for n, item in enumerate(made)]
    if source == "common":
        out += [
            vm(f"p{n}", source, instancetype={"name": LARGE}, preference={"name": item["metadata"]["name"]})
            for n, item in enumerate(PREFERENCES)
        ]
    return out


def test_there_are_as_many_as_the_documentation_says():
    assert (len(INSTANCETYPES), len(PREFERENCES)) == (222, 54)


@pytest.mark.parametrize("source", catalog.names())
@pytest.mark.parametrize("mode", ["expand", "pin", "check"])
def test_all_render_pin_and_validate(source, mode):
    given = machines(source)
    renderer = config("VirtualMachineRenderer", mode=mode, catalogs=[source])
    out, results = dispatch.run(renderer, given)
    assert [str(found) for found in results if found.severity != "info"] == []
    vms = [item for item in out if item["kind"] == "VirtualMachine"]
    assert len(vms) == len(given)
    if mode == "expand":
        assert not any({"instancetype", "preference"} & item["spec"].keys() for item in vms)
    if mode == "pin":
        assert all(item["spec"]["instancetype"]["revisionName"] for item in vms)
    again, found = dispatch.run(config("ManifestValidator", catalogs=[source]), out)
    assert again == out
    assert [str(each) for each in found if each.severity != "info"] == []
