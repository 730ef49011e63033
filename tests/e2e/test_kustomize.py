"""The real `kustomize build`, with krm-fn as exec function: generator, transformer, validator, and what goes wrong."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest
import yaml
from support import ROOT

FUNCTION = {"config.kubernetes.io/function": "exec: {path: krm-fn}\n"}


@pytest.fixture
def build(kustomize, env):
    def run(folder, *options):
        return subprocess.run(
            [kustomize, "build", "--enable-alpha-plugins", "--enable-exec", *options, str(folder)],
            capture_output=True,
            text=True,
            env=env,
        )

    return run


@pytest.fixture
def project(tmp_path):
    """Write a kustomization and its files; each file is a manifest, a list of manifests or text."""

    def write(kustomization, **files):
        for name, content in files.items():
            text = (
                content
                if isinstance(content, str)
                else yaml.safe_dump_all(content if isinstance(content, list) else [content])
            )
            (tmp_path / f"{name}.yaml").write_text(text)
        (tmp_path / "kustomization.yaml").write_text(yaml.safe_dump(kustomization))
        return tmp_path

    return write


class Reader(yaml.SafeLoader):
    """go-yaml writes some texts bare that PyYAML takes for something else: `<<`, `=`, and digits beyond 64 bits."""

    def whole(self, node):
        value = self.construct_yaml_int(node)
        return value if value < 2**64 else node.value


Reader.add_constructor("tag:yaml.org,2002:int", Reader.whole)
Reader.add_constructor("tag:yaml.org,2002:merge", lambda _loader, node: node.value)
Reader.add_constructor("tag:yaml.org,2002:value", lambda _loader, node: node.value)


def function(kind, name="fn", **spec):
    return {
        "apiVersion": "krm-fn.dev/v1alpha1",
        "kind": kind,
        "metadata": {"name": name, "annotations": FUNCTION},
        "spec": spec,
    }


def items(done):
    assert done.returncode == 0, done.stderr
    return list(yaml.load_all(done.stdout, Loader=Reader))


def named(done):
    return {(item["kind"], item["metadata"]["name"]): item for item in items(done)}


VM = {
    "apiVersion": "kubevirt.io/v1",
    "kind": "VirtualMachine",
    "metadata": {"name": "shop"},
    "spec": {
        "runStrategy": "Always",
        "instancetype": {"kind": "VirtualMachineInstancetype", "name": "web.small"},
        "preference": {"name": "fedora"},
        "template": {
            "spec": {
                "domain": {"devices": {}},
                "volumes": [{"name": "root", "containerDisk": {"image": "example.com/fedora:41"}}],
            }
        },
    },
}
SERIES = {
    "apiVersion": "krm-fn.dev/v1alpha1",
    "kind": "InstancetypeSeries",
    "metadata": {"name": "web", "annotations": {"config.kubernetes.io/local-config": "true"}},
    "spec": {"version": "1", "scope": "Namespaced", "memoryPerVCPU": "2Gi", "sizes": {"small": 1, "large": 4}},
}


def test_the_quickstart_renders_each_overlay_with_its_own_patches(build):
    quickstart = ROOT / "kustomize" / "examples" / "quickstart" / "overlays"
    dev, prod = named(build(quickstart / "dev")), named(build(quickstart / "prod"))
    assert dev["VirtualMachine", "dev-shop"]["spec"]["template"]["spec"]["domain"]["memory"] == {"guest": "2Gi"}
    assert prod["VirtualMachine", "shop"]["spec"]["template"]["spec"]["domain"]["memory"] == {"guest": "16Gi"}
    assert ("VirtualMachineInstancetype", "web.large") in prod
    assert not [key for key in dev | prod if key[0] == "InstancetypeSeries"]


def test_the_output_is_block_yaml(build):
    done = build(ROOT / "kustomize" / "examples" / "quickstart" / "overlays" / "prod")
    assert "spec:\n  runStrategy: Always\n  template:\n" in done.stdout


@pytest.mark.parametrize("base", ["common-catalog-exec"])
def test_the_base_emits_the_common_catalog(build, base):
    kinds = [item["kind"] for item in items(build(ROOT / "kustomize" / "bases" / base))]
    assert (kinds.count("VirtualMachineClusterInstancetype"), kinds.count("VirtualMachineClusterPreference")) == (
        65,
        54,
    )


def test_a_component_renders_what_its_kustomization_holds(build, project):
    folder = project({"resources": ["all.yaml"], "components": ["component"]}, all=[VM, SERIES])
    shutil.copytree(ROOT / "kustomize" / "transformers", folder / "transformers")
    shutil.copytree(ROOT / "kustomize" / "components" / "render-vms-exec", folder / "components" / "component")
    (folder / "kustomization.yaml").write_text(
        yaml.safe_dump({"resources": ["all.yaml"], "components": ["components/component"]})
    )
    assert "instancetype" not in named(build(folder))["VirtualMachine", "shop"]["spec"]


@pytest.mark.parametrize(
    "naming",
    [
        {},
        {"namePrefix": "dev-"},
        {"nameSuffix": "-b"},
        {"namespace": "prod"},
        {"namePrefix": "dev-", "nameSuffix": "-b", "namespace": "prod"},
    ],
    ids=["as it is", "prefix", "suffix", "namespace", "all"],
)
def test_names_from_before_kustomize_changed_them_are_found(build, project, naming):
    objects = [
        {
            "apiVersion": "instancetype.kubevirt.io/v1beta1",
            "kind": "VirtualMachineInstancetype",
            "metadata": {"name": "web.small"},
            "spec": {"cpu": {"guest": 3}, "memory": {"guest": "3Gi"}},
        }
    ]
    folder = project(
        {"resources": ["all.yaml"], "transformers": ["render.yaml"], **naming},
        all=[VM, *objects],
        render=function("VirtualMachineRenderer"),
    )
    (vm,) = [item for item in items(build(folder)) if item["kind"] == "VirtualMachine"]
    assert vm["spec"]["template"]["spec"]["domain"]["memory"] == {"guest": "3Gi"}


def test_a_prefixed_series_still_serves_its_vms(build, project):
    folder = project(
        {"resources": ["all.yaml"], "transformers": ["render.yaml"], "namePrefix": "dev-"},
        all=[VM, SERIES],
        render=function("VirtualMachineRenderer"),
    )
    made = named(build(folder))
    assert made["VirtualMachine", "dev-shop"]["spec"]["template"]["spec"]["domain"]["memory"] == {"guest": "2Gi"}


def test_two_layers_of_prefixes_mean_the_object_of_their_own_layer(build, tmp_path):
    """An outer kustomization with the same names from two prefixed bases: each VM takes its own base's instancetype."""
    for layer, memory in (("a", "3Gi"), ("b", "5Gi")):
        folder = tmp_path / layer
        folder.mkdir()
        small = {
            "apiVersion": "instancetype.kubevirt.io/v1beta1",
            "kind": "VirtualMachineInstancetype",
            "metadata": {"name": "web.small"},
            "spec": {"cpu": {"guest": 1}, "memory": {"guest": memory}},
        }
        (folder / "all.yaml").write_text(yaml.safe_dump_all([VM, small]))
        (folder / "kustomization.yaml").write_text(
            yaml.safe_dump({"resources": ["all.yaml"], "namePrefix": f"{layer}-"})
        )
    (tmp_path / "render.yaml").write_text(yaml.safe_dump(function("VirtualMachineRenderer")))
    (tmp_path / "kustomization.yaml").write_text(
        yaml.safe_dump({"resources": ["a", "b"], "transformers": ["render.yaml"]})
    )
    made = named(build(tmp_path))
    assert {
        name: made["VirtualMachine", f"{name}-shop"]["spec"]["template"]["spec"]["domain"]["memory"]["guest"]
        for name in "ab"
    } == {"a": "3Gi", "b": "5Gi"}


def test_a_mistake_stops_the_build_and_is_said_on_stderr(build, project):
    wrong = {**VM, "spec": {**VM["spec"], "instancetype": {"name": "u1.medum"}}}
    folder = project(
        {"resources": ["all.yaml"], "transformers": ["render.yaml"]},
        all=[wrong],
        render=function("VirtualMachineRenderer"),
    )
    done = build(folder)
    assert (done.returncode, done.stdout) == (1, "")
    assert 'no VirtualMachineClusterInstancetype "u1.medum"' in done.stderr
    assert "u1.medium" in done.stderr


def test_the_validator_lets_a_good_build_through_and_stops_a_bad_one(build, project):
    """kustomize compares what a validator gives back with what it held before, to the letter: that only works out for
    items that have been through a function already, such as the renderer."""
    good = {**VM, "spec": {**VM["spec"], "instancetype": {"name": "u1.medium"}}}
    both = {"resources": ["all.yaml"], "transformers": ["render.yaml"], "validators": ["check.yaml"]}
    functions = {"render": function("VirtualMachineRenderer", mode="check"), "check": function("ManifestValidator")}
    assert items(build(project(both, all=[good], **functions))) == [good]
    bad = {**good, "spec": {**good["spec"], "runStrategy": "Allways"}}
    functions["render"] = function("VirtualMachineRenderer", selector={"names": ["none"]})
    done = build(project(both, all=[bad], **functions))
    assert done.returncode == 1
    assert "spec.runStrategy" in done.stderr


def test_the_validator_as_a_transformer_needs_nothing_before_it(build, project):
    good = {**VM, "spec": {**VM["spec"], "instancetype": {"name": "u1.medium"}}}
    alone = {"resources": ["all.yaml"], "transformers": ["check.yaml"]}
    assert items(build(project(alone, all=[good], check=function("ManifestValidator")))) == [good]
    bad = {**good, "spec": {**good["spec"], "runStrategy": "Allways"}}
    assert build(project(alone, all=[bad], check=function("ManifestValidator"))).returncode == 1


def test_strings_that_look_like_something_else_survive(build, project):
    tricky = [
        "yes",
        "no",
        "on",
        "off",
        "y",
        "1:30",
        "0777",
        "0o17",
        "2001-01-01",
        "1_000",
        "1e3",
        "0x1f",
        "7e91234",
        "1e999",
        ".5",
        "null",
        "~",
        "",
        "=",
        "<<",
        "#no",
        "a: b",
        "- x",
        "é",
        "\ttab",
        "two\nlines\n",
        "no end\n\n\n",
        " lead",
        "trail ",
    ]
    config_map = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "tricky"},
        "data": {f"k{n}": text for n, text in enumerate(tricky)},
    }
    folder = project(
        {"resources": ["all.yaml"], "transformers": ["render.yaml"]},
        all=json.dumps(config_map),
        render=function("VirtualMachineRenderer"),
    )
    assert items(build(folder)) == [config_map]


def test_an_unrendered_vm_is_found_in_what_was_built(build, project, command):
    folder = project({"resources": ["all.yaml"]}, all=[VM])
    plain = build(folder).stdout
    done = subprocess.run([command, "check", "-"], input=plain, capture_output=True, text=True)
    assert done.returncode == 1
    assert "render/skipped" in done.stderr
    rendered = build(ROOT / "kustomize" / "examples" / "quickstart" / "overlays" / "prod").stdout
    assert subprocess.run([command, "check", "-"], input=rendered, capture_output=True, text=True).returncode == 0
    assert subprocess.run([command, "check", "-"], input="", capture_output=True, text=True).returncode == 3


def test_pinned_names_follow_an_outer_prefix_with_the_configuration(build, tmp_path):
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "all.yaml").write_text(
        yaml.safe_dump({**VM, "spec": {**VM["spec"], "instancetype": {"name": "u1.medium"}}})
    )
    (inner / "render.yaml").write_text(yaml.safe_dump(function("VirtualMachineRenderer", mode="pin")))
    (inner / "kustomization.yaml").write_text(
        yaml.safe_dump({"resources": ["all.yaml"], "transformers": ["render.yaml"]})
    )
    shutil.copy(ROOT / "kustomize" / "configurations" / "virtualmachines.yaml", tmp_path)
    (tmp_path / "kustomization.yaml").write_text(
        yaml.safe_dump({"resources": ["inner"], "namePrefix": "dev-", "configurations": ["virtualmachines.yaml"]})
    )
    made = items(build(tmp_path))
    (vm,) = [item for item in made if item["kind"] == "VirtualMachine"]
    revisions = {item["metadata"]["name"] for item in made if item["kind"] == "ControllerRevision"}
    assert {vm["spec"]["instancetype"]["revisionName"], vm["spec"]["preference"]["revisionName"]} == revisions
    assert all(name.startswith("dev-shop-") for name in revisions)
