"""Ports and port ranges of an interface. KubeVirt looks at them on the pod network only."""

from __future__ import annotations

from krm_fn.core.manifest import text
from krm_fn.kubevirt.defaulted import entries, whole_number
from krm_fn.kubevirt.versions import Version
from krm_fn.validate.admission.formats import is_port_name
from krm_fn.validate.admission.interfaces import INTERFACES, NETIFACE, network_of
from krm_fn.validate.admission.machine import has
from krm_fn.validate.admission.rule import Rule, repeated

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from krm_fn.validate.admission.machine import Machine
    from krm_fn.validate.admission.rule import Check, Found

_BOUNDED = Version("1.7")
_MOST_PORT = 65535
_MOST_RANGES = 10
_PROTOCOLS = ("TCP", "UDP")
_GATE = "PortRangesSpec"
_RANGES_SOURCE = f"{NETIFACE}: validateForwardPortRanges"


def _on_pod(machine: Machine, interface: Any) -> bool:
    return has(network_of(machine, interface), "pod")


def _is_port(number: int) -> bool:
    return 1 <= number <= _MOST_PORT


def _was_port(machine: Machine, key: str, entry: Any) -> bool:
    """Whether KubeVirt 1.6 still took the port, which is one past the last."""
    return machine.version.minor < _BOUNDED and key == "ports" and _number(entry, "port") == _MOST_PORT + 1


def _each(key: str, member: str, wrong: Callable[[Any], bool]) -> Check:
    """A check of each entry of a list on the pod network; more than ten ranges are not looked at one by one."""

    def check(machine: Machine, interface: Any, index: Any) -> Iterable[Found]:
        listed = entries(interface, key)
        if not _on_pod(machine, interface) or (key == "portRanges" and len(listed) > _MOST_RANGES):
            return
        for number, entry in enumerate(listed):
            if isinstance(entry, dict) and wrong(entry) and not _was_port(machine, key, entry):
                yield f"{INTERFACES}[{index}].{key}[{number}].{member}", entry.get(member)

    return check


def _number(entry: Any, key: str) -> int:
    return whole_number(entry, key) or 0


def _duplicate_names(machine: Machine, interface: Any, index: Any) -> Iterable[Found]:
    if not _on_pod(machine, interface):
        return ()
    found = repeated(entries(interface, "ports"), lambda port: text(port, "name") or None)
    return [(f"{INTERFACES}[{index}].ports[{number}].name", name) for number, name in found]


def _ports_and_ranges(machine: Machine, interface: Any, _index: Any) -> Iterable[Found]:
    both = all(isinstance(interface.get(key), list) and interface[key] for key in ("ports", "portRanges"))
    return ((None, text(interface, "name")),) if both and _on_pod(machine, interface) else ()


def _ranges_binding(machine: Machine, interface: Any, _index: Any) -> Iterable[Found]:
    wrong = entries(interface, "portRanges") and _on_pod(machine, interface) and not has(interface, "masquerade")
    return ((None, text(interface, "name")),) if wrong else ()


def _too_many(machine: Machine, interface: Any, _index: Any) -> Iterable[Found]:
    wrong = len(entries(interface, "portRanges")) > _MOST_RANGES and _on_pod(machine, interface)
    return ((None, None),) if wrong else ()


def _intervals(interface: Any) -> Iterator[tuple[str, int, int]]:
    for entry in entries(interface, "portRanges"):
        if isinstance(entry, dict):
            yield text(entry, "protocol"), _number(entry, "start"), _number(entry, "end")


def _overlap(machine: Machine, interface: Any, _index: Any) -> Iterable[Found]:
    ranges = list(_intervals(interface))
    if len(ranges) > _MOST_RANGES or not _on_pod(machine, interface):
        return ()
    for position, (protocol, start, end) in enumerate(ranges):
        for other, first, last in ranges[:position]:
            if protocol == other and first <= end and start <= last:
                return ((None, None, {"one": f"{first}-{last}", "two": f"{start}-{end}"}),)
    return ()


_PORT_RULES = (
    Rule(
        "port-name-duplicate",
        "interface",
        "ports",
        f"{INTERFACES}[%d].ports[].name",
        _duplicate_names,
        "another port is already called {current}: give each port a name of its own, or none",
        "Names of ports are used once for each interface.",
        f"{NETIFACE}: validateForwardPortNames",
    ),
    Rule(
        "port-name",
        "interface",
        "ports",
        f"{INTERFACES}[%d].ports[].name",
        _each("ports", "name", lambda port: text(port, "name") != "" and not is_port_name(text(port, "name"))),
        "port name {current} is malformed: write lower case letters, digits and -, at most 15, with a letter"
        " among them",
        "The name of a port is an IANA service name.",
        f"{NETIFACE}: validateForwardPortNames",
    ),
    Rule(
        "port-zero",
        "interface",
        "ports",
        f"{INTERFACES}[%d].ports[].port",
        _each("ports", "port", lambda port: _number(port, "port") == 0),
        f"the port has no number: write one from 1 to {_MOST_PORT}",
        "A port has a number, and 0 is none.",
        f"{NETIFACE}: validateForwardPortNonZero",
    ),
    Rule(
        "port-range",
        "interface",
        "ports",
        f"{INTERFACES}[%d].ports[].port",
        _each("ports", "port", lambda port: _number(port, "port") != 0 and not _is_port(_number(port, "port"))),
        f"port {{current}} is out of range: write a number from 1 to {_MOST_PORT}",
        f"Ports have numbers up to {_MOST_PORT}.",
        f"{NETIFACE}: validateForwardPortInRange",
    ),
    Rule(
        "port-protocol",
        "interface",
        "ports",
        f"{INTERFACES}[%d].ports[].protocol",
        _each("ports", "protocol", lambda port: text(port, "protocol") not in ("", *_PROTOCOLS)),
        "protocol {current} is unknown: write TCP or UDP",
        "Ports are forwarded for TCP and UDP, spelled in capitals.",
        f"{NETIFACE}: validateForwardPortProtocol",
    ),
)

_RANGE_RULES = tuple(
    Rule(
        name,
        "interface",
        "portRanges",
        f"{INTERFACES}[%d].{field}",
        check,
        message,
        explanation,
        source,
        since="1.9",
        gate=_GATE,
    )
    for name, field, check, message, explanation, source in (
        (
            "ports-and-port-ranges",
            "name",
            _ports_and_ranges,
            "interface {current} has ports and portRanges: keep one of them",
            "What is forwarded is listed in one way.",
            f"{NETIFACE}: validatePortConfiguration",
        ),
        (
            "port-ranges-binding",
            "name",
            _ranges_binding,
            "interface {current} has portRanges and is not bound with masquerade: write masquerade: {{}}",
            "Only a masqueraded interface forwards ranges of ports.",
            f"{NETIFACE}: validatePortConfiguration",
        ),
        (
            "port-ranges-many",
            "portRanges",
            _too_many,
            f"there are more than {_MOST_RANGES} portRanges: merge or remove some",
            f"An interface forwards at most {_MOST_RANGES} ranges.",
            _RANGES_SOURCE,
        ),
        (
            "port-range-protocol",
            "portRanges[].protocol",
            _each("portRanges", "protocol", lambda entry: text(entry, "protocol") not in _PROTOCOLS),
            "the range's protocol must be TCP or UDP: write one of them",
            "Ranges are forwarded for TCP and UDP, spelled in capitals.",
            _RANGES_SOURCE,
        ),
        (
            "port-range-start",
            "portRanges[].start",
            _each(
                "portRanges",
                "start",
                lambda entry: not _is_port(_number(entry, "start")) or _number(entry, "start") > _number(entry, "end"),
            ),
            "the range begins out of range or after its end: write one from 1 up to the end",
            "A range goes from a port up to the same or a higher one.",
            _RANGES_SOURCE,
        ),
        (
            "port-range-end",
            "portRanges[].end",
            _each("portRanges", "end", lambda entry: not _is_port(_number(entry, "end"))),
            f"the range ends out of range: write an end from 1 to {_MOST_PORT}",
            f"Ports have numbers up to {_MOST_PORT}.",
            _RANGES_SOURCE,
        ),
        (
            "port-ranges-overlap",
            "portRanges",
            _overlap,
            "the ranges {one} and {two} of one protocol overlap: make them apart",
            "A port is forwarded once for each protocol.",
            _RANGES_SOURCE,
        ),
    )
)

RULES = _PORT_RULES + _RANGE_RULES
