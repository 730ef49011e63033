"""Where the packaged data lies: catalog/, kustomize/ and schemas/ beside the package in a checkout, inside it in a wheel.

The one place that knows both.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100,PTH120 - pathlib costs 10 ms

opened: dict[str, list[dict[str, Any]]] = {}
"""Catalogs that a command has read from files, beside the packaged ones: the path as it was given → instancetypes and
preferences. A function never opens any: what is read during a build has to be named in the kustomization."""


def directory(name: str) -> str:
    """The directory of packaged data with this name ("catalog", "schemas", "kustomize")."""
    packaged = os.path.join(_PACKAGE, "_data", name)  # noqa: PTH118
    return packaged if os.path.isdir(packaged) else os.path.join(os.path.dirname(_PACKAGE), name)  # noqa: PTH112,PTH118,PTH120


def read(*parts: str) -> bytes:
    """The bytes of one packaged file, such as `read("schemas", "1.9", "VirtualMachine.json")`."""
    with open(os.path.join(directory(parts[0]), *parts[1:]), "rb") as file:  # noqa: PTH118,PTH123
        return file.read()


def names(*parts: str) -> list[str]:
    """The sorted names in one packaged directory."""
    return sorted(os.listdir(os.path.join(directory(parts[0]), *parts[1:])))  # noqa: PTH118,PTH208
