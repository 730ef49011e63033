"""OpenStack images as preferences: what the properties of `openstack image show` ask of a machine.

One PreferenceSeries for each distribution, one member for each version. Source of the names: Nova,
objects/image_meta.py, and Glance's metadata definitions.
"""

from __future__ import annotations

from krm_fn.core.naming import natural, slug
from krm_fn.importers.image_properties import (
    GUEST,
    IGNORED_KEYS,
    LEGACY,
    WINDOWS,
    WINDOWS_GUEST,
    Image,
    handler_of,
)
from krm_fn.importers.loss import IGNORED, MAPPED, Entry, account, fold
from krm_fn.kubevirt.api import CONFIG_API
from krm_fn.roundtrip.definition import Definition

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_fn.core.manifest import Manifest
    from krm_fn.importers.flavor import Options

COMMAND = "`openstack image show -f json`"
VENDOR = "openstack.org"


def finish(records: list[Manifest], options: Options) -> tuple[list[Definition], list[Entry]]:
    """The PreferenceSeries of some images and what became of their keys."""
    entries: list[Entry] = []
    images: list[Image] = []
    for record in records:
        image = read(record)
        images.append(image)
        entries += account(f"image {image.name}", record, _FATES, image.decided)
        entries += [Entry(f"image {image.name}", key, None, MAPPED, detail) for key, detail in image.remarks]
    grouped: dict[str, list[Image]] = {}
    for image in images:
        grouped.setdefault(image.series, []).append(image)
    return [_series(name, grouped[name], options) for name in sorted(grouped, key=natural)], entries


_FATES = fold(
    dict.fromkeys(IGNORED_KEYS, (IGNORED, "about the image's file or its place in the cloud"))
    | {"name": (MAPPED, "the member's comment; its name where the image has no os_version")}
)


def read(record: Manifest) -> Image:
    """An image with the traits that its properties ask for. Glance's own answer has them at its top level."""
    nested = record.get("properties")
    values = {str(key): value for key, value in record.items() if key != "properties"}
    keys = {name: name for name in values}
    if isinstance(nested, dict):
        values |= {str(name): value for name, value in nested.items()}
        keys |= {str(name): f"properties.{name}" for name in nested}
    image = Image(str(record.get("name") or record.get("id") or "image"), values)
    for old, new in LEGACY.items():
        if image.text(old) and image.text(new):
            image.decided[keys[old].casefold()] = (IGNORED, f"{new} goes before it")
        elif image.text(old):
            values[new], keys[new] = values[old], keys[old]
    for name, key in list(keys.items()):
        handler = handler_of(name)
        if handler is not None and key.casefold() not in image.decided:
            none = (IGNORED, "it has no value")
            image.decided[key.casefold()] = handler(image, image.text(name)) if image.text(name) else none
    _guest(image)
    return image


def _guest(image: Image) -> None:
    """What holds without any property: the disk bus that Nova chooses, and Windows' needs."""
    if not any(name.startswith("disk-") for name in image.traits):
        image.add("disk-virtio", GUEST["disk-virtio"])
        image.remarks.append(("(hw_disk_bus)", "preferredDiskBus virtio: Nova's choice where an image says nothing"))
    if image.ostype == WINDOWS:
        image.add(WINDOWS, WINDOWS_GUEST)


def _series(name: str, images: list[Image], options: Options) -> Definition:
    traits: dict[str, Manifest] = {}
    members: dict[str, Manifest] = {}
    notes: dict[tuple[str, ...], str] = {}
    for image in sorted(images, key=lambda one: (natural(one.member), one.name.casefold(), one.name)):
        member = image.manifest()
        key = image.member
        if key in members and members[key] != member:
            key = f"{image.member}.{slug(image.name)}".lstrip(".")
        if key in members and members[key] != member:
            key = f"{key}.{sum(other.startswith(key) for other in members) + 1}"
        members[key] = member
        traits |= image.traits
        place = ("spec", "members", key)
        notes[place] = ", ".join(filter(None, [notes.get(place), image.name.replace("\n", " ")]))
    spec: Manifest = {
        "vendor": options.vendor or VENDOR,
        "displayName": f"{name} {{{{ member }}}}",
        "osType": images[0].ostype,
    }
    if options.scope:
        spec["scope"] = options.scope
    spec["traits"] = {trait: traits[trait] for trait in sorted(traits)}
    spec["members"] = members
    manifest = {"apiVersion": CONFIG_API, "kind": "PreferenceSeries", "metadata": {"name": name}, "spec": spec}
    header = [f"Preferences for the images of {name}, from {COMMAND}.", "krm-fn import openstack"]
    return Definition(manifest, header, notes)
