"""`krm-fn convert`: older instancetype APIs in files, as today's."""

from __future__ import annotations

from krm_fn.core.console import FINDINGS, print_results
from krm_fn.core.finding import has_errors
from krm_fn.core.manifest import copy_tree
from krm_fn.migrate.convert import convert
from krm_fn.roundtrip import document as roundtrip
from krm_fn.roundtrip.edit import plain
from krm_fn.workspace import arguments, inputs, outputs

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

_LAUNCH_SECURITY = "1.9"
"""The version that renamed the fields of launchSecurity."""

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
    arguments.add_inputs(parser)
    arguments.add_edits(parser)
    arguments.add_kubevirt(parser, "oldest KubeVirt that has to read the result")


def run(options: argparse.Namespace) -> int:
    """Convert, report, and write only when nothing is wrong."""
    read = [
        (content, roundtrip.read(content.data, content.name))
        for content in inputs.contents(options.inputs, options.exclude)
    ]
    documents = [document for _, found in read for document in found]
    before = [copy_tree(plain(document.content)) for document in documents]
    contents = [document.content for document in documents]
    results = convert(contents, launch_security=options.kubevirt is None or options.kubevirt >= _LAUNCH_SECURITY)
    for document, old in zip(documents, before, strict=True):
        document.edited = plain(document.content) != old
    print_results(results)
    if has_errors(results):
        return FINDINGS
    edits = [outputs.Edit(content, roundtrip.write(found)) for content, found in read]
    return outputs.write_edits(edits, options, roundtrip.concatenate)
