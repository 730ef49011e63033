"""The packaged catalogs: looked up name by name, or generated as a whole by a CatalogGenerator.

A catalog is a directory of definitions, each file named after the series in it: `catalog/common/u1.yaml` holds the
series u1, whose objects are u1 or u1.<size>. So a look-up reads one small file, except for clouds whose names have
another form.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module

from krm_fn.core import data, wire
from krm_fn.core.manifest import copy_tree, mapping, name_of, namespace_of, text
from krm_fn.kinds import SERIES, SERIES_OF
from krm_fn.kubevirt.api import CLUSTER_KINDS, LABEL
from krm_fn.kubevirt.versions import NEWEST, as_of

COMMON_SOURCE = "kubevirt/common-instancetypes 1.7.0"
"""What the catalog `common` says in its own words."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from krm_fn.core.manifest import Manifest
    from krm_fn.kubevirt.versions import Version

_SUFFIX = ".yaml"


def names() -> list[str]:
    """The names of the packaged catalogs."""
    return [name for name in data.names("catalog") if "." not in name]


def series_names(catalog: str) -> list[str]:
    """The names of the series in one catalog."""
    return [name.removesuffix(_SUFFIX) for name in data.names("catalog", catalog) if name.endswith(_SUFFIX)]


@cache
def series(catalog: str, name: str) -> list[Manifest]:
    """The definitions in one file of a catalog, read once; not to be changed."""
    return wire.read(data.read("catalog", catalog, name + _SUFFIX), f"{catalog}/{name}{_SUFFIX}")


@cache
def _expanded(catalog: str, name: str, kind: str, version: Version) -> dict[str, Manifest]:
    """The objects of a kind in one file of a packaged catalog by name, made once for all calls of a process."""
    wanted, scope = SERIES_OF.get(kind), "Cluster" if kind in CLUSTER_KINDS else "Namespaced"
    found = (item for one in series(catalog, name) if text(one, "kind") == wanted for item in expand_as(one, scope))
    return {name_of(item): as_of(item, version) for item in found}


def expand_as(definition: Manifest, scope: str, vendor: str = "") -> list[Manifest]:
    """The objects of a packaged definition for a scope, with another vendor if one is given."""
    spec = {**definition["spec"], "scope": scope} | ({"vendor": vendor} if vendor else {})
    items: list[Manifest]
    items, results = import_module(SERIES[definition["kind"]]).expand({**definition, "spec": spec}, trusted=True)
    if results:
        raise AssertionError(f"the packaged series {name_of(definition)} is wrong: {results}")
    return items


def objects(catalog: str, scope: str, vendor: str = "") -> Iterator[Manifest]:
    """New objects of one catalog, by series. An opened one has the kinds that it has, whatever the scope.

    vendor: whose they are said to be, the catalog's own without one.
    """
    if catalog not in data.opened:
        for _, definition in definitions([catalog]):
            yield from expand_as(definition, scope, vendor)
        return
    for item in data.opened[catalog]:
        copied = copy_tree(item)
        if vendor:
            labels = {**mapping(copied["metadata"], "labels"), f"{LABEL}vendor": vendor}
            copied["metadata"]["labels"] = labels
        yield copied


class Catalog:
    """Look-ups in some catalogs, packaged ones and those that a command opened; unknown catalogs have no names.

    version: the KubeVirt that they are for. The packaged objects are without what it does not know.
    """

    __slots__ = ("_files", "_found", "_opened", "_version")

    def __init__(self, catalogs: Iterable[str], version: Version = NEWEST) -> None:
        self._version = version
        known = names()
        catalogs = list(dict.fromkeys(catalogs))
        self._files = [(catalog, name) for catalog in catalogs if catalog in known for name in series_names(catalog)]
        self._opened = [catalog for catalog in catalogs if catalog in data.opened]
        self._found: dict[tuple[str, str, str], dict[str, Manifest]] = {}

    def find(self, kind: str, name: str, namespace: str = "") -> Manifest | None:
        """The object of a kind and name, or None. It is shared: not to be changed. The first of several catalogs counts."""
        return next(iter(self.held(kind, name, namespace).values()), None)

    def elsewhere(self, kind: str, name: str) -> list[str]:
        """The packaged catalogs besides these that have an object of a kind and name."""
        others = [catalog for catalog in names() if catalog not in self._catalogs()]
        return [catalog for catalog in others if Catalog([catalog]).find(kind, name) is not None]

    def held(self, kind: str, name: str, namespace: str = "") -> dict[str, Manifest]:
        """Every catalog that has an object of a kind and name, with the object.

        namespace: where a namespaced object is looked up; one of an opened catalog that says a namespace is in that one.
        """
        key = (kind, name, namespace)
        if key not in self._found:
            self._found[key] = self._search(*key)
        return self._found[key]

    def _search(self, kind: str, name: str, namespace: str) -> dict[str, Manifest]:
        found: dict[str, Manifest] = {}
        likely = [file for file in self._files if name == file[1] or name.startswith(f"{file[1]}.")]
        for file in (*likely, *(file for file in self._files if file not in likely)):
            if file[0] not in found:
                item = self._objects(file, kind).get(name)
                if item is not None:
                    found[file[0]] = item
                    if len(self._catalogs()) == 1:
                        break
        for catalog in self._opened:
            for item in data.opened[catalog]:
                if text(item, "kind") == kind and name_of(item) == name and _is_seen(item, namespace):
                    found.setdefault(catalog, item)
        return found

    def _catalogs(self) -> set[str]:
        return {*(catalog for catalog, _ in self._files), *self._opened}

    def names(self, kind: str) -> list[str]:
        """The names of all objects of a kind, in the order of their definitions."""
        packaged = (name for file in self._files for name in self._objects(file, kind))
        opened = (name_of(item) for path in self._opened for item in data.opened[path] if text(item, "kind") == kind)
        return list(dict.fromkeys((*packaged, *opened)))

    def _objects(self, file: tuple[str, str], kind: str) -> dict[str, Manifest]:
        return _expanded(*file, kind, self._version)


def _is_seen(item: Manifest, namespace: str) -> bool:
    return text(item, "kind") in CLUSTER_KINDS or not namespace_of(item) or namespace_of(item) == namespace


def definitions(catalogs: Iterable[str]) -> Iterator[tuple[str, Manifest]]:
    """(catalog, definition) of every series in the named catalogs."""
    return ((catalog, one) for catalog in catalogs for name in series_names(catalog) for one in series(catalog, name))
