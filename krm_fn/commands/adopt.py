"""`krm-fn adopt`: plain VirtualMachines in files, short by an instancetype and a preference."""

from __future__ import annotations

import sys

from krm_fn.core import wire
from krm_fn.core.errors import InputError
from krm_fn.core.finding import describe as describe_item
from krm_fn.core.manifest import copy_tree, mapping, text
from krm_fn.kubevirt.api import CLUSTER_INSTANCETYPE, CLUSTER_PREFERENCE, INSTANCETYPE_API, is_virtual_machine
from krm_fn.migrate.adopt import Adopter, describe, is_candidate, matcher
from krm_fn.migrate.convert import objects
from krm_fn.migrate.settled import ACCEPTABLE
from krm_fn.roundtrip import document as roundtrip
from krm_fn.roundtrip import lines
from krm_fn.roundtrip.edit import empty, insert_before, remove
from krm_fn.workspace import arguments, inputs, outputs

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from typing import Any

    from krm_fn.core.manifest import Manifest
    from krm_fn.migrate.adopt import Adopted

HELP = """\
Rewrite VirtualMachines that spell out their cpu, memory and devices to name the
instancetype and the preference that say the same, and leave out what these put
back. A VM is rewritten only where expanding gives the same VM back; the others
stay as they are, and stderr says what stands in the way. Comments stay.

Candidates are the cluster-wide objects of the catalogs and those in the files.

examples:
  krm-fn adopt vms/                       what would be adopted, and what not
  krm-fn adopt -i vms/
  krm-fn adopt -i --catalog aws --accept topology vm.yaml
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    arguments.add_inputs(parser)
    arguments.add_edits(parser)
    arguments.add_catalogs(parser, "where to choose from: a packaged catalog, or a path (default common)")
    parser.add_argument(
        "--accept",
        action="append",
        default=[],
        choices=ACCEPTABLE,
        help="take as no difference: annotations that a preference adds; cores, sockets and threads of the same vCPUs",
    )


def run(options: argparse.Namespace) -> int:
    """Adopt what can be adopted, say what can't, and write."""
    read = [
        (content, roundtrip.read(content.data, content.name, later=True))
        for content in inputs.contents(options.inputs, options.exclude)
    ]
    values = {id(document): _values(document, content) for content, found in read for document in found}
    items = [item for held in values.values() for item in objects(held)]
    instancetypes, preferences = _candidates(["common"] if options.catalogs is None else options.catalogs, items)
    adopter = Adopter(instancetypes, preferences, frozenset(options.accept))
    count = 0
    for content, found in read:
        start = 1
        for document in found:
            start += document.before.count("\n")
            count += _adopt(document, values[id(document)], (content.name, start), adopter)
            start += document.text.count("\n")
    sys.stderr.write(f"{count} adopted\n")
    edits = [outputs.Edit(content, roundtrip.write(found)) for content, found in read]
    return outputs.write_edits(edits, options, roundtrip.concatenate)


def _values(document: roundtrip.Document, content: inputs.Content) -> list[Any]:
    """What a document holds, read the fast way. InputError with the line in the whole file."""
    try:
        return wire.read(document.text.encode(), content.name)
    except InputError:
        wire.read(content.data, content.name)
        raise


def _adopt(document: roundtrip.Document, values: list[Any], place: tuple[str, int], adopter: Adopter) -> int:
    """Adopt the VMs of one document, in place; how many there were."""
    name, start = place
    machines = [(item, vm) for item in objects(values) for vm in _machines(item)]
    done = []
    for item, vm in machines:
        found = adopter.adopt(vm)
        at = start + _first_line(document.text)
        if len(values) != 1 or values[0] is not item:
            at = start + _line(
                next(one for one, other in zip(_items(document), objects(values), strict=True) if other is item)
            )
        _say(f"{name}:{at}", item, found)
        done.append(found)
    if any(found.paths is not None for found in done):
        if len(machines) == 1 and machines[0][0] is machines[0][1] and values[0] is machines[0][0]:
            document.new_text = _by_lines(document.text, machines[0][1], done[0])
        if document.new_text is None:
            written = [vm for item in _items(document) for vm in _machines(item, quiet=True)]
            for vm, found in zip(written, done, strict=True):
                if found.paths is not None:
                    rewrite(vm, found)
            document.edited = True
    return sum(found.paths is not None for found in done)


def _items(document: roundtrip.Document) -> list[Any]:
    return list(objects([document.content]))


def _first_line(text_: str) -> int:
    """The line of a document's first key, from 0."""
    lines = text_.split("\n")
    return next((number for number, line in enumerate(lines) if line.strip() and not line.lstrip().startswith("#")), 0)


def _by_lines(text_: str, vm: Manifest, found: Adopted) -> str | None:
    """The document's text with the VM rewritten line by line, or None where only the long way keeps it as it is."""
    new = {field: matcher(target) for field, target in found.pair().items()}
    wanted = copy_tree(vm)
    rewrite(wanted, found)
    try:
        made = lines.without(text_, found.paths or [], ("spec", "template"), new)
        return made if wire.read(made.encode()) == [wanted] else None
    except (lines.NotPlainError, InputError):
        return None


def _candidates(catalogs: list[str], items: list[Manifest]) -> tuple[list[Manifest], list[Manifest]]:
    """The instancetypes and preferences to choose from: the files' own before the catalogs'."""
    from krm_fn.series.catalog import Catalog
    from krm_fn.workspace.catalogs import open_all

    packaged = Catalog(open_all(catalogs))
    found: list[list[Manifest]] = []
    for kind in (CLUSTER_INSTANCETYPE, CLUSTER_PREFERENCE):
        own = [item for item in items if text(item, "kind") == kind and text(item, "apiVersion") == INSTANCETYPE_API]
        named = (packaged.find(kind, name) for name in packaged.names(kind))
        found.append([*own, *(item for item in named if item is not None)])
    return [item for item in found[0] if is_candidate(item)], [item for item in found[1] if _usable(item)]


def _usable(preference: Manifest) -> bool:
    """Storage classes are filled in by the webhook, which an expansion does not show, so those preferences are left out."""
    spec = preference.get("spec")
    return isinstance(spec, dict) and "volumes" not in spec


_ONLY_MACHINES = ("VirtualMachineInstance", "VirtualMachineInstanceReplicaSet", "VirtualMachineInstancePreset")


def _machines(item: Any, *, quiet: bool = False) -> list[Any]:
    """The VirtualMachines in a manifest: itself, a pool's template with a VM's spec, those of an OpenShift template.

    quiet: say nothing of the others.
    """
    if is_virtual_machine(item):
        return [item]
    kind, group = text(item, "kind"), text(item, "apiVersion").partition("/")[0]
    if kind == "VirtualMachinePool" and group == "pool.kubevirt.io":
        template = mapping(item, "spec").get("virtualMachineTemplate")
        return [template] if isinstance(template, dict) and isinstance(template.get("spec"), dict) else []
    if kind == "Template" and isinstance(item.get("objects"), list):
        return [one for one in item["objects"] if isinstance(one, dict) and is_virtual_machine(one)]
    if kind in _ONLY_MACHINES and not quiet:
        name = describe_item(item)
        sys.stderr.write(f"kept: {name}: a {kind} can't name an instancetype; a VirtualMachine can\n")
    return []


def _line(item: Any) -> int:
    """The line of a manifest in its document, from 0."""
    return getattr(getattr(item, "lc", None), "line", 0) or 0


def _say(place: str, item: Manifest, found: Adopted) -> None:
    name = describe_item(item)
    if found.paths is not None:
        sys.stderr.write(f"{place}: adopted: {name}: {describe(found)}\n")
    for reason in found.reasons:
        sys.stderr.write(f"{place}: kept: {name}: {reason}\n")


def rewrite(item: Any, found: Adopted) -> None:
    """Take the fields out of a round-trip VM, in place, and name the pair before the template."""
    for path in sorted(found.paths or [], key=str, reverse=True):
        parent, holder, step = item, item, ""
        for key in path[:-1]:
            holder, parent, step = parent, parent[key], str(key)
        remove(parent, str(path[-1]))
        if isinstance(parent, dict) and not parent:
            empty(holder, step)
    for field, target in found.pair().items():
        insert_before(item["spec"], "template", field, matcher(target))
