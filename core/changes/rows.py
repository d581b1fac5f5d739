"""Rows as the database holds them: read and written by column name, without conversion.

Models convert; undo may not. What is read here and written back is the same to the byte
and to SQLite's typeof(). On SQLite a raw value is an int, float, str, bytes or None; on
PostgreSQL a column of a type other than those is read and written as its text.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from django.db import connections
from django.utils.translation import gettext as _

from core.changes.door import MOVIEPILOT
from core.changes.writing import POSTGRESQL_PLAIN, Change, Values, Writing
from core.schema import column_types

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from core.models.base import Record

__all__ = [
    "Change",
    "NoFreeId",
    "Rows",
    "Values",
    "as_sqlite_stores",
    "holds",
    "label_text",
    "same",
]

KEPT_AS_GIVEN = {"int4", "int8", "bool", "text", "varchar", "float8", "json"}
"""Of a value of its own kind, PostgreSQL changes nothing in these."""

# Not core.schema.column_types: what that remembers may be a minute old, and a deletion
# has to keep every column.
POSTGRESQL_COLUMNS = """
    SELECT attname, typname FROM pg_attribute JOIN pg_type ON pg_type.oid = atttypid
    WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped
      AND attgenerated = '' ORDER BY attnum
"""
POSTGRESQL_NEXT_ID = """
    SELECT COALESCE(
      'nextval(' || quote_literal(pg_get_serial_sequence(%s, 'id')) || ')',
      (SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef JOIN pg_attribute
       ON attrelid = adrelid AND attnum = adnum
       WHERE adrelid = to_regclass(%s) AND attname = 'id'))
"""
POSTGRESQL_LAST_ID = """
    SELECT pg_sequence_last_value(to_regclass(pg_get_serial_sequence(%s, 'id')))
"""


class NoFreeId(Exception):
    """PostgreSQL's sequence hands out ids that are taken."""


class Rows(Writing):
    """One MoviePilot table, raw."""

    def __init__(self, model: type[Record]) -> None:
        self.connection = connections[MOVIEPILOT]
        self.model = model
        self.table = model._meta.db_table
        self.is_sqlite = self.connection.vendor == "sqlite"
        self.types = self._column_types()

    @property
    def columns(self) -> list[str]:
        """Every column the table really has, ours or not, but the id."""
        return [column for column in self.types if column != "id"]

    @cached_property
    def label_column(self) -> str:
        """The column that tells a person which record it is."""
        names = (
            "title",
            "name",
            "key",
            "domain",
            "fullpath",
            "username",
            "credential_id",
        )
        return next(
            (n for n in names if n in self.types and n not in self.model.secret_fields),
            "id",
        )

    def read(
        self, ids: Sequence[int], columns: Sequence[str], *, lock: bool = False
    ) -> list[tuple[Any, ...]]:
        """(id, *columns) of those of the records that exist, by id.

        With `lock` PostgreSQL keeps them from changing until the transaction ends; on
        SQLite the write transaction itself does.
        """
        picks = ", ".join(["id", *(self._pick(column) for column in columns)])
        table = self._name(self.table)
        sql = f"SELECT {picks} FROM {table} WHERE {self._among('id')} ORDER BY id"
        if lock and not self.is_sqlite:
            sql += " FOR UPDATE"
        with self.connection.cursor() as cursor:
            cursor.execute(sql, [self._values(ids)])
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return found

    def snapshots(self, ids: Sequence[int], *, lock: bool = False) -> dict[int, Values]:
        """Every column of those of the records that exist."""
        columns = self.columns
        return {
            pk: dict(zip(columns, values, strict=True))
            for pk, *values in self.read(ids, columns, lock=lock)
        }

    def holders(
        self, columns: Sequence[str], keys: Collection[tuple[Any, ...]]
    ) -> list[tuple[int, tuple[Any, ...]]]:
        """(id, key) of the records that hold one of these keys, by id.

        A key is the values of the columns; the last one is looked up in the database,
        so that should be the one that tells most.
        """
        wanted = list({key[-1] for key in keys})
        if not wanted:
            return []
        picks = ", ".join(["id", *(self._pick(column) for column in columns)])
        table, within = self._name(self.table), self._among(columns[-1])
        sql = f"SELECT {picks} FROM {table} WHERE {within} ORDER BY id"
        with self.connection.cursor() as cursor:
            cursor.execute(sql, [self._values(wanted)])
            found = [(pk, tuple(key)) for pk, *key in cursor.fetchall()]
        return [(pk, key) for pk, key in found if key in keys]

    def all(self, columns: Sequence[str]) -> list[tuple[Any, ...]]:
        """(id, *columns) of every record: for tables that are never long."""
        picks = ", ".join(["id", *(self._pick(column) for column in columns)])
        with self.connection.cursor() as cursor:
            cursor.execute(f"SELECT {picks} FROM {self._name(self.table)}")
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return found

    def count_set(self, columns: Sequence[str], *, lock: bool = False) -> int:
        """In how many records all of these flags are set, of a table never long.

        What is set is for Python to say, as for MoviePilot: on SQLite it may be a text.
        """
        picks = ", ".join(self._pick(column) for column in columns)
        sql = f"SELECT {picks} FROM {self._name(self.table)} ORDER BY id"
        if lock and not self.is_sqlite:
            sql += " FOR UPDATE"
        with self.connection.cursor() as cursor:
            cursor.execute(sql)
            return sum(all(values) for values in cursor.fetchall())

    def counts(self, column: str, values: Collection[Any]) -> dict[Any, int]:
        """How many records hold each of these values; those that none holds left out.
        One query.
        """
        table, name = self._name(self.table), self._name(column)
        sql = (
            f"SELECT {name}, COUNT(*) FROM {table} "
            f"WHERE {self._among(column)} GROUP BY {name}"
        )
        with self.connection.cursor() as cursor:
            cursor.execute(sql, [self._values([*values])])
            return dict(cursor.fetchall())

    def stored(self, column: str, value: Any) -> Any:
        """What `read` will return once this value is written to the column.

        Raises DataError where PostgreSQL does not take it.
        """
        if value is None:
            return None
        kind = self.types[column]
        if not self.is_sqlite:
            plain = POSTGRESQL_PLAIN.get(kind, str)
            if kind in KEPT_AS_GIVEN and isinstance(value, plain):
                return plain(value)  # Django hands over subclasses
            return self._as_postgresql_stores(kind, value)
        if isinstance(value, str) and (
            "char" in kind or "text" in kind or value[:1] in '[{"'
        ):
            return value
        if type(value) is int and "int" in kind:
            return value
        return as_sqlite_stores(kind, value)

    def free_ids(self, count: int, besides: Iterable[int] = ()) -> list[int]:
        """Ids for new records, inside a write transaction.

        `besides` are ids that others are about to get in it: on SQLite the next ids
        are those above the highest one. Raises NoFreeId on PostgreSQL.
        """
        with self.connection.cursor() as cursor:
            if self.is_sqlite:
                cursor.execute(
                    f"SELECT COALESCE(MAX(id), 0) FROM {self._name(self.table)}"
                )
                top = max([cursor.fetchone()[0], *besides])
                return list(range(top + 1, top + 1 + count))
            cursor.execute(POSTGRESQL_NEXT_ID, [self._name(self.table)] * 2)
            next_id = cursor.fetchone()[0]
            if next_id is None:
                raise NoFreeId(self._no_free_id(_("has no id sequence")))
            cursor.execute(f"SELECT {next_id} FROM generate_series(1, {count})")
            ids = [row[0] for row in cursor.fetchall()]
        if self.read(ids, []):
            raise NoFreeId(self._no_free_id(_("has an id sequence behind its records")))
        return ids

    def last_id(self) -> int:
        """The highest id that a new record may be given without taking it from one of
        MoviePilot's: PostgreSQL's sequence does not see what is given.
        """
        if self.is_sqlite:
            return 2**31 - 1
        with self.connection.cursor() as cursor:
            cursor.execute(POSTGRESQL_LAST_ID, [self._name(self.table)])
            return cursor.fetchone()[0] or 0

    def _no_free_id(self, why: str) -> str:
        return _(
            "“%(table)s” %(why)s; MoviePilot itself cannot add records either. Repair "
            "the sequence first."
        ) % {"table": self.table, "why": why}

    def _column_types(self) -> dict[str, str]:
        if self.is_sqlite:
            return column_types(self.connection, self.table)
        with self.connection.cursor() as cursor:
            cursor.execute(POSTGRESQL_COLUMNS, [self._name(self.table)])
            return dict(cursor.fetchall())

    def _as_postgresql_stores(self, kind: str, value: Any) -> Any:
        text = "" if kind in POSTGRESQL_PLAIN else "::text"
        if isinstance(value, bool) and kind.startswith("int"):
            return int(value)  # PostgreSQL has no such cast
        kind = self._name(kind)
        with self.connection.cursor() as cursor:
            cursor.execute(f"SELECT CAST(%s AS {kind}){text}", [value])
            return cursor.fetchone()[0]


@lru_cache(maxsize=4096, typed=True)
def as_sqlite_stores(kind: str, value: Any) -> Any:
    """What a value becomes in a column declared so. SQLite itself is asked."""
    with closing(sqlite3.connect(":memory:")) as scratch:
        scratch.execute(f'CREATE TABLE t (v "{kind}")')
        scratch.execute("INSERT INTO t VALUES (?)", [value])
        return scratch.execute("SELECT +v FROM t").fetchone()[0]


def same(one: Any, other: Any) -> bool:
    """Whether two raw values are one, type included: 1, 1.0 and True are three."""
    if type(one) is not type(other):
        return False
    # Of floats the text: 0.0 equals -0.0, and nan does not equal itself.
    return repr(one) == repr(other) if type(one) is float else bool(one == other)


def holds(now: Mapping[str, Any] | None, snapshot: Mapping[str, Any] | None) -> bool:
    """Whether a record holds every value of a snapshot; None means there is none."""
    if now is None or snapshot is None:
        return now is snapshot
    missing: Any = object()
    return all(same(now.get(name, missing), value) for name, value in snapshot.items())


def label_text(value: Any) -> str:
    """A record's label as change entries keep it."""
    text = "" if value is None else str(value)
    return text[:200].replace("\x00", "")  # PostgreSQL keeps no NUL
