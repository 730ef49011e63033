"""ControllerRevisions that hold instancetypes and preferences of older APIs.

Two encodings: a complete object, and KubeVirt's first one, `{apiVersion, spec}` with the spec as base64 of its JSON.
Source: KubeVirt, pkg/instancetype/compatibility/compatibility.go.
"""

from __future__ import annotations

import base64
import binascii
import json
from hashlib import sha256

from krm_fn.core.finding import INFO, WARNING, Finding, Rule
from krm_fn.core.manifest import mapping, name_of, namespace_of, text
from krm_fn.core.wire import canonical_json
from krm_fn.kubevirt.api import INSTANCETYPE_GROUP, INSTANCETYPE_KINDS, LABEL, PREFERENCE_KINDS, matcher_kind
from krm_fn.roundtrip.edit import plain, put, replace
from krm_fn.vm.find import FIELDS
from krm_fn.vm.revision import content_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from krm_fn.core.manifest import Manifest

CONVERTED = Rule(
    "convert/converted",
    "Object brought to the current API version",
    "What `krm-fn convert` changed besides apiVersion.",
)
REVISION = Rule(
    "convert/revision",
    "ControllerRevision that was converted",
    "A revision's data can't be changed in a cluster, so the converted one has a name of its own.",
)
_PREFERENCE_FIELDS = frozenset(("clock", "cpu", "devices", "features", "firmware", "machine"))
"""Fields of a preference's spec in v1alpha1; an instancetype's always has memory besides."""
_VERSION_LABEL = f"{LABEL}object-version"


def convert_revision(
    item: Manifest, vms: Iterable[Manifest], convert: Callable[[Manifest], list[str]]
) -> list[Finding]:
    """Convert the object in a ControllerRevision, in place.

    A cluster refuses other data under the same name, so a revision that VMs of the input name gets a name that follows
    from its content, and the VMs name that.
    """
    data = item.get("data")
    if not isinstance(data, dict):
        return []
    group = text(data, "apiVersion").partition("/")[0]
    # v1alpha1's revisions often have no version: the client that wrote them had lost it, and KubeVirt never asks for it.
    nameless = not group and "kind" not in data and isinstance(data.get("spec"), str)
    if group != INSTANCETYPE_GROUP and not nameless:
        return []
    users = [(vm, field) for vm in vms for field in ("instancetype", "preference") if _names(vm, field, item)]
    decoded = data
    if "kind" not in data and isinstance(data.get("spec"), str):
        try:
            decoded = _decode(data, item, users)
        except ValueError as error:
            if nameless and not users:
                return []  # some other controller's
            message = f"is no base64 of a JSON spec ({error}): write the whole object as data"
            return [Finding(REVISION, message, item, "data.spec")]
    done = convert(decoded)
    if decoded is not data:
        done.insert(0, "base64 data, now the whole object")
    if not done:
        return []
    replace(item, "data", "data", decoded)
    metadata = item.get("metadata")
    if isinstance(metadata, dict):
        if not isinstance(metadata.get("labels"), dict):
            put(metadata, "labels", {_VERSION_LABEL: "v1beta1"})
        else:
            put(metadata["labels"], _VERSION_LABEL, "v1beta1")
    results = [Finding(CONVERTED, line, item, "data", severity=INFO) for line in done]
    return [*results, _rename(item, users)]


def _decode(data: Manifest, item: Manifest, users: list[tuple[Manifest, str]]) -> Manifest:
    try:
        spec = json.loads(base64.b64decode(str(data["spec"]), validate=True))
    except (binascii.Error, RecursionError, UnicodeDecodeError) as error:
        raise ValueError(str(error) or "nested too deep") from None
    if not isinstance(spec, dict):
        raise ValueError("it is no mapping")  # noqa: TRY004 - about the user's data, not a caller's
    is_preference = spec.keys() <= _PREFERENCE_FIELDS and "guest" not in mapping(spec, "cpu")
    field = "preference" if is_preference else "instancetype"
    cluster, namespaced = PREFERENCE_KINDS if is_preference else INSTANCETYPE_KINDS
    matcher = next((mapping(vm, "spec", used) for vm, used in users if used == field), None)
    labels = mapping(item, "metadata", "labels")
    if matcher is None:
        kind = cluster if text(labels, f"{LABEL}object-kind") == cluster else namespaced
        name = text(labels, f"{LABEL}object-name") or name_of(item)
    else:
        kind = matcher_kind(matcher.get("kind"), FIELDS[field]) or cluster
        name = text(matcher, "name") or name_of(item)
    version = f"{INSTANCETYPE_GROUP}/v1alpha1"
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name}, "spec": spec}


def _names(vm: Manifest, field: str, item: Manifest) -> bool:
    if namespace_of(vm) and namespace_of(item) and namespace_of(vm) != namespace_of(item):
        return False
    return bool(name_of(item)) and text(mapping(vm, "spec", field), "revisionName") == name_of(item)


def _rename(item: Manifest, users: list[tuple[Manifest, str]]) -> Finding:
    if not users:
        message = "keeps its name, since no VM here names it; a cluster that has it refuses the changed data"
        return Finding(REVISION, message, item, "metadata.name", severity=WARNING)
    content = canonical_json(plain(item["data"]))
    owners = list(dict.fromkeys(name_of(vm) for vm, _ in users))
    parts = [*(owners if len(owners) == 1 else []), name_of(item["data"])]
    name = content_name(parts, sha256(content.encode()).hexdigest())
    old = name_of(item)
    replace(item["metadata"], "name", "name", name)
    for vm, field in users:
        replace(vm["spec"][field], "revisionName", "revisionName", name)
        _repoint_status(vm, field, old, name)
    return Finding(REVISION, f"was {old}; its VMs name it anew", item, "metadata.name", severity=INFO)


def _repoint_status(vm: Manifest, field: str, old: str, name: str) -> None:
    reference = mapping(vm, "status", f"{field}Ref", "controllerRevisionRef")
    if reference.get("name") == old:
        replace(reference, "name", "name", name)
