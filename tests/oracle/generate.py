"""Random VirtualMachines, instancetypes and preferences, of the right types, from the schemas of a KubeVirt version.

A seed gives the same cases on every machine. Fields come from the schema, so one that KubeVirt adds is tried as soon as it is
there; what makes machines interesting (names that meet, buses, topologies, zero values) comes from the pools below.
"""

from __future__ import annotations

import copy
import random

from krm_fn.kubevirt.schemas import packaged

NAMES = ("a", "b", "default", "default-0", "root")
QUANTITIES = (
    "0",
    "1",
    "1Gi",
    "2Gi",
    "1024Mi",
    "512Mi",
    "1.5Gi",
    "1500M",
    "2e9",
    "4000000k",
    "1025Mi",
    "0.1Gi",
    "64Mi",
    4,
    "500m",
)
NUMBERS = (0, 1, 1, 2, 2, 3, 4, 8, 16, 100)
TEXTS = {
    "bus": ("virtio", "sata", "scsi", "usb", ""),
    "type": ("tablet", "q35", "virt", "vga", "virtio", ""),
    "model": ("virtio", "e1000", "host-model", "hyperv", "pvpanic", ""),
    "preferredCPUTopology": (
        *("sockets", "cores", "threads", "spread", "any", "spread"),
        *("preferSockets", "preferCores", "preferThreads", "preferSpread", "preferAny", "Sockets", ""),
    ),
    "across": ("SocketsCores", "CoresThreads", "SocketsCoresThreads", "CoresThreads", "Sockets", ""),
    "pageSize": ("2Mi", "1Gi"),
    "architecture": ("amd64", "arm64", "s390x", ""),
    "preferredArchitecture": ("amd64", "arm64", "s390x", ""),
    "cache": ("none", "writeback", "writethrough", ""),
    "io": ("native", "threads", "default", ""),
    "policy": ("require", "optional", "disable", "force", ""),
    "ioThreadsPolicy": ("auto", "shared", "supplementalPool", ""),
    "tickPolicy": ("delay", "catchup", "merge", "discard", ""),
    "timezone": ("UTC", "Europe/Rome", ""),
}
"""Field name to what it may say, besides NAMES. A preferred field says what its field says."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


LIKELY = _words(
    "template spec domain devices disks disk cdrom lun interfaces networks volumes inputs cpu memory features "
    "firmware clock machine bootloader efi bios resources requests limits hyperv timer requirements guest "
    "metadata annotations pod name"
)
"""Fields that the others lie in, or that most of them need."""

ALWAYS = frozenset(("template", "spec", "domain", "name"))
NEVER = _words(
    "status managedFields ownerReferences finalizers creationTimestamp deletionTimestamp instancetype "
    "preference generation deletionGracePeriodSeconds selfLink uid resourceVersion generateName namespace "
    "affinity topologySpreadConstraints"
)
"""What the server writes, what cases say otherwise, and large trees that nothing reads."""


class Generator:
    """Cases as `{id, vm, instancetype, preference, defaults}`; a spec is None now and then."""

    def __init__(self, seed: int, version: str = "1.9") -> None:
        self.seed = seed
        self.random = random.Random(seed)
        self.roots = {
            kind: packaged(kind, version)
            for kind in ("VirtualMachine", "VirtualMachineInstancetype", "VirtualMachinePreference")
        }

    def cases(self, count: int):
        """So many cases, one after the other."""
        for number in range(count):
            yield self._case(number)

    def mutations(self, machines: list, count: int):
        """So many of the machines, each with one to three fields set, changed or left out at random."""
        for number in range(count):
            vm = copy.deepcopy(self.random.choice(machines))
            for _ in range(self.random.choice((1, 1, 2, 3))):
                self._mutate(vm["spec"], self.roots["VirtualMachine"]["properties"]["spec"])
            yield {"id": f"{self.seed}-m{number:05}", "vm": vm, "instancetype": None, "preference": None}

    def _mutate(self, value, schema) -> None:
        """Go down from an object by chance, and set or drop a field where that ends."""
        while True:
            name = self.random.choice([key for key in schema["properties"] if key not in NEVER] or ["name"])
            below = self._resolved("VirtualMachine", schema["properties"].get(name, {}))
            inside = value.get(name)
            if isinstance(inside, list) and inside and isinstance(inside[0], dict) and self.random.random() < 0.8:
                inside, below = self.random.choice(inside), self._resolved("VirtualMachine", below["items"])
            if isinstance(inside, dict) and below.get("properties") and self.random.random() < 0.9:
                value, schema = inside, below
                continue
            break
        if name in value and self.random.random() < 0.3:
            del value[name]
        else:
            value[name] = self._value("VirtualMachine", name, below, 3)

    def _resolved(self, kind: str, schema):
        return self.roots[kind]["$defs"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema

    def _case(self, number: int):
        chance = self.random.random
        instancetype = self._spec("VirtualMachineInstancetype") if chance() < 0.85 else None
        preference = self._spec("VirtualMachinePreference") if chance() < 0.9 else None
        vm = self._value("VirtualMachine", "", self.roots["VirtualMachine"], 0)
        vm |= {
            "apiVersion": "kubevirt.io/v1",
            "kind": "VirtualMachine",
            "metadata": {"name": "vm", "namespace": "prod"},
        }
        spec = vm["spec"]["template"]["spec"]
        spec["domain"].setdefault("devices", {})
        if instancetype is not None and chance() < 0.8:
            self._make_room(spec)
        defaults = "kubevirt" if chance() < 0.5 else "none"
        return {
            "id": f"{self.seed}-{number:05}",
            "vm": vm,
            "instancetype": instancetype,
            "preference": preference,
            "defaults": defaults,
        }

    def _make_room(self, spec) -> None:
        """Take out of a VM what would conflict, so that most cases get beyond conflicts."""
        domain = spec["domain"]
        for key in ("memory", "ioThreadsPolicy", "ioThreads", "launchSecurity"):
            domain.pop(key, None)
        for key in (
            "cores",
            "sockets",
            "threads",
            "model",
            "numa",
            "realtime",
            "dedicatedCpuPlacement",
            "isolateEmulatorThread",
        ):
            domain.get("cpu", {}).pop(key, None)
        for key in ("gpus", "hostDevices"):
            domain["devices"].pop(key, None)
        for key in ("requests", "limits"):
            domain.get("resources", {}).pop(key, None)
        for key in ("nodeSelector", "schedulerName"):
            spec.pop(key, None)

    def _spec(self, kind: str):
        root = self.roots[kind]
        return self._value(kind, "spec", root["properties"]["spec"], 0)

    def _value(self, kind: str, name: str, schema, depth: int):
        schema = self._resolved(kind, schema)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self.random.choice([value for value in schema["enum"] if value is not None])
        types = schema.get("type", "object")
        if isinstance(types, list) or "pattern" in schema:
            return self._odd(name, schema)
        if types == "object":
            return self._object(kind, name, schema, depth)
        if types == "array":
            return self._array(kind, name, schema, depth)
        if types == "boolean":
            return self.random.random() < 0.6
        return self._string(name) if types == "string" else self._number(schema)

    def _odd(self, name: str, schema):
        """A quantity, a number or a text, a time."""
        if "Z|" in schema.get("pattern", ""):
            return "2026-01-01T00:00:00Z"
        if "quantity" in schema.get("x-expects", "") or "pattern" in schema:
            return self.random.choice(QUANTITIES)
        return self.random.choice(("80", 80, "http")) if name else "x"

    def _object(self, kind: str, name: str, schema, depth: int):
        properties = schema.get("properties")
        below = schema.get("additionalProperties")
        if properties is None and not isinstance(below, dict):
            return {}
        if properties is None:
            keys = ("cpu", "memory") if name in ("requests", "limits") else ("example.com/a", "b")
            return {key: self._value(kind, key, below, depth + 1) for key in keys if self.random.random() < 0.5}
        required = set(schema.get("required", ()))
        return {
            key: self._value(kind, key, below, depth + 1)
            for key, below in properties.items()
            if key not in NEVER and (key in required or self.random.random() < self._share(kind, key, depth))
        }

    def _share(self, kind: str, key: str, depth: int) -> float:
        """How often a field is written: enough for two of a kind to meet, few enough for a readable manifest."""
        if key in ALWAYS:
            return 1.0
        if key in LIKELY:
            return 0.6
        return 0.12 if kind == "VirtualMachine" else 0.3 if depth < 2 else 0.4

    def _array(self, kind: str, name: str, schema, depth: int):
        return [
            self._value(kind, name, schema["items"], depth + 1) for _ in range(self.random.choice((0, 1, 1, 2, 2, 3)))
        ]

    def _string(self, name: str):
        known = TEXTS.get(name)
        if known is None and name.startswith("preferred"):
            known = next((texts for key, texts in TEXTS.items() if name.lower().endswith(key.lower())), None)
        return self.random.choice(known or NAMES)

    def _number(self, schema):
        return self.random.choice([number for number in NUMBERS if number >= schema.get("minimum", 0)])
