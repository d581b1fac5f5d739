"""Undo: a change set that puts `before` back where a record still holds `after`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from django.apps import apps
from django.db import transaction

from core.changes.journal import CONSOLE, open_change_set, reopen
from core.changes.models import BatchState, ChangeSet, Kind, State
from core.changes.rows import Change, NoFreeId, Rows, Values, holds
from core.changes.run import run
from core.changes.settle import settle
from core.changes.snapshot import load
from core.changes.work import Batch, Decision, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from django.db.models import QuerySet

    from core.changes.models import ChangeEntry
    from core.models.base import Record
    from core.models.operators import Operator


class NothingToUndo(Exception):
    """The change set is at work, wrote nothing, or has been taken back already."""


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
    alone. With `force` these records and no others are put back, whatever they hold,
    also after an undo has left them alone. An undo that was stopped is gone on with.
    Raises NothingToUndo.
    """
    for unfinished in change_set.undone_by.filter(state=State.APPLYING):
        settle(unfinished)
    forced = frozenset(force)
    with transaction.atomic(CONSOLE):
        # Two operators may press the button at once: the second waits here.
        change_set = ChangeSet.objects.select_for_update().get(pk=change_set.pk)
        stopped = _stopped_undo(change_set) if not forced else None
        undoing = stopped or _open(change_set, forced, by=by, reason=reason)
        if stopped and not reopen(stopped):
            raise NothingToUndo
    run(undoing, UndoWork(change_set, force=forced))
    return UndoResult(undoing)


def work_of_undo(undoing: ChangeSet) -> UndoWork:
    """The work an undo stands for. Raises NothingToUndo where the undone is gone."""
    if undoing.undoes is None:
        raise NothingToUndo
    return UndoWork(undoing.undoes, force=frozenset(undoing.selection["force"]))


def _stopped_undo(change_set: ChangeSet) -> ChangeSet | None:
    """The undo of all of it that was stopped before its end."""
    for undoing in change_set.undone_by.filter(state=State.STOPPED).order_by("pk"):
        if undoing.can_be_resumed and not undoing.selection.get("force"):
            return undoing
    return None


def _open(
    change_set: ChangeSet, forced: frozenset[int], *, by: Operator | None, reason: str
) -> ChangeSet:
    work = UndoWork(change_set, force=forced)
    at_work = change_set.undone_by.filter(state=State.APPLYING)
    is_idle = change_set.state != State.APPLYING and not at_work.exists()
    if not work.total or not (is_idle if forced else change_set.can_be_undone):
        raise NothingToUndo
    return open_change_set(
        work,
        Kind.UNDO,
        by=by,
        reason=reason,
        undoes=change_set,
        selection={"force": sorted(forced)},
    )


class UndoWork:
    """Put back what the entries of a change set say, last batch first."""

    def __init__(
        self, change_set: ChangeSet, *, force: frozenset[int] = frozenset()
    ) -> None:
        self.change_set, self.force = change_set, force
        self.model: type[Record] = change_set.model
        self.total = self._applied().count() if force else change_set.written

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
            entries = self._applied().filter(batch=number).order_by("-id")
            columns = ("table", "record_id", "label", "before", "after")
            for table, pk, label, before, after in entries.values_list(*columns):
                yield table, Change(pk, label, read(before), read(after))

    def _applied(self) -> QuerySet[ChangeEntry]:
        entries = self.change_set.applied_entries()
        return entries.filter(record_id__in=self.force) if self.force else entries

    def decide(self, rows: Rows, batch: Batch, *, lock: bool) -> Decision:
        current = self._current(rows, batch.items, lock=lock)
        decision = Decision()
        for entry in batch.items:
            self._decide(rows, entry, current.get(entry.record_id), decision)
        if lock:  # the ids are not known before
            self._rename_taken(rows, decision, current)
        return decision

    def _current(
        self, rows: Rows, entries: Sequence[Change], *, lock: bool
    ) -> dict[int, Values]:
        """What the records hold now: whole rows where one may have to be deleted."""
        ids = [entry.record_id for entry in entries]
        if any(entry.before is None or entry.after is None for entry in entries):
            return rows.snapshots(ids, lock=lock)
        touched = dict.fromkeys(name for entry in entries for name in entry.after or ())
        columns = [name for name in touched if name in rows.types]
        return {
            pk: dict(zip(columns, values, strict=True))
            for pk, *values in rows.read(ids, columns, lock=lock)
        }

    def _decide(
        self, rows: Rows, entry: Change, now: Values | None, decision: Decision
    ) -> None:
        if holds(now, entry.after):
            self._take_back(rows, entry, now or {}, decision)
        elif self._is_forced(entry, now):
            self._take_back(rows, entry._replace(after={}), now or {}, decision)
        elif holds(now, entry.before):
            decision.unchanged += 1
        elif entry.after is None and not self.force:
            self._take_back(rows, entry, {}, decision)  # under another id
        else:
            why = Problem.GONE if now is None else Problem.CONFLICT
            decision.problems.append((entry.record_id, why.value))

    def _is_forced(self, entry: Change, now: Values | None) -> bool:
        """Whether what somebody wrote since is to be overwritten.

        Never a record that has taken the id of a deleted one, which may stand under
        another id already, from the undo before this one.
        """
        if entry.record_id not in self.force or now is None or entry.after is None:
            return False
        return not holds(now, entry.before)

    def _take_back(
        self, rows: Rows, entry: Change, now: Values, decision: Decision
    ) -> None:
        pk, label, before, after = entry
        if before and not before.keys() <= rows.types.keys():
            decision.problems.append((pk, Problem.COLUMN.value))
        elif before is None:  # it was created
            decision.changes.append(Change(pk, label, now, None))
        elif after is None:  # it was deleted
            decision.changes.append(Change(pk, label, None, before))
        else:
            # The same mapping for all that were set alike: it is dumped once.
            known = before.keys() == after.keys()
            touched = after if known else {name: now[name] for name in before}
            decision.changes.append(Change(pk, label, touched, before))

    def _rename_taken(
        self, rows: Rows, decision: Decision, current: dict[int, Values]
    ) -> None:
        """Give restored records whose id somebody has taken since a new one."""
        taken = [
            change
            for change in decision.changes
            if change.before is None and change.record_id in current
        ]
        if not taken:
            return
        moved = {change.record_id for change in taken}
        decision.changes = [c for c in decision.changes if c.record_id not in moved]
        try:
            fresh = rows.free_ids(len(taken))
        except NoFreeId as error:
            decision.problems += [(pk, str(error)) for pk in sorted(moved)]
            return
        for change, pk in zip(taken, fresh, strict=True):
            decision.changes.append(change._replace(record_id=pk))
            decision.problems.append((pk, Problem.NEW_ID.value))
