"""One row of the tables of admission rules, and the two commonest kinds of check."""

from __future__ import annotations

from krm_fn.core import finding
from krm_fn.core.manifest import text
from krm_fn.core.suggest import nearest
from krm_fn.kubevirt.versions import VERSIONS, Version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any, Self

    from krm_fn.validate.admission.machine import Machine

    Found = tuple[Any, ...]
    """(path or None for the rule's own field, value found there or None, words for the message: may be left out)."""
    Check = Callable[[Machine, Any, Any], Iterable[Found] | None]

SPEC = "spec"
T = "spec.template.spec"
D = f"{T}.domain"
V = f"{D}.devices"

CRD, MUTATE, CREATE, START = "crd", "mutate", "vm", "vmi"
STAGES = (MUTATE, CRD, CREATE, START)
"""When KubeVirt refuses, in its order: the mutating webhook, the CRD's schema, the webhook that sees the VirtualMachine
created, and, when the machine is started, the webhook that sees its VirtualMachineInstance."""

OLDEST = VERSIONS[0]
INSTANCETYPE, PREFERENCE = "instancetype", "preference"

WEBHOOKS = "pkg/virt-api/webhooks"
ADMITTERS = f"{WEBHOOKS}/validating-webhook/admitters"
VMI_ADMITTER = f"{ADMITTERS}/vmi-create-admitter.go"
VM_ADMITTER = f"{ADMITTERS}/vms-admitter.go"


class Rule(finding.Rule):
    """A rule of KubeVirt's admission. Its id is `admission/<what is wrong>`.

    subject:      which part of the machine the check sees; one of `engine.SUBJECTS`.
    needs:        the keys of which the part must have one for the check to run, none for always.
    field:        field path as KubeVirt reports it, %d for the index of the part.
    check:        (machine, part, index or ()) -> findings.
    message:      for one finding; {current} is the value found, other words come with the finding.
    explanation:  one or two sentences for people who read the list of rules.
    source:       KubeVirt file, and function where one does just this.
    stage:        one of STAGES.
    since:        the first KubeVirt version that refuses this: seldom that of the field.
    cured_by:     what can still make the manifest right: "instancetype", "preference".
    gate:         the feature gate that must be on for the field to be let through at all, or "".
    alone:        whether one value decides, whatever the rest of the manifest is like.
    """

    __slots__ = (
        "alone",
        "check",
        "cured_by",
        "field",
        "gate",
        "message",
        "needs",
        "since",
        "stage",
        "subject",
    )

    alone: bool
    check: Check
    cured_by: tuple[str, ...]
    field: str
    gate: str
    message: str
    needs: tuple[str, ...]
    since: Version
    stage: str
    subject: str

    def __new__(  # noqa: PLR0913 - a row of a table
        cls,
        name: str,
        subject: str,
        needs: str | tuple[str, ...],
        field: str,
        check: Check,
        message: str,
        explanation: str,
        source: str,
        *,
        stage: str = CREATE,
        since: str = OLDEST,
        cured_by: tuple[str, ...] = (),
        gate: str = "",
        alone: bool = False,
    ) -> Self:
        """A row of a table."""
        self = super().__new__(
            cls, f"admission/{name}", explanation.partition(". ")[0].rstrip("."), explanation, source
        )
        self.subject = subject
        self.needs = (needs,) if isinstance(needs, str) and needs else tuple(needs)
        self.field = field
        self.check = check
        self.message = message
        self.stage = stage
        self.since = Version(since)
        self.cured_by = cured_by
        self.gate = gate
        self.alone = alone
        return self

    def conditions(self) -> str:
        """What has to be so for the rule to hold."""
        since = f"Holds since KubeVirt {self.since}." if self.since != OLDEST else ""
        gate = f"The field needs the feature gate {self.gate}." if self.gate else ""
        return " ".join(part for part in (since, gate) if part)

    def holds_in(self, version: Version) -> bool:
        """Whether a KubeVirt version applies this rule."""
        return version.has(self.since)


def text_rule(  # noqa: PLR0913 - a row of a table
    name: str,
    subject: str,
    key: str,
    field: str,
    wrong: Callable[[str], bool],
    message: str,
    explanation: str,
    source: str,
    **more: Any,
) -> Rule:
    """A rule about one text: it is broken when `wrong` says so of `part[key]`."""

    def check(_machine: Machine, part: Any, _index: Any) -> Iterable[Found]:
        value = part[key]
        return ((None, value),) if isinstance(value, str) and wrong(value) else ()

    return Rule(name, subject, key, field, check, message, explanation, source, alone=True, **more)


def choice_rule(  # noqa: PLR0913 - a row of a table
    name: str,
    subject: str,
    key: str,
    field: str,
    allowed: Sequence[str],
    message: str,
    explanation: str,
    source: str,
    **more: Any,
) -> Rule:
    """A rule about one text that must be one of a few. The message gets them as {allowed}, the empty one left out."""
    known = frozenset(allowed)
    words = {"allowed": listed(allowed)}

    def check(_machine: Machine, part: Any, _index: Any) -> Iterable[Found]:
        value = part[key]
        if not isinstance(value, str) or value in known:
            return ()
        found = nearest(value, (choice for choice in allowed if choice)) if value else []
        return ((None, value, words | {"proposed": found[0]} if found else words),)

    return Rule(name, subject, key, field, check, message, explanation, source, alone=True, **more)


def listed(choices: Iterable[str]) -> str:
    """`a, b or c`, without the empty one."""
    words = [choice for choice in choices if choice]
    return " or ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)


def when(condition: Callable[[Machine, Any], bool], key: str = "") -> Check:
    """A check that is broken when the condition holds; the value found is `part[key]`."""

    def check(machine: Machine, part: Any, _index: Any) -> Iterable[Found]:
        if not condition(machine, part):
            return ()
        return ((None, part.get(key) if key else None),)

    return check


def name_of(part: Any) -> str | None:
    """The name of a part, "" when it has none; None for what isn't a part."""
    return text(part, "name") if isinstance(part, dict) else None


def repeated(parts: Iterable[Any], name_of: Callable[[Any], Any]) -> list[tuple[int, Any]]:
    """(index, name) of each part whose name an earlier one has. Parts whose name is None are passed over."""
    seen: set[Any] = set()
    found = []
    for index, part in enumerate(parts):
        name = name_of(part)
        if name is None:
            continue
        if name in seen:
            found.append((index, name))
        seen.add(name)
    return found
