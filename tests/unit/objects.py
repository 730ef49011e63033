"""Small manifests for tests: a VM from its template's spec, an instancetype and a preference from their spec."""

from __future__ import annotations

from krm_fn.core.finding import ERROR
from krm_fn.vm.expand import expand


def vm(spec=None, annotations=None, **more):
    template = {"spec": spec or {}}
    if annotations is not None:
        template["metadata"] = {"annotations": annotations}
    matchers = {"instancetype": {"name": "it"}, "preference": {"name": "pref"}}
    return {
        "apiVersion": "kubevirt.io/v1",
        "kind": "VirtualMachine",
        "metadata": {"name": "vm", "namespace": "prod"},
        "spec": {"runStrategy": "Always", **matchers, "template": template, **more},
    }


def instancetype(**spec):
    return {
        "apiVersion": "instancetype.kubevirt.io/v1beta1",
        "kind": "VirtualMachineClusterInstancetype",
        "metadata": {"name": "it"},
        "spec": {"cpu": {"guest": 2}, "memory": {"guest": "4Gi"}, **spec},
    }


def preference(**spec):
    return {
        "apiVersion": "instancetype.kubevirt.io/v1beta1",
        "kind": "VirtualMachinePreference",
        "metadata": {"name": "pref", "namespace": "prod"},
        "spec": spec,
    }


def expanded(spec=None, sizes=None, wishes=None, annotations=None, **options):
    """The template's spec after expansion, which must succeed."""
    options.setdefault("defaults", "none")
    out, results = expand(vm(spec, annotations), sizes, wishes, **options)
    assert not [result for result in results if result.severity == ERROR], results
    return out["spec"]["template"]["spec"]


def domain(own=None, sizes=None, wishes=None, **options):
    """The domain after expansion."""
    return expanded({"domain": own or {}}, sizes, wishes, **options)["domain"]


def devices(own=None, **wishes):
    """The devices section after a preference with these device fields was applied."""
    return domain({"devices": own or {}}, wishes=preference(devices=wishes)).get("devices", {})


def errors(spec=None, sizes=None, wishes=None, annotations=None, **options):
    """The errors of an expansion, which must hand the very VM back when there are any."""
    options.setdefault("defaults", "none")
    given = vm(spec, annotations)
    out, results = expand(given, sizes, wishes, **options)
    found = [result for result in results if result.severity == ERROR]
    assert (out is given) == bool(found)
    return found


def paths(*args, **options):
    return [result.path for result in errors(*args, **options)]
