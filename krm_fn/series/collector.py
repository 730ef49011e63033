"""What an expansion has to say: results about one definition, each said once however many objects it concerns."""

from __future__ import annotations

from krm_fn.core import wording
from krm_fn.core.finding import ERROR, NOTHING, Finding, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_fn.core.manifest import Manifest

LIMIT = Rule(
    "series/limit", "More than krm-fn makes", "A definition is so large, or nested so deep, that it can't be meant."
)
SCHEMA = {
    rule: Rule(f"series/{rule.name}", f"{rule.summary} in a series", rule.explanation)
    for rule in wording.RULES
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
        rule: Rule,
        message: str,
        path: str,
        *,
        current: Any = NOTHING,
        proposed: Any = NOTHING,
        severity: str = ERROR,
    ) -> None:
        """Note a finding of the rule unless the same was said about the same field."""
        self.take(Finding(rule, message, None, path, severity=severity, current=current, proposed=proposed))

    def take(self, found: Finding) -> None:
        """Note a finding, as one about the definition, unless the same was said about the same field."""
        said = (found.path, found.message)
        if said in self._seen or self.is_full:
            return
        self._seen.add(said)
        result = found.but(item=self.item)
        if self.is_full:
            result = Finding(LIMIT, f"more than {MAX_FINDINGS - 1} findings: the rest is left out", self.item)
        self.errors += result.severity == ERROR
        self.results.append(result)

    @property
    def is_full(self) -> bool:
        """Whether nothing more will be kept, so that looking on is of no use."""
        return len(self._seen) >= MAX_FINDINGS

    def is_noted(self, rule: str, path: str) -> bool:
        """Whether the rule has already found something in this field."""
        return any(result.rule == rule and result.path == path for result in self.results)
