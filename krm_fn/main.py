"""The process: one ResourceList from stdin to stdout, or the command line.

stdout is written once, at the end: an orchestrator parses it before it looks at the exit status. Every result also
goes to stderr, since `kustomize build` drops a ResourceList's `results`.
"""

from __future__ import annotations

import gc
import io
import os
import sys

from krm_fn.core.console import BUG, DONE, FINDINGS, INTERRUPTED, UNUSABLE, print_results, report_failure
from krm_fn.core.errors import InputError, KrmFnError
from krm_fn.core.finding import has_errors
from krm_fn.core.manifest import mapping, text
from krm_fn.core.wire.limits import MAX_BYTES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_fn.core.manifest import Manifest


def main(argv: list[str] | None = None) -> int:
    """Be a KRM function without arguments and with stdin not a terminal, else the command line. Returns the exit status."""
    # Manifests are trees: reference counting frees them, and the collector only costs time that grows with the input.
    gc.disable()
    arguments = sys.argv[1:] if argv is None else argv
    _settle_streams()
    try:
        if "_ARGCOMPLETE" in os.environ:
            from krm_fn import cli

            cli.complete()
        if arguments or (sys.stdin is not None and sys.stdin.isatty()):
            from krm_fn import cli

            return cli.run(arguments)
        output, status = run_function(_read())
        if output:
            sys.stdout.buffer.write(output)
            sys.stdout.buffer.flush()
    except KrmFnError as error:
        report_failure(error)
        _forget_stdout()
        return error.status
    except BrokenPipeError:
        _forget_stdout()
        return UNUSABLE
    except KeyboardInterrupt:
        _forget_stdout()
        return INTERRUPTED
    except OSError as error:
        # every file is opened where its name is known; what is left is the answer that can't be written
        sys.stderr.write(f"error: {error.filename or 'stdout'}: {error.strerror}\n")
        _forget_stdout()
        return UNUSABLE
    except Exception:  # noqa: BLE001 - the last resort: a bug is told apart from findings by its exit status
        import traceback

        traceback.print_exc()
        sys.stderr.write("error: this is a bug in krm-fn, not in your manifests; please report the lines above\n")
        return BUG
    return status


def _read() -> bytes:
    """The ResourceList on stdin, as far as the limit of one input."""
    if sys.stdin is None:
        raise InputError(
            "stdin is closed: a KRM function reads a ResourceList there; `krm-fn --help` shows the commands"
        )
    return sys.stdin.buffer.read(MAX_BYTES + 1)


def _settle_streams() -> None:
    """Streams that can be written to: nothing is a file that lies where a closed one was, and all is UTF-8."""
    if sys.stdin is None or sys.stdout is None or sys.stderr is None:
        while os.open(os.devnull, os.O_RDWR) < 2:
            pass
        # writing to a closed stdout is an error as ever; nobody is there to be told about a closed stderr
        sys.stdout = sys.stdout or open(os.open(os.devnull, os.O_RDONLY), "w", encoding="utf-8")  # noqa: SIM115,PTH123
        sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115,PTH123
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _forget_stdout() -> None:
    """Nobody gets what is left in the buffer of stdout: the interpreter would try once more at its end, and fail loudly."""
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _keep_inside(config: Manifest | None) -> None:
    """Refuse to read files that lie elsewhere: a functionConfig comes with a pull request, and the build runs it."""
    schemas = text(mapping(config, "spec"), "schemas")
    if schemas:
        here = os.path.realpath(".")
        if not os.path.realpath(schemas).startswith(os.path.join(here, "")):  # noqa: PTH118
            raise InputError(
                f"spec.schemas {schemas}: is not below the working directory, where alone a function reads files: "
                "put the schemas beside the kustomization, or use `krm-fn validate --schemas`"
            )


def run_function(data: bytes) -> tuple[bytes, int]:
    """Answer one ResourceList: (bytes for stdout, exit status). Results are printed on stderr as a side effect.

    The answer has the form of the question: JSON for JSON, else block YAML, which kpt leaves on disk as it is.
    """
    from krm_fn import dispatch
    from krm_fn.core import kustomize, resourcelist, wire
    from krm_fn.functions.generated import ORIGIN

    given = resourcelist.parse(wire.read(data, "stdin"))
    _keep_inside(given.function_config)
    items, results = dispatch.run(given.function_config, given.items)
    print_results(results)
    failed = has_errors(results)
    if given.items and not items and not failed:
        # kustomize would take it for a wish to delete everything, and Argo CD would prune it
        raise RuntimeError(f"{len(given.items)} items went in and none came out")
    if not failed:
        items = kustomize.light(given.items, given.function_config, items, ORIGIN)
    answer = given.answer(given.items if failed else items, results)
    output = wire.write_json(answer) if data.lstrip()[:1] == b"{" else wire.write_yaml([answer])
    return output.encode(), FINDINGS if failed else DONE
