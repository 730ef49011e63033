"""First manifests: what the choices come to, and what can't be chosen."""

from __future__ import annotations

import re
import sys

import pytest
import yaml
from support import ROOT

from krm_fn import cli
from krm_fn.commands import new
from krm_fn.core import data
from krm_fn.core.errors import InputError
from krm_fn.new import repo
from krm_fn.new.vm import Choices, virtual_machine


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.setattr(data, "opened", {})
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(capsysbinary):
    def call(*arguments, status=0):
        assert cli.run(["new", *arguments]) == status
        captured = capsysbinary.readouterr()
        return captured.out.decode(), captured.err.decode()

    return call


def volumes(**choices):
    spec = virtual_machine(Choices("x", **choices))["spec"]
    return spec["template"]["spec"]["volumes"], spec.get("dataVolumeTemplates")


def test_a_container_image_is_a_container_disk_and_with_a_size_a_copy():
    assert volumes(image="a/b:1") == ([{"name": "root", "containerDisk": {"image": "a/b:1"}}], None)
    root, (template,) = volumes(image="a/b:1", size="10Gi")
    assert root == [{"name": "root", "dataVolume": {"name": "x-root"}}]
    assert template["spec"] == {
        "source": {"registry": {"url": "docker://a/b:1"}},
        "storage": {"resources": {"requests": {"storage": "10Gi"}}},
    }


def test_a_url_is_downloaded_and_a_data_source_copied():
    _, (template,) = volumes(image="https://example.com/disk.qcow2")
    assert template["spec"]["source"] == {"http": {"url": "https://example.com/disk.qcow2"}}
    assert template["spec"]["storage"]["resources"]["requests"] == {"storage": "30Gi"}
    _, (template,) = volumes(data_source="images/rhel9")
    assert template["spec"] == {
        "sourceRef": {"kind": "DataSource", "namespace": "images", "name": "rhel9"},
        "storage": {},
    }
    with pytest.raises(InputError, match="two disks to boot from"):
        volumes(image="a", data_source="b")


def test_networks_have_a_binding_each():
    machine = virtual_machine(Choices("x", networks=("pod", "net/fast:sriov", "office")))
    spec = machine["spec"]["template"]["spec"]
    assert spec["domain"]["devices"]["interfaces"] == [
        {"name": "default", "masquerade": {}},
        {"name": "fast", "sriov": {}},
        {"name": "office", "bridge": {}},
    ]
    assert [network.get("multus", {}).get("networkName") for network in spec["networks"]] == [
        None,
        "net/fast",
        "office",
    ]
    with pytest.raises(InputError, match="--network a:wifi: write NAME, or NAME:bridge"):
        virtual_machine(Choices("x", networks=("a:wifi",)))


def test_everything_together_is_a_valid_machine(run, here):
    (here / "user-data").write_text("#cloud-config\nhostname: ü\n")
    out, err = run("vm", "db", "--instancetype", "cx1.large", "--preference", "rhel.9", "--data-source", "images/rhel9",
                   "--volume", "data=db-data", "--network", "pod", "--network", "storage:sriov", "--namespace", "shop",
                   "--cloud-init", "user-data", "--stopped")  # fmt: skip
    machine = yaml.safe_load(out)
    assert err == ""
    assert (machine["metadata"], machine["spec"]["runStrategy"]) == ({"name": "db", "namespace": "shop"}, "Halted")
    names = [volume["name"] for volume in machine["spec"]["template"]["spec"]["volumes"]]
    assert names == ["root", "data", "cloudinit"]
    (here / "db.yaml").write_text(out)
    assert cli.run(["validate", "db.yaml"]) == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["x", "--instancetype", "u1.meduim"], "did you mean u1.medium"),
        (["x", "--instancetype", "u1.nano", "--preference", "windows.11"], "preference requires 2 vCPU"),
        (["X_1"], "metadata.name"),
        (["x", "--size", "lots", "--image", "https://example.com/a"], "lots"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(run, here, arguments, says):
    out, err = run("vm", *arguments, "-O", "vm.yaml", status=1)
    assert says in err
    assert out == ""
    assert list(here.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["vm"], "has no name"),
        (["vm", "--interactive"], "there is none"),
        (["vm", "x", "--instancetype", "VirtualMachine/y"], "write NAME, or VirtualMachineClusterInstancetype/NAME or"),
        (["vm", "x", "--cloud-init", "nowhere"], "nowhere: No such file"),
        (["series", "x", "--size", "small"], "--size small: write NAME=VALUE"),
        (["series", "x", "--size", "a=1", "--size", "a=2"], "a is there already"),
        (["repo", "Shop!"], "can't name a namespace"),
        (["repo", "full"], "full is not empty"),
    ],
)
def test_what_can_not_be_asked_says_what_to_write(here, arguments, says):
    (here / "full").mkdir()
    (here / "full/file").write_text("")
    with pytest.raises(InputError) as error:
        cli.run(["new", *arguments])
    assert says in str(error.value)


def test_the_kind_is_spelled_as_kubevirt_spells_it(run, here):
    (here / "own.yaml").write_text(
        "apiVersion: instancetype.kubevirt.io/v1beta1\nkind: VirtualMachineInstancetype\nmetadata: {name: own}\n"
        "spec: {cpu: {guest: 1}, memory: {guest: 1Gi}}\n"
    )
    out, _ = run("vm", "x", "--instancetype", "virtualmachineinstancetype/own", "--catalog", "own.yaml")
    assert yaml.safe_load(out)["spec"]["instancetype"] == {"kind": "VirtualMachineInstancetype", "name": "own"}


def test_a_series_has_sizes_to_start_from(run):
    out, err = run("series", "gp", "--dedicated", "--hugepages", "2Mi", "--gpu", "nvidia.com/A100")
    spec = yaml.safe_load(out)["spec"]
    assert spec["sizes"] == {"small": 1, "medium": 2, "large": 4, "xlarge": 8}
    assert spec["template"]["gpus"] == [{"name": "gpu0", "deviceName": "nvidia.com/A100"}]
    assert "makes gp.small, gp.medium, gp.large, gp.xlarge" in err


def test_a_wrong_definition_is_not_written(run):
    out, err = run("preference", "x", "--trait", "nope", status=1)
    assert out == ""
    assert "known: amd64" in err
    out, _ = run("preference", "x", "--os-type", "linux")
    assert yaml.safe_load(out)["spec"]["members"] == {"": {}}


def test_questions_are_asked_until_the_answer_is_a_name(run, monkeypatch):
    answers = iter(["web", "u1.meduim", "u1.large", "", "example.com/a:1"])
    asked = []
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda question: asked.append(question) or next(answers))
    out, err = run("vm", "--interactive")
    machine = yaml.safe_load(out)
    assert machine["metadata"]["name"] == "web"
    assert machine["spec"]["instancetype"] == {"name": "u1.large"}
    assert machine["spec"]["preference"] == {"name": "fedora"}
    assert "there is no instancetype u1.meduim; did you mean" in err
    assert asked[1] == "Instancetype [u1.medium]: "


@pytest.mark.parametrize("target", repo.TARGETS)
def test_no_mark_is_left_in_a_repository_and_its_yaml_reads(target):
    made = repo.files("shop", target)
    for path, content in made.items():
        text = content.decode()
        assert not re.search(r"@[A-Z]+@", text), path
        if path.endswith((".yaml", "Kptfile")):
            assert list(yaml.safe_load_all(text)), path
    assert {".github/workflows/vms.yaml", ".pre-commit-config.yaml", "README.md"} <= set(made)


def test_a_directory_with_nothing_but_git_in_it_is_new(here):
    (here / "shop/.git").mkdir(parents=True)
    assert cli.run(["new", "repo", "shop"]) == 0


def test_the_page_names_every_target():
    page = (ROOT / "docs" / "new.md").read_text()
    assert all(f"--for {target}" in page or f"{target}|" in page or f"|{target}" in page for target in repo.TARGETS)
    assert new.HELP


def test_a_python_without_readline_asks_without_completion(monkeypatch):
    monkeypatch.setitem(sys.modules, "readline", None)
    monkeypatch.setattr("builtins.input", lambda question: f" {question.partition(' ')[0].lower()} ")
    assert new._answer("Name", "") == "name:"
