"""Ask KubeVirt's own code and krm-fn the same, and tell where they differ.

    compare.py application [--cases N] [--seed S] [--kubevirt v1.9.0]    what is made of random VMs and specs
    compare.py admission [--cases N] [--seed S] [--kubevirt v1.6.0]      whether manifests, changed at random, are admitted and start
    compare.py versions --kubevirt v1.10.0                               what another version answers otherwise, krm-fn apart
    compare.py keep                                                     what `application` found last becomes a golden

What differs is shrunk and shown, and left in build/oracle/found.jsonl, as lines of the vectors. `keep` adds them, as KubeVirt
answers them, to tests/conformance/found.jsonl, which is read with the vectors. Exit status 1 when something differs.
"""

from __future__ import annotations

import argparse
import copy
import gzip
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

from krm_fn.core.finding import ERROR  # noqa: E402
from krm_fn.functions import manifest_validator  # noqa: E402
from tests.conformance import comparable  # noqa: E402
from tests.conformance.test_vectors import disagreement  # noqa: E402

FOUND = BUILD / "found.jsonl"
KEPT = ROOT / "tests" / "conformance" / "found.jsonl"
NO_ANSWER = ("panic", "unreadable")


def hunt(cases, expect, differs, most: int = 5):
    """(the shrunk case with KubeVirt's answer, what differs), for at most so many different ones; and the answers counted.

    expect: a case to KubeVirt's answer. differs: a case and the answer to what differs, "" when nothing does.
    """
    found: dict[str, dict] = {}
    counted: dict[str, int] = {}

    def difference(case: dict) -> str:
        return differs(case, expect(case))

    for case in cases:
        answer = expect(case)
        name = answer.get("outcome") or answer["stage"] or "admitted"
        counted[name] = counted.get(name, 0) + 1
        if differs(case, answer):
            small = shrink(case, lambda smaller: bool(difference(smaller)))
            found.setdefault(_kind(difference(small)), {**small, "expect": expect(small)})
            if len(found) >= most:
                break
    return [(case, difference(case)) for case in found.values()], counted


def differences(oracle: Oracle, seed: int, count: int, most: int = 5):
    """What krm-fn makes otherwise of random cases than KubeVirt."""

    def differs(case: dict, answer: dict) -> str:
        if answer["outcome"] in NO_ANSWER:
            return ""
        return disagreement({**case, "expect": answer}, case["defaults"], admitted=case["defaults"] == "kubevirt")

    return hunt(Generator(seed).cases(count), oracle.expect, differs, most)


def verdicts(oracle: Oracle, seed: int, count: int, version: str):
    """Which manifests krm-fn judges otherwise than KubeVirt: refused or not."""
    minor = ".".join(version.lstrip("v").split(".")[:2])

    def differs(case: dict, answer: dict) -> str:
        if answer["stage"] == "panic":
            return ""
        _, found = manifest_validator.run({"spec": {"kubevirt": minor}}, [copy.deepcopy(case["vm"])])
        errors = sorted({f"{finding.rule} at {finding.path}" for finding in found if finding.severity == ERROR})
        if bool(errors) is not answer["admitted"]:
            return ""
        return (
            f"refused: {errors}"
            if errors
            else f"accepted, though refused at {answer['fields']} by stage {answer['stage']}"
        )

    machines = [vector["vm"] for vector in judged() if vector["expect"]["admitted"]]
    return hunt(Generator(seed, minor).mutations(machines, count), oracle.expect, differs)


def judged():
    """The manifests that KubeVirt judged once, to change at random."""
    with gzip.open(ROOT / "tests" / "admission" / "judged.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            vector = json.loads(line)
            vector["vm"].setdefault("metadata", {}).setdefault("namespace", "default")
            for matcher in ("instancetype", "preference"):  # the oracle's cluster has no packaged catalog
                (vector["vm"].get("spec") or {}).pop(matcher, None)
            yield vector


def versions(oracle: Oracle, newest: Oracle, seed: int, count: int):
    """What one version of KubeVirt answers otherwise than the one that krm-fn follows."""

    def differs(case: dict, answer: dict) -> str:
        ours = newest.expect(case)
        if ours["outcome"] != answer["outcome"]:
            return f"{ours['outcome']} became {answer['outcome']} {answer.get('conflicts', answer.get('reqConflicts', ''))}"
        left, right = ({**each.get("vm", {}), "status": {}} for each in (ours, answer))
        rest = [{key: value for key, value in each.items() if key != "vm"} for each in (ours, answer)]
        return "; ".join(comparable.differences(left, right)) or (
            "" if rest[0] == rest[1] else f"{rest[0]} became {rest[1]}"
        )

    return hunt(Generator(seed).cases(count), oracle.expect, differs, most=20)


def _kind(difference: str) -> str:
    """A difference without its values."""
    return re.sub(r"\[\d+\]|\"[^\"]*\"|\d+", "", difference)


def report(found, outcomes, seed: int, what: str = "application") -> str:
    """For a person: what differs, and how to see it again."""
    FOUND.parent.mkdir(parents=True, exist_ok=True)
    FOUND.write_text("".join(json.dumps(case, sort_keys=True) + "\n" for case, _ in found))
    counted = ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items()))
    lines = [f"seed {seed}: {counted}; {len(found)} different kinds of difference"]
    for case, difference in found:
        shown = {
            key: case[key] for key in ("vm", "instancetype", "preference", "defaults") if case.get(key) is not None
        }
        lines += [f"- {difference}", f"  KubeVirt: {json.dumps(case['expect'])}", f"  of: {json.dumps(shown)}"]
    if found:
        golden = "; a golden: make keep" if what == "application" else ""
        lines += [f"again: python tests/oracle/compare.py {what} --seed {seed}{golden}"]
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
    parser.add_argument("what", choices=["application", "admission", "versions", "keep"])
    parser.add_argument("--cases", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--kubevirt", default=NEWEST)
    options = parser.parse_args()
    if options.what == "keep":
        return keep()
    program = "admission" if options.what == "admission" else "application"
    with Oracle(build(program, options.kubevirt)) as oracle:
        if options.what == "application":
            found, outcomes = differences(oracle, options.seed, options.cases)
        elif options.what == "admission":
            found, outcomes = verdicts(oracle, options.seed, options.cases, options.kubevirt)
        else:
            with Oracle(build(program, NEWEST)) as newest:
                found, outcomes = versions(oracle, newest, options.seed, options.cases)
    print(report(found, outcomes, options.seed, options.what))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
