"""Whose database is it?"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.schema.columns import all_columns
from core.schema.facts import facts

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

ALEMBIC = "alembic_version"
LANDMARKS = {"user", "site", "subscribe", "systemconfig"}
"""Tables that every MoviePilot has had from its first release on."""


class Kind(enum.Enum):
    """What the attached database is."""

    EMPTY = "empty"
    MOVIEPILOT = "moviepilot"
    OTHER = "other"


@dataclass(frozen=True)
class Recognition:
    """What was recognised. `has_alembic`: MoviePilot itself has run on it."""

    kind: Kind
    has_alembic: bool = False
    revision: str | None = None
    version: str | None = None
    """None for a revision that is not known here: a test build or a newer one."""


def recognise(connection: BaseDatabaseWrapper) -> Recognition:
    """Tell an empty database, a MoviePilot one, and another program's apart."""
    tables = all_columns(connection).keys()
    if not tables:
        return Recognition(Kind.EMPTY)
    kind = Kind.MOVIEPILOT if tables >= LANDMARKS else Kind.OTHER
    if ALEMBIC not in tables:
        return Recognition(kind)
    revision = _revision(connection)
    version = facts().revisions.get(revision or "")
    return Recognition(kind, has_alembic=True, revision=revision, version=version)


def _revision(connection: BaseDatabaseWrapper) -> str | None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT version_num FROM {ALEMBIC} LIMIT 1")  # noqa: S608 - a constant
        row = cursor.fetchone()
    return str(row[0]) if row else None
