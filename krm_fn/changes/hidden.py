"""Values that no report shows: what may hold a password or a key."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_KEYS = frozenset(("userData", "userDataBase64", "networkData", "networkDataBase64"))


def masked(path: str, value: Any) -> Any:
    """The value of a field, with its length in place of what is hidden."""
    key = path.rpartition(".")[2]
    if key in _KEYS and value is not None:
        return f"({len(str(value))} characters, not shown)"
    if isinstance(value, dict):
        return {name: masked(name, part) for name, part in value.items()}
    return [masked("", part) for part in value] if isinstance(value, list) else value
