"""ManifestValidator: KubeVirt's manifests and krm-fn's own definitions among the items, checked. Changes nothing."""

from __future__ import annotations

from krm_fn.core.finding import INFO, Finding, Rule, has_errors
from krm_fn.core.manifest import mapping, name_of, text
from krm_fn.functions.series import family
from krm_fn.functions.verdict import Verdict
from krm_fn.kinds import SERIES
from krm_fn.kubevirt.api import is_virtual_machine
from krm_fn.kubevirt.versions import NEWEST
from krm_fn.validate.config import check_config, is_config
from krm_fn.validate.manifest import check, schemas_for
from krm_fn.validate.references import References
from krm_fn.validate.severity import adjusted
from krm_fn.validate.templates import machines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from krm_fn.core.manifest import Manifest
    from krm_fn.kubevirt.schemas import Schemas
    from krm_fn.vm.find import Lookup

SKIPPED = Rule(
    "schema/skipped",
    "Kinds without a schema",
    "Nothing can be said about manifests of these kinds; `krm-fn schema --from-crd` makes schemas of any CRD.",
)
_MATCHERS = {"instancetype", "preference"}
_CATALOGS = ["common"]
_KINDS_SHOWN = 5


def run(config: Manifest, items: list[Manifest]) -> tuple[list[Manifest], list[Finding]]:
    """Check the items as `config` says; they come back as they are."""
    return items, validate(mapping(config, "spec"), items).results


class Validation:
    """What validating some items came to: every finding, and which items nothing could be said about."""

    __slots__ = ("results", "skipped")

    def __init__(self, results: list[Finding], skipped: list[Manifest]) -> None:
        self.results = results
        self.skipped = skipped


def validate(
    spec: Manifest,
    items: list[Manifest],
    *,
    check_each: Callable[[Manifest, list[Manifest], list[Manifest]], list[list[Finding] | None]] | None = None,
    part: Callable[[list[Manifest]], tuple[list[Manifest], list[Finding]]] | None = None,
) -> Validation:
    """Check the items as a ManifestValidator's spec says. Raises InputError when its schema directory can't be used.

    check_each:  does the work of `check_items`, such as several processes.
    part:        gives those of the items that are checked; the others are only looked into.
    """
    schemas = schemas_for(spec)
    checked, twice = part(items) if part is not None else (items, [])
    made: list[Manifest] = []
    # The series first: what they make is there for every VM, wherever it stands.
    defined = {id(item): _definition(item, schemas, made) for item in checked if is_config(item)}
    if part is not None:
        others = (
            item for item in items if id(item) not in defined and is_config(item) and text(item, "kind") in SERIES
        )
        made += [made for definition in others for made in family(definition)[0]]
    results: list[Finding] = twice
    skipped: list[Manifest] = []
    for item, known in zip(checked, (check_each or check_items)(spec, checked, [*items, *made]), strict=True):
        found = defined.get(id(item), known)
        if found is None:
            skipped.append(item)
        else:
            results += found
    results += _references(spec, items, checked, made)
    if skipped:
        results.append(Finding(SKIPPED, _count(skipped), severity=INFO))
    return Validation(adjusted(results, mapping(spec, "severity")), skipped)


def check_items(spec: Manifest, items: list[Manifest], known: list[Manifest]) -> list[list[Finding] | None]:
    """What is wrong with each item, [] for definitions of ours, None for one that has no schema. `known`: all that VMs can name."""
    schemas = schemas_for(spec)
    verdict = Verdict(spec, lambda: _lookup(spec, known))
    return [
        [] if is_config(item) else verdict.of(item) if is_virtual_machine(item) else check(item, schemas, verdict.of)
        for item in items
    ]


def _definition(item: Manifest, schemas: Schemas, made: list[Manifest]) -> list[Finding]:
    """Mistakes in a functionConfig; a series is expanded, into `made`, since some only show in its objects."""
    if text(item, "kind") not in SERIES:
        return check_config(item)
    objects, results = family(item)
    made += objects
    if has_errors(results) or (schemas.version == NEWEST and not schemas.own):
        return results  # the expansion has held the objects against the newest schema itself
    seen = set()
    for each in objects:
        for result in check(each, schemas) or ():
            message = f"makes {name_of(each)} with a {result.path} that is wrong: {result.message}"
            if (result.rule, result.path, result.message) not in seen:
                seen.add((result.rule, result.path, result.message))
                results.append(Finding(result.rule, message, item, "spec", severity=result.severity))
    return results


def _lookup(spec: Manifest, known: list[Manifest]) -> Lookup:
    from krm_fn.series.catalog import Catalog
    from krm_fn.vm.compatibility import upgrade
    from krm_fn.vm.find import Lookup

    version = schemas_for(spec).version
    return Lookup(known, Catalog(spec.get("catalogs", _CATALOGS), version), upgrade)


def _references(spec: Manifest, items: list[Manifest], checked: list[Manifest], made: list[Manifest]) -> list[Finding]:
    """What the VMs among the checked items name and neither the items nor what they generate nor the packaged catalogs have."""
    level = text(spec, "references")
    if level == "ignore":
        return []
    vms = [
        machine
        for item in checked
        for machine in machines(item)
        if level or _MATCHERS & mapping(machine.vm, "spec").keys()
    ]
    if not vms:
        return []
    from krm_fn.series.catalog import Catalog

    references = References([*items, *made], level, Catalog(spec.get("catalogs", _CATALOGS)))
    return [finding for machine in vms for finding in machine.told(references.check(machine.vm))]


def _count(skipped: list[Manifest]) -> str:
    counts: dict[str, int] = {}
    for item in skipped:
        kind = text(item, "kind") or "without a kind"
        counts[kind] = counts.get(kind, 0) + 1
    kinds = sorted(counts, key=lambda kind: (-counts[kind], kind))
    shown = ", ".join(f"{counts[kind]} {kind[:60]}" for kind in kinds[:_KINDS_SHOWN])
    more = f" and {len(kinds) - _KINDS_SHOWN} more kinds" if len(kinds) > _KINDS_SHOWN else ""
    return f"{len(skipped)} manifests skipped, there is no schema for their kinds: {shown}{more}"
