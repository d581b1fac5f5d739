"""Which columns the attached database really has. alembic_version alone may lie."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

Tables = dict[str, dict[str, str]]
"""Table → column → declared type, in lower case."""

POSTGRESQL_TTL = 60.0
"""Seconds for which PostgreSQL is not asked again; SQLite tells of every change."""

SQLITE_COLUMNS = """
    SELECT found.name, info.name, lower(info.type)
    FROM sqlite_master AS found JOIN pragma_table_info(found.name) AS info
    WHERE found.type = 'table' AND found.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
    ORDER BY found.name, info.cid
"""
POSTGRESQL_COLUMNS = """
    SELECT tables.table_name, columns.column_name, columns.udt_name
    FROM information_schema.tables AS tables
    LEFT JOIN information_schema.columns AS columns
      USING (table_schema, table_name)
    WHERE tables.table_schema = current_schema()
      AND tables.table_type = 'BASE TABLE'
    ORDER BY tables.table_name, columns.ordinal_position
"""

_known: dict[tuple[object, ...], tuple[float, Tables]] = {}


def column_types(connection: BaseDatabaseWrapper, table: str) -> dict[str, str]:
    """Return column → declared type in lower case; nothing for a missing table.

    SQLite: as in CREATE TABLE ("varchar"); PostgreSQL: the type's internal name
    ("varchar", "int4", "timestamptz").
    """
    return all_columns(connection).get(table, {})


def all_columns(connection: BaseDatabaseWrapper) -> Tables:
    """Return the columns of every table, remembered while they cannot have changed."""
    key = _key(connection)
    mark = _mark(connection)
    known = _known.get(key)
    if known is None or not _is_fresh(connection, known[0], mark):
        known = _known[key] = (mark, _read(connection))
    return known[1]


def forget_columns() -> None:
    """Read the columns anew the next time: the schema has just been changed."""
    _known.clear()


def _key(connection: BaseDatabaseWrapper) -> tuple[object, ...]:
    settings = connection.settings_dict
    return tuple(settings[name] for name in ("ENGINE", "HOST", "PORT", "NAME"))


def _mark(connection: BaseDatabaseWrapper) -> float:
    if connection.vendor == "postgresql":
        return time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA schema_version")
        return float(cursor.fetchone()[0])


def _is_fresh(connection: BaseDatabaseWrapper, known: float, mark: float) -> bool:
    if connection.vendor == "postgresql":
        return mark - known < POSTGRESQL_TTL
    return known == mark


def _read(connection: BaseDatabaseWrapper) -> Tables:
    is_postgresql = connection.vendor == "postgresql"
    tables: Tables = {}
    with connection.cursor() as cursor:
        cursor.execute(POSTGRESQL_COLUMNS if is_postgresql else SQLITE_COLUMNS)
        for table, column, kind in cursor.fetchall():
            columns = tables.setdefault(table, {})
            if column is not None:
                columns[column] = kind
    return tables
