"""From a CustomResourceDefinition's schema to the JSON Schema that manifests are checked with.

Types and limits stay, prose goes. Where the API server would drop an unknown field without a word, the JSON Schema forbids
it, and KubeVirt's own kinds get what `kubevirt.constraints` knows beyond the CRD. Rules in CEL are not carried over.
"""

from __future__ import annotations

from krm_fn.core.errors import InputError
from krm_fn.core.manifest import mapping, name_of, text
from krm_fn.core.structural import TELLS_NULLS
from krm_fn.kubevirt.api import KUBEVIRT_GROUP, VIRTUAL_MACHINE
from krm_fn.kubevirt.constraints import CLOSED, DEFINITIONS, ENUMS, INTEGERS, OBJECT_META, OMITTED_WHEN_EMPTY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from krm_fn.core.manifest import Manifest

DIALECT = "https://json-schema.org/draft/2020-12/schema"
IDENTITY = "x-kubernetes-group-version-kind"
_CRD = "CustomResourceDefinition"
_LIMITS = (
    "enum",
    "pattern",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
    "uniqueItems",
    "x-kubernetes-list-map-keys",
)
_SHAPES = ("allOf", "anyOf", "oneOf", "not")
_INTEGER_WORDS = frozenset(("type", "format", "description", "default", "nullable", "title", "example"))
_FORMATS = {name: name for name in ("int32", "uint32", "uint64")}
_STRUCTURES = ("object", "array")
_DEPTH = 100


def schemas_of(documents: Iterable[Any], source: str) -> list[Manifest]:
    """A schema for each CustomResourceDefinition among parsed documents, Lists included.

    Raises InputError, naming `source`, when there is none or when one can't be used.
    """
    found, others = [], []
    for document in documents:
        for item in _items(document):
            if text(item, "kind") == _CRD:
                found.append(_schema_of(item, source))
            else:
                others.append(text(item, "kind") or "a document without a kind")
    if not found:
        there = f": it holds {', '.join(sorted(set(others))[:5])}" if others else ": it is empty"
        raise InputError(f"{source}: no {_CRD} in this file{there}; write it with `kubectl get crd NAME -o yaml`")
    return found


def _items(document: Any) -> Iterator[Manifest]:
    if not isinstance(document, dict):
        return
    items = document.get("items")
    if text(document, "kind").endswith("List") and isinstance(items, list):
        yield from (item for item in items if isinstance(item, dict))
    else:
        yield document


def _schema_of(crd: Manifest, source: str) -> Manifest:
    spec = mapping(crd, "spec")
    kind, group = text(mapping(spec, "names"), "kind"), text(spec, "group")
    versions = spec.get("versions")
    listed = versions if isinstance(versions, list) else []
    served = [each for each in listed if isinstance(each, dict) and each.get("served") is True]
    served.sort(key=lambda version: version.get("storage") is not True)  # the stored version is what all are judged by
    where = f"{source}: {_CRD} {name_of(crd) or '(without a name)'}"
    if not (kind and group and served):
        raise InputError(f"{where}: spec.group, spec.names.kind and a served version are needed")
    schema = mapping(served[0], "schema", "openAPIV3Schema")
    if not mapping(schema, "properties"):
        raise InputError(f"{where}: version {text(served[0], 'name')} has no openAPIV3Schema with properties")
    return reduced(schema, kind, [{"group": group, "kind": kind, "version": text(each, "name")} for each in served])


def reduced(schema: Manifest, kind: str, identities: list[dict[str, str]]) -> Manifest:
    """The schema of one kind from the CRD's: closed, without prose, with KubeVirt's own constraints.

    identities: group, version and kind of each version that is judged by it.
    Raises InputError when the schema isn't shaped like one.
    """
    reducer = _Reducer(kind, identities[0]["group"])
    properties = {name: reducer.reduce(sub, name) for name, sub in sorted(mapping(schema, "properties").items())}
    properties["apiVersion"] = {"enum": [f"{each['group']}/{each['version']}" for each in identities]}
    properties["kind"] = {"const": kind}
    properties["metadata"] = reducer.definition("metadata")
    if "status" in properties:
        properties["status"] = {"type": "object", "nullable": True}
    return {
        "$schema": DIALECT,
        "title": kind,
        IDENTITY: identities,
        TELLS_NULLS: True,
        "type": "object",
        "additionalProperties": False,
        "required": sorted({"apiVersion", "kind", *reducer.required(schema)}),
        "properties": properties,
        "$defs": {name: DEFINITIONS[name] for name in sorted(reducer.used)},
    }


class _Reducer:
    """One pass over a CRD's schema. Notes which of the shared definitions it refers to."""

    __slots__ = ("is_kubevirt", "is_vm", "used")

    def __init__(self, kind: str, group: str) -> None:
        self.is_kubevirt = group.endswith("kubevirt.io")
        self.is_vm = kind == VIRTUAL_MACHINE and group == KUBEVIRT_GROUP
        self.used: set[str] = set()

    def definition(self, name: str) -> Manifest:
        self.used.add(name)
        return {"$ref": f"#/$defs/{name}"}

    def reduce(self, schema: Any, path: str) -> Manifest:
        """The schema at one path, `[]` for a list's entries."""
        if not isinstance(schema, dict) or path.count(".") + path.count("[") > _DEPTH:
            raise InputError(f"the schema at {path[:200]} must be a mapping, and not nested too deep")
        if path in OBJECT_META and self.is_vm:
            return self.definition("metadata")
        if schema.get("x-kubernetes-int-or-string") is True:
            return self._int_or_string(schema)
        kind = schema.get("type")
        if kind == "integer":
            return self._integer(schema, path)
        out: Manifest = {"type": kind} if kind else {}
        out |= {word: schema[word] for word in _LIMITS if word in schema}
        if schema.get("nullable") is True:
            out["nullable"] = True
        out |= {word: _bare(schema[word]) for word in _SHAPES if word in schema}
        if schema.get("x-kubernetes-list-type") in ("map", "set"):
            out["x-kubernetes-list-type"] = schema["x-kubernetes-list-type"]
        choices = _row(ENUMS, path) if self.is_vm else None
        if choices:
            out["enum"] = choices
        if self.is_vm and path in OMITTED_WHEN_EMPTY and "enum" in out:
            out["enum"] = ["", *out["enum"]]
        if kind == "array" and "items" in schema:
            out["items"] = self.reduce(schema["items"], f"{path}[]")
        if kind == "object":
            self._fields(schema, path, out)
        return out

    def _fields(self, schema: Manifest, path: str, out: Manifest) -> None:
        properties = mapping(schema, "properties")
        if properties:
            out["properties"] = {name: self.reduce(sub, f"{path}.{name}") for name, sub in sorted(properties.items())}
        required = self.required(schema)
        if required:
            out["required"] = required
        extra = schema.get("additionalProperties")
        if isinstance(extra, dict) and extra:
            out["additionalProperties"] = self.reduce(extra, f"{path}.*")
        elif extra is None and not self._keeps_unknown(schema, path):
            out["additionalProperties"] = False

    def _keeps_unknown(self, schema: Manifest, path: str) -> bool:
        keeps = schema.get("x-kubernetes-preserve-unknown-fields") is True
        return keeps and not (self.is_vm and path in CLOSED)

    def required(self, schema: Manifest) -> list[str]:
        """The required fields without those that are filled in before anything looks for them."""
        names, properties = schema.get("required"), mapping(schema, "properties")
        if not isinstance(names, list):
            return []
        return sorted(name for name in names if isinstance(name, str) and self._is_needed(properties.get(name)))

    def _is_needed(self, schema: Any) -> bool:
        if not isinstance(schema, dict):
            return True
        if "default" in schema:
            return False
        return not self.is_vm or schema.get("type") in _STRUCTURES or schema.get("x-kubernetes-int-or-string") is True

    def _int_or_string(self, schema: Manifest) -> Manifest:
        pattern = schema.get("pattern")
        if isinstance(pattern, str) and "numkMGTPE" in pattern:
            return self.definition("quantity" if self.is_vm else "crdQuantity")
        return {"type": ["integer", "string"]} | ({"pattern": pattern} if pattern else {})

    def _integer(self, schema: Manifest, path: str) -> Manifest:
        go_type = _row(INTEGERS, path) if self.is_kubevirt else None
        name = go_type or _FORMATS.get(str(schema.get("format")), "int64")
        if schema.keys() <= _INTEGER_WORDS:
            return self.definition(name)
        return DEFINITIONS[name] | {word: schema[word] for word in _LIMITS if word in schema}


def _row(table: dict[str, Any], path: str) -> Any:
    """The row of a table of paths for a path; a `*` in the table stands for any one name."""
    if path in table:
        return table[path]
    parts = path.split(".")
    for pattern, row in table.items():
        if "*" in pattern:
            wanted = pattern.split(".")
            if len(wanted) == len(parts) and all(map(_step_fits, wanted, parts)):
                return row
    return None


def _step_fits(wanted: str, part: str) -> bool:
    return wanted == part or (wanted[:1] == "*" and part.count("[") == wanted.count("["))


def _bare(value: Any) -> Any:
    """A part of a schema as it stands, without its prose."""
    if isinstance(value, dict):
        return {key: _bare(item) for key, item in value.items() if not (key == "description" and isinstance(item, str))}
    return [_bare(item) for item in value] if isinstance(value, list) else value
