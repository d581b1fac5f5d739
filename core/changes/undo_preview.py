"""What an undo would do, counted table by table before anything is written."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.changes.parts import dealt_with, entry_ids
from core.changes.rows import Rows, holds
from core.changes.undo_work import UndoWork
from core.changes.work import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.changes.models import ChangeSet
    from core.changes.rows import Values
    from core.changes.undo_work import Entry
    from core.changes.work import Decision

BATCH = 5000


@dataclass
class Counts:
    """Of the entries of one table, or of all."""

    changed: int = 0
    """Will be put back."""
    unchanged: int = 0
    """Are back already."""
    conflicts: int = 0
    gone: int = 0
    refused: int = 0
    """Cannot be put back: the table has lost a column."""
    kept: dict[str, int] = field(default_factory=dict)
    """Must stay as they are, by what is said of it."""

    @property
    def left_alone(self) -> int:
        """How many will not be put back though they are not back."""
        return self.conflicts + self.gone + self.refused + sum(self.kept.values())

    def add(self, decision: Decision) -> None:
        """Count what was decided about a batch."""
        why = Counter(reason for _pk, reason in decision.problems)
        self.changed += len(decision.changes)
        self.unchanged += decision.unchanged
        self.conflicts += why.pop(Problem.CONFLICT, 0)
        self.gone += why.pop(Problem.GONE, 0)
        self.refused += why.pop(Problem.COLUMN, 0)
        for text, count in why.items():
            self.kept[text] = self.kept.get(text, 0) + count


@dataclass
class UndoPreview(Counts):
    """The same for each table, and which entries are in conflict."""

    tables: dict[str, Counts] = field(default_factory=dict)
    conflicting: list[int] = field(default_factory=list)
    """Ids of the entries, the last one first."""


class UndoLook(UndoWork):
    """An undo to look at. What undos have dealt with before is only compared."""

    def __init__(self, change_set: ChangeSet, ids: list[int] | None) -> None:
        super().__init__(change_set, ids)
        self.done = dealt_with(change_set)

    def _decide(
        self, rows: Rows, entry: Entry, now: Values | None, decision: Decision
    ) -> None:
        if entry.pk not in self.done:
            super()._decide(rows, entry, now, decision)
        elif holds(now, entry.before) or (entry.after is None and now is not None):
            decision.unchanged += 1  # the deleted may stand under another id
        elif now is None and entry.after is not None:
            decision.problems.append((entry.record_id, Problem.GONE.value))
        else:
            decision.problems.append((entry.record_id, Problem.CONFLICT.value))
            self.conflicts.append(entry.pk)


def preview_undo(
    change_set: ChangeSet, entries: Iterable[int] | None = None
) -> UndoPreview:
    """Compare each record with its entry: of all, or of these entries.

    Conflicts are told again that an earlier undo has left alone: they can be forced.
    """
    if entries is None:
        ids = None
    else:
        wanted = {*entries}
        applied = entry_ids(change_set.applied_entries())
        ids = [pk for pk in applied if pk in wanted]
    work, result = UndoLook(change_set, ids), UndoPreview()
    for batch in work.batches(0, lambda: BATCH):
        decision = work.decide(Rows(batch.model), batch, lock=False)
        table = batch.model._meta.label_lower
        result.tables.setdefault(table, Counts()).add(decision)
        result.add(decision)
    result.conflicting = work.conflicts
    return result
