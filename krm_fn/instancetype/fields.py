"""What each field of an instancetype does to a VirtualMachine, as a table.

Rows stand in the order in which KubeVirt 1.9 reports conflicts (pkg/instancetype/apply/vmi.go and cpu.go). Paths of
the VM begin below spec.template.spec. The docs' mapping table, the conflict check and the application are all made
from these rows.
"""

from __future__ import annotations

ALWAYS, BOTH, NEVER = "always", "both", "never"
"""When a value in the VM is a conflict: whatever the instancetype holds, when both set it, or never."""

PRESENT, NOT_NULL, NOT_ZERO = "present", "not null", "not zero"
"""What counts as set in the VM: a key of a Go map, a pointer that isn't nil, or a value but "", 0, false and []."""

NOTHING = "nothing"
COPY = "copy"
QUANTITY = "quantity"
VALUE = "value"
FILL = "fill"
TOPOLOGY = "topology"
OVERCOMMIT = "overcommit"
ANNOTATIONS = "annotations"
"""What is written: nothing (the row only names a conflict); the value whole; a quantity in Go's spelling; a scalar
that Go leaves out when it is zero; a pointer inside a section that stays the VM's own; or one of three special cases
of apply.py."""


class Row:
    """One field of an instancetype's spec and what it means for a VM.

    source, target: the two field paths; type, target_type: their type names of core.shape; conflict, set_when, how:
    see the constants. given_when: what counts as set in the instancetype, as set_when does for the VM. shown: the
    path in KubeVirt's message where that isn't the field's own; group: only the first conflict of a group is
    reported. says: what the instancetype does, for messages.
    """

    __slots__ = (
        "conflict",
        "given_when",
        "group",
        "how",
        "says",
        "set_when",
        "shown",
        "source",
        "target",
        "target_type",
        "type",
    )

    def __init__(  # noqa: PLR0913 - a row has as many columns as the table
        self,
        source: str,
        target: str,
        type: str,  # noqa: A002 - the column's name
        conflict: str,
        set_when: str,
        how: str,
        says: str,
        *,
        target_type: str = "",
        given_when: str = NOT_NULL,
        shown: str = "",
        group: str = "",
    ) -> None:
        self.source = source
        self.target = target
        self.type = type
        self.target_type = target_type or type
        self.conflict = conflict
        self.set_when = set_when
        self.how = how
        self.says = says
        self.given_when = given_when
        self.shown = shown or target
        self.group = group


_CPU, _MEMORY, _RESOURCES, _DEVICES = "domain.cpu", "domain.memory", "domain.resources", "domain.devices"
_VCPUS, _GUEST = "sets the vCPUs", "sets the memory"

ROWS = (
    Row("nodeSelector", "nodeSelector", "texts", BOTH, NOT_NULL, COPY, "sets the node selector"),
    Row("schedulerName", "schedulerName", "text", BOTH, NOT_ZERO, VALUE, "sets the scheduler", given_when=NOT_ZERO),
    Row("cpu.guest", f"{_RESOURCES}.requests.cpu", "count", ALWAYS, PRESENT, NOTHING, _VCPUS, target_type="quantity"),
    Row("cpu.guest", f"{_RESOURCES}.limits.cpu", "count", ALWAYS, PRESENT, NOTHING, _VCPUS, target_type="quantity"),
    Row("cpu.guest", f"{_CPU}.sockets", "count", ALWAYS, NOT_ZERO, TOPOLOGY, _VCPUS),
    Row("cpu.guest", f"{_CPU}.cores", "count", ALWAYS, NOT_ZERO, TOPOLOGY, _VCPUS),
    Row("cpu.guest", f"{_CPU}.threads", "count", ALWAYS, NOT_ZERO, TOPOLOGY, _VCPUS),
    Row("cpu.model", f"{_CPU}.model", "text", BOTH, NOT_ZERO, VALUE, "sets the CPU model"),
    Row(
        "cpu.dedicatedCPUPlacement",
        f"{_CPU}.dedicatedCpuPlacement",
        "flag",
        BOTH,
        NOT_ZERO,
        VALUE,
        "decides about dedicated CPUs",
        shown=f"{_CPU}.dedicatedCPUPlacement",
    ),
    Row(
        "cpu.isolateEmulatorThread",
        f"{_CPU}.isolateEmulatorThread",
        "flag",
        BOTH,
        NOT_ZERO,
        VALUE,
        "decides about the emulator thread",
    ),
    Row("cpu.numa", f"{_CPU}.numa", "mapping", BOTH, NOT_NULL, COPY, "sets the NUMA layout"),
    Row("cpu.realtime", f"{_CPU}.realtime", "mapping", BOTH, NOT_NULL, COPY, "sets the real-time mask"),
    Row("cpu.maxSockets", f"{_CPU}.maxSockets", "count", NEVER, NOT_ZERO, VALUE, "sets the limit of sockets"),
    Row("memory.guest", f"{_MEMORY}.guest", "quantity", ALWAYS, NOT_NULL, QUANTITY, _GUEST, group=_MEMORY),
    Row("memory.hugepages", f"{_MEMORY}.hugepages", "mapping", BOTH, NOT_NULL, COPY, "sets huge pages", group=_MEMORY),
    Row(
        "memory.maxGuest",
        f"{_MEMORY}.maxGuest",
        "quantity",
        BOTH,
        NOT_NULL,
        QUANTITY,
        "sets the memory limit",
        group=_MEMORY,
    ),
    Row("memory.guest", f"{_RESOURCES}.requests.memory", "quantity", ALWAYS, PRESENT, NOTHING, _GUEST, group=_MEMORY),
    Row("memory.guest", f"{_RESOURCES}.limits.memory", "quantity", ALWAYS, PRESENT, NOTHING, _GUEST, group=_MEMORY),
    Row(
        "memory.overcommitPercent",
        f"{_RESOURCES}.requests.memory",
        "integer",
        NEVER,
        PRESENT,
        OVERCOMMIT,
        "sets the memory request",
        target_type="quantity",
    ),
    Row(
        "ioThreads.supplementalPoolThreadCount",
        "domain.ioThreads.supplementalPoolThreadCount",
        "count",
        BOTH,
        NOT_NULL,
        FILL,
        "sets the number of I/O threads",
    ),
    Row("ioThreadsPolicy", "domain.ioThreadsPolicy", "text", BOTH, NOT_NULL, COPY, "sets the I/O thread policy"),
    Row("launchSecurity", "domain.launchSecurity", "mapping", BOTH, NOT_NULL, COPY, "sets launch security"),
    Row("gpus", f"{_DEVICES}.gpus", "mappings", BOTH, NOT_ZERO, COPY, "sets the GPUs", given_when=NOT_ZERO),
    Row(
        "hostDevices",
        f"{_DEVICES}.hostDevices",
        "mappings",
        BOTH,
        NOT_ZERO,
        COPY,
        "sets the host devices",
        given_when=NOT_ZERO,
    ),
    Row("annotations", "metadata.annotations", "texts", NEVER, PRESENT, ANNOTATIONS, "sets annotations"),
)
"""Every field of VirtualMachineInstancetypeSpec. Annotations conflict by key and value: see conflict.annotations."""
