"""Probes, start strategy and eviction strategy."""

from __future__ import annotations

from krm_fn.core.manifest import mapping, text
from krm_fn.validate.admission.machine import has
from krm_fn.validate.admission.rule import VMI_ADMITTER, Rule, T, choice_rule, when

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from krm_fn.validate.admission.machine import Machine
    from krm_fn.validate.admission.rule import Check, Found

_HANDLERS = ("httpGet", "tcpSocket", "exec", "guestAgentPing")
_OVER_NETWORK = ("httpGet", "tcpSocket")


def _handlers(probe: str) -> Check:
    def check(_machine: Machine, template: Any, _index: Any) -> Iterable[Found]:
        count = sum(has(mapping(template, probe), handler) for handler in _HANDLERS)
        if not has(template, probe) or count == 1:
            return ()
        return ((None, None, {"count": "no handler" if count == 0 else "more than one handler"}),)

    return check


def _network(probe: str) -> Check:
    def check(machine: Machine, template: Any, _index: Any) -> Iterable[Found]:
        used = [handler for handler in _OVER_NETWORK if has(mapping(template, probe), handler)]
        return [(f"{T}.{probe}.{handler}", None) for handler in used] if not machine.pod_network else ()

    return check


def _rules(probe: str, name: str) -> tuple[Rule, ...]:
    return (
        Rule(
            f"{name}-handler",
            "template",
            probe,
            f"{T}.{probe}",
            _handlers(probe),
            f"{probe} has {{count}}: write exactly one of httpGet, tcpSocket, exec and guestAgentPing",
            "A probe asks the guest in one way.",
            f"{VMI_ADMITTER}: validateProbe",
        ),
        Rule(
            f"{name}-network",
            "template",
            probe,
            f"{T}.{probe}.httpGet or .tcpSocket",
            _network(probe),
            f"the {probe} asks over the pod network, which the machine is not on: use exec or guestAgentPing",
            "Probes by HTTP and TCP reach the guest through the pod.",
            f"{VMI_ADMITTER}: podNetworkRequiredStatusCause",
        ),
    )


RULES = (
    *_rules("readinessProbe", "readiness-probe"),
    *_rules("livenessProbe", "liveness-probe"),
    choice_rule(
        "start-strategy",
        "template",
        "startStrategy",
        f"{T}.startStrategy",
        ("Paused",),
        "startStrategy {current} is unknown: write {allowed}, or leave it out",
        "A machine starts running, or paused when it says so.",
        f"{VMI_ADMITTER}: validateStartStrategy",
    ),
    Rule(
        "paused-with-liveness-probe",
        "template",
        "startStrategy",
        f"{T}.startStrategy",
        when(
            lambda _machine, template: text(template, "startStrategy") == "Paused" and has(template, "livenessProbe"),
            "startStrategy",
        ),
        "a machine that starts paused can't have a livenessProbe: remove one of them",
        "A paused guest doesn't answer, and would be taken for dead.",
        f"{VMI_ADMITTER}: validateStartStrategy",
    ),
    choice_rule(
        "eviction-strategy",
        "template",
        "evictionStrategy",
        f"{T}.evictionStrategy",
        ("None", "LiveMigrate", "LiveMigrateIfPossible", "External"),
        "evictionStrategy {current} is unknown: write {allowed}",
        "What happens when the node is drained is one of a few strategies, and case counts.",
        f"{VMI_ADMITTER}: validateLiveMigration",
    ),
)
