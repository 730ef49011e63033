"""Paths as git has them at a revision.

git is called without a shell, with what a person named behind the end of the options.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager

from krm_fn.core.errors import InputError
from krm_fn.core.finding import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_LINES = 3


@contextmanager
def checked_out(revision: str, paths: Sequence[str], *, whole: bool) -> Iterator[tuple[str, list[str]]]:
    """(a directory, the paths in it) as git has them at a revision; a path that is not there then is left out.

    whole: the whole repository, for kustomizations that refer to what lies beside them. Raises InputError.
    """
    root = _git("rev-parse", "--show-toplevel").strip()
    commit = _commit(revision)
    relative = [os.path.relpath(os.path.realpath(path), os.path.realpath(root)) for path in paths]
    for path, below in zip(paths, relative, strict=True):
        if below == os.pardir or below.startswith(os.path.join(os.pardir, "")):  # noqa: PTH118
            raise InputError(f"{path}: lies outside of the git repository {root}")
    with tempfile.TemporaryDirectory(prefix="krm-fn-") as folder:
        tree = os.path.join(folder, "tree")  # noqa: PTH118
        os.mkdir(tree)  # noqa: PTH102
        wanted = ["."] if whole else relative
        listed = _git("-C", root, "ls-tree", "-r", "-z", "--name-only", "--full-tree", commit, "--", *_specs(wanted))
        environment = {"GIT_INDEX_FILE": os.path.join(folder, "index")}  # noqa: PTH118
        _git("-C", root, "read-tree", commit, environment=environment)
        _git(
            *("-C", root, "checkout-index", "-z", "--stdin", "--quiet", f"--prefix={tree}{os.sep}"),
            environment=environment,
            given=listed,
        )
        found = [os.path.join(tree, below) for below in relative]  # noqa: PTH118
        yield tree, [path for path in found if os.path.exists(path)]  # noqa: PTH110


def _specs(paths: Sequence[str]) -> list[str]:
    return [] if "." in paths else list(paths)


def _commit(revision: str) -> str:
    try:
        return _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}").strip()
    except InputError:
        shallow = "; a shallow clone lacks it: fetch it first" if _is_shallow() else ""
        raise InputError(f"--since {revision}: git knows no such revision here{shallow}") from None


def _is_shallow() -> bool:
    return _git("rev-parse", "--is-shallow-repository").strip() == "true"


def _git(*arguments: str, environment: dict[str, str] | None = None, given: str = "") -> str:
    if shutil.which("git") is None:
        raise InputError("git is not on the PATH: install it, or compare files that are there already")
    done = subprocess.run(  # noqa: S603 - no shell, and what a person gives stands behind the options
        ["git", *arguments],  # noqa: S607 - the one that the person has on the PATH
        env={**os.environ, **(environment or {})},
        input=given.encode("utf-8", "surrogateescape"),
        capture_output=True,
        check=False,
    )
    if done.returncode:
        said = [line for line in done.stderr.decode("utf-8", "replace").splitlines() if line.strip()]
        why = printable(" ".join(said[-_LINES:])) or f"exit status {done.returncode}"
        raise InputError(f"git {arguments[0]}: {why}")
    return done.stdout.decode("utf-8", "surrogateescape")
