"""What in a repository looks like a manifest and is none: the patches of kustomizations and the templates of Helm charts."""

from __future__ import annotations

import os
from contextlib import suppress
from fnmatch import fnmatchcase
from itertools import islice

from krm_fn.core import wire
from krm_fn.core.errors import InputError
from krm_fn.core.manifest import text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")
CHART, TEMPLATES = "Chart.yaml", "templates"
_PATCH_FIELDS = ("patches", "patchesStrategicMerge", "patchesJson6902")
_MAX_BYTES = 1024 * 1024
_MAX_FOLDERS = 20_000


def is_kustomization(path: str) -> bool:
    """Whether a file configures kustomize, whatever it says of its kind."""
    return os.path.basename(path) in KUSTOMIZATIONS  # noqa: PTH119


def kustomization_of(folder: str) -> str:
    """The kustomization in a directory, "" when there is none."""
    return next((path for name in KUSTOMIZATIONS if os.path.isfile(path := os.path.join(folder, name))), "")  # noqa: PTH113,PTH118


def patches(kustomization: str) -> set[str]:
    """The absolute paths of the files that a kustomization uses as patches: they are no whole manifests.

    One that can't be read names none; whoever reads the files says why.
    """
    found: set[str] = set()
    folder = os.path.dirname(os.path.abspath(kustomization))  # noqa: PTH100,PTH120
    with suppress(OSError, InputError):
        if not os.path.isfile(kustomization) or os.path.getsize(kustomization) > _MAX_BYTES:  # noqa: PTH113,PTH202
            return found
        with open(kustomization, "rb") as file:  # noqa: PTH123
            documents = wire.read(file.read(), kustomization)
        for document in documents:
            for field in _PATCH_FIELDS:
                entries = document.get(field) if isinstance(document, dict) else None
                for entry in entries if isinstance(entries, list) else ():
                    named = text(entry, "path") or (entry if isinstance(entry, str) and "\n" not in entry else "")
                    if named:
                        found.add(os.path.normpath(os.path.join(folder, named)))  # noqa: PTH118
    return found


def patches_around(files: Iterable[str]) -> set[str]:
    """The patches that any kustomization of the files' repositories names.

    A hook gets a part of the repository's files in each of several processes, so the kustomization that makes one of them
    a patch may be none of them.
    """
    found: set[str] = set()
    for root in sorted({_repository(file) for file in files} - {""}):
        for path in _kustomizations(root):
            found |= patches(path)
    return found


def is_chart_template(path: str) -> bool:
    """Whether a file is a template of a Helm chart, which is no YAML before Helm has filled it in."""
    folder = os.path.dirname(os.path.abspath(path))  # noqa: PTH100,PTH120
    while (above := os.path.dirname(folder)) != folder:  # noqa: PTH120
        if os.path.basename(folder) == TEMPLATES and os.path.isfile(os.path.join(above, CHART)):  # noqa: PTH113,PTH118,PTH119
            return True
        folder = above
    return False


def is_excluded(path: str, globs: Iterable[str]) -> bool:
    """Whether one of the globs is for a file: for its path, for the end of it, or for a directory on the way."""
    parts = os.path.normpath(path).replace(os.sep, "/").split("/")
    ends = ["/".join(parts[start:]) for start in range(len(parts))]
    return any(
        fnmatchcase(end, pattern) or fnmatchcase(end, f"{pattern}/*") for pattern in _plain(globs) for end in ends
    )


def _plain(globs: Iterable[str]) -> list[str]:
    """Globs as they are compared: `**/` is any directories and none, a closing slash is for what lies in a directory."""
    plain = [glob.removeprefix("./").rstrip("/") for glob in globs]
    return [glob.removeprefix("**/").replace("/**", "/*") for glob in plain if glob]


def _repository(file: str) -> str:
    """The directory of the git repository that a file is in, "" for a file outside any."""
    folder = os.path.dirname(os.path.abspath(file))  # noqa: PTH100,PTH120
    while not os.path.exists(os.path.join(folder, ".git")):  # noqa: PTH110,PTH118
        above = os.path.dirname(folder)  # noqa: PTH120
        if above == folder:
            return _below_here(file)
        folder = above
    return folder


def _below_here(file: str) -> str:
    """The working directory where the file lies below it, else the file's own directory."""
    here = os.getcwd()  # noqa: PTH109
    path = os.path.abspath(file)  # noqa: PTH100
    return here if path.startswith(here + os.sep) else os.path.dirname(path)  # noqa: PTH120


def _kustomizations(root: str) -> Iterator[str]:
    for folder, folders, names in islice(os.walk(root), _MAX_FOLDERS):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in KUSTOMIZATIONS:
            if name in names:
                yield os.path.join(folder, name)  # noqa: PTH118
