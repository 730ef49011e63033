"""Build a program of this folder against a KubeVirt version: `build.py application v1.9.0` prints where it lies.

KubeVirt's module is used as a library. Its replacements are taken over but for the two that point into its own
repository: kubevirt.io/api and kubevirt.io/client-go are published with the same version. Its checksums are taken over
too; the rest is checked against the public checksum database.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
BUILD = HERE.parent.parent / "build" / "oracle"
MODULE = "kubevirt.io/kubevirt"
STAGING = ("kubevirt.io/api", "kubevirt.io/client-go")
NEWEST = "v1.9.0"
"""The version that krm-fn follows."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", choices=sorted(path.parent.name for path in HERE.glob("*/main.go")))
    parser.add_argument("version", nargs="?", default=NEWEST, help="KubeVirt's, %(default)s without one")
    print(build(**vars(parser.parse_args())))


def built(program: str, version: str) -> pathlib.Path | None:
    """The program as it was built, None when it wasn't or its source has changed since."""
    folder = BUILD / version / program
    key = folder / "key"
    current = key.is_file() and key.read_text() == digest(HERE / program)
    return folder / "bin" / program if current else None


def build(program: str, version: str) -> pathlib.Path:
    """Make the module of this program and version in build/oracle, and build it unless that is done."""
    done = built(program, version)
    if done is not None:
        return done
    folder = BUILD / version / program
    binary = folder / "bin" / program
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for source in (*(HERE / program).glob("*.go"), *(HERE / "versions").glob("*.go")):
        shutil.copy(source, folder)
    module(folder, program, version)
    if program == "admission":
        gates(folder)
    tag = "_".join(["kubevirt", *version.lstrip("v").split(".")[:2]])
    go("build", "-tags", tag, "-trimpath", "-ldflags=-s -w", "-o", str(binary), ".", cwd=folder)
    (folder / "key").write_text(digest(HERE / program))
    return binary


def module(folder: pathlib.Path, program: str, version: str) -> None:
    """go.mod and go.sum of a module that uses KubeVirt's."""
    downloaded = json.loads(go("mod", "download", "-json", f"{MODULE}@{version}", cwd=folder))
    theirs = pathlib.Path(downloaded["Dir"])
    declared = json.loads(go("mod", "edit", "-json", downloaded["GoMod"], cwd=folder))
    (folder / "go.mod").write_text(f"module krm-fn.dev/oracle/{program}\n\ngo {declared['Go']}\n")
    shutil.copyfile(theirs / "go.sum", folder / "go.sum")
    edits = [f"-require={name}@{version}" for name in (MODULE, *STAGING)]
    edits += [f"-replace={name}={name}@{version}" for name in STAGING]
    for entry in declared["Replace"]:
        old, new = entry["Old"]["Path"], entry["New"]
        if "Version" in new:  # the others lie in its own repository
            edits.append(f"-replace={old}={new['Path']}@{new['Version']}")
    for entry in declared["Require"]:
        standin = HERE / "standins" / pathlib.PurePath(entry["Path"]).name
        if standin.is_dir():
            edits.append(f"-replace={entry['Path']}={standin}")
    go("mod", "edit", *edits, cwd=folder)


def gates(folder: pathlib.Path) -> None:
    """gates.go with the names of the version's active feature gates, which its package keeps to itself."""
    where = go("list", "-f", "{{.Dir}}", f"{MODULE}/pkg/virt-config/featuregate", cwd=folder).strip()
    names = re.findall(
        r'^\s*(?:const )?\w+\s*=\s*"(\w+)"$', (pathlib.Path(where) / "active.go").read_text(), re.MULTILINE
    )
    listed = ", ".join(f'"{name}"' for name in names)
    (folder / "gates.go").write_text(f"package main\n\nvar featureGates = []string{{{listed}}}\n")


def go(*arguments: str, cwd: pathlib.Path) -> str:
    """What Go prints. Two cores are shared by all: it runs behind the others, without C, without a workspace around it."""
    environment = {**os.environ, "CGO_ENABLED": "0", "GOWORK": "off", "GOFLAGS": "-mod=mod -buildvcs=false"}
    done = subprocess.run(
        ["nice", "-n", "15", "go", *arguments], cwd=cwd, env=environment, capture_output=True, text=True
    )
    if done.returncode:
        sys.exit(f"go {' '.join(arguments[:2])}: {done.stderr[-3000:]}{done.stdout[-1000:]}")
    return done.stdout


def digest(folder: pathlib.Path) -> str:
    """Of all that decides what is built, the KubeVirt version apart."""
    sources = (
        *sorted(folder.glob("*.go")),
        *sorted((HERE / "standins").rglob("*.go")),
        *sorted((HERE / "versions").glob("*.go")),
    )
    parts = [path.read_bytes() for path in (pathlib.Path(__file__), *sources)]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


if __name__ == "__main__":
    main()
