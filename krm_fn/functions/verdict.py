"""What a cluster would say of a VirtualMachine whose instancetype and preference can be found: with both applied.

The renderer refuses what it can't render. Here nothing is rendered, and a name that isn't found is nobody's mistake yet: the
cluster may have it, so such a VM is judged as it is written.
"""

from __future__ import annotations

from krm_fn.core.finding import has_errors
from krm_fn.core.manifest import mapping
from krm_fn.core.shape import WRONG_TYPE
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

_DECIDED = tuple(
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
"""What an instancetype decides."""


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
        spec = mapping(vm, "spec")
        named_something = any(isinstance(spec.get(field), dict) for field in FIELDS)
        applied = self._applied(vm) if named_something else None
        return (check(vm, self._schemas) or []) if applied is None else applied

    def _applied(self, vm: Manifest) -> list[Finding] | None:
        """The same for a VM that names something; None when it can't be told what that is."""
        if self._lookup is None or self._alike is None:
            from krm_fn.vm.alike import Alike

            self._lookup = self._make_lookup()
            self._alike = Alike(admitted=True, version=self._version)
        found = {}
        for field in FIELDS:
            found[field], mistakes = self._lookup.resolve(vm, field)
            if has_errors(mistakes):
                return None
        instancetype, preference = found["instancetype"].target, found["preference"].target
        if instancetype is None and preference is None:
            return None
        short = named(vm, found)
        expanded, told = self._alike.expand(short, instancetype, preference, self._lookup.architecture(vm))
        if not has_errors(told):
            return check_applied(vm, expanded, self._schemas) + _about(vm, short, told)
        # As long as it can't be applied, nobody knows what would be right in the parts that an instancetype decides.
        written = [
            each
            for each in check(vm, self._schemas) or ()
            if each.rule.startswith("schema/") or not each.path.startswith(_DECIDED)
        ]
        return written + [each for each in _about(vm, short, told) if each.rule != WRONG_TYPE]


def _about(vm: Manifest, short: Manifest, told: list[Finding]) -> list[Finding]:
    """What was told of the VM itself: what is wrong with an instancetype or a preference is said of those."""
    return [each.but(item=vm) for each in told if each.item is short]
