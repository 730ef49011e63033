"""From a repository to what Flux unpacks: the workflow's own steps, a registry, and the artifact read back by skopeo."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import socket
import subprocess
import tarfile
import time
import urllib.request

import pytest
import yaml
from support import ROOT, tool

EXAMPLE = ROOT / "kustomize/examples/flux"
STEPS = {
    step["name"]: step["run"]
    for step in yaml.safe_load((EXAMPLE / "publish.yaml").read_text())["jobs"]["publish"]["steps"]
    if "run" in step
}
RUNNER = {
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_REPOSITORY": "example/shop",
    "GITHUB_REF_NAME": "main",
    "GITHUB_SHA": "0" * 40,
}


@pytest.fixture(scope="module")
def registry(docker, tmp_path_factory):
    """A registry of its own on this machine: `host:port`."""
    assert docker
    program = tool("docker-registry")
    folder = tmp_path_factory.mktemp("registry")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    settings = {
        "version": 0.1,
        "log": {"level": "error"},
        "storage": {"filesystem": {"rootdirectory": str(folder)}},
        "http": {"addr": address},
    }
    (folder / "config.yml").write_text(yaml.safe_dump(settings))
    with subprocess.Popen(
        [program, "serve", folder / "config.yml"], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL
    ) as process:
        try:
            wait(f"http://{address}/v2/", process)
            yield address
        finally:
            process.terminate()


def wait(url: str, process: subprocess.Popen) -> None:
    for _ in range(100):
        assert process.poll() is None, process.stderr.read().decode()
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"{url} does not answer")


@pytest.fixture(scope="module")
def published(registry, kustomize, env, docker, tmp_path_factory):
    """The example's workflow, run up to its push on a copy of the example: (directory, reference in the registry)."""
    folder = tmp_path_factory.mktemp("checkout")
    shutil.copytree(ROOT / "kustomize", folder / "kustomize")
    here = folder / "kustomize/examples/flux"
    environment = {
        **env,
        **RUNNER,
        "PATH": os.pathsep.join((os.path.dirname(docker), os.path.dirname(kustomize), env["PATH"])),
    }
    for name in ("Render", "Build the artifact"):
        done = subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", STEPS[name]],
            cwd=here,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"{name}: {done.stderr}"
    reference = f"{registry}/example/shop/vms:main"
    skopeo("copy", "--dest-tls-verify=false", f"oci:{here}/layout:main", f"docker://{reference}")
    return here, reference


def skopeo(*arguments: str) -> str:
    done = subprocess.run([tool("skopeo"), *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def pull(reference: str) -> tuple[dict, bytes]:
    """Manifest and first layer, as Flux's source controller fetches them."""
    name, _, tag = reference.rpartition(":")
    host, _, repository = name.partition("/")
    accept = {"Accept": "application/vnd.oci.image.manifest.v1+json"}
    with urllib.request.urlopen(
        urllib.request.Request(f"http://{host}/v2/{repository}/manifests/{tag}", headers=accept)
    ) as answer:
        manifest = json.load(answer)
    with urllib.request.urlopen(f"http://{host}/v2/{repository}/blobs/{manifest['layers'][0]['digest']}") as answer:
        return manifest, answer.read()


def test_the_artifact_keeps_its_digest_and_annotations_in_a_registry(published):
    here, reference = published
    manifest, layer = pull(reference)
    (entry,) = json.loads((here / "layout/index.json").read_text())["manifests"]
    raw = skopeo("inspect", "--raw", "--tls-verify=false", f"docker://{reference}")
    assert "sha256:" + hashlib.sha256(raw.encode()).hexdigest() == entry["digest"]
    assert manifest["annotations"]["org.opencontainers.image.revision"] == f"main@sha1:{'0' * 40}"
    assert manifest["annotations"]["org.opencontainers.image.source"] == "https://github.com/example/shop"
    assert len(layer) == manifest["layers"][0]["size"]


def test_argo_cd_takes_it(published):
    """One layer of a type that its repo server allows without configuration."""
    manifest, _ = pull(published[1])
    assert [layer["mediaType"] for layer in manifest["layers"]] == ["application/vnd.oci.image.layer.v1.tar+gzip"]


def test_what_flux_unpacks_builds_to_what_was_rendered(published, kustomize, tmp_path):
    here, reference = published
    _, layer = pull(reference)
    with tarfile.open(fileobj=io.BytesIO(layer), mode="r:gz") as archive:
        archive.extractall(tmp_path, filter="data")
    built = subprocess.run([kustomize, "build", tmp_path], capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    (vm,) = yaml.safe_load_all(built.stdout)
    assert [vm] == list(yaml.safe_load_all((here / "rendered.yaml").read_text()))
    assert "instancetype" not in vm["spec"]
    assert vm["metadata"]["annotations"]["kustomize.toolkit.fluxcd.io/substitute"] == "disabled"
    (cloud_init,) = [
        volume["cloudInitNoCloud"]
        for volume in vm["spec"]["template"]["spec"]["volumes"]
        if "cloudInitNoCloud" in volume
    ]
    assert "${HOSTNAME}" in cloud_init["userData"]
