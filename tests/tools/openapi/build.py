"""Build kustomize/configurations/openapi.json: kustomize's built-in schema with merge keys for KubeVirt's lists.

    go run . | python build.py > ../../../kustomize/configurations/openapi.json

A kustomization's `openapi` field replaces the built-in schema instead of adding to it, so the file has to hold both.
Of the built-in one, what says how to merge is kept (patch strategies and merge keys, and every type on the way to one).
"""

from __future__ import annotations

import json
import sys

NAMED_LISTS = {
    "VirtualMachine": {
        "spec.template.spec": ("networks", "resourceClaims", "utilityVolumes", "volumes"),
        "spec.template.spec.domain.cpu": ("features",),
        "spec.template.spec.domain.devices": (
            "disks",
            "filesystems",
            "gpus",
            "hostDevices",
            "inputs",
            "interfaces",
        ),
    },
    "Instancetype": {"spec": ("gpus", "hostDevices")},
    "Preference": {"spec.cpu": ("preferredCPUFeatures",)},
}
"""Lists of KubeVirt's whose entries are told apart by their name. accessCredentials have none and are left whole."""
KINDS = [
    ("kubevirt.io", "v1", "VirtualMachine", "virtualmachines", "VirtualMachine", True),
    (
        "instancetype.kubevirt.io",
        "v1beta1",
        "VirtualMachineInstancetype",
        "virtualmachineinstancetypes",
        "Instancetype",
        True,
    ),
    (
        "instancetype.kubevirt.io",
        "v1beta1",
        "VirtualMachineClusterInstancetype",
        "virtualmachineclusterinstancetypes",
        "Instancetype",
        False,
    ),
    (
        "instancetype.kubevirt.io",
        "v1beta1",
        "VirtualMachinePreference",
        "virtualmachinepreferences",
        "Preference",
        True,
    ),
    (
        "instancetype.kubevirt.io",
        "v1beta1",
        "VirtualMachineClusterPreference",
        "virtualmachineclusterpreferences",
        "Preference",
        False,
    ),
]
"""(group, version, kind, plural, lists, namespaced)"""
STRATEGY, MERGE_KEY, GVK = (
    "x-kubernetes-patch-strategy",
    "x-kubernetes-patch-merge-key",
    "x-kubernetes-group-version-kind",
)
REF = "#/definitions/"


def says_how_to_merge(node):
    """Whether a schema node holds a patch strategy itself."""
    if isinstance(node, dict):
        return STRATEGY in node or any(says_how_to_merge(value) for value in node.values())
    return isinstance(node, list) and any(says_how_to_merge(value) for value in node)


def references(node):
    """Names of the definitions that a schema node refers to."""
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"].removeprefix(REF)
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def reduced(definitions):
    """The definitions that say how to merge something, themselves or through what they refer to."""
    kept = {name for name, node in definitions.items() if says_how_to_merge(node)}
    while True:
        more = {
            name
            for name, node in definitions.items()
            if name not in kept and any(ref in kept for ref in references(node))
        }
        if not more:
            break
        kept |= more
    return {name: without_dropped(definitions[name], kept) for name in sorted(kept)}


def without_dropped(node, kept):
    """A schema node without descriptions, and with plain objects in place of dropped definitions."""
    if isinstance(node, list):
        return [without_dropped(value, kept) for value in node]
    if not isinstance(node, dict):
        return node
    if isinstance(node.get("$ref"), str) and node["$ref"].removeprefix(REF) not in kept:
        return {}
    return {
        key: without_dropped(value, kept)
        for key, value in node.items()
        if not (key == "description" and isinstance(value, str))
    }


def definition(lists, gvk):
    """The definition of one of KubeVirt's kinds: only the way to its named lists."""
    root = {"type": "object", "properties": {"spec": {"type": "object"}}, GVK: [gvk]}
    for path, names in lists.items():
        node = root
        for part in path.split("."):
            node = node.setdefault("properties", {}).setdefault(part, {"type": "object"})
        for name in names:
            node.setdefault("properties", {})[name] = {
                "type": "array",
                "items": {"type": "object", "properties": {"name": {"type": "string"}}},
                STRATEGY: "merge",
                MERGE_KEY: "name",
            }
    return root


def build(built_in):
    """The whole document."""
    definitions = reduced(built_in["definitions"])
    paths = {}
    for group, version, kind, plural, lists, namespaced in KINDS:
        gvk = {"group": group, "kind": kind, "version": version}
        definitions[f"io.kubevirt.{kind}"] = definition(NAMED_LISTS[lists], gvk)
        scope = "/namespaces/{namespace}" if namespaced else ""
        paths[f"/apis/{group}/{version}{scope}/{plural}/{{name}}"] = {"get": {GVK: gvk}}
    return {"definitions": definitions, "paths": paths}


if __name__ == "__main__":
    json.dump(build(json.load(sys.stdin)), sys.stdout, separators=(",", ":"), sort_keys=True)
    sys.stdout.write("\n")
