"""Machines that differ only in their names and in what their volumes hold expand alike: worked out once in a call.

A fleet is mostly machines of one shape. The expansion reads a volume's name and nothing else of it, and nothing of the
manifest outside the template but the matchers, so the template without its volumes, their names, and the two objects
that are applied decide what comes out.
"""

from __future__ import annotations

from marshal import dumps

from krm_fn.core.manifest import copy_tree, mapping, sort_tree
from krm_fn.vm.expand import MATCHERS, expand

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_fn.core.finding import Finding
    from krm_fn.core.manifest import Manifest

    Key = tuple[int, int, str, bytes]

_MOST = 1024
_FORMAT = 2
"""The last marshal format without back references, which would tell equal values from identical ones."""


class Alike:
    """Expansions of one call, by what decides them. The templates of machines that are alike share their parts."""

    __slots__ = ("_options", "_templates")

    def __init__(self, **options: Any) -> None:
        """options: those of vm.expand.expand. Settings that write a machine's own name into it turn the memory off."""
        self._options = options
        self._templates: dict[Key, tuple[Manifest, Manifest | None, Manifest | None]] = {}

    def expand(
        self, vm: Manifest, instancetype: Manifest | None, preference: Manifest | None, architecture: str = ""
    ) -> tuple[Manifest, list[Finding]]:
        """The same as vm.expand.expand, with the keys of the template in order."""
        shape = None if isinstance(self._options.get("defaults"), dict) else _shape(vm, preference)
        key = None if shape is None else (id(instancetype), id(preference), architecture, shape)
        known = self._templates.get(key) if key else None
        if known is not None:
            return _with_template(vm, known[0]), []
        out, results = expand(vm, instancetype, preference, architecture=architecture, **self._options)
        if out is vm:
            return out, results
        sort_tree(out["spec"]["template"])
        if key and not results:
            if len(self._templates) >= _MOST:
                self._templates.clear()
            # the objects are held as well, so that their ids stay their own
            self._templates[key] = out["spec"]["template"], instancetype, preference
        return out, results


def _shape(vm: Manifest, preference: Manifest | None) -> bytes | None:
    """What of a machine decides its expansion, None for one that isn't as plain as most."""
    try:
        template = vm["spec"]["template"]
        spec = template["spec"]
        volumes = spec["volumes"]
        names = [volume["name"] for volume in volumes]
        around = {name: value for name, value in spec.items() if name != "volumes"}
        decides = dumps((template.get("metadata"), list(template), around, list(spec), names), _FORMAT)
    except (KeyError, TypeError, AttributeError, ValueError):  # parts that are missing, mistyped or no plain values
        return None
    if "status" in vm or not isinstance(vm.get("metadata"), dict) or not all(type(name) is str for name in names):
        return None
    if vm["spec"].get("dataVolumeTemplates") and "volumes" in mapping(preference, "spec"):  # they take a storage class
        return None
    return decides


def _with_template(vm: Manifest, known: Manifest) -> Manifest:
    """A machine with the template of one that is like it, and with its own volumes."""
    volumes = copy_tree(vm["spec"]["template"]["spec"]["volumes"])
    for volume in volumes:
        sort_tree(volume)
    spec = {name: value for name, value in vm["spec"].items() if name not in MATCHERS}
    spec["template"] = {**known, "spec": {**known["spec"], "volumes": volumes}}
    metadata = vm["metadata"]
    if isinstance(metadata.get("annotations"), dict):
        metadata = {**metadata, "annotations": dict(metadata["annotations"])}
    return {**vm, "metadata": dict(metadata), "spec": spec}
