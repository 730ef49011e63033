"""The short VM back from an expanded one: the inverse of the expansion, proved by expanding again.

What the expansion wrote is not marked in the VM, so it is found by trial: whatever can be left out without changing the
expanded VM is left out. Rendering puts the template's keys in order, so equal content is equal bytes.
"""

from __future__ import annotations

from krm_fn.core import wire
from krm_fn.core.errors import InputError
from krm_fn.core.finding import Finding, Rule, has_errors
from krm_fn.core.manifest import annotation, copy_tree, mapping, name_of, text
from krm_fn.kubevirt.api import INSTANCETYPE_GROUP
from krm_fn.migrate import trial
from krm_fn.vm.find import FIELDS
from krm_fn.vm.revision import ANNOTATION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from krm_fn.core.manifest import Manifest

    Expand = Callable[[Manifest, Manifest | None, Manifest | None], tuple[Manifest, list[Finding]]]
    Step = str | int

DAMAGED = Rule(
    "unrender/annotation",
    "Revision annotation that can't be read",
    "The annotation from which a VM is shortened again is damaged.",
)
EDITED = Rule(
    "unrender/edited",
    "Rendered VirtualMachine that was edited",
    "The VM differs from what rendering it made, so it can't be shortened without loss.",
)
TEMPLATE_NAMES = (
    "kubevirt.io/cluster-instancetype-name",
    "kubevirt.io/instancetype-name",
    "kubevirt.io/cluster-preference-name",
    "kubevirt.io/preference-name",
)
"""Annotations of the template that say what was applied."""
_REQUIRED = frozenset(("spec", "domain", "devices"))
"""Fields on the way to the devices, which a VM has to have, empty or not."""
_TOGETHER = (
    ("spec.domain.devices", "disks"),
    ("spec.domain.devices", "inputs"),
    ("spec.domain.devices", "interfaces"),
    ("spec", "networks"),
)
"""Lists below the template that the defaults make together: an interface goes only with its network."""


def shorten(vm: Manifest, expand: Expand, own: tuple[str, ...]) -> tuple[Manifest, list[Finding]]:
    """The short VM that `expand` makes `vm` of; the VM as it came, and why, when there is none.

    vm carries the revision data of the expansion in its annotations. own: further annotations that rendering wrote.
    """
    targets, results = _targets(vm)
    if has_errors(results) or not any(targets.values()):
        return vm, results
    wanted = copy_tree(vm)
    _forget(wanted, (*own, *(ANNOTATION.format(field) for field in FIELDS)))
    short = copy_tree(wanted)
    _drop_annotations(mapping(short["spec"], "template", "metadata"), TEMPLATE_NAMES)
    matchers = {field: {"kind": target["kind"], "name": name_of(target)} for field, target in targets.items() if target}
    rest = {key: value for key, value in short["spec"].items() if key != "template"}
    short["spec"] = {
        **rest,
        **matchers,
        **({"template": short["spec"]["template"]} if "template" in short["spec"] else {}),
    }

    def expanded(candidate: Manifest) -> tuple[str, list[Finding]]:
        made, found = expand(candidate, targets["instancetype"], targets["preference"])
        return _comparable(made), found

    goal = _comparable(wanted)
    made, found = trial.without_conflicts(short, lambda: expanded(short))

    def still_equal() -> bool:
        return expanded(short)[0] == goal

    if has_errors(found) or (made != goal and not _leave_out(short, still_equal)):
        message = "differs from what its instancetype and preference make of it: it was edited after it was rendered"
        return vm, [
            *(result for result in found if result.severity == "error"),
            Finding(EDITED, message, vm, "spec"),
        ]
    while _leave_out(short, still_equal):
        pass
    if _leave_out_together(short, still_equal):
        while _leave_out(short, still_equal):
            pass
    return short, []


def _targets(vm: Manifest) -> tuple[dict[str, Manifest | None], list[Finding]]:
    """The instancetype and preference out of the VM's annotations."""
    targets: dict[str, Manifest | None] = dict.fromkeys(FIELDS)
    results = []
    for field, kinds in FIELDS.items():
        key = ANNOTATION.format(field)
        held = annotation(vm, key)
        if not held:
            continue
        path = f"metadata.annotations.{key}"
        try:
            documents = wire.read(held.encode(), key)
        except InputError as error:
            results.append(Finding(DAMAGED, f"is not JSON: {error}", vm, path))
            continue
        target = documents[0] if len(documents) == 1 else None
        if not isinstance(target, dict) or target.get("kind") not in kinds or not _is_ours(target):
            message = f"holds no {' or '.join(kinds)}: render the VM again, or remove the annotation"
            results.append(Finding(DAMAGED, message, vm, path))
            continue
        targets[field] = target
    return targets, results


def _is_ours(target: Manifest) -> bool:
    return (
        text(target, "apiVersion").startswith(INSTANCETYPE_GROUP + "/")
        and isinstance(target.get("spec"), dict)
        and bool(name_of(target))
    )


def _forget(vm: Manifest, keys: tuple[str, ...]) -> None:
    _drop_annotations(vm["metadata"], keys)


def _drop_annotations(metadata: Manifest, keys: tuple[str, ...]) -> None:
    annotations = mapping(metadata, "annotations")
    for key in keys:
        annotations.pop(key, None)
    if "annotations" in metadata and not annotations:
        del metadata["annotations"]


def _comparable(vm: Manifest) -> str:
    """The VM as text whatever the order of its keys: taking out what an instancetype wrote changes that on the way."""
    return wire.canonical_json(vm)


def _leave_out_together(vm: Manifest, still_equal: Callable[[], bool]) -> bool:
    """Leave out the largest set of the lists in _TOGETHER that the expansion puts back, in place. Whether there was one."""
    from itertools import combinations

    for count in range(len(_TOGETHER), 0, -1):
        for chosen in combinations(_TOGETHER, count):
            holders = [(_below(mapping(vm["spec"], "template"), path), key) for path, key in chosen]
            if not all(key in holder for holder, key in holders):
                continue
            before = [(holder, dict(holder)) for holder, _ in holders]
            for holder, key in holders:
                holder.pop(key)
            if still_equal():
                return True
            for holder, content in before:
                holder.clear()
                holder.update(content)
    return False


def _below(node: Manifest, path: str) -> Manifest:
    for step in path.split("."):
        node = mapping(node, step)
    return node


def _leave_out(vm: Manifest, still_equal: Callable[[], bool]) -> bool:
    """Leave out everything below the template that the expansion puts back, in place. Whether anything went."""
    template = mapping(vm["spec"], "template")
    went = trial.leave_out(template, still_equal, _REQUIRED)
    for holder, key in _lists(template):
        while holder[key] and _without_last(holder, key, still_equal):
            went = True
    return went


def _without_last(holder: Manifest, key: str, still_equal: Callable[[], bool]) -> bool:
    last = holder[key].pop()
    if still_equal():
        return True
    holder[key].append(last)
    return False


def _lists(node: Any) -> list[tuple[Manifest, str]]:
    return [(parent, key) for parent, key in trial.places(node) if isinstance(parent.get(key), list)]
