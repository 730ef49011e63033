"""Ask KubeVirt's own code and krm-fn the same, and tell where they differ.

    compare.py application [--cases N] [--seed S] [--kubevirt v1.9.0]    random cases; what differs is shrunk and shown
    compare.py keep                                                     what the last run found becomes a golden

Differences are left in build/oracle/found.jsonl, as lines of the vectors. `keep` adds them, as KubeVirt answers them, to
tests/conformance/found.jsonl, which is read with the vectors. Exit status 1 when something differs.
"""

from __future__ import annotations

import argparse
import json
import pathlib
import random
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from oracle.ask import Oracle  # noqa: E402
from oracle.build import BUILD, NEWEST, build  # noqa: E402
from oracle.generate import Generator  # noqa: E402
from oracle.shrink import shrink  # noqa: E402

from tests.conformance.test_vectors import disagreement  # noqa: E402

FOUND = BUILD / "found.jsonl"
KEPT = ROOT / "tests" / "conformance" / "found.jsonl"
NO_ANSWER = ("panic", "unreadable")


def differences(oracle: Oracle, seed: int, count: int, most: int = 5):
    """(the shrunk case with KubeVirt's answer, what differs), for at most so many different ones; and the outcomes counted."""
    found: dict[str, dict] = {}
    outcomes: dict[str, int] = {}

    def differs(case: dict) -> str:
        expect = oracle.expect(case)
        outcome = expect["outcome"]
        if outcome in NO_ANSWER:
            return ""
        return disagreement({**case, "expect": expect}, case["defaults"], admitted=case["defaults"] == "kubevirt")

    for case in Generator(seed).cases(count):
        expect = oracle.expect(case)
        outcomes[expect["outcome"]] = outcomes.get(expect["outcome"], 0) + 1
        if differs(case):
            small = shrink(case, lambda smaller: bool(differs(smaller)))
            found.setdefault(_kind(differs(small)), {**small, "expect": oracle.expect(small)})
            if len(found) >= most:
                break
    return [(case, differs(case)) for case in found.values()], outcomes


def _kind(difference: str) -> str:
    """A difference without its values."""
    return re.sub(r"\[\d+\]|\"[^\"]*\"|\d+", "", difference)


def report(found, outcomes, seed: int) -> str:
    """For a person: what differs, and how to see it again."""
    FOUND.parent.mkdir(parents=True, exist_ok=True)
    FOUND.write_text("".join(json.dumps(case, sort_keys=True) + "\n" for case, _ in found))
    counted = ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items()))
    lines = [f"seed {seed}: {counted}; {len(found)} different kinds of difference"]
    for case, difference in found:
        shown = {
            key: case[key] for key in ("vm", "instancetype", "preference", "defaults") if case.get(key) is not None
        }
        lines += [f"- krm-fn: {difference}", f"  KubeVirt: {json.dumps(case['expect'])}", f"  of: {json.dumps(shown)}"]
    if found:
        lines += [f"again: python tests/oracle/compare.py application --seed {seed}; a golden: make keep"]
    return "\n".join(lines)


def keep() -> int:
    """Add what was found to the goldens, once each."""
    kept = KEPT.read_text().splitlines() if KEPT.exists() else []
    new = [line for line in FOUND.read_text().splitlines() if line not in kept]
    KEPT.write_text("".join(f"{line}\n" for line in kept + new))
    print(f"{len(new)} added to {KEPT.relative_to(ROOT)}")
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["application", "keep"])
    parser.add_argument("--cases", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--kubevirt", default=NEWEST)
    options = parser.parse_args()
    if options.what == "keep":
        return keep()
    with Oracle(build("application", options.kubevirt)) as oracle:
        found, outcomes = differences(oracle, options.seed, options.cases)
    print(report(found, outcomes, options.seed))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
