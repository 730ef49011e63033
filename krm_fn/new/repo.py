"""A repository to start from: base, overlays, renderer and validator, hooks and a workflow, for one way of delivery.

The files lie in `repo/`, with @NAME@ where a choice goes; Flux's and kpt's are the ones of `kustomize/examples`.
"""

from __future__ import annotations

import os

from krm_fn import __version__
from krm_fn.core import data

_HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "repo")  # noqa: PTH100,PTH118,PTH120
TARGETS = {
    "kustomize": "kustomize, by hand or by whatever runs it",
    "argocd": "Argo CD, with krm-fn's plugin",
    "flux": "Flux, rendered in CI and pulled as a signed OCI artifact",
    "kpt": "kpt, rendered in place",
}
"""Way of delivery → what it is."""
_PLUGINS = "--enable-alpha-plugins"
_EXEC = ("exec:\n        path: krm-fn", f"{_PLUGINS} --enable-exec")
_CONTAINER = (f"container:\n        image: ghcr.io/krm-fn/krm-fn:v{__version__}", _PLUGINS)
_MORE = {
    "kustomize": "",
    "argocd": "- `argocd/application.yaml` is the Application; Argo CD needs krm-fn's sidecar once, as krm-fn's page about Argo CD says.\n",
    "flux": "- `.github/workflows/publish.yaml` renders and pushes what the cluster gets; apply `flux/sync.yaml` to the cluster once.\n",
}


def build_options(target: str) -> str:
    """What `kustomize build` needs to run the functions of such a repository."""
    return (_CONTAINER if target == "argocd" else _EXEC)[1]


def files(name: str, target: str) -> dict[str, bytes]:
    """The files of a repository by their paths. name: of the project, a DNS label; target: one of TARGETS."""
    function, options = _CONTAINER if target == "argocd" else _EXEC
    values = {
        "@NAME@": name,
        "@VERSION@": __version__,
        "@FUNCTION@": function,
        "@OPTIONS@": options,
        "@MORE@\n": _MORE.get(target, ""),
    }
    made = _kpt(name) if target == "kpt" else _tree("kustomize")
    made[".github/workflows/vms.yaml"] = made.pop("workflow.yaml")
    made[".pre-commit-config.yaml"] = _read("pre-commit-config.yaml")
    if target == "argocd":
        made["argocd/application.yaml"] = _read("argocd", "application.yaml")
    if target == "flux":
        made |= _flux(name, options)
    return {path: _filled(text, values).encode() for path, text in sorted(made.items())}


def _filled(text: str, values: dict[str, str]) -> str:
    for mark, value in values.items():
        text = text.replace(mark, value)
    return text


def _tree(folder: str) -> dict[str, str]:
    found = {}
    root = os.path.join(_HERE, folder)  # noqa: PTH118
    for within, _, names in os.walk(root):
        for each in names:
            path = os.path.relpath(os.path.join(within, each), root)  # noqa: PTH118
            found[path.replace(os.sep, "/")] = _read(folder, path)
    return found


def _read(*parts: str) -> str:
    with open(os.path.join(_HERE, *parts), encoding="utf-8") as file:  # noqa: PTH118,PTH123
        return file.read()


def _example(*parts: str) -> str:
    return data.read("kustomize", "examples", *parts).decode()


def _kpt(name: str) -> dict[str, str]:
    package = {each: _example("kpt", each) for each in data.names("kustomize", "examples", "kpt")}
    package["Kptfile"] = package["Kptfile"].replace("shop-vms", name)
    return _tree("kpt") | {f"vms/{each}": text for each, text in package.items()}


def _flux(name: str, options: str) -> dict[str, str]:
    publish = _example("flux", "publish.yaml").replace(f"{_PLUGINS} vms ", f"{options} vms/overlays/prod ")
    sync = _example("flux", "sync.yaml").replace("example/shop", f"example/{name}").replace("shop-vms", f"{name}-vms")
    # the comment of the example says where it goes, and there it is
    comment, _, workflow = publish.partition("name: ")
    kept = [line for line in comment.splitlines() if "Goes to" not in line]
    return {
        ".github/workflows/publish.yaml": "".join(f"{line}\n" for line in kept) + f"name: {workflow}",
        "flux/sync.yaml": sync,
    }
