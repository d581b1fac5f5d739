"""Indexes under MoviePilot's own names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor
    from django.db.backends.ddl_references import Statement


class Index(models.Index):
    """An index whose name may be as long as PostgreSQL allows."""

    max_name_length = 63  # Django stops at 30 for the sake of Oracle.


class UniqueIndex(Index):
    """A unique index, where a UniqueConstraint would make a table constraint."""

    def create_sql(
        self,
        model: type[models.Model],
        schema_editor: BaseDatabaseSchemaEditor,
        using: str = "",
        **kwargs: Any,
    ) -> Statement:
        """Return CREATE UNIQUE INDEX for this index."""
        statement = super().create_sql(model, schema_editor, using=using, **kwargs)
        statement.template = statement.template.replace(
            "CREATE INDEX", "CREATE UNIQUE INDEX", 1
        )
        return statement
