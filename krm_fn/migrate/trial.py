"""Making a VM shorter by trial: whatever can be left out without changing what comes of it is left out.

There is no second copy of KubeVirt's rules to keep right: an expansion decides.
"""

from __future__ import annotations

from krm_fn.core.manifest import copy_tree, mapping
from krm_fn.instancetype.conflict import CONFLICT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container
    from typing import Any

    from krm_fn.core.finding import Finding
    from krm_fn.core.manifest import Manifest

    Expanded = Callable[[], tuple[Any, list[Finding]]]

_ROUNDS = 40
NOWHERE = object()


def without_conflicts(vm: Manifest, expanded: Expanded) -> tuple[Any, list[Finding]]:
    """Take out of a VM what its instancetype refuses, in place; what `expanded` then says of it."""
    made, found = expanded()
    for _ in range(_ROUNDS):
        paths = [finding.path for finding in found if finding.rule == CONFLICT]
        gone = [_take_out(vm, path) for path in paths]
        if not any(gone):
            break
        made, found = expanded()
    return made, found


def _take_out(vm: Manifest, path: str) -> bool:
    """Take the field at a conflict's path out of a VM, in place. Whether it was there.

    An annotation's path has no way to it, and KubeVirt spells dedicatedCpuPlacement in two ways.
    """
    if path.startswith("annotations."):
        annotations = mapping(vm["spec"], "template", "metadata", "annotations")
        return annotations.pop(path.removeprefix("annotations."), NOWHERE) is not NOWHERE
    *way, last = path.split(".")
    node = mapping(vm, *way)
    found = next((key for key in node if key.lower() == last.lower()), None)
    return found is not None and node.pop(found, NOWHERE) is not NOWHERE


def places(node: Any) -> list[tuple[Manifest, str]]:
    """Every (mapping, key) below a node, parents before children, in order."""
    out: list[tuple[Manifest, str]] = []
    if isinstance(node, dict):
        for key, value in node.items():
            out.append((node, key))
            out += places(value)
    elif isinstance(node, list):
        for value in node:
            out += places(value)
    return out


def leave_out(
    template: Any, still_equal: Callable[[], bool], kept: Container[str], may_go: Callable[[Any], bool] = lambda _: True
) -> bool:
    """Leave out whatever `still_equal` allows, children before parents, in place. Whether anything went.

    kept: keys that stay. may_go: whether a value is worth a trial.
    """
    went = False
    for parent, key in reversed(places(template)):
        value = parent.get(key, NOWHERE)
        if value is NOWHERE or key in kept or not may_go(value):
            continue
        before = dict(parent)
        del parent[key]
        if still_equal():
            went = True
        else:
            parent.clear()
            parent.update(before)
    return went


def leave_out_at_once(
    vm: Manifest, made: Callable[[], Manifest], still_equal: Callable[[], bool], kept: Container[str]
) -> bool:
    """Leave out together all fields that come back by themselves when a VM has none of them, in place.

    made: what comes of the VM. Whether leaving them out gives an equal VM; if not it is as it was.
    """
    template: Any = mapping(vm["spec"], "template")
    before = copy_tree(template)
    for parent, key in reversed(places(template)):
        if key not in kept and not isinstance(parent.get(key), list):
            parent.pop(key)
    vm["spec"]["template"] = _beyond(before, mapping(made(), "spec", "template"), kept)
    if still_equal():
        return True
    vm["spec"]["template"] = before
    return False


def _beyond(node: Any, put_back: Any, kept: Container[str]) -> Any:
    """A node without what `put_back` has alike."""
    if isinstance(node, list) and isinstance(put_back, list) and len(node) == len(put_back):
        return [_beyond(one, other, kept) for one, other in zip(node, put_back, strict=True)]
    if not isinstance(node, dict) or not isinstance(put_back, dict):
        return node
    left: Manifest = {}
    for key, value in node.items():
        again = put_back.get(key, NOWHERE)
        stays = key in kept or isinstance(value, list)
        if stays or again != value:
            inner = _beyond(value, again, kept)
            if stays or inner != {} or not isinstance(again, dict):
                left[key] = inner
    return left
