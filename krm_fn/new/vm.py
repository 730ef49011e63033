"""A VirtualMachine of a few lines from a few choices."""

from __future__ import annotations

from typing import Any, NamedTuple

from krm_fn.core.errors import InputError
from krm_fn.kubevirt.api import KUBEVIRT_API, VIRTUAL_MACHINE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_fn.core.manifest import Manifest

ROOT = "root"
_DISK_SIZE = "30Gi"
_BINDINGS = ("bridge", "sriov", "masquerade")


class Choices(NamedTuple):
    """What somebody asks for. Names are as the options say them; "" and () are nothing."""

    name: str
    namespace: str = ""
    instancetype: tuple[str, str] = ("", "")
    """Kind, "" for the cluster-wide one, and name."""
    preference: tuple[str, str] = ("", "")
    image: str = ""
    """A container image, or the URL of a disk image."""
    data_source: str = ""
    """[NAMESPACE/]NAME of a DataSource to copy."""
    size: str = ""
    volumes: tuple[str, ...] = ()
    """NAME or NAME=CLAIM."""
    networks: tuple[str, ...] = ()
    """pod, or NAME[:bridge|sriov] of a NetworkAttachmentDefinition."""
    cloud_init: str = ""
    """The user data itself."""
    stopped: bool = False


def virtual_machine(choices: Choices) -> Manifest:
    """The manifest. Raises InputError for choices that can't stand together."""
    metadata = {"name": choices.name} | ({"namespace": choices.namespace} if choices.namespace else {})
    spec: dict[str, Any] = {"runStrategy": "Halted" if choices.stopped else "Always"}
    for field, (kind, name) in (("instancetype", choices.instancetype), ("preference", choices.preference)):
        if name:
            spec[field] = ({"kind": kind} if kind else {}) | {"name": name}
    root, template = _root(choices)
    if template:
        spec["dataVolumeTemplates"] = [template]
    devices: dict[str, Any] = {}
    inner: dict[str, Any] = {"domain": {"devices": devices}}
    interfaces, networks = _networks(choices.networks)
    if networks:
        devices["interfaces"] = interfaces
        inner["networks"] = networks
    inner["volumes"] = [*root, *map(_claim, choices.volumes)]
    if choices.cloud_init:
        inner["volumes"].append({"name": "cloudinit", "cloudInitNoCloud": {"userData": choices.cloud_init}})
    spec["template"] = {"spec": inner}
    return {"apiVersion": KUBEVIRT_API, "kind": VIRTUAL_MACHINE, "metadata": metadata, "spec": spec}


def _root(choices: Choices) -> tuple[list[Manifest], Manifest | None]:
    """(the volume to boot from, the template of its DataVolume)."""
    if choices.image and choices.data_source:
        raise InputError("--image and --data-source are two disks to boot from: write one of them")
    copied = choices.image.startswith(("http://", "https://")) or choices.size
    if choices.image and not copied:
        return [{"name": ROOT, "containerDisk": {"image": choices.image}}], None
    if not (choices.image or choices.data_source):
        return [], None
    storage = {"resources": {"requests": {"storage": choices.size or _DISK_SIZE}}}
    source: dict[str, Any]
    if choices.data_source:
        namespace, _, name = choices.data_source.rpartition("/")
        reference = {"kind": "DataSource"} | ({"namespace": namespace} if namespace else {}) | {"name": name}
        source = {"sourceRef": reference}
        storage = storage if choices.size else {}
    elif choices.image.startswith(("http://", "https://")):
        source = {"source": {"http": {"url": choices.image}}}
    else:
        source = {"source": {"registry": {"url": f"docker://{choices.image}"}}}
    disk = f"{choices.name}-{ROOT}"
    return (
        [{"name": ROOT, "dataVolume": {"name": disk}}],
        {"metadata": {"name": disk}, "spec": {**source, "storage": storage}},
    )


def _claim(volume: str) -> Manifest:
    name, _, claim = volume.partition("=")
    return {"name": name, "persistentVolumeClaim": {"claimName": claim or name}}


def _networks(named: tuple[str, ...]) -> tuple[list[Manifest], list[Manifest]]:
    interfaces: list[Manifest] = []
    networks: list[Manifest] = []
    for given in named:
        name, _, binding = given.partition(":")
        if binding not in ("", *_BINDINGS):
            raise InputError(f"--network {given}: write NAME, or NAME:{' or NAME:'.join(_BINDINGS)}")
        if name == "pod":
            interfaces.append({"name": "default", binding or "masquerade": {}})
            networks.append({"name": "default", "pod": {}})
        else:
            short = name.rpartition("/")[2]
            interfaces.append({"name": short, binding or "bridge": {}})
            networks.append({"name": short, "multus": {"networkName": name}})
    return interfaces, networks
