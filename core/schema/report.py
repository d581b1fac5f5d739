"""The attached database compared with the facts, table by table."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from core.schema.columns import all_columns
from core.schema.facts import Column, facts

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper


@dataclass(frozen=True)
class TableReport:
    """What one table has and lacks."""

    connection: BaseDatabaseWrapper
    table: str
    exists: bool
    missing: tuple[Column, ...] = ()
    extra: tuple[str, ...] = ()
    """Columns of other versions; they are left alone and never a problem."""

    @property
    def is_usable(self) -> bool:
        """Whether the pages of this table can work: all its columns are there."""
        return self.exists and not self.missing

    @property
    def needed_version(self) -> str | None:
        """The MoviePilot version that brings the last missing column, if known."""
        known = [column.since for column in self.missing if column.since]
        if len(known) < len(self.missing):
            return None
        return max(known, key=_version_key, default=None)

    @cached_property
    def rows(self) -> int | None:
        """How many rows there are; counted when asked for."""
        if not self.exists:
            return None
        name = self.connection.ops.quote_name(self.table)
        with self.connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {name}")  # noqa: S608 - a table of the facts
            return int(cursor.fetchone()[0])


def inspect(connection: BaseDatabaseWrapper) -> dict[str, TableReport]:
    """Compare every table of MoviePilot; reads the catalogue only."""
    return {name: inspect_table(connection, name) for name in facts().tables}


def inspect_table(connection: BaseDatabaseWrapper, table: str) -> TableReport:
    """Compare one table of MoviePilot."""
    found = all_columns(connection).get(table)
    if found is None:
        return TableReport(connection, table, exists=False)
    wanted = facts().tables[table].columns
    return TableReport(
        connection,
        table,
        exists=True,
        missing=tuple(column for name, column in wanted.items() if name not in found),
        extra=tuple(name for name in found if name not in wanted),
    )


def _version_key(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
