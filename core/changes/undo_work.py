"""What an undo does to each record: put back, leave alone, restore under another id."""

from __future__ import annotations

from functools import cached_property, lru_cache
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from django.apps import apps
from django.db.models import Count

from core.changes.last_one import LastOne
from core.changes.models import BatchState, ChangeEntry
from core.changes.rows import Change, NoFreeId, Rows, Values, holds
from core.changes.snapshot import load
from core.changes.work import Batch, Decision, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from django.db.models import QuerySet

    from core.changes.models import ChangeSet
    from core.models.base import Record

CHUNK = 2000
"""Entries of a part that are read at once."""
COLUMNS = ("table", "pk", "record_id", "label", "before", "after")


class Entry(NamedTuple):
    """A change entry with its snapshots read."""

    pk: int
    record_id: int
    label: str
    before: Values | None
    after: Values | None


class UndoWork:
    """Put back what the entries of a change set say, the last one first.

    `ids` are of entries, ascending; None for all that were written. What the records
    of `forced` entries hold by now is overwritten.
    """

    def __init__(
        self,
        change_set: ChangeSet,
        ids: Sequence[int] | None = None,
        forced: frozenset[int] = frozenset(),
    ) -> None:
        self.change_set, self.ids, self.forced = change_set, ids, forced
        self.model: type[Record] = change_set.model
        self.total = change_set.written if ids is None else len(ids)
        self.conflicts: list[int] = []
        """Ids of the entries that were found in conflict, the last one first."""
        self.foreseen: dict[tuple[type[Record], int], Values | None] = {}
        self.last: dict[type[Record], LastOne] = {}

    def batches(self, start: int, size: Callable[[], int]) -> Iterator[Batch]:
        waiting: dict[int, Entry] = {}
        table, end = "", start
        for name, entry in self._entries(start):
            # What an earlier entry of the record wants to find is there only once
            # the later one has been taken back.
            is_second = entry.record_id in waiting
            if waiting and (name != table or is_second or len(waiting) >= size()):
                end += len(waiting)
                yield Batch(apps.get_model(table), [*waiting.values()], end)
                waiting = {}
            table = name
            waiting[entry.record_id] = entry
        if waiting:
            end += len(waiting)
            yield Batch(apps.get_model(table), [*waiting.values()], end)

    def _entries(self, start: int) -> Iterator[tuple[str, Entry]]:
        """(table, entry) from a position on, the last one written first."""
        # Snapshots of a bulk edit are few different texts: read each once.
        read = lru_cache(maxsize=1024)(load)
        for found in self._found(start):
            for table, pk, record_id, label, before, after in found:
                yield table, Entry(pk, record_id, label, read(before), read(after))

    def _found(
        self, start: int
    ) -> Iterator[Iterator[tuple[str, int, int, str, str, str]]]:
        if self.ids is None:
            entries = self.change_set.entries.order_by("-id")
            columns = entries.values_list(*COLUMNS)
            yield islice(self._by_batch(columns), start, None)
            return
        # By their ids alone: the index of change sets would be read from end to end.
        every = ChangeEntry.objects.order_by("-id").values_list(*COLUMNS)
        for end in range(len(self.ids) - start, 0, -CHUNK):
            chunk = self.ids[max(0, end - CHUNK) : end]
            if chunk[-1] - chunk[0] < len(chunk):  # none between is left out
                yield iter(every.filter(pk__gte=chunk[0], pk__lte=chunk[-1]))
            else:
                yield iter(every.filter(pk__in=chunk))

    def _by_batch(
        self, entries: QuerySet[ChangeEntry, tuple[str, int, int, str, str, str]]
    ) -> Iterator[tuple[str, int, int, str, str, str]]:
        applied = self.change_set.batches.filter(state=BatchState.APPLIED)
        for number in applied.order_by("-number").values_list("number", flat=True):
            yield from entries.filter(batch=number)

    def decide(self, rows: Rows, batch: Batch, *, lock: bool) -> Decision:
        current = self._current(rows, batch.items, lock=lock)
        if not lock:
            self._foresee(rows, batch.items, current)
        decision = Decision()
        for entry in batch.items:
            self._decide(rows, entry, current.get(entry.record_id), decision)
        if lock:  # the ids are not known before
            rename_taken(rows, decision, current)
        if rows.model.at_least_one:
            last = self.last.setdefault(rows.model, LastOne(rows.model))
            decision.keep_last(rows, last, current, lock=lock)
        if not lock:
            self._remember(rows, decision, current)
        return decision

    def _current(
        self, rows: Rows, entries: Sequence[Entry], *, lock: bool
    ) -> dict[int, Values]:
        """What the records hold now: whole rows where one may have to be deleted."""
        ids = [entry.record_id for entry in entries]
        if any(entry.before is None or entry.after is None for entry in entries):
            return rows.snapshots(ids, lock=lock)
        touched = dict.fromkeys(name for entry in entries for name in entry.after or ())
        touched |= dict.fromkeys(LastOne(rows.model, touched).columns)
        columns = [name for name in touched if name in rows.types]
        return {
            pk: dict(zip(columns, values, strict=True))
            for pk, *values in rows.read(ids, columns, lock=lock)
        }

    def _decide(
        self, rows: Rows, entry: Entry, now: Values | None, decision: Decision
    ) -> None:
        if holds(now, entry.after):
            self._take_back(rows, entry, now or {}, decision)
        elif self._is_forced(entry, now):
            self._take_back(rows, entry._replace(after={}), now or {}, decision)
        elif holds(now, entry.before):
            decision.unchanged += 1
        elif entry.after is None and entry.pk not in self.forced:
            self._take_back(rows, entry, {}, decision)  # under another id
        elif now is None:
            decision.problems.append((entry.record_id, Problem.GONE.value))
        else:
            decision.problems.append((entry.record_id, Problem.CONFLICT.value))
            self.conflicts.append(entry.pk)

    def _is_forced(self, entry: Entry, now: Values | None) -> bool:
        """Whether what somebody wrote since is to be overwritten.

        Never a record that has taken the id of a deleted one, which may stand under
        another id already, from the undo before this one.
        """
        if entry.pk not in self.forced or now is None or entry.after is None:
            return False
        return not holds(now, entry.before)

    def _take_back(
        self, rows: Rows, entry: Entry, now: Values, decision: Decision
    ) -> None:
        _id, pk, label, before, after = entry
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

    @cached_property
    def _repeated(self) -> set[tuple[str, int]]:
        """(table, id) of the records the change set wrote more than once."""
        counted = self.change_set.applied_entries().values("table", "record_id")
        found = counted.annotate(count=Count("pk")).filter(count__gt=1)
        return {*found.values_list("table", "record_id")}

    def _foresee(
        self, rows: Rows, entries: Sequence[Entry], current: dict[int, Values]
    ) -> None:
        """In a preview nothing is written, so see what would have been."""
        for entry in entries if self.foreseen else ():
            key = (rows.model, entry.record_id)
            if key not in self.foreseen:
                continue
            values = self.foreseen[key]
            if values is None:
                current.pop(entry.record_id, None)
            else:
                now = current.get(entry.record_id, {})
                current[entry.record_id] = {**now, **values}

    def _remember(
        self, rows: Rows, decision: Decision, current: dict[int, Values]
    ) -> None:
        if not self._repeated:
            return
        table = rows.model._meta.label_lower
        for pk, _label, _before, after in decision.changes:
            if (table, pk) in self._repeated:
                key = (rows.model, pk)
                known = self.foreseen.get(key) or current.get(pk, {})
                self.foreseen[key] = None if after is None else {**known, **after}


def rename_taken(rows: Rows, decision: Decision, current: dict[int, Values]) -> None:
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
        restored = [change.record_id for change in decision.changes]
        fresh = rows.free_ids(len(taken), restored)
    except NoFreeId as error:
        decision.problems += [(pk, str(error)) for pk in sorted(moved)]
        return
    for change, pk in zip(taken, fresh, strict=True):
        decision.changes.append(change._replace(record_id=pk))
        decision.problems.append((pk, Problem.NEW_ID.value))
