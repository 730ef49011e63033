"""accessCredentials: keys and passwords, and how they get into the guest."""

from __future__ import annotations

from krm_fn.core.manifest import mapping
from krm_fn.kubevirt.defaulted import entries
from krm_fn.validate.admission.machine import has
from krm_fn.validate.admission.rule import CRD, VMI_ADMITTER, Rule, T, when

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from krm_fn.validate.admission.machine import Machine
    from krm_fn.validate.admission.rule import Check, Found

_CREDENTIAL = f"{T}.accessCredentials[%d]"
_KEY, _PASSWORD = "sshPublicKey", "userPassword"
_METHODS = ("noCloud", "configDrive", "qemuGuestAgent")
_SOURCE = f"{VMI_ADMITTER}: validateAccessCredentials"


def _method(credential: Any, kind: str) -> Any:
    return mapping(credential, kind, "propagationMethod")


def _no_secret(kind: str) -> Check:
    return when(
        lambda _machine, credential: has(credential, kind) and not has(mapping(credential[kind], "source"), "secret")
    )


def _without_volume(method: str, volume_source: str) -> Check:
    return when(
        lambda machine, credential: (
            has(_method(credential, _KEY), method) and not any(has(volume, volume_source) for volume in machine.volumes)
        )
    )


def _repeated_users(_machine: Machine, credential: Any, index: Any) -> Iterable[Found]:
    seen = set()
    for number, user in enumerate(entries(mapping(_method(credential, _KEY), "qemuGuestAgent"), "users")):
        if isinstance(user, str):
            if user in seen:
                yield f"{_CREDENTIAL % index}.{_KEY}.propagationMethod.qemuGuestAgent.users[{number}]", user
            seen.add(user)


def _no_users(_machine: Machine, credential: Any) -> bool:
    method = _method(credential, _KEY)
    return has(method, "qemuGuestAgent") and not entries(method["qemuGuestAgent"], "users")


def _rule(name: str, needs: str, field: str, check: Check, message: str, explanation: str, **more: Any) -> Rule:
    return Rule(
        f"access-credential-{name}",
        "access credential",
        needs,
        f"{_CREDENTIAL}{field}",
        check,
        message,
        explanation,
        _SOURCE,
        **more,
    )


RULES = (
    _rule(
        "users-repeated",
        _KEY,
        f".{_KEY}.propagationMethod.qemuGuestAgent.users[]",
        _repeated_users,
        "user {current} is listed twice: keep one",
        "The users are a set.",
        stage=CRD,
        alone=True,
    ),
    _rule(
        "kind",
        "",
        "",
        when(lambda _machine, credential: has(credential, _KEY) == has(credential, _PASSWORD)),
        "the access credential must be one of sshPublicKey and userPassword: write exactly one",
        "An entry is either keys or passwords.",
    ),
    _rule(
        "key-source",
        _KEY,
        f".{_KEY}.source",
        _no_secret(_KEY),
        "sshPublicKey.source has no secret: write secret: {{secretName: ...}}",
        "Keys are read from a Secret.",
    ),
    _rule(
        "key-method",
        _KEY,
        f".{_KEY}.propagationMethod",
        when(
            lambda _machine, credential: (
                has(credential, _KEY) and sum(has(_method(credential, _KEY), method) for method in _METHODS) != 1
            )
        ),
        "sshPublicKey.propagationMethod must have exactly one of noCloud, configDrive and qemuGuestAgent: write one",
        "Keys get into the guest in one way.",
    ),
    _rule(
        "no-cloud-volume",
        _KEY,
        f".{_KEY}.propagationMethod",
        _without_volume("noCloud", "cloudInitNoCloud"),
        "keys by noCloud need a cloudInitNoCloud volume: add one, or use another propagationMethod",
        "The keys are put beside the data of a cloud-init volume.",
    ),
    _rule(
        "config-drive-volume",
        _KEY,
        f".{_KEY}.propagationMethod",
        _without_volume("configDrive", "cloudInitConfigDrive"),
        "keys by configDrive need a cloudInitConfigDrive volume: add one, or use another propagationMethod",
        "The keys are put beside the data of a cloud-init volume.",
    ),
    _rule(
        "users-missing",
        _KEY,
        f".{_KEY}.propagationMethod.qemuGuestAgent.users",
        when(_no_users),
        "keys by qemuGuestAgent need users: write the names of users in the guest",
        "The guest agent writes the keys for the users that are listed.",
    ),
    _rule(
        "password-source",
        _PASSWORD,
        f".{_PASSWORD}.source",
        _no_secret(_PASSWORD),
        "userPassword.source has no secret: write secret: {{secretName: ...}}",
        "Passwords are read from a Secret.",
    ),
    _rule(
        "password-method",
        _PASSWORD,
        f".{_PASSWORD}.propagationMethod",
        when(
            lambda _machine, credential: (
                has(credential, _PASSWORD) and not has(_method(credential, _PASSWORD), "qemuGuestAgent")
            )
        ),
        "userPassword.propagationMethod has no qemuGuestAgent: write qemuGuestAgent: {{}}",
        "Passwords are set by the guest agent.",
    ),
)
