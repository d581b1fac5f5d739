"""The sample as records, and writing them into an empty MoviePilot database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from django.apps import apps
from django.conf import settings

from core.changes import create_records
from core.fields import local_now
from core.sample.assembly import Counts, assemble
from core.sample.draw import Draw, Row

if TYPE_CHECKING:
    from core.models import Operator
    from core.models.base import Record

SEED = 2026
REASON = "Sample library"


def tables(
    seed: int = SEED, day: dt.date | None = None, scale: float = 1.0
) -> Iterator[tuple[type[Record], list[Row]]]:
    """Each table's model and rows, `{field: value}` with ids.

    All dates lie before midnight of `day`, by default today in MoviePilot's zone.
    A `scale` below 1 makes a smaller library of the same kind.
    """
    draw = Draw(seed, day or local_now().date())
    for label, rows in assemble(draw, Counts.scaled(scale)):
        yield cast("type[Record]", apps.get_model(label)), rows


def fill(
    by: Operator | None = None, *, day: dt.date | None = None, scale: float = 1.0
) -> None:
    """Create the sample's records through the door, a change set per table.

    The database must be empty.
    """
    for model, rows in tables(day=day, scale=scale):
        # Left to the database the ids are the same, and PostgreSQL's sequences follow.
        create_records(model, [_without_id(row) for row in rows], by=by, reason=REASON)


def _without_id(row: Row) -> Row:
    return {name: value for name, value in row.items() if name != "id"}


def is_sample() -> bool:
    """Whether the MoviePilot database is our own and not an attached one."""
    return not settings.MOVIEPILOT_ATTACHED
