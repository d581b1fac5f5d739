"""The app that holds what every table shares."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """Core: MoviePilot's tables, the one door for writes, the console's own models."""

    name = "core"
