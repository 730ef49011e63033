"""Flux's manifests: only fields that its APIs have, and health expressions that judge VMs as a person would."""

from __future__ import annotations

import celpy
import jsonschema
import pytest
import yaml
from argocd.test_manifests import OBJECT, STRING, strict
from support import ROOT

EXAMPLE = ROOT / "kustomize/examples/flux"
DURATION = {"type": "string", "pattern": r"^\d+[smh]$"}
SCHEMAS = {
    "OCIRepository": strict(
        ["interval", "url"],
        interval=DURATION,
        url={"type": "string", "pattern": "^oci://"},
        ref=strict(tag=STRING, semver=STRING, digest=STRING),
        verify=strict(
            ["provider"],
            provider={"enum": ["cosign", "notation"]},
            matchOIDCIdentity={"type": "array", "items": strict(["issuer", "subject"], issuer=STRING, subject=STRING)},
        ),
    ),
    "Kustomization": strict(
        ["interval", "prune", "sourceRef"],
        interval=DURATION,
        retryInterval=DURATION,
        timeout=DURATION,
        path=STRING,
        prune={"type": "boolean"},
        wait={"type": "boolean"},
        sourceRef=strict(["kind", "name"], kind={"enum": ["OCIRepository"]}, name=STRING),
        healthCheckExprs={
            "type": "array",
            "items": strict(
                ["apiVersion", "kind", "current"],
                apiVersion=STRING,
                kind=STRING,
                failed=STRING,
                current=STRING,
                inProgress=STRING,
            ),
        },
    ),
}
VERSIONS = {"OCIRepository": "source.toolkit.fluxcd.io/v1", "Kustomization": "kustomize.toolkit.fluxcd.io/v1"}


@pytest.fixture(scope="module")
def objects() -> dict[str, dict]:
    return {document["kind"]: document for document in yaml.safe_load_all((EXAMPLE / "sync.yaml").read_text())}


@pytest.mark.parametrize("kind", SCHEMAS)
def test_objects_have_only_fields_that_flux_knows(objects, kind):
    document = objects[kind]
    assert document["apiVersion"] == VERSIONS[kind]
    jsonschema.validate(document, strict(apiVersion=STRING, kind=STRING, metadata=OBJECT, spec=SCHEMAS[kind]))


def test_the_kustomization_takes_the_repository_beside_it(objects):
    assert objects["Kustomization"]["spec"]["sourceRef"]["name"] == objects["OCIRepository"]["metadata"]["name"]
    assert objects["Kustomization"]["metadata"]["namespace"] == objects["OCIRepository"]["metadata"]["namespace"]


def health(objects, spec: dict, status: dict) -> str:
    """What Flux makes of the expressions: failed before current, else in progress."""
    (expressions,) = objects["Kustomization"]["spec"]["healthCheckExprs"]
    environment = celpy.Environment()
    values = {name: celpy.json_to_cel(value) for name, value in {"spec": spec, "status": status}.items()}
    for name in ("failed", "current"):
        if environment.program(environment.compile(expressions[name])).evaluate(values):
            return name
    return "in progress"


RESTART = [{"type": "Ready", "status": "True"}, {"type": "RestartRequired", "status": "True"}]


@pytest.mark.parametrize(
    ("spec", "status", "expected"),
    [
        pytest.param({"runStrategy": "Always"}, {"printableStatus": "Running"}, "current", id="running"),
        pytest.param({"runStrategy": "Always"}, {"printableStatus": "Starting"}, "in progress", id="starting"),
        pytest.param({"runStrategy": "Always"}, {"printableStatus": "Stopped"}, "in progress", id="stopped but wanted"),
        pytest.param({"runStrategy": "Halted"}, {"printableStatus": "Stopped"}, "current", id="halted"),
        pytest.param(
            {"runStrategy": "Always"}, {"printableStatus": "Running", "conditions": RESTART}, "failed", id="restart"
        ),
        pytest.param({"running": False}, {}, "in progress", id="no status yet"),
    ],
)
def test_health(objects, spec, status, expected):
    assert health(objects, spec, status) == expected
