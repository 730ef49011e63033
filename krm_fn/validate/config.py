"""functionConfigs of krm-fn's own kinds against their JSON Schemas."""

from __future__ import annotations

from krm_fn.core import data
from krm_fn.core.finding import Finding, Rule
from krm_fn.core.manifest import text
from krm_fn.core.structural import check
from krm_fn.core.suggest import did_you_mean
from krm_fn.kubevirt.api import CONFIG_API
from krm_fn.kubevirt.schemas import config_kinds, config_schema

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_fn.core.manifest import Manifest

API_VERSION = Rule(
    "config/api-version", "Wrong apiVersion of a functionConfig", "krm-fn's own kinds are of krm-fn.dev/v1alpha1."
)
KIND = Rule(
    "config/kind", "Unknown kind of functionConfig", "krm-fn.dev has only the kinds that `krm-fn schema` lists."
)
SCHEMA = Rule(
    "config/schema",
    "Mistake in a functionConfig",
    "functionConfigs are strict: unknown fields, wrong types and values outside the limits are errors.",
)
_NO_FILES = "a function reads no files: name the bundle in resources, with the component lookup-only"
_GROUP = CONFIG_API.partition("/")[0]


def is_config(item: Manifest) -> bool:
    """Whether a manifest is of krm-fn's own group, in whatever version."""
    return text(item, "apiVersion").partition("/")[0] == _GROUP


def check_config(config: Manifest) -> list[Finding]:
    """Every mistake in a functionConfig of krm-fn's group: its version, its kind, or all that its schema forbids."""
    if config.get("apiVersion") != CONFIG_API:
        message = f"must be {CONFIG_API}"
        if text(config, "kind") == "ConfigMap":  # what kpt makes of `configMap:` and of arguments
            ours = ", ".join(config_kinds())
            message = (
                f"krm-fn is configured by an object of {CONFIG_API} ({ours}), not by a ConfigMap: write it into a file, and name"
                " that by configPath in the Kptfile or by --fn-config"
            )
        return [
            Finding(API_VERSION, message, config, "apiVersion", current=config.get("apiVersion"), proposed=CONFIG_API)
        ]
    kind = text(config, "kind")
    schema = config_schema(kind)
    if schema is None:
        kinds = config_kinds()
        message = f'krm-fn has no kind "{kind[:60]}", only {", ".join(kinds)}{did_you_mean(kind, kinds)}'
        return [Finding(KIND, message, config, "kind", current=kind)]
    found = [each.but(rule=SCHEMA, item=config) for each in check(config, schema) if not _is_opened(each)]
    return [each.but(message=f"{each.message}; {_NO_FILES}") if _is_file(each) else each for each in found]


def without_nulls(config: Manifest) -> Manifest:
    """The functionConfig without fields that are null, which Kubernetes takes for absent; itself when it has none.

    Where the schema gives null a meaning of its own, as in templates and overrides, which remove a field by it, it stays.
    """
    schema = config_schema(text(config, "kind"))
    if schema is None or not isinstance(config.get("spec"), dict):
        return config
    spec = _without_nulls(config["spec"], schema["properties"]["spec"], schema.get("$defs", {}))
    return config if spec is config["spec"] else {**config, "spec": spec}


def _without_nulls(value: Any, schema: Manifest, definitions: Manifest) -> Any:
    schema = _resolved(schema, definitions)
    if isinstance(value, list):
        entries = [_without_nulls(entry, schema.get("items", {}), definitions) for entry in value]
        return value if all(new is old for new, old in zip(entries, value, strict=True)) else entries
    if not isinstance(value, dict):
        return value
    fields, others = schema.get("properties", {}), schema.get("additionalProperties")
    left = {}
    for key, each in value.items():
        rule = fields.get(key, others)
        if not isinstance(rule, dict):
            left[key] = each
        elif each is not None:
            left[key] = _without_nulls(each, rule, definitions)
        elif not _means_something(_resolved(rule, definitions), named=key in fields):
            continue
        else:
            left[key] = each
    same = len(left) == len(value) and all(left[key] is each for key, each in value.items())
    return value if same else left


def _resolved(schema: Manifest, definitions: Manifest) -> Manifest:
    """The schema that says something about a mapping: behind its `$ref`, among its alternatives."""
    if "$ref" in schema:
        return _resolved(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    for each in schema.get("anyOf", ()):
        found = _resolved(each, definitions)
        if "properties" in found or found.get("type") == "null":
            return found
    return schema


def _means_something(schema: Manifest, *, named: bool) -> bool:
    """Whether a null is a value of its own, or, for an entry with a name of the user's, one that was forgotten."""
    types = schema.get("type", ())
    return "null" in ([types] if isinstance(types, str) else types) or not (
        named or "enum" in schema or types == "string"
    )


def _is_file(found: Finding) -> bool:
    """Whether a path stands where a function can only take the name of a packaged catalog."""
    named = found.current if found.path.startswith("spec.catalogs[") else None
    return isinstance(named, str) and ("/" in named or named.endswith((".yaml", ".yml", ".json")))


def _is_opened(found: Finding) -> bool:
    """Whether a name is not one of the packaged catalogs, and one that a command has opened."""
    return found.path.startswith("spec.catalogs[") and found.current in data.opened
