"""Hyper-V features and what they need of each other.

When the machine is started KubeVirt turns on what a feature needs, one feature after the other, and stops at the first
need that is turned off by hand; then it checks that every need is met. Source: KubeVirt 1.9, pkg/defaults/hyperv.go.
"""

from __future__ import annotations

from krm_fn.core.manifest import mapping, text
from krm_fn.kubevirt.defaulted import entries
from krm_fn.validate.admission.machine import has
from krm_fn.validate.admission.rule import START, WEBHOOKS, D, Rule, when

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from krm_fn.validate.admission.machine import Machine
    from krm_fn.validate.admission.rule import Check, Found

_HYPERV = f"{D}.features.hyperv"
_SOURCE = f"{WEBHOOKS}/hyperv.go"
_NEEDS = (
    ("evmcs", "vapic"),
    ("ipi", "vpindex"),
    ("tlbflush", "vpindex"),
    ("synictimer", "synic"),
    ("synic", "vpindex"),
)
"""Each feature and what it needs, in the order in which KubeVirt turns needs on."""
_VMX, _REQUIRE = "vmx", "require"


def _unmet(machine: Machine) -> tuple[str, ...]:
    """The features that are on while what they need is off."""
    found: tuple[str, ...] | None = machine.shared.get("hyperv")
    if found is None:
        found = machine.shared["hyperv"] = _unmet_of(mapping(machine.domain, "features", "hyperv"))
    return found


def _unmet_of(hyperv: Any) -> tuple[str, ...]:
    on = {name: hyperv[name].get("enabled") is not False for name in hyperv if has(hyperv, name)}
    for feature, need in _NEEDS:
        if on.get(feature):
            if on.get(need) is False:
                break
            on[need] = True
    return tuple(feature for feature, need in _NEEDS if on.get(feature) and not on.get(need))


def _unmet_feature(feature: str) -> Check:
    return when(lambda machine, _features: feature in _unmet(machine))


def _vmx(machine: Machine, features: Any, _index: Any) -> Iterable[Found]:
    """Vmx is added for evmcs, unless adding stopped before."""
    evmcs = mapping(features, "hyperv").get("evmcs")
    if not isinstance(evmcs, dict) or evmcs.get("enabled") is False or not _unmet(machine):
        return
    listed = entries(machine.cpu, "features")
    if not listed and not machine.awaits_preference:
        yield f"{D}.cpu.features", None
    for index, feature in enumerate(listed):
        if text(feature, "name") == _VMX and text(feature, "policy") != _REQUIRE:
            yield f"{D}.cpu.features[{index}].policy", text(feature, "policy")


RULES = (
    Rule(
        "hyperv-and-passthrough",
        "features",
        "hyperv",
        _HYPERV,
        when(lambda _machine, features: has(features, "hyperv") and has(features, "hypervPassthrough")),
        "features.hyperv and hypervPassthrough are both there: keep one",
        "The Hyper-V features are either listed or taken from the host.",
        f"{_SOURCE}: ValidateVirtualMachineInstanceHyperv",
        stage=START,
        alone=True,
    ),
    *(
        Rule(
            f"hyperv-{feature}",
            "features",
            "hyperv",
            f"{_HYPERV}.domain.features.hyperv.{feature}",
            _unmet_feature(feature),
            f"hyperv.{feature} needs {need}, which is off: turn {need} on, or {feature} off",
            f"{feature} builds on {need}. KubeVirt turns {need} on by itself unless the manifest turns it off.",
            f"{_SOURCE}: ValidateVirtualMachineInstanceHyperv",
            stage=START,
        )
        for feature, need in _NEEDS
    ),
    Rule(
        "hyperv-evmcs-vmx",
        "features",
        "hyperv",
        f"{D}.cpu.features",
        _vmx,
        "hyperv.evmcs needs the CPU feature vmx: add {{name: vmx, policy: require}} to cpu.features",
        "KubeVirt adds vmx by itself, but not when another Hyper-V feature lacks what it needs.",
        f"{_SOURCE}: ValidateVirtualMachineInstanceHyperv",
        stage=START,
    ),
)
