"""A KubeVirt that doesn't exist yet, added in memory with one new field: function, command line and pages know it."""

from __future__ import annotations

import json
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
ADD = """
import importlib.util, json, sys
from krm_fn.kubevirt import versions
versions.ADDED["1.10"] = {"VirtualMachine": ("spec.template.spec.domain.devices.hologram",)}
versions.VERSIONS = tuple(map(versions.Version, versions.ADDED))
versions.NEWEST = versions.VERSIONS[-1]
spec = importlib.util.spec_from_file_location("make_schemas", "tests/tools/make_schemas.py")
make_schemas = importlib.util.module_from_spec(spec)
spec.loader.exec_module(make_schemas)
load = make_schemas.load_source
def with_field():
    source = load()
    make_schemas.insert(source["VirtualMachine"], "spec.template.spec.domain.devices.hologram", {"type": "boolean"})
    return source
make_schemas.load_source = with_field
made = make_schemas.generate()
from krm_fn.core import data
read = data.read
data.read = lambda *parts: made["/".join(parts[1:])].encode() if "/".join(parts[1:]) in made else read(*parts)
"""


def python(code: str, given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", ADD + code],
        input=given,
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
        timeout=60,
    )


def vm() -> dict:
    domain = {"memory": {"guest": "1Gi"}, "devices": {"hologram": True}}
    spec = {"runStrategy": "Always", "template": {"spec": {"domain": domain}}}
    return {"apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine", "metadata": {"name": "web"}, "spec": spec}


@pytest.mark.parametrize(
    ("kubevirt", "said"),
    [
        ("1.10", []),
        ("v1.10.1", []),
        (None, []),
        ("1.9", ['there is no field "hologram" in KubeVirt 1.9: it is there since KubeVirt 1.10']),
    ],
)
def test_the_function_judges_by_it(kubevirt: str | None, said: list[str]) -> None:
    config = {"apiVersion": "krm-fn.dev/v1alpha1", "kind": "ManifestValidator", "metadata": {"name": "v"}}
    config["spec"] = {} if kubevirt is None else {"kubevirt": kubevirt}
    given = {"apiVersion": "config.kubernetes.io/v1", "kind": "ResourceList", "functionConfig": config, "items": [vm()]}
    done = python("from krm_fn.main import main; sys.exit(main([]))", json.dumps(given))
    assert [each["message"] for each in json.loads(done.stdout).get("results", [])] == said, done.stderr
    assert done.returncode == bool(said)


def test_the_command_line_offers_it(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "vm.json"
    file.write_text(json.dumps(vm()))
    run = f"from krm_fn.main import main; sys.exit(main(sys.argv[1:] or {['validate', str(file)]!r}))"
    assert python(run).returncode == 0
    older = run.replace("'validate'", "'validate', '--kubevirt', '1.9'")
    assert "since KubeVirt 1.10" in python(older).stdout
    assert "1.5 to 1.10" in python(run.replace(repr(["validate", str(file)]), "['validate', '--help']")).stdout
    wrong = python(run.replace("'validate'", "'validate', '--kubevirt', '1.11'"))
    assert wrong.returncode == 3
    assert "1.10" in wrong.stderr


def test_pages_and_schemas_follow() -> None:
    done = python("""
from krm_fn.kubevirt.schemas import config_schema
from krm_fn.validate.admission.document import page as rules
from krm_fn.validate.versions_page import page
from krm_fn.vm.mapping import markdown
print(json.dumps([page(), rules(), markdown(), config_schema("VirtualMachineRenderer"), sorted(made)]))
""")
    versions, rules, mapping, schema, made = json.loads(done.stdout)
    assert "KubeVirt 1.5 to 1.10" in versions
    assert "| 1.10 | VirtualMachine | `spec.template.spec.domain.devices.hologram` |" in versions
    assert "those of KubeVirt 1.10" in rules
    assert "How KubeVirt 1.10 applies" in mapping
    setting = schema["properties"]["spec"]["properties"]["kubevirt"]
    assert setting["default"] == "1.10"
    assert "1\\\\.10" in json.dumps(setting)
    assert "1.10/VirtualMachine.json" in made
