"""What a VM says about the guest that it runs, and whether a preference's name says the same.

Sources: the labels and annotations of kubevirt/common-templates, the names of OpenShift's DataSources, images of disks.
"""

from __future__ import annotations

import re

from krm_fn.core.manifest import mapping, name_of, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from krm_fn.core.manifest import Manifest

_ANNOTATION, _TEMPLATE, _OS = "vm.kubevirt.io/os", "vm.kubevirt.io/template", "os.template.kubevirt.io/"
_PREFERENCE = "instancetype.kubevirt.io/default-preference"


def hints(vm: Manifest) -> list[str]:
    """What a VM calls its guest, the surest first, as letters and digits: `rhel9`, `windows2k22`."""
    return list(dict.fromkeys(filter(None, map(_plain, _words(vm)))))


def _words(vm: Manifest) -> Iterator[str]:
    template = mapping(vm, "spec", "template")
    for metadata in (mapping(template, "metadata"), mapping(vm, "metadata")):
        yield text(mapping(metadata, "annotations"), _ANNOTATION)
        labels = mapping(metadata, "labels")
        yield text(labels, _PREFERENCE)
        yield from (key.removeprefix(_OS) for key in labels if str(key).startswith(_OS))
        yield text(labels, _TEMPLATE)
    for volume in _list(mapping(vm, "spec").get("dataVolumeTemplates")):
        yield text(mapping(volume, "spec", "sourceRef"), "name")
    for volume in _list(mapping(template, "spec").get("volumes")):
        image = text(mapping(volume, "containerDisk"), "image").partition("@")[0]
        name, _, tag = image.rpartition("/")[2].partition(":")
        yield name + (tag if tag[:1].isdigit() else "")


def _list(value: object) -> list[Manifest]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _plain(name: str) -> str:
    letters = re.sub(r"[^a-z0-9]", "", name.lower())
    return re.sub(r"^win(?=\d|xp|vista)", "windows", letters)


OTHER, OPEN, SAME = 0, 1, 2
"""How a preference's name agrees with what a VM says: another guest, nothing against it, the very guest."""


def agrees(preference: Manifest, said: list[str], known: frozenset[str]) -> int:
    """OTHER, OPEN or SAME, by the surest hint that is about a guest at all.

    said: `hints` of the VM. known: `word_of` all preferences.
    """
    name, word = _plain(name_of(preference)), word_of(preference)
    for hint in said:
        about = max((other for other in known if other and hint.startswith(other)), key=len, default="")
        if about == word:
            return _same_guest(name, word, hint)
        if about:
            return OPEN if "linux" in (about, word) and "windows" not in (about, word) else OTHER
    return OPEN


def _same_guest(name: str, word: str, hint: str) -> int:
    """How two names of one guest agree: by their versions, where both have one."""
    if name == word:
        return SAME
    if _begins(hint, name):
        return SAME
    return OPEN if hint == word or _begins(name, hint) else OTHER


def _begins(text: str, start: str) -> bool:
    """Whether a text begins with another and does not go on with a number that is part of it: not rhel10 with rhel1."""
    rest = text[len(start) :]
    return text.startswith(start) and not (rest[:1].isdigit() and start[-1:].isdigit())


def word_of(preference: Manifest) -> str:
    """The guest in a preference's name, without its version: `rhel` of `rhel.9`."""
    found = re.match(r"[a-z]+", name_of(preference).lower())
    return found[0] if found else ""


def is_generic(preference: Manifest) -> bool:
    """Whether a preference is for a kind of guest, not for one system."""
    return word_of(preference) == "linux"
