"""Is the MoviePilot database there, and is it one? Nothing is changed to tell."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db import DatabaseError, connections

from core.redaction import error_line
from core.schema import Kind, recognise, sqlite_path
from core.startup.databases import disconnect
from core.startup.errors import StartError
from core.startup.postgresql import connect, refusal

ALIAS = "moviepilot"
SQLITE_HEADER = b"SQLite format 3\x00"


def check_moviepilot() -> None:
    """Raise StartError unless the MoviePilot database opens, reads and is MoviePilot's.

    A SQLite file must be writable too: without its -wal and -shm files beside it not
    even reading works.
    """
    database = settings.DATABASES[ALIAS]
    if database["ENGINE"].endswith("sqlite3"):
        path = sqlite_path(database["NAME"])
        _check_file(path)
        _recognise(str(path))
    else:
        _check_server(database)
        _recognise(f"The PostgreSQL database {database['NAME']}")


def sqlite_name(path: Path) -> str:
    """The other way round; a missing file is an error then, not made empty."""
    return f"{path.as_uri()}?mode=rw"


def is_sqlite(path: Path) -> bool:
    """Whether this file begins as SQLite's files do. Raises OSError."""
    with path.open("rb") as file:
        return file.read(len(SQLITE_HEADER)) == SQLITE_HEADER


def _check_file(path: Path) -> None:
    if path.is_dir():
        raise StartError(f"{path} is a folder, not a database — {_where()}.")
    try:
        known = is_sqlite(path)
    except (FileNotFoundError, NotADirectoryError):
        raise StartError(
            f"There is no MoviePilot database {path} — {_where()}."
        ) from None
    except OSError as error:
        raise StartError(
            f"{path} cannot be read ({error.strerror}) — let this user read and write "
            "it, for example by starting the console as the user MoviePilot runs as."
        ) from error
    if not known:
        raise StartError(f"{path} is not an SQLite database — {_where()}.")
    if not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK | os.X_OK)):
        raise StartError(
            f"{path} or its folder is read-only for this user — let this user write "
            "there: SQLite needs files beside the database even to read it."
        )


def _check_server(database: dict[str, Any]) -> None:
    # Apart from Django's pool, which would try for long and tell no reason.
    try:
        connect(database).close()
    except psycopg.Error as error:
        raise StartError(refusal(database, error)) from None


def _recognise(place: str) -> None:
    try:
        found = recognise(connections[ALIAS])
        if found.kind is Kind.MOVIEPILOT:
            with closing(connections[ALIAS].cursor()) as cursor:
                cursor.execute('SELECT 1 FROM "user" LIMIT 1')
    except (DatabaseError, sqlite3.Error, UnicodeDecodeError) as error:
        raise StartError(
            f"{place} cannot be read ({error_line(error)}) — let this user read and "
            "change MoviePilot's tables; if the database is damaged, restore a backup."
        ) from error
    finally:
        disconnect(ALIAS)
    if found.kind is Kind.EMPTY:
        raise StartError(
            f"{place} is empty — start MoviePilot on it once, or {_where()}."
        )
    if found.kind is Kind.OTHER:
        raise StartError(f"{place} is not a MoviePilot v2 database — {_where()}.")


def _where() -> str:
    if settings.MOVIEPILOT_ATTACHED:
        return "check MOVIEPILOT_CONFIG_DIR or MOVIEPILOT_DATABASE_URL"
    return "move it away, and a new sample library is made"
