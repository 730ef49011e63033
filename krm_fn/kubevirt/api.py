"""Groups, kinds, labels and annotations, as KubeVirt spells them.

Source: KubeVirt 1.9, staging/src/kubevirt.io/api/instancetype/register.go and .../core/v1/types.go.
"""

from __future__ import annotations

KUBEVIRT_GROUP = "kubevirt.io"
KUBEVIRT_API = "kubevirt.io/v1"
INSTANCETYPE_GROUP = "instancetype.kubevirt.io"
INSTANCETYPE_API = "instancetype.kubevirt.io/v1beta1"
OLDER_VERSIONS = ("v1alpha1", "v1alpha2")
"""Versions of the instancetype API before today's, oldest first."""
CONTROLLER_REVISION_API = "apps/v1"
CONFIG_API = "krm-fn.dev/v1alpha1"
IMPORTED = "krm-fn.dev/imported"
"""Annotation of a series: what an import brought, for the next one to tell edits from news."""

VIRTUAL_MACHINE = "VirtualMachine"
INSTANCETYPE = "VirtualMachineInstancetype"
CLUSTER_INSTANCETYPE = "VirtualMachineClusterInstancetype"
PREFERENCE = "VirtualMachinePreference"
CLUSTER_PREFERENCE = "VirtualMachineClusterPreference"

INSTANCETYPE_KINDS = (CLUSTER_INSTANCETYPE, INSTANCETYPE)
PREFERENCE_KINDS = (CLUSTER_PREFERENCE, PREFERENCE)
"""The cluster-wide kind comes first: it is what a matcher without a kind means."""
CLUSTER_KINDS = frozenset((CLUSTER_INSTANCETYPE, CLUSTER_PREFERENCE))

LABEL = "instancetype.kubevirt.io/"
"""Prefix of every label and annotation of the instancetype API."""


def is_virtual_machine(item: dict[str, object]) -> bool:
    """Whether an item is a VirtualMachine of KubeVirt's (other groups have kinds of that name too)."""
    return item.get("kind") == VIRTUAL_MACHINE and str(item.get("apiVersion", "")).startswith("kubevirt.io/")


def matcher_kind(written: object, kinds: tuple[str, ...]) -> str:
    """The kind of a family that a matcher's `kind` means: the first when empty; singular or plural, any case; "" if none.

    Source: KubeVirt 1.9, staging/src/kubevirt.io/api/instancetype/register.go (resource names).
    """
    folded = written.lower() if isinstance(written, str) else ""
    return next((kind for kind in kinds if not folded or folded in (kind.lower(), kind.lower() + "s")), "")
