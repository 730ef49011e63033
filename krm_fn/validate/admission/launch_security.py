"""launchSecurity: encrypted machines and what they can't be combined with."""

from __future__ import annotations

from krm_fn.core.manifest import mapping, text
from krm_fn.kubevirt.facts import AMD64, S390X
from krm_fn.kubevirt.versions import Version
from krm_fn.validate.admission.firmware import efi_of, secure_boot, smm_enabled
from krm_fn.validate.admission.machine import has
from krm_fn.validate.admission.rule import PREFERENCE, VMI_ADMITTER, WEBHOOKS, Rule, T, when

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from krm_fn.validate.admission.machine import Machine

_KINDS = ("sev", "snp", "tdx")
_BY_ARCHITECTURE = Version("1.7")
_SOURCE = f"{WEBHOOKS}/amd64.go: ValidateLaunchSecurityAmd64"


def _chosen(machine: Machine) -> tuple[str, ...]:
    """The kinds of encryption that are chosen on amd64; KubeVirt 1.6 did not look at the architecture."""
    looked_at = machine.architecture == AMD64 or machine.version.minor < _BY_ARCHITECTURE
    security = mapping(machine.domain, "launchSecurity")
    return tuple(kind for kind in _KINDS if has(security, kind)) if looked_at else ()


def _not_one(machine: Machine) -> bool:
    sure = machine.architecture == AMD64 and (machine.architectures == (AMD64,) or bool(_chosen(machine)))
    return sure and has(machine.domain, "launchSecurity") and len(_chosen(machine)) != 1


def _is(machine: Machine, *kinds: str) -> bool:
    """Whether exactly one kind is chosen, and it is one of these."""
    chosen = _chosen(machine)
    return len(chosen) == 1 and chosen[0] in kinds


def _secure_boot(machine: Machine) -> bool:
    """A preference can still turn secure boot off where the machine leaves it open."""
    explicit = (efi_of(machine) or {}).get("secureBoot") is True
    return _is(machine, "sev", "snp") and secure_boot(machine) and (explicit or not machine.awaits_preference)


def _unpaused_attestation(machine: Machine) -> bool:
    sev = mapping(machine.domain, "launchSecurity", "sev")
    return _is(machine, "sev") and has(sev, "attestation") and text(machine.template, "startStrategy") != "Paused"


def _boots_from_network(machine: Machine) -> bool:
    return _is(machine, *_KINDS) and any(
        isinstance(interface, dict) and interface.get("bootOrder") is not None for interface in machine.interfaces
    )


def _rule(name: str, wrong: Callable[[Machine], bool], message: str, explanation: str, **more: Any) -> Rule:
    source = more.pop("source", _SOURCE)
    field = more.pop("field", f"{T}.launchSecurity")
    return Rule(
        f"launch-security-{name}",
        "domain",
        "launchSecurity",
        field,
        when(lambda machine, _domain: wrong(machine)),
        message,
        explanation,
        source,
        **more,
    )


RULES = (
    _rule(
        "architecture",
        lambda machine: has(machine.domain, "launchSecurity") and machine.architecture not in (AMD64, S390X),
        "launchSecurity works on amd64 and s390x only: remove it",
        "Encrypted machines need a CPU that has them.",
        field=f"{T}.architecture",
        source=f"{VMI_ADMITTER}: validateLaunchSecurity",
        since=_BY_ARCHITECTURE,
    ),
    _rule(
        "kind",
        _not_one,
        "launchSecurity must have exactly one of sev, snp and tdx: write one of them; without any it is for architecture: s390x",
        "A machine is encrypted in one way.",
        since=_BY_ARCHITECTURE,
    ),
    _rule(
        "tdx-smm",
        lambda machine: _is(machine, "tdx") and smm_enabled(machine),
        "tdx can't be used with features.smm: remove smm, which secure boot doesn't need here",
        "TDX machines have no system management mode.",
        since="1.7",
        gate="WorkloadEncryptionTDX",
    ),
    _rule(
        "efi",
        lambda machine: _is(machine, *_KINDS) and efi_of(machine) is None,
        "launchSecurity needs EFI: write firmware.bootloader.efi: {{secureBoot: false}}",
        "Encrypted machines boot with UEFI firmware.",
        cured_by=(PREFERENCE,),
    ),
    _rule(
        "secure-boot",
        _secure_boot,
        "sev and snp can't be used with secure boot: write firmware.bootloader.efi: {{secureBoot: false}}",
        "SEV machines have no system management mode for secure boot to use. EFI has secure boot on by default.",
    ),
    _rule(
        "persistent-efi",
        lambda machine: _is(machine, "snp", "tdx") and (efi_of(machine) or {}).get("persistent") is True,
        "snp and tdx can't be used with persistent EFI variables: remove efi.persistent",
        "The firmware of such a machine is measured, so it can't keep variables.",
        since="1.7",
    ),
    _rule(
        "attestation",
        _unpaused_attestation,
        "sev.attestation needs startStrategy: Paused",
        "The machine waits until its owner has checked it.",
    ),
    _rule(
        "network-boot",
        _boots_from_network,
        "launchSecurity can't be used with an interface to boot from: remove bootOrder from the interfaces",
        "What a network card brings along isn't measured.",
    ),
)
