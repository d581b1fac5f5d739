"""Rows as the database holds them: read and written by column name, without conversion.

Models convert; undo may not. What is read here and written back is the same to the byte
and to SQLite's typeof(). On SQLite a raw value is an int, float, str, bytes or None; on
PostgreSQL a column of a type other than those is read and written as its text.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from contextlib import closing
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import ProgrammingError, connections
from django.utils.translation import gettext as _

from core.changes.door import MOVIEPILOT
from core.schema import column_types

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from core.models.base import Record

Raw = None | int | float | str | bytes | bool
Values = dict[str, Any]
"""Column → raw value."""

POSTGRESQL_PLAIN = {
    "int2": int,
    "int4": int,
    "int8": int,
    "bool": bool,
    "text": str,
    "varchar": str,
    "bpchar": str,
    "float4": float,
    "float8": float,
}
"""Types the driver reads as they are, and as what."""
KEPT_AS_GIVEN = {"int4", "int8", "bool", "text", "varchar", "float8", "json"}
"""Of a value of its own kind, PostgreSQL changes nothing in these."""
FEW_GROUPS = 50

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


class Change(NamedTuple):
    """What is to happen to one record: no `before`: created, no `after`: deleted."""

    record_id: int
    label: str
    before: Values | None
    after: Values | None


class NoFreeId(Exception):
    """PostgreSQL's sequence hands out ids that are taken."""


class Rows:
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

    def write(self, changes: Sequence[Change]) -> None:
        """Do what the changes say. Runs inside a write transaction."""
        deleted = [change.record_id for change in changes if change.after is None]
        if deleted:
            self._delete(deleted)
        self._update(
            [c for c in changes if c.before is not None and c.after is not None]
        )
        self._insert([c for c in changes if c.before is None and c.after is not None])

    def free_ids(self, count: int) -> list[int]:
        """Ids for new records, inside a write transaction.

        Raises NoFreeId on PostgreSQL.
        """
        with self.connection.cursor() as cursor:
            if self.is_sqlite:
                cursor.execute(
                    f"SELECT COALESCE(MAX(id), 0) FROM {self._name(self.table)}"
                )
                top = cursor.fetchone()[0]
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

    def _delete(self, ids: Sequence[int]) -> None:
        with self.connection.cursor() as cursor:
            sql = f"DELETE FROM {self._name(self.table)} WHERE {self._among('id')}"
            cursor.execute(sql, [self._values(ids)])

    def _update(self, changes: Sequence[Change]) -> None:
        """One UPDATE for all records that get the same values, where those are few."""
        groups: dict[tuple[Any, ...], list[Change]] = defaultdict(list)
        keys: dict[int, tuple[Any, ...]] = {}
        for change in changes:
            key = keys.get(id(change.after)) or _key(change.after or {})
            keys[id(change.after)] = key
            groups[key].append(change)
        if len(groups) <= FEW_GROUPS:
            for group in groups.values():
                self._update_group(group[0].after or {}, [c.record_id for c in group])
            return
        by_columns: dict[tuple[str, ...], list[tuple[Any, ...]]] = defaultdict(list)
        for record_id, _label, _before, after in changes:
            values = after or {}
            by_columns[tuple(values)].append((*self._bound(values), record_id))
        for columns, params in by_columns.items():
            table, assign = self._name(self.table), self._assign(columns)
            sql = f"UPDATE {table} SET {assign} WHERE id = %s"
            with self.connection.cursor() as cursor:
                cursor.executemany(sql, params)

    def _update_group(self, after: Values, ids: Sequence[int]) -> None:
        table, assign = self._name(self.table), self._assign(after)
        sql = f"UPDATE {table} SET {assign} WHERE {self._among('id')}"
        with self.connection.cursor() as cursor:
            cursor.execute(sql, [*self._bound(after), self._values(ids)])

    def _insert(self, changes: Sequence[Change]) -> None:
        by_columns: dict[tuple[str, ...], list[tuple[Any, ...]]] = defaultdict(list)
        for record_id, _label, _before, after in changes:
            values = after or {}
            by_columns[tuple(values)].append((record_id, *self._bound(values)))
        for columns, params in by_columns.items():
            names = ", ".join(["id", *map(self._name, columns)])
            slots = ", ".join(["%s", *map(self._slot, columns)])
            sql = f"INSERT INTO {self._name(self.table)} ({names}) VALUES ({slots})"
            with self.connection.cursor() as cursor:
                cursor.executemany(sql, params)

    def _name(self, name: str) -> str:
        return self.connection.ops.quote_name(name)

    def _pick(self, column: str) -> str:
        kind, name = self.types.get(column), self._name(column)
        if kind is None:
            # SQLite would take the name of a column it does not have for a text.
            raise ProgrammingError(f"{self.table} has no column {column}")
        if self.is_sqlite:
            # An expression has no declared type, so the driver's converters keep off.
            return f"+{name}"
        return name if kind in POSTGRESQL_PLAIN else f"{name}::text"

    def _slot(self, column: str) -> str:
        # Not `%s::type`, which would make -2147483648 a number out of range.
        kind = self._name(self.types[column])
        return "%s" if self.is_sqlite else f"CAST(%s AS {kind})"

    def _bound(self, values: Values) -> Iterable[Any]:
        if self.is_sqlite:
            return values.values()
        # As text: PostgreSQL would read the number -0.0 as numeric, which has none.
        return [repr(v) if type(v) is float else v for v in values.values()]

    def _assign(self, columns: Iterable[str]) -> str:
        return ", ".join(
            f"{self._name(column)} = {self._slot(column)}" for column in columns
        )

    def _among(self, column: str) -> str:
        # One parameter however many values, so there is no limit to run into.
        name = self._name(column)
        if self.is_sqlite:
            return f"{name} IN (SELECT value FROM json_each(%s))"
        return f"{name} = ANY(%s)"

    def _values(self, values: Sequence[Any]) -> Any:
        return json.dumps(list(values)) if self.is_sqlite else list(values)

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


def _key(after: Mapping[str, Any]) -> tuple[Any, ...]:
    """To tell values apart as `same` does."""
    return tuple(
        (name, type(value), repr(value) if type(value) is float else value)
        for name, value in after.items()
    )


def label_text(value: Any) -> str:
    """A record's label as change entries keep it."""
    text = "" if value is None else str(value)
    return text[:200].replace("\x00", "")  # PostgreSQL keeps no NUL
