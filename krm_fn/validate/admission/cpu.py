"""Dedicated CPUs, NUMA, realtime, CPU features and hotplug."""

from __future__ import annotations

from krm_fn.core.manifest import mapping
from krm_fn.core.quantity import NANO
from krm_fn.kubevirt.defaulted import rounded, whole_number
from krm_fn.kubevirt.facts import ARM64
from krm_fn.validate.admission.machine import has
from krm_fn.validate.admission.rule import INSTANCETYPE, VMI_ADMITTER, D, Rule, T, choice_rule, when

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from krm_fn.validate.admission.machine import Machine
    from krm_fn.validate.admission.rule import Check, Found

_CPU = f"{D}.cpu"
_NUMA = f"{_CPU}.numa.guestMappingPassthrough"
_DEDICATED = f"{_CPU}.dedicatedCpuPlacement"
_MILLI = NANO // 1000
_MAX_THREADS = 2
_POLICIES = ("", "force", "require", "optional", "disable", "forbid")


def _is_dedicated(machine: Machine, _cpu: Any = None) -> bool:
    return machine.cpu.get("dedicatedCpuPlacement") is True


def _dedicated(wrong: Callable[[Machine], bool]) -> Check:
    return when(lambda machine, _cpu: _is_dedicated(machine) and wrong(machine))


def _fraction(group: str) -> Check:
    def check(machine: Machine, _cpu: Any, _index: Any) -> Iterable[Found]:
        amount = machine.resource(group, "cpu") or 0
        whole = rounded(amount)
        if not _is_dedicated(machine) or whole <= 0 or whole * 1000 == rounded(amount, _MILLI):
            return ()
        written = mapping(machine.resources, group).get("cpu") or mapping(machine.resources, "limits").get("cpu")
        return ((None, written),)

    return check


def _no_memory(machine: Machine) -> bool:
    values = (machine.value("requests", "memory"), machine.value("limits", "memory"))
    return not any(values) and machine.memory.get("hugepages") is None and not machine.guest_memory


def _differ(machine: Machine, name: str) -> bool:
    request, limit = machine.value("requests", name), machine.value("limits", name)
    return request > 0 and limit > 0 and request != limit


def _other_count(machine: Machine) -> bool:
    request, limit, vcpus = machine.value("requests", "cpu"), machine.value("limits", "cpu"), machine.vcpus
    return (request > 0 or limit > 0) and vcpus > 0 and vcpus not in (request, limit)


def _passthrough(machine: Machine) -> bool:
    return has(mapping(machine.cpu, "numa"), "guestMappingPassthrough")


def _too_many_sockets(machine: Machine, cpu: Any) -> bool:
    most = whole_number(cpu, "maxSockets") or 0
    return most != 0 and machine.topology[0] > most


def _dedicated_rule(
    name: str, field: str, check: Check, message: str, explanation: str, function: str, **more: Any
) -> Rule:
    return Rule(
        f"dedicated-cpus-{name}",
        "cpu",
        "dedicatedCpuPlacement",
        field,
        check,
        message,
        explanation,
        f"{VMI_ADMITTER}: {function}",
        **more,
    )


_DEDICATED_RULES = (
    _dedicated_rule(
        "memory-missing",
        f"{D}.resources.limits.memory",
        _dedicated(_no_memory),
        "dedicatedCpuPlacement needs memory to be set: write memory.guest, or name an instancetype",
        "A machine with CPUs of its own also has memory of its own, so how much has to be known.",
        "validateMemoryLimitAndRequestProvided",
        cured_by=(INSTANCETYPE,),
    ),
    _dedicated_rule(
        "request-fraction",
        f"{D}.resources.requests.cpu",
        _fraction("requests"),
        "with dedicatedCpuPlacement the cpu request {current} must be a whole number: write for example 2",
        "Only whole CPUs can be set aside. A cpu limit without a request counts as the request.",
        "validateCPURequestIsInteger",
    ),
    _dedicated_rule(
        "limit-fraction",
        f"{D}.resources.limits.cpu",
        _fraction("limits"),
        "with dedicatedCpuPlacement the cpu limit {current} must be a whole number: write for example 2",
        "Only whole CPUs can be set aside.",
        "validateCPULimitIsInteger",
    ),
    _dedicated_rule(
        "memory-differs",
        f"{D}.resources.requests.memory",
        _dedicated(lambda machine: _differ(machine, "memory")),
        "with dedicatedCpuPlacement the memory request and limit must be equal: write the same amount for both",
        "Dedicated CPUs need the Guaranteed class of service, where requests and limits are equal.",
        "validateMemoryRequestsAndLimits",
    ),
    _dedicated_rule(
        "cpu-differs",
        _DEDICATED,
        _dedicated(lambda machine: _differ(machine, "cpu")),
        "with dedicatedCpuPlacement the cpu request and limit must be equal: write the same number for both",
        "Dedicated CPUs need the Guaranteed class of service, where requests and limits are equal.",
        "validateRequestEqualsLimitOnDedicatedCPUPlacement",
    ),
    _dedicated_rule(
        "count-differs",
        _DEDICATED,
        _dedicated(_other_count),
        "with dedicatedCpuPlacement the cpu request or limit must be the number of vCPUs (sockets x cores x"
        " threads): leave the resources out",
        "Every vCPU gets a CPU of its own, so their number and the resources say the same.",
        "validateRequestOrLimitWithCoresProvidedOnDedicatedCPUPlacement",
    ),
    _dedicated_rule(
        "threads",
        _DEDICATED,
        _dedicated(lambda machine: machine.topology[2] > _MAX_THREADS),
        "with dedicatedCpuPlacement a core can have at most 2 threads: write threads: 1 or 2",
        "Threads are pinned to the threads of a physical core, of which there are two.",
        "validateThreadCountOnDedicatedCPUPlacement",
    ),
    _dedicated_rule(
        "threads-arm64",
        f"{T}.architecture",
        _dedicated(lambda machine: machine.architecture == ARM64 and machine.topology[2] > 1),
        "on arm64 dedicated cores have a single thread: write threads: 1",
        "The cores of arm64 machines have no second thread to pin to.",
        "validateThreadCountOnArchitecture",
    ),
)

_PLACEMENT_RULES = (
    Rule(
        "numa-without-dedicated-cpus",
        "cpu",
        "numa",
        _NUMA,
        when(lambda machine, _cpu: _passthrough(machine) and not _is_dedicated(machine)),
        "guestMappingPassthrough needs dedicatedCpuPlacement: true",
        "Only CPUs that belong to the machine have a fixed place in the host's NUMA layout.",
        f"{VMI_ADMITTER}: validateNUMA",
        cured_by=(INSTANCETYPE,),
    ),
    Rule(
        "numa-without-hugepages",
        "cpu",
        "numa",
        _NUMA,
        when(lambda machine, _cpu: _passthrough(machine) and not has(machine.memory, "hugepages")),
        "guestMappingPassthrough needs memory.hugepages: write a pageSize, for example 2Mi",
        "Memory is bound to NUMA nodes as huge pages.",
        f"{VMI_ADMITTER}: validateNUMA",
        cured_by=(INSTANCETYPE,),
    ),
    Rule(
        "isolated-emulator-without-dedicated-cpus",
        "cpu",
        "isolateEmulatorThread",
        f"{_CPU}.isolateEmulatorThread",
        when(
            lambda machine, cpu: cpu["isolateEmulatorThread"] is True and not _is_dedicated(machine),
            "isolateEmulatorThread",
        ),
        "isolateEmulatorThread needs dedicatedCpuPlacement: true",
        "The emulator can only be kept off the machine's CPUs when those belong to the machine.",
        f"{VMI_ADMITTER}: validateCPUIsolatorThread",
        cured_by=(INSTANCETYPE,),
    ),
    Rule(
        "realtime-without-dedicated-cpus",
        "cpu",
        "realtime",
        _DEDICATED,
        when(lambda machine, cpu: has(cpu, "realtime") and not _is_dedicated(machine)),
        "realtime needs dedicatedCpuPlacement: true",
        "A realtime machine shares its CPUs with nobody.",
        f"{VMI_ADMITTER}: validateCPURealtime",
        cured_by=(INSTANCETYPE,),
    ),
    Rule(
        "realtime-without-numa",
        "cpu",
        "realtime",
        _NUMA,
        when(lambda machine, cpu: has(cpu, "realtime") and not _passthrough(machine)),
        "realtime needs numa.guestMappingPassthrough: write numa: {{guestMappingPassthrough: {{}}}}",
        "A realtime machine needs its memory close to its CPUs.",
        f"{VMI_ADMITTER}: validateMemoryRealtime",
        cured_by=(INSTANCETYPE,),
    ),
    Rule(
        "sockets-above-maximum",
        "cpu",
        "maxSockets",
        f"{_CPU}.sockets",
        when(_too_many_sockets, "sockets"),
        "the machine has more sockets than maxSockets: raise maxSockets or lower sockets",
        "maxSockets is how far sockets can be hotplugged, so the machine can't begin above it.",
        f"{VMI_ADMITTER}: validateCPUHotplug",
    ),
    choice_rule(
        "cpu-feature-policy",
        "cpu feature",
        "policy",
        f"{_CPU}.features[%d].policy",
        _POLICIES,
        "policy {current} of the CPU feature is unknown: write {allowed}",
        "How a CPU feature is asked for is one of libvirt's policies.",
        f"{VMI_ADMITTER}: validateCPUFeaturePolicies",
    ),
)

RULES = _DEDICATED_RULES + _PLACEMENT_RULES
