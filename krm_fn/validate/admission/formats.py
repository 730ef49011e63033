"""Grammars of addresses, paths and encodings, as Kubernetes and Go read them.

Each function takes text and says whether it has the form; those of names are in `kubevirt.facts`. Sources: Go's
net.ParseMAC, net.ParseIP, path/filepath.Join and encoding/base64; KubeVirt pkg/util/hardware/hw_utils.go:
ParsePciAddress and staging/src/kubevirt.io/api/core/v1/sanitizers.go.
"""

from __future__ import annotations

import binascii
import re

_PORT_NAME = r"(?=.*[a-z])[a-z0-9]+(?:-[a-z0-9]+)*"
_PCI = r"[0-9a-fA-F]{4}:[0-9a-fA-F]{2}:[0-9a-fA-F]{2}\.[0-7]"
_MAC = r"[0-9a-fA-F]{2}([:-])[0-9a-fA-F]{2}(?:\1[0-9a-fA-F]{2})*|[0-9a-fA-F]{4}(?:\.[0-9a-fA-F]{4})+"
_LEADING_ZEROS = r"(?<![0-9])0+(?=[0-9])"
_BASE64_PREFIX = r"[A-Za-z0-9+/]*"
"""Compiled when first met: most machines have none of these, and compiling costs more than importing this package."""
_MAC_BYTES = (6, 8, 20)

PORT_NAME_LENGTH = 15


def is_port_name(text: str) -> bool:
    """Whether the text is an IANA service name."""
    return len(text) <= PORT_NAME_LENGTH and re.fullmatch(_PORT_NAME, text) is not None


def is_pci_address(text: str) -> bool:
    """Whether the text is a PCI address such as 0000:03:00.1."""
    return re.fullmatch(_PCI, text) is not None


def mac_length(text: str) -> int:
    """The number of bytes of a MAC address; 0 when it isn't one."""
    if re.fullmatch(_MAC, text) is None:
        return 0
    length = sum(character not in ":-." for character in text) // 2
    return length if length in _MAC_BYTES else 0


def is_ip_address(text: str) -> bool:
    """Whether the text is an IPv4 or IPv6 address without a zone."""
    return _address(text) is not None


def is_ipv4_address(text: str) -> bool:
    """Whether the text is an IPv4 address. Leading zeros are let pass: KubeVirt drops them as it decodes."""
    address = _address(re.sub(_LEADING_ZEROS, "", text) if ":" not in text else text)
    return address is not None and (address.version == 4 or address.ipv4_mapped is not None)


def _address(text: str):  # type: ignore[no-untyped-def]  # noqa: ANN202 - ipaddress is imported here only: few VMs name addresses
    from ipaddress import ip_address

    try:
        return None if "%" in text else ip_address(text)
    except ValueError:
        return None


def clean_path(path: str) -> str:
    """The path made absolute, without empty, `.` and `..` parts (Go: filepath.Join("/", path))."""
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    return "/" + "/".join(parts)


def is_file_path(path: str) -> bool:
    """Whether the path is absolute, clean and not the root; one slash at the end is let pass."""
    return path != "/" and clean_path(path) == path.removesuffix("/")


def base64_length(text: str) -> tuple[int, bool]:
    """How many bytes standard base64 decodes to, and whether it is well formed; up to the first mistake otherwise."""
    text = text.replace("\r", "").replace("\n", "")
    try:
        return len(binascii.a2b_base64(text, strict_mode=True)), True
    except ValueError:
        found = re.match(_BASE64_PREFIX, text)
        return (found.end() // 4 * 3 if found else 0), False
