"""One manifest against the schema of its kind: unknown and missing fields, types, limits, enums."""

from __future__ import annotations

from krm_fn.core.fieldpath import pattern, walk
from krm_fn.core.finding import WARNING, Finding, Rule
from krm_fn.core.manifest import text
from krm_fn.core.structural import compiled
from krm_fn.core.wording import DUPLICATE, ENUM, LENGTH, NULL, TYPE, UNKNOWN, finished, show
from krm_fn.kubevirt.constraints import AFTER_DECODING, OBJECT_META
from krm_fn.kubevirt.versions import not_yet, since
from krm_fn.validate import moved

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from krm_fn.core.manifest import Manifest
    from krm_fn.kubevirt.schemas import Schemas

LATER = Rule(
    "schema/later-version",
    "Field of a later KubeVirt",
    "The field came with a later KubeVirt than the one that is validated for.",
)


def check(item: Manifest, schema: Manifest, schemas: Schemas) -> list[Finding]:
    """Everything in a manifest that its schema forbids. `schemas`: where the schema is from."""
    found = compiled(schema)(item)
    early = list(_too_early(item, schemas)) if len(schemas.version.numbers) > 2 else []
    if not found:
        return early
    return early + [
        _about(item, each, schemas)
        for each in finished(found, "")
        if each.rule is not NULL or not _may_be_null(each.path)
    ]


def _too_early(item: Manifest, schemas: Schemas) -> Iterator[Finding]:
    """Fields that only a later patch release of the version has."""
    for path, release in not_yet(schemas.version, text(item, "kind")):
        for place, holder, key in walk(item, path.split(".")):
            if holder.get(key) is not None:
                message = (
                    f'there is no field "{key}" in KubeVirt {schemas.version}: it is there since KubeVirt {release}'
                )
                yield Finding(LATER, message, item, place)


def _may_be_null(path: str) -> bool:
    """Whether a path is in the object's own metadata, which no CRD's schema judges."""
    return path.startswith("metadata.")


def stops_admission(finding: Finding) -> bool:
    """Whether KubeVirt would refuse at its first stages, before it looks at what the fields mean.

    The limits that only the CRD has are judged later, on what the mutating webhook wrote. An unknown name in an object's metadata
    is refused at once as well, and says nothing about the rest.
    """
    if finding.rule == ENUM:
        return pattern(finding.path) not in AFTER_DECODING
    if finding.rule == UNKNOWN and pattern(finding.path).rpartition(".")[0] in OBJECT_META:
        return False
    return finding.rule not in (LENGTH, DUPLICATE, NULL)


def _about(item: Manifest, found: Finding, schemas: Schemas) -> Finding:
    """A finding of the schema as one about the manifest."""
    if found.rule == NULL:
        place = pattern(found.path)
        if place in OBJECT_META or place.rpartition(".")[0] in OBJECT_META:
            message = "is null, which KubeVirt's webhook refuses here: leave the field out"
            return found.but(rule=TYPE, item=item, message=message)
        return found.but(item=item, severity=WARNING)
    if found.rule == TYPE and found.path.endswith(".inferFromVolume"):
        message = f"is the name of a volume, not {show(found.current)}: remove the line, or write the volume's name"
        return found.but(item=item, message=message)
    if found.rule == UNKNOWN:
        version = since(str(item.get("kind")), found.path)
        if version:
            name = found.path.rpartition(".")[2]
            message = f'there is no field "{name}" in KubeVirt {schemas.version}: it is there since KubeVirt {version}'
            return found.but(rule=LATER, item=item, message=message)
        message = moved.advice(item, found.path)
        return found.but(item=item, message=message) if message else found.but(item=item)
    return found.but(item=item)
