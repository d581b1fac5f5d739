"""Run our migrations on a MoviePilot database without leaving a table of ours there."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from core.schema.recognition import Kind, Recognition, recognise

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.migrations import Migration
    from django.db.models import QuerySet

    from core.models.applied import AppliedMigration

Applied = dict[tuple[str, str], Any]


class ConsoleRecorder(MigrationRecorder):
    """Remembers in the console's database what ran on MoviePilot's."""

    def has_table(self) -> bool:
        return True

    def ensure_schema(self) -> None:
        """Do nothing: the table came with the console's own migrations."""

    def applied_migrations(self) -> Applied:
        rows = remembered(identity(self.connection))
        return {(row.app, row.name): row for row in rows}

    def record_applied(self, app: str, name: str) -> None:
        mark(self.connection)
        remembered(identity(self.connection)).get_or_create(
            database=identity(self.connection), app=app, name=name
        )

    def record_unapplied(self, app: str, name: str) -> None:
        remembered(identity(self.connection)).filter(app=app, name=name).delete()


class ConsoleExecutor(MigrationExecutor):
    """Django's executor with that recorder."""

    def __init__(
        self,
        connection: BaseDatabaseWrapper,
        progress_callback: Callable[..., None] | None = None,
    ) -> None:
        super().__init__(connection, progress_callback)
        self.recorder = ConsoleRecorder(connection)
        self.loader.applied_migrations = self.recorder.applied_migrations()

    def pending(self) -> list[Migration]:
        """The migrations that have not run, in their order."""
        plan = self.migration_plan(self.loader.graph.leaf_nodes())
        return [migration for migration, _backwards in plan]


def refusal(connection: BaseDatabaseWrapper) -> str | None:
    """Say in one line why no migration may run here; None where they may."""
    found = recognise(connection)
    if found.kind is Kind.EMPTY or is_own(connection, found):
        return None
    if found.kind is Kind.MOVIEPILOT:
        return (
            "This database was made by MoviePilot, so nothing is created or altered "
            "in it; it can be used as it is (see `manage.py schema_report`)."
        )
    return (
        "This database holds tables of another program, so nothing is created in it; "
        "give an empty database or MoviePilot's own."
    )


def is_own(connection: BaseDatabaseWrapper, found: Recognition) -> bool:
    """Whether our migrations made this database and MoviePilot has not run on it."""
    return not found.has_alembic and remembered(identity(connection)).exists()


def remembered(database: str) -> QuerySet[AppliedMigration]:
    """Return what ran on the database of this identity."""
    # Imported late: models need core.schema to load.
    from core.models.applied import AppliedMigration

    return AppliedMigration.objects.filter(database=database)


def identity(connection: BaseDatabaseWrapper) -> str:
    """Name the database so that a moved one is known and a replaced one is not."""
    if connection.vendor == "sqlite":
        return f"sqlite {_application_id(connection)}"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT datname, oid FROM pg_database WHERE datname = current_database()"
        )
        name, oid = cursor.fetchone()
    return f"postgresql {name} {oid}"


def mark(connection: BaseDatabaseWrapper) -> None:
    """Give a SQLite file of our own a random number in its header, once.

    A path would not do: volumes are mounted elsewhere, and files replaced.
    """
    if connection.vendor != "sqlite" or _application_id(connection):
        return
    with connection.cursor() as cursor:
        number = 1 + secrets.randbelow(2**31 - 1)
        cursor.execute(f"PRAGMA application_id = {number}")


def _application_id(connection: BaseDatabaseWrapper) -> int:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA application_id")
        return int(cursor.fetchone()[0])
