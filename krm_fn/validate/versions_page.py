"""The page that says what differs between KubeVirt's versions: docs/versions.md, made from the tables that the code works by."""

from __future__ import annotations

from krm_fn.kubevirt import versions
from krm_fn.kubevirt.versions import ADDED, BACKPORTED, NEWEST, REQUIRED_UNTIL, VERSIONS
from krm_fn.validate.admission import RULES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_HEAD = """# KubeVirt versions

krm-fn knows KubeVirt {oldest} to {newest}. `kubevirt:` of a VirtualMachineRenderer or a ManifestValidator and `--kubevirt` of the commands
name the one that you run; without, it is {newest}. `{newest}`, `"{newest}"` and `v{newest}.2` are taken alike. A version without a patch level
is its newest patch. It decides schemas, admission rules, the expansion where that differs, and what the objects of the packaged catalogs
have. This page is made from the tables that the code works by.

Write 1.10 in quotes: without them YAML reads it as 1.1.

## What is done otherwise

{behaviour}
## Fields

From {oldest} on fields were only added. What came with a version is an unknown field in the ones before.

{fields}
Brought back to a patch release of an older version:

{backported}
Required by older CRDs, and not any more:

{required}
## Rules

Admission rules that do not hold in all versions. The first version is the first that is known to refuse, which is seldom that of the field: rules of
1.7 are those that 1.6.6 has not. All rules are in [rules](rules.md).

{rules}"""


def page() -> str:
    """docs/versions.md."""
    return _HEAD.format(
        oldest=VERSIONS[0],
        newest=NEWEST,
        behaviour=_table(("up to", "what", "since then"), _behaviour()),
        fields=_table(("version", "kind", "field"), _fields(ADDED)),
        backported=_table(("release", "kind", "field"), _fields(BACKPORTED)),
        required=_table(("up to", "kind", "field"), _fields(REQUIRED_UNTIL)),
        rules=_table(("since", "rule", "refused because"), _rules()),
    )


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"


def _behaviour() -> Iterator[tuple[str, ...]]:
    yield from ((str(last), before, after) for last, before, after in versions.BEHAVIOUR)


def _fields(table: dict[str, dict[str, tuple[str, ...]]]) -> Iterator[tuple[str, ...]]:
    for version, kinds in table.items():
        for kind, paths in kinds.items():
            for path in paths:
                yield version, kind, f"`{path}`"


def _rules() -> Iterator[tuple[str, ...]]:
    for rule in sorted(RULES, key=lambda rule: rule.since.numbers):
        if rule.since > VERSIONS[0]:
            yield str(rule.since), f"`{rule}`", rule.explanation
