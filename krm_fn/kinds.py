"""The functionConfig kinds, one row each: what does the work, and what a person is told about it.

The dispatcher, the commands, the help text, the README and the tests follow from this table. Modules are named and not
imported, because a process starts for every function call.
"""

from __future__ import annotations

from krm_fn.kubevirt.api import INSTANCETYPE_KINDS, PREFERENCE_KINDS


class Kind:
    """One functionConfig kind.

    module: has `run(config, items) -> (items, results)`. summary: one line for the help text and the README.
    docs: its page, as a path in the project. example: a file of the project that holds one.
    series: has `expand(definition)`, for a definition of a family; `makes`: the kinds of that family's objects.
    generates: whether it makes objects that were not among the items.
    """

    __slots__ = ("docs", "example", "generates", "makes", "module", "series", "summary")

    def __init__(  # noqa: PLR0913 - a row of the table below
        self,
        module: str,
        summary: str,
        *,
        docs: str,
        example: str,
        series: str = "",
        makes: tuple[str, ...] = (),
        generates: bool = False,
    ) -> None:
        self.module = f"krm_fn.functions.{module}"
        self.summary = summary
        self.docs = docs
        self.example = example
        self.series = series
        self.makes = makes
        self.generates = generates or bool(series)


KINDS = {
    "InstancetypeSeries": Kind(
        "series",
        "a family of instancetypes from a few lines",
        docs="docs/series.md",
        example="kustomize/examples/quickstart/base/series.yaml",
        series="krm_fn.series.instancetype",
        makes=tuple(INSTANCETYPE_KINDS),
    ),
    "PreferenceSeries": Kind(
        "series",
        "a family of preferences from a few lines",
        docs="docs/series.md",
        example="kustomize/examples/preferences/series.yaml",
        series="krm_fn.series.preference",
        makes=tuple(PREFERENCE_KINDS),
    ),
    "CatalogGenerator": Kind(
        "catalog_generator",
        "the packaged catalogs, filtered, adjusted, under your vendor name",
        docs="docs/series.md",
        example="kustomize/bases/common-catalog/catalog.yaml",
        generates=True,
    ),
    "VirtualMachineRenderer": Kind(
        "virtual_machine_renderer",
        "VirtualMachines expanded, pinned to ControllerRevisions, or checked",
        docs="docs/rendering.md",
        example="kustomize/transformers/render-vms/renderer.yaml",
    ),
    "ManifestValidator": Kind(
        "manifest_validator",
        "schemas of KubeVirt's versions and the admission rules that need no cluster",
        docs="docs/validation.md",
        example="kustomize/examples/kpt/validator.yaml",
    ),
}
"""functionConfig kind → its row, in the order in which they are shown."""

SERIES = {name: kind.series for name, kind in KINDS.items() if kind.series}
"""Kind of a definition of one family → the module whose `expand(definition)` makes the family."""
GENERATORS = tuple(name for name, kind in KINDS.items() if kind.generates)
SERIES_OF = {made: name for name, kind in KINDS.items() for made in kind.makes}
"""Kind of an instancetype or a preference → the kind of the series that makes such objects."""
