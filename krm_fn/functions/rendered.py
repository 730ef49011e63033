"""The stamp of a VirtualMachine that was rendered, by which one that was skipped is told."""

from __future__ import annotations

from krm_fn.core.finding import Finding, Rule
from krm_fn.core.manifest import annotation, mapping
from krm_fn.vm.find import FIELDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_fn.core.manifest import Manifest

SKIPPED = Rule(
    "render/skipped",
    "VirtualMachine that was not rendered",
    "A build without function support leaves VMs short and still succeeds.",
)
NAME_MISSING = Rule("vm/name-missing", "VirtualMachine without a name", "Rendering derives names from metadata.name.")
UNPINNED = Rule(
    "render/unpinned",
    "Pinned VirtualMachine without a revision",
    "In mode pin a VM has to name the revisions made for it.",
)
EXPAND, PIN, CHECK = "expand", "pin", "check"
RENDERED = "krm-fn.dev/rendered"
"""Annotation of every VM that was rendered, holding the mode: a VM that names an instancetype and lacks it was skipped."""


def unrendered(vm: Manifest) -> list[Finding]:
    """What shows that a VM was not rendered: matchers without the stamp, or pinned without a revision's name."""
    results = []
    stamp = annotation(vm, RENDERED)
    for field in FIELDS:
        matcher = mapping(vm, "spec").get(field)
        if matcher is None:
            continue
        if stamp != PIN:
            message = (
                "names an object, but the VM was not rendered: run kustomize with --enable-alpha-plugins --enable-exec, "
                "or with a container engine (kubectl kustomize can't run exec functions)"
            )
            results.append(Finding(SKIPPED, message, vm, f"spec.{field}", current=matcher))
        elif not mapping(vm, "spec", field).get("revisionName"):
            message = "has no revisionName although the VM was pinned: render it again"
            results.append(Finding(UNPINNED, message, vm, f"spec.{field}.revisionName"))
    return results
