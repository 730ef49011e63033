from __future__ import annotations

import hashlib
import importlib.util
import json
from pathlib import Path

import pytest

from krm_fn.core import structural
from krm_fn.core.errors import InputError
from krm_fn.kubevirt import schemas
from krm_fn.kubevirt.versions import ADDED, BACKPORTED, NEWEST, VERSIONS, Version, added_after, since

ROOT = Path(__file__).parents[3]
KINDS = [kind for kinds in schemas.KINDS.values() for kind in kinds]


@pytest.fixture(scope="module")
def generated() -> dict[str, str]:
    spec = importlib.util.spec_from_file_location("make_schemas", ROOT / "tests" / "tools" / "make_schemas.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.generate()


def test_what_is_committed_is_what_the_generator_writes(generated) -> None:
    for name, text in generated.items():
        assert (ROOT / "schemas" / name).read_text() == text, f"schemas/{name} is stale: run `make schemas`"


def test_there_is_no_schema_that_the_generator_does_not_write(generated) -> None:
    there = {str(path.relative_to(ROOT / "schemas")) for path in (ROOT / "schemas").glob("1.*/*")}
    assert there == generated.keys() - {"CHECKSUMS"}


def test_checksums_hold() -> None:
    for line in (ROOT / "schemas" / "CHECKSUMS").read_text().splitlines():
        checksum, name = line.split("  ")
        assert hashlib.sha256((ROOT / "schemas" / name).read_bytes()).hexdigest() == checksum


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_part_of_a_packaged_schema_can_be_used(kind: str, version: str) -> None:
    schema = schemas.packaged(kind, version)
    structural.verify(schema)
    assert not {"description", "example", "default", "format"} & words(schema)


def words(schema: object) -> set[str]:
    if isinstance(schema, list):
        return set().union(*map(words, schema))
    if not isinstance(schema, dict):
        return set()
    found = set(schema)
    for key, value in schema.items():
        found |= set().union(*map(words, value.values())) if key in ("properties", "$defs") else words(value)
    return found - {"properties", "$defs"}


def field(schema: dict, path: str) -> dict | None:
    """The schema at a path with `[]` for entries, None when the path ends before."""
    root = schema
    for step in path.split("."):
        while "$ref" in schema:
            schema = root["$defs"][schema["$ref"].rpartition("/")[2]]
        name = step.removesuffix("[]")
        if name not in schema.get("properties", {}):
            return None
        schema = schema["properties"][name]
        while "$ref" in schema:
            schema = root["$defs"][schema["$ref"].rpartition("/")[2]]
        schema = schema["items"] if step != name else schema
    return schema


ROWS = [(version, kind, path) for version, kinds in ADDED.items() for kind, paths in kinds.items() for path in paths]


@pytest.mark.parametrize(("version", "kind", "path"), ROWS, ids=[f"{version} {path}" for version, _, path in ROWS])
def test_a_field_is_there_from_its_version_on(version: str, kind: str, path: str) -> None:
    for each in VERSIONS:
        there = field(schemas.packaged(kind, each), path) is not None
        back = any(Version(patch).minor == each and path in kinds.get(kind, ()) for patch, kinds in BACKPORTED.items())
        assert there == (each >= version or back)


@pytest.mark.parametrize(
    ("kind", "path", "version"),
    [
        pytest.param("VirtualMachine", "spec.template.spec.networks[3].resourceClaim", "1.9", id="a field of 1.9"),
        pytest.param("VirtualMachine", "spec.template.spec.networks[0].resourceClaim.claimName", "1.9", id="below one"),
        pytest.param(
            "VirtualMachine", "spec.template.spec.domain.devices.panicDevices[0].model", "1.6", id="an entry's field"
        ),
        pytest.param("VirtualMachine", "spec.template.spec.domain.devices.videos", "", id="a longer name"),
        pytest.param("VirtualMachine", "spec.template.spec.networks[0].pod", "", id="as old as 1.5"),
        pytest.param(
            "VirtualMachineClusterPreference",
            "spec.preferredArchitecture",
            "1.7",
            id="cluster-wide kinds have the same spec",
        ),
    ],
)
def test_since_which_version(kind: str, path: str, version: str) -> None:
    assert since(kind, path) == version


def test_nothing_came_after_the_newest_version() -> None:
    assert all(added_after(NEWEST, kind) == [] for kind in KINDS)


def test_cluster_wide_kinds_have_the_spec_of_the_namespaced_ones() -> None:
    for kind in ("Instancetype", "Preference"):
        namespaced, cluster = (schemas.packaged(f"VirtualMachine{scope}{kind}") for scope in ("", "Cluster"))
        assert namespaced["properties"]["spec"] == cluster["properties"]["spec"]


OWN = {
    "x-kubernetes-group-version-kind": [{"group": "example.com", "kind": "Thing", "version": "v1"}],
    "title": "Thing",
    "type": "object",
    "properties": {"spec": {"type": "object"}},
}


def test_own_schemas_go_before_the_packaged_ones(tmp_path: Path) -> None:
    identities = [{"group": "kubevirt.io", "kind": "VirtualMachine", "version": "v1"}]
    (tmp_path / "thing.json").write_text(json.dumps(OWN))
    (tmp_path / "vm.json").write_text(json.dumps(OWN | {"x-kubernetes-group-version-kind": identities, "title": "own"}))
    found = schemas.Schemas("1.8", str(tmp_path))
    assert found.find({"apiVersion": "example.com/v1", "kind": "Thing"})["title"] == "Thing"
    assert found.find({"apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine"})["title"] == "own"
    assert (
        found.find({"apiVersion": "kubevirt.io/v1alpha3", "kind": "VirtualMachine"})["title"]
        == "VirtualMachine of KubeVirt 1.8"
    )
    assert found.find({"apiVersion": "v1", "kind": "ConfigMap"}) is None


@pytest.mark.parametrize(
    "item",
    [
        {},
        {"kind": 5},
        {"apiVersion": [], "kind": "VirtualMachine"},
        {"apiVersion": "kubevirt.io/v9", "kind": "VirtualMachine"},
    ],
)
def test_no_schema_for_what_is_not_known(item: dict) -> None:
    assert schemas.Schemas().find(item) is None


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(None, "no *.json in it", id="empty directory"),
        pytest.param(json.dumps(OWN)[:40], "is not JSON, or cut off", id="truncated file"),
        pytest.param("[]", "doesn't say in x-kubernetes-group-version-kind", id="a list"),
        pytest.param('{"type": "object"}', "doesn't say in x-kubernetes-group-version-kind", id="no identity"),
        pytest.param(
            json.dumps(OWN | {"properties": {"spec": {"type": "thing"}}}),
            "the schema.properties.spec: type must be one of",
            id="unknown type",
        ),
        pytest.param(
            json.dumps(OWN | {"properties": {"spec": {"items": 5}}}),
            "a schema must be a mapping, not 5",
            id="no schema for entries",
        ),
        pytest.param(json.dumps(OWN | {"anyOf": 5}), "anyOf must be a list of schemas", id="anyOf is a number"),
    ],
)
def test_a_directory_that_can_not_be_used_is_an_input_error(tmp_path: Path, content: str | None, message: str) -> None:
    if content is not None:
        (tmp_path / "own.json").write_text(content)
    with pytest.raises(InputError) as caught:
        schemas.Schemas(NEWEST, str(tmp_path))
    assert message in str(caught.value)


def test_a_directory_that_is_not_there_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        schemas.Schemas(NEWEST, str(tmp_path / "nowhere"))


@pytest.mark.parametrize("kind", schemas.config_kinds())
def test_the_examples_of_our_own_schemas_are_valid(kind: str) -> None:
    schema = schemas.config_schema(kind)
    structural.verify(schema)
    for example in schema.get("examples", ()):
        assert structural.check(example, schema) == []
