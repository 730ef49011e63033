"""Walking the mappings of a manifest whose types are known to be right; null counts as absent."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_fn.core.manifest import Manifest

Path = tuple[str, ...]


def find(manifest: Manifest, path: Path) -> Any:
    """Return the value at a path of mappings, None when a part of it is missing or null."""
    here: Any = manifest
    for part in path:
        here = here.get(part)
        if here is None:
            return None
    return here


def make(manifest: Manifest, path: Path) -> Manifest:
    """Return the mapping at a path, made where it is missing or null."""
    here = manifest
    for part in path:
        below = here.get(part)
        if below is None:
            below = here[part] = {}
        here = below
    return here
