"""Django's cache in one SQLite file: entries are kept until they expire, up to a size.

Every operation is a look-up in an index, so 100,000 entries are as quick as ten.
"""

from __future__ import annotations

import sqlite3
import time
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache

from core.cache import regions, values
from core.cache.database import database_at
from core.cache.regions import Region

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

T = TypeVar("T")
NOTHING: Any = object()

MAX_BYTES = 256 * 10**6
ENTRY_BYTES = 100
"""What SQLite keeps of an entry beside its key and value, about."""
USED_SECONDS = 60.0
"""Uses within this time count as one: else every read would be a write."""
FEW = 10
"""Entries removed at a time by a write that finds expired ones."""
MANY = 1000
"""Entries removed in one transaction when a region is cleared."""

VERSION = 1
SCHEMA = """
CREATE TABLE entries (
    id INTEGER PRIMARY KEY,
    region BLOB NOT NULL,
    key BLOB NOT NULL,
    expires_at REAL,
    used_at REAL NOT NULL,
    size INTEGER NOT NULL,
    crc INTEGER NOT NULL,
    value BLOB NOT NULL,
    UNIQUE (region, key)
);
CREATE INDEX entries_expiry ON entries (expires_at, region, size);
CREATE INDEX entries_use ON entries (used_at);
CREATE TABLE total (bytes INTEGER NOT NULL);
INSERT INTO total VALUES (0);
CREATE TRIGGER entry_added AFTER INSERT ON entries
    BEGIN UPDATE total SET bytes = bytes + new.size; END;
CREATE TRIGGER entry_changed AFTER UPDATE OF size ON entries
    BEGIN UPDATE total SET bytes = bytes + new.size - old.size; END;
CREATE TRIGGER entry_removed AFTER DELETE ON entries
    BEGIN UPDATE total SET bytes = bytes - old.size; END;
"""
ONE = "region = :region AND key = :key"
LIVE = "(expires_at IS NULL OR expires_at > :now)"
GET = f"SELECT id, used_at < :stale, crc, value FROM entries WHERE {ONE} AND {LIVE}"
PUT = """
INSERT INTO entries (region, key, expires_at, used_at, size, crc, value)
VALUES (:region, :key, :expires_at, :now, :size, :crc, :value)
ON CONFLICT (region, key) DO UPDATE SET expires_at = excluded.expires_at,
    used_at = excluded.used_at, size = excluded.size, crc = excluded.crc,
    value = excluded.value
"""
ADD = f"{PUT} WHERE entries.expires_at <= :now"
CULL = """
DELETE FROM entries WHERE id IN (
    SELECT id FROM entries WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)
"""
LEAST_USED = "SELECT id, size FROM entries ORDER BY used_at LIMIT 100"
REGIONS = f"""
SELECT region, count(*), sum(size), min(expires_at), max(expires_at) FROM entries
WHERE {LIVE} GROUP BY +region
"""
"""By the plus, the index that has all of it is read, and not the table."""


class SQLiteCache(BaseCache):
    """A cache in the folder LOCATION; OPTIONS: MAX_BYTES, USED_SECONDS."""

    kind = "SQLite"

    def __init__(self, location: str | Path, params: dict[str, Any]) -> None:
        super().__init__(params)
        options = params.get("OPTIONS", {})
        self._max_bytes = int(options.get("MAX_BYTES", MAX_BYTES))
        self._used_seconds = float(options.get("USED_SECONDS", USED_SECONDS))
        path = Path(location).absolute() / "cache.sqlite3"
        self._database = database_at(path, SCHEMA, VERSION)

    # --- Django's contract

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        """The value, or `default`."""
        now = time.time()
        at = self._asked(key, version, now)
        row: Any = self._read(lambda: self._one(GET, at), None)
        if row is None:
            return default
        if row[1]:
            self._mark_used([row[0]], now)
        value = _unpacked(row[3], row[2])
        return default if value is NOTHING else value

    def get_many(
        self, keys: Iterable[str], version: int | None = None
    ) -> dict[str, Any]:
        """The values of those keys that have one."""
        now = time.time()
        wanted = [(key, self._asked(key, version, now)) for key in keys]
        rows: dict[str, Any] = self._read(lambda: self._rows(wanted), {})
        if stale := [row[0] for row in rows.values() if row[1]]:
            self._mark_used(stale, now)
        return {
            key: value
            for key, (_id, _stale, crc, packed) in rows.items()
            if (value := _unpacked(packed, crc)) is not NOTHING
        }

    def has_key(self, key: str, version: int | None = None) -> bool:
        """Whether there is a value."""
        return self.get(key, NOTHING, version) is not NOTHING

    def set(
        self,
        key: str,
        value: Any,
        timeout: float | None = DEFAULT_TIMEOUT,
        version: int | None = None,
    ) -> None:
        """Keep a value. Raises TypeError or ValueError for what cannot be kept."""
        self.set_many({key: value}, timeout, version)

    def set_many(
        self,
        data: Mapping[str, Any],
        timeout: float | None = DEFAULT_TIMEOUT,
        version: int | None = None,
    ) -> list[str]:
        """Keep all values or none; the keys of those that were not kept."""
        now, expires_at = time.time(), self.get_backend_timeout(timeout)
        rows = [
            self._row(self._at(key, version), values.dumps(value), expires_at, now)
            for key, value in data.items()
        ]
        is_done = self._write(lambda connection: self._put(connection, rows), None)
        return [] if is_done else list(data)

    def add(
        self,
        key: str,
        value: Any,
        timeout: float | None = DEFAULT_TIMEOUT,
        version: int | None = None,
    ) -> bool:
        """Keep a value where there is none; whether it was kept."""
        now, expires_at = time.time(), self.get_backend_timeout(timeout)
        row = self._row(self._at(key, version), values.dumps(value), expires_at, now)
        if row["expires_at"] is not None and row["expires_at"] <= now:
            return not self.has_key(key, version)

        def add(connection: sqlite3.Connection) -> bool:
            if row["size"] > self._max_bytes:
                return False
            is_added = connection.execute(ADD, row).rowcount == 1
            self._make_room(connection, now)
            return is_added

        return bool(self._write(add, default=False))

    def touch(
        self,
        key: str,
        timeout: float | None = DEFAULT_TIMEOUT,
        version: int | None = None,
    ) -> bool:
        """Let a value expire at another time; whether there is one."""
        expires_at = self.get_backend_timeout(timeout)
        at = {**self._at(key, version), "now": time.time(), "expires_at": expires_at}
        statement = f"""UPDATE entries SET expires_at = :expires_at, used_at = :now
            WHERE {ONE} AND {LIVE}"""
        return bool(self._write(lambda c: c.execute(statement, at).rowcount, 0))

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        """Add to a value. Raises ValueError where there is none."""
        at = {**self._at(key, version), "now": time.time(), "stale": 0}

        def add(connection: sqlite3.Connection) -> int | None:
            row = connection.execute(GET, at).fetchone()
            value = _unpacked(row[3], row[2]) if row else NOTHING
            if value is NOTHING:
                return None
            packed = values.dumps(value + delta)
            changed = {**at, **_contents(at, packed)}
            connection.execute(
                "UPDATE entries SET value = :value, crc = :crc, size = :size, "
                f"used_at = :now WHERE {ONE}",
                changed,
            )
            return int(value + delta)

        found = self._write(add, None)
        if found is None:
            raise ValueError(f"Key {key!r} not found")
        return found

    def delete(self, key: str, version: int | None = None) -> bool:
        """Forget a value; whether there was one."""
        return bool(self._delete([key], version))

    def delete_many(self, keys: Iterable[str], version: int | None = None) -> None:
        """Forget values."""
        self._delete(list(keys), version)

    def clear(self) -> None:
        """Forget everything."""
        try:
            self._database.clear()
        except OSError as error:
            self._database.outage.begin(error)

    def close(self, **kwargs: Any) -> None:
        """Nothing: the connection serves the thread's next request, too."""

    # --- Regions

    @property
    def place(self) -> str:
        """The file."""
        return str(self._database.path)

    @property
    def problem(self) -> str:
        """Why nothing can be written."""
        return self._database.outage.reason

    def regions(self) -> list[Region]:
        """Every region with entries."""
        now = {"now": time.time()}
        rows: list[Any] = self._read(lambda: self._all(REGIONS, now), [])
        return [Region(regions.key_text(name), *facts) for name, *facts in rows]

    def region_keys(self, name: str) -> Iterator[str]:
        """The keys of a region, as they were at one moment."""
        start = regions.key_bytes(self.make_key(""))
        bounds = {"start": start, "end": start[:-1] + bytes([start[-1] + 1])}
        statement = f"""SELECT key FROM entries WHERE region = :region
            AND key >= :start AND key < :end AND {LIVE}"""
        given = {**bounds, "region": regions.key_bytes(name), "now": time.time()}
        rows: list[Any] = self._read(lambda: self._all(statement, given), [])
        return iter([regions.key_text(key[len(start) :]) for (key,) in rows])

    def clear_region(self, name: str) -> None:
        """Remove all entries of a region, some at a time: others write meanwhile."""
        statement = """DELETE FROM entries WHERE id IN (
            SELECT id FROM entries WHERE region = ? LIMIT ?)"""
        given = (regions.key_bytes(name), MANY)
        while self._write(lambda c: c.execute(statement, given).rowcount, 0) == MANY:
            pass

    # --- The file

    def _at(self, key: str, version: int | None) -> dict[str, Any]:
        region, bare = regions.parted(str(key))
        made = self.make_key(bare, version)
        return {"region": regions.key_bytes(region), "key": regions.key_bytes(made)}

    def _asked(self, key: str, version: int | None, now: float) -> dict[str, Any]:
        moment = {"now": now, "stale": now - self._used_seconds}
        return self._at(key, version) | moment

    def _row(
        self, at: dict[str, Any], packed: bytes, expires_at: float | None, now: float
    ) -> dict[str, Any]:
        return {**at, **_contents(at, packed), "expires_at": expires_at, "now": now}

    def _rows(self, wanted: list[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
        with self._database.reading() as connection:
            found = (
                (key, connection.execute(GET, at).fetchone()) for key, at in wanted
            )
            return {key: row for key, row in found if row}

    def _one(self, statement: str, given: dict[str, Any]) -> Any:
        with self._database.reading() as connection:
            return connection.execute(statement, given).fetchone()

    def _all(self, statement: str, given: dict[str, Any]) -> list[Any]:
        with self._database.reading() as connection:
            return connection.execute(statement, given).fetchall()

    def _put(self, connection: sqlite3.Connection, rows: list[dict[str, Any]]) -> bool:
        for row in rows:
            is_expired = (
                row["expires_at"] is not None and row["expires_at"] <= row["now"]
            )
            if is_expired or row["size"] > self._max_bytes:
                connection.execute(f"DELETE FROM entries WHERE {ONE}", row)
            else:
                connection.execute(PUT, row)
        if rows:
            self._make_room(connection, rows[0]["now"])
        return True

    def _delete(self, keys: list[str], version: int | None) -> int:
        now = time.time()
        statement = f"DELETE FROM entries WHERE {ONE} AND {LIVE}"

        def delete(connection: sqlite3.Connection) -> int:
            given = ({**self._at(key, version), "now": now} for key in keys)
            return sum(connection.execute(statement, each).rowcount for each in given)

        return self._write(delete, 0)

    def _make_room(self, connection: sqlite3.Connection, now: float) -> None:
        """Remove expired entries; the least recently used only where it is too full."""
        removed = connection.execute(CULL, (now, FEW)).rowcount
        while (excess := self._excess(connection)) > 0:
            if removed:
                removed = connection.execute(CULL, (now, FEW)).rowcount
                continue
            rows = connection.execute(LEAST_USED).fetchall()
            if not rows:
                # Counted wrong, as after a power cut.
                connection.execute("UPDATE total SET bytes = 0")
            for number, size in rows:
                connection.execute("DELETE FROM entries WHERE id = ?", (number,))
                excess -= size
                if excess <= 0:
                    break

    def _excess(self, connection: sqlite3.Connection) -> int:
        row = connection.execute("SELECT bytes FROM total").fetchone()
        return int(row[0]) - self._max_bytes

    def _mark_used(self, ids: list[int], now: float) -> None:
        statement = "UPDATE entries SET used_at = ? WHERE id = ?"
        given = [(now, number) for number in ids]
        self._write(lambda c: c.executemany(statement, given).rowcount, 0)

    def _read(self, work: Callable[[], T], default: T) -> T:
        try:
            return self._tried(work)
        except (sqlite3.DatabaseError, OSError) as error:
            self._database.outage.begin(error)
            return default

    def _write(self, work: Callable[[sqlite3.Connection], T], default: T) -> T:
        def transaction() -> T:
            with self._database.writing() as connection:
                return work(connection)

        if self._database.outage.is_resting():
            return default
        try:
            done = self._tried(transaction)
        except (sqlite3.DatabaseError, OSError) as error:
            self._database.outage.begin(error)
            return default
        self._database.outage.end()
        return done

    def _tried(self, work: Callable[[], T]) -> T:
        """What the work gives, in a new file where the old one cannot be used."""
        try:
            return work()
        except (sqlite3.DatabaseError, OSError) as error:
            if not self._database.recovers_from(error):
                raise
            return work()


def _contents(at: dict[str, Any], packed: bytes) -> dict[str, Any]:
    size = len(at["region"]) + len(at["key"]) + len(packed) + ENTRY_BYTES
    return {"value": packed, "crc": zlib.crc32(packed), "size": size}


def _unpacked(packed: Any, crc: int) -> Any:
    """The value, or NOTHING where the bytes are not ours."""
    if not isinstance(packed, bytes) or zlib.crc32(packed) != crc:
        return NOTHING
    try:
        return values.loads(packed)
    except values.Unreadable:
        return NOTHING
