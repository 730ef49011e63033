"""The user's maps: which device, node label or page size stands for a name of the listing.

A map file is YAML or JSON: `gpus`, `pciAliases` (name: resource, or name: {kind, deviceName}), `traits`
(name: LABEL=VALUE) and `largePageSize`; a file without any of these is a map of GPUs.
"""

from __future__ import annotations

from krm_fn.core.errors import InputError
from krm_fn.core.suggest import did_you_mean
from krm_fn.importers.extra_specs import page_size

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from krm_fn.core.manifest import Manifest

_SECTIONS = ("gpus", "pciAliases", "traits", "largePageSize")
_KINDS = ("gpus", "hostDevices")


class Maps:
    """Names of a listing and what they stand for; see `flavor.Options`."""

    __slots__ = ("devices", "large_page", "selectors")

    def __init__(self) -> None:
        self.devices: dict[str, Manifest] = {}
        self.selectors: dict[str, tuple[str, str]] = {}
        self.large_page = "2Mi"

    def add_file(self, content: Any, name: str) -> None:
        """Take in a map file's content. InputError names what can't be used."""
        if not isinstance(content, dict):
            raise InputError(f"{name}: a map file is a mapping with {', '.join(_SECTIONS)}")
        sections = content if any(section in content for section in _SECTIONS) else {"gpus": content}
        for section, value in sections.items():
            if section == "largePageSize":
                self.set_large_page(str(value), name)
            elif section not in _SECTIONS or not isinstance(value, dict):
                hint = did_you_mean(str(section), _SECTIONS) or f"; sections are {', '.join(_SECTIONS)}, each a mapping"
                raise InputError(f"{name}: can't use section {section}{hint}")
            else:
                for key, target in value.items():
                    self._add(section, str(key), target, name)

    def add_devices(self, pairs: Iterable[str], option: str, kind: str) -> None:
        """Take in `NAME=RESOURCE` arguments."""
        for pair in pairs:
            name, found, resource = pair.rpartition("=")
            if not (found and name and resource):
                raise InputError(f'{option}: "{pair}" is not NAME=RESOURCE')
            self.devices[name] = {"kind": kind, "deviceName": resource}

    def add_traits(self, pairs: Iterable[str]) -> None:
        """Take in `TRAIT=LABEL=VALUE` arguments; without a value the extra spec's own is used.

        With four parts the second is the extra spec's value that the label stands for.
        """
        for pair in pairs:
            parts = pair.split("=")
            if not (2 <= len(parts) <= 4 and all(parts[:2])):
                raise InputError(f'--trait: "{pair}" is not TRAIT=LABEL=VALUE')
            name, label = ("=".join(parts[:2]), parts[2:]) if len(parts) == 4 else (parts[0], parts[1:])
            self.selectors[name] = _label("=".join(label))

    def set_large_page(self, value: str, name: str) -> None:
        """Say what "large" pages are."""
        size = value if value.endswith(("Mi", "Gi")) and value[:-2].isdigit() else page_size(value, "")
        if not size:
            raise InputError(f"{name}: {value} is no size of huge pages; write 2Mi or 1Gi")
        self.large_page = size

    def _add(self, section: str, key: str, target: Any, name: str) -> None:
        if section == "traits" and isinstance(target, str):
            self.selectors[key] = _label(target)
            return
        kind = "gpus" if section == "gpus" else "hostDevices"
        device = {"kind": kind, "deviceName": target} if isinstance(target, str) else target
        usable = (
            isinstance(device, dict)
            and device.get("kind", kind) in _KINDS
            and isinstance(device.get("deviceName"), str)
            and device.keys() <= {"kind", "deviceName"}
        )
        if section == "traits" or not usable:
            raise InputError(
                f"{name}: {section}.{key} is neither a name nor {{kind: gpus|hostDevices, deviceName: NAME}}"
            )
        self.devices[key] = {"kind": device.get("kind", kind), "deviceName": device["deviceName"]}


def _label(text: str) -> tuple[str, str]:
    label, _, value = text.partition("=")
    return label, value
