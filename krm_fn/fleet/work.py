"""The calls that another process makes for a command: plain data in, plain data out, the same wherever it runs.

What comes back is what one process would have found: findings point at their item by its place among what was given.
"""

from __future__ import annotations

from krm_fn import __version__
from krm_fn.core import data, wire
from krm_fn.core.errors import InputError
from krm_fn.functions.manifest_validator import check_items
from krm_fn.functions.virtual_machine_renderer import Machines, render_machines
from krm_fn.workspace.manifests import clean
from krm_fn.workspace.written import written

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_fn.core.finding import Finding
    from krm_fn.core.manifest import Manifest

    Placed = list[tuple[int | None, Finding]]
    Opened = dict[str, list[Manifest]]

_FINDINGS = ("results", "texts", "validated")


def read(given: bytes, version: str) -> list[Any]:
    """The documents in a part of an input. Raises InputError, whose position is that in the part."""
    _check(version)
    return wire.read(given)


def render(
    spec: Manifest, context: list[Manifest], machines: list[Manifest], opened: Opened, how: tuple[str, bool]
) -> tuple[list[Manifest], dict[str, Placed], list[Manifest], set[str]]:
    """Render VirtualMachines by a renderer's spec.

    context:  everything besides the VMs that they can name. opened: the catalogs that are no packaged ones.
    how:      (version of the caller, whether the VMs are wanted as text).
    Returns the VMs, the findings of `Machines` by name, the revisions and the origins.
    """
    version, as_text = how
    _check(version)
    data.opened.update(opened)
    done = render_machines(spec, context, machines)
    out = [written(clean(item)) for item in done.out] if as_text else done.out
    places = {id(item): index for index, item in enumerate((*machines, *context))}
    found = {name: _placed(getattr(done, name), places) for name in _FINDINGS}
    return list(out), found, done.revisions, done.origins


def validate(
    spec: Manifest, context: list[Manifest], items: list[Manifest], opened: Opened, version: str
) -> list[Placed | None]:
    """What is wrong with each item; None for one that has no schema, [] for definitions of ours. `context`: what VMs can name."""
    _check(version)
    data.opened.update(opened)
    places = {id(item): index for index, item in enumerate(items)}
    return [None if found is None else _placed(found, places) for found in check_items(spec, items, context)]


def machines(
    given: list[Manifest],
    context: list[Manifest],
    part: tuple[list[Manifest], dict[str, Placed], list[Manifest], set[str]],
) -> Machines:
    """What `render` gave for `given`, with the findings about the items themselves."""
    done = Machines()
    done.out, found, done.revisions, done.origins = part
    items = [*given, *context]
    for name in _FINDINGS:
        setattr(done, name, put_back(found[name], items))
    return done


def put_back(found: Placed, items: list[Manifest]) -> list[Finding]:
    """Findings about the items themselves, by their places."""
    return [each if place is None else each.but(item=items[place]) for place, each in found]


def _placed(found: list[Finding], places: dict[int, int]) -> Placed:
    """(place of the item, finding without it); the item stays where it is none of those that were given."""
    out: Placed = []
    for each in found:
        place = places.get(id(each.item))
        out.append((place, each if place is None else each.but(item=None)))
    return out


def _check(version: str) -> None:
    """Two versions may give two results: what is put together has to be of one."""
    if version != __version__:
        raise InputError(f"a worker has krm-fn {__version__}, not {version}: install the same version on all")
