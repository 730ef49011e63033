"""Writing an instancetype into a VirtualMachine's template.

Source: KubeVirt 1.9, pkg/instancetype/apply/*.go.
"""

from __future__ import annotations

from krm_fn.core.fieldpath import make
from krm_fn.core.manifest import copy_tree
from krm_fn.instancetype.fields import COPY, FILL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_fn.core.manifest import Manifest
    from krm_fn.instancetype.plan import Plan


def apply(plan: Plan, topology: tuple[int, int, int], spec: Manifest, annotations: Manifest) -> None:
    """Write the instancetype and a topology (sockets, cores, threads) into a VM that has no conflict, in place."""
    cpu = make(spec, ("domain", "cpu"))
    for key, number in zip(("sockets", "cores", "threads"), topology, strict=True):
        if number:
            cpu[key] = number
    for path, key, how, value in plan.writes:
        if how is COPY:
            make(spec, path)[key] = copy_tree(value)
        elif how is FILL:
            here = make(spec, path)
            if here.get(key) is None:
                here[key] = value
        elif value:
            make(spec, path)[key] = value
        elif make(spec, path).get(key):
            del make(spec, path)[key]
    for key, text in plan.annotations.items():
        annotations.setdefault(key, text)
