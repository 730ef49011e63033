"""functionConfigs of krm-fn's own kinds against their JSON Schemas."""

from __future__ import annotations

from krm_fn.core import data
from krm_fn.core.finding import Finding
from krm_fn.core.manifest import text
from krm_fn.core.structural import check
from krm_fn.core.suggest import did_you_mean
from krm_fn.kubevirt.api import CONFIG_API
from krm_fn.kubevirt.schemas import config_kinds, config_schema

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_fn.core.manifest import Manifest

SCHEMA, KIND, API_VERSION = "config/schema", "config/kind", "config/api-version"
_GROUP = CONFIG_API.partition("/")[0]


def is_config(item: Manifest) -> bool:
    """Whether a manifest is of krm-fn's own group, in whatever version."""
    return text(item, "apiVersion").partition("/")[0] == _GROUP


def check_config(config: Manifest) -> list[Finding]:
    """Every mistake in a functionConfig of krm-fn's group: its version, its kind, or all that its schema forbids."""
    if config.get("apiVersion") != CONFIG_API:
        message = f"must be {CONFIG_API}"
        return [
            Finding(API_VERSION, message, config, "apiVersion", current=config.get("apiVersion"), proposed=CONFIG_API)
        ]
    kind = text(config, "kind")
    schema = config_schema(kind)
    if schema is None:
        kinds = config_kinds()
        message = f'krm-fn has no kind "{kind[:60]}", only {", ".join(kinds)}{did_you_mean(kind, kinds)}'
        return [Finding(KIND, message, config, "kind", current=kind)]
    return [each.but(rule=SCHEMA, item=config) for each in check(config, schema) if not _is_opened(each)]


def _is_opened(found: Finding) -> bool:
    """Whether a name is not one of the packaged catalogs, and one that a command has opened."""
    return found.path.startswith("spec.catalogs[") and found.current in data.opened
