"""krm-fn.yaml: defaults for the options that many commands have, from the nearest such file at or above the working directory.

An option wins over it, and so does a functionConfig that says the same thing.
"""

from __future__ import annotations

import os

from krm_fn.core import budget, console, wire
from krm_fn.core.errors import InputError
from krm_fn.core.manifest import mapping
from krm_fn.core.suggest import did_you_mean
from krm_fn.series import catalog
from krm_fn.validate.config import check_config, without_nulls
from krm_fn.workspace import inputs
from krm_fn.workspace.arguments import version

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable
    from typing import Any

    from krm_fn.core.manifest import Manifest

NAME = "krm-fn.yaml"
_FALLBACKS = ("kubevirt", "catalogs")


def load(folder: str = ".") -> Manifest:
    """The spec of the nearest settings file, empty without one. Raises for a file that can't be used."""
    path = _nearest(os.path.realpath(folder))
    if not path:
        return {}
    documents = wire.read(inputs.read_bytes(path), path)
    if len(documents) != 1 or not isinstance(documents[0], dict) or documents[0].get("kind") != "Settings":
        raise InputError(f"{path}: is not one manifest of kind Settings, which is what a file of this name holds")
    mistakes = check_config(documents[0])
    if mistakes:
        raise InputError("\n".join(f"{path}: {each.path}: {each.message}" for each in mistakes))
    spec = dict(mapping(without_nulls(documents[0]), "spec"))
    if "kubevirt" in spec:
        spec["kubevirt"] = version(spec["kubevirt"])
    if "catalogs" in spec:
        spec["catalogs"] = [_seen_from_here(name, os.path.dirname(path)) for name in spec["catalogs"]]  # noqa: PTH120
    return spec


def _nearest(folder: str) -> str:
    while True:
        path = os.path.join(folder, NAME)  # noqa: PTH118
        if os.path.isfile(path):  # noqa: PTH113
            return path
        above = os.path.dirname(folder)  # noqa: PTH120
        if above == folder:
            return ""
        folder = above


def _seen_from_here(name: str, folder: str) -> str:
    return name if name in catalog.names() else os.path.relpath(os.path.join(folder, name))  # noqa: PTH118


def apply(options: argparse.Namespace, found: Manifest) -> None:
    """Begin a call by the options, and by the settings where they say nothing; `complete` does the rest where a file may."""
    console.be_quiet(quiet=bool(getattr(options, "quiet", found.get("quiet"))))
    console.use_colour(str(getattr(options, "color", found.get("color", "auto"))))
    budget.start({**found.get("budget", {}), **_limits(getattr(options, "budget", ()))})
    options.fallback = {key: found[key] for key in _FALLBACKS if key in found}
    if not hasattr(options, "config"):
        complete(options, {})


def complete(options: argparse.Namespace, spec: Manifest) -> None:
    """Fill in the options that neither the command line nor a functionConfig's spec gives, in place."""
    for key, value in getattr(options, "fallback", {}).items():
        if getattr(options, key, ...) is None and key not in spec:
            setattr(options, key, value)


def _limits(given: Iterable[str]) -> dict[str, Any]:
    found = {}
    for each in given:
        name, _, amount = each.partition("=")
        if name not in budget.LIMITS or not (amount.isdecimal() and len(amount) < 16 and int(amount)):
            hint = did_you_mean(name, budget.LIMITS) if name not in budget.LIMITS else ""
            raise InputError(f"--budget {each}: write NAME=N with one of {', '.join(budget.LIMITS)}{hint}")
        found[name] = int(amount)
    return found
