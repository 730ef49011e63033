"""Memory and CPU resources, huge pages, and memory hotplug."""

from __future__ import annotations

from krm_fn.core.manifest import mapping
from krm_fn.core.quantity import NANO, is_quantity
from krm_fn.kubevirt.defaulted import amount, rounded
from krm_fn.kubevirt.facts import AMD64
from krm_fn.validate.admission.machine import has
from krm_fn.validate.admission.rule import CRD, INSTANCETYPE, START, VMI_ADMITTER, D, Rule, when

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from krm_fn.validate.admission.machine import Machine
    from krm_fn.validate.admission.rule import Check, Found

_RESOURCES = f"{D}.resources"
_REQUEST = f"{_RESOURCES}.requests.memory"
_GUEST = f"{D}.memory.guest"
_PAGE_SIZE = f"{D}.memory.hugepages.pageSize"
_PAGES = f"{VMI_ADMITTER}: validateHugepagesMemoryRequests"
_HOTPLUG = "pkg/liveupdate/memory/memory.go: ValidateLiveUpdateMemory"
_LEAST_REQUEST = 10**6 * NANO
_LEAST_GUEST = 2**30 * NANO
_MILLI = NANO // 1000
_SMALL_BLOCK, _LARGE_BLOCK = 2 * 2**20, 2**30
_LOCKS = ("NotRequired", "Required")


def _negative(group: str, name: str) -> Check:
    def check(machine: Machine, resources: Any, _index: Any) -> Iterable[Found]:
        written = mapping(resources, group).get(name)
        value = machine.resource(group, name)
        return ((None, written),) if value is not None and value < 0 else ()

    return check


def _tiny_request(_machine: Machine, resources: Any, _index: Any) -> Iterable[Found]:
    requests = mapping(resources, "requests")
    value = amount(requests, "memory")
    return ((None, requests["memory"]),) if value is not None and 0 < value < _LEAST_REQUEST else ()


def _above_limit(name: str, unit: int) -> Check:
    def check(machine: Machine, resources: Any, _index: Any) -> Iterable[Found]:
        limit = rounded(machine.resource("limits", name) or 0, unit)
        request = rounded(machine.resource("requests", name) or 0, unit)
        if not 0 < limit < request:
            return ()
        return ((None, mapping(resources, "requests")[name], {"limit": str(mapping(resources, "limits")[name])}),)

    return check


def _page_size(memory: Any) -> Any:
    """The huge page size as written; "" when it is missing, as Go reads it."""
    size = mapping(memory, "hugepages").get("pageSize")
    return "" if size is None else size


def _bad_page_size(_machine: Machine, memory: Any, _index: Any) -> Iterable[Found]:
    size = _page_size(memory)
    wrong = has(memory, "hugepages") and isinstance(size, str) and not is_quantity(size)
    return ((None, size),) if wrong else ()


def _paged(wrong: Callable[[int, int], bool]) -> Check:
    """A check of the memory and the page size, both in bytes."""

    def check(machine: Machine, memory: Any, _index: Any) -> Iterable[Found]:
        size = machine.page_size
        amount = machine.value("requests", "memory") or rounded(machine.guest_memory or 0)
        if size is None or not wrong(amount, rounded(size)):
            return ()
        written = mapping(machine.resources, "requests").get("memory") or memory.get("guest")
        return ((None, written, {"page": str(_page_size(memory)), "amount": str(amount)}),)

    return check


def _lacks_memory(machine: Machine, domain: Any) -> bool:
    """Whether there is no memory at all. The rules about dedicated CPUs and hotplug say so where they apply."""
    memory = machine.memory
    if machine.cpu.get("dedicatedCpuPlacement") is True or memory.get("maxGuest") is not None:
        return False
    if (
        not domain
    ):  # an empty one lacks its devices, which the schema says; a template without a spec has none to look at
        template = machine.spec.get("template")
        return isinstance(template, dict) and template.get("spec") is None
    held = memory.get("guest") is not None or memory.get("hugepages") is not None or machine.guest_memory is not None
    return not held and not machine.value("requests", "memory")


def _unaligned(memory: Any, number: int | None) -> bool:
    block = _LARGE_BLOCK if _page_size(memory) == "1Gi" else _SMALL_BLOCK
    return number is not None and rounded(number) % block != 0


def _above_most(machine: Machine, memory: Any) -> bool:
    most, guest = amount(memory, "maxGuest"), machine.guest_memory
    return most is not None and guest is not None and guest > most


def _hotplug_rule(
    name: str, wrong: Callable[[Machine, Any], bool], message: str, explanation: str, **more: Any
) -> Rule:
    return Rule(
        f"memory-hotplug-{name}",
        "memory",
        "maxGuest",
        _GUEST,
        when(lambda machine, memory: amount(memory, "maxGuest") is not None and wrong(machine, memory), "maxGuest"),
        message,
        explanation,
        _HOTPLUG,
        **more,
    )


_RESOURCE_RULES = (
    *(
        Rule(
            f"{name}-{group}-negative",
            "resources",
            ("requests", "limits") if (group, name) == ("requests", "cpu") else group,
            f"{_RESOURCES}.{group}.{name}",
            _negative(group, name),
            f"resources.{group}.{name} {{current}} is negative: write an amount of at least 0",
            f"The {name} {group} of a machine are amounts and can't be negative.",
            f"{VMI_ADMITTER}: {function}",
            alone=True,
        )
        for group, name, function in (
            ("requests", "memory", "validateMemoryRequestsNegativeOrNull"),
            ("limits", "memory", "validateMemoryLimitsNegativeOrNull"),
            ("requests", "cpu", "validateCPURequestNotNegative"),
            ("limits", "cpu", "validateCPULimitNotNegative"),
        )
    ),
    Rule(
        "memory-request-tiny",
        "resources",
        "requests",
        _REQUEST,
        _tiny_request,
        "resources.requests.memory {current} is less than 1M: write at least 1M, or check the unit (m is a"
        " thousandth, M a million)",
        "No machine runs in less than a megabyte; such a request is nearly always a wrong unit.",
        f"{VMI_ADMITTER}: validateMemoryRequestsNegativeOrNull",
        alone=True,
    ),
    Rule(
        "memory-request-above-limit",
        "resources",
        "limits",
        _REQUEST,
        _above_limit("memory", NANO),
        "resources.requests.memory {current} is more than the limit {limit}: lower the request or raise the limit",
        "A request can't be larger than the limit beside it.",
        f"{VMI_ADMITTER}: validateMemoryLimitsNegativeOrNull",
    ),
    Rule(
        "cpu-request-above-limit",
        "resources",
        "limits",
        f"{_RESOURCES}.requests.cpu",
        _above_limit("cpu", _MILLI),
        "resources.requests.cpu {current} is more than the limit {limit}: lower the request or raise the limit",
        "A request can't be larger than the limit beside it.",
        f"{VMI_ADMITTER}: validateCpuRequestDoesNotExceedLimit",
    ),
    Rule(
        "memory-missing",
        "domain",
        "",
        f"{D}.memory.guest",
        when(_lacks_memory),
        "the machine has no memory: write memory.guest, for example 2Gi, or name an instancetype",
        "A machine gets its memory from memory.guest, a memory request or limit, huge pages or an instancetype."
        " Without any of them"
        " it is created and never starts.",
        f"{VMI_ADMITTER}: ValidateVirtualMachineInstanceMandatoryFields",
        stage=START,
        cured_by=(INSTANCETYPE,),
    ),
    Rule(
        "memory-lock",
        "memory",
        "reservedOverhead",
        f"{D}.memory.reservedOverhead.memLock",
        lambda _machine, memory, _index: (
            ((None, lock),)
            if isinstance(lock := mapping(memory, "reservedOverhead").get("memLock"), str) and lock not in _LOCKS
            else ()
        ),
        "memLock {current} is unknown: write NotRequired or Required",
        "Whether the memory of the machine has to be locked is one of two words.",
        "the schema of the VirtualMachine CRD, generated from staging/src/kubevirt.io/api/core/v1/schema.go",
        stage=CRD,
        since="1.8",
        gate="ReservedOverheadMemlock",
        alone=True,
    ),
)

_HUGEPAGE_RULES = (
    Rule(
        "hugepages-size",
        "memory",
        "hugepages",
        _PAGE_SIZE,
        _bad_page_size,
        "hugepages.pageSize {current} is not a quantity: write for example 2Mi or 1Gi",
        "The size of the huge pages is a quantity; an empty one is refused as well.",
        _PAGES,
        alone=True,
    ),
    Rule(
        "hugepages-larger-than-memory",
        "memory",
        "hugepages",
        _REQUEST,
        _paged(lambda memory, size: memory != 0 and memory < size),
        "the memory of {amount} bytes is less than one huge page of {page}: write more memory or a smaller page size",
        "The memory (the request, else memory.guest, else the limit) is made of huge pages, so it holds at least one.",
        _PAGES,
    ),
    Rule(
        "hugepages-not-a-divisor",
        "memory",
        "hugepages",
        _REQUEST,
        _paged(lambda memory, size: size != 0 and (memory == 0 or memory >= size) and memory % size != 0),
        "the memory of {amount} bytes is not a multiple of the huge page size {page}: write a multiple",
        "The memory is made of huge pages, so it has to be a multiple of their size.",
        _PAGES,
    ),
    Rule(
        "hugepages-size-zero",
        "memory",
        "hugepages",
        _PAGE_SIZE,
        _paged(lambda memory, size: size == 0 and memory >= 0),
        "hugepages.pageSize is zero, on which KubeVirt's webhook fails: write for example 2Mi or 1Gi",
        "The webhook divides by the page size and panics, so creating the machine fails without a reason.",
        _PAGES,
    ),
)

_HOTPLUG_RULES = (
    _hotplug_rule(
        "realtime",
        lambda machine, _memory: has(machine.cpu, "realtime"),
        "maxGuest can't be used with cpu.realtime: remove one of them",
        "The memory of a realtime machine is fixed, so it can't be hotplugged.",
    ),
    _hotplug_rule(
        "numa",
        lambda machine, _memory: has(mapping(machine.cpu, "numa"), "guestMappingPassthrough"),
        "maxGuest can't be used with numa.guestMappingPassthrough: remove one of them",
        "Memory that follows the host's NUMA layout can't be hotplugged.",
    ),
    _hotplug_rule(
        "launch-security",
        lambda machine, _memory: has(machine.domain, "launchSecurity"),
        "maxGuest can't be used with launchSecurity: remove one of them",
        "The memory of an encrypted machine can't be hotplugged.",
    ),
    _hotplug_rule(
        "no-guest",
        lambda machine, _memory: machine.guest_memory is None,
        "maxGuest is set and the machine has no memory: write memory.guest, or name an instancetype",
        "Hotplug raises the guest's memory up to maxGuest, so there has to be some to begin with.",
        cured_by=(INSTANCETYPE,),
    ),
    _hotplug_rule(
        "guest-above-maximum",
        _above_most,
        "the guest's memory is more than maxGuest {current}: raise maxGuest or lower memory.guest",
        "maxGuest is how far the memory can grow, so the guest can't begin above it.",
    ),
    _hotplug_rule(
        "guest-unaligned",
        lambda machine, memory: _unaligned(memory, machine.guest_memory),
        "with maxGuest the guest's memory must be a multiple of 2Mi, or of 1Gi with huge pages of 1Gi: write a"
        " multiple",
        "Memory is hotplugged in blocks, and what the guest begins with is made of blocks too.",
    ),
    _hotplug_rule(
        "maximum-unaligned",
        lambda _machine, memory: _unaligned(memory, amount(memory, "maxGuest")),
        "maxGuest {current} is not a multiple of 2Mi, or of 1Gi with huge pages of 1Gi: write a multiple",
        "Memory is hotplugged in blocks, so its maximum is made of blocks.",
    ),
    _hotplug_rule(
        "architecture",
        lambda machine, _memory: AMD64 not in machine.architectures,
        "maxGuest works on amd64 only: remove it",
        "Memory hotplug is built for amd64.",
    ),
    _hotplug_rule(
        "guest-small",
        lambda machine, _memory: machine.guest_memory is not None and machine.guest_memory < _LEAST_GUEST,
        "with maxGuest the guest needs at least 1Gi of memory: write memory.guest: 1Gi or more, or remove maxGuest",
        "Hotplug needs a guest that begins with a gigabyte or more.",
    ),
)

RULES = _RESOURCE_RULES + _HUGEPAGE_RULES + _HOTPLUG_RULES
