"""The places of a definition that describe its objects: the series itself, its sizes, variants and members."""

from __future__ import annotations

from krm_fn.core.manifest import mapping
from krm_fn.series import labels
from krm_fn.series.objects import inherited

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from krm_fn.core.manifest import Manifest
    from krm_fn.series.collector import Collector
    from krm_fn.series.fragments import Compiler, Renderer
    from krm_fn.series.labels import Given
    from krm_fn.series.objects import Part
    from krm_fn.series.template import Variables

_TREES = ("template", "labels", "annotations")


class Layer:
    """The compiled template and metadata of one place. `texts` holds those of its one-line fields that are set.

    weight: what rendering it touches, in fields and characters.
    """

    __slots__ = ("annotations", "deprecated", "labels", "path", "template", "texts", "weight")

    def __init__(self, compiler: Compiler, fields: Manifest, path: str, texts: Iterable[str]) -> None:
        before = compiler.weight
        self.path = path
        self.template: Manifest
        self.labels: Manifest
        self.annotations: Manifest
        for name in _TREES:
            value = mapping(fields, name)
            setattr(self, name, compiler.compiled(value, f"{path}.{name}") if value else value)
        self.texts: dict[str, Any] = {
            name: compiler.compiled(fields[name], f"{path}.{name}")
            for name in texts
            if isinstance(fields.get(name), (str, list))
        }
        self.deprecated = fields.get("deprecated")
        self.weight = compiler.weight - before


def nearest(layers: list[Layer], text: str) -> Any:
    """The compiled text of the last layer that has it, else None."""
    return next((layer.texts[text] for layer in reversed(layers) if text in layer.texts), None)


def is_deprecated(layers: list[Layer]) -> bool:
    """What the last layer that speaks of it says."""
    return next((layer.deprecated for layer in reversed(layers) if layer.deprecated is not None), False) is True


def overlay(texts: dict[str, str], patch: Mapping[str, str | None]) -> None:
    """Lay annotations over others, in place; None removes."""
    for key, value in patch.items():
        if value is None:
            texts.pop(key, None)
        else:
            texts[key] = value


class Describer:
    """Gives objects their labels and annotations: inherited ones, then the layers', then those that follow."""

    __slots__ = ("findings", "inherited", "renderer", "table", "trusted")

    def __init__(self, findings: Collector, renderer: Renderer, table: labels.Table, *, trusted: bool) -> None:
        self.findings = findings
        self.renderer = renderer
        self.table = table
        self.trusted = trusted
        self.inherited = {field: inherited(findings.item, field) for field in ("labels", "annotations")}

    def describe(
        self,
        part: Part,
        layers: list[Layer],
        variables: Variables,
        own: tuple[dict[str, str | None], dict[str, str | None]],
    ) -> None:
        """Set the part's labels and annotations. `own`: labels and annotations that fields of the definition set."""
        fields, texts = own
        annotations = dict(self.inherited["annotations"])
        annotations.update((key, text) for key, text in texts.items() if text is not None)
        given: list[Given] = [("metadata.labels", self.inherited["labels"])]
        for layer in layers:
            if layer.annotations:
                overlay(annotations, self.renderer.texts(layer.annotations, variables))
            if layer.labels:
                given.append((f"{layer.path}.labels", self.renderer.texts(layer.labels, variables)))
        part.annotations = annotations
        part.labels = labels.combined(
            self.findings, given, labels.derived(self.table, part.spec), fields, may_lack=True
        )
        if not self.trusted:
            labels.check_metadata(self.findings, given, part.labels, annotations, part.path)
