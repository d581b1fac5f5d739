"""Which databases to open, from settings: MoviePilot's and the console's own."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import environ
from django.core.exceptions import ImproperlyConfigured

from core.config import AttachError, ConfigModel, ConsoleModel, SettingsError, read

__all__ = ["AttachError", "Attachment", "SettingsError", "attached", "find"]

SQLITE = "django.db.backends.sqlite3"
POSTGRESQL = "django.db.backends.postgresql"
MOST_DAYS = 36500
# Three slashes: with two, the first folder would be taken for a host.
ADDRESSES = ("sqlite:///", "postgres://", "postgresql://")


@dataclass(frozen=True)
class Attachment:
    """Where MoviePilot's tables are."""

    database: dict[str, Any]
    """Django's settings of the connection."""
    zone: str
    """The time zone in which MoviePilot writes its times."""
    is_foreign: bool
    """MoviePilot made this database; otherwise it is the sample, made here."""


def find(environment: Mapping[str, str], data_dir: Path) -> Attachment:
    """Tell the MoviePilot database from an environment; raises SettingsError.

    Whether the database is really there is looked at when the console starts.
    """
    found = read(environment)
    return attached(found.console, found.settings, data_dir)


def attached(
    console: ConsoleModel, moviepilot: ConfigModel, data_dir: Path
) -> Attachment:
    """Tell the MoviePilot database from settings.

    Raises AttachError where one is contradictory or cannot be used.
    """
    folder, address = console.MOVIEPILOT_CONFIG_DIR, console.MOVIEPILOT_DATABASE_URL
    if folder and address:
        raise AttachError(
            "MOVIEPILOT_CONFIG_DIR and MOVIEPILOT_DATABASE_URL are both set — "
            "keep the one you mean."
        )
    if folder:
        return _from_folder(Path(folder).expanduser().absolute(), moviepilot)
    zone = _zone(console.MOVIEPILOT_TZ, "MOVIEPILOT_TZ")
    if address:
        return Attachment(_from_address(address, zone), zone, is_foreign=True)
    return Attachment(sqlite(data_dir / "user.db", zone), zone, is_foreign=False)


def sqlite(path: Path, zone: str) -> dict[str, Any]:
    """Settings that open a MoviePilot file as it is; SQLite itself refuses writes."""
    return {
        "ENGINE": SQLITE,
        # mode=rw: a missing file is an error. SQLite would make an empty one otherwise.
        "NAME": f"{path.as_uri()}?mode=rw",
        "TIME_ZONE": zone,
        "OPTIONS": {
            "timeout": 60,
            "transaction_mode": "IMMEDIATE",
            # Foreign keys stay off as in MoviePilot; only the door lifts query_only.
            # Savepoints copy pages: not by way of the disk.
            "init_command": (
                "PRAGMA foreign_keys=OFF; PRAGMA temp_store=MEMORY; "
                "PRAGMA query_only=ON"
            ),
        },
    }


def postgresql(login: Mapping[str, Any], zone: str) -> dict[str, Any]:
    """Settings of pooled connections; PostgreSQL itself refuses writes."""
    return {
        **login,
        "ENGINE": POSTGRESQL,
        "TIME_ZONE": zone,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            **login.get("OPTIONS", {}),
            "application_name": "mpadmin",
            "connect_timeout": 10,
            "options": "-c default_transaction_read_only=on",
            # Per worker process: its four threads, and room for a write beside each.
            "pool": {"min_size": 1, "max_size": 8, "timeout": 15},
        },
    }


def console(address: str, data_dir: Path) -> dict[str, Any]:
    """Settings of the console's own database: this address, else a file of ours."""
    if not address:
        return console_sqlite(data_dir / "mpadmin.sqlite3")
    parsed = _parsed("DATABASE_URL", address)
    if parsed["ENGINE"] == SQLITE:
        return console_sqlite(Path(parsed["NAME"]).expanduser().absolute())
    return {**parsed, "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}


def console_sqlite(path: Path) -> dict[str, Any]:
    """Settings of a console database in this file."""
    return {
        "ENGINE": SQLITE,
        "NAME": path,
        "OPTIONS": {
            "timeout": 60,
            "transaction_mode": "IMMEDIATE",
            # FULL: an entry must outlive a power cut before MoviePilot's row moves.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL",
        },
    }


def port(number: int) -> int:
    """The number of a port. Raises SettingsError."""
    if not 0 < number < 2**16:
        raise SettingsError(
            f"MPADMIN_PORT is {number} — write a number from 1 to 65535."
        )
    return number


def days(number: int) -> int:
    """How many days something is kept; 0 for ever. Raises SettingsError."""
    if not 0 <= number <= MOST_DAYS:
        raise SettingsError(
            f"MPADMIN_KEEP_CHANGES_DAYS is {number} — write a number from 1 to "
            f"{MOST_DAYS}, or 0 to keep all."
        )
    return number


def _from_folder(folder: Path, known: ConfigModel) -> Attachment:
    zone = _zone(known.TZ or ConfigModel.declared()["TZ"].default, "TZ")
    kind = known.DB_TYPE.lower()
    if kind == "postgresql":
        login = {
            "NAME": known.DB_POSTGRESQL_DATABASE,
            "USER": known.DB_POSTGRESQL_USERNAME,
            "PASSWORD": known.DB_POSTGRESQL_PASSWORD,
            "HOST": known.DB_POSTGRESQL_HOST,
            "PORT": known.DB_POSTGRESQL_PORT,
        }
        return Attachment(postgresql(login, zone), zone, is_foreign=True)
    if kind in {"sqlite", ""}:
        return Attachment(sqlite(folder / "user.db", zone), zone, is_foreign=True)
    raise AttachError(
        f"DB_TYPE of {folder} is {kind!r} — it must be sqlite or postgresql."
    )


def _from_address(address: str, zone: str) -> dict[str, Any]:
    parsed = _parsed("MOVIEPILOT_DATABASE_URL", address)
    if parsed["ENGINE"] == SQLITE:
        return sqlite(Path(parsed["NAME"]).expanduser().absolute(), zone)
    return postgresql(parsed, zone)


def _parsed(variable: str, address: str) -> dict[str, Any]:
    # An address may hold a password: no error here repeats it, or names its cause.
    parsed = {}
    # Looked at first: django-environ warns of what it does not know, password and all.
    if address.lower().startswith(ADDRESSES):
        with suppress(ValueError, ImproperlyConfigured):
            parsed = environ.Env.db_url_config(address)
    if parsed.get("ENGINE") not in {SQLITE, POSTGRESQL} or not parsed["NAME"]:
        raise AttachError(
            f"{variable} cannot be read — write sqlite:////folder/file.db or "
            "postgres://user:password@host:5432/database, with special characters of "
            "the password escaped: p%40ss for p@ss."
        )
    keys = ("ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")
    return {key: parsed[key] for key in keys if key in parsed}


def _zone(name: str, variable: str) -> str:
    try:
        return ZoneInfo(name).key
    except (ValueError, OSError, LookupError):
        raise AttachError(
            f"{variable} is {name!r}, which is no time zone — write one like "
            "Asia/Shanghai."
        ) from None
