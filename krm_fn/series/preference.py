"""PreferenceSeries: a family of preferences from one definition.

A member's spec is the series' template, then for each member it extends and for itself: its traits in their order, its
requirements, its own template; each laid over what was there before. Labels follow from the outcome.
"""

from __future__ import annotations

from krm_fn.core.fieldpath import join, segment
from krm_fn.core.finding import Rule
from krm_fn.core.manifest import mapping, name_of
from krm_fn.core.suggest import did_you_mean
from krm_fn.kubevirt.api import LABEL, PREFERENCE_KINDS
from krm_fn.series import labels, objects
from krm_fn.series.collector import Collector
from krm_fn.series.fragments import Compiler, Renderer, merge, without_nulls
from krm_fn.series.layers import Describer, Layer, is_deprecated, nearest
from krm_fn.series.shape import check_shape
from krm_fn.series.specs import Source, check_preference
from krm_fn.series.traits import Traits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_fn.core.finding import Finding
    from krm_fn.core.manifest import Manifest

EXTENDS = Rule(
    "series/extends",
    "Member that extends wrongly",
    "A member extends another one of the series, without going in circles.",
)
KIND = "PreferenceSeries"
VARIABLES = frozenset(("series", "member", "osType", "arch"))
"""What the templates of a PreferenceSeries can name. `arch` is the architecture that the finished spec prefers or
requires, so only texts, labels and annotations can use it."""

MAX_EXTENDS = 32
_TEXTS = {"displayName": "openshift.io/display-name", "description": f"{LABEL}description", "icon": "iconClass"}
_ALL_TEXTS = (*_TEXTS, "osType", "tags")


def expand(series: Manifest, *, trusted: bool = False) -> tuple[list[Manifest], list[Finding]]:
    """The preferences of a series in the order they are written, cluster-wide ones first.

    trusted: leave out the checks of the definition's shape and of the specs against KubeVirt's schema; for packaged
             definitions, which the tests check.
    """
    findings = Collector(series)
    if not trusted:
        check_shape(findings, KIND)
    parts = _Family(series, findings, trusted=trusted).parts()
    objects.check_names(findings, parts)
    if findings.errors:
        return [], findings.results
    return objects.manifests(series, parts, PREFERENCE_KINDS), findings.results


class _Member:
    """One member: its own layer, the name of the member it extends, and its fragments as they apply."""

    __slots__ = ("extends", "layer", "name", "path", "sources", "tree", "weight")

    def __init__(self, compiler: Compiler, traits: Traits, name: str, fields: Manifest) -> None:
        self.name = name
        self.tree: Manifest | None = None  # once it is needed: everything up to this member, merged
        self.path = join("spec.members", segment(name))
        self.extends = fields.get("extends")
        self.layer = Layer(compiler, fields, self.path, _ALL_TEXTS)
        self.sources, weight = traits.sources(fields.get("traits"), f"{self.path}.traits")
        self.weight = self.layer.weight + weight
        if "requirements" in fields:
            path = f"{self.path}.requirements"
            self.sources += _requirements(compiler.compiled(fields["requirements"], path), path)
        self.sources.append(Source(f"{self.path}.template", self.layer.template))


def _requirements(short: Any, path: str) -> list[Source]:
    """`{cpu: 2, memory: 4Gi, architecture: arm64}` as fragments that are spelled as the API spells them."""
    if not isinstance(short, dict):
        return [Source(path, {"requirements": None}, exact=True)]
    found = []
    for name in ("cpu", "memory", "architecture"):
        if name in short:
            value = short[name] if name == "architecture" or short[name] is None else {"guest": short[name]}
            found.append(Source(f"{path}.{name}", {"requirements": {name: value}}, exact=True))
    return found


class _Family:
    """The compiled definition, and the objects that follow from it."""

    __slots__ = (
        "base",
        "compiler",
        "describer",
        "findings",
        "members",
        "name",
        "plain",
        "renderer",
        "series",
        "spec",
        "traits",
        "trusted",
    )

    def __init__(self, series: Manifest, findings: Collector, *, trusted: bool) -> None:
        self.series = series
        self.findings = findings
        self.trusted = trusted
        self.name = name_of(series)
        self.spec = spec = mapping(series, "spec")
        self.compiler = Compiler(findings, VARIABLES)
        self.renderer = Renderer(findings)
        self.describer = Describer(findings, self.renderer, labels.PREFERENCE, trusted=trusted)
        self.plain = Layer(self.compiler, spec, "spec", _ALL_TEXTS)
        self.base: Manifest = without_nulls(self.plain.template)
        self.traits = Traits(findings, self.compiler, spec)
        self.members = {
            str(name): _Member(self.compiler, self.traits, str(name), fields if isinstance(fields, dict) else {})
            for name, fields in mapping(spec, "members").items()
        }

    def parts(self) -> list[objects.Part]:
        """Every object of the family, without its kinds."""
        chains = [self.chain(member) for member in self.members.values()]
        work = sum(self.plain.weight + member.weight for chain in chains for member in chain)
        if objects.too_much(self.findings, len(chains), work, "spec.members"):
            return []
        return [self.part(chain) for chain in chains if not self.findings.is_full]

    def chain(self, member: _Member) -> list[_Member]:
        """A member and those it extends, the furthest first. Unknown names and circles are noted, and end the chain."""
        chain = [member]
        while chain[-1].extends is not None and not self.findings.is_full:
            last, path = chain[-1], f"{chain[-1].path}.extends"
            base = self.members.get(last.extends) if isinstance(last.extends, str) else None
            if base is None:
                if isinstance(last.extends, str):
                    message = (
                        f'"{last.extends}" is not a member of this series{did_you_mean(last.extends, self.members)}'
                    )
                    self.findings.add(EXTENDS, message, path, current=last.extends)
                break
            if base in chain:
                circle = " extends ".join(f'"{step.name}"' for step in [*chain[chain.index(base) :], base])
                self.findings.add(
                    EXTENDS,
                    f"the member extends itself: {circle}",
                    f"{member.path}.extends",
                    current=member.extends,
                )
                break
            if len(chain) == MAX_EXTENDS:
                self.findings.add(
                    EXTENDS,
                    f"a chain of more than {MAX_EXTENDS} members is too long",
                    f"{member.path}.extends",
                )
                break
            chain.append(base)
        return chain[::-1]

    def part(self, chain: list[_Member]) -> objects.Part:
        """One object: the fragments of its chain over the series' template."""
        member, layers = chain[-1], [self.plain, *(member.layer for member in chain)]
        variables: Manifest = {"series": self.name, "member": member.name}
        os_type = self.renderer.text(nearest(layers, "osType"), variables)
        if os_type is not None:
            variables["osType"] = os_type
        sources = [
            Source("spec.template", self.plain.template),
            *(source for member in chain for source in member.sources),
        ]
        spec = self.renderer.rendered(self.tree(chain), variables)
        if not self.trusted:
            check_preference(self.findings, spec, [*reversed(sources), Source(member.path, {})])
        part = objects.Part(_object_name(self.name, member.name), member.path, spec)
        architecture = labels.architecture(spec)
        self.describe(part, layers, variables if architecture is None else variables | {"arch": architecture})
        part.previous = objects.previously(self.series, lambda name: _object_name(name, member.name))
        return part

    def tree(self, chain: list[_Member]) -> Manifest:
        """The fragments of a chain over the series' template. What other members extend is merged once."""
        tree = self.base
        for member in chain:
            if member.tree is None:
                for source in member.sources:
                    tree = merge(tree, source.fragment)
                member.tree = tree
            tree = member.tree
        return tree

    def describe(self, part: objects.Part, layers: list[Layer], variables: Manifest) -> None:
        """Give the object its labels and annotations."""
        render = self.renderer.text
        vendor = self.spec.get("vendor")
        fields = {
            f"{LABEL}vendor": vendor if isinstance(vendor, str) else None,
            f"{LABEL}os-type": variables.get("osType"),
            f"{LABEL}deprecated": "true" if is_deprecated(layers) else None,
        }
        texts = {key: render(nearest(layers, name), variables) for name, key in _TEXTS.items()}
        tags = nearest(layers, "tags")
        if tags:
            found = [render(tag, variables) for tag in (tags if isinstance(tags, list) else [tags])]
            texts["tags"] = ",".join(tag for tag in found if tag)
        self.describer.describe(part, layers, variables, (fields, texts))


def _object_name(series: str, member: str) -> str:
    return f"{series}.{member}" if member else series
