"""The data that cloud-init volumes carry."""

from __future__ import annotations

from krm_fn.core.manifest import mapping, text
from krm_fn.validate.admission.formats import base64_length
from krm_fn.validate.admission.machine import has
from krm_fn.validate.admission.rule import VMI_ADMITTER, Rule
from krm_fn.validate.admission.volumes import VOLUMES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from krm_fn.validate.admission.machine import Machine
    from krm_fn.validate.admission.rule import Check, Found

_SOURCE = f"{VMI_ADMITTER}: validateVolumes"
_KINDS = ("cloudInitNoCloud", "cloudInitConfigDrive")
_USER = ("userData", "userDataBase64", "secretRef")
_NETWORK = ("networkData", "networkDataBase64", "networkDataSecretRef")
_MOST = 2048
_LONGEST_CHARACTER = 4


def _kind(volume: Any) -> str:
    """The cloud-init source that KubeVirt looks at: the first of the two."""
    return _KINDS[0] if has(volume, _KINDS[0]) else _KINDS[1] if has(volume, _KINDS[1]) else ""


def _given(data: Any, keys: tuple[str, str, str]) -> int:
    plain, encoded, reference = keys
    return bool(text(data, plain)) + bool(text(data, encoded)) + bool(text(data.get(reference), "name"))


def _length(data: Any, keys: tuple[str, str, str]) -> int:
    """The length in bytes; 0 without looking closer when it can't be too long."""
    plain, encoded = text(data, keys[0]), text(data, keys[1])
    if plain:
        return len(plain.encode("utf-8", "surrogatepass")) if len(plain) * _LONGEST_CHARACTER > _MOST else 0
    return base64_length(encoded)[0] if len(encoded) > _MOST else 0


def _malformed(kind: str, keys: tuple[str, str, str]) -> Check:
    def check(_machine: Machine, volume: Any, index: Any) -> Iterable[Found]:
        encoded = text(mapping(volume, kind), keys[1])
        if not encoded or _kind(volume) != kind or base64_length(encoded)[1]:
            return ()
        return ((f"{VOLUMES}[{index}].{kind}.{keys[1]}", encoded),)

    return check


def _several(kind: str, keys: tuple[str, str, str]) -> Check:
    return lambda _machine, volume, _index: (
        ((None, None),) if _kind(volume) == kind and _given(volume[kind], keys) > 1 else ()
    )


def _long(kind: str, keys: tuple[str, str, str]) -> Check:
    return lambda _machine, volume, _index: (
        ((None, None),) if _kind(volume) == kind and _length(volume[kind], keys) > _MOST else ()
    )


def _empty(kind: str) -> Check:
    return lambda _machine, volume, _index: (
        ((None, None),)
        if _kind(volume) == kind and not _given(volume[kind], _USER) and not _given(volume[kind], _NETWORK)
        else ()
    )


def _rules(kind: str, prefix: str) -> tuple[Rule, ...]:
    field = f"{VOLUMES}[%d].{kind}"
    per_data = tuple(
        rule
        for what, keys in (("user", _USER), ("network", _NETWORK))
        for rule in (
            Rule(
                f"{prefix}-{what}-data-base64",
                "volume",
                kind,
                f"{field}.{keys[1]}",
                _malformed(kind, keys),
                f"{keys[1]} is not standard base64: encode the data, or write it as {keys[0]}",
                "Encoded data is standard base64 with padding.",
                _SOURCE,
                alone=True,
            ),
            Rule(
                f"{prefix}-several-{what}-data",
                "volume",
                kind,
                field,
                _several(kind, keys),
                f"the {what} data is given more than once: keep one of {', '.join(keys)}",
                f"The {what} data comes from one place.",
                _SOURCE,
            ),
            Rule(
                f"{prefix}-{what}-data-long",
                "volume",
                kind,
                field,
                _long(kind, keys),
                f"the {what} data is longer than {_MOST} bytes: put it into a Secret and name that in {keys[2]}",
                "Data in the manifest is copied wherever the machine goes, so it is kept short; a Secret can hold"
                " more.",
                _SOURCE,
                alone=True,
            ),
        )
    )
    return (
        *per_data,
        Rule(
            f"{prefix}-empty",
            "volume",
            kind,
            field,
            _empty(kind),
            f"the {kind} volume has neither user data nor network data: write userData, or remove the volume",
            "A cloud-init volume carries user data, network data or both.",
            _SOURCE,
        ),
    )


RULES = _rules("cloudInitNoCloud", "cloud-init-no-cloud") + _rules("cloudInitConfigDrive", "cloud-init-config-drive")
