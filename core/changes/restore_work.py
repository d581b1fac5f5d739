"""The works of a restore: raw values into a record that is there, or a record anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.crypto import constant_time_compare

from core.changes import consequences
from core.changes.checks import RecordChecks
from core.changes.fitting import fit
from core.changes.last_one import LastOne
from core.changes.records import RecordGone, RecordMoved, fingerprint
from core.changes.rows import Change, Rows, Values, label_text, same
from core.changes.undo_work import rename_taken
from core.changes.work import Decision, InvalidValues, SlicedWork

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.core.exceptions import ValidationError

    from core.changes.work import Batch
    from core.models.base import Record


class PutBackWork(SlicedWork):
    """Write raw values to a record that holds what somebody was shown."""

    def __init__(
        self, model: type[Record], pk: int, values: Values, shown: Mapping[str, str]
    ) -> None:
        super().__init__(model, [pk])
        self.values, self.shown = values, shown

    def decide(self, rows: Rows, batch: Batch, *, lock: bool) -> Decision:
        """Raises RecordGone, RecordMoved and InvalidValues."""
        [pk] = batch.items
        now = rows.snapshots([pk], lock=lock).get(pk)
        if now is None:
            raise RecordGone
        self._find_as_shown(now)
        after = {n: v for n, v in self.values.items() if not same(now[n], v)}
        decision = Decision()
        if not after:
            decision.unchanged = 1
            return decision
        before = {name: now[name] for name in after}
        label = label_text(now.get(rows.label_column, pk))
        change = Change(pk, label, before, after)
        fitting = fit(
            rows,
            _fitting(rows, change, now, lock=lock),
            {pk: now},
            last=LastOne(self.model, after),
            is_followed=consequences.are_possible(self.model, after),
            lock=lock,
        )
        _raise(fitting.misfits)
        decision.take(fitting)
        return decision

    def _find_as_shown(self, now: Values) -> None:
        moved = {
            name: now[name]
            for name, digest in self.shown.items()
            if name in now
            and not constant_time_compare(
                digest, fingerprint(self.model, name, now[name])
            )
        }
        if moved:
            raise RecordMoved(moved)


class RecreateWork(SlicedWork):
    """Make a record anew of raw values, under its own id unless that is taken."""

    def __init__(
        self, model: type[Record], pk: int, label: str, values: Values
    ) -> None:
        super().__init__(model, [Change(pk, label, None, values)])

    def decide(self, rows: Rows, batch: Batch, *, lock: bool) -> Decision:
        """Raises InvalidValues."""
        [change] = batch.items
        current = rows.snapshots([change.record_id], lock=lock)
        decision = Decision()
        decision.changes = _fitting(rows, change, {}, lock=lock)
        if lock:
            rename_taken(rows, decision, current)
        return decision


def _fitting(rows: Rows, change: Change, now: Values, *, lock: bool) -> list[Change]:
    """The change, if MoviePilot would put up with it. Raises InvalidValues."""
    checks = RecordChecks(rows, [*(change.after or {})])
    if not checks:
        return [change]
    context = {change.record_id: now}
    kept, misfits = checks.refuse(rows, [change], context, lock=lock)
    _raise(misfits)
    return kept


def _raise(misfits: Mapping[int, ValidationError]) -> None:
    for error in misfits.values():
        if hasattr(error, "error_dict"):
            raise InvalidValues(error.message_dict)
        raise InvalidValues({"": error.messages})
