"""jsonschema as the reference: on manifests changed at every place, both have to find the same fields."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest

from krm_fn.core import structural, wire
from krm_fn.core.manifest import copy_tree
from krm_fn.kubevirt import schemas

MANIFESTS = Path(__file__).parents[2] / "data" / "manifests"
DOCUMENTS = [
    document for path in sorted(MANIFESTS.glob("*.yaml")) for document in wire.read(path.read_bytes(), path.name)
]
NOT_JSON_SCHEMA = ("schema/duplicate", "schema/null")
VALUES = [True, 0, -1, 2**40, 2**70, 0.5, 2.0, "", "x", "1Gi", "1e1.5", [], [1], {}, {"x": 1}, [{}], [None]]


def without_nulls(value: object) -> object:
    """What jsonschema has to be given so that a null field counts as absent."""
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value


def by_reference(value: object, validator: jsonschema.Draft202012Validator) -> set[str]:
    """Where jsonschema finds something; unknown and missing fields are at their own path, as they are for us."""
    found = set()
    for error in validator.iter_errors(value):
        path = list(error.absolute_path)
        if error.validator == "additionalProperties":
            found |= {
                dotted([*path, name]) for name in error.instance if name not in error.schema.get("properties", {})
            }
        elif error.validator == "required":
            found |= {dotted([*path, name]) for name in error.validator_value if name not in error.instance}
        else:
            found.add(dotted(path))
    return found


def dotted(path: list) -> str:
    return "".join(
        f"[{step}]" if isinstance(step, int) or not step or "." in step else f".{step}" for step in path
    ).lstrip(".")


def mutations(document: dict) -> list[dict]:
    out = []
    for number, path in enumerate(places(document)):
        changed = copy_tree(document)
        target = changed
        for step in path[:-1]:
            target = target[step]
        target[path[-1]] = VALUES[number % len(VALUES)]
        out.append(changed)
        changed = copy_tree(document)
        target = changed
        for step in path[:-1]:
            target = target[step]
        if isinstance(target, dict):
            value = target.pop(path[-1])
            target[f"{path[-1]}x"] = "" if value is None else value  # jsonschema is not given nulls
            out.append(changed)
    return out


def places(value: object, path: tuple = ()) -> list[tuple]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return ([path] if path else []) + [place for step, item in inner for place in places(item, (*path, step))]


@pytest.mark.parametrize(
    "document", DOCUMENTS, ids=lambda document: f"{document['kind']} {document['metadata']['name']}"
)
def test_finds_what_jsonschema_finds(document: dict) -> None:
    schema = schemas.Schemas().find(document)
    validator = jsonschema.Draft202012Validator(schema)
    changed = mutations(document)
    assert len(changed) > 10
    for each in changed:
        ours = {problem.path for problem in structural.check(each, schema) if problem.rule not in NOT_JSON_SCHEMA}
        assert ours == by_reference(without_nulls(each), validator), each
