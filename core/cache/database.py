"""One SQLite file that threads and processes share, and that may be lost any time.

Who opens, clears or replaces the file holds a lock beside it, and who has it open
looks before each use whether it is still the one under that name. SQLite itself does
not touch the log of a file that was moved away under it (SQLITE_FCNTL_HAS_MOVED).
"""

from __future__ import annotations

import fcntl
import logging
import os
import sqlite3
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock, local
from typing import TYPE_CHECKING
from weakref import WeakSet

from core.cache.outage import Outage

if TYPE_CHECKING:
    from collections.abc import Iterator

logger = logging.getLogger("core.cache")

BUSY_SECONDS = 2.0
"""How long a write waits for another process's, which takes microseconds."""
LOG_BYTES = 16 * 2**20
DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR}
"""SQLITE_ERROR is another program's database, or half of one: no such table."""
CLOSED = {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM}


class _Handle:
    """One thread's connection."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.connection: sqlite3.Connection | None = None
        self.inode = 0

    def close(self) -> None:
        """Let go of the file."""
        connection, self.connection = self.connection, None
        if connection is not None:
            with suppress(sqlite3.Error):
                connection.close()


class Database:
    """The file at a path, made when it is first used; there is one of these a path."""

    def __init__(self, path: Path, schema: str, version: int) -> None:
        self.path = path
        self.outage = Outage(str(path))
        self._schema, self._version = schema, version
        self._name = str(path)
        self._local = local()
        self._handles: WeakSet[_Handle] = WeakSet()
        # Threads queue here: waiting in SQLite would mean sleeping.
        self._writing = Lock()
        self._held: list[_Handle] = []

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """This thread's connection."""
        handle = self._handle()
        with handle.lock:
            yield self._connection(handle)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """The same within a transaction, which an exception takes back."""
        handle = self._handle()
        with self._writing, handle.lock:
            connection = self._connection(handle)
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
                raise

    def recovers_from(self, error: Exception) -> bool:
        """Whether trying again may help: the file was replaced, or now is."""
        handle = self._handle()
        with handle.lock:
            is_moved = bool(handle.inode) and handle.inode != self._inode()
            handle.close()
            return is_moved or (
                self._is_unusable(error) and self._set_aside(handle.inode, error)
            )

    def clear(self) -> None:
        """Begin anew. Whoever has the file open will see that it is gone."""
        handle = self._handle()
        with handle.lock:
            handle.close()
            with self._locked():
                self._remove("", "-wal", "-shm")

    def close(self) -> None:
        """Close this thread's connection; it opens again when it is needed."""
        handle = self._handle()
        with handle.lock:
            handle.close()

    def _handle(self) -> _Handle:
        handle: _Handle | None = getattr(self._local, "handle", None)
        if handle is None:
            handle = self._local.handle = _Handle()
            with _known:
                self._handles.add(handle)
        return handle

    def _inode(self) -> int:
        try:
            return os.stat(self._name).st_ino  # noqa: PTH116  before every operation
        except OSError:
            return 0

    def _connection(self, handle: _Handle) -> sqlite3.Connection:
        if handle.connection is None or handle.inode != self._inode():
            handle.close()
            with self._locked():
                handle.inode = 0
                self._make_file()
                # Known before SQLite looks in: it may be no database.
                handle.inode = self._inode()
                handle.connection = self._open()
        return handle.connection

    @contextmanager
    def _locked(self) -> Iterator[None]:
        folder = self.path.parent
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if folder.stat().st_mode & 0o077:
            folder.chmod(0o700)
        with (folder / "lock").open("wb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _make_file(self) -> None:
        """An empty file for its owner only; SQLite makes those beside it alike."""
        # Never opened where it exists: closing it would drop SQLite's locks on it.
        with suppress(FileExistsError):
            os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        if self.path.stat().st_mode & 0o077:
            self.path.chmod(0o600)

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path,
            timeout=BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            # A power cut may cost the cache, which then is begun anew.
            connection.execute("PRAGMA synchronous=OFF")
            connection.execute(f"PRAGMA journal_size_limit={LOG_BYTES}")
            self._create(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _create(self, connection: sqlite3.Connection) -> None:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version == self._version:
            return
        if version:
            raise sqlite3.DatabaseError(f"version {version} of the cache")
        connection.executescript(
            f"BEGIN IMMEDIATE;{self._schema};PRAGMA user_version={self._version};COMMIT"
        )

    def _is_unusable(self, error: Exception) -> bool:
        if isinstance(error, OSError | sqlite3.ProgrammingError):
            return False
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        if code in CLOSED:
            is_ours = os.access(self.path, os.R_OK | os.W_OK) and self.path.is_file()
            return self.path.exists() and not is_ours
        return code in DAMAGED

    def _set_aside(self, inode: int, error: Exception) -> bool:
        """Move the file away so that the next use makes a new one."""
        aside = self.path.with_name(f"{self.path.name}.damaged")
        try:
            with self._locked():
                if self._inode() == inode:
                    self.path.replace(aside)
                    self._remove("-wal", "-shm")
                    logger.error(
                        "The cache file %s is damaged (%s). It is now %s; a new one "
                        "is begun.",
                        self.path,
                        error,
                        aside.name,
                    )
        except OSError:
            return False
        return True

    def _remove(self, *suffixes: str) -> None:
        for suffix in suffixes:
            Path(f"{self.path}{suffix}").unlink(missing_ok=True)

    # A forked process must not inherit what SQLite knows of its files and locks.

    def before_fork(self) -> None:
        """Let go of the file in every thread, and keep them from opening it."""
        self._writing.acquire()
        self._held = list(self._handles)
        for handle in self._held:
            handle.lock.acquire()
            handle.close()

    def after_fork(self) -> None:
        """Let the threads go on, in both processes."""
        for handle in self._held:
            handle.lock.release()
        self._writing.release()


_databases: dict[Path, Database] = {}
_known = Lock()


def database_at(path: Path, schema: str, version: int) -> Database:
    """The database at this path, which all threads share."""
    with _known:
        if path not in _databases:
            _databases[path] = Database(path, schema, version)
        return _databases[path]


def _before_fork() -> None:
    _known.acquire()
    for database in _databases.values():
        database.before_fork()


def _after_fork() -> None:
    for database in _databases.values():
        database.after_fork()
    _known.release()


os.register_at_fork(
    before=_before_fork, after_in_parent=_after_fork, after_in_child=_after_fork
)
