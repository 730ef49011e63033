"""Where a command's answer goes: stdout, a file, a directory, or back into the files that it was made of.

Every file goes through `transaction`. What was written is said in one line on stderr.
"""

from __future__ import annotations

import os
import stat
import sys
from typing import NamedTuple
from urllib.parse import quote

from krm_fn.core import wire
from krm_fn.core.console import DONE, FINDINGS, note, say
from krm_fn.core.errors import InputError, KrmFnError, OutputError
from krm_fn.core.finding import describe, printable
from krm_fn.core.manifest import mapping, name_of, namespace_of, text
from krm_fn.workspace import inputs, transaction
from krm_fn.workspace.manifests import shown
from krm_fn.workspace.written import yaml_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable, Mapping

    from krm_fn.core.manifest import Manifest
    from krm_fn.workspace.inputs import Content

_OWN_GROUP = "kubevirt.io"
_SHOWN = 5
"""Names of files that a summary holds."""


class Edit(NamedTuple):
    """A file as it was read, and its new text."""

    content: Content
    text: str


def write_text(target: str | None, text: str) -> None:
    """Write a text to a file, or to stdout without one or for `-`. Raises OutputError."""
    if not target or target == inputs.STDIN:
        write_stdout(text)
    else:
        _write(Targets({target: text.encode()}))


def write_stdout(text: str) -> None:
    """Write to stdout, always in UTF-8. Raises OutputError when that can't be done, BrokenPipeError when nobody reads it."""
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode())
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(f"stdout: {error.strerror}") from None


def write_items(items: Iterable[Manifest], options: argparse.Namespace, *, follows: bool = False) -> int:
    """Write manifests as the options of `arguments.add_outputs` say, without local configuration; returns the exit status.

    That is 1 when --check finds that something would change, else 0.
    follows: the stream is to stand behind another one, so it begins with a document marker.
    """
    left, target = shown(items), options.output
    if target and (target.endswith("/") or os.path.isdir(target)):  # noqa: PTH112
        return _finish(into_directory(left, target, options.format, prune=options.prune), options)
    if options.prune:
        raise InputError("--prune needs a directory to write into: -O DIR/")
    output = as_text(left, options.format)
    if follows and left and options.format == "yaml":
        output = f"---\n{output}"
    if target and target != inputs.STDIN:
        return _finish(Targets({target: output.encode()}), options)
    if options.check or options.dry_run:
        raise InputError(
            f"{'--check' if options.check else '--dry-run'} needs a file or directory to compare with: -O PATH"
        )
    write_stdout(output)
    return DONE


def write_edits(edits: Iterable[Edit], options: argparse.Namespace, concatenate: Callable[[Iterable[str]], str]) -> int:
    """Write edited files as the options of `arguments.add_edits` say; returns the exit status.

    concatenate: several files' texts as one, for stdout and -O.
    """
    edits = list(edits)
    if options.check or options.dry_run or options.in_place:
        if any(edit.content.name == inputs.STDIN_NAME for edit in edits) and options.in_place:
            raise InputError("-i writes files: there is none behind stdin")
        changed = {edit.content.name: edit.text.encode() for edit in edits if edit.text.encode() != edit.content.data}
        return _finish(Targets(changed, within={edit.content.name: edit.content.within for edit in edits}), options)
    write_text(options.output, concatenate(edit.text for edit in edits))
    return DONE


def write_files(folder: str, contents: Mapping[str, bytes]) -> None:
    """Write files by their names into a directory, all or none. Raises OutputError, also for a name that leads out of it."""
    for name in contents:
        _check_inside(name)
    paths = {os.path.join(folder, name): data for name, data in contents.items()}  # noqa: PTH118
    _write(Targets(paths, folder=folder))


def as_text(items: list[Manifest], form: str) -> str:
    """Manifests as a YAML stream, or as one JSON List."""
    if form == "json":
        return wire.write_json({"apiVersion": "v1", "kind": "List", "items": items}, 2) + "\n"
    return "---\n".join(yaml_of(item) for item in items)


def into_directory(items: Iterable[Manifest], folder: str, form: str, *, prune: bool) -> Targets:
    """One file for each manifest. Raises InputError when two of them would be one file, before anything is written."""
    contents: dict[str, bytes] = {}
    owner: dict[str, Manifest] = {}
    for item in items:
        path = os.path.join(folder, file_name(item, form))  # noqa: PTH118
        if path in owner:
            raise InputError(
                f"{path}: would hold both {describe(owner[path])} of {text(owner[path], 'apiVersion')} and {describe(item)} of "
                f"{text(item, 'apiVersion')}: rename one, or write them to one file with -O FILE"
            )
        owner[path] = item
        contents[path] = (wire.write_json(item, 2) + "\n" if form == "json" else yaml_of(item)).encode()
    removed = _left_over(folder, form, contents) if prune else ()
    return Targets(contents, removed, dict.fromkeys((*contents, *removed), folder), folder)


def file_name(item: Manifest, form: str) -> str:
    """`kind[.group]_[namespace_]name.yaml`: the object's identity, so that no two share a file; reversible.

    Core and KubeVirt groups are left out. Whatever is not a letter, a digit, `.` or `-` is escaped as in a URL.
    """
    group, slash, _ = text(item, "apiVersion").partition("/")
    kind = _escaped(text(item, "kind").lower()).replace(".", "%2E")
    own = group == _OWN_GROUP or group.endswith(f".{_OWN_GROUP}")
    first = f"{kind}.{_escaped(group)}" if slash and not own else kind
    name = name_of(item) or text(mapping(item, "metadata"), "generateName")
    return "_".join([first, *(_escaped(part) for part in (namespace_of(item), name) if part)]) + f".{form}"


def _escaped(part: str) -> str:
    return quote(part, safe="").replace("_", "%5F").replace("~", "%7E")


def _left_over(folder: str, form: str, contents: Mapping[str, bytes]) -> list[str]:
    """Files that an earlier run wrote: named as their object would be, and with the bytes that we write of it.

    A file that a person wrote or changed is none of them, and a note says so where its name is ours.
    """
    found = []
    for path, _ in inputs.paths([folder] if os.path.isdir(folder) else []):  # noqa: PTH112
        if path in contents or os.path.dirname(path) != os.path.normpath(folder) or not path.endswith(f".{form}"):  # noqa: PTH120
            continue
        try:
            data = inputs.read_bytes(path, found=True)
            documents = wire.read(data, path)
        except KrmFnError:
            continue
        if len(documents) == 1 and isinstance(documents[0], dict):
            ((name, written),) = into_directory(documents, folder, form, prune=False).contents.items()
            if name == path and written == data:
                found.append(path)
            elif name == path:
                note(f"{path}: is not written by this run and was changed by hand; it stays")
    return found


class Targets(NamedTuple):
    """Files to write and to remove. within: the directory that a path must not leave; `folder`: the one of them all."""

    contents: Mapping[str, bytes]
    removed: Iterable[str] = ()
    within: Mapping[str, str] = {}
    folder: str = ""


def _finish(targets: Targets, options: argparse.Namespace) -> int:
    """Write the targets, or say what would be written."""
    if not (options.check or options.dry_run):
        _write(targets)
        return DONE
    change = transaction.plan(targets.contents, targets.removed)
    for verb, paths in (("add", change.new), ("change", change.changed), ("remove", change.removed)):
        for path in paths:
            sys.stderr.write(f"would {verb} {printable(path)}\n")
    if not change:
        say("nothing would change")
    return FINDINGS if options.check and change else DONE


def _write(targets: Targets) -> None:
    """Write the targets all or none, and say so. A device or a pipe that was named is written as it is."""
    if len(targets.contents) == 1 and not targets.folder:
        ((path, data),) = targets.contents.items()
        if _is_stream(path):
            _write_stream(path, data)
            return
    if targets.folder:
        transaction.settled(targets.folder, _around(targets.folder))
    real = {
        path: transaction.settled(path, targets.within.get(path) or targets.folder or _around(path))
        for path in (*targets.contents, *targets.removed)
    }
    change = transaction.plan(targets.contents, targets.removed)
    written = [*change.new, *change.changed]
    contents = {real[path]: targets.contents[path] for path in written}
    transaction.write(contents, [real[path] for path in change.removed], make_folders=bool(targets.folder))
    _say(change, targets.folder)


def _say(change: transaction.Change, folder: str) -> None:
    written = [*change.new, *change.changed]
    counts = {"new": change.new, "changed": change.changed, "removed": change.removed, "as before": change.same}
    if folder:
        told = ", ".join(f"{len(paths)} {word}" for word, paths in counts.items() if paths) or "nothing to write"
        say(f"{os.path.join(folder, '')}: {told}")  # noqa: PTH118
    elif len(written) + len(change.same) == 1:
        say(f"wrote {written[0]}" if written else f"{change.same[0]} is as before")
    else:
        shown_paths = ", ".join(written[:_SHOWN]) + (f" and {len(written) - _SHOWN} more" if written[_SHOWN:] else "")
        say(f"wrote {shown_paths}" if written else "nothing changed")


def _around(path: str) -> str:
    """The directory that a path given by a person must not leave: the working directory where it is below, else its own."""
    here = os.getcwd()  # noqa: PTH109
    whole = os.path.abspath(path)  # noqa: PTH100
    return here if whole.startswith(os.path.join(here, "")) else os.path.dirname(whole)  # noqa: PTH118,PTH120


def _is_stream(path: str) -> bool:
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116
    except (OSError, ValueError):
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def _write_stream(path: str, data: bytes) -> None:
    try:
        with open(path, "wb", buffering=0) as file:  # noqa: PTH123
            view = memoryview(data)
            while view:
                view = view[file.write(view) or 0 :]
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(f"{path}: {error.strerror}") from None


def _check_inside(name: str) -> None:
    """A name becomes a path: it may have folders, and it can't lead out of where it is written."""
    parts = name.split("/")
    if not name or "\0" in name or "\\" in name or any(part in ("", ".", "..") for part in parts):
        raise OutputError(f"{name!r} can't be the name of a file that is written")
