"""Where a mistake of an expanded machine comes from, when the machine itself doesn't say it."""

from __future__ import annotations

from krm_fn.core.fieldpath import depth, parse
from krm_fn.core.manifest import mapping, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from krm_fn.core.finding import Finding
    from krm_fn.core.manifest import Manifest

_NAMES = {
    "instancetype": ("kubevirt.io/cluster-instancetype-name", "kubevirt.io/instancetype-name"),
    "preference": ("kubevirt.io/cluster-preference-name", "kubevirt.io/preference-name"),
}
_BOOT = ("spec", "template", "spec", "domain", "firmware", "bootloader")
_SECURE_BOOT = "admission/secure-boot-without-smm"


def traced(found: Iterable[Finding], written: Manifest, expanded: Manifest) -> list[Finding]:
    """The findings about an expanded machine, those about what an instancetype or a preference brought with its name."""
    return [_traced(each, written, expanded) for each in found]


def _traced(finding: Finding, vm: Manifest, expanded: Manifest) -> Finding:
    if finding.rule == _SECURE_BOOT:
        if mapping(vm, *_BOOT).get("efi") is not None:
            return finding
        advice = f"or features.preferredSmm in the {_source(expanded, ('preference',))}, which brings the secure boot"
        return finding.but(message=f"{finding.message}, {advice}")
    if not finding.path.startswith("spec.template.") or not _brought(finding.path, vm, expanded):
        return finding
    source = _source(expanded, ("instancetype", "preference"))
    return (
        finding.but(message=f"{finding.message} (the VM doesn't say it: it comes from the {source})")
        if source
        else finding
    )


def _source(expanded: Manifest, words: tuple[str, ...]) -> str:
    """`instancetype "a" or preference "b"`, as far as they were applied."""
    annotations = mapping(expanded, "spec", "template", "metadata", "annotations")
    names = [(word, text(annotations, key)) for word in words for key in _NAMES[word] if text(annotations, key)]
    return " or the ".join(f'{word} "{name}"' for word, name in names)


def _brought(path: str, vm: Manifest, expanded: Manifest) -> bool:
    """Whether a field is there in the expanded machine and not in the written one."""
    steps = parse(path)
    return depth(expanded, steps) == len(steps) > depth(vm, steps)
