"""What an expansion has to say: results about one definition, each said once however many objects it concerns."""

from __future__ import annotations

from krm_fn.core import wording
from krm_fn.core.finding import ERROR, NOTHING, Finding, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_fn.core.manifest import Manifest

SCHEMA: dict[str, Rule] = {
    rule: Rule(f"series/{rule.name}", f"{rule.summary} in a series", rule.explanation)
    for rule in wording.RULES
    if rule is not wording.NULL
    if rule is not wording.NULL
}
"""Rule of the check against a schema → what it is called where the schema is a series' or its objects'."""
MAX_FINDINGS = 200
"""A definition with more mistakes than this says so once: nobody reads on, and a hostile one must not flood the log."""


class Collector:
    """Collects results about `item`.

    errors:   how many of the results are errors.
    refused:  how many objects had specs that the API would refuse.
    """

    __slots__ = ("_seen", "errors", "item", "refused", "results")

    def __init__(self, item: Manifest) -> None:
        self.item = item
        self.results: list[Finding] = []
        self.errors = 0
        self.refused = 0
        self._seen: set[tuple[str, str]] = set()

    def add(
        self,
        rule: str,
        message: str,
        path: str,
        *,
        current: Any = NOTHING,
        proposed: Any = NOTHING,
        severity: str = ERROR,
    ) -> None:
        """Note a finding unless the same was said about the same field."""
        if (path, message) in self._seen or self.is_full:
            return
        self._seen.add((path, message))
        result = Finding(rule, message, self.item, path, severity=severity, current=current, proposed=proposed)
        if self.is_full:
            result = Finding("series/limit", f"more than {MAX_FINDINGS - 1} findings: the rest is left out", self.item)
        self.errors += result.severity == ERROR
        self.results.append(result)

    def schema(self, found: Finding, path: str) -> None:
        """Note what the check against a schema found, as a finding of the series' own."""
        self.add(SCHEMA[found.rule], found.message, path, current=found.current, proposed=found.proposed)

    @property
    def is_full(self) -> bool:
        """Whether nothing more will be kept, so that looking on is of no use."""
        return len(self._seen) >= MAX_FINDINGS

    def is_noted(self, rule: str, path: str) -> bool:
        """Whether the rule has already found something in this field."""
        return any(result.rule == rule and result.path == path for result in self.results)
