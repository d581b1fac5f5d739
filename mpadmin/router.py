"""Which of the two databases a model lives in."""

from typing import Any

from django.apps import apps
from django.db.models import Model

MOVIEPILOT = "moviepilot"
CONSOLE = "default"


class MoviePilotRouter:
    """Send MoviePilot's records to `moviepilot` and everything else to `default`."""

    def db_for_read(self, model: type[Model], **hints: Any) -> str:
        """The alias that holds this model."""
        return _alias(model)

    def db_for_write(self, model: type[Model], **hints: Any) -> str:
        """The same as for reading: there are no replicas."""
        return _alias(model)

    def allow_relation(self, first: Model, second: Model, **hints: Any) -> bool:
        """Relations stay inside one database."""
        return _alias(type(first)) == _alias(type(second))

    def allow_migrate(
        self, db: str, app_label: str, model_name: str | None = None, **hints: Any
    ) -> bool:
        """Each table is made in the database its model is read from, and only there."""
        if model_name is None:
            # A data migration that names no model is about the console's own tables.
            return db == CONSOLE
        try:
            # Migrations hand over historical models, which have lost their base class.
            model = apps.get_model(app_label, model_name)
        except LookupError:
            # Gone from the code since, so it was the console's own: MoviePilot's
            # tables stay for as long as MoviePilot has them.
            return db == CONSOLE
        return db == _alias(model)


def _alias(model: type[Model]) -> str:
    # Imported late: Django asks for the router while models are still loading.
    from core.models.base import Record

    return MOVIEPILOT if issubclass(model, Record) else CONSOLE
