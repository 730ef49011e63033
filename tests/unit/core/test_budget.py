"""One call does a bounded amount of work, whatever it is given, and its messages have an end."""

from __future__ import annotations

import json

import pytest
from support import config

from krm_fn import dispatch
from krm_fn.core import budget, globs, wire
from krm_fn.core.console import print_results
from krm_fn.core.errors import InputError
from krm_fn.core.finding import Finding, bounded, first, to_line, to_manifest
from krm_fn.core.suggest import nearest
from krm_fn.main import main


def item(kind, name, api="instancetype.kubevirt.io/v1beta1", **more):
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name, **more.pop("metadata", {})}, **more}


def vm(name="v", **spec):
    return item(
        "VirtualMachine",
        name,
        "kubevirt.io/v1",
        spec={"runStrategy": "Always", "template": {"spec": {"domain": {"devices": {}}}}, **spec},
    )


def series(sizes=3, **spec):
    made = config("InstancetypeSeries", memoryPerVCPU="1Gi", sizes={f"s{n}": 1 for n in range(sizes)}, **spec)
    made["metadata"]["name"] = "web"
    return made


@pytest.mark.parametrize(
    ("limit", "function", "items"),
    [
        ("objects", series(10), []),
        ("objects", config("CatalogGenerator", include=["u1.*"]), []),
        ("machines", config("VirtualMachineRenderer", validate=False), [vm(f"v{n}") for n in range(10)]),
        ("characters", series(10, description="x" * 100), []),
        ("characters", config("VirtualMachineRenderer", catalogs=[]),
         [item("VirtualMachineClusterInstancetype", "own", spec={"cpu": {"guest": 1}, "memory": {"guest": "1Gi"}}),
          vm(instancetype={"name": "own"})]),
        ("templates", series(10, description="{{ cpu * 2 }}"), []),
        ("globs", config("VirtualMachineRenderer", selector={"names": ["a*", "b*"]}), [vm(f"v{n}") for n in range(10)]),
        ("globs", config("VirtualMachineRenderer", selector={"matchLabels": {"a": "b"}}), [vm(f"v{n}") for n in range(10)]),
        ("globs", config("CatalogGenerator", include=["u1.*"]), []),
        ("lookups", config("VirtualMachineRenderer", catalogs=[]),
         [item("VirtualMachineClusterInstancetype", "own", spec={"cpu": {"guest": 1}, "memory": {"guest": "1Gi"}})] * 10
         + [vm(instancetype={"name": "own"})]),
    ],
)  # fmt: skip
def test_every_limit_refuses_by_its_name_and_says_how_to_raise_it(limit, function, items):
    budget.start({limit: 5})
    with pytest.raises(budget.BudgetError, match=rf"more than 5 .* in one call: .* --budget {limit}=N"):
        dispatch.run(function, items)


def test_many_series_draw_on_one_budget():
    budget.start({"objects": 25})
    definitions = [series(10) for _ in range(3)]
    for number, each in enumerate(definitions):
        each["metadata"]["name"] = f"s{number}"
    with pytest.raises(budget.BudgetError, match="objects"):
        dispatch.run(config("VirtualMachineRenderer"), [*definitions, vm(instancetype={"name": "s0.s1"})])


def test_earlier_names_of_a_series_count_for_every_object():
    many = series(2000)
    many["metadata"]["annotations"] = {"internal.config.kubernetes.io/previousNames": ",".join(["a"] * 2000)}
    with pytest.raises(budget.BudgetError, match="characters"):
        dispatch.run(many, [])


def test_larger_input_may_have_a_larger_answer():
    budget.start({"characters": 10})
    budget.read(100)
    budget.spend("characters", 800)
    with pytest.raises(budget.BudgetError):
        budget.spend("characters", 11)


def test_aliases_count_the_characters_they_repeat():
    text = "a: &a '" + "x" * 100_000 + "'\n" + "".join(f"b{n}: *a\n" for n in range(2000))
    with pytest.raises(InputError, match=r"alias \*a: .* characters"):
        wire.read(text.encode(), "f")


def test_chains_of_comparisons_are_refused():
    with_chain = series(1, description="{{ " + "<".join(["cpu"] * 30) + " }}")
    assert "a chain of 29 comparisons" in dispatch.run(with_chain, [])[1][0].message


def test_objects_of_one_name_are_found_by_namespace():
    instancetypes = [
        item(
            "VirtualMachineInstancetype",
            "own",
            metadata={"namespace": f"n{n}"},
            spec={"cpu": {"guest": n + 1}, "memory": {"guest": "1Gi"}},
        )
        for n in range(40)
    ]
    vms = [vm(f"v{n}", instancetype={"name": "own", "kind": "VirtualMachineInstancetype"}) for n in range(40)]
    for number, each in enumerate(vms):
        each["metadata"]["namespace"] = f"n{number}"
    budget.start({"lookups": 60})
    items, results = dispatch.run(config("VirtualMachineRenderer", catalogs=[], validate=False), [*instancetypes, *vms])
    assert results == []
    rendered = [each for each in items if each["kind"] == "VirtualMachine"]
    assert [each["spec"]["template"]["spec"]["domain"]["cpu"]["sockets"] for each in rendered] == list(range(1, 41))


def test_hints_end_without_an_error():
    names = [f"name{n}" for n in range(1000)]
    assert nearest("nam1", names)
    budget.may_compare(budget.SIMILAR)
    assert nearest("nam1", names) == []
    assert nearest("NAME1", names) == ["name1"]


def test_globs_fit_as_fnmatch_has_it():
    fits = globs.any_of(("u1.*", "plain", "[ab]?"))
    assert [name for name in ("u1.small", "plain", "plainer", "a1", "c1", "U1.x") if fits(name)] == [
        "u1.small",
        "plain",
        "a1",
    ]


def test_a_message_has_an_end():
    long = "v" * 20_000
    found = Finding(
        "vm/x",
        f'there is no "{long}" ' + "and so on " * 500,
        item("VirtualMachine", long),
        f"spec.{long}",
        current=long,
    )
    assert len(to_line(found)) < 2500
    assert "v" * 201 not in to_line(found)
    assert len(json.dumps(to_manifest(found))) < 3000
    assert bounded("short text") == "short text"


def test_findings_beyond_a_thousand_are_counted(capsys):
    found = [Finding("vm/x", f"m{n}", severity="warning" if n % 3 else "error") for n in range(3000)]
    print_results(found)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1001
    assert lines[-1] == "error: 2000 more findings are left out: 2000 warnings"
    assert first(found[:5], 10) == (sorted(found[:5], key=lambda each: each.severity), "")


def test_a_report_for_people_ends_and_one_for_programs_later(tmp_path, capsys):
    spec = {f"x{n}": 1 for n in range(10_100)}
    (tmp_path / "vm.json").write_text(json.dumps(vm(**spec)))
    assert main(["validate", str(tmp_path / "vm.json")]) == 1
    out = capsys.readouterr().out
    assert out.count("(schema/unknown-field)") == 1000
    assert "more findings are left out here: -o json has them" in out
    assert main(["validate", "-o", "json", str(tmp_path / "vm.json")]) == 1
    assert len(json.loads(capsys.readouterr().out)["results"]) == 10_001
