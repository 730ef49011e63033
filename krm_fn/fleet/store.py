"""Where results of earlier runs are kept: one SQLite file, which several processes can use at once.

It is trusted as Python's own `__pycache__` is, so only its owner may write it; every entry has a digest, and one that is
damaged is made anew.
"""

from __future__ import annotations

import os
import pickle
import sqlite3
import stat
from hashlib import sha256
from time import time

from krm_fn.core.errors import InputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

FILE = "results.sqlite"
MOST_BYTES = 1 << 30
"""Bytes of entries; when there are more, those that were not used for longest go."""
_RECENT = 3600
"""Seconds for which a use is not noted again."""


class Store:
    """Values by key in one SQLite file. Whatever goes wrong with it costs time and nothing else."""

    __slots__ = ("_file", "_path", "most")

    def __init__(self, folder: str, most: int = MOST_BYTES) -> None:
        self.most = most
        self._path = os.path.join(folder, FILE)  # noqa: PTH118
        try:
            os.makedirs(folder, mode=0o700, exist_ok=True)  # noqa: PTH103
            state = os.stat(folder)  # noqa: PTH116
        except OSError as error:
            raise InputError(f"--cache {folder}: {error.strerror}") from None
        if state.st_uid != os.getuid() or state.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise InputError(f"--cache {folder}: others can write it: name a directory that is yours alone (chmod 700)")
        self._file: sqlite3.Connection | None = None
        self._open()

    def _open(self) -> None:
        for last in (False, True):
            try:
                self._file = sqlite3.connect(self._path, timeout=10, isolation_level=None)
                self._file.execute("PRAGMA journal_mode=WAL")
                self._file.execute("PRAGMA synchronous=OFF")
                self._file.execute(
                    "CREATE TABLE IF NOT EXISTS results(key BLOB PRIMARY KEY, used INTEGER, value BLOB) WITHOUT ROWID"
                )
            except sqlite3.OperationalError:
                self._file = None  # locked for long, or no place to write: without it
                return
            except sqlite3.DatabaseError:
                self._close()
                if last:
                    return
                for end in ("", "-wal", "-shm"):
                    if os.path.exists(self._path + end):  # noqa: PTH110
                        os.remove(self._path + end)  # noqa: PTH107
            else:
                return

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
        self._file = None

    def get(self, keys: Iterable[bytes]) -> dict[bytes, bytes]:
        """The values that are there and whole."""
        if self._file is None:
            return {}
        found: dict[bytes, bytes] = {}
        old: list[bytes] = []
        now = int(time())
        try:
            for key in dict.fromkeys(keys):
                row = self._file.execute("SELECT value, used FROM results WHERE key = ?", (key,)).fetchone()
                if row is not None and isinstance(row[0], bytes) and sha256(row[0][32:]).digest() == row[0][:32]:
                    found[key] = row[0][32:]
                    if row[1] < now - _RECENT:
                        old.append(key)
            if old:
                self._change("UPDATE results SET used = ? WHERE key = ?", [(now, key) for key in old])
        except sqlite3.DatabaseError:
            self._close()
        return found

    def load(self, keys: Iterable[bytes]) -> dict[bytes, dict[int, Any]]:
        """The entries that are there and whole, unpacked."""
        return {key: pickle.loads(value) for key, value in self.get(keys).items()}  # noqa: S301 - from a file that only its owner writes

    def put(self, values: dict[bytes, bytes]) -> None:
        """Keep values; when there are too many, the half that was not used for longest goes."""
        if self._file is None or not values:
            return
        now = int(time())
        try:
            self._change(
                "INSERT OR REPLACE INTO results VALUES (?, ?, ?)",
                [(key, now, sha256(value).digest() + value) for key, value in values.items()],
            )
            (size,) = self._file.execute(
                "SELECT (page_count - freelist_count) * page_size "
                "FROM pragma_page_count(), pragma_freelist_count(), pragma_page_size()"
            ).fetchone()
            if size > self.most:
                self._change(
                    "DELETE FROM results WHERE key IN (SELECT key FROM results ORDER BY used LIMIT "
                    "(SELECT count(*) / 2 FROM results))",
                    [()],
                )
        except sqlite3.DatabaseError:
            self._close()

    def _change(self, statement: str, rows: list[tuple[Any, ...]]) -> None:
        if self._file is not None:
            self._file.execute("BEGIN IMMEDIATE")
            self._file.executemany(statement, rows)
            self._file.execute("COMMIT")
