"""One manifest against everything that a manifest alone decides: its schema, its kind's rules, KubeVirt's admission.

What is judged and how is the same for ManifestValidator, for the renderer and for `krm-fn validate`; they differ in which
manifests they hand over.
"""

from __future__ import annotations

from functools import lru_cache

from krm_fn.core.finding import NOTHING, WARNING, Finding, Rule
from krm_fn.core.manifest import mapping, text
from krm_fn.core.suggest import nearest
from krm_fn.core.wording import UNKNOWN
from krm_fn.kubevirt import api
from krm_fn.kubevirt.kinds import GROUPS, POOL, groups_of, is_unknown
from krm_fn.kubevirt.schemas import KINDS, Schemas, packaged, served
from krm_fn.kubevirt.versions import NEWEST, ONLY_V1BETA1, Version
from krm_fn.kubevirt.versions import read as read_version
from krm_fn.validate import doubts
from krm_fn.validate import schema as by_schema
from krm_fn.validate.schema import LATER
from krm_fn.validate.templates import embedded
from krm_fn.validate.traced import traced

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from krm_fn.core.manifest import Manifest

API_VERSION = Rule(
    "schema/api-version",
    "API version that is not served",
    "The chosen KubeVirt version doesn't serve the kind in this version.",
)

UNKNOWN_KIND = Rule(
    "schema/unknown-kind",
    "Kind that its group doesn't have",
    "The API server knows no such kind in this group: a typing mistake, or another group's kind.",
)


def schemas_for(spec: Manifest) -> Schemas:
    """The schemas that a functionConfig's `kubevirt` and `schemas` name. Raises InputError for an unusable directory."""
    return _schemas(read_version(spec.get("kubevirt")) or NEWEST, text(spec, "schemas"))


@lru_cache(maxsize=8)
def _schemas(version: Version, directory: str) -> Schemas:
    return Schemas(version, directory)


def check(
    item: Manifest, schemas: Schemas, judge: Callable[[Manifest], list[Finding]] | None = None
) -> list[Finding] | None:
    """Everything wrong with one manifest as it is written, None when its kind is none that has a schema.

    judge: what is asked of the VirtualMachines inside other kinds, `check` itself without it.
    """
    schema = schemas.find(item)
    if schema is None:
        return _without_schema(item, schemas, judge or (lambda vm: check(vm, schemas) or []))
    found = by_schema.check(item, schema, schemas)
    rules = _RULES.get(text(item, "kind"))
    if rules is None or not text(item, "apiVersion").startswith(_OURS):
        return found
    more = rules(item, schemas, [each for each in found if by_schema.stops_admission(each)])
    return _merged(found, more) if found else more


def check_schema(item: Manifest, spec: Manifest) -> list[Finding]:
    """What the schema alone says of a manifest, by the `kubevirt` and `schemas` of a functionConfig's spec."""
    schemas = schemas_for(spec)
    schema = schemas.find(item)
    if schema is None:
        return _other_version(item, schemas) or []
    return by_schema.check(item, schema, schemas)


def check_first(vm: Manifest, spec: Manifest) -> list[Finding]:
    """What is refused before KubeVirt looks at what a VM's instancetype makes of it, by a functionConfig's spec.

    Its schema has let the VM pass.
    """
    from krm_fn.validate import admission

    return admission.check_first(vm, schemas_for(spec).version)


def check_rendered(
    judged: Iterable[tuple[Manifest, Manifest]], items: list[Manifest], spec: Manifest, *, short: bool = False
) -> list[Finding]:
    """Validate what a rendering came to, as ManifestValidator would.

    judged:  (VM as written, VM as expanded) pairs; the results are about the first. Twice the same where nothing was applied.
    items:   everything that they can name, for the references.
    short:   whether the VMs reach the cluster as they are written.
    """
    from krm_fn.validate.references import References

    schemas = schemas_for(spec)
    results: list[Finding] = []
    references = References(items, text(spec, "references") or "ignore")
    for written, expanded in judged:
        as_written = written is expanded
        results += (check(written, schemas) or []) if as_written else _applied(written, expanded, schemas, short=short)
        results += references.check(expanded, written)
    return results


def check_others(items: Iterable[Manifest], spec: Manifest) -> list[Finding]:
    """Validate the items of a rendering that are no VirtualMachines, as they are."""
    schemas = schemas_for(spec)
    others = (item for item in items if not api.is_virtual_machine(item))
    return [result for item in others for result in check(item, schemas) or ()]


def check_applied(written: Manifest, expanded: Manifest, schemas: Schemas) -> list[Finding]:
    """Everything wrong with a VM that stays short: its schema as it is written, and what it comes to on the cluster."""
    schema = schemas.find(written)
    if schema is None:
        return check(written, schemas) or []
    found = by_schema.check(written, schema, schemas)
    if any(by_schema.stops_admission(each) and each.rule not in (UNKNOWN, LATER) for each in found):
        return check(written, schemas) or []
    return _merged(found, _applied(written, expanded, schemas, short=True))


def _applied(written: Manifest, expanded: Manifest, schemas: Schemas, *, short: bool) -> list[Finding]:
    """What is wrong with, or doubtful about, a VM once it is applied, with where that comes from."""
    found = [*_expanded(written, expanded, schemas, short=short), *doubts.check(expanded, written)]
    return traced(found, written, expanded)


def _expanded(written: Manifest, expanded: Manifest, schemas: Schemas, *, short: bool) -> list[Finding]:
    """What is wrong with a VM only after its instancetype and preference were applied: as written it has passed its schema.

    The expansion copies values whose types were checked, so the newest schema can't object to them. An older version's
    can, to a field that it does not have yet, and so can a cluster's own.

    short: whether the VM reaches the cluster as it is written, so that its webhook does the applying.
    """
    from krm_fn.validate import admission

    created = admission.as_created(written, expanded) if short else expanded
    if schemas.version == NEWEST and not schemas.own:
        return admission.check_expanded(written, created, expanded, schemas.version)
    schema = schemas.find(expanded)
    found = (
        [each.but(item=written) for each in by_schema.check(expanded, schema, schemas)] if schema is not None else []
    )
    if any(by_schema.stops_admission(each) for each in found):
        return found
    return _merged(found, admission.check_expanded(written, created, expanded, schemas.version))


def _merged(found: list[Finding], more: list[Finding]) -> list[Finding]:
    """Both lists, without what the schema says of a field that a rule has better words for."""
    said = {result.path for result in more}
    return [result for result in found if result.path not in said] + more


def _virtual_machine(item: Manifest, schemas: Schemas, stopping: list[Finding]) -> list[Finding]:
    from krm_fn.validate import admission

    misshapen = [each.path for each in stopping if each.rule not in (UNKNOWN, LATER)]
    return admission.check(
        item, schemas.version, misshapen=misshapen, unread=len(misshapen) < len(stopping)
    ) + doubts.check(item)


def _instancetype(item: Manifest, schemas: Schemas, stopping: list[Finding]) -> list[Finding]:
    from krm_fn.instancetype.validate import deprecated, doubtful, invalid

    spec = mapping(item, "spec")
    found = [] if stopping else [*invalid(spec, item), *deprecated(spec, item), *doubtful(spec, item)]
    return _metadata(item, schemas) + found


def _preference(item: Manifest, schemas: Schemas, stopping: list[Finding]) -> list[Finding]:
    from krm_fn.preference.validate import deprecated, invalid

    spec = mapping(item, "spec")
    return _metadata(item, schemas) + ([] if stopping else [*invalid(spec, item), *deprecated(spec, item)])


def _metadata(item: Manifest, schemas: Schemas) -> list[Finding]:
    from krm_fn.validate import admission

    return admission.check_metadata(item, schemas.version)


def _revision(item: Manifest, schemas: Schemas, _stopping: list[Finding]) -> list[Finding]:
    """What is wrong with the object that a ControllerRevision of KubeVirt's holds.

    An older API version in there is what an older KubeVirt stored: krm-fn reads it, so it is worth a warning only.
    """
    held = mapping(item, "data")
    if not text(held, "apiVersion").startswith(api.INSTANCETYPE_GROUP):
        return []
    return _metadata(item, schemas) + [
        each.but(
            item=item,
            path=f"data.{each.path}" if each.path else "data",
            severity=WARNING if each.rule == API_VERSION else each.severity,
        )
        for each in check(held, schemas) or []
        if not each.path.startswith("metadata.")  # nobody judges the metadata of an object that is only kept
    ]


_OURS = (f"{api.KUBEVIRT_GROUP}/", f"{api.INSTANCETYPE_GROUP}/", "apps/")
_RULES: dict[str, Callable[[Manifest, Schemas, list[Finding]], list[Finding]]] = {
    api.VIRTUAL_MACHINE: _virtual_machine,
    **dict.fromkeys(api.INSTANCETYPE_KINDS, _instancetype),
    **dict.fromkeys(api.PREFERENCE_KINDS, _preference),
    "ControllerRevision": _revision,
}
"""Kind → what is asked of it beyond its schema, given what the schema found that keeps KubeVirt from asking further."""


def _without_schema(
    item: Manifest, schemas: Schemas, judge: Callable[[Manifest], list[Finding]]
) -> list[Finding] | None:
    """What is known of a kind without a schema: the machines in it, or that there is no such kind."""
    machines = embedded(item)
    if machines:
        found = _metadata(item, schemas) if text(item, "kind") == POOL else []
        return found + [finding for machine in machines for finding in machine.told(judge(machine.vm))]
    if is_unknown(item):
        return [_unknown_kind(item)]
    return _other_version(item, schemas)


def _unknown_kind(item: Manifest) -> Finding:
    """A kind that its group doesn't have: it has another group, or another spelling."""
    group, _, version = text(item, "apiVersion").rpartition("/")
    kind, kinds = text(item, "kind"), GROUPS[group]
    elsewhere = groups_of(kind)
    if elsewhere:
        message = f"{kind} is a kind of {' and '.join(elsewhere)}, not of {group}: write its apiVersion"
        return Finding(UNKNOWN_KIND, message, item, "apiVersion", current=f"{group}/{version}")
    close = nearest(kind, kinds)
    hint = f"did you mean {close[0]}?" if close else f"it has {', '.join(kinds)}"
    message = f'there is no kind "{kind[:80]}" in {group}; {hint}'
    return Finding(UNKNOWN_KIND, message, item, "kind", current=kind, proposed=close[0] if close else NOTHING)


def _other_version(item: Manifest, schemas: Schemas) -> list[Finding] | None:
    """One of KubeVirt's kinds in a version that isn't served; None for everything else that has no schema."""
    group, kind = text(item, "apiVersion").rpartition("/")[0], text(item, "kind")
    if group == "apps" or kind not in KINDS.get(group, ()):
        return None
    if group == api.INSTANCETYPE_GROUP and schemas.version < ONLY_V1BETA1:
        return None
    right = served(packaged(kind, schemas.version.minor))[0]
    version = text(item, "apiVersion").rpartition("/")[2]
    does_it = ", `krm-fn convert` does it" if group == api.INSTANCETYPE_GROUP and version in api.OLDER_VERSIONS else ""
    message = f"KubeVirt {schemas.version} does not serve {item['apiVersion']}: write {right}{does_it}"
    return [Finding(API_VERSION, message, item, "apiVersion", current=item["apiVersion"], proposed=right)]
