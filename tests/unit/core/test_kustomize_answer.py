"""The form of an answer: cheap where kustomize asks, untouched elsewhere."""

from __future__ import annotations

import pytest

from krm_fn.core.kustomize import CALL_IDS, RESOURCE_ID, light

ORIGIN = "krm-fn.dev/origin"
IDS = dict.fromkeys(CALL_IDS, "1")


def item(name="a", kind="ConfigMap", **annotations):
    metadata = {"name": name, **({"annotations": annotations} if annotations else {})}
    return {"apiVersion": "v1", "kind": kind, "metadata": metadata}


def test_call_ids_go_where_kustomize_put_its_own():
    given = [item(**IDS, **{RESOURCE_ID: "kind: ConfigMap\n"})]
    [out] = light(given, item("c"), given, ORIGIN)
    assert out["metadata"]["annotations"] == {RESOURCE_ID: "kind: ConfigMap\n"}
    assert given[0]["metadata"]["annotations"].keys() == {RESOURCE_ID, *CALL_IDS}, "what came in is not changed"


def test_call_ids_stay_for_kpt():
    given = [item(**IDS, **{"internal.config.kubernetes.io/path": "a.yaml"})]
    assert light(given, item("c"), given, ORIGIN) is given


def test_origins_stay_in_a_transformer():
    given = [item(**{RESOURCE_ID: "x"})]
    made = item("b", **{ORIGIN: "InstancetypeSeries/b"})
    assert light(given, item("c"), [*given, made], ORIGIN)[1] is made


def test_a_generator_answers_with_one_list_and_no_origin():
    config = item("family", "InstancetypeSeries")
    echo = item("family", "InstancetypeSeries", **{"config.kubernetes.io/local-config": "true"})
    made = [
        item("a", **{ORIGIN: "InstancetypeSeries/family"}),
        item("b", **{ORIGIN: "InstancetypeSeries/family", "x": "y"}),
    ]
    [answer] = light([echo], config, made, ORIGIN)
    assert answer == {"apiVersion": "v1", "kind": "List", "items": [item("a"), item("b", x="y")]}


def test_a_generator_that_makes_nothing_answers_nothing():
    echo = item("family", "InstancetypeSeries", **{"config.kubernetes.io/local-config": "true"})
    assert light([echo], item("family", "InstancetypeSeries"), [], ORIGIN) == []


@pytest.mark.parametrize(
    "annotations",
    [{}, {"config.kubernetes.io/local-config": "true", "config.kubernetes.io/path": "series.yaml"}],
    ids=["not local configuration", "in a file"],
)
def test_a_definition_among_the_items_is_no_echo(annotations):
    made = [item("a", **{ORIGIN: "InstancetypeSeries/family"})]
    given = [item("family", "InstancetypeSeries", **annotations)]
    assert light(given, item("family", "InstancetypeSeries"), made, ORIGIN) is made
