"""Exit statuses, and results on stderr: what the function and every command share."""

from __future__ import annotations

import sys

from krm_fn.core.errors import FunctionConfigError
from krm_fn.core.finding import ordered, to_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from krm_fn.core.errors import KrmFnError
    from krm_fn.core.finding import Finding

DONE, FINDINGS, BUG, UNUSABLE = 0, 1, 2, 3
"""Exit statuses: done; error results; a bug in krm-fn; unusable input or functionConfig."""


def print_results(results: Iterable[Finding]) -> None:
    """Print each result as one line on stderr, errors first."""
    sys.stderr.writelines(to_line(result) + "\n" for result in ordered(results))


def report_failure(error: KrmFnError) -> None:
    """Print why krm-fn could not do its work."""
    if isinstance(error, FunctionConfigError):
        print_results(error.results)
    else:
        sys.stderr.write(f"error: {error}\n")
