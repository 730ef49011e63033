"""CatalogGenerator: packaged catalogs, filtered by name, with a vendor and changes of one's own."""

from __future__ import annotations

from krm_fn.core import data, globs
from krm_fn.core.fieldpath import join, segment
from krm_fn.core.finding import WARNING, Rule
from krm_fn.core.manifest import copy_tree, mapping, name_of, namespace_of, text
from krm_fn.core.suggest import did_you_mean
from krm_fn.kubevirt.api import CLUSTER_KINDS, INSTANCETYPE_KINDS
from krm_fn.series import catalog, labels
from krm_fn.series.collector import Collector
from krm_fn.series.fragments import merge
from krm_fn.series.labels import WRONG_LABEL
from krm_fn.series.names import label_value_problem
from krm_fn.series.objects import DUPLICATE_NAME, SCOPES, inherited
from krm_fn.series.shape import check_shape
from krm_fn.series.specs import Source, check_instancetype, check_preference

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_fn.core.finding import Finding
    from krm_fn.core.manifest import Manifest

OVERRIDE = Rule(
    "catalog/override",
    "Override of an object that is not there",
    "`spec.override` names an object that the chosen catalogs don't have, or that include and exclude leave out.",
)
PATTERN = Rule(
    "catalog/pattern",
    "Pattern that fits nothing",
    "A glob under include or exclude fits none of the catalogs' objects.",
)
UNKNOWN = Rule(
    "catalog/unknown",
    "Catalog of a name that none has",
    "Only packaged catalogs can be named; `krm-fn catalog list` shows what is in them.",
)
KIND = "CatalogGenerator"
DEFAULT_CATALOGS = ["common"]


def run(config: Manifest) -> tuple[list[Manifest], list[Finding]]:
    """The objects that the configuration asks for; none of them when there is an error."""
    findings = Collector(config)
    check_shape(findings, KIND)
    spec = mapping(config, "spec")
    known = check_catalogs(findings, spec.get("catalogs", DEFAULT_CATALOGS))
    everything = _all(findings, spec, known)
    selected = _selected(findings, spec, everything)
    items = _described(findings, _overridden(findings, mapping(spec, "override"), everything, selected))
    return ([] if findings.errors else items), findings.results


def check_catalogs(findings: Collector, catalogs: object, path: str = "spec.catalogs") -> list[str]:
    """Those of the named catalogs that exist, each once; the others are noted."""
    found: list[str] = []
    for index, name in enumerate(catalogs if isinstance(catalogs, list) else []):
        if not isinstance(name, str):
            continue
        if name not in catalog.names() and name not in data.opened:
            hint = did_you_mean(name, catalog.names()) or f"; known: {', '.join(catalog.names())}"
            findings.add(UNKNOWN, f'there is no packaged catalog "{name}"{hint}', f"{path}[{index}]", current=name)
        elif name not in found:
            found.append(name)
    return found


def _all(findings: Collector, spec: Manifest, catalogs: list[str]) -> list[Manifest]:
    """Every object of the catalogs. Two of one kind and name are noted."""
    vendor = text(spec, "vendor")
    scope = text(spec, "scope") if text(spec, "scope") in SCOPES else "Cluster"
    namespace = namespace_of(findings.item)
    problem = label_value_problem(vendor)
    if problem:
        findings.add(WRONG_LABEL, problem, "spec.vendor", current=vendor)
    found: list[Manifest] = []
    seen: dict[tuple[str, str], str] = {}
    for name in catalogs:
        for item in catalog.objects(name, scope, vendor):
            first = seen.setdefault((item["kind"], name_of(item)), name)
            if first != name:
                message = f'"{name_of(item)}" is in the catalogs {first} and {name}: generate them separately'
                findings.add(DUPLICATE_NAME, message, "spec.catalogs")
            if namespace and item["kind"] not in CLUSTER_KINDS:
                item["metadata"]["namespace"] = namespace
            found.append(item)
    return found


def _selected(findings: Collector, spec: Manifest, items: list[Manifest]) -> set[str]:
    """The names that `include` (default: all) and not `exclude` match. Patterns that match nothing are noted."""
    names = {name_of(item) for item in items}
    include = _matching(findings, spec, "include", names)
    exclude = _matching(findings, spec, "exclude", names)
    return (names if include is None else include) - (exclude or set())


def _matching(findings: Collector, spec: Manifest, field: str, names: set[str]) -> set[str] | None:
    """The names that any pattern of a field matches, None when there are no patterns."""
    patterns = spec.get(field)
    if not isinstance(patterns, list) or not patterns:
        return None
    found: set[str] = set()
    for index, pattern in enumerate(patterns):
        if not isinstance(pattern, str):
            continue
        fits = globs.any_of((pattern,))
        matching = {name for name in names if fits(name)}
        if names and not matching:
            hint = did_you_mean(pattern, names | {f"{name.partition('.')[0]}.*" for name in names})
            message = f'"{pattern}" matches no object of these catalogs{hint}'
            options = {} if field == "include" else {"severity": WARNING}
            findings.add(PATTERN, message, f"spec.{field}[{index}]", current=pattern, **options)
        found |= matching
    return found


def _overridden(
    findings: Collector, override: Manifest, everything: list[Manifest], selected: set[str]
) -> list[Manifest]:
    """The selected objects, with the changes that `override` has for their names: those of globs first, in their order."""
    names = {name_of(item) for item in everything}
    patterns = {pattern: globs.any_of((pattern,)) for pattern in override if any(char in pattern for char in "*?[")}
    for name in override:
        path = join("spec.override", segment(name))
        meant = {each for each in names if patterns[name](each)} if name in patterns else names & {name}
        if names and not meant:
            findings.add(OVERRIDE, f'there is no object "{name}" in these catalogs{did_you_mean(name, names)}', path)
        elif names and not meant & selected:
            findings.add(OVERRIDE, f'"{name}" is left out by include or exclude', path, severity=WARNING)
    out = []
    for item in everything:
        name = name_of(item)
        if name in selected:
            for pattern, fits in patterns.items():
                if fits(name):
                    item = _changed(findings, item, override[pattern], pattern)  # noqa: PLW2901
            if name in override and name not in patterns:
                item = _changed(findings, item, override[name], name)  # noqa: PLW2901
            out.append(item)
    return out


def _described(findings: Collector, items: list[Manifest]) -> list[Manifest]:
    """The objects with the generator's own labels and annotations, as overlays put them on everything. What they have stays."""
    for field in ("labels", "annotations"):
        given = inherited(findings.item, field)
        for item in items if given else ():
            item["metadata"][field] = dict(sorted({**given, **mapping(item, "metadata", field)}.items()))
    return items


def _changed(findings: Collector, item: Manifest, patch: object, key: str) -> Manifest:
    """The object with the partial object under a key merged over it; the labels that follow from its spec follow."""
    if not isinstance(patch, dict):
        return item
    path = join("spec.override", segment(key))
    own = {field: mapping(patch, "metadata", field) for field in ("labels", "annotations")}
    item = copy_tree(merge(item, {"metadata": own, "spec": mapping(patch, "spec")}))
    is_instancetype = item["kind"] in INSTANCETYPE_KINDS
    table, check = (
        (labels.INSTANCETYPE, check_instancetype) if is_instancetype else (labels.PREFERENCE, check_preference)
    )
    check(findings, item["spec"], [Source(f"{path}.spec", mapping(patch, "spec")), Source(path, {})])
    derived = labels.derived(table, item["spec"])
    kept = {key: value for key, value in item["metadata"].get("labels", {}).items() if key not in derived}
    given = [(f"{path}.metadata.labels", own["labels"])]
    item["metadata"]["labels"] = labels.combined(findings, [("", kept), *given], derived, {})
    changed = {key: str(value) for key, value in own["labels"].items() if value is not None}
    labels.check_metadata(findings, given, changed, own["annotations"], path)
    return item
