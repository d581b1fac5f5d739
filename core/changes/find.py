"""Which records the console has changed, found by id or by a part of their names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Max, Min, Value
from django.db.models.functions import Concat

from core.changes.history import written
from core.changes.models import ChangeEntry

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.db.models import QuerySet

PAGE = 50
WINDOW = 20_000
"""Entries one statement looks at: no index finds a part of a name."""
MOST = 200_000
"""Entries one call looks at before it asks whether to go on."""


@dataclass(frozen=True)
class Found:
    """Entries, newest first; `older` is where to go on, None at the end."""

    entries: list[ChangeEntry]
    older: int | None


def by_id(record_id: int, tables: Collection[str], *, below: int | None) -> Found:
    """Entries of the records with this id; the index `core_entry_record` finds them."""
    entries = ChangeEntry.objects.filter(table__in=tables, record_id=record_id)
    if below is not None:
        entries = entries.filter(pk__lt=below)
    found = [*_whole(written(entries).order_by("-pk")[: PAGE + 1])]
    return Found(found[:PAGE], found[PAGE - 1].pk if len(found) > PAGE else None)


def by_text(text: str, tables: Collection[str] = (), *, below: int | None) -> Found:
    """Entries whose label contains the text, of the newest MOST below that id; of these
    tables only, if any are named.
    """
    # Two questions: asked for both at once, SQLite reads the whole table.
    lowest = ChangeEntry.objects.aggregate(pk=Min("pk"))["pk"] or 1
    top = ChangeEntry.objects.aggregate(pk=Max("pk"))["pk"] or 0
    top = top if below is None else min(top, below - 1)
    end = max(top - MOST, lowest - 1)
    matching = ChangeEntry.objects.filter(label__icontains=text)
    if tables:
        # Not the plain column: its index would be walked instead of a window of ids.
        matching = matching.alias(of=Concat("table", Value(""))).filter(of__in=tables)
    found: list[int] = []
    while top > end and len(found) <= PAGE:
        bottom = max(top - WINDOW, end)
        entries = written(matching.filter(pk__gt=bottom, pk__lte=top))
        wanted = entries.order_by("-pk").values_list("pk", flat=True)
        found += wanted[: PAGE + 1 - len(found)]
        top = bottom
    if len(found) > PAGE:
        older: int | None = found[PAGE - 1]
    else:
        older = top + 1 if top >= lowest else None
    chosen = ChangeEntry.objects.filter(pk__in=found[:PAGE]).order_by("-pk")
    return Found([*_whole(chosen)], older)


def _whole(entries: QuerySet[ChangeEntry]) -> QuerySet[ChangeEntry]:
    """With the change sets; without what was before and after, which may be long."""
    return entries.select_related("change_set").only(
        "table",
        "record_id",
        "label",
        "change_set__table",
        "change_set__operator",
        "change_set__operator_name",
        "change_set__created_at",
        "change_set__kind",
        "change_set__reason",
    )
