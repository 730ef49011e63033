"""The short VirtualMachine that an object's page shows, and what KubeVirt runs of it."""

from __future__ import annotations

import json
import re

from krm_fn.choose.site import compact
from krm_fn.core import wire
from krm_fn.kubevirt.api import CLUSTER_KINDS
from krm_fn.vm.expand import expand

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_fn.choose.entry import Entry

_PLAIN = re.compile(r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?")
_WORDS = frozenset(("yes", "no", "on", "off", "true", "false", "null", "y", "n"))


def example(instancetype: Entry | None, preference: Entry | None) -> tuple[str, str]:
    """(the short VM, its machine once expanded: the pod's annotations and the domain), both as YAML."""
    lines = ["apiVersion: kubevirt.io/v1", "kind: VirtualMachine", "metadata: {name: my-vm}", "spec:"]
    lines.append("  runStrategy: Always")
    for field, entry in (("instancetype", instancetype), ("preference", preference)):
        if entry is not None:
            kind = "" if entry.item["kind"] in CLUSTER_KINDS else f"kind: {entry.item['kind']}, "
            lines.append(f"  {field}: {{{kind}name: {_scalar(entry.name)}}}")
    lines += ["  template:", "    spec:", "      domain: {devices: {}}"]
    lines.append("      volumes: [{name: root, persistentVolumeClaim: {claimName: my-disk}}]")
    text = "\n".join(lines) + "\n"
    (short,) = wire.read(text.encode(), "example")
    if preference is not None and preference.architecture:
        short["spec"]["template"]["spec"]["architecture"] = preference.architecture
    expanded, _ = expand(
        short, None if instancetype is None else instancetype.item, None if preference is None else preference.item
    )
    spec = expanded["spec"]["template"]["spec"]
    shown = {key: spec[key] for key in ("architecture", "nodeSelector", "domain") if key in spec}
    return text, compact.write(shown)


def _scalar(name: str) -> str:
    """A name as YAML reads it back as text."""
    plain = _PLAIN.fullmatch(name) and name not in _WORDS and not name.replace(".", "").replace("-", "").isdigit()
    return name if plain and not re.fullmatch(r"\d.*", name) else json.dumps(name)
