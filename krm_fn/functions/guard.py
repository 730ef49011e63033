"""Warnings about what another tool does to the output: virt-operator's own types, Flux's variable substitution."""

from __future__ import annotations

from krm_fn.core.finding import WARNING, Finding, Rule
from krm_fn.core.manifest import annotation, mapping, name_of, text
from krm_fn.kubevirt.api import CLUSTER_KINDS
from krm_fn.series.catalog import Catalog

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_fn.core.manifest import Manifest

OPERATOR_NAME = Rule(
    "catalog/operator-name",
    "Name that virt-operator uses itself",
    "Since KubeVirt 1.4 virt-operator deploys cluster-wide instancetypes and preferences and overwrites others of the same name.",
)
SUBSTITUTION = Rule(
    "flux/substitution",
    "Text that Flux would replace",
    "Flux's postBuild substitution replaces ${...} everywhere in a manifest, in cloud-init scripts too, and with nothing when it knows no value.",
)
FLUX_SUBSTITUTE = "kustomize.toolkit.fluxcd.io/substitute"
_CLOUD_INIT = ("cloudInitNoCloud", "cloudInitConfigDrive")
_TEXTS = ("userData", "networkData")


def warn_of_substitution(vm: Manifest, results: list[Finding]) -> None:
    """Warn of `${...}` in cloud-init, which Flux's postBuild substitution replaces, with nothing when it knows no value."""
    volumes = mapping(vm, "spec", "template", "spec").get("volumes")
    if not isinstance(volumes, list) or annotation(vm, FLUX_SUBSTITUTE) == "disabled":
        return
    for index, volume in enumerate(volumes):
        for source in _CLOUD_INIT:
            given = volume.get(source) if isinstance(volume, dict) else None
            for key in _TEXTS if given else ():
                if "${" in text(given, key):
                    message = (
                        "holds ${...}, which Flux replaces where postBuild substitution is on: "
                        f"annotate the VM with {FLUX_SUBSTITUTE}: disabled, or write $${{...}}"
                    )
                    path = f"spec.template.spec.volumes[{index}].{source}.{key}"
                    results.append(Finding(SUBSTITUTION, message, vm, path, severity=WARNING))


def operator_names(made: list[Manifest], config: Manifest | None = None) -> list[Finding]:
    """Warn, once, of cluster-wide objects whose names virt-operator gives to objects of its own since KubeVirt 1.4.

    Its names are those of the packaged catalog `common`, which holds the same objects. The warning is about `config`,
    which asks for them, or about the first of them.
    """
    cluster = [item for item in made if item["kind"] in CLUSTER_KINDS]
    if not cluster:
        return []
    common = Catalog(["common"])
    taken = [name_of(item) for item in cluster if common.find(item["kind"], name_of(item)) is not None]
    if not taken:
        return []
    shown = ", ".join(taken[:3]) + (f" and {len(taken) - 3} more" if len(taken) > 3 else "")
    message = (
        f"virt-operator deploys cluster-wide objects of the same name ({shown}) and overwrites these: write scope: Namespaced, "
        "rename them, or set spec.configuration.commonInstancetypesDeployment.enabled: false in the KubeVirt resource"
    )
    item, path = (cluster[0], "metadata.name") if config is None else (config, "spec.scope")
    return [Finding(OPERATOR_NAME, message, item, path, severity=WARNING)]
