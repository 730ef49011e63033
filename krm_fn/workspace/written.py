"""A manifest whose text another process has made: only what names it came back with it."""

from __future__ import annotations

from krm_fn.core import wire

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_fn.core.manifest import Manifest

_HEAD = ("apiVersion", "kind", "metadata")


class Written(dict[str, "Any"]):
    """The head of a manifest (apiVersion, kind, metadata) and the `text` of all of it, as YAML."""

    __slots__ = ("text",)

    def __init__(self, head: Manifest, text: str) -> None:
        super().__init__(head)
        self.text = text

    def __reduce__(self) -> tuple[type[Written], tuple[Manifest, str]]:
        return Written, (dict(self), self.text)


def written(item: Manifest) -> Written:
    """A manifest as its head and its text."""
    return Written({key: item[key] for key in _HEAD if key in item}, wire.write_yaml([item]))


def yaml_of(item: Manifest) -> str:
    """The YAML of a manifest."""
    return item.text if isinstance(item, Written) else wire.write_yaml([item])
