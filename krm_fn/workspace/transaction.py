"""Several files written all or none, as far as a file system allows.

Each file is written beside its target, synced, and renamed over it, so that a full disk, a signal or a crash leaves the
old bytes. Only when every file lies ready is the first one renamed; when a rename fails, those before it are undone.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import contextmanager, suppress
from typing import NamedTuple

from krm_fn.core.errors import OutputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

_MANY = 50
"""From so many files on the whole file system is synced once instead of each file."""


class Change(NamedTuple):
    """What writing comes to: files that are new, those that get other bytes, those that go, and those left as they are."""

    new: list[str]
    changed: list[str]
    removed: list[str]
    same: list[str]

    def __bool__(self) -> bool:
        """Whether anything changes."""
        return bool(self.new or self.changed or self.removed)


def plan(contents: Mapping[str, bytes], removed: Iterable[str] = ()) -> Change:
    """What writing these files would change. Raises OutputError for a target that can't be read, or is a directory."""
    change = Change([], [], list(removed), [])
    for path, data in contents.items():
        try:
            with open(path, "rb") as file:  # noqa: PTH123
                (change.same if file.read(len(data) + 1) == data else change.changed).append(path)
        except FileNotFoundError:
            change.new.append(path)
        except (OSError, ValueError) as error:
            raise OutputError(f"{path}: {getattr(error, 'strerror', None) or error}") from None
    return change


def settled(path: str, within: str) -> str:
    """The path itself, or the file that it is a link to, which has to be inside of the directory `within`.

    Raises OutputError for a link that leaves it: who can commit a link into a repository could have others written.
    """
    real, root = os.path.realpath(path), os.path.realpath(within)
    if real != root and not real.startswith(os.path.join(root, "")):  # noqa: PTH118
        raise OutputError(
            f"{path}: leads out of {within} by a link, to {real}: nothing is written there; name that file itself"
        )
    return real if os.path.islink(path) else path  # noqa: PTH114


def write(contents: Mapping[str, bytes], removed: Iterable[str] = (), *, make_folders: bool = False) -> None:
    """Write every file and remove the others, or change nothing. Modes of files that are there stay.

    The paths are `settled` ones. Raises OutputError with the path that could not be written.
    """
    transaction = _Transaction(sync_each=len(contents) < _MANY)
    try:
        for path, data in contents.items():
            with _naming(path):
                if make_folders:
                    transaction.make_folder(os.path.dirname(path))  # noqa: PTH120
                transaction.stage(path, data)
        if len(contents) >= _MANY:
            os.sync()
        for path in contents:
            with _naming(path):
                transaction.replace(path)
        for path in removed:
            with _naming(path):
                transaction.remove(path)
    except BaseException:
        transaction.undo()
        raise
    transaction.tidy()


@contextmanager
def _naming(path: str) -> Iterator[None]:
    """Failures of the system as OutputError with the path."""
    try:
        yield
    except OSError as error:
        raise OutputError(f"{path}: {error.strerror or error}") from None
    except ValueError as error:
        raise OutputError(f"{path!r}: {error}") from None


class _Transaction:
    """Files that lie ready beside their targets, and what it takes to go back."""

    def __init__(self, *, sync_each: bool) -> None:
        self.sync_each = sync_each
        self.number = 0
        self.folders: list[str] = []
        self.staged: dict[str, str] = {}
        self.backups: dict[str, str] = {}
        self.made: list[str] = []

    def stage(self, path: str, data: bytes) -> None:
        """Write the bytes beside their target."""
        beside = self._beside(path, "new")
        self.staged[path] = beside
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o666)
        with open(descriptor, "wb") as file:  # noqa: PTH123
            with suppress(FileNotFoundError):
                there = os.stat(path)  # noqa: PTH116
                if stat.S_ISDIR(there.st_mode):
                    raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
                os.fchmod(descriptor, stat.S_IMODE(there.st_mode))
                with suppress(PermissionError):
                    os.fchown(descriptor, there.st_uid, there.st_gid)
            file.write(data)
            file.flush()
            if self.sync_each:
                os.fsync(descriptor)

    def replace(self, path: str) -> None:
        """Put a staged file in its place."""
        if os.path.exists(path):  # noqa: PTH110
            backup = self._beside(path, "old")
            with suppress(OSError):  # a file system without hard links has no way back from a later failure
                os.link(path, backup)
                self.backups[path] = backup
        else:
            self.made.append(path)
        os.replace(self.staged[path], path)  # noqa: PTH105
        del self.staged[path]

    def remove(self, path: str) -> None:
        """Take a file away."""
        backup = self._beside(path, "old")
        os.rename(path, backup)  # noqa: PTH104
        self.backups[path] = backup

    def undo(self) -> None:
        """Leave everything as it was, as far as it can be."""
        for path in self.made:
            _without_failing(os.unlink, path)
        for path, backup in self.backups.items():
            _without_failing(os.replace, backup, path)
        self.backups.clear()
        self.tidy()
        for folder in reversed(self.folders):
            _without_failing(os.rmdir, folder)

    def tidy(self) -> None:
        """Remove what lies beside the targets."""
        for beside in (*self.staged.values(), *self.backups.values()):
            _without_failing(os.unlink, beside)

    def make_folder(self, folder: str) -> None:
        """Make a directory and those above it that are missing."""
        missing = []
        while folder and not os.path.isdir(folder):  # noqa: PTH112
            missing.append(folder)
            parent = os.path.dirname(folder)  # noqa: PTH120
            if parent == folder:
                break
            folder = parent
        for each in reversed(missing):
            os.mkdir(each)  # noqa: PTH102
            self.folders.append(each)

    def _beside(self, path: str, suffix: str) -> str:
        self.number += 1
        return os.path.join(os.path.dirname(path), f".krm-fn-{os.getpid()}-{self.number}.{suffix}")  # noqa: PTH118,PTH120


def _without_failing(function: Callable[..., None], *arguments: str) -> None:
    with suppress(OSError):
        function(*arguments)
