"""The image and its engine, as tests/tools/container.sh left them below build/container."""

from __future__ import annotations

import os
import subprocess

import pytest
from support import CI, ROOT

from krm_fn import __version__

WORK = ROOT / "build" / "container"
IMAGE = f"ghcr.io/krm-fn/krm-fn:v{__version__}"


@pytest.fixture(scope="session")
def docker() -> str:
    """The command `docker` that kustomize and kpt find: Docker or Podman, without a registry and read-only."""
    if os.environ.get("CONTAINER") == "0":
        pytest.skip("container tests are left out: CONTAINER=0")
    command = WORK / "bin" / "docker"
    unavailable = WORK / "unavailable"
    if unavailable.is_file() and not CI:
        pytest.skip(f"container tests are left out: {unavailable.read_text().strip()}")
    if not command.is_file():
        pytest.fail(
            "the container tests are not set up: run tests/tools/container.sh, or leave them out with CONTAINER=0"
        )
    return str(command)


@pytest.fixture(scope="session")
def engine(docker: str) -> str:
    """The engine itself, for what `docker` above keeps from tests."""
    assert docker
    return str(WORK / "engine")


@pytest.fixture(scope="session")
def with_docker(env, docker: str) -> dict[str, str]:
    """The environment of a machine where `docker` runs the image, and krm-fn itself is not installed."""
    here = str(ROOT / ".venv")
    kept = [folder for folder in env["PATH"].split(os.pathsep) if not folder.startswith(here)]
    return {
        **env,
        "PATH": os.pathsep.join((os.path.dirname(docker), *kept)),
        "KPT_FN_RUNTIME": (WORK / "runtime").read_text().strip(),
    }


@pytest.fixture(scope="session")
def run_image(docker):
    """Run the image as kustomize does; `options` go before the image, `arguments` after it."""

    def run(*arguments: str, options=(), data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        command = [
            docker,
            "run",
            "--rm",
            "-i",
            "--network",
            "none",
            "--user",
            "nobody",
            "--security-opt=no-new-privileges",
        ]
        return subprocess.run([*command, *options, IMAGE, *arguments], input=data, capture_output=True)

    return run


@pytest.fixture(scope="session")
def in_image(run_image):
    """Run a Python program with the image's interpreter and packages."""

    def run(program: str, *options: str) -> str:
        start = 'import sys; sys.path.append("/usr/lib/krm-fn")\n'
        done = run_image("-IS", "-c", start + program, options=("--entrypoint", "/usr/bin/python3", *options))
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()

    return run
