"""The metadata of an object of any of KubeVirt's kinds, and of a VirtualMachine's template.

The rows about "metadata" hold for every kind; those about the template's for what becomes a VirtualMachineInstance, whose
name, namespace and owner KubeVirt writes itself.
"""

from __future__ import annotations

from krm_fn.core.manifest import mapping, text
from krm_fn.kubevirt.defaulted import entries
from krm_fn.kubevirt.facts import ANNOTATIONS_SIZE, is_dns_label, is_dns_subdomain, is_label_value, is_qualified_name
from krm_fn.validate.admission.rule import CRD, START, VMI_ADMITTER, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from krm_fn.validate.admission.machine import Machine
    from krm_fn.validate.admission.rule import Check, Found

_OBJECT_META = "k8s.io/apimachinery pkg/api/validation/objectmeta.go: ValidateObjectMetaAccessor"
_OWNERS = "metadata.ownerReferences"
_OWNER_FIELDS = ("apiVersion", "kind", "name", "uid")
_MANAGERS = "spec.template.metadata.managedFields"
_OPERATIONS = ("Apply", "Update")
_DELETION = {"orphan", "foregroundDeletion"}
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
        return ((None, None, {"problem": "the object has no name"}),) if wrong else ()
    if isinstance(name, str) and not is_dns_subdomain(name):
        return ((None, name, {"problem": f"{name[:80]!r} can't be the name of an object"}),)
    return ()


def _generate_name(_machine: Machine, metadata: Any, _index: Any) -> Iterable[Found]:
    """A prefix may end in one dash, which what is put behind it makes right (Go: maskTrailingDash)."""
    prefix = text(metadata, "generateName")
    masked = f"{prefix[:-2]}a" if len(prefix) > 1 and prefix.endswith("-") else prefix
    return ((None, prefix),) if prefix and not is_dns_subdomain(masked) else ()


def _namespace(_machine: Machine, metadata: Any, _index: Any) -> Iterable[Found]:
    namespace = text(metadata, "namespace")
    return ((None, namespace),) if namespace and not is_dns_label(namespace) else ()


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


def _annotations_size(_machine: Machine, metadata: Any, _index: Any) -> Iterable[Found]:
    pairs = mapping(metadata, "annotations").items()
    size = sum(len(text.encode("utf-8", "replace")) for pair in pairs for text in pair if isinstance(text, str))
    return ((None, None, {"size": str(size)}),) if size > ANNOTATIONS_SIZE else ()


def _finalizers(field: str) -> Check:
    def check(_machine: Machine, metadata: Any, _index: Any) -> Iterable[Found]:
        finalizers = [each for each in entries(metadata, "finalizers") if isinstance(each, str)]
        for finalizer in finalizers:
            if not is_qualified_name(finalizer):
                return ((field, finalizer, {"problem": "can't be a finalizer: write a name as in a label's key"}),)
        if set(finalizers) >= _DELETION:
            return ((field, "orphan", {"problem": "contradicts foregroundDeletion: keep one of them"}),)
        return ()

    return check


def _owners(_machine: Machine, metadata: Any, _index: Any) -> Iterable[Found]:
    owners = [
        (index, owner) for index, owner in enumerate(entries(metadata, "ownerReferences")) if isinstance(owner, dict)
    ]
    for index, owner in owners:
        for key in _OWNER_FIELDS:
            if not text(owner, key) or (key == "apiVersion" and not text(owner, key).rpartition("/")[2]):
                yield (
                    f"{_OWNERS}[{index}].{key}",
                    None,
                    {"problem": f"the owner has no {key}: write it, or leave the reference out"},
                )
        if text(owner, "kind") == "Event" and text(owner, "apiVersion") == "v1":
            yield f"{_OWNERS}[{index}]", None, {"problem": "an Event can't own anything: leave the reference out"}
    if sum(owner.get("controller") is True for _, owner in owners) > 1:
        yield _OWNERS, None, {"problem": "more than one owner is the controller: keep controller: true on one"}


def _managers(_machine: Machine, metadata: Any, _index: Any) -> Iterable[Found]:
    for index, manager in enumerate(entries(metadata, "managedFields")):
        if isinstance(manager, dict) and text(manager, "operation") not in _OPERATIONS:
            yield f"{_MANAGERS}[{index}].operation", manager.get("operation")


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
_SIZE_MESSAGE = (
    "the annotations have {size} bytes together, at most 262144 are allowed: keep large contents in a ConfigMap"
)
_SIZE = "k8s.io/apimachinery pkg/api/validation/objectmeta.go: ValidateAnnotationsSize"

RULES = (
    Rule(
        "name",
        "metadata",
        "",
        "metadata.name",
        _name,
        "{problem}: write lower case letters, digits, - and ., at most 253, beginning and ending with a letter or"
        " digit",
        "An object needs a name that is a DNS-1123 subdomain, or a generateName to make one from.",
        _OBJECT_META,
        stage=CRD,
    ),
    Rule(
        "generate-name",
        "metadata",
        "generateName",
        "metadata.generateName",
        _generate_name,
        "generateName {current} can't begin the name of an object: write lower case letters, digits, . and -",
        "The API server puts five characters behind it to make the name.",
        _OBJECT_META,
        stage=CRD,
        alone=True,
    ),
    Rule(
        "namespace",
        "metadata",
        "namespace",
        "metadata.namespace",
        _namespace,
        "{current} can't be the name of a namespace: write lower case letters, digits and -, at most 63",
        "The name of a namespace is a DNS-1123 label.",
        _OBJECT_META,
        stage=CRD,
        alone=True,
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
        "annotations-size",
        "metadata",
        "annotations",
        "metadata.annotations",
        _annotations_size,
        _SIZE_MESSAGE,
        "All annotations of an object together have at most 256 KiB.",
        _SIZE,
        stage=CRD,
        alone=True,
    ),
    Rule(
        "finalizers",
        "metadata",
        "finalizers",
        "metadata.finalizers",
        _finalizers("metadata.finalizers"),
        "{current} {problem}",
        "A finalizer is a qualified name, and an object is deleted in one way.",
        _OBJECT_META,
        stage=CRD,
        alone=True,
    ),
    Rule(
        "owner-references",
        "metadata",
        "ownerReferences",
        _OWNERS,
        _owners,
        "{problem}",
        "An owner is named by apiVersion, kind, name and uid; the uid is only known once the owner is in the cluster.",
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
        "template-annotations-size",
        "template metadata",
        "annotations",
        "spec.template.metadata.annotations",
        _annotations_size,
        _SIZE_MESSAGE,
        "The annotations of the template become those of the VirtualMachineInstance, of which there are at most 256 KiB.",
        _SIZE,
        stage=START,
        alone=True,
    ),
    Rule(
        "template-finalizers",
        "template metadata",
        "finalizers",
        "spec.template.metadata.finalizers",
        _finalizers("spec.template.metadata.finalizers"),
        "{current} {problem}",
        "The finalizers of the template become those of the VirtualMachineInstance. They seldom belong there: leave them out.",
        _OBJECT_META,
        stage=START,
        alone=True,
    ),
    Rule(
        "template-managed-fields",
        "template metadata",
        "managedFields",
        f"{_MANAGERS}[].operation",
        _managers,
        "the operation of a manager of fields is Apply or Update: leave managedFields out, the API server writes them",
        "An export holds managedFields; a template that keeps them can't become a VirtualMachineInstance unless they are whole.",
        "k8s.io/apimachinery pkg/apis/meta/v1/validation/validation.go: ValidateManagedFields",
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
