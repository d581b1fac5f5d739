"""Let an alias lead to another database for a while."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections


@contextmanager
def bound(alias: str, database: dict[str, Any]) -> Iterator[None]:
    """Bind the alias to these settings, and to what it led to before afterwards.

    For a process with one thread: another thread's open connection stays as it is.
    """
    before = connections.settings[alias]
    _bind(alias, connections.configure_settings({"default": database})["default"])
    try:
        yield
    finally:
        _bind(alias, before)


def disconnect(alias: str) -> None:
    """Close this thread's connection, and the pool; the next query opens a new one."""
    connection = connections[alias]
    connection.close()
    if connection.vendor == "postgresql":
        connection.close_pool()  # type: ignore[attr-defined]
    del connections[alias]


def _bind(alias: str, settings: dict[str, Any]) -> None:
    disconnect(alias)
    # The same dictionary as settings.DATABASES.
    connections.settings[alias] = settings
