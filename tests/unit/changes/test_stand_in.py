"""Machines that differ only in names of their own are compared once, and each is told of its own names."""

from __future__ import annotations

import json

import pytest
from trees import SERIES, edited, report, vm

from krm_fn.changes import answers as module
from krm_fn.changes.stand_in import StandIns
from krm_fn.vm.impact.references import Side

_SPEC = "spec.template.spec"


def machine(name, claim, **more):
    volumes = [
        {"name": "root", "persistentVolumeClaim": {"claimName": claim}},
        {"name": "ci", "cloudInitNoCloud": {"userData": f"#cloud-config\nhostname: {name}\n"}},
    ]
    out = vm(name, template={"volumes": volumes, "hostname": name}, instancetype={"name": "web.medium"}, **more)
    out["spec"]["template"]["metadata"] = {"labels": {"vm": name}}
    return out


def alike(old, new):
    return StandIns(*(Side(each, {}, {}) for each in (old, new)))


def test_machines_that_differ_in_names_share_their_answer(monkeypatch):
    asked = []
    real = module.assess
    monkeypatch.setattr(module, "assess", lambda question: asked.append(question) or real(question))
    before = [machine(f"m{number}", f"claim-{number}") for number in range(20)]
    after = [machine(f"m{number}", f"other-{number}") for number in range(20)]
    found = report([*before, SERIES], [*after, SERIES])
    assert len(asked) == 1
    for each in found.machines:
        number = each.name.removeprefix("m")
        (field,) = each.fields
        assert (field.before, field.after) == (f"claim-{number}", f"other-{number}")
        assert field.because == f"VirtualMachine/web/m{number}"
    assert len(found.causes) == 20


def test_what_else_differs_is_asked_again():
    first = alike(machine("a", "x"), machine("a", "y"))
    assert alike(machine("b", "x"), machine("b", "y")).key == first.key
    assert alike(machine("b", "x"), machine("b", "x")).key != first.key
    assert alike(machine("b", "x"), machine("b", "y", runStrategy="Halted")).key != first.key


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (f"{_SPEC}.hostname", "Not A Host"),
        (f"{_SPEC}.hostname", "h" * 64),
        (f"{_SPEC}.domain.firmware", {"uuid": "no-uuid"}),
        ("metadata.name", "Bad_Name"),
    ],
)
def test_a_name_that_is_not_valid_keeps_its_own_answer(path, value):
    wrong = edited(machine("a", "x"), path, value)
    assert json.dumps(value) in json.dumps(alike(wrong, wrong).old.vm)
    assert alike(wrong, wrong).key != alike(machine("a", "x"), machine("a", "x")).key


def test_a_pinned_machine_is_told_of_its_own_revision():
    before = [vm(name, instancetype={"name": "web.medium"}) for name in ("a", "b")]
    after = [vm(name, instancetype={"name": "web.medium", "revisionName": f"{name}-gone"}) for name in ("a", "b")]
    found = report([*before, SERIES], [*after, SERIES])
    assert [each.impact.reasons[0].message for each in found.machines] == [
        f'controllerrevisions.apps "{name}-gone" not found' for name in ("a", "b")
    ]


def test_a_claim_and_its_template_keep_belonging_together():
    def templated(name, claim, used):
        template = {"metadata": {"name": claim}, "spec": {"storage": {}, "source": {"blank": {}}}}
        out = vm(
            name, template={"volumes": [{"name": "root", "dataVolume": {"name": used}}]}, dataVolumeTemplates=[template]
        )
        return edited(out, f"{_SPEC}.domain.memory", {"guest": "2Gi"})

    before = [templated(name, name, name) for name in ("a", "b")]
    found = report(before, [templated("a", "a2", "a2"), templated("b", "b2", "b")])
    assert [each.effects for each in found.machines] == [["restart"], ["refused"]]
