"""Undo: a change set that puts `before` back where a record still holds `after`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from django.apps import apps

from core.changes.models import BatchState, ChangeSet, Kind
from core.changes.rows import Change, Rows, Values, same
from core.changes.run import open_change_set, run
from core.changes.snapshot import load
from core.changes.work import Batch, Decision, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from core.models.base import Record
    from core.models.operators import Operator


class NothingToUndo(Exception):
    """The change set is still being applied, or wrote nothing."""


@dataclass(frozen=True)
class UndoResult:
    """The change set an undo made: what it put back, and what it left alone."""

    change_set: ChangeSet

    @property
    def restored(self) -> list[int]:
        """Ids of the records put back."""
        return sorted(self.change_set.record_ids())

    @property
    def conflicts(self) -> list[int]:
        """Ids of the records somebody changed since (the first 1,000)."""
        return [pk for pk, why in self.change_set.problems if why == Problem.CONFLICT]


def undo(
    change_set: ChangeSet,
    *,
    by: Operator | None = None,
    reason: str = "",
    force: Iterable[int] = (),
) -> UndoResult:
    """Take a change set back, as a new change set that can itself be undone.

    A record that no longer holds what the change set wrote is a conflict and is left
    alone, unless its id is in `force`. Raises NothingToUndo.
    """
    if not change_set.can_be_undone and not force:
        raise NothingToUndo
    work = UndoWork(change_set, force=frozenset(force))
    undoing = open_change_set(
        work,
        Kind.UNDO,
        by=by,
        reason=reason,
        undoes=change_set,
        selection={"force": [*force]},
    )
    run(undoing, work)
    return UndoResult(undoing)


class UndoWork:
    """Put back what the entries of a change set say, last batch first."""

    def __init__(
        self, change_set: ChangeSet, *, force: frozenset[int] = frozenset()
    ) -> None:
        self.change_set, self.force = change_set, force
        self.model: type[Record] = change_set.model
        self.total = change_set.changed

    def batches(self, start: int, size: Callable[[], int]) -> Iterator[Batch]:
        waiting: list[Change] = []
        table, end = "", start
        for name, entry in islice(self._entries(), start, None):
            if waiting and (name != table or len(waiting) >= size()):
                end += len(waiting)
                yield Batch(apps.get_model(table), waiting, end)
                waiting = []
            table = name
            waiting.append(entry)
        if waiting:
            yield Batch(apps.get_model(table), waiting, end + len(waiting))

    def _entries(self) -> Iterator[tuple[str, Change]]:
        """(table, entry) with its snapshots read, the last one written first."""
        # Snapshots of a bulk edit are few different texts: read each once.
        read = lru_cache(maxsize=1024)(load)
        applied = self.change_set.batches.filter(state=BatchState.APPLIED)
        for number in applied.order_by("-number").values_list("number", flat=True):
            entries = self.change_set.entries.filter(batch=number).order_by("-id")
            if self.force:
                entries = entries.filter(record_id__in=self.force)
            columns = ("table", "record_id", "label", "before", "after")
            for table, pk, label, before, after in entries.values_list(*columns):
                yield table, Change(pk, label, read(before), read(after))

    def decide(self, rows: Rows, batch: Batch, *, lock: bool) -> Decision:
        current = self._current(rows, batch.items, lock=lock)
        decision = Decision()
        for entry in batch.items:
            self._decide(entry, current.get(entry.record_id), decision)
        self._rename_taken(rows, decision, current)
        return decision

    def _current(
        self, rows: Rows, entries: Sequence[Change], *, lock: bool
    ) -> dict[int, Values]:
        """What the records hold now: whole rows where one may have to be deleted."""
        ids = [entry.record_id for entry in entries]
        if any(entry.before is None or entry.after is None for entry in entries):
            return rows.snapshots(ids, lock=lock)
        columns = [
            *dict.fromkeys(name for entry in entries for name in entry.after or ())
        ]
        return {
            pk: dict(zip(columns, values, strict=True))
            for pk, *values in rows.read(ids, columns, lock=lock)
        }

    def _decide(self, entry: Change, now: Values | None, decision: Decision) -> None:
        pk, label, before, after = entry
        if not holds(now, after) and pk not in self.force:
            self._leave(entry, now, decision)
        elif after is None:  # a deletion: put the record back
            decision.changes.append(Change(pk, label, None, before))
        elif now is None:
            decision.problems.append((pk, Problem.GONE.value))
        elif before is None:  # a creation: delete the record
            decision.changes.append(Change(pk, label, now, None))
        else:
            touched = {name: now[name] for name in before}
            decision.changes.append(Change(pk, label, touched, before))

    def _leave(self, entry: Change, now: Values | None, decision: Decision) -> None:
        """The record no longer holds what was written to it."""
        if holds(now, entry.before):
            decision.unchanged += 1
        elif entry.after is None:  # somebody has taken the id since
            decision.changes.append(
                Change(entry.record_id, entry.label, None, entry.before)
            )
        else:
            why = Problem.GONE if now is None else Problem.CONFLICT
            decision.problems.append((entry.record_id, why.value))

    def _rename_taken(
        self, rows: Rows, decision: Decision, current: dict[int, Values]
    ) -> None:
        """Give restored records whose id somebody has taken since a new one."""
        taken = [
            index
            for index, change in enumerate(decision.changes)
            if change.before is None and change.record_id in current
        ]
        if not taken:
            return
        for index, pk in zip(taken, rows.free_ids(len(taken)), strict=True):
            change = decision.changes[index]
            decision.changes[index] = change._replace(record_id=pk)
            decision.problems.append((change.record_id, Problem.NEW_ID.value))


def holds(now: Values | None, snapshot: Values | None) -> bool:
    """Whether the record holds every value of the snapshot; None means there is no
    record.
    """
    if now is None or snapshot is None:
        return now is snapshot
    for name, value in snapshot.items():
        if name not in now or not same(now[name], value):
            return False
    return True
