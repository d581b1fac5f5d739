"""How rows are written: few statements for many records."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import ProgrammingError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from django.db.backends.base.base import BaseDatabaseWrapper

    from core.models.base import Record

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
FEW_GROUPS = 50


class Change(NamedTuple):
    """What is to happen to one record: no `before`: created, no `after`: deleted."""

    record_id: int
    label: str
    before: Values | None
    after: Values | None


class Writing:
    """The statements on one MoviePilot table."""

    connection: BaseDatabaseWrapper
    model: type[Record]
    table: str
    types: dict[str, str]
    is_sqlite: bool

    def write(self, changes: Sequence[Change]) -> None:
        """Do what the changes say. Runs inside a write transaction."""
        deleted = [change.record_id for change in changes if change.after is None]
        if deleted:
            self._delete(deleted)
        self._update(
            [c for c in changes if c.before is not None and c.after is not None]
        )
        self._insert([c for c in changes if c.before is None and c.after is not None])

    def park(self, changes: Sequence[Change]) -> bool:
        """Put values that nobody has into the keys that are about to be written, so
        that records can swap them: the database looks at each statement by itself.
        Returns whether there was anything to do.
        """
        is_any = False
        for column in {name for group in self.model.unique_by for name in group}:
            ids = [
                c.record_id for c in changes if c.before and column in (c.after or {})
            ]
            kind = self.types.get(column, "")
            if ids and ("char" in kind or "text" in kind):
                self._park(column, ids)
                is_any = True
        return is_any

    def _park(self, column: str, ids: Sequence[int]) -> None:
        table, name = self._name(self.table), self._name(column)
        sql = f"UPDATE {table} SET {name} = 'parked ' || id WHERE {self._among('id')}"
        with self.connection.cursor() as cursor:
            cursor.execute(sql, [self._values(ids)])

    def _delete(self, ids: Sequence[int]) -> None:
        with self.connection.cursor() as cursor:
            sql = f"DELETE FROM {self._name(self.table)} WHERE {self._among('id')}"
            cursor.execute(sql, [self._values(ids)])

    def _update(self, changes: Sequence[Change]) -> None:
        """One UPDATE for all records that get the same values, where those are few."""
        groups = _alike(changes)
        for group in groups or ():
            self._update_group(group[0].after or {}, [c.record_id for c in group])
        if groups is not None:
            return
        by_columns: dict[tuple[str, ...], list[Change]] = defaultdict(list)
        for change in changes:
            by_columns[tuple(change.after or {})].append(change)
        for columns, alike in by_columns.items():
            if self.is_sqlite:
                self._update_one_by_one(columns, alike)
            else:
                self._update_at_once(columns, alike)

    def _update_one_by_one(
        self, columns: Sequence[str], changes: Sequence[Change]
    ) -> None:
        """A statement prepared once, which on SQLite is as quick as any that takes all
        the values at once as JSON, and takes every value as it is.
        """
        table, assign = self._name(self.table), self._assign(columns)
        sql = f"UPDATE {table} SET {assign} WHERE id = %s"
        with self.connection.cursor() as cursor:
            cursor.executemany(
                sql, [(*self._bound(c.after or {}), c.record_id) for c in changes]
            )

    def _update_at_once(
        self, columns: Sequence[str], changes: Sequence[Change]
    ) -> None:
        """One statement, whatever the values: a third of the work on PostgreSQL."""
        ids: list[Any] = [change.record_id for change in changes]
        texts = [
            [_as_text((change.after or {})[column]) for change in changes]
            for column in columns
        ]
        names = [f"v{number}" for number in range(len(columns))]
        assign = ", ".join(
            f"{self._name(column)} = CAST({name} AS {self._name(self.types[column])})"
            for column, name in zip(columns, names, strict=True)
        )
        slots = ", ".join(["%s::int8[]", *("%s::text[]" for _ in columns)])
        table, given = self._name(self.table), ", ".join(["pk", *names])
        sql = (
            f"UPDATE {table} SET {assign} "
            f"FROM unnest({slots}) AS given({given}) WHERE {table}.id = pk"
        )
        with self.connection.cursor() as cursor:
            cursor.execute(sql, [ids, *texts])

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


def _alike(changes: Sequence[Change]) -> list[list[Change]] | None:
    """Changes to the same values together, None where these are too many."""
    groups: dict[tuple[Any, ...], list[Change]] = defaultdict(list)
    keys: dict[int, tuple[Any, ...]] = {}
    for change in changes:
        key = keys.get(id(change.after)) or _key(change.after or {})
        keys[id(change.after)] = key
        groups[key].append(change)
        if len(groups) > FEW_GROUPS:
            return None
    return [*groups.values()]


def _as_text(value: Any) -> str | None:
    """A raw value as PostgreSQL reads it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)


def _key(after: Mapping[str, Any]) -> tuple[Any, ...]:
    """To tell values apart as `same` does."""
    return tuple(
        (name, type(value), repr(value) if type(value) is float else value)
        for name, value in after.items()
    )
