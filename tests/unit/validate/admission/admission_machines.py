"""Small VirtualMachines for the examples: a base that everything accepts, and patches of it."""

from __future__ import annotations

from itertools import pairwise

T, D, V, S = "spec.template.spec", "spec.template.spec.domain", "spec.template.spec.domain.devices", "spec"
SHORT = {"T": T, "D": D, "V": V, "S": S}
GONE = object()
"""As a value in a patch: the field is removed."""


def base() -> dict:
    """A VirtualMachine that KubeVirt accepts and starts."""
    return {
        "apiVersion": "kubevirt.io/v1",
        "kind": "VirtualMachine",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {
            "runStrategy": "Always",
            "template": {
                "metadata": {},
                "spec": {
                    "domain": {
                        "devices": {
                            "disks": [{"name": "root", "disk": {"bus": "virtio"}}],
                            "interfaces": [{"name": "default", "masquerade": {}}],
                        },
                        "memory": {"guest": "2Gi"},
                    },
                    "networks": [{"name": "default", "pod": {}}],
                    "volumes": [{"name": "root", "containerDisk": {"image": "registry.example/os:1"}}],
                },
            },
        },
    }


def patched(patch: dict) -> dict:
    """The base with each `path: value` of the patch written into it. Numbers are list indexes; T, D, V, S stand for the usual beginnings."""
    vm = base()
    for path, value in patch.items():
        head, _, rest = path.partition(".")
        parts = (SHORT.get(head, head) + ("." + rest if rest else "")).split(".")
        here = vm
        for part, following in pairwise(parts):
            here = _step(here, part, [] if following.isdigit() else {})
        _set(here, parts[-1], value)
    return vm


def _step(here, part, fresh):
    if isinstance(here, list):
        if int(part) == len(here):
            here.append(fresh)
        return here[int(part)]
    return here.setdefault(part, fresh)


def _set(here, part, value) -> None:
    if value is GONE:
        del here[part]
    elif isinstance(here, list):
        here[int(part) : int(part) + 1] = [value]
    else:
        here[part] = value


def disk(source: dict | None = None, **fields) -> dict:
    """A second disk called `data`, and its volume."""
    fields = fields or {"disk": {"bus": "virtio"}}
    return {
        "V.disks.1": {"name": "data", **fields},
        "T.volumes.1": {"name": "data", **(source or {"emptyDisk": {"capacity": "1Gi"}})},
    }


def first_disk(**fields) -> dict:
    """Further fields of the first disk."""
    return {f"V.disks.0.{key}": value for key, value in fields.items()}


def interface(**fields) -> dict:
    """Further fields of the first interface, which is on the pod network."""
    return {f"V.interfaces.0.{key}": value for key, value in fields.items()}


def lan(binding: dict | None = None, source: dict | None = None, **fields) -> dict:
    """A second interface called `lan`, and its network."""
    return {
        "V.interfaces.1": {"name": "lan", **({"bridge": {}} if binding is None else binding), **fields},
        "T.networks.1": {"name": "lan", **({"multus": {"networkName": "lan"}} if source is None else source)},
    }


def claims(*names: str) -> dict:
    """Resource claims made from templates."""
    return {
        f"T.resourceClaims.{index}": {"name": name, "resourceClaimTemplateName": "t"}
        for index, name in enumerate(names)
    }


def filesystem(source: dict) -> dict:
    """A filesystem called `data`, and its volume."""
    return {"V.filesystems.0": {"name": "data", "virtiofs": {}}, "T.volumes.1": {"name": "data", **source}}


def template(spec: dict | None = None, metadata: dict | None = None) -> dict:
    """A dataVolumeTemplate that the volume `data` uses."""
    spec = {"storage": {}, "source": {"blank": {}}} if spec is None else spec
    return disk({"dataVolume": {"name": "data"}}) | {
        "S.dataVolumeTemplates.0": {"metadata": {"name": "data"} if metadata is None else metadata, "spec": spec}
    }


REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"


def node_affinity(requirement: dict, kind: str = "matchExpressions") -> dict:
    """A required node affinity with one requirement."""
    return {f"T.affinity.nodeAffinity.{REQUIRED}.nodeSelectorTerms.0.{kind}.0": requirement}


def pod_affinity(**term) -> dict:
    """A required anti-affinity with one term."""
    term = {"topologyKey": "kubernetes.io/hostname", "labelSelector": {"matchLabels": {"app": "db"}}} | term
    return {f"T.affinity.podAntiAffinity.{REQUIRED}.0": term}


def spread(index: int = 0, **fields) -> dict:
    """A topology spread constraint."""
    constraint = {
        "maxSkew": 1,
        "topologyKey": "topology.kubernetes.io/zone",
        "whenUnsatisfiable": "DoNotSchedule",
    } | fields
    return {
        f"T.topologySpreadConstraints.{index}": {key: value for key, value in constraint.items() if value is not None}
    }


def key_by(method: dict, source: dict | None = None) -> dict:
    """An access credential with keys."""
    source = {"secret": {"secretName": "keys"}} if source is None else source
    return {"T.accessCredentials.0.sshPublicKey": {"source": source, "propagationMethod": method}}


def password_by(method: dict, source: dict | None = None) -> dict:
    """An access credential with passwords."""
    source = {"secret": {"secretName": "words"}} if source is None else source
    return {"T.accessCredentials.0.userPassword": {"source": source, "propagationMethod": method}}


def dedicated(**fields) -> dict:
    """Dedicated CPUs: two cores unless said otherwise."""
    return {"D.cpu": {"dedicatedCpuPlacement": True, "cores": 2} | fields}


ARM = {"T.architecture": "arm64"}
S390X = {"T.architecture": "s390x"}
EFI = {"D.firmware.bootloader.efi": {"secureBoot": False}}
