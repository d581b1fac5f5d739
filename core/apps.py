"""The app that holds what every table shares."""

from django.apps import AppConfig

from core import logs


class CoreConfig(AppConfig):
    """Core: MoviePilot's tables, the one door for writes, the console's own models."""

    name = "core"

    def ready(self) -> None:
        """Keep secrets out of what no logging configuration covers."""
        logs.cover_the_rest()
