"""The machine that a start makes of a stored VirtualMachine: what its controller creates, with what the webhook fills in.

Two machines are compared with each other, so what the webhook writes matters where a manifest may say the same itself.
Source: KubeVirt 1.9, pkg/virt-controller/watch/vm/vm.go (startVMI), pkg/defaults/*.go, staging/src/kubevirt.io/api/core/v1/defaults.go.
"""

from __future__ import annotations

from krm_fn.core import quantity
from krm_fn.core.fieldpath import find, make
from krm_fn.core.manifest import copy_tree
from krm_fn.kubevirt import defaulted
from krm_fn.kubevirt.facts import ARM64, DISK, DISK_TARGETS, S390X
from krm_fn.preference.plan import Plan as PreferencePlan
from krm_fn.vm import defaults as vm_defaults
from krm_fn.vm.expand import plan_of
from krm_fn.vm.impact import memory
from krm_fn.vm.impact.applied import apply_to, name_annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_fn.core.manifest import Manifest
    from krm_fn.vm.impact.cluster import Cluster

_MAX_VCPUS = 512
_SPINLOCKS = 4096
_PROBE = {"timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3}
_HYPERV_NEEDS = {
    "synictimer": ("vpindex", "synic"),
    "synic": ("vpindex",),
    "tlbflush": ("vpindex",),
    "ipi": ("vpindex",),
    "evmcs": ("vapic",),
}


def expanded(
    vm: Manifest, instancetype: Manifest | None, preference: Manifest | None, cluster: Cluster
) -> Manifest | None:
    """The VM that an expanding reference policy writes back, a new one; None when the two conflict with it."""
    template: Manifest = copy_tree(vm["spec"]["template"])
    spec = make(template, ("spec",))
    vm_defaults.before(spec, None, {"networkInterface": cluster.binding})
    if not apply_to(template, instancetype, preference):
        return None
    _fill(spec, cluster)
    left = {key: value for key, value in vm["spec"].items() if key not in ("instancetype", "preference", "template")}
    return {**vm, "spec": {**left, "template": template}}


def booted(
    vm: Manifest, instancetype: Manifest | None, preference: Manifest | None, cluster: Cluster
) -> Manifest | None:
    """The machine (metadata's labels and annotations, spec) that a stored VM starts, None when the two conflict with it."""
    template: Manifest = copy_tree(vm["spec"]["template"])
    spec = make(template, ("spec",))
    vm_defaults.before(
        spec, None if preference is None else plan_of(preference, PreferencePlan), {"networkInterface": cluster.binding}
    )
    if not apply_to(template, instancetype, preference):
        return None
    metadata = template.get("metadata") or {}
    annotations = {**(metadata.get("annotations") or {}), **name_annotations(instancetype, preference)}
    _without_absent(spec)
    _fill(spec, cluster)
    _fill_features(spec)
    _fill_devices(spec)
    for key in ("readinessProbe", "livenessProbe"):
        if spec.get(key) is not None:
            spec[key] = {**_PROBE, **{name: value for name, value in spec[key].items() if value != 0}}
    _fill_architecture(spec, cluster)
    _make_room(spec, cluster)
    return {"metadata": {"labels": metadata.get("labels") or {}, "annotations": annotations}, "spec": spec}


def _without_absent(spec: Manifest) -> None:
    """A machine starts without the interfaces that are to be unplugged."""
    devices = find(spec, ("domain", "devices")) or {}
    gone = {entry.get("name") for entry in devices.get("interfaces") or () if entry.get("state") == "absent"}
    if gone:
        devices["interfaces"] = [entry for entry in devices["interfaces"] if entry.get("name") not in gone]
        spec["networks"] = [entry for entry in spec.get("networks") or () if entry.get("name") not in gone]


def _fill(spec: Manifest, cluster: Cluster) -> None:
    """What both an expansion and a start fill in."""
    spec["architecture"] = spec.get("architecture") or cluster.architecture
    if not find(spec, ("domain", "machine", "type")):
        make(spec, ("domain", "machine"))["type"] = cluster.machine_type(spec["architecture"])
    domain = make(spec, ("domain",))
    request = defaulted.cpu_request(domain.get("resources") or {})
    if request is None and not (domain.get("cpu") or {}).get("dedicatedCpuPlacement"):
        request = cluster.cpu_request
    if request is not None:
        make(domain, ("resources", "requests"))["cpu"] = request
    guest = defaulted.guest_memory(domain)
    if guest is not None:
        make(domain, ("memory",))["guest"] = guest
    own = domain.get("cpu") or {}
    if not any(own.get(key) for key in defaulted.TOPOLOGY):
        make(domain, ("cpu",)).update(zip(defaulted.TOPOLOGY, defaulted.topology(domain), strict=True))
    for volume in spec.get("volumes") or ():
        disk = volume.get("containerDisk")
        if disk is not None and not disk.get("imagePullPolicy"):
            image = disk.get("image") or ""
            moving = image.endswith(":latest") or not (":" in image or "@" in image)
            disk["imagePullPolicy"] = "Always" if moving else "IfNotPresent"
    if spec.get("evictionStrategy") is None:
        spec["evictionStrategy"] = cluster.eviction


def _fill_features(spec: Manifest) -> None:
    features = make(spec, ("domain", "features"))
    acpi = make(features, ("acpi",))
    if acpi.get("enabled") is None:
        acpi["enabled"] = spec["architecture"] != S390X
    for name in ("smm", "apic", "pvspinlock", "hypervPassthrough"):
        if features.get(name) is not None:
            _switch_on(features[name])
    for timer in (find(spec, ("domain", "clock", "timer")) or {}).values():
        if timer is not None and timer.get("present") is None:
            timer["present"] = True
    if features.get("hyperv") is not None:
        _fill_hyperv(spec, features["hyperv"])


def _fill_hyperv(spec: Manifest, hyperv: Manifest) -> None:
    """Features that are there are on, those that they need are added, and evmcs needs the vmx of the CPU."""
    for name, feature in list(hyperv.items()):
        if feature is None:
            continue
        for part in (feature, feature.get("direct"), feature.get("extended")):
            if part is not None:
                _switch_on(part)
        if name == "spinlocks" and feature["enabled"] and feature.get("spinlocks") is None:
            feature["spinlocks"] = _SPINLOCKS
    for name, needs in _HYPERV_NEEDS.items():
        if (hyperv.get(name) or {}).get("enabled"):
            for need in needs:
                hyperv[need] = hyperv.get(need) or {"enabled": True}
    if (hyperv.get("evmcs") or {}).get("enabled"):
        cpu = make(spec, ("domain", "cpu"))
        others = [feature for feature in cpu.get("features") or () if feature.get("name") != "vmx"]
        cpu["features"] = [*others, {"name": "vmx", "policy": "require"}]


def _switch_on(feature: Manifest) -> None:
    if feature.get("enabled") is None:
        feature["enabled"] = True


def _fill_devices(spec: Manifest) -> None:
    devices = make(spec, ("domain", "devices"))
    bus = defaulted.disk_bus(spec["architecture"])
    for disk in devices.get("disks") or ():
        target = next((name for name in DISK_TARGETS if disk.get(name) is not None), DISK)
        part = make(disk, (target,))
        part["bus"] = part.get("bus") or bus
        if target == "cdrom":
            part["readonly"] = part.get("readonly") is not False
            part["tray"] = part.get("tray") or "closed"
        if find(disk, ("blockSize", "matchVolume")) is not None:
            _switch_on(disk["blockSize"]["matchVolume"])
    for entry in devices.get("inputs") or ():
        for key in ("type", "bus"):
            entry[key] = entry.get(key) or defaulted.INPUT[key]
    watchdog = devices.get("watchdog")
    if watchdog is not None:
        name = "diag288" if spec["architecture"] == S390X else "i6300esb"
        if not any(watchdog.get(model) is not None for model in ("diag288", "i6300esb")):
            watchdog[name] = {}
        for model in ("diag288", "i6300esb"):
            if watchdog.get(model) is not None:
                watchdog[model]["action"] = watchdog[model].get("action") or "reset"


def _fill_architecture(spec: Manifest, cluster: Cluster) -> None:
    cpu = make(spec, ("domain", "cpu"))
    if spec["architecture"] == ARM64:
        cpu["model"] = cpu.get("model") or "host-passthrough"
        loader = make(spec, ("domain", "firmware", "bootloader"))
        if loader.get("bios") is None and loader.get("efi") is None:
            loader["efi"] = {"secureBoot": False}
    cpu["model"] = cpu.get("model") or cluster.cpu_model or "host-model"


def _make_room(spec: Manifest, cluster: Cluster) -> None:
    """The sockets and the memory that a machine may grow to while it runs."""
    if not cluster.live_update or spec["architecture"] == ARM64:
        return
    cpu = spec["domain"]["cpu"]
    sockets = cpu.get("sockets") or 0
    if not cpu.get("maxSockets"):
        most = max(sockets, cluster.max_sockets) if cluster.max_sockets else sockets * cluster.ratio
        each = (cpu.get("cores") or 0) * (cpu.get("threads") or 0)
        if not cluster.max_sockets and most * each > _MAX_VCPUS:
            most = max(_MAX_VCPUS // each, sockets)
        cpu["maxSockets"] = most
    own = spec["domain"].get("memory") or {}
    if own.get("maxGuest") is None:
        most_memory = cluster.max_guest
        if most_memory is None and own.get("guest") is not None:
            most_memory = quantity.whole(min(quantity.ceil(own["guest"]) * cluster.ratio, quantity.MAX_INT64), "1Gi")
        if not memory.problem(spec, most_memory):
            spec["domain"]["memory"]["maxGuest"] = most_memory
