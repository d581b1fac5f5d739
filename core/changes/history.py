"""What the console has done to one record, whether it is there or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, QuerySet

from core.changes.models import BatchState, ChangeBatch, ChangeEntry, ChangeSet

if TYPE_CHECKING:
    from core.models.base import Record


def written(entries: QuerySet[ChangeEntry]) -> QuerySet[ChangeEntry]:
    """Those of the entries whose records were written, in this database."""
    batches = ChangeBatch.objects.filter(
        change_set=OuterRef("change_set"),
        number=OuterRef("batch"),
        state=BatchState.APPLIED,
    )
    mine = ChangeSet.objects.filter(pk=OuterRef("change_set"))
    return entries.filter(Exists(mine), Exists(batches))


def entries_of(model: type[Record], pk: int) -> QuerySet[ChangeEntry]:
    """The entries of the record that were written, by its table and id.

    On SQLite the id of a deleted last record comes back, so older entries may be of
    a record that is gone; their labels tell.
    """
    table = model._meta.label_lower
    return written(ChangeEntry.objects.filter(table=table, record_id=pk))
