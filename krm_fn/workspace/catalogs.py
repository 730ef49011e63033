"""Catalogs that are no packaged ones: series, objects, what `kubectl get -o yaml` wrote, or an OCI layout, read from files.

Once opened, a catalog is looked into under the path it was given, by everything that looks into packaged ones.
"""

from __future__ import annotations

import os
from importlib import import_module

from krm_fn.core import data, oci, wire
from krm_fn.core.errors import FunctionConfigError, InputError
from krm_fn.core.finding import Finding, has_errors
from krm_fn.core.manifest import copy_tree, mapping, name_of, namespace_of, text
from krm_fn.core.shape import WRONG_TYPE
from krm_fn.core.suggest import did_you_mean
from krm_fn.functions.generated import origin_of, stamp
from krm_fn.functions.rendered import NAME_MISSING
from krm_fn.kinds import SERIES
from krm_fn.kubevirt.api import INSTANCETYPE_GROUP, INSTANCETYPE_KINDS, PREFERENCE_KINDS
from krm_fn.series import catalog
from krm_fn.series.objects import DUPLICATE_NAME
from krm_fn.validate.manifest import check, schemas_for
from krm_fn.vm.compatibility import upgrade
from krm_fn.workspace import inputs, manifests

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from krm_fn.core.manifest import Manifest

_KINDS = frozenset((*INSTANCETYPE_KINDS, *PREFERENCE_KINDS))
_METADATA = ("name", "namespace", "labels", "annotations")
"""What an object has besides what a cluster wrote into it."""
_NOT_OURS = ("kubectl.kubernetes.io/", "internal.config.kubernetes.io/", "config.kubernetes.io/")
_series: dict[str, list[Manifest]] = {}
"""The definitions in each opened catalog, as they were written."""


def open_all(named: Iterable[str]) -> list[str]:
    """Read the catalogs that are no packaged ones, each once, and return all of them in their order.

    Raises InputError for a name that leads nowhere and for a catalog without an object, FunctionConfigError with every
    mistake in one.
    """
    chosen = list(dict.fromkeys(named))
    for name in chosen:
        if name not in catalog.names() and name not in data.opened:
            data.opened[name] = _read(name)
    return chosen


def open_configured(*configs: Manifest) -> None:
    """Open what the `catalogs` of functionConfigs name, as far as it lies in the working directory or below.

    Whoever commits a functionConfig should not have other files read. Raises as `open_all`, and InputError for such a path.
    """
    for config in configs:
        named = mapping(config, "spec").get("catalogs")
        names = [name for name in named if isinstance(name, str)] if isinstance(named, list) else []
        for name in names:
            if name not in catalog.names() and name not in data.opened and os.path.exists(name):  # noqa: PTH110
                real, here = os.path.realpath(name), os.path.realpath(os.curdir)
                if not real.startswith(os.path.join(here, "")):  # noqa: PTH118
                    raise InputError(
                        f"{name}: spec.catalogs leads out of the working directory: name it with --catalog {name}"
                    )
                open_all([name])


def series_of(name: str) -> list[Manifest]:
    """The series that were among an opened catalog's manifests."""
    return _series.get(name, [])


def _read(name: str) -> list[Manifest]:
    made, found = [], []
    _series[name] = []
    for item in _manifests(name):
        kind = text(item, "kind")
        if kind in SERIES:
            _series[name].append(manifests.clean(item))
            objects, problems = import_module(SERIES[kind]).expand(item)
            made += [stamp(each, origin_of(item), item) for each in objects]
            found += problems
        elif kind in _KINDS and text(item, "apiVersion").startswith(f"{INSTANCETYPE_GROUP}/"):
            found += _mistakes(item)
            made.append(item)
    found += _twice(made)
    if has_errors(found):
        raise FunctionConfigError(found)
    if not made:
        said = inputs.STDIN_NAME if name == inputs.STDIN else name
        raise InputError(f"{said}: there is no instancetype, preference or series in it")
    return [_bare(upgrade(item)) for item in made]


def _manifests(name: str) -> list[Manifest]:
    """What a file, a directory, stdin or an OCI layout with or without :TAG holds."""
    folder, tag = name, ""
    if not os.path.exists(name) and ":" in name:  # noqa: PTH110
        folder, _, tag = name.rpartition(":")
    if oci.is_layout(folder):
        try:
            files = oci.unpacked(lambda path: inputs.read_bytes(os.path.join(folder, path)), tag)  # noqa: PTH118
        except ValueError as error:
            raise InputError(f"{folder}: {error}") from None
        documents = [each for path, content in files.items() for each in wire.read(content, f"{folder}:{path}")]
        return [item for _, _, item in manifests.flattened(documents) if isinstance(item, dict)]
    if name != inputs.STDIN and not os.path.exists(name):  # noqa: PTH110
        known = catalog.names()
        hint = did_you_mean(name, known) or f"; packaged are {', '.join(known)}"
        raise InputError(f"catalog {name}: there is no packaged catalog and no file or directory of that name{hint}")
    return manifests.read([name])


def _mistakes(item: Manifest) -> list[Finding]:
    if not name_of(item):
        return [Finding(NAME_MISSING, "is missing: write metadata.name", item, "metadata.name")]
    try:
        return check(upgrade(item), schemas_for({})) or []
    except ValueError as error:
        return [Finding(WRONG_TYPE, f"can't be read: {error}", item, "spec")]


def _twice(items: list[Manifest]) -> list[Finding]:
    seen: set[tuple[str, str, str]] = set()
    found = []
    for item in items:
        key = (text(item, "kind"), namespace_of(item), name_of(item))
        if key in seen:
            found.append(Finding(DUPLICATE_NAME, "is there twice: rename or remove one", item, "metadata.name"))
        seen.add(key)
    return found


def _bare(item: Manifest) -> Manifest:
    """An object as its author wrote it: without what a cluster, kubectl and the reading of files added."""
    metadata = {key: copy_tree(item["metadata"][key]) for key in _METADATA if key in item["metadata"]}
    annotations = {
        key: value for key, value in mapping(metadata, "annotations").items() if not key.startswith(_NOT_OURS)
    }
    metadata = {key: value for key, value in metadata.items() if key != "annotations"}
    if annotations:
        metadata["annotations"] = annotations
    return {"apiVersion": item["apiVersion"], "kind": item["kind"], "metadata": metadata, "spec": item["spec"]}
