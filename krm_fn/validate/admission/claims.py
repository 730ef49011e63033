"""resourceClaims, and the GPUs and host devices that are named or claimed."""

from __future__ import annotations

from krm_fn.core.manifest import mapping, text
from krm_fn.kubevirt.defaulted import entries
from krm_fn.kubevirt.facts import is_dns_label, is_dns_subdomain
from krm_fn.kubevirt.versions import Version
from krm_fn.validate.admission.machine import enabled, has
from krm_fn.validate.admission.networks import claim_names, claim_of, claimed_networks
from krm_fn.validate.admission.rule import CRD, OLDEST, Rule, T, V, name_of, repeated, text_rule, when

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from krm_fn.validate.admission.machine import Machine
    from krm_fn.validate.admission.rule import Check, Found

_CLAIMS = f"{T}.resourceClaims"
_SOURCE = "pkg/dra/admitter/dra_admitter.go"
_DEVICES = f"{_SOURCE}: validateDRADevices"
_GATES = {"gpus": "GPUsWithDRA", "hostDevices": "HostDevicesWithDRA"}
_WORDS = {"gpus": ("gpu", "GPU"), "hostDevices": ("host-device", "host device")}
_LOOKED_AT = Version("1.7")
"""KubeVirt 1.6 knows resource claims, and looks at the claims of GPUs alone."""
_NAMED = Version("1.9")
"""The first version that looks at a claim's own name and reference."""
_REFERENCES = ("resourceClaimName", "resourceClaimTemplateName")


def _has_claim(device: Any) -> bool:
    """Whether a device is claimed at all; an empty name is left out when the webhook writes the VM anew."""
    return any(claim_of(device))


def _is_claimed(device: Any) -> bool:
    return _has_claim(device) and not text(device, "deviceName")


def _devices(machine: Machine, key: str) -> list[tuple[int, Any]]:
    return [(index, device) for index, device in enumerate(entries(machine.devices, key)) if isinstance(device, dict)]


def _mixed(machine: Machine) -> bool:
    """GPUs are all named or all claimed; of a mixture KubeVirt looks no closer."""
    return len({_is_claimed(device) for _, device in _devices(machine, "gpus")}) > 1


def _looked_at(machine: Machine, key: str) -> list[tuple[int, Any]]:
    return [] if key == "gpus" and _mixed(machine) else _devices(machine, key)


def _pairs(machine: Machine, key: str) -> list[tuple[int, tuple[str, str]]]:
    """(index, (claimName, requestName)) of the completely claimed devices of a list."""
    claimed = ((index, claim_of(device)) for index, device in _looked_at(machine, key) if _is_claimed(device))
    return [(index, pair) for index, pair in claimed if all(pair)]


def _any_device(key: str, wrong_with_name: bool) -> Check:
    def wrong(device: Any) -> bool:
        named = bool(text(device, "deviceName"))
        return named and _has_claim(device) if wrong_with_name else not named and not _has_claim(device)

    return when(lambda machine, _devices: any(wrong(device) for _, device in _looked_at(machine, key)))


def _missing_part(key: str, part: str) -> Check:
    def check(machine: Machine, _part: Any, _index: Any) -> Iterable[Found]:
        for index, device in _looked_at(machine, key):
            if _is_claimed(device) and not text(device, part):
                yield f"{V}.{key}[{index}].{part}", None

    return check


def _repeated_pair(key: str) -> Check:
    def check(machine: Machine, _part: Any, _index: Any) -> Iterable[Found]:
        pairs = _pairs(machine, key)
        return [(f"{V}.{key}[{pairs[position][0]}]", None) for position, _ in repeated(pairs, lambda pair: pair[1])]

    return check


def _shared_pair(machine: Machine, _part: Any, _index: Any) -> Iterable[Found]:
    """A pair that GPUs and host devices share is reported at the host device, one of either and a network there."""
    gpus, hosts = _pairs(machine, "gpus"), _pairs(machine, "hostDevices")
    of_gpus = {pair for _, pair in gpus}
    for index, pair in {pair: (index, pair) for index, pair in reversed(hosts)}.values():
        if pair in of_gpus:
            yield f"{V}.hostDevices[{index}]", None
    for pair, network in claimed_networks(machine).items():
        if pair in of_gpus or any(pair == other for _, other in hosts):
            yield f"{T}.networks[{network}]", None


def _unknown_claim(machine: Machine, _part: Any, _index: Any) -> Iterable[Found]:
    if machine.version.minor < _LOOKED_AT:  # GPUs alone, and without a look at the request
        used = {claim_of(gpu)[0] for _, gpu in _devices(machine, "gpus") if _is_claimed(gpu)} - {""}
    else:
        used = {pair[0] for key in _GATES for _, pair in _pairs(machine, key)}
    missing = sorted(used - claim_names(machine))
    return ((None, missing[0]),) if missing else ()


def _several_displays(machine: Machine, _devices_part: Any) -> bool:
    displays = (mapping(device, "virtualGPUOptions") for _, device in _devices(machine, "gpus"))
    shown = (options["display"] for options in displays if enabled(options, "display"))
    return sum(not has(display, "ramFB") or enabled(display, "ramFB") for display in shown) > 1


def _references(claim: Any) -> int:
    return sum(claim.get(reference) is not None for reference in _REFERENCES)


_CLAIM_RULES = (
    Rule(
        "resource-claim-duplicate",
        "template",
        "resourceClaims",
        f"{_CLAIMS}[]",
        lambda machine, _template, _index: [
            (f"{_CLAIMS}[{index}]", name)
            for index, name in repeated(entries(machine.template, "resourceClaims"), name_of)
        ],
        "another resource claim is already called {current}: give each a name of its own",
        "Resource claims are a list keyed by name.",
        "the schema of the VirtualMachine CRD (list keys)",
        stage=CRD,
        since="1.6",
    ),
    Rule(
        "resource-claim-name",
        "resource claim",
        "",
        f"{_CLAIMS}[%d].name",
        lambda _machine, claim, _index: () if is_dns_label(name := text(claim, "name")) else ((None, name),),
        "resource claim name {current} is malformed: write lower case letters, digits and -, at most 63",
        "Devices and networks refer to the claim by this name.",
        _SOURCE,
        since=_NAMED,
    ),
    Rule(
        "resource-claim-reference",
        "resource claim",
        "",
        f"{_CLAIMS}[%d]",
        when(lambda _machine, claim: _references(claim) != 1),
        "the resource claim needs one of resourceClaimName and resourceClaimTemplateName: write exactly one",
        "A claim is an object that is there already, or is made from a template.",
        _SOURCE,
        since=_NAMED,
    ),
    *(
        text_rule(
            f"resource-claim-{name}",
            "resource claim",
            reference,
            f"{_CLAIMS}[%d].{reference}",
            lambda found: not is_dns_subdomain(found),
            f"{reference} {{current}} is malformed: write lower case letters, digits, - and ., as in the name of"
            " an object",
            "The claim or its template is an object with such a name.",
            _SOURCE,
            since=_NAMED,
        )
        for name, reference in (("object-name", _REFERENCES[0]), ("template-name", _REFERENCES[1]))
    ),
)

_DEVICE_RULES = tuple(
    rule
    for key, (name, word) in _WORDS.items()
    for rule in (
        Rule(
            f"{name}-unnamed",
            "devices",
            key,
            f"{V}.{key}",
            _any_device(key, wrong_with_name=False),
            f"a {word} has neither a deviceName nor a claim: write deviceName, or claimName and requestName",
            f"Which {word} is meant has to be said.",
            _DEVICES,
            since=OLDEST if key == "gpus" else _LOOKED_AT,
        ),
        Rule(
            f"{name}-named-and-claimed",
            "devices",
            key,
            f"{V}.{key}",
            _any_device(key, wrong_with_name=True),
            f"a {word} has a deviceName and a claim: keep one of them",
            f"A {word} is either named or claimed.",
            _DEVICES,
            since="1.6" if key == "gpus" else _LOOKED_AT,
        ),
        *(
            Rule(
                f"{name}-{short}",
                "devices",
                key,
                f"{V}.{key}[].{part}",
                _missing_part(key, part),
                f"the claimed {word} has no {part}: write it",
                "A claimed device is named by the claim and a request in it.",
                _DEVICES,
                since="1.6" if (key, part) == ("gpus", "claimName") else _LOOKED_AT,
                gate=_GATES[key],
            )
            for short, part in (("claim-name", "claimName"), ("request-name", "requestName"))
        ),
        Rule(
            f"{name}-claim-repeated",
            "devices",
            key,
            f"{V}.{key}[]",
            _repeated_pair(key),
            f"another {word} already has this request of the claim: use another request",
            "A claimed device is given once.",
            _DEVICES,
            since="1.6",
            gate=_GATES[key],
        ),
    )
)

RULES = (
    *_CLAIM_RULES,
    Rule(
        "gpus-mixed",
        "devices",
        "gpus",
        f"{V}.gpus",
        when(lambda machine, _devices: _mixed(machine)),
        "some gpus are named and some claimed: name all of them, or claim all of them",
        "All GPUs of a machine come the same way.",
        _DEVICES,
        since="1.6",
        gate=_GATES["gpus"],
    ),
    *_DEVICE_RULES,
    Rule(
        "claim-shared",
        "devices",
        tuple(_GATES),
        f"{V}.hostDevices[]",
        _shared_pair,
        "the same request of the claim is already used by another kind of device: use another request",
        "A claimed device is given once, to gpus, hostDevices or networks.",
        _SOURCE,
        since="1.6",
        gate="GPUsWithDRA",
    ),
    Rule(
        "device-claim-unknown",
        "devices",
        tuple(_GATES),
        _CLAIMS,
        _unknown_claim,
        "there is no resource claim {current}: add it to resourceClaims, or correct the claimName of the device",
        "A claim is listed in resourceClaims of the template.",
        f"{_SOURCE}: validateCreationDRA",
        since="1.6",
        gate="GPUsWithDRA",
    ),
    Rule(
        "gpus-several-displays",
        "devices",
        "gpus",
        f"{T}.GPUs",
        when(_several_displays),
        "more than one gpu shows a display with ramFB: write virtualGPUOptions.display.ramFB: {{enabled: false}}"
        " on all but one",
        "There is one boot display. Display and ramFB count as on unless they say enabled: false.",
        "pkg/virt-api/webhooks/validating-webhook/admitters/vmi-create-admitter.go: validateMDEVRamFB",
    ),
)
