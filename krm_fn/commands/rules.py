"""`krm-fn rules`: what krm-fn judges by."""

from __future__ import annotations

from krm_fn.core import wire
from krm_fn.core.console import DONE
from krm_fn.core.errors import InputError
from krm_fn.core.suggest import nearest
from krm_fn.rules import rules
from krm_fn.workspace import arguments, outputs

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from krm_fn.core.finding import Rule

HELP = """\
List every rule by which krm-fn judges manifests, or explain some of them.
The ids are what --severity and spec.severity take.

examples:
  krm-fn rules                              every rule on a line
  krm-fn rules instancetype/conflict        one rule explained
  krm-fn rules admission                    all rules of an area explained
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument("rules", nargs="*", metavar="RULE", help="rule ids, or areas such as schema or admission")
    arguments.add_report(parser, ("text", "json", "yaml"))


def run(options: argparse.Namespace) -> int:
    """Print the rules asked for. Raises InputError for an unknown one."""
    known = list(rules())
    chosen = [rule for name in options.rules for rule in _named(name, known)] if options.rules else known
    if options.format == "text":
        output = _explained(chosen) if options.rules else _listed(chosen)
    else:
        data = [_data(rule) for rule in chosen]
        output = wire.write_json(data, 2) + "\n" if options.format == "json" else wire.write_yaml([data])
    outputs.write_text(options.output, output)
    return DONE


def _named(name: str, known: list[Rule]) -> list[Rule]:
    found = [rule for rule in known if rule == name or rule.startswith(f"{name}/")]
    if not found:
        close = nearest(name, known, 3)
        raise InputError(
            f"there is no rule {name}"
            + (f"; did you mean {' or '.join(close)}?" if close else "; `krm-fn rules` lists them")
        )
    return found


def _listed(chosen: list[Rule]) -> str:
    width = max(len(rule) for rule in chosen)
    return "".join(f"{rule:<{width}}  {rule.summary}\n" for rule in chosen)


def _explained(chosen: list[Rule]) -> str:
    parts = []
    for rule in chosen:
        lines = [rule.explanation, rule.conditions(), f"KubeVirt: {rule.source}" if rule.source else ""]
        title = "" if rule.explanation.startswith(rule.summary) else f": {rule.summary}"
        parts.append(f"{rule}{title}\n" + "".join(f"  {line}\n" for line in lines if line))
    return "\n".join(parts)


def _data(rule: Rule) -> dict[str, str]:
    explanation = f"{rule.explanation} {rule.conditions()}".rstrip()
    found = {"id": str(rule), "title": rule.summary, "explanation": explanation}
    return found | ({"source": f"KubeVirt: {rule.source}"} if rule.source else {})
