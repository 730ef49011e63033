"""How much each rule's findings matter to the user."""

from __future__ import annotations

from krm_fn.core.finding import ERROR, WARNING, Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from krm_fn.core.manifest import Manifest

OFF = "off"
LEVELS = {"error": ERROR, "warn": WARNING, OFF: ""}


def adjusted(results: Iterable[Finding], table: Manifest) -> list[Finding]:
    """The results with the severities of a table rule → error | warn | off; without those that are off, each said once.

    A key is a rule id (`schema/enum`), or its first part for all rules of that area (`schema`). The id goes first.
    """
    out = []
    for result in once(results):
        severity = _severity(result, table)
        if severity:
            out.append(result if severity == result.severity else result.but(severity=severity))
    return out


def once(results: Iterable[Finding]) -> list[Finding]:
    """The results without repetitions: what several machines find out about the object that they share."""
    return list({(result.rule, result.path, result.message, id(result.item)): result for result in results}.values())


def _severity(result: Finding, table: Manifest) -> str:
    wanted = table.get(result.rule, table.get(result.rule.partition("/")[0]))
    return LEVELS.get(wanted, result.severity) if isinstance(wanted, str) else result.severity
