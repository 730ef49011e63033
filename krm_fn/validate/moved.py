"""Fields that stand elsewhere or are called otherwise: what guides of other years write, and what got a level too high or low."""

from __future__ import annotations

from functools import lru_cache

from krm_fn.core.manifest import text
from krm_fn.kubevirt.api import VIRTUAL_MACHINE
from krm_fn.kubevirt.schemas import packaged

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_fn.core.manifest import Manifest

RENAMED = {
    "spec.flavor": "flavors became instancetypes in KubeVirt 0.56: write spec.instancetype; `krm-fn convert` rewrites flavors themselves",
    "registryDisk": "it is called containerDisk",
    "registryDisks": "it is called containerDisk",
    "volumeName": "a disk finds its volume by its own name: give both the same name",
    "floppy": "floppy disks were removed: write disk or cdrom",
    "genie": "Genie networks were removed: write multus",
    "vcpus": "write cpu.cores, or cpu.sockets",
    "cpus": "write cpu.cores, or cpu.sockets",
    "imageUrl": "write containerDisk.image",
    "flavorProfile": "flavors became instancetypes, whose sizes are objects of their own: write spec.instancetype.name",
    "spec.template.spec.running": "whether a machine runs is said once: write spec.runStrategy",
    "spec.template.spec.runStrategy": "whether a machine runs is said once: write spec.runStrategy",
    "nics": "write domain.devices.interfaces and networks",
    "nodeAffinity": "write affinity.nodeAffinity",
}
"""Name, or path where the name alone says too little → what became of it."""
_FEWEST = 3
"""A name that stands at more places than this says nothing about where it was meant to stand."""


def advice(item: Manifest, path: str) -> str:
    """The message for an unknown field that is known by another name or in another place; "" for any other."""
    parent, _, name = path.rpartition(".")
    known = RENAMED.get(path) or RENAMED.get(name)
    if known is None and text(item, "kind") == VIRTUAL_MACHINE:
        places = [place for place in _places().get(name, ()) if place != parent]
        best = max(places, key=lambda place: _shared(place, parent), default="")
        if best and len(places) <= _FEWEST:
            known = f"it belongs under {best}"
    return f'unknown field "{name}"; {known}' if known else ""


def _shared(place: str, other: str) -> tuple[int, int]:
    """How many steps two paths have in common; the shorter place wins a tie."""
    steps, others = place.replace("[]", "").split("."), other.partition("[")[0].split(".")
    common = next(
        (at for at, (one, two) in enumerate(zip(steps, others, strict=False)) if one != two),
        min(len(steps), len(others)),
    )
    return common, -len(steps)


@lru_cache(maxsize=1)
def _places() -> dict[str, list[str]]:
    """Field name → the paths of the mappings of a VirtualMachine that have it."""
    schema = packaged(VIRTUAL_MACHINE)
    places: dict[str, list[str]] = {}

    def walk(part: Any, path: str) -> None:
        if "$ref" in part:
            part = schema["$defs"][part["$ref"].rpartition("/")[2]]
        for name, below in part.get("properties", {}).items():
            if not path.endswith("metadata"):
                places.setdefault(name, []).append(path)
            walk(below, f"{path}.{name}")
        if isinstance(part.get("items"), dict):
            walk(part["items"], f"{path}[]")

    walk(schema["properties"]["spec"], "spec")
    return places
