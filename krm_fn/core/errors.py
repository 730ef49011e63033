"""Failures to run, as opposed to findings about a manifest (those are `core.finding.Finding` values).

Only `main` and `cli` catch these. Each class carries its exit status.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from krm_fn.core.finding import Finding


class KrmFnError(Exception):
    """Something that keeps krm-fn from doing its work at all."""

    status = 3


class InputError(KrmFnError):
    """The input can't be read: not YAML, too deep, too large, not a ResourceList."""


class OutputError(KrmFnError):
    """What was made can't be written: a full disk, a missing directory, a path that leaves its own."""


class FunctionConfigError(KrmFnError):
    """The functionConfig can't be used. `results` holds every mistake in it, not only the first."""

    def __init__(self, results: Sequence[Finding]) -> None:
        super().__init__("; ".join(result.message for result in results))
        self.results = list(results)
