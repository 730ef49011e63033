"""A comparison as data: the ChangeReport."""

from __future__ import annotations

from krm_fn.changes.compare import ADDED, MODIFIED, REMOVED
from krm_fn.core.finding import to_manifest
from krm_fn.core.manifest import file_of
from krm_fn.kubevirt.api import CONFIG_API

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_fn.changes.compare import Machine, Report
    from krm_fn.core.manifest import Manifest


def data(report: Report) -> Manifest:
    """The report as a manifest of kind ChangeReport."""
    return {
        "apiVersion": CONFIG_API,
        "kind": "ChangeReport",
        "summary": {
            "machines": len(report.machines),
            "added": report.counted(ADDED),
            "removed": report.counted(REMOVED),
            "changed": report.counted(MODIFIED),
            "effects": report.effects(),
        },
        "causes": [
            {
                "object": cause.object,
                "field": cause.field,
                "before": cause.before,
                "after": cause.after,
                "machines": len(cause.machines),
                **({"kept": len(cause.keepers)} if cause.keepers else {}),
            }
            for cause in report.causes
        ],
        "machines": [_machine(machine) for machine in report.machines],
        "others": [{"object": name, "change": change} for change, name in report.others],
        **(
            {"problems": [{"side": side, **to_manifest(found)} for side, found in report.findings]}
            if report.findings
            else {}
        ),
    }


def _machine(machine: Machine) -> Manifest:
    impact = machine.impact
    out: Manifest = {
        "name": machine.name,
        "namespace": machine.namespace,
        "change": machine.change,
        "effects": machine.effects,
        "live": impact.live,
        "reasons": [
            {"effect": reason.effect, "message": reason.message, **({"field": reason.field} if reason.field else {})}
            for reason in impact.reasons
        ],
        "fields": [
            {"path": field.path, "before": field.before, "after": field.after, "because": field.because}
            for field in machine.fields
        ],
    }
    if impact.notes:
        out["notes"] = impact.notes
    path, _ = file_of(machine.source)
    return out | ({"file": path} if path else {})
