"""The schema editor for PostgreSQL, see core.schema.editor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.db.backends.postgresql.schema import (
    DatabaseSchemaEditor as PostgreSQLEditor,
)

if TYPE_CHECKING:
    from django.db.backends.ddl_references import Statement
    from django.db.models import Field, Model


class MoviePilotPostgreSQLEditor(PostgreSQLEditor):
    """Foreign keys under PostgreSQL's own names, and checked at once."""

    def _create_fk_sql(
        self, model: type[Model], field: Field[Any, Any], suffix: str
    ) -> Statement:
        statement = super()._create_fk_sql(model, field, suffix)  # type: ignore[misc]
        name = f"{model._meta.db_table}_{field.column}_fkey"
        statement.parts |= {"name": self.quote_name(name), "deferrable": ""}
        return cast("Statement", statement)
