"""One manifest against the schema of its kind: unknown and missing fields, types, limits, enums."""

from __future__ import annotations

from krm_fn.core.fieldpath import pattern
from krm_fn.core.finding import WARNING, Finding, Rule
from krm_fn.core.structural import compiled
from krm_fn.core.wording import DUPLICATE, ENUM, LENGTH, UNKNOWN, finished
from krm_fn.kubevirt.constraints import AFTER_DECODING, OBJECT_META

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_fn.core.manifest import Manifest
    from krm_fn.kubevirt.schemas import Schemas

IGNORED = Rule(
    "schema/ignored-field",
    "Metadata field that is dropped",
    "The API server drops fields of an object's metadata that it doesn't know, without a word.",
)
LATER = Rule(
    "schema/later-version",
    "Field of a later KubeVirt",
    "The field came with a later KubeVirt than the one that is validated for.",
)


def check(item: Manifest, schema: Manifest, schemas: Schemas) -> list[Finding]:
    """Everything in a manifest that its schema forbids. `schemas`: where the schema is from."""
    found = compiled(schema)(item)
    return [_about(item, each, schemas) for each in finished(found, "")] if found else []


def stops_admission(finding: Finding) -> bool:
    """Whether KubeVirt would refuse at its first stages, before it looks at what the fields mean.

    The limits that only the CRD has are judged later, on what the mutating webhook wrote.
    """
    if finding.rule == ENUM:
        return pattern(finding.path) not in AFTER_DECODING
    return finding.rule not in (LENGTH, DUPLICATE, IGNORED)


def _about(item: Manifest, found: Finding, schemas: Schemas) -> Finding:
    """A finding of the schema as one about the manifest."""
    if found.rule == UNKNOWN:
        if pattern(found.path).rpartition(".")[0] in OBJECT_META:
            message = f"{found.message} (the API server drops it)"
            return found.but(rule=IGNORED, item=item, severity=WARNING, message=message)
        from krm_fn.kubevirt.versions import since

        version = since(str(item.get("kind")), found.path)
        if version:
            name = found.path.rpartition(".")[2]
            message = f'there is no field "{name}" in KubeVirt {schemas.version}: it is there since KubeVirt {version}'
            return found.but(rule=LATER, item=item, message=message)
    return found.but(item=item)
