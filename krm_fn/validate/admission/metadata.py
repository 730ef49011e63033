"""Names, labels and annotations of the VirtualMachine and of its template."""

from __future__ import annotations

from krm_fn.core.manifest import mapping, text
from krm_fn.kubevirt.facts import is_dns_subdomain, is_label_value, is_qualified_name
from krm_fn.validate.admission.rule import CRD, START, VMI_ADMITTER, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from krm_fn.validate.admission.machine import Machine
    from krm_fn.validate.admission.rule import Check, Found

_OBJECT_META = "k8s.io/apimachinery pkg/api/validation/objectmeta.go: ValidateObjectMetaAccessor"
_RESERVED = frozenset(
    f"kubevirt.io/{name}"
    for name in (
        "created-by",
        "migrationJobUID",
        "nodeName",
        "migrationTargetNodeName",
        "schedulable",
        "install-strategy",
    )
)


def _name(_machine: Machine, metadata: Any, _index: Any) -> Iterable[Found]:
    name = metadata.get("name")
    if name is None or name == "":
        wrong = not text(metadata, "generateName")
        return ((None, None, {"problem": "the VirtualMachine has no name"}),) if wrong else ()
    if isinstance(name, str) and not is_dns_subdomain(name):
        return ((None, name, {"problem": f"{name[:80]!r} can't be the name of an object"}),)
    return ()


def _labels(field: str) -> Check:
    def check(_machine: Machine, metadata: Any, _index: Any) -> Iterable[Found]:
        return [
            (field, value, {"key": key[:80]})
            for key, value in mapping(metadata, "labels").items()
            if not is_qualified_name(key) or (isinstance(value, str) and not is_label_value(value))
        ]

    return check


def _annotations(field: str) -> Check:
    def check(_machine: Machine, metadata: Any, _index: Any) -> Iterable[Found]:
        keys = mapping(metadata, "annotations")
        return [(field, None, {"key": key[:80]}) for key in keys if not is_qualified_name(key.lower())]

    return check


def _reserved(_machine: Machine, metadata: Any, _index: Any) -> Iterable[Found]:
    return [(None, value, {"key": key}) for key, value in mapping(metadata, "labels").items() if key in _RESERVED]


_LABEL_MESSAGE = (
    'label "{key}" with the value {current} is malformed: write letters, digits, -, _ and . (at most 63),'
    " beginning and ending with a letter"
    " or digit, in the key after an optional DNS prefix and a slash"
)
_ANNOTATION_MESSAGE = (
    'annotation "{key}" has a malformed key: write letters, digits, -, _ and . (at most 63), after an optional'
    " DNS prefix and a slash"
)

RULES = (
    Rule(
        "name",
        "metadata",
        "",
        "metadata.name",
        _name,
        "{problem}: write lower case letters, digits, - and ., at most 253, beginning and ending with a letter or"
        " digit",
        "A VirtualMachine needs a name that is a DNS-1123 subdomain, or a generateName to make one from.",
        _OBJECT_META,
        stage=CRD,
    ),
    Rule(
        "labels",
        "metadata",
        "labels",
        "metadata.labels",
        _labels("metadata.labels"),
        _LABEL_MESSAGE,
        "Label keys are qualified names, label values short names or empty.",
        _OBJECT_META,
        stage=CRD,
        alone=True,
    ),
    Rule(
        "annotations",
        "metadata",
        "annotations",
        "metadata.annotations",
        _annotations("metadata.annotations"),
        _ANNOTATION_MESSAGE,
        "Annotation keys are qualified names, whatever their case.",
        _OBJECT_META,
        stage=CRD,
        alone=True,
    ),
    Rule(
        "template-labels",
        "template metadata",
        "labels",
        "spec.template.metadata.labels",
        _labels("spec.template.metadata.labels"),
        _LABEL_MESSAGE,
        "The labels of the template become those of the VirtualMachineInstance, which can't be created with"
        " malformed ones: the machine never starts.",
        _OBJECT_META,
        stage=START,
        alone=True,
    ),
    Rule(
        "template-annotations",
        "template metadata",
        "annotations",
        "spec.template.metadata.annotations",
        _annotations("spec.template.metadata.annotations"),
        _ANNOTATION_MESSAGE,
        "The annotations of the template become those of the VirtualMachineInstance, which can't be created with"
        " malformed keys.",
        _OBJECT_META,
        stage=START,
        alone=True,
    ),
    Rule(
        "template-reserved-label",
        "template metadata",
        "labels",
        "spec.template.metadata.labels",
        _reserved,
        'label "{key}" belongs to KubeVirt: remove it from the template',
        "KubeVirt sets these labels itself to keep track of its machines and nodes, and lets nobody else set them.",
        f"{VMI_ADMITTER}: ValidateVirtualMachineInstanceMetadata",
        alone=True,
    ),
)
