"""Machines that differ only in names of their own are compared once: stand-ins take the names' places.

A fleet is mostly machines of one shape, with a name, claims, a host name and a cloud-init text of each one's own. What a
change does to one of them it does to all. So each such name is replaced by a valid one that is the same for all of
them, the answer for the stand-ins is looked up or worked out, and the names are put back into it.
"""

from __future__ import annotations

import re
from marshal import dumps

from krm_fn.core.fieldpath import find, make
from krm_fn.core.manifest import copy_tree, mapping, name_of, without_nulls
from krm_fn.kubevirt.facts import is_dns_label, is_dns_subdomain
from krm_fn.vm.defaults import PCI_TOPOLOGY
from krm_fn.vm.impact.references import FIELDS, Side

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from krm_fn.core.manifest import Manifest

_FORMAT = 2
"""The last marshal format without back references, which would tell equal values from identical ones."""
_LONGEST = 2048
_MAC = re.compile(r"[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}").fullmatch
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}").fullmatch
_CLOUD_INIT = ("cloudInitNoCloud", "cloudInitConfigDrive")
TOKEN = re.compile(r"krm-fn-\d+-[a-z]+|02:00:00:00:00:[0-9a-f]{2}|00000000-0000-4000-8000-\d{12}")
"""How the stand-ins look that may come up within a text."""
_NOT_WRITTEN = ("internal.config.kubernetes.io/", "config.kubernetes.io/", "kubectl.kubernetes.io/")
"""What the annotations begin with that tools write into a manifest."""
_TEMPLATE = ("spec", "template")
_CLUSTER_WRITES = (
    (*_TEMPLATE, "spec", "architecture"),
    (*_TEMPLATE, "spec", "domain", "machine", "type"),
    (*_TEMPLATE, "spec", "domain", "firmware", "uuid"),
    (*_TEMPLATE, "spec", "domain", "firmware", "serial"),
    (*_TEMPLATE, "metadata", "annotations", PCI_TOPOLOGY),
)
"""Fields that KubeVirt's webhook writes into each VM that has none."""
_MOST_MACS = 256


def _is_text(text: str) -> bool:
    return 0 < len(text.encode()) <= _LONGEST


_KINDS: dict[str, tuple[Callable[[str], Any], str]] = {
    "claim": (is_dns_subdomain, "krm-fn-{}-claim"),
    "host": (is_dns_label, "krm-fn-{}-host"),
    "text": (_is_text, "krm-fn-{}-text"),
    "mac": (_MAC, "02:00:00:00:00:{:02x}"),
    "uuid": (_UUID, "00000000-0000-4000-8000-{:012}"),
    "revision": (is_dns_subdomain, "krm-fn-{}-revision"),
    "vm": (is_dns_label, "krm-fn-{}-vm"),
}
"""What a name is of: whether one is valid there, and what stands in for it."""


class StandIns:
    """Both sides of one machine with its own names replaced. key: what two machines have to share, None when they can't."""

    __slots__ = ("_names", "_real", "key", "new", "old")

    def __init__(self, old: Side, new: Side) -> None:
        self._names: dict[tuple[str, str], str] = {}
        self._real: dict[str, str] = {}
        revisions = dict.fromkeys((*_revision_names(old.vm), *_revision_names(new.vm)))
        self.old = self._side(old, revisions)
        self.new = self._side(new, revisions)
        if is_live(old.vm) and not is_live(new.vm):
            carry_over(self.old.vm, self.new.vm)
        self.key: bytes | None
        try:
            self.key = dumps([self._decides(side) for side in (self.old, self.new)], _FORMAT)
        except ValueError:  # values that are no plain ones
            self.key = None

    def _decides(self, side: Side) -> Any:
        metadata = {key: value for key, value in mapping(side.vm, "metadata").items() if key != "name"}
        objects = {field: id(target) for field, target in side.objects.items()}
        held = {name: id(target) for name, target in side.revisions.items()}
        return side.vm.get("spec"), metadata, objects, held

    def _side(self, side: Side, names: Iterable[str]) -> Side:
        vm = side.vm
        metadata = mapping(vm, "metadata")
        annotations = {
            key: value for key, value in mapping(metadata, "annotations").items() if not key.startswith(_NOT_WRITTEN)
        }
        spec: Manifest = copy_tree(without_nulls(mapping(vm, "spec")))
        name = name_of(vm)
        revisions = {self._stand_in("revision", each): side.revisions[each] for each in names if each in side.revisions}
        for field in FIELDS:
            self._replace(spec.get(field), "revisionName", "revision")
        self._template(mapping(spec, "template"), name)
        for template in _entries(spec, "dataVolumeTemplates"):
            self._replace(template.get("metadata"), "name", "claim")
        replaced = {
            "namespace": metadata.get("namespace"),
            "labels": metadata.get("labels"),
            "annotations": annotations,
            "name": self._stand_in("vm", name),
        }
        kept = {key: value for key, value in vm.items() if key not in ("metadata", "spec", "status")}
        return Side({**kept, "metadata": replaced, "spec": spec}, side.objects, revisions)

    def _template(self, template: Manifest, name: str) -> None:
        labels = mapping(template, "metadata", "labels")
        for key, value in labels.items():
            if value == name:
                labels[key] = self._stand_in("vm", name)
        spec = mapping(template, "spec")
        self._replace(spec, "hostname", "host")
        for volume in _entries(spec, "volumes"):
            self._replace(volume.get("persistentVolumeClaim"), "claimName", "claim")
            self._replace(volume.get("dataVolume"), "name", "claim")
            for kind in _CLOUD_INIT:
                self._replace(volume.get(kind), "userData", "text")
        domain = mapping(spec, "domain")
        for interface in _entries(mapping(domain, "devices"), "interfaces"):
            self._replace(interface, "macAddress", "mac")
        for key in ("uuid", "serial"):
            self._replace(domain.get("firmware"), key, "uuid")

    def _replace(self, here: Any, key: str, kind: str) -> None:
        if isinstance(here, dict) and isinstance(here.get(key), str):
            here[key] = self._stand_in(kind, here[key])

    def _stand_in(self, kind: str, name: str) -> str:
        """What stands in for a name; a name that is not valid where it is stays, since that decides something."""
        known = self._names.get((kind, name))
        if known is None:
            fits, form = _KINDS[kind]
            count = len(self._names)
            known = form.format(count) if fits(name) and not (kind == "mac" and count >= _MOST_MACS) else name
            self._names[kind, name] = known
            self._real[known] = name
        return known

    def real(self, value: Any) -> Any:
        """A value of the answer with the names put back."""
        if isinstance(value, str):
            return self._real.get(value) or TOKEN.sub(lambda found: self._real.get(found[0], found[0]), value)
        if isinstance(value, dict):
            return {key: self.real(part) for key, part in value.items()}
        return [self.real(part) for part in value] if isinstance(value, list) else value


def is_live(vm: Manifest) -> bool:
    """Whether a manifest is one that a cluster gave out, as `kubectl get -o yaml` does."""
    return any(mapping(vm, "metadata").get(key) for key in ("uid", "resourceVersion"))


def carry_over(live: Manifest, written: Manifest) -> None:
    """Give a manifest from Git what only the cluster writes, from the live object, in place: an apply leaves it as it is."""
    for path in _CLUSTER_WRITES:
        value = find(live, path)
        above = [find(written, path[:count]) for count in range(1, len(path))]
        is_open = all(
            part is None or isinstance(part, dict) for part in above
        )  # a part of a wrong type is refused anyway
        if value is not None and is_open and find(written, path) is None:
            make(written, path[:-1])[path[-1]] = value


def _revision_names(vm: Manifest) -> list[str]:
    names = (mapping(vm, "spec", field).get("revisionName") for field in FIELDS)
    return [name for name in names if isinstance(name, str) and name]


def _entries(here: Manifest, key: str) -> list[Manifest]:
    entries = here.get(key)
    return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
