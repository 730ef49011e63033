"""The VirtualMachines that are inside other kinds: what a pool, a replica set, an instance or a Template would start.

Each is shown as the VirtualMachine that it comes to, and what is found there is told at the place in the kind itself.
"""

from __future__ import annotations

import json
import re

from krm_fn.core.fieldpath import depth, find, parse
from krm_fn.core.manifest import mapping, name_of, namespace_of, text
from krm_fn.kubevirt.api import KUBEVIRT_API, KUBEVIRT_GROUP, VIRTUAL_MACHINE, is_virtual_machine
from krm_fn.kubevirt.kinds import INSTANCE, POOL, POOL_GROUP, REPLICA_SET

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from krm_fn.core.finding import Finding
    from krm_fn.core.manifest import Manifest

TEMPLATE_GROUP, TEMPLATE = "template.openshift.io", "Template"
_PARAMETER = re.compile(r"\$\{\{(\w+)\}\}|\$\{(\w+)\}")


class Embedded:
    """A VirtualMachine inside another manifest.

    vm:     as it would be on its own. Shares its parts with the manifest: not to be changed.
    item:   the manifest that holds it.
    place:  from a field path of the VM to that of the manifest.
    blind:  field paths of the VM whose value is only known when the manifest is processed.
    """

    __slots__ = ("blind", "item", "place", "vm")

    def __init__(
        self, item: Manifest, vm: Manifest, place: Callable[[str], str], blind: Manifest | None = None
    ) -> None:
        self.item = item
        self.vm = vm
        self.place = place
        self.blind = blind

    def told(self, found: list[Finding]) -> list[Finding]:
        """What was found about the VM, as findings about the manifest."""
        return [each.but(item=self.item, path=self.place(each.path)) for each in found if not self._is_blind(each.path)]

    def _is_blind(self, path: str) -> bool:
        """Whether a text at, around or below the path holds a parameter without a value."""
        if self.blind is None:
            return False
        here: Any = self.blind
        steps = parse(path)
        for step in steps[: depth(self.blind, steps)]:
            here = here[int(step)] if isinstance(here, list) else here[step]
        return _PARAMETER.search(json.dumps(here, default=str)) is not None if here is not self.blind else False


def embedded(item: Manifest) -> list[Embedded]:
    """The VirtualMachines inside a manifest; none for every kind that holds none, VirtualMachine itself among them."""
    group = text(item, "apiVersion").rpartition("/")[0]
    found = _HOLDERS.get((group, text(item, "kind")))
    return found(item) if found is not None else []


def machines(item: Manifest) -> list[Embedded]:
    """The VirtualMachine that a manifest is, or those inside it."""
    return [Embedded(item, item, lambda path: path)] if is_virtual_machine(item) else embedded(item)


def _machine(item: Manifest, metadata: Manifest, spec: Any) -> Manifest:
    """A VirtualMachine of the holder's name and namespace."""
    own = {"name": name_of(item) or "x", **({"namespace": namespace_of(item)} if namespace_of(item) else {})}
    return {
        "apiVersion": KUBEVIRT_API,
        "kind": VIRTUAL_MACHINE,
        "metadata": {**metadata, **own},
        **({} if spec is None else {"spec": spec}),
    }


def _pool(item: Manifest) -> list[Embedded]:
    root = "spec.virtualMachineTemplate"
    template = mapping(item, *root.split("."))
    vm = _machine(item, mapping(template, "metadata"), template.get("spec"))
    vm["metadata"]["name"] = "x"  # the pool makes the names; its own is judged at its own place
    return [Embedded(item, vm, lambda path: f"{root}.{path}")] if template else []


def _replica_set(item: Manifest) -> list[Embedded]:
    template = find(item, ("spec", "template"))
    if not isinstance(template, dict):
        return []
    vm = _machine(item, mapping(item, "metadata"), {"runStrategy": "Always", "template": template})
    return [Embedded(item, vm, lambda path: path)]


def _instance(item: Manifest) -> list[Embedded]:
    template = {"spec": item["spec"]} if "spec" in item else {}
    vm = _machine(item, mapping(item, "metadata"), {"runStrategy": "Always", "template": template})
    return [Embedded(item, vm, lambda path: path.removeprefix("spec.template."))]


def _template(item: Manifest) -> list[Embedded]:
    """The VMs of an OpenShift Template, with the values that its parameters have by default."""
    parameters = item.get("parameters")
    known = {
        text(each, "name"): each["value"]
        for each in (parameters if isinstance(parameters, list) else ())
        if isinstance(each, dict) and isinstance(each.get("value"), str)
    }
    objects = item.get("objects")
    return [
        Embedded(item, _filled(each, known), _below(f"objects[{index}]"), blind=_filled(each, known, keep=True))
        for index, each in enumerate(objects if isinstance(objects, list) else ())
        if isinstance(each, dict) and is_virtual_machine(each)
    ]


def _below(root: str) -> Callable[[str], str]:
    return lambda path: f"{root}.{path}"


def _filled(value: Any, known: dict[str, str], *, keep: bool = False) -> Any:
    """A value with the parameters in its texts replaced. One without a value stays with `keep`, else `x` stands for it."""
    if isinstance(value, dict):
        return {_filled(key, known): _filled(part, known, keep=keep) for key, part in value.items()}
    if isinstance(value, list):
        return [_filled(part, known, keep=keep) for part in value]
    if not isinstance(value, str) or "${" not in value:
        return value
    whole = _PARAMETER.fullmatch(value)
    if whole and whole[1] in known:
        return _read(known[whole[1]])
    return _PARAMETER.sub(lambda match: known.get(match[1] or match[2], match[0] if keep else "x"), value)


def _read(written: str) -> Any:
    """What `${{NAME}}` comes to: the parameter's value as JSON, as text when it is none."""
    try:
        return json.loads(written)
    except ValueError:
        return written


_HOLDERS: dict[tuple[str, str], Callable[[Manifest], list[Embedded]]] = {
    (POOL_GROUP, POOL): _pool,
    (KUBEVIRT_GROUP, REPLICA_SET): _replica_set,
    (KUBEVIRT_GROUP, INSTANCE): _instance,
    (TEMPLATE_GROUP, TEMPLATE): _template,
}
"""(group, kind) → the machines in a manifest of it."""
