"""A thousand changes judged by KubeVirt 1.9's own webhooks and controllers, against `krm_fn.changes`.

A vector holds both sides of a change, the cluster's settings, and what KubeVirt made of it.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from krm_fn.changes.answers import Settings
from krm_fn.changes.compare import compare
from krm_fn.changes.tree import Tree
from krm_fn.vm.impact.cluster import Cluster

with gzip.open(Path(__file__).parent / "vectors.jsonl.gz", "rt") as lines:
    VECTORS = [json.loads(line) for line in lines]

RANDOM_UUID = "the vectors draw the same uuid for every VM, and these write just that one into the manifest"
KNOWN = {"s2-122": RANDOM_UUID, "s2-2792": RANDOM_UUID}
"""Vectors whose answer no manifest can tell, with the reason: to KubeVirt the uuid is the one that the machine has."""


def objects(side):
    found = [side["vm"], side.get("instancetype"), side.get("preference"), *(side.get("revisions") or [])]
    for item in filter(None, found):
        metadata = item["metadata"] if "Cluster" in item["kind"] else {"namespace": "default", **item["metadata"]}
        yield {**item, "metadata": metadata}


def machine(vector):
    cluster = vector["cluster"]
    kubevirt = {
        "spec": {
            "configuration": cluster.get("configuration") or {},
            "workloadUpdateStrategy": {"workloadUpdateMethods": cluster.get("workloadUpdateMethods") or []},
        }
    }
    settings = Cluster(kubevirt, cluster.get("arch", ""))
    stopped = vector["base"]["vm"]["spec"].get("runStrategy") == "Manual" and not cluster.get("started")
    before, after = (Tree(list(objects(vector[side])), ["common"]) for side in ("base", "head"))
    report = compare(
        before,
        after,
        Settings(
            settings,
            settings,
            migratable="yes" if cluster.get("migratable") else "no",
            state="stopped" if stopped else "auto",
            pruned=bool(cluster.get("pruneRevisions")),
        ),
    )
    (found,) = report.machines
    return found


def effects(expect):
    """The words of the report for what KubeVirt did."""
    if expect["admission"] == "denied":
        return {"refused"}
    migration = expect.get("migration") or {}
    signs = {
        expect.get("runState"): expect.get("runState") in ("started", "stopped"),
        "live": expect.get("live"),
        migration.get("action"): migration.get("action"),
        "restart": expect.get("restartRequired"),
        "stuck": expect.get("syncError"),
    }
    out = {word for word, holds in signs.items() if holds}
    if expect.get("running") and expect.get("effective") and not out:
        out.add("silent")
    return out | ({"next-start-fails"} if expect.get("nextBootError") else set())


def named(vector):
    return f"{vector['id']} {vector['mode']}"


@pytest.mark.parametrize("vector", [vector for vector in VECTORS if vector["id"] in KNOWN], ids=named)
def test_what_no_manifest_can_tell(vector):
    assert machine(vector).effects == ["restart"]


@pytest.mark.parametrize("vector", [vector for vector in VECTORS if vector["id"] not in KNOWN], ids=named)
def test_a_change_does_what_kubevirt_does(vector):
    expect, found = vector["expect"], machine(vector)
    reasons = found.impact.reasons
    assert set(found.effects) - {"none"} == effects(expect)
    assert set(found.impact.live) == set(expect.get("live") or ())
    if expect["admission"] == "denied":
        assert {reason.field for reason in reasons} == {
            cause["field"] for cause in expect["causes"] if cause.get("field")
        }
    if expect.get("restartRequired"):
        assert expect["message"] in [reason.message for reason in reasons if reason.effect == "restart"]


def test_every_outcome_and_message_is_among_the_vectors():
    words = {word for vector in VECTORS for word in effects(vector["expect"])}
    assert words == {
        *("refused", "started", "stopped", "live", "migrate", "evict", "wait"),
        *("restart", "stuck", "silent", "next-start-fails"),
    }
