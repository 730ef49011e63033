"""The ResourceList of the KRM functions specification: what a function reads and writes.

Source: kustomize, cmd/config/docs/api-conventions/functions-spec.md.
"""

from __future__ import annotations

from krm_fn.core.errors import InputError
from krm_fn.core.finding import KEPT, first, to_manifest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from krm_fn.core.finding import Finding
    from krm_fn.core.manifest import Manifest

KIND = "ResourceList"
API_VERSIONS = ("config.kubernetes.io/v1", "config.kubernetes.io/v1beta1")


class ResourceList:
    """`items` and `function_config` of one call, and the document they came in."""

    __slots__ = ("document", "function_config", "items")

    def __init__(self, document: Manifest, items: list[Manifest], function_config: Manifest | None) -> None:
        self.document = document
        self.items = items
        self.function_config = function_config

    def answer(self, items: list[Manifest], results: Iterable[Finding]) -> Manifest:
        """The document that answers this one: other `items`, its own `results` and every other field as it came."""
        out = {**self.document, "items": items}
        kept, more = first(results, KEPT)
        found = [to_manifest(result) for result in kept]
        if more:
            found.append({"message": more, "severity": kept[0].severity})
        given = self.document.get("results")
        if isinstance(given, list):
            found = given + found
        out.pop("results", None)
        return {**out, "results": found} if found else out


def parse(documents: list[Any]) -> ResourceList:
    """Take one parsed ResourceList apart. Raises InputError that says what is missing."""
    if not documents:
        raise InputError(
            "the input is empty: a KRM function reads a ResourceList from stdin; "
            "for plain files use `krm-fn render FILE` or see `krm-fn --help`"
        )
    document = documents[0]
    if len(documents) > 1 or not isinstance(document, dict) or document.get("kind") != KIND:
        kind = document.get("kind") if isinstance(document, dict) else type(document).__name__
        raise InputError(
            f"the input is not one ResourceList but {len(documents)} document(s), the first of kind {kind!r}; "
            "for plain manifests use `krm-fn render -`, `krm-fn generate -` or `krm-fn validate -`"
        )
    if document.get("apiVersion") not in API_VERSIONS:
        raise InputError(
            f"ResourceList: apiVersion is {document.get('apiVersion')!r}, write {' or '.join(API_VERSIONS)}"
        )
    items = document.get("items")
    if items is None:
        items = []
    if not isinstance(items, list):
        raise InputError("ResourceList: items is not a list")
    for index, item in enumerate(items):
        if not isinstance(item, dict):
            raise InputError(f"ResourceList: items[{index}] is not a mapping but {type(item).__name__}")
    config = document.get("functionConfig")
    if config is not None and not isinstance(config, dict):
        raise InputError("ResourceList: functionConfig is not a mapping")
    return ResourceList(document, items, config)
