"""What a table of settings holds, kept in this process for quick reads.

A snapshot is never older than two seconds, whoever wrote, and a read of it takes a few
microseconds. Our own writes throw it away at once (core.changes.signals). For those of
MoviePilot and of other workers it is looked at again each second: on SQLite
`PRAGMA data_version` tells whether anybody wrote; on PostgreSQL the table is read.
"""

from __future__ import annotations

import marshal
import os
import threading
import time
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar
from weakref import WeakSet

from django.db import connections

from core.fields import JSON_NULL, BrokenJSON

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.backends.base.base import BaseDatabaseWrapper

T = TypeVar("T")

MOVIEPILOT = "moviepilot"
MOST_AGE = 1.0
"""Seconds after which a snapshot is looked at again."""
# Later formats of marshal write the same value in more than one way.
MARSHAL_VERSION = 2


def pack(value: Any) -> bytes | None:
    """The bytes of a JSON value; None for what cannot be read as JSON."""
    if isinstance(value, BrokenJSON):
        return None
    try:
        return marshal.dumps(None if value is JSON_NULL else value, MARSHAL_VERSION)
    except ValueError:  # nested too deeply
        return None


def unpack(packed: bytes) -> Any:
    """A copy of the value, which the caller may change."""
    return marshal.loads(packed)  # noqa: S302 - bytes of our own memory


class Held(NamedTuple, Generic[T]):
    """What was read, from where, and when it was last known to be so."""

    database: dict[str, Any]
    content: T
    looked_at: float


class Seen(threading.local):
    """What this thread's connection told when it was last asked."""

    raw: Any = None
    """The driver's connection: another one counts anew."""
    version: int | None = None


class Snapshot(Generic[T]):
    """What `load` makes of some tables, for all threads of a process.

    `tables` are the labels of the models it reads.
    """

    def __init__(self, load: Callable[[], T], *tables: str) -> None:
        self._load = load
        self._tables = frozenset(tables)
        self._is_listening = False
        self._held: Held[T] | None = None
        self._lock = threading.Lock()
        self._seen = Seen()
        self._writes = 0
        """How often we wrote: what was read before a write is not kept after it."""
        _snapshots.add(self)

    def read(self) -> T:
        """The content, which is not to be changed. Raises DatabaseError."""
        held = self._held
        if (
            held is not None
            and time.monotonic() - held.looked_at < MOST_AGE
            and held.database is connections.settings[MOVIEPILOT]
        ):
            return held.content
        return self.look()

    def forget(self) -> None:
        """The next read goes to the database."""
        self._writes += 1
        self._held = None

    def restart(self) -> None:
        """Know nothing, as a process does when it starts."""
        self._held = None
        self._lock = threading.Lock()
        self._seen = Seen()
        self._writes = 0

    def look(self) -> T:
        """The content as it is now, read only where somebody may have written."""
        connection = connections[MOVIEPILOT]
        if connection.in_atomic_block:
            # What is seen inside a transaction may never come to be, or be long gone.
            return self._load()
        self._listen()
        with self._lock:
            writes, now = self._writes, time.monotonic()
            version = data_version(connection)
            held = self._unmoved(connection, version)
            content = self._load() if held is None else held.content
            self._seen.raw, self._seen.version = connection.connection, version
            if writes == self._writes:
                # Not what the alias leads to: a thread may be late to follow that.
                self._held = Held(connection.settings_dict, content, now)
        return content

    def _unmoved(
        self, connection: BaseDatabaseWrapper, version: int | None
    ) -> Held[T] | None:
        """What is held, where nobody wrote since this connection was last asked.

        Whatever another thread has put in its place since then is newer still.
        """
        seen, held = self._seen, self._held
        if version is None or held is None:
            return None
        is_same = seen.raw is connection.connection and seen.version == version
        is_here = held.database is connection.settings_dict
        return held if is_same and is_here else None

    def _listen(self) -> None:
        if self._is_listening:
            return
        # Not above: the models, and with them the change engine, import this.
        from core.changes.signals import written

        written.connect(self._on_written, weak=False)
        self._is_listening = True

    def _on_written(self, sender: Any, **_kwargs: Any) -> None:
        if sender._meta.label in self._tables:
            self.forget()


def data_version(connection: BaseDatabaseWrapper) -> int | None:
    """A number that changes when another connection commits to the SQLite file; None
    where there is no such number.
    """
    if connection.vendor != "sqlite":
        return None
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA data_version")
        return int(cursor.fetchone()[0])


_snapshots: WeakSet[Snapshot[Any]] = WeakSet()


def _forget_all() -> None:
    """In a child process nothing of the parent's is known, and no lock is held."""
    for each in _snapshots:
        each.restart()


os.register_at_fork(after_in_child=_forget_all)
