"""The entries of the catalogs that a command names, and those of them that a person means by a name."""

from __future__ import annotations

from fnmatch import fnmatchcase

from krm_fn.choose import filters
from krm_fn.choose.entry import Entry, entries
from krm_fn.core import data
from krm_fn.core.errors import InputError
from krm_fn.core.suggest import nearest
from krm_fn.series import catalog
from krm_fn.workspace import arguments
from krm_fn.workspace.catalogs import open_all, series_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from krm_fn.core.manifest import Manifest

DEFAULT = ["common"]
SCOPES = ("Cluster", "Namespaced", "Both")
_SHOWN = 8


def add_catalogs(parser: argparse.ArgumentParser) -> None:
    """--catalog and --scope."""
    arguments.add_catalogs(parser, f"where to look: {', '.join(catalog.names())}, or a path (default common)")
    parser.add_argument(
        "--scope", choices=SCOPES, default="Cluster", help="which kinds of a packaged catalog (default Cluster)"
    )


def add_filters(parser: argparse.ArgumentParser, *, without: Iterable[str] = ()) -> None:
    """An option for each condition of `filters.FILTERS`."""
    group = parser.add_argument_group("filters")
    for name, row in filters.FILTERS.items():
        if name not in without:
            action = group.add_argument(f"--{name}", dest=f"filter_{name}", metavar=row.metavar, help=row.help)
            if row.bare:
                action.nargs, action.const = "?", row.bare


def given_filters(options: argparse.Namespace) -> dict[str, str]:
    """The conditions that were given, by the option's name."""
    given = {name: getattr(options, f"filter_{name}", None) for name in filters.FILTERS}
    return {name: value for name, value in given.items() if value}


def read(options: argparse.Namespace) -> list[Entry]:
    """Every entry of the catalogs that the options name. Raises InputError when one can't be read."""
    found: list[Entry] = []
    for name in open_all(DEFAULT if options.catalogs is None else options.catalogs):
        items, families = _objects(name, options.scope)
        found += entries(name, items, families)
    if not found:
        raise InputError("no catalog is named: write --catalog NAME or --catalog PATH")
    return found


def definitions(options: argparse.Namespace) -> list[Manifest]:
    """The series of the packaged catalogs that the options name, and those that the others were opened from."""
    names = DEFAULT if options.catalogs is None else options.catalogs
    return [one for name in names for one in (series_of(name) if name in data.opened else _packaged(name))]


def _packaged(name: str) -> list[Manifest]:
    return [definition for _, definition in catalog.definitions([name])]


def _objects(name: str, scope: str) -> tuple[list[Manifest], dict[int, str]]:
    """The objects of a catalog, and the series of each packaged one by its id()."""
    if name in data.opened:
        return data.opened[name], {}
    items: list[Manifest] = []
    families: dict[int, str] = {}
    for _, definition in catalog.definitions([name]):
        made = catalog.expand_as(definition, scope)
        families |= dict.fromkeys(map(id, made), definition["metadata"]["name"])
        items += made
    return items, families


def named(found: list[Entry], patterns: Iterable[str]) -> list[Entry]:
    """The entries whose names match one of the globs, in their order. Raises InputError for a glob that matches none."""
    patterns = list(patterns)
    for pattern in patterns:
        if not any(fnmatchcase(entry.name, pattern) for entry in found):
            raise InputError(f'no object of the catalogs is named "{pattern}"{_hint(found, pattern)}')
    return [entry for entry in found if any(fnmatchcase(entry.name, pattern) for pattern in patterns)]


def one(found: list[Entry], name: str, kind: str = "") -> Entry:
    """The entry of a name. Raises InputError when there is none, or when it is in two catalogs."""
    held = [entry for entry in found if entry.name == name and kind in ("", entry.kind)]
    if not held:
        raise InputError(f'no {kind or "object"} of the catalogs is named "{name}"{_hint(found, name, kind)}')
    catalogs = list(dict.fromkeys(entry.catalog for entry in held))
    if len(catalogs) > 1:
        raise _in_two(name, catalogs)
    kinds = list(dict.fromkeys(entry.kind for entry in held))
    if len(kinds) > 1:
        raise InputError(f'"{name}" is the name of an instancetype and of a preference: say which with --kind')
    return held[0]


def check_names(found: Iterable[Entry]) -> None:
    """Raise InputError for a kind and name that two catalogs have."""
    seen: dict[tuple[str, str, str], str] = {}
    for entry in found:
        first = seen.setdefault((entry.item["kind"], entry.namespace, entry.name), entry.catalog)
        if first != entry.catalog:
            raise _in_two(entry.name, [first, entry.catalog])


def _in_two(name: str, catalogs: list[str]) -> InputError:
    choices = " or ".join(f"--catalog {each}" for each in catalogs)
    return InputError(f'"{name}" is in the catalogs {" and ".join(catalogs)}: choose one with {choices}')


def _hint(found: list[Entry], name: str, kind: str = "") -> str:
    """What may have been meant: names that are near, else objects whose texts have the word."""
    known = [entry for entry in found if kind in ("", entry.kind)]
    said = [entry.name for entry in filters.matching(known, {"search": name.strip("*?")})] if name.strip("*?") else []
    if said:
        more = " and more" if len(said) > _SHOWN else ""
        return f"; it is in the texts of {', '.join(said[:_SHOWN])}{more}"
    close = nearest(name, [entry.name for entry in known], 3)
    return f"; did you mean {' or '.join(close)}?" if close else "; `krm-fn catalog list` has the names"
