"""Several definitions in one run: what they make is put among the items once."""

from __future__ import annotations

from krm_fn import dispatch
from krm_fn.functions import generated


def series(name, **sizes):
    return {
        "apiVersion": "krm-fn.dev/v1alpha1",
        "kind": "InstancetypeSeries",
        "metadata": {"name": name},
        "spec": {"memoryPerVCPU": "1Gi", "sizes": sizes, "nameTemplate": "{{ size }}"},
    }


def test_items_are_walked_once_however_many_definitions_there_are(monkeypatch):
    walked = []
    place = generated.place
    monkeypatch.setattr(generated, "place", lambda items, *rest: walked.append(len(items)) or place(items, *rest))
    others = [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"c{n}"}} for n in range(5)]
    items, results = dispatch.generate([series(f"s{n}", **{f"size{n}": 1}) for n in range(7)], others)
    assert not results
    assert len(items) == 12
    assert [count for count in walked if count] == [5]


def test_two_definitions_that_make_one_name_are_both_named():
    _, results = dispatch.generate([series("a", small=1), series("b", small=2)], [])
    [clash] = results
    assert clash.rule == "series/duplicate-name"
    assert "InstancetypeSeries/a" in clash.message
    assert "InstancetypeSeries/b" in clash.message
