"""spec.dataVolumeTemplates: KubeVirt asks one question after the other of each, up to the first wrong answer."""

from __future__ import annotations

from krm_fn.core.manifest import mapping, text
from krm_fn.validate.admission.machine import has
from krm_fn.validate.admission.rule import CRD, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from krm_fn.validate.admission.machine import Machine
    from krm_fn.validate.admission.rule import Check, Found

_SOURCE = "pkg/storage/admitters/data-volume-template.go"
_ONE = "spec.dataVolumeTemplate[%d]"
_MANY = "spec.dataVolumeTemplates[%d]"
_TARGETS = ("pvc", "storage")
_REFERENCES = ("dataSource", "dataSourceRef")


def _target(spec: Any) -> Any:
    return mapping(spec, "pvc") if has(spec, "pvc") else mapping(spec, "storage")


def _populated(spec: Any) -> bool:
    return any(has(_target(spec), reference) for reference in _REFERENCES)


def _sourced(spec: Any) -> bool:
    return has(spec, "source") or has(spec, "sourceRef")


def _members(spec: Any) -> int:
    return sum(member is not None for member in mapping(spec, "source").values())


_QUESTIONS: tuple[tuple[str, Callable[[Any, Any], bool]], ...] = (
    ("name", lambda metadata, _spec: not text(metadata, "name")),
    ("no-target", lambda _metadata, spec: not has(spec, "pvc") and not has(spec, "storage")),
    ("two-targets", lambda _metadata, spec: has(spec, "pvc") and has(spec, "storage")),
    ("source-and-population", lambda _metadata, spec: _populated(spec) and _sourced(spec)),
    ("no-source", lambda _metadata, spec: not _populated(spec) and not _sourced(spec)),
    ("source-empty", lambda _metadata, spec: has(spec, "source") and _members(spec) == 0),
    ("several-sources", lambda _metadata, spec: has(spec, "source") and _members(spec) > 1),
)


def _first_wrong(template: Any) -> str:
    metadata, spec = mapping(template, "metadata"), mapping(template, "spec")
    return next((name for name, wrong in _QUESTIONS if wrong(metadata, spec)), "")


def _answer(machine: Machine, template: Any, index: int) -> str:
    """The first question that the template answers wrongly; asked once, since every rule wants to know."""
    key = f"data volume template {index}"
    if key not in machine.shared:
        machine.shared[key] = _first_wrong(template)
    found: str = machine.shared[key]
    return found


def _asked(question: str) -> Check:
    def check(machine: Machine, template: Any, index: Any) -> Iterable[Found]:
        return ((None, None),) if _answer(machine, template, index) == question else ()

    return check


def _unused(machine: Machine, template: Any, index: Any) -> Iterable[Found]:
    if _answer(machine, template, index):
        return ()
    name = text(template["metadata"], "name")
    for volume in machine.volumes:
        claim, data_volume = mapping(volume, "persistentVolumeClaim"), mapping(volume, "dataVolume")
        if name in (text(claim, "claimName"), text(data_volume, "name")):
            return ()
    return ((None, name),)


def _namespace(machine: Machine, template: Any, _index: Any) -> Iterable[Found]:
    """A VirtualMachine without a namespace gets one from whoever applies it, which only they know."""
    found = text(mapping(template, "metadata"), "namespace")
    return ((None, found),) if found and machine.namespace and found != machine.namespace else ()


def _api_group(_machine: Machine, template: Any, index: Any) -> Iterable[Found]:
    spec = mapping(template, "spec")
    for target in _TARGETS:
        for reference in _REFERENCES:
            held = mapping(spec, target).get(reference)
            if isinstance(held, dict) and held.get("apiGroup") is None:
                yield f"{_MANY % index}.spec.{target}.{reference}.apiGroup", None


def _rule(
    name: str, field: str, check: Check, message: str, explanation: str, source: str = _SOURCE, **more: Any
) -> Rule:
    return Rule(
        f"data-volume-template-{name}",
        "data volume template",
        "spec",
        field,
        check,
        message,
        explanation,
        source,
        **more,
    )


RULES = (
    _rule(
        "content-type",
        f"{_MANY}.spec.contentType",
        lambda _machine, template, _index: (
            ((None, kind),)
            if (kind := text(mapping(template, "spec"), "contentType")) not in ("", "kubevirt", "archive")
            else ()
        ),
        "contentType {current} is unknown: write kubevirt or archive",
        "What is imported is either a disk image or an archive of files.",
        "the schema of the VirtualMachine CRD, from CDI's DataVolume types",
        stage=CRD,
        alone=True,
    ),
    _rule(
        "api-group",
        f"{_MANY}.spec.storage.dataSourceRef.apiGroup",
        _api_group,
        'the reference has no apiGroup: write snapshot.storage.k8s.io for a VolumeSnapshot, or apiGroup: "" for a'
        " PersistentVolumeClaim",
        "KubeVirt writes a missing apiGroup back as null, which the schema of the CRD does not take.",
        "pkg/virt-api/webhooks/mutating-webhook/mutators/vm-mutator.go, then the schema of the VirtualMachine CRD",
        stage=CRD,
    ),
    _rule(
        "name",
        f"{_ONE}.name",
        _asked("name"),
        "the dataVolumeTemplate has no name: write metadata: {{name: ...}}",
        "A volume finds its template by name.",
        f"{_SOURCE}: validateDataVolume",
    ),
    _rule(
        "no-target",
        f"{_ONE}.PVC.Storage",
        _asked("no-target"),
        "the dataVolumeTemplate has neither storage nor pvc: write storage with the size in resources.requests.storage",
        "What the disk is stored on has to be said.",
        f"{_SOURCE}: validateDataVolume",
    ),
    _rule(
        "two-targets",
        f"{_ONE}.PVC.Storage",
        _asked("two-targets"),
        "the dataVolumeTemplate has storage and pvc: keep one, preferably storage",
        "storage and pvc are two ways to say what the disk is stored on.",
        f"{_SOURCE}: validateDataVolume",
    ),
    _rule(
        "source-and-population",
        f"{_ONE}.source",
        _asked("source-and-population"),
        "the dataVolumeTemplate has a source and a dataSource or dataSourceRef: keep one of them",
        "The disk is filled either by CDI from a source, or by a volume populator from a reference.",
        f"{_SOURCE}: validateDataVolume",
    ),
    _rule(
        "no-source",
        f"{_ONE}.source.sourceRef",
        _asked("no-source"),
        "the dataVolumeTemplate has no source: write source or sourceRef, for an empty disk source: {{blank: {{}}}}",
        "What the disk is filled with has to be said.",
        f"{_SOURCE}: validateDataVolume",
    ),
    _rule(
        "source-empty",
        f"{_ONE}.source",
        _asked("source-empty"),
        "the source is empty: write one, such as registry, http, pvc, snapshot or blank",
        "A source is of one kind, and the kind is its member.",
        f"{_SOURCE}: validateNumberOfSources",
    ),
    _rule(
        "several-sources",
        f"{_ONE}.source",
        _asked("several-sources"),
        "the source has more than one member: keep one",
        "A source is of one kind, and the kind is its member.",
        f"{_SOURCE}: validateNumberOfSources",
    ),
    _rule(
        "unused",
        _ONE,
        _unused,
        "no volume uses dataVolumeTemplate {current}: add one with dataVolume: {{name: ...}} to volumes, or"
        " remove the template",
        "A template makes a disk for a volume of this machine.",
        f"{_SOURCE}: ValidateDataVolumeTemplate",
    ),
    _rule(
        "namespace",
        _MANY,
        _namespace,
        "the dataVolumeTemplate is for namespace {current} and its VirtualMachine for another: remove the"
        " namespace of the template",
        "The disk is made in the namespace of the machine.",
        f"{_SOURCE}: validateVirtualMachineDataVolumeTemplateNamespace",
    ),
)
