"""What a preference requires of the VM it is applied to.

Source: KubeVirt 1.9, pkg/instancetype/preference/requirements/*.go; for what the VM webhook makes of a VM before it
judges it, pkg/defaults/defaults.go.
"""

from __future__ import annotations

from krm_fn.core import quantity
from krm_fn.kubevirt import defaulted, topology

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_fn.core.manifest import Manifest
    from krm_fn.preference.plan import Plan

_CPU, _MEMORY = "spec.template.spec.domain.cpu", "spec.template.spec.domain.memory"
_INSTANCETYPE, _ARCHITECTURE = "spec.instancetype", "spec.template.spec.architecture"

Failure = tuple[tuple[str, ...], str, str]
"""The field paths to change, KubeVirt's text, and what to do about it."""

_LARGER = "name a larger instancetype or another preference"


class Provided:
    """What a VM has: cpu section (None when there is none), memory as a quantity, architecture.

    vcpus: the instancetype's, None without an instancetype.
    """

    __slots__ = ("architecture", "cpu", "memory", "vcpus")

    def __init__(self, spec: Manifest, vcpus: int | None) -> None:
        domain = spec.get("domain") or {}
        self.vcpus = vcpus
        self.cpu: Manifest | None = domain.get("cpu")
        self.memory: Any = (domain.get("memory") or {}).get("guest")
        self.architecture: str = spec.get("architecture") or ""

    def as_admitted(self, spec: Manifest, architecture: str) -> Provided:
        """Add what KubeVirt's VM webhook defaults before it checks, the cluster's architecture among it."""
        domain = spec.get("domain") or {}
        self.architecture = self.architecture or architecture
        self.memory = defaulted.guest_memory(domain)
        self.cpu = dict(zip(defaulted.TOPOLOGY, defaulted.topology(domain), strict=True))
        return self


def check(plan: Plan, provided: Provided) -> Failure | None:
    """Return the first requirement that isn't met: CPU, then memory, then architecture."""
    return _check_cpu(plan, provided) or _check_memory(plan, provided) or _check_architecture(plan, provided)


def _check_cpu(plan: Plan, provided: Provided) -> Failure | None:
    required = plan.required_vcpus
    if required is None:
        return None
    if provided.vcpus is not None:
        if provided.vcpus >= required:
            return None
        text = f"insufficient CPU resources of {provided.vcpus} vCPU provided by instance type, "
        text += f"preference requires {required} vCPU"
        return (_INSTANCETYPE,), text, _LARGER
    if provided.cpu is None:
        text = f"no CPU resources provided by VirtualMachine, preference requires {required} vCPU"
        return (_CPU,), text, "write a CPU topology or name an instancetype"
    vcpus, parts, words = topology.provided(provided.cpu, plan.topology, plan.across)
    if vcpus >= required:
        return None
    text = (
        f"insufficient CPU resources of {vcpus} vCPU provided by VirtualMachine, preference requires {required} vCPU "
        f"provided as {words}"
    )
    return (
        tuple(f"{_CPU}.{part}" for part in parts),
        text,
        f"write at least {required} vCPUs there or name an instancetype",
    )


def _check_memory(plan: Plan, provided: Provided) -> Failure | None:
    if plan.required_memory is None:
        return None
    memory = "0" if provided.memory is None else provided.memory
    if quantity.nano(memory) >= plan.required_memory:
        return None
    by, path = ("VirtualMachine", _MEMORY) if provided.vcpus is None else ("instance type", _INSTANCETYPE)
    text = (
        f"insufficient Memory resources of {quantity.text(memory)} provided by {by}, "
        f"preference requires {plan.required_memory_text}"
    )
    advice = f"write at least {plan.required_memory_text} into {_MEMORY}.guest" if provided.vcpus is None else _LARGER
    return (path,), text, advice


def _check_architecture(plan: Plan, provided: Provided) -> Failure | None:
    required = plan.required_architecture
    if required is None or provided.architecture == required:
        return None
    text = f"preference requires architecture {required} but {provided.architecture} is being requested"
    return (_ARCHITECTURE,), text, f'write "{required}" there or name another preference'
