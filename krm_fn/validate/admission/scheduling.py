"""Affinity and topology spread, as Kubernetes checks them for pods.

KubeVirt reports affinity without the part `affinity` in the path, and the label selector of a spread constraint
without its index.
"""

from __future__ import annotations

from krm_fn.core.manifest import mapping, text
from krm_fn.kubevirt.defaulted import entries, whole_number
from krm_fn.kubevirt.facts import is_dns_label, is_dns_subdomain, is_label_value, is_qualified_name
from krm_fn.validate.admission.rule import ADMITTERS, CRD, Rule, T, when

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from krm_fn.validate.admission.machine import Machine
    from krm_fn.validate.admission.rule import Check, Found

    Place = tuple[str, Any]
    """(field path, what is there)."""

_K8S = f"{ADMITTERS}/validate-k8s-utils.go"
_REQUIRED, _PREFERRED = (
    "requiredDuringSchedulingIgnoredDuringExecution",
    "preferredDuringSchedulingIgnoredDuringExecution",
)
_SPREAD = f"{T}.topologySpreadConstraints"
_POD_AFFINITIES = ("podAffinity", "podAntiAffinity")
_SETS, _PRESENCES, _COMPARISONS = ("In", "NotIn"), ("Exists", "DoesNotExist"), ("Gt", "Lt")
_MOST_WEIGHT = 100


def _listed(parent: Any, key: str, path: str) -> Iterator[Place]:
    for index, entry in enumerate(entries(parent, key)):
        if isinstance(entry, dict):
            yield f"{path}.{key}[{index}]", entry


def _node_terms(template: Any, root: str = T) -> Iterator[Place]:
    """The node selector terms of the required and of the preferred node affinity."""
    node, path = mapping(template, "affinity", "nodeAffinity"), f"{root}.nodeAffinity"
    yield from _listed(mapping(node, _REQUIRED), "nodeSelectorTerms", f"{path}.{_REQUIRED}")
    for place, preferred in _listed(node, _PREFERRED, path):
        yield f"{place}.preference", mapping(preferred, "preference")


def _expressions(template: Any) -> Iterator[Place]:
    for path, term in _node_terms(template):
        yield from _listed(term, "matchExpressions", path)


def _fields(template: Any) -> Iterator[Place]:
    for path, term in _node_terms(template):
        yield from _listed(term, "matchFields", path)


def _weighted(template: Any) -> Iterator[Place]:
    affinity = mapping(template, "affinity")
    for kind in ("nodeAffinity", *_POD_AFFINITIES):
        yield from _listed(mapping(affinity, kind), _PREFERRED, f"{T}.{kind}")


def _pod_terms(template: Any) -> Iterator[Place]:
    affinity = mapping(template, "affinity")
    for kind in _POD_AFFINITIES:
        yield from _listed(mapping(affinity, kind), _REQUIRED, f"{T}.{kind}")
        for path, weighted in _listed(mapping(affinity, kind), _PREFERRED, f"{T}.{kind}"):
            yield f"{path}.podAffinityTerm", mapping(weighted, "podAffinityTerm")


def _at(places: Callable[[Any], Iterable[Place]], member: str, wrong: Callable[[Any], bool]) -> Check:
    """A check of one member of each place."""

    def check(_machine: Machine, template: Any, _index: Any) -> Iterable[Found]:
        return [(f"{path}.{member}", entry.get(member)) for path, entry in places(template) if wrong(entry)]

    return check


def _counted(operators: tuple[str, ...], wrong: Callable[[int], bool]) -> Callable[[Any], bool]:
    return lambda entry: text(entry, "operator") in operators and wrong(len(entries(entry, "values")))


def _selector_mistakes(selector: Any, path: str) -> Iterator[Found]:
    """What is wrong with a label selector. Source: apimachinery pkg/apis/meta/v1/validation: ValidateLabelSelector."""
    labels = mapping(selector, "matchLabels")
    if any(
        not is_qualified_name(key) or (isinstance(value, str) and not is_label_value(value))
        for key, value in labels.items()
    ):
        yield f"{path}.matchLabels", None
    for place, expression in _listed(selector, "matchExpressions", path):
        operator, values = text(expression, "operator"), entries(expression, "values")
        if (operator in _SETS and not values) or (operator in _PRESENCES and values):
            yield f"{place}.values", None
        elif operator not in _SETS + _PRESENCES:
            yield f"{place}.operator", operator
        if not is_qualified_name(text(expression, "key")):
            yield f"{place}.key", text(expression, "key")
        for index, value in enumerate(values):
            if isinstance(value, str) and not is_label_value(value):
                yield f"{place}.values[{index}]", value


def _pod_selectors(_machine: Machine, template: Any, _index: Any) -> Iterable[Found]:
    for path, term in _pod_terms(template):
        for key in ("labelSelector", "namespaceSelector"):
            yield from _selector_mistakes(mapping(term, key), f"{path}.{key}")


def _namespaces(_machine: Machine, template: Any, _index: Any) -> Iterable[Found]:
    for path, term in _pod_terms(template):
        for name in entries(term, "namespaces"):
            if isinstance(name, str) and not is_dns_label(name):
                yield f"{path}.namespace", name


def _no_terms(_machine: Machine, template: Any, _index: Any) -> Iterable[Found]:
    selector = mapping(template, "affinity", "nodeAffinity", _REQUIRED)
    return (
        ((None, None),)
        if isinstance(selector.get("nodeSelectorTerms"), list) and not selector["nodeSelectorTerms"]
        else ()
    )


def _without_operator(_machine: Machine, template: Any, _index: Any) -> Iterable[Found]:
    """Reported with `affinity` in the path, since it is the schema that refuses what the mutating webhook wrote."""
    for path, term in _node_terms(template, f"{T}.affinity"):
        for key in ("matchExpressions", "matchFields"):
            for place, requirement in _listed(term, key, path):
                if requirement.get("operator") is None:
                    yield f"{place}.operator", None


def _field_values(_machine: Machine, template: Any, _index: Any) -> Iterable[Found]:
    for path, field in _fields(template):
        if text(field, "key") == "metadata.name":
            for index, value in enumerate(entries(field, "values")):
                if isinstance(value, str) and not is_dns_subdomain(value):
                    yield f"{path}.values[{index}]", value


def _duplicate_constraints(machine: Machine, _template: Any, _index: Any) -> Iterable[Found]:
    seen = set()
    for index, constraint in enumerate(entries(machine.template, "topologySpreadConstraints")):
        key = (text(constraint, "topologyKey"), text(constraint, "whenUnsatisfiable"))
        if key in seen:
            yield f"{_SPREAD}[{index}]", None
        seen.add(key)


def _affinity_rule(
    name: str, field: str, check: Check, message: str, explanation: str, function: str, **more: Any
) -> Rule:
    return Rule(
        f"affinity-{name}", "template", "affinity", field, check, message, explanation, f"{_K8S}: {function}", **more
    )


_NODE_RULES = (
    _affinity_rule(
        "no-terms",
        f"{T}.nodeAffinity.{_REQUIRED}.nodeSelectorTerms",
        _no_terms,
        "the required node affinity has no terms, so no node would do: write at least one, or remove it",
        "Terms are alternatives, and there has to be one.",
        "ValidateNodeSelector",
    ),
    _affinity_rule(
        "values-missing",
        f"{T}.nodeAffinity...matchExpressions[].values",
        _at(_expressions, "values", _counted(_SETS, lambda count: count == 0)),
        "the operator In or NotIn needs values: write at least one",
        "The label is compared with a list of values.",
        "ValidateNodeSelectorRequirement",
    ),
    _affinity_rule(
        "values-unwanted",
        f"{T}.nodeAffinity...matchExpressions[].values",
        _at(_expressions, "values", _counted(_PRESENCES, lambda count: count > 0)),
        "the operator Exists or DoesNotExist takes no values: remove them, or use In or NotIn",
        "Only the presence of the label counts.",
        "ValidateNodeSelectorRequirement",
    ),
    _affinity_rule(
        "values-one",
        f"{T}.nodeAffinity...matchExpressions[].values",
        _at(_expressions, "values", _counted(_COMPARISONS, lambda count: count != 1)),
        "the operator Gt or Lt needs exactly one value: write one whole number",
        "The label is compared with one number.",
        "ValidateNodeSelectorRequirement",
    ),
    _affinity_rule(
        "key",
        f"{T}.nodeAffinity...matchExpressions[].key",
        _at(_expressions, "key", lambda entry: not is_qualified_name(text(entry, "key"))),
        "key {current} is not the name of a label: write letters, digits, -, _ and ., after an optional DNS"
        " prefix and a slash",
        "Nodes are chosen by their labels.",
        "ValidateNodeSelectorRequirement",
    ),
    _affinity_rule(
        "operator-missing",
        f"{T}.affinity.nodeAffinity...operator",
        _without_operator,
        "the requirement has no operator: write In, NotIn, Exists, DoesNotExist, Gt or Lt",
        "KubeVirt's mutating webhook writes a missing operator back as an empty one, which the schema refuses.",
        "ValidateNodeSelectorRequirement",
    ),
    _affinity_rule(
        "field-key",
        f"{T}.nodeAffinity...matchFields[].key",
        _at(_fields, "key", lambda entry: text(entry, "key") != "metadata.name"),
        "nodes can't be chosen by the field {current}: write metadata.name, or use matchExpressions for labels",
        "The one field that nodes can be chosen by is their name.",
        "ValidateNodeFieldSelectorRequirement",
    ),
    _affinity_rule(
        "field-operator",
        f"{T}.nodeAffinity...matchFields[].operator",
        _at(
            _fields,
            "operator",
            lambda entry: entry.get("operator") is not None and text(entry, "operator") not in _SETS,
        ),
        "operator {current} can't be used with a field: write In or NotIn",
        "The name of a node is compared with a value.",
        "ValidateNodeFieldSelectorRequirement",
    ),
    _affinity_rule(
        "field-values",
        f"{T}.nodeAffinity...matchFields[].values",
        _at(_fields, "values", _counted(_SETS, lambda count: count != 1)),
        "a field is compared with exactly one value: write the name of one node",
        "The name of a node is compared with a value.",
        "ValidateNodeFieldSelectorRequirement",
    ),
    _affinity_rule(
        "field-value",
        f"{T}.nodeAffinity...matchFields[].values[]",
        _field_values,
        "{current} can't be the name of a node: write lower case letters, digits, dots and dashes",
        "A node is an object with such a name.",
        "ValidateNodeFieldSelectorRequirement",
        alone=True,
    ),
    _affinity_rule(
        "weight",
        f"{T}.nodeAffinity or podAffinity or podAntiAffinity...weight",
        _at(_weighted, "weight", lambda entry: not 1 <= (whole_number(entry, "weight") or 0) <= _MOST_WEIGHT),
        f"weight {{current}} is out of range: write a number from 1 to {_MOST_WEIGHT}",
        f"Preferences are weighed from 1 to {_MOST_WEIGHT}.",
        "ValidatePreferredSchedulingTerms, validateWeightedPodAffinityTerms",
    ),
)

_POD_RULES = (
    _affinity_rule(
        "topology-key",
        f"{T}.podAffinity or podAntiAffinity...topologyKey",
        _at(_pod_terms, "topologyKey", lambda entry: not is_qualified_name(text(entry, "topologyKey"))),
        "topologyKey {current} is not the name of a label: write for example kubernetes.io/hostname",
        "Pods are near each other when this label of their nodes is the same.",
        "validatePodAffinityTerm",
    ),
    _affinity_rule(
        "selector",
        f"{T}.podAffinity or podAntiAffinity...labelSelector or namespaceSelector",
        _pod_selectors,
        "the selector is malformed here: write label names and values, the operators In, NotIn, Exists or"
        " DoesNotExist, and values for the first two",
        "Pods and namespaces are chosen by their labels.",
        "validatePodAffinityTerm",
    ),
    _affinity_rule(
        "namespace",
        f"{T}.podAffinity or podAntiAffinity...namespace",
        _namespaces,
        "{current} can't be the name of a namespace: write lower case letters, digits and -, at most 63",
        "A namespace is an object with such a name.",
        "validatePodAffinityTerm",
        alone=True,
    ),
)

_SPREAD_RULES = (
    Rule(
        "spread-duplicate",
        "template",
        "topologySpreadConstraints",
        f"{_SPREAD}[]",
        _duplicate_constraints,
        "another constraint has this topologyKey and whenUnsatisfiable: merge the two",
        "Spread constraints are a list keyed by topologyKey and whenUnsatisfiable.",
        "the schema of the VirtualMachine CRD (list keys)",
        stage=CRD,
    ),
    Rule(
        "spread-skew",
        "spread constraint",
        "",
        f"{_SPREAD}[%d].maxSkew",
        when(lambda _machine, constraint: (whole_number(constraint, "maxSkew") or 0) < 1, "maxSkew"),
        "maxSkew must be at least 1: write 1 or more",
        "How uneven the spread may be is counted in machines.",
        f"{_K8S}: validateTopologySpreadConstraints",
    ),
    Rule(
        "spread-topology-key",
        "spread constraint",
        "",
        f"{_SPREAD}[%d].topologyKey",
        lambda _machine, constraint, _index: (
            () if is_qualified_name(key := text(constraint, "topologyKey")) else ((None, key),)
        ),
        "topologyKey {current} is not the name of a label: write for example topology.kubernetes.io/zone",
        "Machines are spread over the values of this label of the nodes.",
        f"{_K8S}: validateTopologySpreadConstraints",
    ),
    Rule(
        "spread-action-missing",
        "spread constraint",
        "",
        f"{_SPREAD}[%d].whenUnsatisfiable",
        when(lambda _machine, constraint: constraint.get("whenUnsatisfiable") is None),
        "the constraint doesn't say what happens when it can't be met: write whenUnsatisfiable: DoNotSchedule or"
        " ScheduleAnyway",
        "KubeVirt's mutating webhook writes a missing one back as an empty one, which the schema refuses.",
        f"{_K8S}: validateTopologySpreadConstraints",
    ),
    Rule(
        "spread-selector",
        "spread constraint",
        "labelSelector",
        f"{_SPREAD}.labelSelector",
        lambda _machine, constraint, _index: list(
            _selector_mistakes(mapping(constraint, "labelSelector"), f"{_SPREAD}.labelSelector")
        ),
        "the selector is malformed here: write label names and values, the operators In, NotIn, Exists or"
        " DoesNotExist, and values for the first two",
        "The machines to spread are chosen by their labels.",
        f"{_K8S}: validateTopologySpreadConstraints",
    ),
)

RULES = _NODE_RULES + _POD_RULES + _SPREAD_RULES
