"""What a consequence is, and how several become what is written."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from django.db import models

from core.changes.rows import Change

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from core.models.base import Mention, Record

Carriage = tuple["type[Record]", list[Change]]
"""A table, and what is to happen to its records."""


class What(models.TextChoices):
    """What happens to the records, with those of the change itself."""

    GOES = "goes"
    FOLLOWS = "follows"
    LOSES = "loses"
    RENAMES = "renames"


class Consequence(NamedTuple):
    """Records that one thing happens to, and why."""

    what: What
    model: type[Record]
    changes: Sequence[Change]
    place: Mention | None = None
    """Where the names stand that they lose, or that are new."""
    names: tuple[tuple[str, str | None], ...] = ()
    """Each name that was found there, and the one in its place."""
    emptied: frozenset[int] = frozenset()
    """Ids of those that had no other name there."""


def merged(consequences: Iterable[Consequence]) -> list[Carriage]:
    """One change for each record, whatever happens to it."""
    tables: dict[type[Record], dict[int, Change]] = defaultdict(dict)
    for consequence in consequences:
        table = tables[consequence.model]
        for change in consequence.changes:
            known = table.get(change.record_id)
            table[change.record_id] = _both(known, change) if known else change
    return [(model, [*table.values()]) for model, table in tables.items() if table]


def _both(one: Change, other: Change) -> Change:
    """What two consequences do to a record. A deletion is all there is to say."""
    if one is other or one.after is None or other.after is None:
        return one if one.after is None else other
    return one._replace(
        before={**(other.before or {}), **(one.before or {})},
        after={**one.after, **other.after},
    )
