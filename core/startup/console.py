"""The console's own database: can it be made, and is it really our own?"""

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.core.management import call_command

from core.schema import sqlite_path
from core.startup import place
from core.startup.errors import StartError
from core.startup.moviepilot import is_sqlite
from core.startup.postgresql import connect, refusal

# A database with these is MoviePilot's; tables of ours must never get into it.
MOVIEPILOT_TABLES = {"subscribe", "systemconfig"}


def check_console() -> None:
    """Raise StartError unless the console's database opens, or can be made."""
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        tables = _tables_of_file(sqlite_path(database["NAME"]))
    else:
        tables = _tables_of_server(database)
    if tables >= MOVIEPILOT_TABLES:
        raise StartError(
            "The console's database is MoviePilot's own — set DATABASE_URL to another "
            "one, or unset it: the console makes no table in MoviePilot's."
        )


def make_console() -> None:
    """Make what the console lacks of its own: folder, secret key, tables."""
    place.make_folder(settings.DATA_DIR)
    if settings.SECRET_KEY_IS_EPHEMERAL:
        settings.SECRET_KEY = place.make_secret_key(settings.SECRET_KEY_FILE)
        settings.SECRET_KEY_IS_EPHEMERAL = False
    call_command("migrate", database="default", interactive=False, verbosity=0)


def _tables_of_file(path: Path) -> set[str]:
    place.check_folder(path.parent)
    if not path.exists():
        return set()
    try:
        if not is_sqlite(path) and path.stat().st_size:
            raise StartError(
                f"{path} is not an SQLite database — move it away, or set DATABASE_URL "
                "to another file."
            )
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True)) as file:
            rows = file.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            tables = {name for (name,) in rows}
    except (OSError, sqlite3.Error) as error:
        raise StartError(
            f"The console's database {path} cannot be opened ({error}) — give this "
            "user permission to read and write it, or restore a backup."
        ) from error
    if not os.access(path, os.W_OK):
        raise StartError(
            f"The console's database {path} is read-only — give this user permission "
            "to write it."
        )
    return tables


def _tables_of_server(database: dict[str, Any]) -> set[str]:
    try:
        with closing(connect(database)) as connection:
            rows = connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
            )
            return {name for (name,) in rows}
    except psycopg.Error as error:
        reason = refusal(database, error)
        raise StartError(f"DATABASE_URL: {reason}") from None
