"""What lies in real repositories beside manifests: patches, charts, files of other tools, files that can't be read."""

from __future__ import annotations

import os

import pytest

from krm_fn.core.errors import InputError
from krm_fn.workspace import inputs, layout, manifests
from krm_fn.workspace.manifests import Workspace

VM = "apiVersion: kubevirt.io/v1\nkind: VirtualMachine\nmetadata: {name: web}\n"
FILES = {
    ".git/config": "",
    "base/kustomization.yaml": "resources: [vm.yaml]\n",
    "base/vm.yaml": VM,
    "overlays/prod/kustomization.yml": (
        "resources: [../../base]\npatches:\n- path: patches/size.yaml\n- patch: |\n    kind: VirtualMachine\n"
        "patchesStrategicMerge: [../../common/disk.yaml]\n"
    ),
    "overlays/prod/patches/size.yaml": VM,
    "common/disk.yaml": VM,
    "charts/web/Chart.yaml": "name: web\n",
    "charts/web/values.yaml": "a: 1\n",
    "charts/web/templates/vm.yaml": "kind: {{ .Values.kind }}\n",
    "cloud.yaml": "Resources: {A: !Ref B}\n",
    "play.yaml": "- hosts: all\n  tasks: []\n",
}


@pytest.fixture
def repository(tmp_path, monkeypatch):
    for name, content in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("repository")
def test_a_repository_is_read_without_its_patches_charts_and_foreign_files(capsys):
    found = Workspace(["."])
    assert [found.file(item)[0] for item in found.items] == ["./base/vm.yaml"]
    assert found.failures == []
    said = capsys.readouterr().err
    assert "charts/web: is a Helm chart and is left out: give the output of `helm template" in said
    assert "cloud.yaml:1:16: tag !Ref" in said
    assert "kustomization" not in said


@pytest.mark.usefixtures("repository")
def test_a_hook_finds_the_kustomization_that_makes_a_file_a_patch(capsys):
    named = ["base/vm.yaml", "common/disk.yaml", "overlays/prod/patches/size.yaml", "charts/web/templates/vm.yaml"]
    found = Workspace(named, skip_other=True)
    assert [found.file(item)[0] for item in found.items] == ["base/vm.yaml"]
    said = capsys.readouterr().err
    assert "common/disk.yaml: is a patch of a kustomization" in said
    assert "charts/web/templates/vm.yaml: is a template of a Helm chart" in said
    assert len(Workspace(named[:3]).items) == 3


def test_a_file_that_cannot_be_read_hides_no_other(repository, capsys):
    (repository / "a.yaml").write_text("kind: [\n")
    (repository / "z.yaml").write_text("kubevirt.io: !mine 1\n")
    found = Workspace(["."])
    assert [failure.file for failure in found.failures] == ["./a.yaml", "./z.yaml"]
    assert len(found.items) == 1
    with pytest.raises(InputError, match=r"(?s)a\.yaml:2:1: not valid YAML.*\nerror: \./z\.yaml:1:14: tag !mine"):
        manifests.read(["."])
    assert Workspace(["."], skip_other=True).failures == []
    assert "z.yaml:1:14: tag !mine" in capsys.readouterr().err


@pytest.mark.usefixtures("repository")
def test_a_template_is_told_from_a_manifest():
    with pytest.raises(InputError, match="looks like a template, of Helm or of Jinja"):
        manifests.read(["charts/web/templates/vm.yaml"])


def test_a_document_without_a_kind_is_shown_by_its_line(repository):
    (repository / "in.yaml").write_text(VM + "---\n# nothing\n---\napiVersion: v1\n")
    (failure,) = Workspace(["in.yaml"]).failures
    assert failure.said == "in.yaml:7: document 2 is not a manifest: it has no kind"


@pytest.mark.parametrize(
    ("glob", "left"),
    [
        ("base/", []),
        ("vm.yaml", []),
        ("**/vm.yaml", []),
        ("base/**", []),
        ("./base/*.yaml", []),
        ("overlays/", ["./base/vm.yaml"]),
        ("m.yaml", ["./base/vm.yaml"]),
    ],
)
@pytest.mark.usefixtures("repository")
def test_files_are_excluded_by_globs(glob, left):
    assert [path for path, _ in inputs.paths(["."], [glob, "charts", "cloud.yaml"]) if path.endswith("vm.yaml")] == left


def test_outside_a_repository_the_working_directory_is_searched(tmp_path, monkeypatch):
    (tmp_path / "kustomization.yaml").write_text("patches: [{path: patches/vm.yaml}]\n")
    (tmp_path / "patches").mkdir()
    monkeypatch.chdir(tmp_path)
    assert layout.patches_around(["patches/vm.yaml"]) == {str(tmp_path / "patches" / "vm.yaml")}


@pytest.mark.parametrize(
    "text", ["patches: {a: 1}", "- 1", "{{ x }}", "patches:\n- null\n- 1\n- path: 2\n- |\n  a\n  b"]
)
def test_an_odd_kustomization_names_no_patches(tmp_path, text):
    (tmp_path / "kustomization.yaml").write_text(text)
    assert layout.patches(str(tmp_path / "kustomization.yaml")) == set()
    os.mkfifo(tmp_path / "Kustomization")
    assert layout.patches(str(tmp_path / "Kustomization")) == set()


def test_lists_of_any_kind_and_dumps_stand_for_their_items():
    listed = {"apiVersion": "kubevirt.io/v1", "kind": "VirtualMachineList", "items": [{"metadata": {"name": "a"}}]}
    documents = [
        listed,
        {"kind": "List", "items": [{"kind": "A"}, {"kind": "List", "items": [{"kind": "B"}]}]},
        [{"kind": "C"}],
    ]
    assert list(manifests.flattened(documents)) == [
        (0, "items[0]", {"apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine", "metadata": {"name": "a"}}),
        (1, "items[0]", {"kind": "A"}),
        (1, "items[1].items[0]", {"kind": "B"}),
        (2, "[0]", {"kind": "C"}),
    ]


def test_a_vm_that_two_files_define_is_warned_of():
    def machine(path, namespace):
        annotations = {manifests.PATH: path}
        return {
            "apiVersion": "kubevirt.io/v1",
            "kind": "VirtualMachine",
            "metadata": {"name": "web", "namespace": namespace, "annotations": annotations},
        }

    (found,) = manifests.twice([machine("a.yaml", "x"), machine("b.yaml", "y"), machine("c.yaml", "x")])
    assert (found.rule, found.severity) == ("render/twice", "warning")
    assert "in a.yaml too" in found.message
