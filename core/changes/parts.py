"""Which entries of a change set: those somebody wants to take back, and those that
undos have dealt with already.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.apps import apps

from core.changes import idset
from core.changes.models import State
from core.models.base import Record

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from django.db.models import QuerySet

    from core.changes.models import ChangeEntry, ChangeSet


@dataclass(frozen=True)
class Part:
    """Entries of a change set: those with these ids, or all that match the rest."""

    ids: Sequence[int] = ()
    table: str = ""
    record: int | None = None
    text: str = ""
    """Contained in the record's label."""

    def __bool__(self) -> bool:
        return bool(self.ids or self.is_search)

    @property
    def is_search(self) -> bool:
        """Whether it is described by conditions."""
        return bool(self.table or self.text or self.record is not None)

    def of(self, change_set: ChangeSet) -> QuerySet[ChangeEntry]:
        """The written entries it means."""
        entries = change_set.applied_entries()
        if self.ids:
            return entries.filter(pk__in=self.ids)
        if self.record is not None:
            # The index of records begins with the table.
            tables = [self.table] if self.table else record_tables()
            entries = entries.filter(table__in=tables, record_id=self.record)
        elif self.table:
            entries = entries.filter(table=self.table)
        if self.text:
            entries = entries.filter(label__icontains=self.text)
        return entries


def record_tables() -> list[str]:
    """The labels of all MoviePilot tables."""
    models = [model for model in apps.get_models() if issubclass(model, Record)]
    return [model._meta.label_lower for model in models]


def entry_ids(entries: QuerySet[ChangeEntry]) -> list[int]:
    """The ids of entries, ascending."""
    return [*entries.order_by("pk").values_list("pk", flat=True)]


def dealt_with(change_set: ChangeSet, among: Collection[int] | None = None) -> set[int]:
    """Ids of the entries that undos have worked through, conflicts included; of
    `among`, where only these written entries are asked about.

    An undo that was taken back itself no longer counts.
    """
    found: set[int] = set()
    for undoing in change_set.undone_by.all():
        if not undoing.is_in_effect or not undoing.covered:
            continue
        if among is not None and undoing.state == State.APPLIED and not undoing.ids:
            return {*among}  # all there are, which may be a million
        found.update(worked_through(change_set, undoing))
    return found if among is None else found.intersection(among)


def worked_through(change_set: ChangeSet, undoing: ChangeSet) -> Iterable[int]:
    """Ids of the entries an undo has come past; it goes from the last to the first."""
    is_whole = undoing.state == State.APPLIED
    if undoing.ids:
        ids = idset.unpack(bytes(undoing.ids))
        return ids if is_whole else ids[len(ids) - undoing.position :]
    entries = change_set.applied_entries().order_by("-batch", "-id")
    found = entries.values_list("pk", flat=True)
    return found if is_whole else found[: undoing.position]
