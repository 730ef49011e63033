"""What a cluster would say of a VirtualMachine whose instancetype and preference can be found: with both applied.

The renderer refuses what it can't render. Here nothing is rendered, and a name that isn't found is nobody's mistake yet: the
cluster may have it, so such a VM is judged as it is written.
"""

from __future__ import annotations

from krm_fn.core.finding import has_errors
from krm_fn.core.manifest import mapping
from krm_fn.kubevirt.versions import NEWEST
from krm_fn.kubevirt.versions import read as read_version
from krm_fn.validate.manifest import check, check_applied, schemas_for
from krm_fn.vm.find import FIELDS, named

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from krm_fn.core.finding import Finding
    from krm_fn.core.manifest import Manifest
    from krm_fn.vm.alike import Alike
    from krm_fn.vm.find import Lookup

_APPLIED = tuple(
    f"spec.template.spec.{section}"
    for section in (
        "domain.cpu",
        "domain.memory",
        "domain.resources",
        "domain.launchSecurity",
        "domain.ioThreads",
        "launchSecurity",
    )
)
"""What an instancetype decides: as long as it can't be applied, nobody knows what would be right there."""


class Verdict:
    """Judges the VMs of one call by a ManifestValidator's spec; the look-up is made when the first VM names something."""

    __slots__ = ("_alike", "_lookup", "_make_lookup", "_schemas", "_version")

    def __init__(self, spec: Manifest, make_lookup: Callable[[], Lookup]) -> None:
        self._schemas = schemas_for(spec)
        self._version = read_version(spec.get("kubevirt")) or NEWEST
        self._make_lookup = make_lookup
        self._lookup: Lookup | None = None
        self._alike: Alike | None = None

    def of(self, vm: Manifest) -> list[Finding]:
        """Everything that is wrong with a VM."""
        written = check(vm, self._schemas) or []
        spec = mapping(vm, "spec")
        if not any(isinstance(spec.get(field), dict) for field in FIELDS):
            return written
        return self._applied(vm, written)

    def _applied(self, vm: Manifest, written: list[Finding]) -> list[Finding]:
        if self._lookup is None or self._alike is None:
            from krm_fn.vm.alike import Alike

            self._lookup = self._make_lookup()
            self._alike = Alike(admitted=True, version=self._version)
        found = {}
        for field in FIELDS:
            found[field], mistakes = self._lookup.resolve(vm, field)
            if has_errors(mistakes):
                return written
        if not any(each.target for each in found.values()):
            return written
        short = named(vm, found)
        expanded, found_on_the_way = self._alike.expand(
            short, found["instancetype"].target, found["preference"].target, self._lookup.architecture(vm)
        )
        # What is wrong with the instancetype or the preference is said of those.
        mistakes = [each.but(item=vm) for each in found_on_the_way if each.item is short]
        if has_errors(found_on_the_way):
            return [each for each in written if not each.path.startswith(_APPLIED)] + mistakes
        return check_applied(vm, expanded, self._schemas) + mistakes
