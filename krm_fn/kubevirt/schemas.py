"""The JSON Schemas that manifests are checked with: the packaged ones of a KubeVirt version, and a user's own before them."""

from __future__ import annotations

import json
import os
import stat
from functools import cache

from krm_fn.core import data, structural
from krm_fn.core.errors import InputError
from krm_fn.core.manifest import mapping, text
from krm_fn.kubevirt import api, versions
from krm_fn.kubevirt.versions import NEWEST

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_fn.core.manifest import Manifest

IDENTITY = "x-kubernetes-group-version-kind"
_KINDS_KNOWN = 1000
_MAX_BYTES = 16 * 1024 * 1024

KINDS = {
    api.KUBEVIRT_GROUP: (api.VIRTUAL_MACHINE,),
    api.INSTANCETYPE_GROUP: (*api.INSTANCETYPE_KINDS, *api.PREFERENCE_KINDS),
    "apps": ("ControllerRevision",),
}
"""Group → kinds with a packaged schema."""
_CONFIG = "functionConfig"


def packaged(kind: str, version: str = NEWEST) -> Manifest:
    """The packaged schema of one of KINDS for a KubeVirt version, read once."""
    return _read_packaged(version, kind)


def config_schema(kind: str) -> Manifest | None:
    """The packaged schema of one of krm-fn's own kinds, with the versions that there are; None when there is none."""
    if kind not in config_kinds():
        return None
    schema = _read_packaged(_CONFIG, kind)
    properties = mapping(mapping(mapping(schema, "properties"), "spec"), "properties")
    if "kubevirt" in properties:
        properties["kubevirt"] |= versions.schema()
    return schema


def config_kinds() -> list[str]:
    """krm-fn's own kinds that have a schema."""
    return [name.removesuffix(".json") for name in data.names("schemas", _CONFIG) if name.endswith(".json")]


@cache
def _read_packaged(directory: str, kind: str) -> Manifest:
    schema: Manifest = json.loads(data.read("schemas", directory, f"{kind}.json"))
    return schema


class Schemas:
    """The schemas for one KubeVirt version, by apiVersion and kind.

    own: a directory of schemas as `krm-fn schema --from-crd` writes them. They go before the packaged ones and may be of
    any kind. Raises InputError when the directory or one of its files can't be used.
    """

    __slots__ = ("_known", "own", "version")

    def __init__(self, version: str = NEWEST, own: str = "") -> None:
        self.version = version if isinstance(version, versions.Version) else versions.Version(version)
        self.own = _read_own(own) if own else {}
        self._known: dict[tuple[str, str], Manifest | None] = dict(self.own)

    def find(self, item: Manifest) -> Manifest | None:
        """The schema for a manifest, None when its kind, or this version of it, has none."""
        key = text(item, "apiVersion"), text(item, "kind")
        if key not in self._known:
            if len(self._known) > _KINDS_KNOWN:
                return self._packaged(*key)
            self._known[key] = self._packaged(*key)
        return self._known[key]

    def _packaged(self, api_version: str, kind: str) -> Manifest | None:
        group, _, _version = api_version.rpartition("/")
        if kind not in KINDS.get(group, ()):
            return None
        schema = packaged(kind, self.version.minor)
        return schema if api_version in served(schema) else None


def served(schema: Manifest) -> list[str]:
    """The apiVersions that a schema is for."""
    identities = schema.get(IDENTITY)
    return [
        "/".join(part for part in (text(each, "group"), text(each, "version")) if part)
        for each in (identities if isinstance(identities, list) else ())
    ]


def _read_own(directory: str) -> dict[tuple[str, str], Manifest]:
    try:
        names = sorted(name for name in os.listdir(directory) if name.endswith(".json"))  # noqa: PTH208 - pathlib is slow to import
    except OSError as error:
        raise InputError(f"schemas {directory}: {error.strerror or error}") from None
    if not names:
        raise InputError(
            f"schemas {directory}: no *.json in it; write them with `krm-fn schema --from-crd FILE --output {directory}`"
        )
    own: dict[tuple[str, str], Manifest] = {}
    for name in names:
        path = os.path.join(directory, name)  # noqa: PTH118
        schema = _read_file(path)
        kinds = [text(each, "kind") for each in schema[IDENTITY] if isinstance(each, dict)]
        own |= dict.fromkeys(zip(served(schema), kinds, strict=True), schema)
    return own


def _read_file(path: str) -> Manifest:
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116
            raise InputError(f"schema {path}: is not a regular file")
        with open(path, "rb") as file:  # noqa: PTH123
            content = file.read(_MAX_BYTES + 1)
        schema: Any = json.loads(content) if len(content) <= _MAX_BYTES else None
    except OSError as error:
        raise InputError(f"schema {path}: {error.strerror or error}") from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"schema {path} is not JSON, or cut off: {error}") from None
    if not isinstance(schema, dict) or not isinstance(schema.get(IDENTITY), list) or not all(served(schema)):
        raise InputError(
            f"schema {path} doesn't say in {IDENTITY} what it is for; write it with `krm-fn schema --from-crd`"
        )
    try:
        structural.verify(schema)
    except structural.SchemaError as error:
        raise InputError(f"schema {path} can't be used: {error}") from None
    return schema
