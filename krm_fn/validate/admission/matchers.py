"""spec.instancetype and spec.preference: how they name what they refer to, and what can be inferred from a volume."""

from __future__ import annotations

from krm_fn.core.manifest import mapping, text
from krm_fn.kubevirt.defaulted import entries
from krm_fn.validate.admission.machine import has
from krm_fn.validate.admission.rule import MUTATE, SPEC, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from krm_fn.validate.admission.machine import Machine
    from krm_fn.validate.admission.rule import Check, Found

_MUTATOR = "pkg/instancetype/webhooks/vm/mutator.go: validateMatcher"
_INFER = "pkg/instancetype/infer/volume.go"
_POLICIES = ("Reject", "Ignore")
_MATCHERS = ("instancetype", "preference")
_POLICY = "inferFromVolumeFailurePolicy"


def _infers(matcher: Any) -> bool:
    return bool(text(matcher, "inferFromVolume"))


def _malformed(matcher: Any) -> bool:
    """Whether the matcher itself is refused: then nothing is inferred for any matcher of the machine."""
    policy = matcher.get(_POLICY)
    return (
        not (_infers(matcher) or text(matcher, "name"))
        or (_infers(matcher) and bool(text(matcher, "name") or text(matcher, "kind")))
        or (isinstance(policy, str) and policy not in _POLICIES)
    )


def _about(key: str, wrong: Callable[[Any], bool], member: str = "") -> Check:
    def check(_machine: Machine, spec: Any, _index: Any) -> Iterable[Found]:
        matcher = spec[key]
        return ((None, matcher.get(member)),) if isinstance(matcher, dict) and wrong(matcher) else ()

    return check


def _inferred(key: str, wrong: Callable[[Machine, str, bool], bool]) -> Check:
    def check(machine: Machine, spec: Any, _index: Any) -> Iterable[Found]:
        if any(has(spec, name) and _malformed(spec[name]) for name in _MATCHERS):
            return ()
        volume = text(spec[key], "inferFromVolume")
        ignores = text(spec[key], _POLICY) == "Ignore"
        return ((None, volume),) if volume and wrong(machine, volume, ignores) else ()

    return check


def _first_volume(machine: Machine, name: str) -> Any:
    return next((volume for volume in machine.volumes if text(volume, "name") == name), None)


def _missing(machine: Machine, name: str, _ignores: bool) -> bool:
    return _first_volume(machine, name) is None


def _unsupported_volume(machine: Machine, name: str, ignores: bool) -> bool:
    volume = _first_volume(machine, name)
    return (
        not ignores
        and volume is not None
        and not has(volume, "persistentVolumeClaim")
        and not has(volume, "dataVolume")
    )


def _unsupported_template(machine: Machine, name: str, ignores: bool) -> bool:
    volume = _first_volume(machine, name)
    if ignores or has(volume, "persistentVolumeClaim") or not has(volume, "dataVolume"):
        return False
    wanted = text(mapping(volume, "dataVolume"), "name")
    for template in entries(machine.spec, "dataVolumeTemplates"):
        if text(mapping(template, "metadata"), "name") == wanted:
            spec = mapping(template, "spec")
            source = mapping(spec, "source")
            if has(source, "pvc") or has(source, "snapshot"):
                return False
            return not has(spec, "sourceRef") or text(spec["sourceRef"], "kind") != "DataSource"
    return False


def _rules(key: str) -> tuple[Rule, ...]:
    path = f"{SPEC}.{key}"
    return (
        Rule(
            f"{key}-unnamed",
            "spec",
            key,
            path,
            _about(key, lambda matcher: not text(matcher, "name") and not _infers(matcher)),
            f"{key} names nothing: write its name, or inferFromVolume with the name of a volume",
            f"A matcher refers to its {key} by name, or has KubeVirt read the name from the labels of a volume.",
            _MUTATOR,
            stage=MUTATE,
        ),
        Rule(
            f"{key}-name-and-volume",
            "spec",
            key,
            f"{path}.name",
            _about(key, lambda matcher: _infers(matcher) and bool(text(matcher, "name")), "name"),
            f"{key} has a name and inferFromVolume: keep one of them",
            f"The {key} is either named or inferred from a volume.",
            _MUTATOR,
            stage=MUTATE,
        ),
        Rule(
            f"{key}-kind-and-volume",
            "spec",
            key,
            f"{path}.kind",
            _about(key, lambda matcher: _infers(matcher) and bool(text(matcher, "kind")), "kind"),
            f"{key} has a kind and inferFromVolume: remove the kind, which comes from the volume too",
            f"When the {key} is inferred from a volume its kind is read there as well.",
            _MUTATOR,
            stage=MUTATE,
        ),
        Rule(
            f"{key}-failure-policy",
            "spec",
            key,
            f"{path}.{_POLICY}",
            _about(
                key,
                lambda matcher: isinstance(matcher.get(_POLICY), str) and matcher[_POLICY] not in _POLICIES,
                _POLICY,
            ),
            f"{_POLICY} {{current}} is unknown: write Reject or Ignore",
            "What happens when nothing can be inferred is one of two policies, and case counts.",
            _MUTATOR,
            stage=MUTATE,
        ),
        Rule(
            f"{key}-infer-volume-missing",
            "spec",
            key,
            f"{path}.inferFromVolume",
            _inferred(key, _missing),
            "there is no volume {current}: write the name of one of the template's volumes",
            f"The volume that the {key} is inferred from has to be one of the machine's, under either failure policy.",
            f"{_INFER}: fromVolumes",
            stage=MUTATE,
        ),
        Rule(
            f"{key}-infer-volume-type",
            "spec",
            key,
            f"{path}.inferFromVolume",
            _inferred(key, _unsupported_volume),
            f"nothing can be inferred from volume {{current}}: name a persistentVolumeClaim or dataVolume, or"
            f" write {_POLICY}: Ignore",
            "Only volumes that come from a claim or a DataVolume carry the labels to infer from.",
            f"{_INFER}: fromVolumes",
            stage=MUTATE,
        ),
        Rule(
            f"{key}-infer-data-volume-source",
            "spec",
            key,
            f"{path}.inferFromVolume",
            _inferred(key, _unsupported_template),
            "the dataVolumeTemplate of volume {current} has no source with labels to infer from: give it a pvc or"
            " snapshot source or a sourceRef of kind"
            f" DataSource, or write {_POLICY}: Ignore",
            "A new disk has no labels yet, so they are read from what it is made of: a claim, a snapshot or a"
            " DataSource.",
            f"{_INFER}: fromDataVolumeSpec",
            stage=MUTATE,
        ),
    )


RULES = _rules("instancetype") + _rules("preference")
