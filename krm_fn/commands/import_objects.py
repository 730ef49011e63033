"""`krm-fn import objects`: instancetypes and preferences that exist as series that generate the very same ones."""

from __future__ import annotations

import os
import sys

from krm_fn.core.console import DONE, FINDINGS
from krm_fn.core.errors import InputError
from krm_fn.core.manifest import name_of, text
from krm_fn.core.wire import read, write_json
from krm_fn.importers.objects.item import cleaned, identity
from krm_fn.importers.objects.proof import changes, generated
from krm_fn.importers.objects.source import Converted, convert, plain, report
from krm_fn.importers.update import update
from krm_fn.kubevirt.api import CONFIG_API, INSTANCETYPE_API
from krm_fn.migrate.convert import objects as flattened
from krm_fn.roundtrip.definition import Definition, compose
from krm_fn.workspace import inputs, outputs

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from krm_fn.core.manifest import Manifest
    from krm_fn.importers.flavor import Options

_PLAIN = "objects.yaml"
_KINDS = {"InstancetypeSeries": "instancetypes", "PreferenceSeries": "preferences"}


def run(options: argparse.Namespace, choices: Options) -> int:
    """Import, prove, report, and write. Exit status 1 when an object could not be used, or with --check when one differs."""
    files = [(content.name, content.data) for content in inputs.contents(options.files)]
    found = convert(files, choices)
    if not found.objects and not found.mistakes:
        raise InputError(f"{', '.join(options.files)}: there is no instancetype and no preference")
    if options.compare:
        sys.stdout.write(
            "".join(f"{line}\n" for line in changes(_objects_in(options.compare), found.objects)) or "no changes\n"
        )
    target = options.split or options.output or options.update
    if options.check:
        return _check(found, target)
    if target or not options.compare:
        _write(found, options)
    return FINDINGS if found.mistakes else DONE


def _check(found: Converted, target: str | None) -> int:
    """Say whether what was written, or else what would be, gives the very objects that came in."""
    if target:
        written = _objects_in(target)
        beside = _beside(target)
        if not os.path.isdir(target) and os.path.exists(beside):  # noqa: PTH110,PTH112
            written += _objects_in(beside)
    else:
        written = [item for one in found.series for item in generated(one.manifest)[0].values()]
        written += [item for item, _ in found.left]
    lines = changes(found.objects, written)
    sys.stderr.write("".join(f"error: {line}\n" for line in (*found.mistakes, *lines)))
    sys.stderr.write(f"{len(found.objects)} objects: {'all exact' if not lines else f'{len(lines)} differ'}\n")
    return FINDINGS if lines or found.mistakes else DONE


def _objects_in(path: str) -> list[Manifest]:
    """The objects of a file or a directory: those that stand there, and those that its series generate."""
    found: dict[tuple[str, str, str], Manifest] = {}
    for content in inputs.contents([path]):
        for item in flattened(read(content.data, content.name)):
            if text(item, "apiVersion") == CONFIG_API and text(item, "kind") in _KINDS:
                made, reason = generated(item)
                if reason:
                    raise InputError(f"{content.name}: {text(item, 'kind')} {name_of(item)}: {reason}")
                found |= made
            elif text(item, "apiVersion") == INSTANCETYPE_API:
                found[identity(cleaned(item))] = cleaned(item)
    return list(found.values())


def _write(found: Converted, options: argparse.Namespace) -> None:
    left = [plain(item, reason) for item, reason in found.left]
    if options.split:
        files = _split(found.series) | ({_PLAIN: compose(left)} if left else {})
        sys.stderr.write(report(found, sum(each.count("\n") for each in files.values())))
        outputs.write_files(options.split, {name: each.encode() for name, each in files.items()})
        return
    if options.update:
        name, data = inputs.content(options.update)[:2]
        written, lines = update(data, name, found.series, prune=options.prune)
        sys.stdout.write("".join(f"{line}\n" for line in lines) or "nothing changed\n")
        sys.stderr.write(report(found, written.count("\n")))
        if not options.dry_run:
            outputs.write_text(options.update, written)
        return
    if options.format == "json":
        items = [one.manifest for one in (*found.series, *left)]
        written = write_json({"apiVersion": "v1", "kind": "List", "items": items}, 2) + "\n"
        left = []
    else:
        written = compose([*found.series, *([] if options.output else left)])
    apart = compose(left) if options.output and left else ""
    sys.stderr.write(report(found, (written + apart).count("\n")))
    outputs.write_text(options.output, written)
    if apart:
        outputs.write_text(_beside(options.output), apart)


def _beside(path: str) -> str:
    """The file for the objects that stay plain, beside that of the series: `a.yaml` and `a-objects.yaml`."""
    root, ending = os.path.splitext(path)  # noqa: PTH122
    return f"{root}-objects{ending}"


def _split(series: list[Definition]) -> dict[str, str]:
    """A file for each series, by its name; with its kind where two of one name are of different kinds or namespaces."""
    found: dict[str, str] = {}
    names = [name_of(one.manifest) for one in series]
    for one in series:
        name = name_of(one.manifest)
        parts = [name] if names.count(name) == 1 and name != "objects" else [name, _KINDS[one.manifest["kind"]]]
        file = "-".join(parts) + ".yaml"
        number = 1
        while file in found:
            number += 1
            file = "-".join([*parts, str(number)]) + ".yaml"
        found[file] = compose([one])
    return found
