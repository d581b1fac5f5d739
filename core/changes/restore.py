"""One record, or one field of it, as it was before or after a change.

    target = find_target(entry, "before")
    restore(target, shown=target.fingerprints(), by=operator, reason="…")

What a record held at that time is known as far as the console has written it: later
changes say what they found. What only MoviePilot has written stays as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from core.changes.history import entries_of
from core.changes.journal import open_change_set
from core.changes.models import ChangeEntry, Kind
from core.changes.parts import dealt_with
from core.changes.records import RecordMoved, RecordRefused, fingerprint, read_stored
from core.changes.restore_work import PutBackWork, RecreateWork
from core.changes.rows import Rows, same
from core.changes.run import run
from core.changes.snapshot import load
from core.changes.undo import NothingToUndo, undo
from core.changes.work import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.changes.models import ChangeSet
    from core.changes.rows import Values
    from core.models.base import Carried, Offered, Record
    from core.models.operators import Operator

When = Literal["before", "after"]


class NotKnown(Exception):
    """There was no such record, or no such value of it, at that time."""


@dataclass(frozen=True)
class Target:
    """What a record is to hold again."""

    entry: ChangeEntry
    when: When
    values: Values
    """Column → raw value; of a record to be made anew, all there are."""
    now: Values | None
    """What the record holds; None where it is gone, or its id is another's by now."""
    is_taken: bool
    """Another record has its id."""
    lost: Sequence[str]
    """Columns that were held then and that the table no longer has."""
    kept: Sequence[str]
    """Columns that would differ, but that nobody edits."""

    @property
    def model(self) -> type[Record]:
        """The record's table."""
        return self.entry.model

    @property
    def moves(self) -> dict[str, tuple[Any, Any]]:
        """Column → what it holds now and what it is to hold, where those differ."""
        now = self.now or {}
        return {
            name: (now.get(name), value)
            for name, value in self.values.items()
            if self.now is None or not same(now[name], value)
        }

    def fingerprints(self) -> dict[str, str]:
        """Column → what it holds now, to be told again by `restore`."""
        return {
            name: fingerprint(self.model, name, old)
            for name, (old, _new) in self.moves.items()
            if self.now is not None
        }

    @property
    def undoes_deletion(self) -> bool:
        """Whether it is the record as it was deleted, and nobody has put it back."""
        is_last = self.when == "before" and self.entry.after is None
        if not is_last or self.lost or not self.entry.change_set.can_be_undone:
            return False
        return not dealt_with(self.entry.change_set, [self.entry.pk])


def find_target(entry: ChangeEntry, when: When, column: str = "") -> Target:
    """What the record, or one column of it, held right before or after the change.

    Raises NotKnown and UnreadableSecret.
    """
    model, pk = entry.model, entry.record_id
    if column:
        values, is_whole, is_other = _value(entry, when, column), False, False
    else:
        values, is_whole, is_other = _walk(entry, when)
    now = read_stored(model, pk)
    is_taken = now is not None and is_other
    now = None if is_taken else now
    if now is None and not is_whole:
        raise NotKnown
    known = Rows(model).types
    lost = [name for name in values if name not in known]
    locked = () if now is None else model.locked_fields
    held = {n: v for n, v in values.items() if n in known and n not in locked}
    kept = [n for n in values if now and n in locked and not same(now[n], values[n])]
    return Target(entry, when, held, now, is_taken, lost, kept)


def _value(entry: ChangeEntry, when: When, column: str) -> Values:
    held = load(entry.before if when == "before" else entry.after)
    if held is None or column not in held:
        raise NotKnown
    return {column: held[column]}


def _walk(entry: ChangeEntry, when: When) -> tuple[Values, bool, bool]:
    """(values, whether those are all, whether the id may be another record's by now).

    From now back to the entry: a change tells what it found.
    """
    values: Values = {}
    is_whole = is_other = False
    newer = entries_of(entry.model, entry.record_id).filter(pk__gt=entry.pk)
    found = newer.select_related("change_set").order_by("-pk")
    latest = entry
    for number, later in enumerate(found):
        latest = later if not number else latest
        before = load(later.before)
        if before is None:
            values, is_whole = {}, False
            is_other |= not _was_restored(later)
        else:
            values = before if later.after is None else {**values, **before}
            is_whole |= later.after is None
    held = load(entry.before if when == "before" else entry.after)
    if held is None:
        raise NotKnown
    if entry.before is None or entry.after is None:
        values, is_whole = held, True
    # A record whose last change was its deletion, and that is there, is another one.
    return {**values, **held}, is_whole, is_other or latest.after is None


def _was_restored(entry: ChangeEntry) -> bool:
    """Whether a creation brought back a record that had been there before."""
    made = entry.change_set
    return made.kind == Kind.UNDO or "restores" in made.selection


def carried_by(entry: ChangeEntry) -> list[ChangeEntry]:
    """What a deletion did to other records along with this one, as far as that can be
    told: in a batch of many records it is what went by a key of the record.
    """
    if entry.after is not None:
        return []
    batch = entry.change_set.entries.filter(batch=entry.batch)
    others = batch.exclude(pk=entry.pk).order_by("pk")
    if not others.filter(table=entry.table, after=None).exists():
        return [*others] if entry.table == entry.change_set.table else []
    before = {**(load(entry.before) or {}), "id": entry.record_id}
    found = []
    declared: list[Carried | Offered] = [*entry.model.carries, *entry.model.offers]
    for along in declared:
        deleted = others.filter(table=along.table.lower(), after=None)
        key = before.get(along.key)
        found += [e for e in deleted if (load(e.before) or {}).get(along.column) == key]
    return found


def restore(
    target: Target,
    *,
    shown: Mapping[str, str],
    along: Sequence[int] = (),
    by: Operator | None = None,
    reason: str = "",
) -> ChangeSet | None:
    """Make the record so again; None when it is so already.

    `shown` are the fingerprints of what an operator was shown. `along` are ids of
    entries that a deletion carried, to be taken back with it. Raises InvalidValues,
    RecordGone, RecordMoved and RecordRefused; then nothing was written.
    """
    if {*shown} != {*target.fingerprints()}:
        raise RecordMoved({name: old for name, (old, _new) in target.moves.items()})
    if not target.moves:
        return None
    if target.undoes_deletion:
        return _undo_deletion(target, along, by, reason)
    return _run(target, shown, by, reason)


def _undo_deletion(
    target: Target, along: Sequence[int], by: Operator | None, reason: str
) -> ChangeSet:
    made, entries = target.entry.change_set, [target.entry.pk, *along]
    try:
        undoing = undo(made, entries=entries, by=by, reason=reason).change_set
    except NothingToUndo:  # somebody else has been quicker
        raise RecordMoved({}) from None
    if not undoing.written:
        why = [why for _pk, why in undoing.problems]
        raise RecordRefused(dict(Problem.choices).get(why[0], why[0]) if why else "")
    return undoing


def _run(
    target: Target, shown: Mapping[str, str], by: Operator | None, reason: str
) -> ChangeSet | None:
    model, pk = target.model, target.entry.record_id
    work: PutBackWork | RecreateWork
    if target.now is None:
        work = RecreateWork(model, pk, target.entry.label, target.values)
    else:
        work = PutBackWork(model, pk, target.values, shown)
    # What cannot be done is told before there is a change set.
    work.decide(Rows(model), next(work.batches(0, lambda: 1)), lock=False)
    kind = Kind.CREATE if target.now is None else Kind.EDIT
    kept = {"restores": target.entry.pk}
    change_set = open_change_set(work, kind, by=by, reason=reason, selection=kept)
    try:
        run(change_set, work)
    finally:
        if change_set.is_trace_free:
            change_set.delete()
    if change_set.failed:
        raise RecordRefused(change_set.problems[0][1])
    return change_set if change_set.written else None
