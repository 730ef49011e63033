"""Fragments of a spec: compiled once, merged as overlays, rendered for each object.

A compiled fragment is plain data in which `Template` stands for every string that has something to render.
"""

from __future__ import annotations

from krm_fn.core.fieldpath import join, segment
from krm_fn.core.finding import Rule
from krm_fn.series.collector import LIMIT
from krm_fn.series.template import Template, compile_template, is_template
from krm_fn.series.variables import TemplateError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any

    from krm_fn.core.manifest import Manifest
    from krm_fn.series.collector import Collector
    from krm_fn.series.template import Variables

TEMPLATE = Rule(
    "series/template",
    "Template that can't be rendered",
    "A Jinja2 template has a mistake or names something that is not there.",
)
MAX_DEPTH = 32
MAX_EXPRESSIONS = 500
"""Templates that need Jinja2, which takes about a millisecond to compile one."""

_NODE_WEIGHT = 10
_GONE: Any = object()


def merge(base: Any, patch: Any) -> Any:
    """`patch` laid over `base`: mappings merge, lists and scalars replace, null removes. Neither is changed.

    Parts that only one of them has are shared with the outcome, so render or copy it before changing anything.
    """
    if not isinstance(base, dict) or not isinstance(patch, dict):
        return without_nulls(patch)
    out = dict(base)
    for key, value in patch.items():
        if value is None:
            out.pop(key, None)
        elif isinstance(value, dict):
            out[key] = merge(out[key] if isinstance(out.get(key), dict) else {}, value)
        else:
            out[key] = value
    return out


def without_nulls(value: Any) -> Any:
    """The value with every null field taken out of its mappings."""
    return merge({}, value) if isinstance(value, dict) else value


class Compiler:
    """Compiles the templates of one definition, notes their mistakes, and weighs what rendering them touches."""

    __slots__ = ("expressions", "findings", "names", "weight")

    def __init__(self, findings: Collector, names: Collection[str]) -> None:
        self.findings = findings
        self.names = names
        self.expressions: set[str] = set()
        self.weight = 0

    def compiled(self, value: Any, path: str, depth: int = 0) -> Any:
        """The compiled form of a fragment at `path`."""
        self.weight += _NODE_WEIGHT
        if isinstance(value, str):
            self.weight += len(value)
            return self.template(value, path) if "{" in value and is_template(value) else value
        if not isinstance(value, (dict, list)):
            return value
        if depth == MAX_DEPTH:
            self.findings.add(LIMIT, f"nested more than {MAX_DEPTH} deep, which no KubeVirt object is", path)
            return {}
        if isinstance(value, list):
            return [self.compiled(item, f"{path}[{index}]", depth + 1) for index, item in enumerate(value)]
        out = {}
        for key, item in value.items():
            self.weight += len(str(key))
            out[key] = self.compiled(item, join(path, segment(key)), depth + 1)
        return out

    def template(self, value: str, path: str) -> Template:
        """The compiled form of one string. One with a mistake is noted, and renders to nothing."""
        nothing = Template(value, path, lambda _variables: None)
        if self.findings.is_full:
            return nothing
        if len(self.expressions) >= MAX_EXPRESSIONS and value not in self.expressions:
            message = (
                f"more than {MAX_EXPRESSIONS} different expressions in one series: write plain values, or split it up"
            )
            self.findings.add(LIMIT, message, "spec")
            return nothing
        try:
            template = compile_template(value, path, self.names)
        except TemplateError as error:
            self.findings.add(TEMPLATE, str(error), path, current=value)
            return nothing
        if not template.is_plain:
            self.expressions.add(value)
        return template


class Renderer:
    """Renders compiled fragments with one object's variables. A template that failed once is not tried again."""

    __slots__ = ("failed", "findings")

    def __init__(self, findings: Collector) -> None:
        self.findings = findings
        self.failed: set[Template] = set()

    def rendered(self, value: Any, variables: Variables) -> Any:
        """A new tree; fields whose template gives null are left out, and so are those whose template fails."""
        if isinstance(value, dict):
            out = {}
            for key, item in value.items():
                if isinstance(item, (dict, list, Template)):
                    item = self.rendered(item, variables)  # noqa: PLW2901 - the rendered item in its place
                    if item is _GONE:
                        continue
                out[key] = item
            return out
        if isinstance(value, list):
            items = [
                self.rendered(item, variables) if isinstance(item, (dict, list, Template)) else item for item in value
            ]
            return [item for item in items if item is not _GONE]
        if isinstance(value, Template):
            found = self.value(value, variables)
            return _GONE if found is None else found
        return value

    def value(self, template: Any, variables: Variables) -> Any:
        """What one template gives; a string is its own value; None when it fails, which is noted."""
        if not isinstance(template, Template):
            return template
        if template in self.failed:
            return None
        try:
            return template.render(variables)
        except TemplateError as error:
            self.failed.add(template)
            self.findings.add(TEMPLATE, str(error), template.path, current=template.source)
            return None

    def text(self, template: Any, variables: Variables) -> str | None:
        """What one template gives, as the text of a label or annotation; None for null."""
        return as_text(self.value(template, variables))

    def texts(self, templates: Manifest, variables: Variables) -> dict[str, str | None]:
        """Labels or annotations, each rendered to text; None for those that are to be removed."""
        return {key: self.text(value, variables) for key, value in templates.items()}


def as_text(value: Any) -> str | None:
    """A scalar as Kubernetes writes it in a label: true, not True. None stays None."""
    if value is None or isinstance(value, str):
        return value
    return ("true" if value else "false") if isinstance(value, bool) else str(value)
