"""Interfaces: their binding, state, model and addresses, and the network behind them."""

from __future__ import annotations

import re

from krm_fn.core.manifest import mapping, text
from krm_fn.kubevirt.defaulted import entries, whole_number
from krm_fn.kubevirt.facts import BINDINGS
from krm_fn.kubevirt.versions import Version
from krm_fn.validate.admission.formats import is_ipv4_address, is_pci_address, mac_length
from krm_fn.validate.admission.machine import has
from krm_fn.validate.admission.rule import Rule, T, V, choice_rule, name_of, repeated, text_rule, when

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from krm_fn.validate.admission.machine import Machine
    from krm_fn.validate.admission.rule import Check, Found

INTERFACES = f"{V}.interfaces"
NETIFACE = "pkg/network/admitter/netiface.go"
_BINDING = "pkg/network/admitter/binding.go"
_STATE = "pkg/network/admitter/admit.go: validateInterfaceStateValue"
_BINDINGS = frozenset(BINDINGS)
_MOST_BINDINGS = 1
_COUNTED = Version("1.9")
"""The first version that counts an interface's bindings."""
_REMOVED = {"slirp": "passtBinding", "passt": "passtBinding", "macvtap": "binding: {name: macvtap}"}
_MODELS = ("", "virtio", "e1000", "e1000e", "igb", "ne2k_pci", "pcnet", "rtl8139")
_NAME = r"[A-Za-z0-9_-]+"
_BRIDGE_MAC = "02:00:00:00:00:00"
_MAC_LENGTH = 6
_LEAST_OPTION, _MOST_OPTION = 224, 254


def network_of(machine: Machine, interface: Any) -> Any:
    """The network of an interface's name, or None."""
    return machine.networks_by_name.get(text(interface, "name"))


def _bindings(interface: Any) -> int:
    return sum(key in _BINDINGS and isinstance(value, dict) for key, value in interface.items())


def _several_bindings(machine: Machine, interface: Any, index: Any) -> Iterable[Found]:
    """KubeVirt 1.6 refuses a second binding beside a plugin only."""
    if _bindings(interface) < _MOST_BINDINGS + 1:
        return ()
    if machine.version.minor < _COUNTED:
        return ((f"{INTERFACES}[{index}].binding", None),) if has(interface, "binding") else ()
    return ((None, None),)


def _unbound(machine: Machine, interface: Any) -> bool:
    """A preference can bind an interface of the pod network; a binding that was removed is reported as that."""
    if _bindings(interface) or any(has(interface, binding) for binding in _REMOVED):
        return False
    return not (machine.awaits_preference and has(network_of(machine, interface), "pod"))


def _removed(key: str) -> Check:
    def check(_machine: Machine, interface: Any, _index: Any) -> Iterable[Found]:
        return ((None, None),) if has(interface, key) else ()

    return check


def _is_default(machine: Machine, interface: Any) -> bool:
    for network in machine.networks:
        multus = mapping(network, "multus")
        if multus.get("default") is True or (has(network, "pod") and not has(network, "multus")):
            return text(network, "name") == text(interface, "name")
    return False


def _state(wrong: str) -> Check:
    """A check of interfaces with state absent."""
    conditions = {
        "binding": lambda _machine, interface: not has(interface, "bridge"),
        "default": _is_default,
    }
    condition = conditions[wrong]
    return when(lambda machine, interface: interface["state"] == "absent" and condition(machine, interface), "state")


def _off_pod(binding: str) -> Check:
    def check(machine: Machine, interface: Any, _index: Any) -> Iterable[Found]:
        wrong = has(interface, binding) and not has(network_of(machine, interface), "pod")
        return ((None, text(interface, "name")),) if wrong else ()

    return check


def _duplicate_names(machine: Machine, _devices: Any, _index: Any) -> Iterable[Found]:
    if len(machine.interfaces_by_name) == len(machine.interfaces):
        return ()
    found = repeated(machine.interfaces, name_of)
    return [(f"{INTERFACES}[{index}].name", name) for index, name in found]


def _without_network(machine: Machine, interface: Any, _index: Any) -> Iterable[Found]:
    name = text(interface, "name")
    return () if name in machine.networks_by_name else ((None, name),)


def _bad_name(_machine: Machine, interface: Any, _index: Any) -> Iterable[Found]:
    name = text(interface, "name")
    return () if re.fullmatch(_NAME, name) else ((None, name),)


def _options(interface: Any) -> list[int]:
    options = entries(mapping(interface, "dhcpOptions"), "privateOptions")
    return [whole_number(option, "option") or 0 for option in options if isinstance(option, dict)]


def _ntp_servers(_machine: Machine, interface: Any, index: Any) -> Iterable[Found]:
    for number, server in enumerate(entries(mapping(interface, "dhcpOptions"), "ntpServers")):
        if isinstance(server, str) and not is_ipv4_address(server):
            yield f"{INTERFACES}[{index}].dhcpOptions.ntpServers[{number}]", server


def _options_out_of_range(_machine: Machine, interface: Any, _index: Any) -> Iterable[Found]:
    wrong = [option for option in _options(interface) if not _LEAST_OPTION <= option <= _MOST_OPTION]
    return ((None, wrong[0]),) if wrong else ()


_BINDING_RULES = (
    *(
        Rule(
            f"interface-{removed}-removed",
            "interface",
            removed,
            f"spec.domain.devices.interfaces[%d].{removed}",
            _removed(removed),
            f"the {removed} binding was removed from KubeVirt: write {instead.replace('{', '{{').replace('}', '}}')}",
            f"Support for {removed} ended with KubeVirt 1.3; nothing else about such a machine is looked at.",
            "pkg/network/admitter/discontinued.go: validateDiscontinuedBindings",
            alone=True,
        )
        for removed, instead in _REMOVED.items()
    ),
    Rule(
        "interface-without-binding",
        "interface",
        "",
        f"{INTERFACES}[%d]",
        when(_unbound),
        "the interface has no binding: write masquerade: {{}} on the pod network, bridge: {{}} on a multus network",
        "How an interface is connected has to be said. A preference can do so for the pod network.",
        _BINDING,
        since=_COUNTED,
    ),
    Rule(
        "interface-with-several-bindings",
        "interface",
        "",
        f"{INTERFACES}[%d]",
        _several_bindings,
        f"the interface has more than one of {', '.join(BINDINGS[:-1])} and {BINDINGS[-1]}: keep one",
        "An interface is connected in one way. KubeVirt 1.6 looks at plugins only.",
        _BINDING,
        alone=True,
    ),
    Rule(
        "masquerade-without-pod-network",
        "interface",
        "masquerade",
        f"{INTERFACES}[%d].name",
        _off_pod("masquerade"),
        "interface {current} is bound with masquerade and not on the pod network: write bridge: {{}} or sriov: {{}}",
        "Masquerading hides the machine behind the pod's address, so it works on the pod network only.",
        f"{_BINDING}: validateMasqueradeBinding",
    ),
    Rule(
        "masquerade-mac-address",
        "interface",
        "masquerade",
        f"{INTERFACES}[%d].macAddress",
        when(
            lambda _machine, interface: has(interface, "masquerade") and text(interface, "macAddress") == _BRIDGE_MAC,
            "macAddress",
        ),
        "macAddress {current} belongs to the bridge in the pod: write another one",
        "The bridge that a masqueraded interface is connected to has this address.",
        f"{_BINDING}: validateMasqueradeBinding",
    ),
    Rule(
        "passt-without-pod-network",
        "interface",
        "passtBinding",
        f"{INTERFACES}[%d].name",
        _off_pod("passtBinding"),
        "interface {current} is bound with passtBinding and not on the pod network: write bridge: {{}} or sriov: {{}}",
        "Passt works on the pod network only.",
        "pkg/network/admitter/passt.go: validatePasstBinding",
        since="1.8",
        gate="PasstBinding",
    ),
)

_STATE_RULES = (
    choice_rule(
        "interface-state",
        "interface",
        "state",
        f"{INTERFACES}[%d].state",
        ("", "up", "down", "absent"),
        "state {current} is unknown: write {allowed}",
        "The states are a fixed list, and case counts.",
        _STATE,
    ),
    Rule(
        "interface-state-sriov",
        "interface",
        "state",
        f"{INTERFACES}[%d].state",
        when(lambda _machine, interface: has(interface, "sriov") and interface["state"] in ("up", "down"), "state"),
        "the link of an sriov interface can't be set: remove state",
        "The device is the guest's own, so its link is out of KubeVirt's hands.",
        _STATE,
    ),
    Rule(
        "interface-absent-binding",
        "interface",
        "state",
        f"{INTERFACES}[%d].state",
        _state("binding"),
        "only a bridge interface can be absent: remove state, or the interface itself",
        "Interfaces are unplugged from bridges only.",
        _STATE,
    ),
    Rule(
        "interface-absent-default-network",
        "interface",
        "state",
        f"{INTERFACES}[%d].state",
        _state("default"),
        "the interface of the default network can't be absent: remove state",
        "The default network can't be unplugged.",
        _STATE,
    ),
)

_FIELD_RULES = (
    Rule(
        "interface-name-duplicate",
        "devices",
        "interfaces",
        f"{INTERFACES}[].name",
        _duplicate_names,
        "another interface is already called {current}: give each interface a name and a network of its own",
        "A network is for one interface.",
        f"{NETIFACE}: validateInterfaceNameUnique",
    ),
    Rule(
        "interface-without-network",
        "interface",
        "",
        f"{INTERFACES}[%d].name",
        _without_network,
        "interface {current} has no network of that name: add one to networks, or correct the name",
        "An interface finds its network by name.",
        f"{NETIFACE}: validateInterfacesAssignedToNetworks",
    ),
    Rule(
        "interface-name",
        "interface",
        "",
        f"{INTERFACES}[%d].name",
        _bad_name,
        "interface name {current} is malformed: write letters, digits, - and _",
        "Names of interfaces become parts of other names.",
        f"{NETIFACE}: validateInterfaceNameFormat",
    ),
    choice_rule(
        "interface-model",
        "interface",
        "model",
        f"{INTERFACES}[%d].model",
        _MODELS,
        "model {current} is unknown: write {allowed}",
        "The network cards that can be emulated are a fixed list, and case counts.",
        f"{NETIFACE}: validateInterfaceModel",
    ),
    text_rule(
        "interface-mac-address",
        "interface",
        "macAddress",
        f"{INTERFACES}[%d].macAddress",
        lambda address: address != "" and mac_length(address) == 0,
        "macAddress {current} is malformed: write six bytes in hex, for example 02:00:5e:00:53:01",
        "A MAC address is written with colons, dashes or dots.",
        "pkg/network/link: ValidateMacAddress",
    ),
    text_rule(
        "interface-mac-address-long",
        "interface",
        "macAddress",
        f"{INTERFACES}[%d].macAddress",
        lambda address: mac_length(address) > _MAC_LENGTH,
        "macAddress {current} has more than six bytes: write six",
        "Network cards have addresses of six bytes.",
        "pkg/network/link: ValidateMacAddress",
    ),
    text_rule(
        "interface-pci-address",
        "interface",
        "pciAddress",
        f"{INTERFACES}[%d].pciAddress",
        lambda address: address != "" and not is_pci_address(address),
        "pciAddress {current} is malformed: write domain:bus:slot.function in hex, for example 0000:81:00.1",
        "A PCI address has four parts of fixed length.",
        f"{NETIFACE}: validatePciAddress",
    ),
    Rule(
        "dhcp-option-duplicate",
        "interface",
        "dhcpOptions",
        T,
        when(lambda _machine, interface: len(set(options := _options(interface))) < len(options)),
        "an option of dhcpOptions.privateOptions is given twice: keep one",
        "Each DHCP option has one value.",
        f"{NETIFACE}: validateDHCPExtraOptions",
    ),
    Rule(
        "dhcp-option-range",
        "interface",
        "dhcpOptions",
        T,
        _options_out_of_range,
        f"DHCP option {{current}} is not a private one: write a number from {_LEAST_OPTION} to {_MOST_OPTION}",
        f"Private DHCP options have numbers from {_LEAST_OPTION} to {_MOST_OPTION}.",
        f"{NETIFACE}: validateDHCPPrivateOptionsWithinRange",
        alone=True,
    ),
    Rule(
        "dhcp-ntp-server",
        "interface",
        "dhcpOptions",
        f"{INTERFACES}[%d].dhcpOptions.ntpServers[]",
        _ntp_servers,
        "NTP server {current} is not an IPv4 address: write an address, not a name",
        "DHCP hands out the addresses of NTP servers.",
        f"{NETIFACE}: validateDHCPNTPServersAreValidIPv4Addresses",
        alone=True,
    ),
)

RULES = _BINDING_RULES + _STATE_RULES + _FIELD_RULES
