"""`krm-fn convert`: older instancetype APIs in files, as today's."""

from __future__ import annotations

import os
import sys

from krm_fn.commands import files
from krm_fn.commands.documents import read_bytes, write_text
from krm_fn.core.console import DONE, FINDINGS, print_results
from krm_fn.core.finding import has_errors
from krm_fn.core.manifest import copy_tree
from krm_fn.migrate.convert import convert
from krm_fn.roundtrip import document as roundtrip
from krm_fn.roundtrip.edit import plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

HELP = """\
Rewrite instancetypes and preferences of instancetype.kubevirt.io/v1alpha1 and
v1alpha2, and spellings that are deprecated in v1beta1, as today's v1beta1: as
objects, in Lists and inside ControllerRevisions. Comments and layout stay, and
so does what every VM in the files expands to; files that belong together are
therefore best converted in one call. Other manifests are left as they are.

examples:
  krm-fn convert old.yaml > new.yaml
  krm-fn convert -i catalog/ vms/
  krm-fn convert --check .
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    files.add_inputs(parser)
    files.add_edits(parser)
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit status 1 when there is something to convert"
    )
    parser.add_argument(
        "--kubevirt", default="1.9", metavar="VERSION", help="oldest KubeVirt that has to read the result"
    )


def run(options: argparse.Namespace) -> int:
    """Convert, report, and write only when nothing is wrong."""
    named = [path for path, _ in files.paths(options.inputs)]
    read = [(name, data, roundtrip.read(data, name)) for name, data in read_bytes(named)]
    documents = [document for _, _, found in read for document in found]
    before = [copy_tree(plain(document.content)) for document in documents]
    contents = [document.content for document in documents]
    results = convert(contents, launch_security=_at_least(options.kubevirt, 9))
    for document, old in zip(documents, before, strict=True):
        document.edited = plain(document.content) != old
    print_results(results)
    if has_errors(results):
        return FINDINGS
    if options.check:
        return FINDINGS if any(document.edited for document in documents) else DONE
    texts = [(name, data, roundtrip.write(found)) for name, data, found in read]
    if options.in_place:
        for name, data, text in texts:
            if name != "stdin" and text.encode() != data:
                write_text(name, text)
                sys.stderr.write(f"converted {os.path.relpath(name)}\n")
        return DONE
    write_text(options.output, roundtrip.concatenate(text for _, _, text in texts))
    return DONE


def _at_least(version: str, minor: int) -> bool:
    """Whether a KubeVirt version such as 1.8 is 1.<minor> or later."""
    from krm_fn.core.errors import InputError

    parts = version.removeprefix("v").split(".")
    if len(parts) < 2 or not all(part.isdecimal() and len(part) < 5 for part in parts):
        raise InputError(f"--kubevirt: {version} is no version; write one such as 1.9")
    return (int(parts[0]), int(parts[1])) >= (1, minor)
