"""The Argo CD sidecar, its command run as argocd-cmp-server runs it; and krm-fn copied into an image without Python.

What the server does (argo-cd, cmpserver/plugin/plugin.go: runCommand): the command of plugin.yaml without a shell, in the
application's directory below a copy of the repository in /tmp, as uid 999, with the container's environment and then
ARGOCD_APP_*, KUBE_*, ARGOCD_ENV_*, ARGOCD_APP_PARAMETERS and PARAM_* where they are not empty. A status other than 0 fails
with what is on stderr. Output that is blank succeeds with no manifests, so that a sync with pruning deletes everything.
"""

from __future__ import annotations

import json
import pathlib
import re
import shutil
import subprocess

import pytest
import yaml
from support import ROOT

from container.conftest import IMAGE
from container.test_kustomize import VM

EXAMPLE = ROOT / "kustomize/examples/argocd"
SIDECAR = "localhost/argocd-krm-fn:test"
WORK = "/tmp/_cmp_server/4f8a6c1e-7b7d-4d0c-9f5e-2b1f0c3d4e5f"


@pytest.fixture(scope="session")
def sidecar(engine, kustomize, tmp_path_factory) -> str:
    """The sidecar's image, built from the example's Dockerfile with the fetched kustomize."""
    folder = tmp_path_factory.mktemp("kustomize")
    shutil.copy(kustomize, folder / "kustomize")
    (folder / "Dockerfile").write_text("FROM scratch\nCOPY kustomize /app/kustomize\n")
    for name, context, options in (
        ("localhost/kustomize:test", folder, []),
        (
            SIDECAR,
            EXAMPLE / "sidecar",
            ["--build-arg", f"KRM_FN_IMAGE={IMAGE}", "--build-arg", "KUSTOMIZE_IMAGE=localhost/kustomize:test"],
        ),
    ):
        done = subprocess.run([engine, "build", "--tag", name, *options, context], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    return SIDECAR


@pytest.fixture
def repository(tmp_path) -> pathlib.Path:
    """A repository with an application in vms/: one VM and an overlay with the renderer in a container."""
    folder = tmp_path / "repository"
    write(folder / "vms/base/vm.yaml", VM)
    write(folder / "vms/base/kustomization.yaml", "resources: [vm.yaml]\n")
    write(folder / "vms/overlays/prod/kustomization.yaml", "resources: [../../base]\nnameSuffix: -prod\n")
    write(folder / "vms/overlays/function/kustomization.yaml", "resources: [../../base]\ntransformers: [render.yaml]\n")
    write(folder / "vms/overlays/function/render.yaml", renderer(f"container: {{image: '{IMAGE}'}}"))
    write(folder / "vms/overlays/empty/kustomization.yaml", "resources: []\n")
    return folder


def write(path: pathlib.Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def renderer(function: str) -> str:
    metadata = {"name": "render", "annotations": {"config.kubernetes.io/function": function}}
    return yaml.safe_dump({"apiVersion": "krm-fn.dev/v1alpha1", "kind": "VirtualMachineRenderer", "metadata": metadata})


def environment(parameters: list[dict]) -> dict[str, str]:
    """What Argo CD's repo server passes for an application with these parameters."""
    given = {
        "ARGOCD_APP_NAME": "shop",
        "ARGOCD_APP_NAMESPACE": "shop-prod",
        "ARGOCD_APP_SOURCE_PATH": "vms",
        "KUBE_VERSION": "1.34.0",
    }
    given |= {"ARGOCD_ENV_TEAM": "platform", "ARGOCD_APP_PARAMETERS": json.dumps(parameters)}
    for parameter in parameters:
        name = "PARAM_" + re.sub("[^A-Z0-9_]", "_", parameter["name"].upper())
        values = parameter.get("array", [])
        given |= {f"{name}_{index}": value for index, value in enumerate(values)}
        given[name] = parameter.get("string", "")
    return {name: value for name, value in given.items() if value}


@pytest.fixture
def generate(docker, sidecar, repository):
    """Run the plugin's generate command on the repository with parameters, as the server does."""
    command = yaml.safe_load((EXAMPLE / "sidecar/plugin.yaml").read_text())["spec"]["generate"]

    def run(*parameters: dict) -> subprocess.CompletedProcess[str]:
        options = ["--user", "999", "--network", "none", "--cap-drop", "ALL", "--security-opt=no-new-privileges"]
        options += [
            "--volume",
            f"{repository}:{WORK}:ro",
            "--workdir",
            f"{WORK}/vms",
            "--entrypoint",
            command["command"][0],
        ]
        options += [
            item for name, value in environment(list(parameters)).items() for item in ("--env", f"{name}={value}")
        ]
        arguments = [*command["command"][1:], *command.get("args", [])]
        return subprocess.run([docker, "run", "--rm", *options, sidecar, *arguments], capture_output=True, text=True)

    return run


def path(value: str) -> dict:
    return {"name": "path", "string": value}


def mode(value: str) -> dict:
    return {"name": "mode", "string": value}


def test_mode_none_takes_no_build_with_unrendered_machines(generate):
    """kustomize skips a function that it may not run, and succeeds."""
    done = generate(path("overlays/prod"), mode("none"))
    assert done.returncode == 1
    assert done.stdout == ""
    assert "shop-prod" in done.stderr


@pytest.mark.parametrize(
    "given", [[], [mode("expand"), {"name": "catalogs", "array": ["common"]}]], ids=["by default", "expand"]
)
def test_the_build_is_rendered(generate, given):
    done = generate(path("overlays/prod"), {"name": "kubevirt", "string": "1.9"}, *given)
    assert done.returncode == 0, done.stderr
    vm = yaml.safe_load(done.stdout)
    assert "instancetype" not in vm["spec"]
    assert vm["spec"]["template"]["spec"]["domain"]["memory"]["guest"] == "4Gi"


def test_mode_pin_adds_revisions(generate):
    done = generate(path("overlays/prod"), mode("pin"))
    assert done.returncode == 0, done.stderr
    kinds = [document["kind"] for document in yaml.safe_load_all(done.stdout)]
    assert sorted(kinds) == ["ControllerRevision", "ControllerRevision", "VirtualMachine"]


def test_mode_check_changes_nothing(generate, kustomize, repository):
    checked = generate(path("overlays/prod"), mode("check"))
    built = subprocess.run([kustomize, "build", repository / "vms/overlays/prod"], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
    assert checked.stdout == built.stdout


def test_a_function_that_names_our_image_runs_without_docker(generate):
    done = generate(path("overlays/function"), mode("none"))
    assert done.returncode == 0, done.stderr
    assert "instancetype" not in yaml.safe_load(done.stdout)["spec"]


@pytest.mark.parametrize(
    ("function", "says"),
    [
        pytest.param("container: {image: 'example.com/other:v1'}", "example.com/other:v1", id="another image"),
        pytest.param("container: {image: 'ghcr.io/krm-fn/krm-fn-evil:v0.1.0'}", "krm-fn-evil", id="a name like ours"),
        pytest.param("container: {image: 'ghcr.io/krm-fn/krm-fn:v99.0.0'}", "v99.0.0", id="another version"),
    ],
)
def test_any_other_function_is_refused(generate, repository, function, says):
    write(repository / "vms/overlays/function/render.yaml", renderer(function))
    done = generate(path("overlays/function"))
    assert done.returncode != 0
    assert done.stdout == ""
    assert says in done.stderr


def test_a_program_of_the_repository_does_not_run(generate, repository):
    """kustomize leaves such a function out without a word; what it would have rendered is rendered all the same."""
    write(repository / "vms/overlays/function/render.yaml", renderer("exec: {path: ./run.sh}"))
    program = repository / "vms/overlays/function/run.sh"
    write(program, "#!/bin/sh\necho ran >&2\n")
    program.chmod(0o755)
    done = generate(path("overlays/function"))
    assert done.returncode == 0, done.stderr
    assert "ran" not in done.stderr.split()
    assert "instancetype" not in yaml.safe_load(done.stdout)["spec"]


def test_an_application_without_virtual_machines_is_built(generate, repository):
    write(repository / "vms/base/vm.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n")
    done = generate(path("overlays/prod"))
    assert done.returncode == 0, done.stderr
    assert yaml.safe_load(done.stdout)["metadata"]["name"] == "settings-prod"


def test_an_empty_build_fails_so_that_nothing_is_pruned(generate):
    done = generate(path("overlays/empty"))
    assert done.returncode != 0
    assert done.stdout == ""
    assert "empty" in done.stderr


def test_mistakes_reach_the_application_by_stderr(generate, repository):
    write(repository / "vms/base/vm.yaml", VM.replace("u1.medium", "u1.mediun"))
    done = generate(path("overlays/prod"), mode("expand"))
    assert done.returncode == 1
    assert done.stdout == ""
    assert "u1.medium" in done.stderr


@pytest.mark.parametrize("given", ["..", "/etc", "overlays/../../secret"])
def test_no_path_leads_out_of_the_application(generate, given):
    done = generate(path(given))
    assert done.returncode != 0
    assert "below the application's path" in done.stderr


def test_a_copy_runs_where_there_is_no_python(docker, tmp_path):
    """The init container of build-options: uid 999 fills a volume, then the command there runs outside of the image."""
    (init,) = yaml.safe_load((EXAMPLE / "build-options/repo-server.yaml").read_text())["spec"]["template"]["spec"][
        "initContainers"
    ]
    program, _ = init["command"]
    target = tmp_path / "krm-fn"
    target.mkdir()
    target.chmod(0o777)
    command = [
        docker,
        "run",
        "--rm",
        "--user",
        "999",
        "--network",
        "none",
        "--volume",
        f"{target}:{target}",
        "--entrypoint",
        program,
    ]
    done = subprocess.run([*command, init["image"], str(target)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    listing = subprocess.run(
        [target / "krm-fn", "catalog", "show", "u1.medium"], env={}, capture_output=True, text=True
    )
    assert listing.returncode == 0, listing.stderr
    assert yaml.safe_load(listing.stdout)["metadata"]["name"] == "u1.medium"
