"""The process: one ResourceList from stdin to stdout, or the command line.

stdout is written once, at the end: an orchestrator parses it before it looks at the exit status. Every result also
goes to stderr, since `kustomize build` drops a ResourceList's `results`.
"""

from __future__ import annotations

import gc
import sys

from krm_fn.core.console import BUG, DONE, FINDINGS, UNUSABLE, print_results, report_failure
from krm_fn.core.errors import KrmFnError
from krm_fn.core.finding import has_errors


def main(argv: list[str] | None = None) -> int:
    """Be a KRM function without arguments and with stdin not a terminal, else the command line. Returns the exit status."""
    # Manifests are trees: reference counting frees them, and the collector only costs time that grows with the input.
    gc.disable()
    arguments = sys.argv[1:] if argv is None else argv
    try:
        if arguments or sys.stdin is None or sys.stdin.isatty():
            from krm_fn import cli

            return cli.run(arguments)
        output, status = run_function(sys.stdin.buffer.read())
        if output:
            sys.stdout.buffer.write(output)
            sys.stdout.buffer.flush()
    except KrmFnError as error:
        report_failure(error)
        return error.status
    except BrokenPipeError:
        sys.stderr.close()
        return UNUSABLE
    except Exception:  # noqa: BLE001 - the last resort: a bug is told apart from findings by its exit status
        import traceback

        traceback.print_exc()
        sys.stderr.write("error: this is a bug in krm-fn, not in your manifests; please report the lines above\n")
        return BUG
    return status


def run_function(data: bytes) -> tuple[bytes, int]:
    """Answer one ResourceList: (bytes for stdout, exit status). Results are printed on stderr as a side effect.

    The answer has the form of the question: JSON for JSON, else block YAML, which kpt leaves on disk as it is.
    """
    from krm_fn import dispatch
    from krm_fn.core import kustomize, resourcelist, wire
    from krm_fn.functions.generated import ORIGIN

    given = resourcelist.parse(wire.read(data, "stdin"))
    items, results = dispatch.run(given.function_config, given.items)
    print_results(results)
    failed = has_errors(results)
    if given.items and not items and not failed:
        # kustomize would take it for a wish to delete everything, and Argo CD would prune it
        raise RuntimeError(f"{len(given.items)} items went in and none came out")
    if not failed:
        items = kustomize.light(given.items, given.function_config, items, ORIGIN)
    answer = given.answer(given.items if failed else items, results)
    text = wire.write_json(answer) if data.lstrip()[:1] == b"{" else wire.write_yaml([answer])
    return text.encode(), FINDINGS if failed else DONE
