"""For each rule a manifest that breaks it and one like it that KubeVirt accepts: {rule: (bad patch, good patch)} of the base machine."""

from __future__ import annotations

from admission_machines import (
    ARM,
    EFI,
    GONE,
    PREFERRED,
    REQUIRED,
    S390X,
    claims,
    dedicated,
    disk,
    filesystem,
    first_disk,
    interface,
    key_by,
    lan,
    node_affinity,
    password_by,
    pod_affinity,
    spread,
    template,
)

_PVC = {"persistentVolumeClaim": {"claimName": "c"}}
_CLOUD = {"name": "data", "disk": {"bus": "virtio"}}
_MANY = range(257)
_CLAIMED = {"name": "a", "claimName": "c", "requestName": "r"}
_NIC = {"resourceClaim": {"claimName": "c", "requestName": "r"}}
_PAGES = {"D.memory.hugepages": {"pageSize": "2Mi"}}
_DISPLAY = {"deviceName": "x/y", "virtualGPUOptions": {"display": {}}}
_NO_DISPLAY = {"deviceName": "x/y", "virtualGPUOptions": {"display": {"ramFB": {"enabled": False}}}}


def _metrics(**fields) -> dict:
    return disk({"downwardMetrics": {}}, **fields)


def _block_size(bus: str = "virtio", **custom) -> dict:
    return first_disk(disk={"bus": bus}, blockSize={"custom": custom})


def _inferred(matcher: str, volume: str = "data", **fields) -> dict:
    return {f"S.{matcher}": {"inferFromVolume": volume, **fields}}


def _matcher(matcher: str) -> dict:
    return {
        f"{matcher}-unnamed": ({f"S.{matcher}": {}}, {f"S.{matcher}": {"name": "u1.small"}}),
        f"{matcher}-name-and-volume": (
            disk(_PVC) | _inferred(matcher, name="u1.small"),
            disk(_PVC) | _inferred(matcher),
        ),
        f"{matcher}-kind-and-volume": (disk(_PVC) | _inferred(matcher, kind="X"), disk(_PVC) | _inferred(matcher)),
        f"{matcher}-failure-policy": (
            disk(_PVC) | _inferred(matcher, inferFromVolumeFailurePolicy="ignore"),
            disk(_PVC) | _inferred(matcher, inferFromVolumeFailurePolicy="Ignore"),
        ),
        f"{matcher}-infer-volume-missing": (
            disk(_PVC) | _inferred(matcher, "boot", inferFromVolumeFailurePolicy="Ignore"),
            disk(_PVC) | _inferred(matcher),
        ),
        f"{matcher}-infer-volume-type": (
            _inferred(matcher, "root"),
            _inferred(matcher, "root", inferFromVolumeFailurePolicy="Ignore"),
        ),
        f"{matcher}-infer-data-volume-source": (
            template() | _inferred(matcher),
            template({"storage": {}, "sourceRef": {"kind": "DataSource", "name": "os"}}) | _inferred(matcher),
        ),
    }


def _cloud_init(kind: str, rule: str) -> dict:
    def data(**source) -> dict:
        return {"V.disks.1": _CLOUD, "T.volumes.1": {"name": "data", kind: source}}

    good = data(userData="#!", networkData="version: 2")
    return {
        f"{rule}-user-data-base64": (data(userDataBase64="#cloud-config"), data(userDataBase64="I2Nsb3VkLWNvbmZpZwo=")),
        f"{rule}-several-user-data": (
            data(userData="#!", secretRef={"name": "s"}),
            data(secretRef={"name": "s"}, userData=""),
        ),
        f"{rule}-user-data-long": (data(userData="é" * 1025), data(userData="é" * 1024)),
        f"{rule}-network-data-base64": (data(networkDataBase64="abc"), data(networkDataBase64="YWJj\n")),
        f"{rule}-several-network-data": (data(networkData="a", networkDataBase64="YWJj"), good),
        f"{rule}-network-data-long": (data(networkDataBase64="YWJj" * 683), data(networkDataBase64="YWJj" * 682)),
        f"{rule}-empty": (data(secretRef={"name": ""}), data(networkDataSecretRef={"name": "s"})),
    }


def _devices(key: str, rule: str) -> dict:
    def devices(*given: dict) -> dict:
        return {f"V.{key}": list(given)} | claims("c")

    named = {"name": "a", "deviceName": "x/y"}
    return {
        f"{rule}-unnamed": (devices({"name": "a"}), devices(named)),
        f"{rule}-named-and-claimed": (devices(named | _CLAIMED), devices(_CLAIMED)),
        f"{rule}-claim-name": (devices({"name": "a", "requestName": "r"}), devices(_CLAIMED)),
        f"{rule}-request-name": (devices({"name": "a", "claimName": "c"}), devices(_CLAIMED)),
        f"{rule}-claim-repeated": (devices(_CLAIMED, _CLAIMED), devices(_CLAIMED, _CLAIMED | {"requestName": "s"})),
    }


def _probe(key: str, rule: str) -> dict:
    by_port = {f"T.{key}": {"tcpSocket": {"port": 22}}}
    return {
        f"{rule}-handler": ({f"T.{key}": {"periodSeconds": 5}}, {f"T.{key}": {"exec": {"command": ["true"]}}}),
        f"{rule}-network": (
            by_port | {"T.networks": [], "V.interfaces": [], "V.autoattachPodInterface": False},
            by_port,
        ),
    }


_OWNER = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "uid": "0c6f8c9a-6a57-5b1c-9d43-1f0e5a7b2c3d"}

METADATA = {
    "name": ({"metadata.name": "Web_1"}, {"metadata.name": GONE, "metadata.generateName": "web-"}),
    "labels": ({"metadata.labels": {"app": "a b"}}, {"metadata.labels": {"example.com/app": ""}}),
    "annotations": (
        {"metadata.annotations": {"a key": "x"}},
        {"metadata.annotations": {"example.com/Key": "any text"}},
    ),
    "generate-name": (
        {"metadata.name": GONE, "metadata.generateName": "Web-"},
        {"metadata.name": GONE, "metadata.generateName": "web-"},
    ),
    "namespace": ({"metadata.namespace": "a.b"}, {"metadata.namespace": "a-b"}),
    "annotations-size": (
        {"metadata.annotations": {"notes": "x" * 262_140}},
        {"metadata.annotations": {"notes": "x" * 262_139}},
    ),
    "finalizers": (
        {"metadata.finalizers": ["orphan", "foregroundDeletion"]},
        {"metadata.finalizers": ["example.com/a"]},
    ),
    "owner-references": (
        {"metadata.ownerReferences": [_OWNER | {"controller": True}, _OWNER | {"controller": True}]},
        {"metadata.ownerReferences": [_OWNER | {"controller": True}, _OWNER]},
    ),
    "template-annotations-size": (
        {"S.template.metadata.annotations": {"notes": "\u00fc" * 131_070}},
        {"S.template.metadata.annotations": {"notes": "\u00fc" * 131_069}},
    ),
    "template-finalizers": (
        {"S.template.metadata.finalizers": ["Foo Bar"]},
        {"S.template.metadata.finalizers": []},
    ),
    "template-managed-fields": (
        {"S.template.metadata.managedFields": [{"manager": "kubectl"}]},
        {"S.template.metadata.managedFields": [{"manager": "kubectl", "operation": "Update"}]},
    ),
    "template-labels": ({"S.template.metadata.labels": {"-a": "b"}}, {"S.template.metadata.labels": {"a": "b"}}),
    "template-annotations": (
        {"S.template.metadata.annotations": {"/a": ""}},
        {"S.template.metadata.annotations": {"a": ""}},
    ),
    "template-reserved-label": (
        {"S.template.metadata.labels": {"kubevirt.io/schedulable": "true"}},
        {"S.template.metadata.labels": {"kubevirt.io/vm": "web"}},
    ),
    "running-and-run-strategy": ({"S.running": False}, {"S.running": None}),
    "run-strategy-missing": ({"S.runStrategy": GONE}, {"S.runStrategy": GONE, "S.running": True}),
    "run-strategy": ({"S.runStrategy": "always"}, {"S.runStrategy": "Once"}),
    "reboot-policy": ({"D.rebootPolicy": "Restart"}, {"D.rebootPolicy": "Terminate"}),
    "too-many-disks": ({"V.disks": [{"name": "x", "disk": {}} for _ in _MANY]}, disk()),
    "too-many-interfaces": ({"V.interfaces": [{"name": "x", "bridge": {}} for _ in _MANY]}, lan()),
    "too-many-networks": ({"T.networks": [{"name": "x", "pod": {}} for _ in _MANY]}, lan()),
    "too-many-volumes": ({"T.volumes": [{"name": "x", **_PVC} for _ in _MANY]}, disk()),
    "too-many-utility-volumes": (
        {"T.utilityVolumes": [{"name": "x", "claimName": "c"} for _ in _MANY]},
        {"T.utilityVolumes": []},
    ),
    "too-many-access-credentials": (
        {"T.accessCredentials": [{} for _ in _MANY]},
        key_by({"qemuGuestAgent": {"users": ["a"]}}),
    ),
    **_matcher("instancetype"),
    **_matcher("preference"),
}

MEMORY = {
    "memory-requests-negative": ({"D.resources.requests.memory": "-1Gi"}, {"D.resources.requests.memory": "1Gi"}),
    "memory-limits-negative": ({"D.resources.limits.memory": "-1"}, {"D.resources.limits.memory": "0"}),
    "cpu-requests-negative": ({"D.resources.requests.cpu": "-500m"}, {"D.resources.requests.cpu": "500m"}),
    "cpu-limits-negative": ({"D.resources.limits.cpu": -2}, {"D.resources.limits.cpu": 2}),
    "memory-request-tiny": ({"D.resources.requests.memory": "999999"}, {"D.resources.requests.memory": "1M"}),
    "memory-request-above-limit": (
        {"D.resources": {"requests": {"memory": "2Gi"}, "limits": {"memory": "2G"}}},
        {"D.resources": {"requests": {"memory": "2Gi"}, "limits": {"memory": "2Gi"}}},
    ),
    "cpu-request-above-limit": (
        {"D.resources": {"requests": {"cpu": "1100m"}, "limits": {"cpu": "1"}}},
        {"D.resources": {"requests": {"cpu": "1000m"}, "limits": {"cpu": "1"}}},
    ),
    "memory-missing": ({"D.memory": {}}, {"D.memory": GONE, "D.resources.limits.memory": "1Gi"}),
    "memory-lock": (
        {"D.memory.reservedOverhead.memLock": "required"},
        {"D.memory.reservedOverhead.memLock": "Required"},
    ),
    "hugepages-size": ({"D.memory.hugepages": {}}, _PAGES),
    "hugepages-larger-than-memory": ({"D.memory": {"guest": "512Mi", "hugepages": {"pageSize": "1Gi"}}}, _PAGES),
    "hugepages-not-a-divisor": ({"D.memory": {"guest": "1537Mi", "hugepages": {"pageSize": "2Mi"}}}, _PAGES),
    "hugepages-size-zero": ({"D.memory.hugepages.pageSize": "0"}, {"D.memory.hugepages.pageSize": "-2Mi"}),
    "memory-hotplug-realtime": (
        {"D.memory.maxGuest": "4Gi", "D.cpu.realtime": {}},
        {"D.memory.maxGuest": "4Gi", "D.cpu.cores": 2},
    ),
    "memory-hotplug-numa": ({"D.memory.maxGuest": "4Gi", "D.cpu.numa.guestMappingPassthrough": {}}, {"D.cpu.numa": {}}),
    "memory-hotplug-launch-security": (
        {"D.memory.maxGuest": "4Gi", "D.launchSecurity.sev": {}} | EFI,
        {"D.launchSecurity.sev": {}} | EFI,
    ),
    "memory-hotplug-no-guest": ({"D.memory": {"maxGuest": "4Gi"}}, {"D.memory": {"maxGuest": "4Gi", "guest": "1Gi"}}),
    "memory-hotplug-guest-above-maximum": ({"D.memory.maxGuest": "1Gi"}, {"D.memory.maxGuest": "2Gi"}),
    "memory-hotplug-guest-unaligned": (
        {"D.memory": {"maxGuest": "4Gi", "guest": "1025Mi"}},
        {"D.memory": {"maxGuest": "4Gi", "guest": "1026Mi"}},
    ),
    "memory-hotplug-maximum-unaligned": (
        {"D.memory": {"guest": "2Gi", "maxGuest": "2560Mi", "hugepages": {"pageSize": "1Gi"}}},
        {"D.memory": {"guest": "2Gi", "maxGuest": "2560Mi", "hugepages": {"pageSize": "2Mi"}}},
    ),
    "memory-hotplug-architecture": ({"D.memory.maxGuest": "4Gi"} | ARM, {"D.memory.maxGuest": "4Gi"}),
    "memory-hotplug-guest-small": (
        {"D.memory": {"maxGuest": "4Gi", "guest": "1022Mi"}},
        {"D.memory": {"maxGuest": "4Gi", "guest": "1Gi"}},
    ),
}

CPU = {
    "dedicated-cpus-memory-missing": (dedicated() | {"D.memory": {}}, dedicated()),
    "dedicated-cpus-request-fraction": (
        dedicated() | {"D.resources.requests.cpu": "1500m"},
        dedicated() | {"D.resources.requests.cpu": "2000m"},
    ),
    "dedicated-cpus-limit-fraction": (
        dedicated() | {"D.resources": {"requests": {"cpu": "2"}, "limits": {"cpu": "2001m"}}},
        dedicated() | {"D.resources.limits.cpu": "2"},
    ),
    "dedicated-cpus-memory-differs": (
        dedicated() | {"D.resources": {"requests": {"memory": "1Gi"}, "limits": {"memory": "2Gi"}}},
        dedicated() | {"D.resources": {"requests": {"memory": "1024Mi"}, "limits": {"memory": "1Gi"}}},
    ),
    "dedicated-cpus-cpu-differs": (
        dedicated() | {"D.resources": {"requests": {"cpu": "2"}, "limits": {"cpu": "4"}}},
        dedicated() | {"D.resources": {"requests": {"cpu": "2"}, "limits": {"cpu": "2"}}},
    ),
    "dedicated-cpus-count-differs": (
        dedicated(sockets=2) | {"D.resources.limits.cpu": "2"},
        dedicated(cores=0) | {"D.resources.limits.cpu": "3"},
    ),
    "dedicated-cpus-threads": (dedicated(threads=4), dedicated(threads=2)),
    "dedicated-cpus-threads-arm64": (dedicated(threads=2) | ARM, dedicated(threads=1) | ARM),
    "numa-without-dedicated-cpus": (
        {"D.cpu.numa.guestMappingPassthrough": {}} | _PAGES,
        dedicated(numa={"guestMappingPassthrough": {}}) | _PAGES,
    ),
    "numa-without-hugepages": (dedicated(numa={"guestMappingPassthrough": {}}), dedicated(numa={})),
    "isolated-emulator-without-dedicated-cpus": (
        {"D.cpu.isolateEmulatorThread": True},
        dedicated(isolateEmulatorThread=True),
    ),
    "realtime-without-dedicated-cpus": ({"D.cpu.realtime": {}}, {"D.cpu.realtime": None}),
    "realtime-without-numa": (
        dedicated(realtime={}),
        dedicated(realtime={"mask": "0-1"}, numa={"guestMappingPassthrough": {}}) | _PAGES,
    ),
    "sockets-above-maximum": ({"D.cpu": {"sockets": 8, "maxSockets": 4}}, {"D.cpu": {"sockets": 8, "maxSockets": 0}}),
    "cpu-feature-policy": (
        {"D.cpu.features": [{"name": "vmx", "policy": "enable"}]},
        {"D.cpu.features": [{"name": "vmx", "policy": ""}]},
    ),
}

ARCHITECTURE = {
    "machine-type": ({"D.machine.type": "pc-i440fx-2.10"}, {"D.machine.type": "virt-9.2"} | ARM),
    "architecture": ({"T.architecture": "x86_64"}, {"T.architecture": "amd64"}),
    "arm64-disk-bus": (disk(disk={"bus": "sata"}) | ARM, disk(disk={"bus": "scsi"}) | ARM),
    "arm64-bios": ({"D.firmware.bootloader.bios": {}} | ARM, EFI | ARM),
    "arm64-cpu-model": ({"D.cpu.model": "host-model"} | ARM, {"D.cpu.model": "host-passthrough"} | ARM),
    "arm64-watchdog": ({"V.watchdog": {"name": "w"}} | ARM, {"V.watchdog": {"name": "w"}}),
    "arm64-sound": ({"V.sound": {"name": "s"}} | ARM, {"V.sound": {"name": "s"}}),
    "video-type": ({"V.video": {}}, {"V.video.type": "ramfb"} | ARM),
    "amd64-watchdog": ({"V.watchdog": {"name": "w", "diag288": {}}}, {"V.watchdog": {"name": "w", "i6300esb": {}}}),
    "s390x-watchdog": (
        {"V.watchdog": {"name": "w", "i6300esb": {}}} | S390X,
        {"V.watchdog": {"name": "w", "diag288": {}}} | S390X,
    ),
    "s390x-panic-device": ({"V.panicDevices": [{}]} | S390X, {"V.panicDevices": [{}]}),
}

DISKS = {
    "disk-name-duplicate": ({"V.disks.1": {"name": "root", "disk": {}}}, disk()),
    "disk-name": (
        {"V.disks.0.name": "Root", "T.volumes.0.name": "Root"},
        {"V.disks.0.name": "root-1", "T.volumes.0.name": "root-1"},
    ),
    "disk-targets": (disk(_PVC, disk={}, lun={}), disk(_PVC, lun={})),
    "disk-boot-order-zero": (first_disk(bootOrder=0), first_disk(bootOrder=1)),
    "interface-boot-order-zero": (interface(bootOrder=0), interface(bootOrder=1)),
    "boot-order-duplicate": (
        first_disk(bootOrder=1) | interface(bootOrder=1),
        first_disk(bootOrder=1) | interface(bootOrder=2),
    ),
    "disk-serial": (first_disk(serial="WD 1234"), first_disk(serial="WD_12.3+4-5")),
    "disk-serial-long": (first_disk(serial="a" * 257), first_disk(serial="a" * 256)),
    "disk-cache": (first_disk(cache="unsafe"), first_disk(cache="writeback")),
    "disk-io": (first_disk(io="io_uring"), first_disk(io="native")),
    "disk-error-policy": (first_disk(errorPolicy=""), first_disk(errorPolicy="report")),
    "disk-without-volume": (
        {"V.disks.1": {"name": "data", "disk": {}}},
        {"V.disks.1": {"name": "data", "cdrom": {"bus": "sata"}}},
    ),
    "lun-volume-type": (disk(lun={"bus": "scsi"}), disk(_PVC, lun={"bus": "scsi"})),
    "downward-metrics-target": (_metrics(cdrom={"bus": "sata"}), _metrics(disk={"bus": "virtio"})),
    "downward-metrics-bus": (_metrics(disk={"bus": "scsi"}), _metrics(disk={"bus": "virtio"})),
    "downward-metrics-default-bus": (_metrics(disk={}), _metrics(disk={}) | ARM),
    "disk-bus-ide": (disk(disk={"bus": "ide"}), disk(disk={"bus": "usb"})),
    "disk-bus": (disk(disk={"bus": "nvme"}), disk(disk={"bus": "scsi"})),
    "cdrom-bus-virtio": (disk(cdrom={"bus": "virtio"}), disk(cdrom={"bus": "sata"})),
    "cdrom-default-bus": (disk(cdrom={}) | ARM, disk(cdrom={})),
    "sata-disk-readonly": (
        disk(disk={"bus": "sata", "readonly": True}),
        disk(disk={"bus": "virtio", "readonly": True}),
    ),
    "sata-disk-readonly-by-default": (disk(disk={"readonly": True}), disk(disk={"readonly": True}) | S390X),
    "dedicated-io-thread-bus": (disk(disk={"bus": "scsi"}, dedicatedIOThread=True), first_disk(dedicatedIOThread=True)),
    "dedicated-io-thread-default-bus": (disk(dedicatedIOThread=True), disk(dedicatedIOThread=False)),
    "disk-pci-address-bus": (
        first_disk(disk={"pciAddress": "0000:03:00.0"}),
        first_disk(disk={"bus": "virtio", "pciAddress": "0000:03:00.0"}),
    ),
    "disk-pci-address": (
        first_disk(disk={"bus": "virtio", "pciAddress": "03:00.0"}),
        first_disk(disk={"bus": "virtio", "pciAddress": "0000:0a:1f.7"}),
    ),
    "block-size-custom-and-match": (
        first_disk(blockSize={"custom": {"logical": 512, "physical": 512}, "matchVolume": {}}),
        first_disk(blockSize={"custom": {"logical": 512, "physical": 512}, "matchVolume": {"enabled": False}}),
    ),
    "block-size-order": (_block_size(logical=4096, physical=512), _block_size(logical=512, physical=4096)),
    "block-size-sata": (
        _block_size("sata", logical=4096, physical=4096),
        _block_size("sata", logical=512, physical=4096),
    ),
    "block-size-sata-by-default": (
        _block_size("", logical=4096, physical=4096),
        _block_size("", logical=4096, physical=4096) | ARM,
    ),
    "block-size-discard-granularity": (
        _block_size(logical=4096, physical=4096, discardGranularity=2048),
        _block_size(logical=4096, physical=4096, discardGranularity=8192),
    ),
    "block-size-small": (_block_size(), _block_size(logical=512, physical=512)),
    "block-size-large": (_block_size(logical=512, physical=4194304), _block_size(logical=512, physical=2097152)),
    "block-size-power": (_block_size(logical=1000, physical=1024), _block_size(logical=1024, physical=1024)),
}

VOLUMES = {
    "volume-name-duplicate": ({"T.volumes.1": {"name": "root", **_PVC}}, disk()),
    "volume-source": ({"T.volumes.0": {"name": "root"}}, {"T.volumes.0": {"name": "root", **_PVC}}),
    "volume-data-volume-name": (disk({"dataVolume": {}}), disk({"dataVolume": {"name": "d"}})),
    "volume-config-map-name": (disk({"configMap": {"optional": True}}), disk({"configMap": {"name": "c"}})),
    "volume-secret-name": (disk({"secret": {}}), disk({"secret": {"secretName": "s"}})),
    "volume-service-account-name": (
        disk({"serviceAccount": {}}),
        disk({"serviceAccount": {"serviceAccountName": "a"}}),
    ),
    "several-service-account-volumes": (
        {f"T.volumes.{n}": {"name": f"d{n}", "serviceAccount": {"serviceAccountName": "a"}} for n in (1, 2)},
        disk({"serviceAccount": {"serviceAccountName": "a"}}),
    ),
    "several-downward-metrics-volumes": (
        {f"T.volumes.{n}": {"name": f"d{n}", "downwardMetrics": {}} for n in (1, 2)},
        _metrics(disk={"bus": "virtio"}),
    ),
    "several-memory-dump-volumes": (
        {f"T.volumes.{n}": {"name": f"d{n}", "memoryDump": {"claimName": "c"}} for n in (1, 2)},
        {"T.volumes.1": {"name": "d1", "memoryDump": {"claimName": "c"}}},
    ),
    "container-disk-path": (
        {"T.volumes.0.containerDisk.path": "disk.img"},
        {"T.volumes.0.containerDisk.path": "/disk/os/"},
    ),
    "utility-volumes": ({"T.utilityVolumes": [{"name": "u", "claimName": "c"}]}, {"T.utilityVolumes": []}),
    "host-disk-path": (disk({"hostDisk": {"type": "Disk"}}), disk({"hostDisk": {"path": "/d", "type": "Disk"}})),
    "host-disk-type": (disk({"hostDisk": {"path": "/d"}}), disk({"hostDisk": {"path": "/d", "type": "Disk"}})),
    "host-disk-capacity": (
        disk({"hostDisk": {"path": "/d", "type": "Disk", "capacity": "1Gi"}}),
        disk({"hostDisk": {"path": "/d", "type": "DiskOrCreate", "capacity": "1Gi"}}),
    ),
    "container-path": (filesystem({"containerPath": {}}), filesystem({"containerPath": {"path": "/run/x"}})),
    "container-path-long": (
        filesystem({"containerPath": {"path": "/" + "a" * 4096}}),
        filesystem({"containerPath": {"path": "/" + "a" * 4095}}),
    ),
    "container-path-writable": (
        filesystem({"containerPath": {"path": "/x", "readOnly": False}}),
        filesystem({"containerPath": {"path": "/x", "readOnly": True}}),
    ),
    "container-path-without-filesystem": (
        disk({"containerPath": {"path": "/x"}}),
        filesystem({"containerPath": {"path": "/x"}}),
    ),
    "container-path-on-disk": (
        filesystem({"containerPath": {"path": "/x"}}) | {"V.disks.1": {"name": "data", "disk": {}}},
        filesystem({"containerPath": {"path": "/x"}}),
    ),
    "container-path-private": (
        filesystem({"containerPath": {"path": "/var/run/kubevirt/x"}}),
        filesystem({"containerPath": {"path": "/var/run/secrets/x"}}),
    ),
    **_cloud_init("cloudInitNoCloud", "cloud-init-no-cloud"),
    **_cloud_init("cloudInitConfigDrive", "cloud-init-config-drive"),
}

_SOURCE = {"source": {"blank": {}}}
_POPULATED = {"storage": {"dataSourceRef": {"apiGroup": "", "kind": "PersistentVolumeClaim", "name": "c"}}}
_UNGROUPED = {"pvc": {"dataSource": {"kind": "PersistentVolumeClaim", "name": "c"}}}
DATA_VOLUME_TEMPLATES = {
    f"data-volume-template-{name}": examples
    for name, examples in {
        "content-type": (
            template({"storage": {}, "contentType": "raw", **_SOURCE}),
            template({"storage": {}, "contentType": "archive", **_SOURCE}),
        ),
        "api-group": (template(_UNGROUPED), template(_POPULATED)),
        "name": (template(metadata={}), template()),
        "no-target": (template(_SOURCE), template({"pvc": {}} | _SOURCE)),
        "two-targets": (template({"pvc": {}, "storage": {}} | _SOURCE), template()),
        "source-and-population": (template(_POPULATED | _SOURCE), template(_POPULATED)),
        "no-source": (
            template({"storage": {}}),
            template({"storage": {}, "sourceRef": {"kind": "DataSource", "name": "d"}}),
        ),
        "source-empty": (template({"storage": {}, "source": {}}), template()),
        "several-sources": (
            template({"storage": {}, "source": {"blank": {}, "registry": {}}}),
            template({"storage": {}, "source": {"blank": {}, "registry": None}}),
        ),
        "unused": (
            template() | {"T.volumes.1.dataVolume.name": "other"},
            template() | {"T.volumes.1": {"name": "data", "persistentVolumeClaim": {"claimName": "data"}}},
        ),
        "namespace": (
            template(metadata={"name": "data", "namespace": "other"}),
            template(metadata={"name": "data", "namespace": "shop"}),
        ),
    }.items()
}

NETWORKS = {
    "several-pod-networks": (lan({"masquerade": {}}, {"pod": {}}), lan()),
    "several-default-networks": (
        {
            "T.networks.0": {"name": "default", "multus": {"networkName": "a", "default": True}},
            "V.interfaces.0": {"name": "default", "bridge": {}},
        }
        | lan(source={"multus": {"networkName": "b", "default": True}}),
        {
            "T.networks.0": {"name": "default", "multus": {"networkName": "a", "default": True}},
            "V.interfaces.0": {"name": "default", "bridge": {}},
        },
    ),
    "pod-and-default-network": (lan(source={"multus": {"networkName": "a", "default": True}}), lan()),
    "network-without-source": (lan(source={}), lan()),
    "network-with-several-sources": (lan(source={"pod": {}, "multus": {"networkName": "a"}}), lan()),
    "multus-network-name": (lan(source={"multus": {}}), lan()),
    "network-name-duplicate": ({"T.networks.1": {"name": "default", "multus": {"networkName": "a"}}}, lan()),
    "network-without-interface": ({"T.networks.1": {"name": "lan", "multus": {"networkName": "a"}}}, lan()),
    "network-claim-and-multus": (
        claims("c")
        | lan({"sriov": {}}, _NIC)
        | {
            "T.networks.0": {"name": "default", "multus": {"networkName": "a"}},
            "V.interfaces.0": {"name": "default", "bridge": {}},
        },
        claims("c") | lan({"sriov": {}}, _NIC),
    ),
    "network-claim-binding": (
        claims("c") | lan({"bridge": {}}, _NIC),
        claims("c") | lan({"binding": {"name": "vdpa"}}, _NIC),
    ),
    "network-claim-name": (
        claims("c") | lan({"sriov": {}}, {"resourceClaim": {"requestName": "r"}}),
        claims("c") | lan({"sriov": {}}, _NIC),
    ),
    "network-claim-request": (
        claims("c") | lan({"sriov": {}}, {"resourceClaim": {"claimName": "c"}}),
        claims("c") | lan({"sriov": {}}, _NIC),
    ),
    "network-claim-unknown": (lan({"sriov": {}}, _NIC), claims("c") | lan({"sriov": {}}, _NIC)),
    "network-claim-repeated": (
        claims("c")
        | lan({"sriov": {}}, _NIC)
        | {"V.interfaces.2": {"name": "b", "sriov": {}}, "T.networks.2": {"name": "b", **_NIC}},
        claims("c") | lan({"sriov": {}}, _NIC),
    ),
    "interface-slirp-removed": (interface(slirp={}), interface()),
    "interface-passt-removed": (interface(masquerade=GONE, passt={}), interface(masquerade=GONE, passtBinding={})),
    "interface-macvtap-removed": (lan({"macvtap": {}}), lan({"binding": {"name": "macvtap"}})),
    "interface-without-binding": (lan({}), lan({"sriov": {}})),
    "interface-with-several-bindings": (lan({"sriov": {}, "bridge": {}}), lan()),
    "masquerade-without-pod-network": (lan({"masquerade": {}}), lan()),
    "masquerade-mac-address": (interface(macAddress="02:00:00:00:00:00"), interface(macAddress="02:00:00:00:00:01")),
    "passt-without-pod-network": (lan({"passtBinding": {}}), interface(masquerade=GONE, passtBinding={})),
    "interface-state": (interface(state="Down"), interface(state="down")),
    "interface-state-sriov": (lan({"sriov": {}}, state="up"), lan({"sriov": {}}, state="")),
    "interface-absent-binding": (lan({"sriov": {}}, state="absent"), lan(state="absent")),
    "interface-absent-default-network": (interface(masquerade=GONE, bridge={}, state="absent"), lan(state="absent")),
    "interface-name-duplicate": ({"V.interfaces.1": {"name": "default", "bridge": {}}}, lan()),
    "interface-without-network": ({"V.interfaces.1": {"name": "lan", "bridge": {}}}, lan()),
    "interface-name": (
        {"V.interfaces.0.name": "a b", "T.networks.0.name": "a b"},
        {"V.interfaces.0.name": "A_b-1", "T.networks.0.name": "A_b-1"},
    ),
    "interface-model": (interface(model="E1000"), interface(model="igb")),
    "interface-mac-address": (interface(macAddress="de:ad:00:00:be"), interface(macAddress="dead.0000.beef")),
    "interface-mac-address-long": (
        interface(macAddress="02:00:5e:10:00:00:00:01"),
        interface(macAddress="02-00-5e-10-00-01"),
    ),
    "interface-pci-address": (interface(pciAddress="81:00.1"), interface(pciAddress="0000:81:00.1")),
    "dhcp-option-duplicate": (
        interface(dhcpOptions={"privateOptions": [{"option": 240, "value": "a"}, {"option": 240, "value": "b"}]}),
        interface(dhcpOptions={"privateOptions": [{"option": 224, "value": "a"}, {"option": 254, "value": "b"}]}),
    ),
    "dhcp-option-range": (
        interface(dhcpOptions={"privateOptions": [{"option": 223, "value": "a"}]}),
        interface(dhcpOptions={"privateOptions": [{"option": 224, "value": "a"}]}),
    ),
    "dhcp-ntp-server": (
        interface(dhcpOptions={"ntpServers": ["pool.ntp.org"]}),
        interface(dhcpOptions={"ntpServers": ["10.0.0.1", "010.0.0.01", "::ffff:10.0.0.1"]}),
    ),
    "port-name-duplicate": (
        interface(ports=[{"name": "a", "port": 1}, {"name": "a", "port": 2}]),
        interface(ports=[{"name": "a", "port": 1}, {"name": "b", "port": 1}]),
    ),
    "port-name": (
        interface(ports=[{"name": "HTTP", "port": 80}]),
        interface(ports=[{"name": "http-2", "port": 80}, {"port": 81}]),
    ),
    "port-zero": (interface(ports=[{"name": "a"}]), lan(ports=[{"name": "NOT LOOKED AT", "port": 0}])),
    "port-range": (interface(ports=[{"port": 65536}]), interface(ports=[{"port": 65535}])),
    "port-protocol": (
        interface(ports=[{"port": 1, "protocol": "tcp"}]),
        interface(ports=[{"port": 1, "protocol": "UDP"}]),
    ),
    "ports-and-port-ranges": (
        interface(ports=[{"port": 1}], portRanges=[{"start": 2, "end": 3, "protocol": "TCP"}]),
        interface(portRanges=[{"start": 2, "end": 3, "protocol": "TCP"}]),
    ),
    "port-ranges-binding": (
        interface(masquerade=GONE, bridge={}, portRanges=[{"start": 2, "end": 3, "protocol": "TCP"}]),
        interface(portRanges=[{"start": 2, "end": 3, "protocol": "TCP"}]),
    ),
    "port-ranges-many": (
        interface(portRanges=[{"start": n, "end": n, "protocol": "TCP"} for n in range(1, 12)]),
        interface(portRanges=[{"start": n, "end": n, "protocol": "TCP"} for n in range(1, 11)]),
    ),
    "port-range-protocol": (
        interface(portRanges=[{"start": 2, "end": 3}]),
        interface(portRanges=[{"start": 2, "end": 3, "protocol": "UDP"}]),
    ),
    "port-range-start": (
        interface(portRanges=[{"start": 4, "end": 3, "protocol": "TCP"}]),
        interface(portRanges=[{"start": 3, "end": 3, "protocol": "TCP"}]),
    ),
    "port-range-end": (
        interface(portRanges=[{"start": 4, "end": 65536, "protocol": "TCP"}]),
        interface(portRanges=[{"start": 4, "end": 65535, "protocol": "TCP"}]),
    ),
    "port-ranges-overlap": (
        interface(portRanges=[{"start": 1, "end": 9, "protocol": "TCP"}, {"start": 9, "end": 9, "protocol": "TCP"}]),
        interface(portRanges=[{"start": 1, "end": 9, "protocol": "TCP"}, {"start": 9, "end": 9, "protocol": "UDP"}]),
    ),
}

CLAIMS = {
    "resource-claim-duplicate": (claims("a", "a"), claims("a", "b")),
    "resource-claim-name": (claims("My_Claim"), claims("my-claim")),
    "resource-claim-reference": ({"T.resourceClaims": [{"name": "a"}]}, claims("a")),
    "resource-claim-object-name": (
        {"T.resourceClaims": [{"name": "a", "resourceClaimName": "-x"}]},
        {"T.resourceClaims": [{"name": "a", "resourceClaimName": "x.y"}]},
    ),
    "resource-claim-template-name": (
        {"T.resourceClaims": [{"name": "a", "resourceClaimTemplateName": ""}]},
        {"T.resourceClaims": [{"name": "a", "resourceClaimTemplateName": "x"}]},
    ),
    "gpus-mixed": (
        {"V.gpus": [_CLAIMED, {"name": "b", "deviceName": "x/y"}]} | claims("c"),
        {"V.hostDevices": [_CLAIMED, {"name": "b", "deviceName": "x/y"}]} | claims("c"),
    ),
    **_devices("gpus", "gpu"),
    **_devices("hostDevices", "host-device"),
    "claim-shared": (
        {"V.gpus": [_CLAIMED], "V.hostDevices": [_CLAIMED]} | claims("c"),
        {"V.gpus": [_CLAIMED], "V.hostDevices": [_CLAIMED | {"requestName": "s"}]} | claims("c"),
    ),
    "device-claim-unknown": ({"V.gpus": [_CLAIMED]}, {"V.gpus": [_CLAIMED]} | claims("c")),
    "gpus-several-displays": ({"V.gpus": [_DISPLAY, _DISPLAY]}, {"V.gpus": [_DISPLAY, _NO_DISPLAY]}),
}

DEVICES = {
    "input-bus": (
        {"V.inputs": [{"name": "t", "type": "tablet", "bus": "ps2"}]},
        {"V.inputs": [{"name": "t", "type": "tablet", "bus": "usb"}]},
    ),
    "input-type": ({"V.inputs": [{"name": "t"}]}, {"V.inputs": [{"name": "t", "type": "tablet"}]}),
    "sound-model": ({"V.sound": {"name": "s", "model": "hda"}}, {"V.sound": {"name": "s", "model": "ac97"}}),
    "sound-name": ({"V.sound": {"model": "ich9"}}, {"V.sound": {"name": "s"}}),
    "video-without-graphics": ({"V.video.type": "vga", "V.autoattachGraphicsDevice": False}, {"V.video.type": "vga"}),
    "panic-device-model": ({"V.panicDevices": [{"model": ""}]}, {"V.panicDevices": [{"model": "isa"}]}),
    "io-threads-policy": ({"D.ioThreadsPolicy": ""}, {"D.ioThreadsPolicy": "auto"}),
    "io-threads-count": (
        {"D.ioThreadsPolicy": "supplementalPool"},
        {"D.ioThreadsPolicy": "supplementalPool", "D.ioThreads.supplementalPoolThreadCount": 2},
    ),
}

_KERNEL = {"image": "i", "kernelPath": "/boot/vmlinuz"}
FIRMWARE = {
    "acpi-empty": ({"D.firmware.acpi": {"slicNameRef": ""}}, {"D.firmware": {}}),
    "acpi-volume-missing": (
        {"D.firmware.acpi.msdmNameRef": "data"},
        disk({"secret": {"secretName": "s"}}) | {"D.firmware.acpi.msdmNameRef": "data"},
    ),
    "acpi-volume-type": (
        {"D.firmware.acpi.slicNameRef": "root"},
        disk({"secret": {"secretName": "s"}}) | {"D.firmware.acpi.slicNameRef": "data"},
    ),
    "efi-and-bios": (EFI | {"D.firmware.bootloader.bios": {}}, EFI),
    "secure-boot-without-smm": (
        {"D.firmware.bootloader.efi": {}},
        {"D.firmware.bootloader.efi": {}, "D.features.smm": {}},
    ),
    "kernel-args-without-kernel": (
        {"D.firmware.kernelBoot.kernelArgs": "quiet"},
        {"D.firmware.kernelBoot": {"kernelArgs": "quiet", "container": _KERNEL}},
    ),
    "kernel-image": (
        {"D.firmware.kernelBoot.container": {"kernelPath": "/k"}},
        {"D.firmware.kernelBoot.container": _KERNEL},
    ),
    "kernel-path-missing": (
        {"D.firmware.kernelBoot.container": {"image": "i"}},
        {"D.firmware.kernelBoot.container": _KERNEL},
    ),
    "kernel-path": (
        {"D.firmware.kernelBoot.container": _KERNEL | {"initrdPath": "/boot//initrd"}},
        {"D.firmware.kernelBoot.container": _KERNEL | {"initrdPath": "/boot/initrd"}},
    ),
    "launch-security-architecture": ({"D.launchSecurity": {}} | ARM, {"D.launchSecurity": {}} | S390X),
    "launch-security-kind": ({"D.launchSecurity": {"sev": {}, "snp": {}}} | EFI, {"D.launchSecurity.snp": {}} | EFI),
    "launch-security-tdx-smm": (
        {"D.launchSecurity.tdx": {}, "D.features.smm": {}, "D.firmware.bootloader.efi": {}},
        {"D.launchSecurity.tdx": {}, "D.features.smm": {"enabled": False}, "D.firmware.bootloader.efi": {}},
    ),
    "launch-security-efi": ({"D.launchSecurity.sev": {}}, {"D.launchSecurity.sev": {}} | EFI),
    "launch-security-secure-boot": (
        {"D.launchSecurity.sev": {}, "D.firmware.bootloader.efi": {}, "D.features.smm": {}},
        {"D.launchSecurity.sev": {}} | EFI,
    ),
    "launch-security-persistent-efi": (
        {"D.launchSecurity.snp": {}, "D.firmware.bootloader.efi": {"secureBoot": False, "persistent": True}},
        {"D.launchSecurity.sev": {}, "D.firmware.bootloader.efi": {"secureBoot": False, "persistent": True}},
    ),
    "launch-security-attestation": (
        {"D.launchSecurity.sev.attestation": {}} | EFI,
        {"D.launchSecurity.sev.attestation": {}, "T.startStrategy": "Paused"} | EFI,
    ),
    "launch-security-network-boot": (
        {"D.launchSecurity.sev": {}} | EFI | interface(bootOrder=1),
        {"D.launchSecurity.sev": {}} | EFI,
    ),
    "hyperv-and-passthrough": (
        {"D.features": {"hyperv": {}, "hypervPassthrough": {}}},
        {"D.features": {"hypervPassthrough": {}}},
    ),
    "hyperv-evmcs": (
        {
            "D.features.hyperv": {"evmcs": {}, "vapic": {"enabled": False}},
            "D.cpu.features": [{"name": "vmx", "policy": "require"}],
        },
        {"D.features.hyperv": {"evmcs": {}}},
    ),
    **{
        f"hyperv-{feature}": (
            {"D.features.hyperv": {feature: {}, need: {"enabled": False}}},
            {"D.features.hyperv": {feature: {"enabled": False}, need: {"enabled": False}}},
        )
        for feature, need in (
            ("ipi", "vpindex"),
            ("tlbflush", "vpindex"),
            ("synictimer", "synic"),
            ("synic", "vpindex"),
        )
    },
    "hyperv-evmcs-vmx": (
        {
            "D.features.hyperv": {"evmcs": {}, "ipi": {}, "vpindex": {"enabled": False}},
            "D.cpu.features": [{"name": "vmx", "policy": "optional"}],
        },
        {"D.features.hyperv": {"evmcs": {}, "ipi": {}}, "D.cpu.features": [{"name": "vmx", "policy": "optional"}]},
    ),
}

SPEC = {
    **_probe("readinessProbe", "readiness-probe"),
    **_probe("livenessProbe", "liveness-probe"),
    "start-strategy": ({"T.startStrategy": ""}, {"T.startStrategy": "Paused"}),
    "paused-with-liveness-probe": (
        {"T.startStrategy": "Paused", "T.livenessProbe.guestAgentPing": {}},
        {"T.startStrategy": "Paused", "T.readinessProbe.guestAgentPing": {}},
    ),
    "eviction-strategy": ({"T.evictionStrategy": "Migrate"}, {"T.evictionStrategy": "LiveMigrate"}),
    "hostname": ({"T.hostname": "web.example.com"}, {"T.hostname": "a" * 63}),
    "subdomain": ({"T.subdomain": "my_domain"}, {"T.subdomain": "vms.internal"}),
    "dns-config-missing": ({"T.dnsPolicy": "None"}, {"T.dnsPolicy": "Default"}),
    "dns-nameserver-missing": (
        {"T.dnsPolicy": "None", "T.dnsConfig.searches": ["a.b"]},
        {"T.dnsPolicy": "None", "T.dnsConfig.nameservers": ["1.1.1.1"]},
    ),
    "dns-nameservers-many": (
        {"T.dnsConfig.nameservers": ["1.1.1.1"] * 4},
        {"T.dnsConfig.nameservers": ["1.1.1.1", "::1"]},
    ),
    "dns-nameserver": ({"T.dnsConfig.nameservers": ["fe80::1%eth0"]}, {"T.dnsConfig.nameservers": ["fe80::1"]}),
    "dns-searches-many": ({"T.dnsConfig.searches": ["a.b"] * 7}, {"T.dnsConfig.searches": ["a.b"] * 6}),
    "dns-searches-long": ({"T.dnsConfig.searches": ["a" * 63] * 5}, {"T.dnsConfig.searches": ["a" * 63] * 4}),
    "dns-search": ({"T.dnsConfig.searches": [""]}, {"T.dnsConfig.searches": ["svc.local"]}),
    "dns-option-name": (
        {"T.dnsConfig.options": [{"value": "2"}]},
        {"T.dnsConfig.options": [{"name": "ndots", "value": "2"}]},
    ),
    "service-account-name": ({"T.serviceAccountName": "My_SA"}, {"T.serviceAccountName": "app.prod"}),
    "service-account-differs": (
        disk({"serviceAccount": {"serviceAccountName": "other"}}) | {"T.serviceAccountName": "app"},
        disk({"serviceAccount": {"serviceAccountName": "app"}}) | {"T.serviceAccountName": "app"},
    ),
}

_PREFERENCE = f"T.affinity.nodeAffinity.{PREFERRED}"
SCHEDULING = {
    "affinity-no-terms": (
        {f"T.affinity.nodeAffinity.{REQUIRED}.nodeSelectorTerms": []},
        node_affinity({"key": "a", "operator": "Exists"}),
    ),
    "affinity-values-missing": (
        node_affinity({"key": "a", "operator": "In"}),
        node_affinity({"key": "a", "operator": "In", "values": ["b"]}),
    ),
    "affinity-values-unwanted": (
        node_affinity({"key": "a", "operator": "Exists", "values": ["b"]}),
        node_affinity({"key": "a", "operator": "DoesNotExist"}),
    ),
    "affinity-values-one": (
        node_affinity({"key": "a", "operator": "Gt"}),
        node_affinity({"key": "a", "operator": "Lt", "values": ["8"]}),
    ),
    "affinity-key": (
        node_affinity({"key": "-a", "operator": "Exists"}),
        node_affinity({"key": "a.b/c", "operator": "Exists"}),
    ),
    "affinity-operator-missing": (node_affinity({"key": "a"}), node_affinity({"key": "a", "operator": "Exists"})),
    "affinity-field-key": (
        node_affinity({"key": "spec.nodeName", "operator": "In", "values": ["n"]}, "matchFields"),
        node_affinity({"key": "metadata.name", "operator": "In", "values": ["n"]}, "matchFields"),
    ),
    "affinity-field-operator": (
        node_affinity({"key": "metadata.name", "operator": "Exists"}, "matchFields"),
        node_affinity({"key": "metadata.name", "operator": "NotIn", "values": ["n"]}, "matchFields"),
    ),
    "affinity-field-values": (
        node_affinity({"key": "metadata.name", "operator": "In", "values": ["n", "m"]}, "matchFields"),
        node_affinity({"key": "metadata.name", "operator": "In", "values": ["n"]}, "matchFields"),
    ),
    "affinity-field-value": (
        node_affinity({"key": "metadata.name", "operator": "In", "values": ["N_1"]}, "matchFields"),
        node_affinity({"key": "metadata.name", "operator": "In", "values": ["n-1"]}, "matchFields"),
    ),
    "affinity-weight": (
        {_PREFERENCE: [{"preference": {"matchExpressions": [{"key": "a", "operator": "Exists"}]}}]},
        {_PREFERENCE: [{"weight": 100, "preference": {"matchExpressions": [{"key": "a", "operator": "Exists"}]}}]},
    ),
    "affinity-topology-key": (pod_affinity(topologyKey=""), pod_affinity()),
    "affinity-selector": (
        pod_affinity(namespaceSelector={"matchExpressions": [{"key": "team", "operator": "In"}]}),
        pod_affinity(namespaceSelector={"matchExpressions": [{"key": "team", "operator": "In", "values": ["a"]}]}),
    ),
    "affinity-namespace": (pod_affinity(namespaces=["Prod"]), pod_affinity(namespaces=["prod"])),
    "spread-duplicate": (spread() | spread(1, maxSkew=2), spread() | spread(1, whenUnsatisfiable="ScheduleAnyway")),
    "spread-skew": (spread(maxSkew=0), spread(maxSkew=1)),
    "spread-topology-key": (spread(topologyKey="topology key"), spread(topologyKey="zone")),
    "spread-action-missing": (spread(whenUnsatisfiable=None), spread()),
    "spread-selector": (
        spread(labelSelector={"matchLabels": {"bad key": "x"}}),
        spread(labelSelector={"matchLabels": {"key": "x"}}),
    ),
}

_AGENT = {"qemuGuestAgent": {"users": ["fedora"]}}
_CLOUD_INIT = {"userData": "#!"}
CREDENTIALS = {
    f"access-credential-{name}": examples
    for name, examples in {
        "users-repeated": (
            key_by({"qemuGuestAgent": {"users": ["a", "b", "a"]}}),
            key_by({"qemuGuestAgent": {"users": ["a", "b"]}}),
        ),
        "kind": (key_by(_AGENT) | password_by({"qemuGuestAgent": {}}), key_by(_AGENT)),
        "key-source": (key_by(_AGENT, {}), key_by(_AGENT)),
        "key-method": (key_by({}), key_by(_AGENT)),
        "no-cloud-volume": (key_by({"noCloud": {}}), disk({"cloudInitNoCloud": _CLOUD_INIT}) | key_by({"noCloud": {}})),
        "config-drive-volume": (
            disk({"cloudInitNoCloud": _CLOUD_INIT}) | key_by({"configDrive": {}}),
            disk({"cloudInitConfigDrive": _CLOUD_INIT}) | key_by({"configDrive": {}}),
        ),
        "users-missing": (key_by({"qemuGuestAgent": {"users": []}}), key_by(_AGENT)),
        "password-source": (password_by({"qemuGuestAgent": {}}, {}), password_by({"qemuGuestAgent": {}})),
        "password-method": (password_by({}), password_by({"qemuGuestAgent": {}})),
    }.items()
}

EXAMPLES = {
    f"admission/{name}": examples
    for area in (
        METADATA,
        MEMORY,
        CPU,
        ARCHITECTURE,
        DISKS,
        VOLUMES,
        DATA_VOLUME_TEMPLATES,
        NETWORKS,
        CLAIMS,
        DEVICES,
        FIRMWARE,
        SPEC,
        SCHEDULING,
        CREDENTIALS,
    )
    for name, examples in area.items()
}
