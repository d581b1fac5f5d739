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

from django.db import connections
from django.utils.translation import gettext as _

from core.changes.door import MOVIEPILOT
from core.schema import column_types

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from core.models.base import Record

Raw = None | int | float | str | bytes | bool
Values = dict[str, Any]
"""Column → raw value."""

POSTGRESQL_PLAIN = {
    "int2",
    "int4",
    "int8",
    "bool",
    "text",
    "varchar",
    "bpchar",
    "float4",
    "float8",
}
FEW_GROUPS = 50


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
        self.types = column_types(self.connection, self.table)
        self.is_sqlite = self.connection.vendor == "sqlite"

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
        sql = f"SELECT {picks} FROM {table} WHERE {self._in_ids} ORDER BY id"
        if lock and not self.is_sqlite:
            sql += " FOR UPDATE"
        with self.connection.cursor() as cursor:
            cursor.execute(sql, [self._ids(ids)])
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return found

    def snapshots(self, ids: Sequence[int], *, lock: bool = False) -> dict[int, Values]:
        """Every column of those of the records that exist."""
        columns = self.columns
        return {
            pk: dict(zip(columns, values, strict=True))
            for pk, *values in self.read(ids, columns, lock=lock)
        }

    def stored(self, column: str, value: Any) -> Any:
        """What the column will hold, and `read` return, once this value is written to
        it.
        """
        if value is None:
            return None
        kind = self.types[column]
        if not self.is_sqlite:
            return (
                value
                if kind in POSTGRESQL_PLAIN or kind == "json"
                else self._as(kind, value)
            )
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
        """Ids for new records, inside a write transaction. Raises NoFreeId on
        PostgreSQL.
        """
        with self.connection.cursor() as cursor:
            if self.is_sqlite:
                cursor.execute(
                    f"SELECT COALESCE(MAX(id), 0) FROM {self._name(self.table)}"
                )
                top = cursor.fetchone()[0]
                return list(range(top + 1, top + 1 + count))
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) "
                "FROM generate_series(1, %s)",
                [self._name(self.table), count],
            )
            ids = [row[0] for row in cursor.fetchall()]
        if None in ids or self.read([pk for pk in ids if pk], []):
            raise NoFreeId(
                _(
                    "The id sequence of “%(table)s” is behind its records; MoviePilot "
                    "itself cannot add any either. Repair the sequence first."
                )
                % {"table": self.table}
            )
        return ids

    def _delete(self, ids: Sequence[int]) -> None:
        with self.connection.cursor() as cursor:
            sql = f"DELETE FROM {self._name(self.table)} WHERE {self._in_ids}"
            cursor.execute(sql, [self._ids(ids)])

    def _update(self, changes: Sequence[Change]) -> None:
        """One UPDATE for all records that get the same values, where those groups are
        few.
        """
        groups: dict[tuple[Any, ...], list[int]] = defaultdict(list)
        for change in changes:
            groups[_key(change.after)].append(change.record_id)
        if len(groups) <= FEW_GROUPS:
            for key, ids in groups.items():
                self._update_group({name: value for name, _kind, value in key}, ids)
            return
        by_columns: dict[tuple[str, ...], list[tuple[Any, ...]]] = defaultdict(list)
        for record_id, _label, _before, after in changes:
            values = after or {}
            by_columns[tuple(values)].append((*values.values(), record_id))
        for columns, params in by_columns.items():
            table, assign = self._name(self.table), self._assign(columns)
            sql = f"UPDATE {table} SET {assign} WHERE id = %s"
            with self.connection.cursor() as cursor:
                cursor.executemany(sql, params)

    def _update_group(self, after: Values, ids: Sequence[int]) -> None:
        table, assign = self._name(self.table), self._assign(after)
        sql = f"UPDATE {table} SET {assign} WHERE {self._in_ids}"
        with self.connection.cursor() as cursor:
            cursor.execute(sql, [*after.values(), self._ids(ids)])

    def _insert(self, changes: Sequence[Change]) -> None:
        by_columns: dict[tuple[str, ...], list[tuple[Any, ...]]] = defaultdict(list)
        for record_id, _label, _before, after in changes:
            values = after or {}
            by_columns[tuple(values)].append((record_id, *values.values()))
        for columns, params in by_columns.items():
            names = ", ".join(["id", *map(self._name, columns)])
            slots = ", ".join(["%s", *map(self._slot, columns)])
            sql = f"INSERT INTO {self._name(self.table)} ({names}) VALUES ({slots})"
            with self.connection.cursor() as cursor:
                cursor.executemany(sql, params)

    def _name(self, name: str) -> str:
        return self.connection.ops.quote_name(name)

    def _pick(self, column: str) -> str:
        if self.is_sqlite:
            # An expression has no declared type, so the driver's converters keep off.
            return f"+{self._name(column)}"
        plain = self.types[column] in POSTGRESQL_PLAIN
        return self._name(column) if plain else f"{self._name(column)}::text"

    def _slot(self, column: str) -> str:
        return "%s" if self.is_sqlite else f"%s::{self.types[column]}"

    def _assign(self, columns: Iterable[str]) -> str:
        return ", ".join(
            f"{self._name(column)} = {self._slot(column)}" for column in columns
        )

    @property
    def _in_ids(self) -> str:
        # One parameter however many ids, so there is no limit to run into.
        return (
            "id IN (SELECT value FROM json_each(%s))"
            if self.is_sqlite
            else "id = ANY(%s)"
        )

    def _ids(self, ids: Sequence[int]) -> Any:
        return json.dumps(list(ids)) if self.is_sqlite else list(ids)

    def _as(self, kind: str, value: Any) -> str:
        with self.connection.cursor() as cursor:
            cursor.execute(f"SELECT (%s::{kind})::text", [value])
            return str(cursor.fetchone()[0])


@lru_cache(maxsize=4096, typed=True)
def as_sqlite_stores(kind: str, value: Any) -> Any:
    """What a value becomes in a column declared so. SQLite itself is asked."""
    with closing(sqlite3.connect(":memory:")) as scratch:
        scratch.execute(f'CREATE TABLE t (v "{kind}")')
        scratch.execute("INSERT INTO t VALUES (?)", [value])
        return scratch.execute("SELECT +v FROM t").fetchone()[0]


def same(one: Any, other: Any) -> bool:
    """Whether two raw values are the same value of the same type: 1, 1.0 and True are
    three.
    """
    return one == other and type(one) is type(other)


def _key(after: Mapping[str, Any] | None) -> tuple[Any, ...]:
    return tuple((name, type(value), value) for name, value in (after or {}).items())
