"""What a preference requires of the VM it is applied to.

Source: KubeVirt 1.9, pkg/instancetype/preference/requirements/*.go; for what the VM webhook makes of a VM before it
judges it, pkg/defaults/defaults.go.
"""

from __future__ import annotations

from krm_fn.core import quantity
from krm_fn.core.finding import Finding, Rule
from krm_fn.kubevirt import defaulted, topology

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from krm_fn.core.manifest import Manifest
    from krm_fn.preference.plan import Plan

_CPU, _MEMORY = "spec.template.spec.domain.cpu", "spec.template.spec.domain.memory"
_INSTANCETYPE, _ARCHITECTURE = "spec.instancetype", "spec.template.spec.architecture"

REQUIREMENT = Rule(
    "preference/requirement",
    "Requirement of the preference not met",
    "A preference can demand vCPUs, memory or an architecture that the VM or its instancetype has to give.",
)
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


def check(plan: Plan, provided: Provided, vm: Manifest) -> list[Finding]:
    """The first requirement that the VM doesn't meet, at each field to change: CPU, then memory, then architecture."""
    return (
        _check_cpu(plan, provided, vm) or _check_memory(plan, provided, vm) or _check_architecture(plan, provided, vm)
    )


def _unmet(plan: Plan, vm: Manifest, paths: Iterable[str], words: str, advice: str) -> list[Finding]:
    """KubeVirt's words, and what to do about it, at each of the paths."""
    message = f'preference "{plan.name}" is not met: {words}; {advice}'
    return [Finding(REQUIREMENT, message, vm, path) for path in paths]


def _check_cpu(plan: Plan, provided: Provided, vm: Manifest) -> list[Finding]:
    required = plan.required_vcpus
    if required is None:
        return []
    if provided.vcpus is not None:
        if provided.vcpus >= required:
            return []
        words = f"insufficient CPU resources of {provided.vcpus} vCPU provided by instance type, "
        words += f"preference requires {required} vCPU"
        return _unmet(plan, vm, (_INSTANCETYPE,), words, _LARGER)
    if provided.cpu is None:
        words = f"no CPU resources provided by VirtualMachine, preference requires {required} vCPU"
        return _unmet(plan, vm, (_CPU,), words, "write a CPU topology or name an instancetype")
    vcpus, parts, layout = topology.provided(provided.cpu, plan.topology, plan.across)
    if vcpus >= required:
        return []
    words = (
        f"insufficient CPU resources of {vcpus} vCPU provided by VirtualMachine, preference requires {required} vCPU "
        f"provided as {layout}"
    )
    advice = f"write at least {required} vCPUs there or name an instancetype"
    return _unmet(plan, vm, [f"{_CPU}.{part}" for part in parts], words, advice)


def _check_memory(plan: Plan, provided: Provided, vm: Manifest) -> list[Finding]:
    if plan.required_memory is None:
        return []
    memory = "0" if provided.memory is None else provided.memory
    if quantity.nano(memory) >= plan.required_memory:
        return []
    by, path = ("VirtualMachine", _MEMORY) if provided.vcpus is None else ("instance type", _INSTANCETYPE)
    words = (
        f"insufficient Memory resources of {quantity.text(memory)} provided by {by}, "
        f"preference requires {plan.required_memory_text}"
    )
    advice = f"write at least {plan.required_memory_text} into {_MEMORY}.guest" if provided.vcpus is None else _LARGER
    return _unmet(plan, vm, (path,), words, advice)


def _check_architecture(plan: Plan, provided: Provided, vm: Manifest) -> list[Finding]:
    required = plan.required_architecture
    if required is None or provided.architecture == required:
        return []
    words = f"preference requires architecture {required} but {provided.architecture} is being requested"
    return _unmet(plan, vm, (_ARCHITECTURE,), words, f'write "{required}" there or name another preference')
