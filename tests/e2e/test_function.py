"""The function as a process: what comes in, what goes out, and how it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
import yaml
from support import config

DEPLOYMENT = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {
        "name": "front",
        "annotations": {"internal.config.kubernetes.io/path": "front.yaml", "config.k8s.io/id": "7"},
    },
    "spec": {
        "weird": [
            "yes",
            "on",
            "1:30",
            "0777",
            "2001-01-01",
            "null",
            "~",
            "1e3",
            "0x1f",
            "",
            " x",
            "a: b",
            "#c",
            "é\n\n",
        ]
    },
}
SERIES = {
    "apiVersion": "krm-fn.dev/v1alpha1",
    "kind": "InstancetypeSeries",
    "metadata": {"name": "web", "annotations": {"config.kubernetes.io/local-config": "true"}},
    "spec": {"version": "1", "memoryPerVCPU": "2Gi", "sizes": {"small": 1, "large": 4}},
}


def vm(name="shop", instancetype="web.small", **spec):
    return {
        "apiVersion": "kubevirt.io/v1",
        "kind": "VirtualMachine",
        "metadata": {"name": name, "namespace": "prod"},
        "spec": {
            "runStrategy": "Always",
            "instancetype": {"name": instancetype},
            "preference": {"name": "fedora"},
            "template": {
                "spec": {
                    "domain": {"devices": {}},
                    "volumes": [{"name": "root", "containerDisk": {"image": "example.com/fedora:41"}}],
                }
            },
            **spec,
        },
    }


RENDERER = config("VirtualMachineRenderer", catalogs=["common"])


def test_json_in_json_out_and_yaml_in_block_yaml_out(command):
    document = {
        "apiVersion": "config.kubernetes.io/v1",
        "kind": "ResourceList",
        "functionConfig": RENDERER,
        "items": [DEPLOYMENT],
    }
    as_json = subprocess.run([command], input=json.dumps(document), capture_output=True, text=True)
    as_yaml = subprocess.run([command], input=yaml.safe_dump(document), capture_output=True, text=True)
    assert json.loads(as_json.stdout)["items"] == [DEPLOYMENT] == yaml.safe_load(as_yaml.stdout)["items"]
    assert "{" not in as_yaml.stdout.replace("{}", "")


@pytest.mark.parametrize("version", ["config.kubernetes.io/v1", "config.kubernetes.io/v1beta1"])
def test_the_answer_has_the_version_of_the_question(command, version):
    document = {"apiVersion": version, "kind": "ResourceList", "functionConfig": RENDERER, "items": []}
    done = subprocess.run([command], input=json.dumps(document), capture_output=True, text=True)
    assert (done.returncode, json.loads(done.stdout)["apiVersion"]) == (0, version)


def test_a_vm_is_rendered_and_everything_else_passes_through_in_order(call):
    answer = call(RENDERER, [DEPLOYMENT, SERIES, vm()])
    assert answer.status == 0, answer.stderr
    assert [item["kind"] for item in answer.items[:3]] == ["Deployment", "InstancetypeSeries", "VirtualMachine"]
    assert answer.items[:2] == [DEPLOYMENT, SERIES]
    spec = answer.items[2]["spec"]
    assert "instancetype" not in spec
    assert "preference" not in spec
    assert spec["template"]["spec"]["domain"]["memory"] == {"guest": "2Gi"}
    assert [item["metadata"]["name"] for item in answer.items[3:]] == ["web.small", "web.large"]


def test_an_error_leaves_every_item_as_it_came(call):
    wrong = vm("broken", "web.smal")
    answer = call(RENDERER, [SERIES, vm(), wrong])
    assert answer.status == 1
    assert answer.items == [SERIES, vm(), wrong]
    (result,) = answer.results
    assert result["severity"] == "error"
    assert result["resourceRef"] == {
        "apiVersion": "kubevirt.io/v1",
        "kind": "VirtualMachine",
        "name": "broken",
        "namespace": "prod",
    }
    assert result["field"] == {
        "path": "spec.instancetype.name",
        "currentValue": "web.smal",
        "proposedValue": "web.small",
    }
    assert result["tags"] == {"rule": "matcher/not-found"}
    assert answer.stderr.count("\n") == 1
    assert "web.smal" in answer.stderr


def test_all_mistakes_come_in_one_run_with_their_files(call):
    items = [vm(f"vm-{n}", "nothing.here") for n in range(3)]
    for n, item in enumerate(items):
        item["metadata"]["annotations"] = {
            "config.kubernetes.io/path": f"vms/{n}.yaml",
            "config.kubernetes.io/index": "2",
        }
    answer = call(RENDERER, items)
    assert [result["file"] for result in answer.results] == [{"path": f"vms/{n}.yaml", "index": 2} for n in range(3)]
    assert len(answer.stderr.splitlines()) == 3


def test_rendering_what_was_rendered_changes_nothing(call):
    once = call(RENDERER, [SERIES, vm(), DEPLOYMENT])
    twice = call(RENDERER, once.items)
    assert twice.status == 0
    assert twice.items == once.items


def test_a_member_that_leaves_a_series_leaves_the_output(call):
    once = call(RENDERER, [SERIES])
    fewer = {**SERIES, "spec": {**SERIES["spec"], "sizes": {"small": 1}}}
    again = call(RENDERER, [fewer, *once.items[1:]])
    assert [item["metadata"]["name"] for item in again.items] == ["web", "web.small"]


def test_an_object_of_the_same_name_written_by_hand_is_refused(call):
    own = {
        "apiVersion": "instancetype.kubevirt.io/v1beta1",
        "kind": "VirtualMachineClusterInstancetype",
        "metadata": {"name": "web.small"},
        "spec": {"cpu": {"guest": 1}, "memory": {"guest": "1Gi"}},
    }
    answer = call(RENDERER, [SERIES, own])
    assert answer.status == 1
    assert "series/duplicate-name" in answer.rules


def test_check_changes_nothing(call):
    answer = call(config("VirtualMachineRenderer", mode="check"), [SERIES, vm()])
    assert answer.status == 0, answer.stderr
    assert answer.items == [SERIES, vm()]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"kind: Deployment\n", "ResourceList"),
        (b"[1, 2", "stdin"),
        (b"\x00\x01", "stdin"),
        (b"<html></html>", "ResourceList"),
        (b'{"apiVersion": "config.kubernetes.io/v2", "kind": "ResourceList"}', "config.kubernetes.io/v1"),
        (b'{"apiVersion": "config.kubernetes.io/v1", "kind": "ResourceList", "items": {}}', "items is not a list"),
        (b'{"apiVersion": "config.kubernetes.io/v1", "kind": "ResourceList", "items": [1]}', "items[0]"),
        (b'{"apiVersion": "config.kubernetes.io/v1", "kind": "ResourceList", "items": []}', "functionConfig"),
        (b'{"apiVersion": "config.kubernetes.io/v1", "kind": "ResourceList", "functionConfig": 5}', "functionConfig"),
    ],
    ids=[
        "empty",
        "no ResourceList",
        "truncated",
        "binary",
        "html",
        "version",
        "items",
        "item",
        "no config",
        "config type",
    ],
)
def test_unusable_input_ends_with_3_and_nothing_on_stdout(command, data, says):
    done = subprocess.run([command], input=data, capture_output=True)
    assert (done.returncode, done.stdout) == (3, b"")
    assert says in done.stderr.decode()
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (config("VirtualMachineRendrer"), "VirtualMachineRenderer"),
        ({**RENDERER, "apiVersion": "krm-fn.dev/v1"}, "krm-fn.dev/v1alpha1"),
        (config("VirtualMachineRenderer", mod="expand"), "mode"),
        (config("VirtualMachineRenderer", mode="expnd"), "expand"),
        (config("VirtualMachineRenderer", catalogs=["comon"]), "common"),
        (config("CatalogGenerator", catalog=["common"]), "catalogs"),
    ],
    ids=["kind", "version", "field", "mode", "catalog", "generator field"],
)
def test_a_wrong_functionConfig_ends_with_3_and_says_what_to_write(call, wrong, says):  # noqa: N802
    answer = call(wrong, [DEPLOYMENT])
    assert (answer.status, answer.stdout) == (3, b"")
    assert says in answer.stderr


def test_the_same_input_gives_the_same_bytes_everywhere(command):
    document = json.dumps(
        {
            "apiVersion": "config.kubernetes.io/v1",
            "kind": "ResourceList",
            "functionConfig": RENDERER,
            "items": [SERIES, vm(), DEPLOYMENT],
        }
    )
    environments = [
        {"PYTHONHASHSEED": seed, "LC_ALL": locale, "TZ": zone}
        for seed, locale, zone in [
            ("0", "C", "UTC"),
            ("1", "C.UTF-8", "Asia/Tokyo"),
            ("4242", "POSIX", "America/New_York"),
        ]
    ]
    outputs = {
        subprocess.run([command], input=document.encode(), capture_output=True, env={**os.environ, **extra}).stdout
        for extra in environments
    }
    assert len(outputs) == 1
    assert outputs != {b""}


def test_a_function_call_imports_nothing_that_it_does_not_need():
    """Start-up is paid for each call: what these cost is most of what a call would take."""
    code = (
        "import sys, io, json; sys.stdin = io.TextIOWrapper(io.BytesIO(sys.argv[1].encode())); sys.stdout = io.TextIOWrapper(io.BytesIO());"
        "from krm_fn.main import main; status = main([]); sys.stderr.write(json.dumps([status, sorted(sys.modules)]))"
    )
    generator = config("CatalogGenerator", catalogs=["common"], scope="Both")
    document = json.dumps(
        {"apiVersion": "config.kubernetes.io/v1", "kind": "ResourceList", "functionConfig": generator, "items": []}
    )
    done = subprocess.run([sys.executable, "-c", code, document], capture_output=True, text=True)
    status, modules = json.loads(done.stderr.splitlines()[-1])
    assert status == 0
    assert not {
        "argparse",
        "jinja2",
        "jsonschema",
        "dataclasses",
        "typing",
        "logging",
        "pathlib",
        "ruamel",
        "importlib.metadata",
    } & set(modules)


def test_a_wrong_series_is_a_finding_with_all_that_is_wrong(call):
    answer = call(
        config("InstancetypeSeries", sises={}, sizes={"small": 0, "large": "4"}, memoryPerVCPU="2Gib"), [DEPLOYMENT]
    )
    assert answer.status == 1
    assert answer.items == [DEPLOYMENT]
    paths = {result["field"]["path"] for result in answer.results}
    assert {"spec.sises", "spec.sizes.small", "spec.sizes.large", "spec.memoryPerVCPU"} <= paths


def test_an_empty_answer_to_items_is_a_bug_and_not_an_answer(monkeypatch, capsysbinary):
    """kustomize would delete the whole build, with status 0."""
    import io

    from krm_fn import dispatch, main

    document = {
        "apiVersion": "config.kubernetes.io/v1",
        "kind": "ResourceList",
        "functionConfig": RENDERER,
        "items": [DEPLOYMENT],
    }
    monkeypatch.setattr(main.gc, "disable", lambda: None)
    monkeypatch.setattr(dispatch, "run", lambda _config, _items: ([], []))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(json.dumps(document).encode())))
    assert main.main([]) == 2
    assert capsysbinary.readouterr().out == b""


def test_severities_reach_warnings_and_schema_mistakes_but_not_what_keeps_a_vm_short(call):
    odd = vm(instancetype="u1.medium")
    odd["spec"]["template"]["spec"]["domain"]["extra"] = 1
    assert call(RENDERER, [odd]).status == 1
    lenient = call(config("VirtualMachineRenderer", severity={"schema": "warn"}), [odd])
    assert lenient.status == 0, lenient.stderr
    assert "instancetype" not in lenient.items[0]["spec"]
    clash = vm(instancetype="u1.medium")
    clash["spec"]["template"]["spec"]["domain"]["memory"] = {"guest": "1Gi"}
    assert call(config("VirtualMachineRenderer", severity={"instancetype/conflict": "warn"}), [clash]).status == 1
    noted = vm(instancetype="u1.medium")
    noted["spec"]["template"]["spec"]["volumes"].append({"name": "ci", "cloudInitNoCloud": {"userData": "${X}"}})
    assert call(RENDERER, [noted]).rules == ["flux/substitution"]
    assert call(config("VirtualMachineRenderer", severity={"flux/substitution": "off"}), [noted]).rules == []
