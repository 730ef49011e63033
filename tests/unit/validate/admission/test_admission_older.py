"""Rules that came with 1.9, as the webhooks of 1.7.0, 1.8.4 and 1.9.0 answer."""

from __future__ import annotations

import pytest

from krm_fn.functions import manifest_validator

DEVICES = {"interfaces": [{"name": "default", "masquerade": {}}]}
NETWORKS = [{"name": "default", "pod": {}}]


def errors(version, domain=None, **spec):
    template = {
        "domain": {"devices": DEVICES, "memory": {"guest": "1Gi"}, **(domain or {})},
        "networks": NETWORKS,
        **spec,
    }
    vm = {
        "apiVersion": "kubevirt.io/v1",
        "kind": "VirtualMachine",
        "metadata": {"name": "vm", "namespace": "default"},
        "spec": {"runStrategy": "Halted", "template": {"spec": template}},
    }
    _, found = manifest_validator.run({"spec": {"kubevirt": version}}, [vm])
    return sorted(finding.path for finding in found if finding.severity == "error")


@pytest.mark.parametrize(
    ("version", "refused"), [("1.7", []), ("1.8", []), ("1.9", ["spec.template.spec.domain.devices.interfaces[0]"])]
)
def test_an_interface_without_a_binding(version, refused):
    assert errors(version, {"devices": {"interfaces": [{"name": "default"}]}}) == refused


@pytest.mark.parametrize(
    ("version", "refused"), [("1.7", []), ("1.8", []), ("1.9", ["spec.template.spec.resourceClaims[0]"])]
)
def test_a_claim_that_refers_to_nothing(version, refused):
    assert errors(version, resourceClaims=[{"name": "a"}]) == refused


@pytest.mark.parametrize(
    ("version", "refused"),
    [("1.7", ["spec.template.spec.domain"]), ("1.8", ["spec.template.spec.domain"]), ("1.9", [])],
)
def test_tdx_with_secure_boot_and_without_smm(version, refused):
    domain = {"firmware": {"bootloader": {"efi": {}}}, "launchSecurity": {"tdx": {}}}
    assert errors(version, domain) == refused
