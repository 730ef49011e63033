#!/usr/bin/python3 -IS
"""Build the application's kustomization, render its VirtualMachines, and write the manifests.

Argo CD starts it in the application's directory and passes parameters as PARAM_<NAME>, arrays as PARAM_<NAME>_<n>.
What fails ends with a message on stderr, which Argo CD shows. So does an empty build: Argo CD would take it for
manifests that were all deleted, and prune.
"""

import os
import re
import subprocess
import sys

BUILD = ["kustomize", "build", "--enable-alpha-plugins"]
RENDER = ["krm-fn", "render"]
OPTIONS = {"PARAM_MODE": "--mode", "PARAM_KUBEVIRT": "--kubevirt", "PARAM_DEFAULTS": "--defaults"}
"""Variable → option of `krm-fn render`."""


def run(command, given=b""):
    """The command's output; its own status and stderr are ours if it fails."""
    done = subprocess.run(command, input=given, stdout=subprocess.PIPE, check=False)
    if done.returncode:
        sys.exit(done.returncode)
    return done.stdout


def kustomization(environment):
    """The directory to build. It has to lie below the application's own."""
    given = environment.get("PARAM_PATH") or "."
    here = os.path.realpath(".")
    path = os.path.realpath(given)
    if os.path.commonpath((here, path)) != here:
        sys.exit(f"error: the parameter path is {given}, write a directory below the application's path")
    return path


def options(environment):
    """The options of `krm-fn render`."""
    found = [text for name, option in OPTIONS.items() if environment.get(name) for text in (option, environment[name])]
    catalogs = [
        (int(name.rpartition("_")[2]), value)
        for name, value in environment.items()
        if re.fullmatch(r"PARAM_CATALOGS_\d+", name)
    ]
    return [*found, *(["--catalogs", ",".join(value for _, value in sorted(catalogs))] if catalogs else [])]


def rendered(manifests, environment):
    """The manifests with their VirtualMachines as the parameter mode says."""
    mode = environment.get("PARAM_MODE")
    if mode == "none":
        # kustomize leaves out functions that it may not run, and says nothing
        run(["krm-fn", "check", "-"], manifests)
        return manifests
    output = run([*RENDER, *options(environment), "-"], manifests)
    return manifests if mode == "check" else output


def main():
    manifests = run([*BUILD, kustomization(os.environ)])
    if not manifests.strip():
        sys.exit("error: the build is empty; nothing is returned, so that nothing is pruned")
    if re.search(rb"^kind: VirtualMachine$", manifests, re.MULTILINE):
        manifests = rendered(manifests, os.environ)
    sys.stdout.buffer.write(manifests)


main()
