"""Schema editors that make tables as MoviePilot makes them."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.db.backends.sqlite3.schema import DatabaseSchemaEditor as SQLiteEditor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor


class MoviePilotSQLiteEditor(SQLiteEditor):
    """Foreign keys that are not deferrable, on a connection that ignores them."""

    sql_create_inline_fk = "REFERENCES %(to_table)s (%(to_column)s)"
    sql_create_column_inline_fk = sql_create_inline_fk

    def __exit__(self, *exception: Any) -> None:
        super().__exit__(*exception)
        # Django switches them on here; MoviePilot has them off.
        self.connection.disable_constraint_checking()


@contextmanager
def moviepilot_editor(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Let `connection.schema_editor()` make MoviePilot's tables."""
    before = connection.SchemaEditorClass
    connection.SchemaEditorClass = _editor(connection)
    try:
        yield
    finally:
        connection.SchemaEditorClass = before


def _editor(connection: BaseDatabaseWrapper) -> type[BaseDatabaseSchemaEditor]:
    if connection.vendor == "sqlite":
        return MoviePilotSQLiteEditor
    # Imported late: it needs psycopg's C library, which a SQLite console does not.
    from core.schema.postgresql import MoviePilotPostgreSQLEditor

    return MoviePilotPostgreSQLEditor
