"""`krm-fn generate`: the objects of series and catalog definitions in files."""

from __future__ import annotations

from krm_fn import dispatch
from krm_fn.core.console import FINDINGS, print_results
from krm_fn.core.errors import InputError
from krm_fn.core.finding import has_errors
from krm_fn.core.manifest import text
from krm_fn.kinds import GENERATORS
from krm_fn.workspace import arguments, manifests, outputs
from krm_fn.workspace.catalogs import open_configured

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

HELP = f"""\
Write the objects that definitions make ({", ".join(GENERATORS)}).
Other manifests in the files are left out.

examples:
  krm-fn generate series.yaml
  krm-fn generate definitions/ -O generated/
  cat series.yaml | krm-fn generate - -o json
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    arguments.add_inputs(parser)
    arguments.add_outputs(parser)


def run(options: argparse.Namespace) -> int:
    """Generate, report every mistake, and write only when there is none."""
    ours, _ = manifests.configurations(manifests.read(options.inputs, options.exclude))
    open_configured(*ours)
    definitions = [item for item in ours if text(item, "kind") in GENERATORS]
    if not definitions:
        raise InputError(f"{', '.join(options.inputs)}: there is no definition of kind {', '.join(GENERATORS)}")
    items, results = dispatch.generate(definitions, [])
    print_results(results)
    if has_errors(results):
        return FINDINGS
    return outputs.write_items(items, options)
