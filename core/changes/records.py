"""Changes to records one knows: a form that was saved, rows to add, ids to delete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.utils.crypto import constant_time_compare, salted_hmac

from core.changes.journal import open_change_set
from core.changes.models import ChangeSet, Kind
from core.changes.operations import Set
from core.changes.preview import Preview, preview
from core.changes.rows import Rows
from core.changes.run import run
from core.changes.selection import existing, kept_along, kept_selection
from core.changes.work import (
    Batch,
    CreateWork,
    Decision,
    DeleteWork,
    EditWork,
    InvalidValues,
    Problem,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from core.changes.rows import Values
    from core.models.base import Record
    from core.models.operators import Operator


class RecordGone(Exception):
    """The record to be saved no longer exists."""


class RecordMoved(Exception):
    """Fields to be saved hold something else than the form showed; nothing was written.

    `fields` maps column → the raw value the record holds now.
    """

    def __init__(self, fields: Mapping[str, Any]) -> None:
        super().__init__(f"Changed meanwhile: {', '.join(fields)}.")
        self.fields = dict(fields)


class RecordRefused(Exception):
    """The database did not take the record; the text says why."""


def fingerprint(model: type[Record], column: str, raw: Any) -> str:
    """A short keyed hash of a stored value and its type: what a form showed, without
    showing it.
    """
    text = f"{type(raw).__name__}:{raw!r}"
    salt = f"fingerprint:{model._meta.label_lower}.{column}"
    return salted_hmac(salt, text, algorithm="sha256").hexdigest()[:24]


def read_stored(model: type[Record], pk: int) -> Values | None:
    """Every column of a record as the database holds it; None when there is no such
    record.
    """
    return Rows(model).snapshots([pk]).get(pk)


class SaveWork(EditWork):
    """An edit of one record that wants to find what its form showed."""

    def __init__(
        self,
        model: type[Record],
        pk: int,
        values: Mapping[str, Any],
        shown: Mapping[str, str],
        unlocked: Collection[str] = (),
    ) -> None:
        operations = {name: Set(value) for name, value in values.items()}
        super().__init__(model, [pk], operations, unlocked=unlocked)
        self.shown = shown

    def decide(self, rows: Rows, batch: Batch, *, lock: bool) -> Decision:
        """Raises RecordGone and RecordMoved."""
        self._find_as_shown(rows, batch, lock=lock)
        decision = super().decide(rows, batch, lock=lock)
        if not lock and not decision.changes:
            # The very same may have been written between the two reads.
            self._find_as_shown(rows, batch, lock=lock)
        return decision

    def _find_as_shown(self, rows: Rows, batch: Batch, *, lock: bool) -> None:
        now = rows.snapshots(batch.items, lock=lock).get(batch.items[0])
        if now is None:
            raise RecordGone
        moved = {
            name: now[name]
            for name in self.columns
            if name in self.shown
            and not constant_time_compare(
                self.shown[name], fingerprint(self.model, name, now[name])
            )
        }
        if moved:
            raise RecordMoved(moved)

    def refuse(self, pk: int, error: ValidationError, decision: Decision) -> None:
        """Raises InvalidValues: who saves a single record can correct it."""
        if hasattr(error, "error_dict"):
            raise InvalidValues(error.message_dict)
        raise InvalidValues({self.columns[0]: error.messages})


def save_record(
    model: type[Record],
    pk: int,
    values: Mapping[str, Any],
    *,
    shown: Mapping[str, str] | None = None,
    unlocked: Collection[str] = (),
    by: Operator | None = None,
    reason: str = "",
) -> ChangeSet | None:
    """Write these fields of one record; None when it already held them all.

    `shown` maps fields to the `fingerprint` of what the form showed; a field that holds
    something else by now stops the save. `unlocked` names locked fields of which this
    value was not typed by somebody, such as the counter of a passkey. Raises
    InvalidValues, RecordGone, RecordMoved and RecordRefused; then nothing was written
    and no change set remains.
    """
    if not values:
        return None
    work = SaveWork(model, pk, values, shown or {}, unlocked)
    batch = next(work.batches(0, lambda: 1))
    if not work.decide(Rows(model), batch, lock=False).changes:
        return None  # and MoviePilot's lock was not taken for it
    return _run_one(work, Kind.EDIT, by=by, reason=reason)


def create_records(
    model: type[Record],
    rows: Sequence[Mapping[str, Any]],
    *,
    by: Operator | None = None,
    reason: str = "",
) -> ChangeSet:
    """Create records at once, without a preview.

    Raises InvalidValues, and RecordRefused for a single row the database does not take.
    """
    work = CreateWork(model, rows)
    if work.total == 1:
        created = _run_one(work, Kind.CREATE, by=by, reason=reason)
        if created is None:
            raise RecordRefused
        return created
    change_set = open_change_set(work, Kind.CREATE, by=by, reason=reason)
    run(change_set, work)
    return change_set


def preview_deletion(
    model: type[Record], ids: Sequence[int], along: Sequence[str] = ()
) -> Preview:
    """What deleting these records would do, without a plan."""
    return preview(DeleteWork(model, existing(model, ids), along))


def delete_records(
    model: type[Record],
    ids: Sequence[int],
    *,
    along: Sequence[str] = (),
    by: Operator | None = None,
    reason: str = "",
) -> ChangeSet:
    """Delete records at once, without a preview. Ids that do not exist are left out.

    `along` names what else is to go of what is offered (core.changes.consequences).
    """
    work = DeleteWork(model, existing(model, ids), along)
    kept = {**kept_selection(model, work.items), **kept_along(along)}
    change_set = open_change_set(work, Kind.DELETE, by=by, reason=reason, **kept)
    run(change_set, work)
    return change_set


def _run_one(
    work: EditWork | CreateWork, kind: Kind, *, by: Operator | None, reason: str
) -> ChangeSet | None:
    """Run a work on one record; one that comes to nothing leaves no change set."""
    change_set = open_change_set(work, kind, by=by, reason=reason)
    try:
        run(change_set, work)
    finally:
        if change_set.is_trace_free:
            change_set.delete()
    if change_set.failed:
        raise RecordRefused(change_set.problems[0][1])
    if Problem.GONE in [why for _pk, why in change_set.problems]:
        raise RecordGone
    return change_set if change_set.changed else None
