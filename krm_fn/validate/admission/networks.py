"""Networks: one source each, one of them the default, and an interface for each."""

from __future__ import annotations

from krm_fn.core.manifest import mapping, text
from krm_fn.kubevirt.defaulted import entries
from krm_fn.validate.admission.machine import has
from krm_fn.validate.admission.rule import Rule, T, V, name_of, repeated, when

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from krm_fn.validate.admission.machine import Machine
    from krm_fn.validate.admission.rule import Check, Found

NETWORKS = f"{T}.networks"
_SOURCES = frozenset(("pod", "multus", "resourceClaim"))
_SOURCE = "pkg/network/admitter/netsource.go"
_CLAIMS = "pkg/network/admitter/dra.go: validateNetworkDevicesWithDRA"
_GATE = "NetworkDevicesWithDRA"


def _is_default_multus(network: Any) -> bool:
    return mapping(network, "multus").get("default") is True


def _count(machine: Machine, key: str) -> int:
    return sum(has(network, key) for network in machine.networks)


def _several_defaults(machine: Machine, _template: Any) -> bool:
    return sum(_is_default_multus(network) for network in machine.networks) > 1


def _pod_and_default(machine: Machine, _template: Any) -> bool:
    return _count(machine, "pod") > 0 and any(_is_default_multus(network) for network in machine.networks)


def _first_unnamed(machine: Machine, _template: Any, _index: Any) -> Iterable[Found]:
    for index, network in enumerate(machine.networks):
        if has(network, "multus") and not text(network["multus"], "networkName"):
            return ((f"{NETWORKS}[{index}]", None),)
    return ()


def _sources(network: Any) -> int:
    return sum(key in _SOURCES and isinstance(value, dict) for key, value in network.items())


def _duplicate_names(machine: Machine, _template: Any, _index: Any) -> Iterable[Found]:
    if len(machine.networks_by_name) == len(machine.networks):
        return ()
    found = repeated(machine.networks, name_of)
    return [(f"{NETWORKS}[{index}].name", name) for index, name in found]


def _without_interface(machine: Machine, network: Any, _index: Any) -> Iterable[Found]:
    name = text(network, "name")
    return () if name in machine.interfaces_by_name else ((None, name),)


def claim_of(part: Any) -> tuple[str, str]:
    """(claimName, requestName) of a device or network by claim, "" for what is missing."""
    return text(part, "claimName"), text(part, "requestName")


def claimed_networks(machine: Machine) -> dict[tuple[str, str], int]:
    """The complete (claimName, requestName) pairs of the networks by claim, with the index of the first that has it."""
    found: dict[tuple[str, str], int] = {}
    for index, network in enumerate(machine.networks):
        claim = claim_of(mapping(network, "resourceClaim"))
        if all(claim):
            found.setdefault(claim, index)
    return found


def claim_names(machine: Machine) -> set[str]:
    """The names of the template's resourceClaims."""
    return {text(claim, "name") for claim in entries(machine.template, "resourceClaims")}


def _with_multus(machine: Machine, _template: Any) -> bool:
    others = (network for network in machine.networks if not has(network, "resourceClaim"))
    return _count(machine, "resourceClaim") > 0 and any(has(network, "multus") for network in others)


def _claim_binding(machine: Machine, network: Any, _index: Any) -> Iterable[Found]:
    name = text(network, "name")
    for interface in machine.interfaces:
        if isinstance(interface, dict) and text(interface, "name") == name:
            return (
                ()
                if has(interface, "sriov") or has(interface, "binding")
                else ((f"{V}.interfaces", None, {"name": name[:80]}),)
            )
    return ()


def _claim_part(key: str) -> Check:
    return when(lambda _machine, network: has(network, "resourceClaim") and not text(network["resourceClaim"], key))


def _unknown_claim(machine: Machine, network: Any, _index: Any) -> Iterable[Found]:
    claim, request = claim_of(mapping(network, "resourceClaim"))
    return ((None, claim),) if claim and request and claim not in claim_names(machine) else ()


def _repeated_claim(machine: Machine, network: Any, index: Any) -> Iterable[Found]:
    claim = claim_of(mapping(network, "resourceClaim"))
    return ((None, None),) if claimed_networks(machine).get(claim, index) != index else ()


RULES = (
    Rule(
        "several-pod-networks",
        "template",
        "networks",
        f"{T}.interfaces",
        when(lambda machine, _template: _count(machine, "pod") > 1),
        "more than one network is the pod network: keep one, and make the others multus networks",
        "A pod has one network of its own.",
        f"{_SOURCE}: validateSinglePodNetwork",
    ),
    Rule(
        "several-default-networks",
        "template",
        "networks",
        NETWORKS,
        when(_several_defaults),
        "more than one multus network is the default: keep default: true on one",
        "One network takes the place of the pod network.",
        f"{_SOURCE}: validateSinglePodNetwork",
    ),
    Rule(
        "pod-and-default-network",
        "template",
        "networks",
        NETWORKS,
        when(_pod_and_default),
        "a multus network with default: true takes the place of the pod network: remove one of the two",
        "A machine is either on the pod network or on a multus network in its place.",
        f"{_SOURCE}: validateSinglePodNetwork",
    ),
    Rule(
        "network-without-source",
        "network",
        "",
        f"{NETWORKS}[%d]",
        when(lambda _machine, network: _sources(network) == 0),
        "the network has no source: write pod: {{}} or multus: {{networkName: ...}}",
        "A network is of one kind, and the kind is the one source that it has.",
        f"{_SOURCE}: validateSingleNetworkSource",
    ),
    Rule(
        "network-with-several-sources",
        "network",
        "",
        f"{NETWORKS}[%d]",
        when(lambda _machine, network: _sources(network) > 1),
        "the network has more than one source: keep one of pod, multus and resourceClaim",
        "A network is of one kind, and the kind is the one source that it has.",
        f"{_SOURCE}: validateSingleNetworkSource",
    ),
    Rule(
        "multus-network-name",
        "template",
        "networks",
        f"{NETWORKS}[]",
        _first_unnamed,
        "the multus network has no networkName: write the name of a NetworkAttachmentDefinition",
        "A multus network is described by a NetworkAttachmentDefinition.",
        f"{_SOURCE}: validateMultusNetworkSource",
    ),
    Rule(
        "network-name-duplicate",
        "template",
        "networks",
        f"{NETWORKS}[].name",
        _duplicate_names,
        "another network is already called {current}: give each network a name of its own",
        "An interface finds its network by name, so names are used once.",
        "pkg/network/admitter/netiface.go: validateNetworkNameUnique",
    ),
    Rule(
        "network-without-interface",
        "network",
        "",
        f"{NETWORKS}[%d].name",
        _without_interface,
        "network {current} has no interface of that name: add one to devices.interfaces, or remove the network",
        "Each network is for the interface of its name.",
        "pkg/network/admitter/netiface.go: validateNetworksAssignedToInterfaces",
    ),
    Rule(
        "network-claim-and-multus",
        "template",
        "networks",
        NETWORKS,
        when(_with_multus),
        "resourceClaim networks can't be mixed with multus networks: use one kind",
        "The devices of a machine come either from claims or from multus.",
        _CLAIMS,
        since="1.9",
        gate=_GATE,
    ),
    Rule(
        "network-claim-binding",
        "network",
        "resourceClaim",
        f"{V}.interfaces",
        _claim_binding,
        'the interface of resourceClaim network "{name}" must be bound with sriov or a binding plugin: write'
        " sriov: {{}}",
        "A claimed device is passed through to the guest.",
        _CLAIMS,
        since="1.9",
        gate=_GATE,
    ),
    *(
        Rule(
            f"network-claim-{name}",
            "network",
            "resourceClaim",
            f"{NETWORKS}[%d].resourceClaim.{key}",
            _claim_part(key),
            f"the resourceClaim network has no {key}: write it",
            "A claimed device is named by the claim and a request in it.",
            _CLAIMS,
            since="1.9",
            gate=_GATE,
        )
        for name, key in (("name", "claimName"), ("request", "requestName"))
    ),
    Rule(
        "network-claim-unknown",
        "network",
        "resourceClaim",
        f"{NETWORKS}[%d].resourceClaim.claimName",
        _unknown_claim,
        "there is no resource claim {current}: add it to resourceClaims, or correct the name",
        "A claim is listed in resourceClaims of the template.",
        _CLAIMS,
        since="1.9",
        gate=_GATE,
    ),
    Rule(
        "network-claim-repeated",
        "network",
        "resourceClaim",
        f"{NETWORKS}[%d]",
        _repeated_claim,
        "another network already has this request of the claim: use another request",
        "A claimed device belongs to one network.",
        _CLAIMS,
        since="1.9",
        gate=_GATE,
    ),
)
