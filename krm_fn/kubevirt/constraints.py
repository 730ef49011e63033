"""What KubeVirt takes or refuses beyond what its CRDs say: Go's integer types, Kubernetes' enums, what is required.

A VirtualMachine goes through KubeVirt's mutating webhook before the CRD's schema sees it. The webhook decodes it into
Go structs and writes it back. So the decoder's rules count (an unsigned field takes no negative number), and a required
text or number that is absent comes back as "" or 0 and passes. Only a mapping, list, quantity or port has to be there.

`*` in a path stands for any one name; `[]` for the entries of a list.
Source: KubeVirt 1.9, staging/src/kubevirt.io/api/core/v1/schema.go and .../instancetype/v1beta1/types.go; the enums are
those of Kubernetes' core/v1 types as KubeVirt's OpenAPI definitions carry them.
"""

from __future__ import annotations

_NUMBER = r"([0-9]+(\.[0-9]*)?|\.[0-9]+)"
_QUANTITY = rf"[+-]?{_NUMBER}([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?"
_EXPECTS = "a quantity such as 2Gi, 500m or 4"

_DEVICES = "spec.template.spec.domain.devices."
_POD = "spec.template.spec."
_TERMS = "spec.template.spec.affinity.nodeAffinity."

INTEGERS: dict[str, str] = {
    # The Go type where the CRD's `format` doesn't tell it: unsigned types have the format of signed ones, or none.
    "spec.template.spec.domain.cpu.cores": "uint32",
    "spec.template.spec.domain.cpu.sockets": "uint32",
    "spec.template.spec.domain.cpu.threads": "uint32",
    "spec.template.spec.domain.cpu.maxSockets": "uint32",
    "spec.template.spec.domain.features.hyperv.spinlocks.spinlocks": "uint32",
    "spec.template.spec.domain.ioThreads.supplementalPoolThreadCount": "uint32",
    f"{_DEVICES}disks[].bootOrder": "uint64",
    f"{_DEVICES}disks[].blockSize.custom.logical": "uint64",
    f"{_DEVICES}disks[].blockSize.custom.physical": "uint64",
    f"{_DEVICES}disks[].blockSize.custom.discardGranularity": "uint64",
    f"{_DEVICES}interfaces[].bootOrder": "uint64",
    "spec.cpu.guest": "uint32",
    "spec.cpu.maxSockets": "uint32",
    "spec.ioThreads.supplementalPoolThreadCount": "uint32",
    "spec.cpu.spreadOptions.ratio": "uint32",
    "spec.preferSpreadSocketToCoreRatio": "uint32",
    "spec.requirements.cpu.guest": "uint32",
    "spec.features.preferredHyperv.spinlocks.spinlocks": "uint32",
    "spec.devices.preferredDiskBlockSize.custom.logical": "uint64",
    "spec.devices.preferredDiskBlockSize.custom.physical": "uint64",
    "spec.devices.preferredDiskBlockSize.custom.discardGranularity": "uint64",
}

_PULL = ["Always", "IfNotPresent", "Never"]
_SCHEME = ["HTTP", "HTTPS"]
_POLICY = ["Honor", "Ignore"]
_OPERATOR = ["DoesNotExist", "Exists", "Gt", "In", "Lt", "NotIn"]
_MODES = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"]

ENUMS: dict[str, list[str]] = {
    "spec.dataVolumeTemplates[].spec.*.accessModes[]": _MODES,
    "spec.dataVolumeTemplates[].spec.*.volumeMode": ["Block", "Filesystem", "FromStorageProfile"],
    f"{_POD}volumes[].containerDisk.imagePullPolicy": _PULL,
    f"{_POD}domain.firmware.kernelBoot.container.imagePullPolicy": _PULL,
    f"{_POD}livenessProbe.httpGet.scheme": _SCHEME,
    f"{_POD}readinessProbe.httpGet.scheme": _SCHEME,
    f"{_POD}tolerations[].operator": ["Equal", "Exists"],
    f"{_POD}tolerations[].effect": ["NoExecute", "NoSchedule", "PreferNoSchedule"],
    f"{_POD}topologySpreadConstraints[].nodeAffinityPolicy": _POLICY,
    f"{_POD}topologySpreadConstraints[].nodeTaintsPolicy": _POLICY,
    f"{_POD}topologySpreadConstraints[].whenUnsatisfiable": ["DoNotSchedule", "ScheduleAnyway"],
    f"{_POD}dnsPolicy": ["ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"],
    f"{_TERMS}requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[].*[].operator": _OPERATOR,
    f"{_TERMS}preferredDuringSchedulingIgnoredDuringExecution[].preference.*[].operator": _OPERATOR,
}

OBJECT_META = ("metadata", "spec.template.metadata", "spec.dataVolumeTemplates[].metadata")
"""Where the CRD leaves a mapping open that is decoded as Kubernetes' ObjectMeta."""
AFTER_DECODING = (
    "spec.dataVolumeTemplates[].spec.contentType",
    "spec.template.spec.domain.memory.reservedOverhead.memLock",
    "spec.template.spec.domain.rebootPolicy",
)
"""The enums that only the CRD has: they are judged after the mutating webhook."""
OMITTED_WHEN_EMPTY = ("spec.dataVolumeTemplates[].spec.contentType",)
"""Those of them whose empty text the webhook leaves out when it writes the VM anew."""
CLOSED = ("spec.template.spec.domain.clock",)
"""Where the CRD keeps unknown fields and KubeVirt's own definitions don't."""

_TEXT = {"type": "string"}
_TIME = {
    "type": "string",
    "pattern": r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
    r"([.,][0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})$",
    "x-expects": "a time such as 2026-01-31T12:00:00Z",
}
_TEXTS = {"type": "object", "additionalProperties": _TEXT}
_METADATA: dict[str, object] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "annotations": _TEXTS,
        "creationTimestamp": _TIME | {"nullable": True},
        "deletionGracePeriodSeconds": {"type": "integer"},
        "deletionTimestamp": _TIME | {"nullable": True},
        "finalizers": {"type": "array", "items": _TEXT},
        "generateName": _TEXT,
        "generation": {"type": "integer"},
        "labels": _TEXTS,
        "managedFields": {"type": "array", "items": {"type": "object"}},
        "name": _TEXT,
        "namespace": _TEXT,
        "ownerReferences": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    "apiVersion": _TEXT,
                    "blockOwnerDeletion": {"type": "boolean"},
                    "controller": {"type": "boolean"},
                    "kind": _TEXT,
                    "name": _TEXT,
                    "uid": _TEXT,
                },
            },
        },
        "resourceVersion": _TEXT,
        "selfLink": _TEXT,
        "uid": _TEXT,
    },
}

DEFINITIONS: dict[str, dict[str, object]] = {
    "int32": {"type": "integer", "minimum": -(2**31), "maximum": 2**31 - 1},
    "int64": {"type": "integer", "minimum": -(2**63), "maximum": 2**63 - 1},
    "metadata": _METADATA,
    # A VirtualMachine's: the decoder takes 0.5 and " 1Gi" and writes "500m" and "1Gi" back.
    "quantity": {"type": ["string", "number"], "pattern": f"^ *{_QUANTITY} *$", "x-expects": _EXPECTS},
    # An instancetype's: only the CRD's schema judges it, which takes no fractions without quotes.
    "crdQuantity": {"type": ["string", "integer"], "pattern": f"^{_QUANTITY}$", "x-expects": _EXPECTS},
    "uint32": {"type": "integer", "minimum": 0, "maximum": 2**32 - 1},
    "uint64": {"type": "integer", "minimum": 0, "maximum": 2**64 - 1},
}
"""What a schema may refer to under $defs."""
