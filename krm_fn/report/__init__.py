"""What validating came to, in a form for people, for CI and for editors: one module for each format.

A `Report` holds values only; the formats are pure functions from it to text, so that they can be tested without files.
"""

from __future__ import annotations

from krm_fn.core.finding import ERROR, INFO, WARNING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_fn.core.finding import Finding
    from krm_fn.core.manifest import Manifest

VALID, INVALID, SKIPPED = "valid", "invalid", "skipped"


class Subject:
    """One manifest that was looked at, or, with item None, the input as a whole.

    findings:  (result, line) pairs; line 0 is an unknown one.
    status:    VALID, also with warnings; INVALID with an error; SKIPPED when there is nothing to judge it by.
    """

    __slots__ = ("file", "findings", "index", "item", "status")

    def __init__(
        self,
        item: Manifest | None,
        file: str,
        index: int,
        findings: list[tuple[Finding, int]],
        *,
        skipped: bool = False,
    ) -> None:
        self.item = item
        self.file = file
        self.index = index
        self.findings = findings
        wrong = any(result.severity == ERROR for result, _ in findings)
        self.status = INVALID if wrong else SKIPPED if skipped else VALID


class Report:
    """All subjects in the order of the input."""

    __slots__ = ("subjects",)

    def __init__(self, subjects: list[Subject]) -> None:
        self.subjects = subjects

    def counts(self) -> dict[str, int]:
        """How many manifests there are, in all and by status, and how many findings by severity."""
        manifests = [subject for subject in self.subjects if subject.item is not None]
        severities = [result.severity for subject in self.subjects for result, _ in subject.findings]
        return {
            "manifests": len(manifests),
            **{status: sum(subject.status == status for subject in manifests) for status in (VALID, INVALID, SKIPPED)},
            "errors": severities.count(ERROR),
            "warnings": severities.count(WARNING),
            "notes": severities.count(INFO),
        }

    def by_file(self) -> dict[str, list[Subject]]:
        """File → its subjects, "" for what has no file."""
        files: dict[str, list[Subject]] = {}
        for subject in self.subjects:
            files.setdefault(subject.file, []).append(subject)
        return files
