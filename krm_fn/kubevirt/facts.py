"""Words and grammars that KubeVirt and Kubernetes fix, each said here once.

Source: KubeVirt 1.9, staging/src/kubevirt.io/api/core/v1/schema.go (bindings, disk targets) and pkg/virt-config/virt-config.go
(machine types); k8s.io/apimachinery pkg/util/validation/validation.go (names).
"""

from __future__ import annotations

import re
from functools import lru_cache

AMD64, ARM64, S390X = "amd64", "arm64", "s390x"
ARCHITECTURES = (AMD64, ARM64, S390X)
"""The first is the one that KubeVirt takes where neither the VM nor the cluster says another."""

MACHINE_TYPES = {AMD64: "q35", ARM64: "virt", S390X: "s390-ccw-virtio"}
"""The machine type that the VM webhook writes, by architecture."""
MACHINE_TYPE_PREFIXES = {AMD64: ("q35", "pc-q35"), ARM64: ("virt",), S390X: ("s390-ccw-virtio",)}
"""What a machine type begins with, by architecture: the default of `architectureConfiguration.emulatedMachines`."""

BINDINGS = ("bridge", "masquerade", "sriov", "passtBinding", "binding")
"""The ways to connect an interface, the plugin among them."""
REMOVED_BINDINGS = ("slirp", "macvtap", "passt")
"""Bindings that the API still knows and KubeVirt refuses since 1.3."""

DISK_TARGETS = DISK, CDROM, LUN = ("disk", "cdrom", "lun")
"""What a disk can be to the guest. Of several on one disk KubeVirt's preferences look at the first."""

LABEL_LENGTH = 63
SUBDOMAIN_LENGTH = 253
ANNOTATIONS_SIZE = 256 * 1024
"""Bytes of all annotations of an object together, keys and values."""

_LABEL = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?").fullmatch
_SUBDOMAIN = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*").fullmatch
_NAME = re.compile(r"[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?").fullmatch


@lru_cache(maxsize=4096)
def is_dns_label(text: str) -> bool:
    """Whether the text is a DNS-1123 label of at most 63 characters."""
    return len(text) <= LABEL_LENGTH and _LABEL(text) is not None


@lru_cache(maxsize=4096)
def is_dns_subdomain(text: str) -> bool:
    """Whether the text is a DNS-1123 subdomain of at most 253 characters."""
    return len(text) <= SUBDOMAIN_LENGTH and _SUBDOMAIN(text) is not None


@lru_cache(maxsize=4096)  # the same keys and values on every machine of a project
def is_qualified_name(text: str) -> bool:
    """Whether the text can be the key of a label: an optional DNS prefix and a slash, then a name of at most 63."""
    prefix, slash, name = text.rpartition("/")
    if slash and not is_dns_subdomain(prefix):
        return False
    return len(name) <= LABEL_LENGTH and _NAME(name) is not None


@lru_cache(maxsize=4096)
def is_label_value(text: str) -> bool:
    """Whether the text can be the value of a label."""
    return not text or (len(text) <= LABEL_LENGTH and _NAME(text) is not None)
