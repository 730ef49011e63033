"""Inputs, sound, video, panic devices and IO threads."""

from __future__ import annotations

from krm_fn.core.manifest import mapping, text
from krm_fn.kubevirt.defaulted import whole_number
from krm_fn.validate.admission.machine import has
from krm_fn.validate.admission.rule import INSTANCETYPE, VMI_ADMITTER, D, Rule, T, V, choice_rule, when

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from krm_fn.validate.admission.machine import Machine
    from krm_fn.validate.admission.rule import Found

_SOUND_MODELS = ("", "ich9", "ac97")
_POOL = "supplementalPool"


def _input_type(machine: Machine, device: Any, _index: Any) -> Iterable[Found]:
    """A preference fills in a type that is left open."""
    kind = device.get("type")
    kind = "" if kind is None else kind
    wrong = isinstance(kind, str) and kind != "tablet" and (kind or not machine.awaits_preference)
    return ((None, kind, {"proposed": "tablet"}),) if wrong else ()


def _sound_model(_machine: Machine, devices: Any, _index: Any) -> Iterable[Found]:
    model = text(mapping(devices, "sound"), "model")
    return ((None, model),) if model not in _SOUND_MODELS else ()


def _pool_size(_machine: Machine, domain: Any) -> bool:
    count = whole_number(mapping(domain, "ioThreads"), "supplementalPoolThreadCount") or 0
    return domain["ioThreadsPolicy"] == _POOL and count < 1


RULES = (
    choice_rule(
        "input-bus",
        "input",
        "bus",
        f"{V}.inputs[%d].bus",
        ("", "usb", "virtio"),
        "input bus {current} is unknown: write {allowed}",
        "Input devices are on usb or virtio.",
        f"{VMI_ADMITTER}: validateInputDevices",
    ),
    Rule(
        "input-type",
        "input",
        "",
        f"{V}.inputs[%d].type",
        _input_type,
        "input type {current} is not supported: write tablet",
        "The one kind of input device is the tablet; a preference can fill in the type.",
        f"{VMI_ADMITTER}: validateInputDevices",
    ),
    Rule(
        "sound-model",
        "devices",
        "sound",
        f"{T}.Sound",
        _sound_model,
        "sound model {current} is unknown: write ich9 or ac97",
        "Two sound cards can be emulated.",
        f"{VMI_ADMITTER}: validateSoundDevices",
        alone=True,
    ),
    Rule(
        "sound-name",
        "devices",
        "sound",
        f"{T}.Sound",
        when(lambda _machine, devices: has(devices, "sound") and devices["sound"].get("name") in (None, "")),
        "the sound device has no name: write one",
        "A sound device has a name.",
        f"{VMI_ADMITTER}: validateSoundDevices",
    ),
    Rule(
        "video-without-graphics",
        "devices",
        "video",
        f"{T}.video",
        when(lambda _machine, devices: has(devices, "video") and devices.get("autoattachGraphicsDevice") is False),
        "video needs a graphics device: remove video, or autoattachGraphicsDevice: false",
        "Without a graphics device there is nothing to show video on.",
        f"{VMI_ADMITTER}: validateVideoConfig",
        since="1.6",
    ),
    choice_rule(
        "panic-device-model",
        "panic device",
        "model",
        f"{V}.panicDevices[%d].model",
        ("hyperv", "isa", "pvpanic"),
        "panic device model {current} is unknown: write {allowed}",
        "Three panic devices can be emulated; an empty model is refused.",
        f"{VMI_ADMITTER}: validatePanicDevices",
        since="1.6",
    ),
    choice_rule(
        "io-threads-policy",
        "domain",
        "ioThreadsPolicy",
        f"{D}.ioThreadsPolicy",
        ("shared", "auto", _POOL),
        "ioThreadsPolicy {current} is unknown: write {allowed}, or leave it out",
        "How IO threads are shared is one of a few policies; an empty one is refused.",
        f"{VMI_ADMITTER}: validateIOThreadsPolicy",
    ),
    Rule(
        "io-threads-count",
        "domain",
        "ioThreadsPolicy",
        f"{D}.ioThreads.count",
        when(_pool_size),
        "the policy supplementalPool needs ioThreads.supplementalPoolThreadCount: write 1 or more",
        "The pool has to have threads.",
        f"{VMI_ADMITTER}: validateIOThreadsPolicy",
        cured_by=(INSTANCETYPE,),
    ),
)
