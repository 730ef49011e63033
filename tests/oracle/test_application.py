"""Fresh random cases, through KubeVirt's own code and through krm-fn."""

from __future__ import annotations

import json

from oracle import compare
from oracle.conftest import CASES, SEED
from oracle.generate import Generator
from oracle.shrink import shrink

from krm_fn.preference import fields


def test_krm_fn_and_kubevirt_agree_on_fresh_cases(application):
    found, outcomes = compare.differences(application, SEED, CASES)
    print(compare.report(found, outcomes, SEED))
    assert not found
    assert sum(outcomes.values()) == CASES
    assert min(outcomes.get(outcome, 0) for outcome in ("ok", "conflict", "requirement", "invalid", "spread")) > 0


def test_a_fault_in_the_mapping_is_found_and_shrunk(application, monkeypatch):
    row = next(row for row in fields.ROWS if row.source == "devices.preferredDisableHotplug")
    monkeypatch.setattr(row, "target", "domain.devices.disableHotPlug")
    found, _ = compare.differences(application, 1, 500, most=1)
    (case, difference), *_ = found
    assert "disableHotplug" in difference
    assert case["preference"]["devices"]["preferredDisableHotplug"] is True
    assert case["instancetype"] is None
    assert len(str(case["vm"])) < 200


def test_a_seed_gives_the_same_cases():
    assert list(Generator(7).cases(20)) == list(Generator(7).cases(20))
    assert list(Generator(7).cases(20)) != list(Generator(8).cases(20))


def test_shrinking_keeps_what_matters_and_nothing_else():
    case = next(Generator(3).cases(1))
    case["vm"]["spec"]["template"]["spec"]["domain"]["devices"]["disks"] = [{"name": "a"}, {"name": "b", "cdrom": {}}]

    def has_a_cdrom(case):
        disks = (
            case["vm"]["spec"].get("template", {}).get("spec", {}).get("domain", {}).get("devices", {}).get("disks", [])
        )
        return any("cdrom" in disk for disk in disks)

    small = shrink(case, has_a_cdrom)
    assert small["vm"]["spec"] == {"template": {"spec": {"domain": {"devices": {"disks": [{"cdrom": {}}]}}}}}
    assert small["instancetype"] is small["preference"] is None


def test_manifests_are_changed_at_random_and_the_originals_are_not():
    machines = [vector["vm"] for vector in compare.judged() if vector["expect"]["admitted"]][:20]
    before = json.dumps(machines)
    changed = [case["vm"] for case in Generator(5).mutations(machines, 50)]
    assert json.dumps(machines) == before
    assert sum(vm not in machines for vm in changed) > 40
    assert changed == [case["vm"] for case in Generator(5).mutations(machines, 50)]


def test_what_another_version_answers_otherwise_is_told_once_a_kind():
    class Answers:
        def __init__(self, outcome):
            self.outcome = outcome

        def expect(self, case):
            refused = case["preference"] is not None
            return {"outcome": self.outcome, "conflicts": ["spec"]} if refused else {"outcome": "ok", "vm": case["vm"]}

    found, outcomes = compare.versions(Answers("conflict"), Answers("requirement"), 1, 20)
    (case, difference), *more = found
    assert more == []
    assert difference == "requirement became conflict ['spec']"
    assert case["preference"] == {}
    assert sum(outcomes.values()) == 20
