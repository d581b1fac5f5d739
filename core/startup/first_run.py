"""What only a first start makes: the sample library and someone to sign in as."""

import secrets
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connections

from core.models import Operator
from core.sample import fill
from core.schema import sqlite_path
from core.schema.migrating import is_own
from core.schema.recognition import recognise
from core.startup.databases import bound
from core.startup.moviepilot import ALIAS, sqlite_name


def sample_file() -> Path:
    """Where the sample library is, or will be."""
    return sqlite_path(settings.DATABASES[ALIAS]["NAME"])


def make_sample(target: Path) -> None:
    """Build the sample library aside and move it into place when it is whole.

    A start that is interrupted leaves no half library: the next one begins anew.
    """
    aside = target.parent / "building"
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(mode=0o700)
    try:
        _build(aside / target.name, aside / "journal.sqlite3")
        (aside / target.name).replace(target)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def update_sample() -> None:
    """Bring an older sample library to the schema of today; leave other files alone."""
    connection = connections[ALIAS]
    if is_own(connection, recognise(connection)):
        call_command("migrate", database=ALIAS, interactive=False, verbosity=0)


def make_first_operator() -> str | None:
    """Make `admin`, unless there is an operator; returns the password."""
    if Operator.objects.exists():
        return None
    password = secrets.token_urlsafe(12)
    Operator.objects.create_superuser("admin", password=password)
    return password


def _build(file: Path, journal: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        # The mode MoviePilot works in, which the file keeps.
        connection.execute("PRAGMA journal_mode=WAL")
    with bound(ALIAS, {**settings.DATABASES[ALIAS], "NAME": sqlite_name(file)}):
        call_command("migrate", database=ALIAS, interactive=False, verbosity=0)
        # The sample is where history begins: its own change sets are not kept.
        with bound("default", _beside(journal)):
            call_command("migrate", database="default", interactive=False, verbosity=0)
            fill()


def _beside(journal: Path) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": journal,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF",
        },
    }
