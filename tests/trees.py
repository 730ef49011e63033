"""Small trees of manifests for the tests of comparisons."""

from __future__ import annotations

import copy

from krm_fn.changes.answers import Settings
from krm_fn.changes.compare import compare
from krm_fn.changes.tree import Tree
from krm_fn.vm.impact.cluster import Cluster

SERIES = {
    "apiVersion": "krm-fn.dev/v1alpha1",
    "kind": "InstancetypeSeries",
    "metadata": {"name": "web"},
    "spec": {
        "class": "web",
        "version": "1",
        "vendor": "example.com",
        "displayName": "Web",
        "description": "Web servers.",
        "scope": "Cluster",
        "memoryPerVCPU": "4Gi",
        "sizes": {"small": 1, "medium": 2, "large": 4},
    },
}


def instancetype(name="web.medium", cpu=2, memory="8Gi", **spec):
    return {
        "apiVersion": "instancetype.kubevirt.io/v1beta1",
        "kind": "VirtualMachineClusterInstancetype",
        "metadata": {"name": name},
        "spec": {"cpu": {"guest": cpu}, "memory": {"guest": memory}, **spec},
    }


def vm(name="shop", *, template=None, **spec):
    return {
        "apiVersion": "kubevirt.io/v1",
        "kind": "VirtualMachine",
        "metadata": {"name": name, "namespace": "web"},
        "spec": {
            "runStrategy": "Always",
            "template": {
                "spec": {
                    "domain": {
                        "devices": {
                            "disks": [{"name": "root", "disk": {"bus": "virtio"}}],
                            "interfaces": [{"name": "default", "masquerade": {}}],
                        }
                    },
                    "networks": [{"name": "default", "pod": {}}],
                    "volumes": [{"name": "root", "persistentVolumeClaim": {"claimName": name}}],
                    **(template or {}),
                }
            },
            **spec,
        },
    }


def edited(item, path, value):
    """A copy with another value at a dotted path; None takes it out."""
    out = copy.deepcopy(item)
    here = out
    *way, last = path.split(".")
    for step in way:
        here = here.setdefault(step, {})
    if value is None:
        del here[last]
    else:
        here[last] = value
    return out


def report(before, after, kubevirt=None, *, versions=("1.9", "1.9"), **settings):
    clusters = {version: Cluster(kubevirt, "", version) for version in versions}
    sides = [Tree(copy.deepcopy(items), ["common"]) for items in (before, after)]
    return compare(*sides, Settings(clusters[versions[0]], clusters[versions[1]], **settings))


def machine(before, after, kubevirt=None, **settings):
    """What becomes of the one machine of two trees."""
    (found,) = report(before, after, kubevirt, **settings).machines
    return found
