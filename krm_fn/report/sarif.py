"""For code scanning: SARIF 2.1.0, whose results show in pull requests and editors."""

from __future__ import annotations

from krm_fn import __version__
from krm_fn.core.finding import ERROR, WARNING, describe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_fn.core.finding import Finding, Rule
    from krm_fn.core.manifest import Manifest
    from krm_fn.report import Report, Subject

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {ERROR: "error", WARNING: "warning"}


def log(report: Report) -> Manifest:
    """The report as one run of a SARIF log, with the rules that found something."""
    findings = [(subject, result, line) for subject in report.subjects for result, line in subject.findings]
    rules = sorted({result.rule for _, result, _ in findings})
    run = {
        "tool": {
            "driver": {"name": "krm-fn", "semanticVersion": __version__, "rules": [_rule(each) for each in rules]}
        },
        "columnKind": "unicodeCodePoints",
        "results": [_result(*finding, rules) for finding in findings],
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(rule: Rule) -> Manifest:
    explanation = f"{rule.explanation} {rule.conditions()}".rstrip()
    return {"id": str(rule), "shortDescription": {"text": rule.summary}, "fullDescription": {"text": explanation}}


def _result(subject: Subject, result: Finding, line: int, rules: list[Rule]) -> Manifest:
    said = f"{result.path}: {result.message}" if result.path else result.message
    out: Manifest = {
        "ruleId": str(result.rule),
        "ruleIndex": rules.index(result.rule),
        "level": _LEVELS.get(result.severity, "note"),
        "message": {"text": said},
        "partialFingerprints": {"field/v1": _fingerprint(subject, result)},
    }
    location: Manifest = {}
    if subject.file and subject.file != "stdin":
        location["physicalLocation"] = {"artifactLocation": {"uri": _uri(subject.file)}}
        if line:
            location["physicalLocation"]["region"] = {"startLine": line}
    if subject.item is not None:
        name = describe(subject.item)
        location["logicalLocations"] = [
            {"name": name, "fullyQualifiedName": f"{name}: {result.path}", "kind": "resource"}
        ]
    return out | ({"locations": [location]} if location else {})


def _fingerprint(subject: Subject, result: Finding) -> str:
    """What stays the same when lines move: the manifest, the field and the rule."""
    from hashlib import sha256

    name = describe(subject.item) if subject.item is not None else ""
    return sha256(f"{name}\0{result.path}\0{result.rule}".encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _uri(path: str) -> str:
    from urllib.parse import quote

    return quote(path.replace("\\", "/").removeprefix("./"), errors="surrogatepass")
