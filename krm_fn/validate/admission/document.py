"""The page that lists the rules for people."""

from __future__ import annotations

from krm_fn.kubevirt.versions import NEWEST
from krm_fn.validate.admission import AREAS, RULES
from krm_fn.validate.admission.rule import CRD, CREATE, MUTATE, OLDEST, START

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from krm_fn.validate.admission.rule import Rule

_HEAD = """# Admission rules

What KubeVirt's API server and webhooks refuse about a VirtualMachine, as far as the manifest alone decides it. `krm-fn validate`, ManifestValidator
and VirtualMachineRenderer check all {count} of them; `krm-fn rules` lists them too. The schema (unknown fields, types, what is required) is
checked besides, under rule ids that begin with `schema/`.

The rules are those of KubeVirt {newest} with its default settings. A rule that came later than KubeVirt {oldest} says since when it holds, and
is left out for [older versions](versions.md). A rule about a field that a feature gate guards holds when the gate is on; whether it is on
is not checked.

*Refused* tells when a cluster would say so: {stages}.

*Cured by* tells what can still make the manifest right. As long as a VirtualMachine names an instancetype or preference that has not been applied
to it, such a rule keeps silent.

The field is the one that KubeVirt reports. Some of those are odd; they are kept, so that a finding can be compared with a cluster's.
"""

_STAGES = {
    MUTATE: "**mutate** and **crd** before anything else",
    CRD: "",
    CREATE: "**create** when the VirtualMachine is created",
    START: "**start** when it is started: it is created, and never runs",
}
_SHORT = {MUTATE: "mutate", CRD: "crd", CREATE: "create", START: "start"}


def page() -> str:
    """docs/rules.md: all rules by area, with what each is for and where it is from."""
    stages = ", ".join(words for words in _STAGES.values() if words)
    parts = [_HEAD.format(count=len(RULES), stages=stages, oldest=OLDEST, newest=NEWEST)]
    for title, rules in AREAS:
        parts.append(
            f"\n## {title}\n\n| rule | refused because | field | refused | since, gate, cured by |\n| --- | --- | --- | --- | --- |\n"
        )
        parts += [_row(rule) for rule in rules]
    parts.append(
        "\n## Where the rules are from\n\nThe file in KubeVirt's source, and the function where one does just this.\n\n"
    )
    parts += [f"- `{rule}`: {rule.source}\n" for rule in RULES]
    return "".join(parts)


def _row(rule: Rule) -> str:
    field = rule.field.replace("%d", "")
    return f"| `{rule}` | {rule.explanation} | `{field}` | {_SHORT[rule.stage]} | {', '.join(_conditions(rule))} |\n"


def _conditions(rule: Rule) -> Iterator[str]:
    if rule.since != OLDEST:
        yield f"since {rule.since}"
    if rule.gate:
        yield f"gate {rule.gate}"
    if rule.cured_by:
        yield f"cured by {' or '.join(rule.cured_by)}"
