"""Where the attached database is, in words that may be shown and kept."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

LOCAL = {"", "127.0.0.1", "::1"}


def sqlite_path(name: str | Path) -> Path:
    """The file behind a NAME of settings.DATABASES, which may be a file: address."""
    text = str(name)
    return Path(unquote(urlsplit(text).path) if text.startswith("file:") else text)


def place(connection: BaseDatabaseWrapper) -> str:
    """The file, or `host:port/database`; never what signs in to it."""
    found = connection.settings_dict
    if connection.vendor == "sqlite":
        return str(sqlite_path(found["NAME"]))
    host = "localhost" if found["HOST"] in LOCAL else found["HOST"]
    return f"{host}:{found['PORT'] or 5432}/{found['NAME']}"
