"""InstancetypeSeries: a family of instancetypes from one definition.

A size gives vCPUs and memory, the series' template is laid over that, then the size's own, then the variant's. Labels
follow from the outcome. All mistakes are found in one pass; with any error there are no objects.
"""

from __future__ import annotations

from krm_fn.core import quantity
from krm_fn.core.fieldpath import depth, join, parse, segment
from krm_fn.core.finding import Rule
from krm_fn.core.manifest import mapping, name_of
from krm_fn.kubevirt.api import INSTANCETYPE_KINDS, LABEL
from krm_fn.series import labels, objects
from krm_fn.series.collector import Collector
from krm_fn.series.fragments import Compiler, Renderer, as_text, merge
from krm_fn.series.layers import Describer, Layer, is_deprecated, nearest
from krm_fn.series.objects import DUPLICATE_NAME
from krm_fn.series.shape import check_shape, items_of
from krm_fn.series.sizes import SIZE, is_about_a_size, read_sizes
from krm_fn.series.specs import Source, check_instancetype, locate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from krm_fn.core.finding import Finding
    from krm_fn.core.manifest import Manifest
    from krm_fn.series.sizes import Size

MEMORY = Rule("series/memory", "Size without memory", "A size gives its memory, or the series gives memoryPerVCPU.")
NOTHING_MADE = Rule(
    "series/nothing",
    "Series that makes nothing",
    "`plain: false` leaves out the sizes themselves, and there are no variants.",
)
KIND = "InstancetypeSeries"
VARIABLES = frozenset(("series", "class", "version", "size", "variant", "cpu", "memory", "memory_bytes"))
"""What its templates can name. `size` includes the variant's suffix; `variant` is that suffix, "" for plain objects."""

NAME_TEMPLATE = "{{ series }}.{{ size }}"
_FIELD_LABELS = (("vendor", "vendor"), ("class", "class"), ("version", "version"), ("icon", "icon-pf"))
_TEXTS = {"displayName": f"{LABEL}displayName", "description": f"{LABEL}description"}


def expand(series: Manifest, *, trusted: bool = False) -> tuple[list[Manifest], list[Finding]]:
    """The instancetypes of a series as they are written, each size followed by its variants; cluster-wide ones first.

    trusted: leave out the checks of the definition's shape and of the specs against KubeVirt's schema; for packaged
             definitions, which the tests check.
    """
    findings = Collector(series)
    if not trusted:
        check_shape(findings, KIND, is_about_a_size)
    parts: list[objects.Part] = []
    spent = (0, 0)
    for definition, fields in _definitions(series):
        own = Collector(definition)
        if fields and not trusted:
            check_shape(own, KIND, is_about_a_size)
        family = _Family(definition, own, trusted=trusted)
        parts += family.parts(spent)
        spent = family.spent
        for found in own.results:
            findings.take(found.but(item=series, path=_place(found.path, fields, name_of(definition))))
        if findings.is_full:
            break
    objects.check_names(findings, parts)
    if findings.errors:
        return [], findings.results
    return objects.manifests(series, parts, INSTANCETYPE_KINDS), findings.results


def _definitions(series: Manifest) -> Iterator[tuple[Manifest, Manifest]]:
    """(definition, its own fields) of each series under `spec.series`, laid over what they share; else of the one series."""
    spec = mapping(series, "spec")
    members = {
        name: fields for name, fields in mapping(spec, "series").items() if isinstance(fields, dict) or fields is None
    }
    if not members:
        yield series, {}
        return
    shared = {key: value for key, value in spec.items() if key != "series"}
    for name, fields in members.items():
        metadata = {**mapping(series, "metadata"), "name": name}
        annotations = mapping(metadata, "annotations")
        # the name is the member's own, and kustomize's notes are about the definition's
        metadata["annotations"] = {key: text for key, text in annotations.items() if "/previousNam" not in str(key)}
        yield {**series, "metadata": metadata, "spec": merge(shared, fields or {})}, {"spec": fields or {}}


def _place(path: str, fields: Manifest, name: str) -> str:
    """Where a field of a member stands in the definition: under the member when it says it itself."""
    steps = parse(path)
    if not fields or depth(fields, steps) < min(len(steps), 2):
        return path
    return join(join("spec.series", segment(name)), path.removeprefix("spec").removeprefix("."))


class _Family:
    """The compiled definition, and the objects that follow from it."""

    __slots__ = (
        "base",
        "compiler",
        "describer",
        "findings",
        "name_template",
        "plain",
        "renderer",
        "series",
        "spec",
        "spent",
        "trusted",
    )

    def __init__(self, series: Manifest, findings: Collector, *, trusted: bool) -> None:
        self.series = series
        self.findings = findings
        self.trusted = trusted
        self.spec = spec = mapping(series, "spec")
        self.compiler = Compiler(findings, VARIABLES)
        self.renderer = Renderer(findings)
        self.describer = Describer(findings, self.renderer, labels.INSTANCETYPE, trusted=trusted)
        self.spent = (0, 0)
        self.plain = Layer(self.compiler, spec, "spec", _TEXTS)
        name_template = spec.get("nameTemplate")
        self.name_template = self.compiler.compiled(
            name_template if isinstance(name_template, str) else NAME_TEMPLATE, "spec.nameTemplate"
        )
        self.base = {"series": name_of(series)}
        for name in ("class", "version"):
            value = as_text(spec.get(name))
            if value is not None:
                self.base[name] = value

    def parts(self, spent: tuple[int, int] = (0, 0)) -> list[objects.Part]:
        """Every object of the family, without its kinds. spent: the objects and the work of the definition so far."""
        sizes = read_sizes(self.findings, self.spec)
        size_layers = [Layer(self.compiler, size.fields, size.path, ()) for size in sizes]
        variants = list(self.variants())
        plain = self.spec.get("plain") is not False
        if not plain and not variants:
            self.findings.add(
                NOTHING_MADE, "there are no variants, and without the plain sizes nothing is left", "spec.plain"
            )
        times, shared = plain + len(variants), sum(layer.weight for _, layer in variants)
        work = sum(times * (self.plain.weight + layer.weight) + shared for layer in size_layers)
        self.spent = (spent[0] + len(sizes) * times, spent[1] + work)
        if objects.too_much(self.findings, *self.spent, "spec.sizes"):
            return []
        found = []
        for size, layer in zip(sizes, size_layers, strict=True):
            if self.findings.is_full:
                break
            layers = [self.plain, layer] if size.fields else [self.plain]
            if plain:
                found.append(self.part(size, layers, ""))
            found += [self.part(size, [*layers, variant], suffix) for suffix, variant in variants]
        return found

    def variants(self) -> list[tuple[str, Layer]]:
        """(suffix, layer) of each variant; two with one suffix are a mistake."""
        found: dict[str, Layer] = {}
        for path, fields in items_of(self.spec, "variants", "spec"):
            suffix = fields.get("suffix")
            if not isinstance(suffix, str) or not suffix:
                continue
            if suffix in found:
                message = f'"{suffix}" is already the suffix of {found[suffix].path}: give each variant its own'
                self.findings.add(DUPLICATE_NAME, message, f"{path}.suffix", current=suffix)
                continue
            found[suffix] = Layer(self.compiler, fields, path, _TEXTS)
        return list(found.items())

    def part(self, size: Size, layers: list[Layer], suffix: str) -> objects.Part:
        """One object: the layers' templates over the size, rendered with the size's variables."""
        variables: Manifest = self.base | {"size": size.name + suffix, "variant": suffix, "cpu": size.cpu}
        if size.memory:
            variables |= {"memory": size.memory, "memory_bytes": quantity.ceil(size.memory)}
        tree: Manifest = {}
        for layer in layers:
            tree = merge(tree, layer.template)
        rendered = self.renderer.rendered(tree, variables)
        sources = [Source(f"{layer.path}.template", layer.template) for layer in reversed(layers)] + [_said_by(size)]
        if not suffix:
            self.check_guest(size, rendered, sources)
        spec = merge({"cpu": {"guest": size.cpu}, "memory": {"guest": size.memory} if size.memory else {}}, rendered)
        self.check_spec(size, spec, sources)
        part = objects.Part(self.name(variables), layers[-1].path if suffix else size.path, spec, size.path)
        self.describe(part, layers, variables)
        part.previous = objects.previously(self.series, lambda name: self.name(variables | {"series": name}))
        return part

    def check_guest(self, size: Size, rendered: Manifest, sources: list[Source]) -> None:
        """Templates may say the memory that a size leaves open, and variants may change it; else the two must agree."""
        for name, own in (("cpu", size.cpu), ("memory", size.memory)):
            other = mapping(rendered, name).get("guest")
            if own and other is not None and other != own:
                message = f"{name}.guest is {other} in the template but {own} in size {size.name}: say it once"
                self.findings.add(SIZE, message, locate(sources, f"{name}.guest"))

    def check_spec(self, size: Size, spec: Manifest, sources: list[Source]) -> None:
        """A size without memory; and for definitions that are not ours, whatever KubeVirt would refuse."""
        if "guest" not in mapping(spec, "memory"):
            spelled = f'"{size.cpu}x4Gi", {{cpu: {size.cpu}, memory: 4Gi}}'
            message = f"the size has no memory: write {spelled} or spec.memoryPerVCPU"
            self.findings.add(MEMORY, message, size.path)
        elif not self.trusted:
            check_instancetype(self.findings, spec, sources)

    def name(self, variables: Manifest) -> str:
        """The object's name; the default one when the template fails."""
        return self.renderer.text(self.name_template, variables) or f"{variables['series']}.{variables['size']}"

    def describe(self, part: objects.Part, layers: list[Layer], variables: Manifest) -> None:
        """Give the object its labels and annotations."""
        fields = {f"{LABEL}{label}": as_text(self.spec.get(field)) for field, label in _FIELD_LABELS}
        fields |= {f"{LABEL}size": variables["size"], f"{LABEL}deprecated": "true" if is_deprecated(layers) else None}
        texts = {key: self.renderer.text(nearest(layers, name), variables) for name, key in _TEXTS.items()}
        self.describer.describe(part, layers, variables, (fields, texts))


def _said_by(size: Size) -> Source:
    """What a size itself says of the spec, in its own spelling."""
    return Source(size.path, {"cpu": {"guest": size.cpu}, "memory": {"guest": size.memory}}, exact=True)
