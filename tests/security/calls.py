"""One ResourceList for each thing the function does: what the tests below run under a trace or a denial."""

from __future__ import annotations

import json

import yaml

VM = """
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata: {name: shop, namespace: shop}
spec:
  runStrategy: Always
  instancetype: {name: u1.medium}
  preference: {name: fedora}
  template:
    spec:
      domain: {devices: {}}
      volumes:
      - {name: root, containerDisk: {image: "example.com/fedora:41"}}
"""
SERIES = """
apiVersion: krm-fn.dev/v1alpha1
kind: InstancetypeSeries
metadata: {name: web}
spec:
  vendor: example.com
  version: "1"
  memoryPerVCPU: 2Gi
  description: "{{ cpu }} vCPUs and {{ memory }}"
  sizes: {small: 1, large: 4}
"""
DOCUMENTS = {
    "generate a catalog": ({"kind": "CatalogGenerator", "spec": {"catalogs": ["common"]}}, []),
    "generate a series with templates": (yaml.safe_load(SERIES), []),
    "expand": ({"kind": "VirtualMachineRenderer", "spec": {"mode": "expand"}}, [yaml.safe_load(VM)]),
    "pin": ({"kind": "VirtualMachineRenderer", "spec": {"mode": "pin"}}, [yaml.safe_load(VM)]),
    "validate": ({"kind": "ManifestValidator", "spec": {}}, [yaml.safe_load(VM)]),
    "find mistakes": (
        {"kind": "ManifestValidator", "spec": {}},
        [yaml.safe_load(VM.replace("runStrategy", "runStrategie"))],
    ),
}
"""What is done → (functionConfig, items)."""


def request(name: str) -> bytes:
    config, items = DOCUMENTS[name]
    whole = {"apiVersion": "krm-fn.dev/v1alpha1", "metadata": {"name": "test"}, **config}
    return json.dumps(
        {"apiVersion": "config.kubernetes.io/v1", "kind": "ResourceList", "functionConfig": whole, "items": items}
    ).encode()
