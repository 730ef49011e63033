"""Whether an instancetype and a preference go together: by expanding a machine that says nothing else."""

from __future__ import annotations

from krm_fn.core import wire
from krm_fn.core.finding import ERROR
from krm_fn.core.manifest import mapping, name_of
from krm_fn.kubevirt.api import KUBEVIRT_API, VIRTUAL_MACHINE
from krm_fn.vm.expand import expand

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_fn.choose.entry import Entry
    from krm_fn.core.manifest import Manifest


class Pairs:
    """Remembers what was tried: most preferences of a catalog ask for one of a few things."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], tuple[str, ...]] = {}
        self._keys: dict[int, tuple[Manifest, str]] = {}

    def problems(self, instancetype: Entry, preference: Entry) -> tuple[str, ...]:
        """Why KubeVirt would refuse the two together; empty when it takes them."""
        key = (self._key(instancetype.item, _SIZES), self._key(preference.item, _WISHES))
        if key not in self._known:
            self._known[key] = _problems(instancetype.item, preference)
        return self._known[key]

    def _key(self, item: Manifest, fields: tuple[str, ...]) -> str:
        known = self._keys.get(id(item))
        if known is None or known[0] is not item:
            spec = mapping(item, "spec")
            text = wire.canonical_json({field: spec[field] for field in fields if field in spec})
            known = self._keys[id(item)] = (item, text)
        return known[1]


_SIZES = ("cpu", "memory", "annotations", "nodeSelector")
_WISHES = ("cpu", "requirements", "preferredArchitecture", "preferSpreadSocketToCoreRatio")
"""The fields of an instancetype and of a preference that decide whether they go together on a machine of their own."""


def _problems(instancetype: Manifest, preference: Entry) -> tuple[str, ...]:
    machine = virtual_machine("vm", name_of(instancetype), preference.name)
    if preference.architecture:
        machine["spec"]["template"]["spec"]["architecture"] = preference.architecture
    _, found = expand(machine, instancetype, preference.item)
    return tuple(_words(finding.message) for finding in found if finding.severity == ERROR)


def _words(message: str) -> str:
    """A finding's message without the name of the preference that the reader has just read, and without the advice."""
    return message.partition(": ")[2].partition("; ")[0] or message


def virtual_machine(name: str, instancetype: str, preference: str) -> Manifest:
    """The shortest machine that names the two."""
    return {
        "apiVersion": KUBEVIRT_API,
        "kind": VIRTUAL_MACHINE,
        "metadata": {"name": name},
        "spec": {
            "runStrategy": "Always",
            "instancetype": {"name": instancetype},
            "preference": {"name": preference},
            "template": {"spec": {"domain": {"devices": {}}}},
        },
    }
