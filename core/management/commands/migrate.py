"""`migrate`, which leaves a database that MoviePilot made as it is."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.core.management.base import CommandError, no_translations
from django.core.management.commands import migrate
from django.db import connections, router

from core.changes.door import MOVIEPILOT, schema_door
from core.schema import forget_columns
from core.schema.editor import moviepilot_editor
from core.schema.migrating import ConsoleExecutor, refusal

if TYPE_CHECKING:
    from django.db.migrations import Migration

WHOLE_ONLY = ("app_label", "migration_name", "fake", "fake_initial", "prune")
"""Options with no meaning here: MoviePilot's tables come all together."""


class Command(migrate.Command):
    """Django's command for the console; one of its own for MoviePilot's database."""

    help = (
        "Creates the console's tables. With --database moviepilot it creates "
        "MoviePilot's tables in an empty database and refuses any other."
    )

    @no_translations
    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate one database."""
        if options["database"] != MOVIEPILOT:
            super().handle(*args, **options)
            return
        self.verbosity = options["verbosity"]
        for option in WHOLE_ONLY:
            if options[option]:
                name = option.replace("_", " ")
                raise CommandError(f"There is no {name} for MoviePilot's database.")
        self._migrate_moviepilot(options)

    def _migrate_moviepilot(self, options: dict[str, Any]) -> None:
        connection = connections[MOVIEPILOT]
        forget_columns()
        if reason := refusal(connection):
            raise CommandError(reason)
        executor = ConsoleExecutor(connection, self._progress)
        pending = executor.pending()
        if options["plan"] or options["check_unapplied"]:
            self._show(pending)
            if pending and options["check_unapplied"]:
                sys.exit(1)
            return
        if not pending and self.verbosity:
            self.stdout.write("No migrations to apply.")
        with schema_door(connection), moviepilot_editor(connection):
            executor.migrate(executor.loader.graph.leaf_nodes())
        forget_columns()

    def _progress(
        self, action: str, migration: Migration | None = None, *details: Any
    ) -> None:
        # The console's own apps are gone through too, but do nothing here.
        if migration is None or migration.app_label in record_apps():
            self.migration_progress_callback(action, migration, *details)

    def _show(self, pending: list[Migration]) -> None:
        shown = [each for each in pending if each.app_label in record_apps()]
        for migration in shown:
            self.stdout.write(f"{migration.app_label}.{migration.name}")
        if not shown:
            self.stdout.write("No planned migration operations.")


def record_apps() -> set[str]:
    """Return the labels of the apps that have tables in MoviePilot's database."""
    return {
        model._meta.app_label
        for model in apps.get_models()
        if router.db_for_write(model) == MOVIEPILOT
    }
