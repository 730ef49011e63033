"""Series definitions from a few choices."""

from __future__ import annotations

from typing import Any

from krm_fn.core.errors import InputError
from krm_fn.kubevirt.api import CONFIG_API

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from krm_fn.core.manifest import Manifest

SIZES = {"small": 1, "medium": 2, "large": 4, "xlarge": 8}
"""The sizes of a family that nobody has named any for."""


def pairs(given: Iterable[str], option: str) -> dict[str, str]:
    """`NAME=VALUE` options as a mapping. Raises InputError."""
    found: dict[str, str] = {}
    for each in given:
        name, sign, value = each.partition("=")
        if not (name and sign and value):
            raise InputError(f"{option} {each}: write NAME=VALUE")
        if name in found:
            raise InputError(f"{option} {each}: {name} is there already")
        found[name] = value
    return found


def instancetypes(name: str, spec: Mapping[str, Any], sizes: Mapping[str, str]) -> Manifest:
    """An InstancetypeSeries; without sizes, with some to start from."""
    values: dict[str, Any] = {size: int(value) if value.isdigit() else value for size, value in sizes.items()}
    chosen = {key: value for key, value in spec.items() if value}
    return _definition("InstancetypeSeries", name, {**chosen, "sizes": values or dict(SIZES)})


def preferences(name: str, spec: Mapping[str, Any], members: Iterable[str], traits: list[str]) -> Manifest:
    """A PreferenceSeries with a member for each name; "" is one that is called like the series."""
    requirements = spec.get("requirements") or {}
    member = ({"traits": traits} if traits else {}) | ({"requirements": requirements} if requirements else {})
    chosen = {key: value for key, value in spec.items() if value and key != "requirements"}
    named = list(members) or [""]
    return _definition("PreferenceSeries", name, {**chosen, "members": {each: dict(member) for each in named}})


def _definition(kind: str, name: str, spec: Manifest) -> Manifest:
    return {"apiVersion": CONFIG_API, "kind": kind, "metadata": {"name": name}, "spec": spec}
