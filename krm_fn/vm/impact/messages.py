"""What KubeVirt says of a change, word for word, so that a reader can search for it.

Source: KubeVirt 1.9, pkg/virt-controller/watch/vm/vm.go, .../volume-migration/volume-migration.go, pkg/storage/admitters/storagehotplug.go.
"""

from __future__ import annotations

NOT_LIVE = "a non-live-updatable field was changed in the template spec"
SOCKETS_BEYOND = "CPU sockets updated in template spec to a value higher than what's available"
SOCKETS_FEWER = "Reduction of CPU socket count requires a restart"
SOCKETS_ARM = "ARM doesn't support CPU hotplug"
SOCKETS_UNSET = "Error encountered while handling CPU change request: testing value /spec/domain/cpu/sockets failed"
_MEMORY = "memory updated in template spec"
MEMORY_NOT_MIGRATABLE = f"{_MEMORY}. Memory-hotplug is only available for migratable VMs"
MEMORY_NO_ROOM = f"{_MEMORY}. Memory-hotplug is not available for this VM configuration"
MEMORY_UNSUPPORTED = "memory hotplug not supported, "
MEMORY_BELOW_BOOT = f"{_MEMORY} to a value lower than what the VM started with"
VOLUMES_INVALID = "invalid volumes to update with migration: "
HOTPLUG_REFUSED = "Error encountered while handling declarative hotplug volumes: "
HOTPLUG_BUS = {
    "disk": "Hotplug configuration for disk [{name}] requires bus to be 'scsi' or 'virtio'. [{bus}] is not permitted.",
    "lun": "Hotplug configuration for LUN [{name}] requires bus to be 'scsi'. [{bus}] is not permitted.",
}
HOTPLUG_IO_THREADS = "Hotplug configuration for [{name}] requires virtio bus for IOThreads."
HOTPLUG_TARGET = "Hotplug configuration for [{name}] requires diskDevice of type 'disk' or 'lun' to be used."
MATCHER_NAME = "the Matcher Name has been updated without updating the RevisionName"
