"""What another KubeVirt version says of manifests that stay as they are: what it refuses, and what it warns of."""

from __future__ import annotations

from krm_fn.core.finding import ERROR
from krm_fn.kubevirt.api import is_virtual_machine
from krm_fn.validate.manifest import check, schemas_for

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from krm_fn.core.finding import Finding
    from krm_fn.core.manifest import Manifest


def news(items: Iterable[Manifest], before: str, after: str) -> Iterator[Finding]:
    """The findings that only the second version has. What refuses a machine is the machine's own effect, and not among them."""
    schemas = [schemas_for({"kubevirt": version}) for version in (before, after)]
    for item in items:
        old, new = (check(item, each) or [] for each in schemas)
        known = {(finding.rule, finding.path) for finding in old}
        for finding in new:
            is_effect = finding.severity == ERROR and is_virtual_machine(item)
            if (finding.rule, finding.path) not in known and not is_effect:
                yield finding
