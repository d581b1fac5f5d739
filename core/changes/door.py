"""The one place where a MoviePilot database is opened for writing.

The `moviepilot` connection is read-only by the database's own means (see
mpadmin.settings), so a write that does not come through here fails, whoever sends it.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db import connections, transaction

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.backends.base.base import BaseDatabaseWrapper

MOVIEPILOT = "moviepilot"
BEGIN_WRITING = """
    SET TRANSACTION READ WRITE;
    SET LOCAL lock_timeout = '60s';
    SELECT pg_advisory_xact_lock(7238811645);
"""
"""One console write at a time and a minute's patience, both as on SQLite. Whoever has
the lock knows that what a killed process had begun is over.
"""


@contextmanager
def write_transaction() -> Iterator[BaseDatabaseWrapper]:
    """One short write transaction on MoviePilot's database; commits on leaving.

    On SQLite it begins IMMEDIATE, so it holds MoviePilot's write lock from here to the
    end: keep it under 200 ms. On PostgreSQL only other consoles wait. Raises
    RuntimeError inside another transaction of this connection.
    """
    connection = connections[MOVIEPILOT]
    if connection.vendor == "sqlite":
        with _sqlite_writable(connection), transaction.atomic(MOVIEPILOT, durable=True):
            yield connection
        return
    with transaction.atomic(MOVIEPILOT, durable=True):
        with connection.cursor() as cursor:
            cursor.execute(BEGIN_WRITING)
        yield connection


@contextmanager
def schema_door(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Make a database of our own writable while its tables are created."""
    if connection.vendor == "sqlite":
        with _sqlite_writable(connection):
            yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")


@contextmanager
def _sqlite_writable(connection: BaseDatabaseWrapper) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA query_only=OFF")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA query_only=ON")
