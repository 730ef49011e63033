"""KubeVirt's API groups and the kinds in them, with those of its companions below `kubevirt.io`.

Source: KubeVirt 1.9, staging/src/kubevirt.io/api; the CRDs of containerized-data-importer, hyperconverged-cluster-operator,
ssp-operator, cluster-network-addons-operator, hostpath-provisioner-operator, application-aware-quota and
managed-tenant-quota.
"""

from __future__ import annotations

from krm_fn.core.manifest import text
from krm_fn.kubevirt.api import (
    INSTANCETYPE_GROUP,
    INSTANCETYPE_KINDS,
    KUBEVIRT_GROUP,
    PREFERENCE_KINDS,
    VIRTUAL_MACHINE,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_fn.core.manifest import Manifest

INSTANCE, REPLICA_SET = "VirtualMachineInstance", "VirtualMachineInstanceReplicaSet"
POOL, POOL_GROUP = "VirtualMachinePool", "pool.kubevirt.io"

GROUPS: dict[str, tuple[str, ...]] = {
    KUBEVIRT_GROUP: (
        VIRTUAL_MACHINE,
        INSTANCE,
        REPLICA_SET,
        "KubeVirt",
        "VirtualMachineInstanceMigration",
        "VirtualMachineInstancePreset",
    ),
    INSTANCETYPE_GROUP: (*INSTANCETYPE_KINDS, *PREFERENCE_KINDS),
    POOL_GROUP: (POOL,),
    "backup.kubevirt.io": ("VirtualMachineBackup", "VirtualMachineBackupTracker"),
    "clone.kubevirt.io": ("VirtualMachineClone",),
    "export.kubevirt.io": ("VirtualMachineExport",),
    "migrations.kubevirt.io": ("MigrationPolicy",),
    "snapshot.kubevirt.io": ("VirtualMachineSnapshot", "VirtualMachineSnapshotContent", "VirtualMachineRestore"),
    "template.kubevirt.io": ("VirtualMachineTemplate", "VirtualMachineTemplateRequest"),
    "cdi.kubevirt.io": (
        "CDI",
        "CDIConfig",
        "DataImportCron",
        "DataSource",
        "DataVolume",
        "ObjectTransfer",
        "OpenstackVolumePopulator",
        "OvirtVolumePopulator",
        "StorageProfile",
        "VolumeCloneSource",
        "VolumeImportSource",
        "VolumeUploadSource",
    ),
    "forklift.cdi.kubevirt.io": ("OpenstackVolumePopulator", "OvirtVolumePopulator", "VSphereXcopyVolumePopulator"),
    "upload.cdi.kubevirt.io": ("UploadTokenRequest",),
    "hco.kubevirt.io": ("HyperConverged",),
    "hostpathprovisioner.kubevirt.io": ("HostPathProvisioner",),
    "networkaddonsoperator.network.kubevirt.io": ("NetworkAddonsConfig",),
    "ssp.kubevirt.io": ("SSP",),
    "aaq.kubevirt.io": (
        "AAQ",
        "AAQJobQueueConfig",
        "ApplicationAwareAppliedClusterResourceQuota",
        "ApplicationAwareClusterResourceQuota",
        "ApplicationAwareResourceQuota",
    ),
    "mtq.kubevirt.io": ("MTQ", "VirtualMachineMigrationResourceQuota"),
}
"""Group → its kinds. A group below `kubevirt.io` that isn't here may be anybody's, and nothing is said of its kinds."""

_LIST = "List"


def groups_of(kind: str) -> list[str]:
    """The groups that have a kind."""
    return [group for group, kinds in GROUPS.items() if kind in kinds]


def is_unknown(item: Manifest) -> bool:
    """Whether a manifest is of one of these groups and of no kind that the group has, lists of a kind included."""
    group, kind = text(item, "apiVersion").rpartition("/")[0], text(item, "kind")
    kinds = GROUPS.get(group)
    return kinds is not None and kind not in kinds and kind.removesuffix(_LIST) not in kinds
