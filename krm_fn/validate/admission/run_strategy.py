"""spec.running and spec.runStrategy, and what the OpenAPI check leaves to the schema of the CRD: enums, long lists."""

from __future__ import annotations

from krm_fn.validate.admission.rule import CRD, SPEC, VM_ADMITTER, D, Rule, T, V, choice_rule, when

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from krm_fn.validate.admission.machine import Machine
    from krm_fn.validate.admission.rule import Check, Found

_STRATEGIES = ("Always", "RerunOnFailure", "Manual", "Halted", "Once", "WaitAsReceiver")
_SOURCE = f"{VM_ADMITTER}: validateRunStrategy"
_CRD_SOURCE = "the schema of the VirtualMachine CRD, generated from staging/src/kubevirt.io/api/core/v1/schema.go"
_MAX_ITEMS = 256


def _too_many(path: str, key: str) -> Check:
    def check(_machine: Machine, part: Any, _index: Any) -> Iterable[Found]:
        found = part[key]
        count = len(found) if isinstance(found, list) else 0
        return ((f"{path}.{key}", None, {"count": str(count)}),) if count > _MAX_ITEMS else ()

    return check


RULES = (
    Rule(
        "running-and-run-strategy",
        "spec",
        "running",
        f"{SPEC}.running",
        when(lambda machine, _part: machine.spec.get("runStrategy") is not None, "running"),
        "running and runStrategy are both set: keep runStrategy and remove running, which is deprecated",
        "running and runStrategy say the same thing in two ways, so only one of them may be there.",
        _SOURCE,
    ),
    Rule(
        "run-strategy-missing",
        "spec",
        "",
        f"{SPEC}.running",
        when(lambda _machine, spec: bool(spec) and spec.get("running") is None and spec.get("runStrategy") is None),
        "neither running nor runStrategy is set: write runStrategy, for example Always or Halted",
        "A VirtualMachine has to say whether it is to run.",
        _SOURCE,
    ),
    choice_rule(
        "run-strategy",
        "spec",
        "runStrategy",
        f"{SPEC}.runStrategy",
        _STRATEGIES,
        "runStrategy {current} is unknown: write {allowed}",
        "The run strategies are a fixed list, and case counts.",
        _SOURCE,
    ),
    choice_rule(
        "reboot-policy",
        "domain",
        "rebootPolicy",
        f"{D}.rebootPolicy",
        ("Reboot", "Terminate"),
        "rebootPolicy {current} is unknown: write {allowed}",
        "What happens when the guest reboots is one of two policies.",
        _CRD_SOURCE,
        stage=CRD,
        since="1.8",
        gate="RebootPolicy",
    ),
    *(
        Rule(
            f"too-many-{name}",
            subject,
            key,
            f"{path}.{key}",
            _too_many(path, key),
            f"{{count}} {key} are more than the {_MAX_ITEMS} that KubeVirt takes: remove some",
            f"The API takes at most {_MAX_ITEMS} {key}.",
            _CRD_SOURCE,
            stage=CRD,
            since=since,
            alone=True,
        )
        for name, subject, path, key, since in (
            ("disks", "devices", V, "disks", "1.5"),
            ("interfaces", "devices", V, "interfaces", "1.5"),
            ("networks", "template", T, "networks", "1.5"),
            ("volumes", "template", T, "volumes", "1.5"),
            ("utility-volumes", "template", T, "utilityVolumes", "1.8"),
            ("access-credentials", "template", T, "accessCredentials", "1.5"),
        )
    ),
)
