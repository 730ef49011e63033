"""Complete copies of what a VM was rendered from: as annotations on it, or as ControllerRevisions beside it.

KubeVirt names its revisions after the object's UID and generation, which do not exist before a cluster has seen the
object. Here a hash of the content takes their place, so that a change of content is a change of name, as immutable
ControllerRevisions need it. Source: KubeVirt, pkg/instancetype/revision/store.go and pkg/instancetype/upgrade/handler.go.
"""

from __future__ import annotations

from hashlib import sha256

from krm_fn.core.finding import Finding, Rule
from krm_fn.core.manifest import mapping, name_of, namespace_of, own_annotations, text
from krm_fn.core.wire import canonical_json
from krm_fn.kubevirt.api import CONTROLLER_REVISION_API, LABEL
from krm_fn.kubevirt.facts import LABEL_LENGTH

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from krm_fn.core.manifest import Manifest

LABEL_TOO_LONG = Rule(
    "revision/label-too-long",
    "Name too long for a revision's label",
    "KubeVirt labels a ControllerRevision with the name of its instancetype or preference, and a label's value has at most 63 characters.",
)
TOO_LARGE = Rule(
    "revision/too-large",
    "Revision too large for annotations",
    "The annotations of an object may hold 256 KiB in all; ControllerRevisions have room for more.",
)
ANNOTATION = "krm-fn.dev/{}-revision"
"""Annotation of an expanded VM for the field `instancetype` or `preference`: the canonical JSON of the object."""
MAX_ANNOTATIONS = 256 * 1024
"""Bytes of keys and values that the API server takes in one object's annotations (apimachinery, TotalAnnotationSizeLimitB)."""
_MAX_NAME = 253
_HASH_DIGITS = 10
KEEP = {
    "argocd.argoproj.io/sync-wave": "-1",
    "argocd.argoproj.io/sync-options": "Prune=false",
    "kustomize.toolkit.fluxcd.io/prune": "disabled",
}
"""Annotations that have Argo CD and Flux apply a revision before its VM and keep it when it leaves git.

A VM whose restart is outstanding still needs the revision it was started from.
"""


class Revision:
    """The revision data of one object: its canonical JSON and the hash of it. Made once for all VMs that share the object."""

    __slots__ = ("data", "digest", "source", "text")

    def __init__(self, source: Manifest) -> None:
        self.source = source  # held, so that its id stays taken as long as a cache is keyed by it
        self.data = {
            "apiVersion": source["apiVersion"],
            "kind": source["kind"],
            "metadata": {"name": name_of(source)},
            "spec": source.get("spec") or {},
        }
        self.text = canonical_json(self.data)
        self.digest = sha256(self.text.encode()).hexdigest()


class Revisions:
    """Revision data by object, so that a thousand VMs of one instancetype serialise it once."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: dict[int, Revision] = {}

    def of(self, source: Manifest) -> Revision:
        """The revision data of an instancetype or preference."""
        known = self._known.get(id(source))
        if known is None:
            known = self._known[id(source)] = Revision(source)
        return known


def annotate(vm: Manifest, field: str, revision: Revision) -> list[Finding]:
    """Write the revision data into the VM's annotations, in place. A result when they no longer fit."""
    annotations = own_annotations(vm)
    annotations[ANNOTATION.format(field)] = revision.text
    # Characters first: at most four bytes each, and encoding every annotation of every VM costs more than the rest here.
    if sum(len(str(value)) + len(key) for key, value in annotations.items()) <= MAX_ANNOTATIONS // 4:
        return []
    size = sum(len(key.encode()) + len(str(value).encode()) for key, value in annotations.items())
    if size <= MAX_ANNOTATIONS:
        return []
    message = (
        f"would be {size} bytes with the revision data, the API server takes {MAX_ANNOTATIONS}: "
        "write revisions: controllerRevision or revisions: none into the VirtualMachineRenderer"
    )
    return [Finding(TOO_LARGE, message, vm, "metadata.annotations")]


def unlabelled(vm: Manifest, field: str, target: Manifest) -> list[Finding]:
    """An error where the name of what a VM is pinned to can't be the label that KubeVirt finds the revision by."""
    name = name_of(target)
    if len(name) <= LABEL_LENGTH:
        return []
    message = (
        f'"{name}" has {len(name)} characters, and the label {LABEL}object-name of its ControllerRevision takes {LABEL_LENGTH}: '
        f"give the {target['kind']} a shorter name, or write mode: expand"
    )
    return [Finding(LABEL_TOO_LONG, message, vm, f"spec.{field}.name", current=name)]


def digest_of(data: Manifest) -> str:
    """The end of the name of the ControllerRevision that holds this object."""
    return sha256(canonical_json(data).encode()).hexdigest()[:_HASH_DIGITS]


def name(vm: Manifest, revision: Revision) -> str:
    """`<vm>-<object>-<hash>`, shortened in the middle where it would not be a valid name."""
    return content_name((name_of(vm), revision.data["metadata"]["name"]), revision.digest)


def content_name(parts: Iterable[str], digest: str) -> str:
    """The parts and the beginning of a hash, joined into a name that a ControllerRevision can have."""
    tail = f"-{digest[:_HASH_DIGITS]}"
    return "-".join(part for part in parts if part)[: _MAX_NAME - len(tail)].rstrip("-.") + tail


def controller_revision(vm: Manifest, revision: Revision, *, keep: bool) -> Manifest:
    """The ControllerRevision of one object for one VM.

    The five labels are what KubeVirt looks for; without object-version it takes the revision for an old one, copies and
    deletes it. keep: whether it is applied before the VM and outlives it in git (KEEP).
    """
    data = revision.data
    digest = revision.digest
    labels = {
        "name": data["metadata"]["name"],
        "kind": data["kind"],
        "version": data["apiVersion"].rpartition("/")[2],
        "generation": "1",
        "uid": f"{digest[:8]}-{digest[8:12]}-5{digest[13:16]}-8{digest[17:20]}-{digest[20:32]}",
    }
    metadata: Manifest = {"name": name(vm, revision)}
    if namespace_of(vm):
        metadata["namespace"] = namespace_of(vm)
    metadata["labels"] = {f"{LABEL}object-{key}": value for key, value in labels.items()}
    if keep:
        metadata["annotations"] = dict(KEEP)
    return {
        "apiVersion": CONTROLLER_REVISION_API,
        "kind": "ControllerRevision",
        "metadata": metadata,
        "data": data,
        "revision": 1,
    }


def pinned(vm: Manifest, field: str, target: Manifest, revision_name: str) -> None:
    """Let `spec.<field>` of the VM name the object and its revision, in place; both change in one apply."""
    before = mapping(vm, "spec", field)
    kept = {key: value for key, value in before.items() if not key.startswith("inferFromVolume")}
    vm["spec"][field] = {
        **kept,
        "kind": text(before, "kind") or target["kind"],
        "name": name_of(target),
        "revisionName": revision_name,
    }
