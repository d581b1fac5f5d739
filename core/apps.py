"""The app that holds what every table shares."""

from typing import Any

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.db import DEFAULT_DB_ALIAS
from django.db.models.signals import post_migrate

from core import logs, roles


class CoreConfig(AppConfig):
    """Core: MoviePilot's tables, the one door for writes, the console's own models."""

    name = "core"

    def ready(self) -> None:
        """Keep secrets out of what no logging configuration covers; make the roles;
        see sessions begin.
        """
        from core.auth.sessions import signed_in

        logs.cover_the_rest()
        user_logged_in.connect(signed_in, dispatch_uid="core.auth.sessions")
        post_migrate.connect(_make_groups, dispatch_uid="core.roles")


def _make_groups(*, using: str, **_signal: Any) -> None:
    # Sent for every app: the last one finds all permissions there.
    if using == DEFAULT_DB_ALIAS:
        roles.make_groups()
