"""Manifests that are written for people: with comments above them and beside their keys."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from krm_fn.core.manifest import Manifest


class Definition:
    """A manifest and what is to be said beside it.

    header: lines above the document. notes: path of a key, such as ("spec", "sizes", "4-2"), -> remark on its line.
    dense: write mappings of the second level, such as sizes, on one line as well where they fit.
    """

    __slots__ = ("dense", "header", "manifest", "notes")

    def __init__(
        self, manifest: Manifest, header: list[str], notes: Mapping[tuple[str, ...], str], *, dense: bool = False
    ) -> None:
        self.manifest = manifest
        self.header = header
        self.notes = dict(notes)
        self.dense = dense


def compose(definitions: Iterable[Definition]) -> str:
    """Series definitions as YAML with their comments, `---` between them."""
    from krm_fn.roundtrip.document import dump

    return "---\n".join(dump(commented(one)) for one in definitions)


def commented(definition: Definition) -> Any:
    """A definition as a mapping that carries its comments; small leaves on one line."""
    from krm_fn.roundtrip.document import styled

    content = styled(definition.manifest, dense=definition.dense)
    if definition.dense and "annotations" in content["metadata"]:
        content["metadata"]["annotations"].fa.set_flow_style()
    if definition.header:
        content.yaml_set_start_comment("\n".join(definition.header))
    for path, note in definition.notes.items():
        parent = content
        for key in path[:-1]:
            parent = parent[key]
        parent.yaml_add_eol_comment(note, path[-1])
    return content
