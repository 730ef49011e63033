"""inferFromVolume: an instancetype or preference named by the labels of what a volume comes from.

Source: KubeVirt, pkg/instancetype/infer/volume.go and handler.go. In a cluster an object that isn't there fails the
request under either failure policy, so here it is an error that says which manifest to add.
"""

from __future__ import annotations

from krm_fn.core.finding import Finding, Rule
from krm_fn.core.manifest import LOCAL_CONFIG, mapping, namespace_of, text
from krm_fn.core.suggest import did_you_mean
from krm_fn.kubevirt.facts import ARCHITECTURES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_fn.core.items import Items
    from krm_fn.core.manifest import Manifest

HOLDER_MISSING = Rule(
    "infer/holder-missing",
    "Nothing to infer from",
    "inferFromVolume reads the labels of a claim, data volume, data source or snapshot, and it is not among the items.",
)
NO_LABEL = Rule(
    "infer/no-label",
    "No label to infer from",
    "The object behind the volume has no instancetype.kubevirt.io/default-* label.",
)
SOURCE_TYPE = Rule(
    "infer/source-type",
    "Source that can't be inferred from",
    "A dataVolumeTemplate leads further only with a pvc, a snapshot or a DataSource as its source.",
)
VOLUME_MISSING = Rule(
    "infer/volume-missing",
    "Volume to infer from is missing",
    "inferFromVolume names a volume that the template doesn't have.",
)
VOLUME_TYPE = Rule(
    "infer/volume-type",
    "Volume that can't be inferred from",
    "Only persistentVolumeClaim and dataVolume volumes lead to objects with labels.",
)
PVC, DATA_VOLUME, DATA_SOURCE, SNAPSHOT = "PersistentVolumeClaim", "DataVolume", "DataSource", "VolumeSnapshot"
KINDS = frozenset((PVC, DATA_VOLUME, DATA_SOURCE, SNAPSHOT))
TEMPLATE = "dataVolumeTemplate"
_SOURCES = {"pvc": PVC, "snapshot": SNAPSHOT}
ARCHITECTURE_LABEL = "template.kubevirt.io/architecture"
LABEL = "instancetype.kubevirt.io/default-{}"


class Inferred(Exception):  # noqa: N818 - it carries the answer up through the chain of holders, and is no error
    """The labels were found."""

    def __init__(self, name: str, kind: str) -> None:
        super().__init__(name)
        self.name = name
        self.kind = kind


class NotInferred(Exception):  # noqa: N818 - becomes a Finding, or nothing under the failure policy Ignore
    """The chain ended without labels. `ignorable`: whether the failure policy Ignore covers it."""

    def __init__(self, message: str, *, ignorable: bool, rule: Rule | None = None) -> None:
        super().__init__(message)
        self.ignorable = ignorable
        self.rule = rule or NO_LABEL


def infer(vm: Manifest, field: str, items: Items) -> tuple[Manifest | None, list[Finding]]:
    """The matcher {name, kind} that `spec.<field>.inferFromVolume` leads to.

    Returns (None, []) when the failure policy Ignore says to go on without one.
    """
    matcher = mapping(vm, "spec", field)
    volume = text(matcher, "inferFromVolume")
    try:
        _from_volume(vm, volume, _Chain(vm, field, items))
    except Inferred as found:
        return {"name": found.name, **({"kind": found.kind} if found.kind else {})}, []
    except NotInferred as reason:
        if reason.ignorable and matcher.get("inferFromVolumeFailurePolicy") == "Ignore":
            return None, []
        return None, [Finding(reason.rule, str(reason), vm, f"spec.{field}.inferFromVolume", current=volume)]
    return None, []


class _Chain:
    """What every step of one inference needs."""

    __slots__ = ("items", "label", "vm")

    def __init__(self, vm: Manifest, field: str, items: Items) -> None:
        self.vm = vm
        self.label = LABEL.format(field)
        self.items = items

    def labels_of(self, holder: Manifest) -> None:
        """Raise Inferred when the holder carries the labels."""
        labels = mapping(holder, "metadata", "labels")
        name = labels.get(self.label)
        if isinstance(name, str):
            raise Inferred(name, text(labels, f"{self.label}-kind"))

    def get(self, kind: str, name: str, namespace: str) -> Manifest | None:
        found = self.items.find(kind, name, namespace, self.vm)
        return found[0] if found else None

    def holder(self, kind: str, name: str, namespace: str) -> Manifest:
        """The item that should carry the labels, or NotInferred that says what to add."""
        item = self.get(kind, name, namespace)
        if item is None:
            where = f" in namespace {namespace}" if namespace else ""
            known = did_you_mean(name, self.items.names(kind))
            raise NotInferred(
                f'needs the labels of {kind} "{name}"{where}, which is not among the items: '
                f'add its manifest with the label {self.label} (for look-up only when it is marked {LOCAL_CONFIG}: "true"), '
                f"or write the name into the matcher instead{known}",
                ignorable=False,
                rule=HOLDER_MISSING,
            )
        return item

    def unlabelled(self, what: str) -> NotInferred:
        return NotInferred(
            f"{what} has no label {self.label}: add the label, or write the name into the matcher instead",
            ignorable=True,
        )


def _from_volume(vm: Manifest, volume_name: str, chain: _Chain) -> None:
    volumes = mapping(vm, "spec", "template", "spec").get("volumes")
    volumes = [volume for volume in volumes if isinstance(volume, dict)] if isinstance(volumes, list) else []
    for volume in volumes:
        if volume.get("name") == volume_name:
            break
    else:
        names = [text(volume, "name") for volume in volumes]
        raise NotInferred(
            f'there is no volume "{volume_name}" in spec.template.spec.volumes{did_you_mean(volume_name, names)}',
            ignorable=False,
            rule=VOLUME_MISSING,
        )
    namespace = namespace_of(vm)
    if isinstance(volume.get("persistentVolumeClaim"), dict):
        _from_labels(chain, PVC, text(volume["persistentVolumeClaim"], "claimName"), namespace)
    elif isinstance(volume.get("dataVolume"), dict):
        _from_data_volume(chain, text(volume["dataVolume"], "name"), namespace)
    else:
        raise NotInferred(
            f'volume "{volume_name}" is neither a persistentVolumeClaim nor a dataVolume, so it has no labels to infer from: '
            "name another volume, or write the name into the matcher instead",
            ignorable=True,
            rule=VOLUME_TYPE,
        )


def _from_labels(chain: _Chain, kind: str, name: str, namespace: str) -> None:
    chain.labels_of(chain.holder(kind, name, namespace))
    raise chain.unlabelled(f'{kind} "{name}"')


def _from_data_volume(chain: _Chain, name: str, namespace: str) -> None:
    for template in _templates(chain.vm):
        if text(mapping(template, "metadata"), "name") == name:
            # its own labels are never read: they are the disk's, not the image's
            _from_source(chain, mapping(template, "spec"), namespace, f'{TEMPLATE} "{name}"')
    data_volume = chain.get(DATA_VOLUME, name, namespace)
    if data_volume is not None:
        chain.labels_of(data_volume)
        _from_source(chain, mapping(data_volume, "spec"), namespace, f'DataVolume "{name}"')
    if chain.get(PVC, name, namespace) is not None:  # what remains of a DataVolume that CDI has collected
        _from_labels(chain, PVC, name, namespace)
    chain.holder(DATA_VOLUME, name, namespace)


def _templates(vm: Manifest) -> list[Manifest]:
    templates = mapping(vm, "spec").get("dataVolumeTemplates")
    return [each for each in templates if isinstance(each, dict)] if isinstance(templates, list) else []


def architecture(vm: Manifest, items: Items) -> str:
    """The architecture by which the DataSources of a VM's dataVolumeTemplates are labelled, "" when none is.

    Source: pkg/defaults/defaults.go (setDefaultArchitectureFromDataSource).
    """
    for template in _templates(vm):
        reference = mapping(mapping(template, "spec"), "sourceRef")
        if text(reference, "kind").lower() != DATA_SOURCE.lower():
            continue
        space = text(reference, "namespace") or namespace_of(vm)
        found = items.find(DATA_SOURCE, text(reference, "name"), space, vm)
        further = mapping(mapping(mapping(found[0], "spec"), "source"), "dataSource") if found else {}
        if further:
            found = items.find(DATA_SOURCE, text(further, "name"), text(further, "namespace"), vm)
        label = text(mapping(mapping(found[0], "metadata"), "labels"), ARCHITECTURE_LABEL) if found else ""
        if label in ARCHITECTURES:
            return label
    return ""


def _from_source(chain: _Chain, spec: Manifest, namespace: str, what: str) -> None:
    """Go on to what a DataVolume, dataVolumeTemplate or DataSource is made from; ends with Inferred or NotInferred."""
    source = mapping(spec, "source")
    for key, kind in _SOURCES.items():
        if isinstance(source.get(key), dict):
            _from_labels(chain, kind, text(source[key], "name"), text(source[key], "namespace") or namespace)
    reference = spec.get("sourceRef")
    if isinstance(reference, dict):
        kind, name = text(reference, "kind"), text(reference, "name")
        if kind != DATA_SOURCE:
            raise NotInferred(
                f"{what} has a sourceRef of kind {kind!r}, only {DATA_SOURCE} carries labels: write the name into the matcher",
                ignorable=True,
                rule=SOURCE_TYPE,
            )
        space = text(reference, "namespace") or namespace
        item = chain.holder(DATA_SOURCE, name, space)
        chain.labels_of(item)
        if "sourceRef" in mapping(item, "spec"):
            raise chain.unlabelled(f'{DATA_SOURCE} "{name}"')
        _from_source(chain, mapping(item, "spec"), space, f'{DATA_SOURCE} "{name}"')
    sources = "a pvc, a snapshot or a DataSource"
    if what.startswith(TEMPLATE):
        reason = f"comes from nothing that carries labels ({sources}), and its own are never read: write the name"
    else:
        reason = (
            f"has no label {chain.label} and comes from nothing that could carry one ({sources}): "
            "add the label, or write the name"
        )
    raise NotInferred(
        f"{what} {reason} into the matcher instead",
        ignorable=True,
        rule=SOURCE_TYPE,
    )
