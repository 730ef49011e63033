"""A flavor's name as the family it belongs to and its size in it."""

from __future__ import annotations


def split(name: str) -> tuple[str, str, str]:
    """(series, size, name template) of a slug: at the last dot, else at the last dash.

    A name with neither is a series with one size, and its template is the name itself.
    """
    for separator in ".-":
        series, found, size = name.rpartition(separator)
        if found and series and size:
            return series, size, f"{{{{ series }}}}{separator}{{{{ size }}}}"
    return name, "default", "{{ series }}"
