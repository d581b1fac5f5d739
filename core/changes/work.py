"""Kinds of work a change set can be: each says, batch by batch, what is to change and
why not.

A Work decides; it never writes. `core.changes.preview` asks it without a lock, and
`core.changes.run` asks the same question under the lock and then does what the answer
says, so what was previewed is what is applied.
"""

from __future__ import annotations

from itertools import accumulate, takewhile
from typing import TYPE_CHECKING, Any, Protocol

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.changes import consequences
from core.changes.checks import RecordChecks
from core.changes.decision import Batch, Decision, Problem
from core.changes.editing import Editing
from core.changes.fitting import fit
from core.changes.last_one import LastOne
from core.changes.operations import stored_value
from core.changes.rows import Change, NoFreeId, Rows, label_text
from core.fields import JSONColumn

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from core.changes.checks import Misfits
    from core.changes.consequences.mentions import Editors
    from core.changes.operations import Operation
    from core.models.base import Record

__all__ = [
    "Batch",
    "CreateWork",
    "Decision",
    "DeleteWork",
    "EditWork",
    "InvalidValues",
    "Problem",
    "SlicedWork",
    "Work",
    "by_column",
    "check_editable",
    "default",
    "fixed",
]


class Work(Protocol):
    """Something to do to many records."""

    model: type[Record]
    total: int

    def batches(self, start: int, size: Callable[[], int]) -> Iterator[Batch]:
        """Batches from a position on, each as long as `size()` says when it is made."""

    def decide(self, rows: Rows, batch: Batch, *, lock: bool) -> Decision:
        """Read the batch's current values and say what is to change."""


class SlicedWork:
    """A Work whose items stand in one list."""

    def __init__(self, model: type[Record], items: Sequence[Any]) -> None:
        self.model, self.items, self.total = model, items, len(items)

    def batches(self, start: int, size: Callable[[], int]) -> Iterator[Batch]:
        while start < self.total:
            end = min(start + size(), self.total)
            yield Batch(self.model, self.items[start:end], end)
            start = end


class EditWork(SlicedWork):
    """Do operations to fields of records given by id.

    `unlocked` names locked fields that this work may write nevertheless. Raises
    InvalidValues when an operation can be done to no record at all.
    """

    def __init__(
        self,
        model: type[Record],
        ids: Sequence[int],
        operations: Mapping[str, Operation],
        *,
        unlocked: Collection[str] = (),
    ) -> None:
        super().__init__(model, ids)
        self.unlocked = unlocked
        self.operations = by_column(model, operations)
        rows = Rows(model)
        self.editing = Editing(model, self._compile(rows))
        self.columns = self.editing.columns
        self.checks = RecordChecks(rows, self.columns)
        self.last = LastOne(model, self.columns)
        flags = [name for name in self.last.columns if name in rows.types]
        read = [*self.columns, *self.editing.reads, *self.checks.columns, *flags]
        self.wanted = [*dict.fromkeys(read)]
        self.is_followed = consequences.are_possible(model, self.columns)

    def _compile(self, rows: Rows) -> dict[str, Callable[..., Any]]:
        """What is done to each column. Raises InvalidValues."""
        compiled, errors = {}, {}
        for column, operation in self.operations.items():
            try:
                check_editable(rows, column, self.unlocked)
                fixed = operation.fixed(rows, column, self.items)
                compiled[column] = fixed.compile(rows, self.model.column(column))
            except ValidationError as error:
                errors[column] = error.messages
        if errors:
            raise InvalidValues(errors)
        return compiled

    def batches(self, start: int, size: Callable[[], int]) -> Iterator[Batch]:
        """Whoever takes a batch may lock it next, so what is slow comes before."""
        rows = Rows(self.model)
        for batch in super().batches(start, size):
            if self.editing.slow:
                self.editing.prepare(self._read(rows, batch.items, lock=False))
            yield batch

    def _read(
        self, rows: Rows, ids: Sequence[int], *, lock: bool
    ) -> list[tuple[Any, ...]]:
        return rows.read(ids, [rows.label_column, *self.wanted], lock=lock)

    def decide(self, rows: Rows, batch: Batch, *, lock: bool) -> Decision:
        found = self._read(rows, batch.items, lock=lock)
        decision = Decision()
        if len(found) < len(batch.items):
            missing = set(batch.items) - {row[0] for row in found}
            decision.problems += [(pk, Problem.GONE.value) for pk in sorted(missing)]
        self.editing.prepare(found, is_locked=lock)
        for pk, change in self.editing.changes(found):
            if change is None:
                decision.unchanged += 1
            elif isinstance(change, ValidationError):
                self.refuse(pk, change, decision)
            else:
                decision.changes.append(change)
        if self.checks or self.last or self.is_followed:
            self._check(rows, found, decision, lock=lock)
        return decision

    def _check(
        self,
        rows: Rows,
        found: list[tuple[Any, ...]],
        decision: Decision,
        *,
        lock: bool,
    ) -> None:
        context = {
            pk: dict(zip(self.wanted, values, strict=True))
            for pk, _label, *values in found
        }
        kept = decision.changes
        misfits: Misfits = {}
        if self.checks:
            kept, misfits = self.checks.refuse(rows, kept, context, lock=lock)
        fitting = fit(
            rows, kept, context, last=self.last, is_followed=self.is_followed, lock=lock
        )
        for pk, error in [*misfits.items(), *fitting.misfits.items()]:
            self.refuse(pk, error, decision)
        decision.take(fitting)

    def refuse(self, pk: int, error: ValidationError, decision: Decision) -> None:
        """Leave a record alone that must not be stored so."""
        decision.problems.append((pk, " ".join(error.messages)))


class DeleteWork(SlicedWork):
    """Delete records given by id, and what they carry. Their whole rows are kept,
    columns unknown to us included.
    """

    LOOKED_AT = 5000
    """Records whose weight is asked for at once."""

    def __init__(
        self, model: type[Record], items: Sequence[Any], along: Sequence[str] = ()
    ) -> None:
        super().__init__(model, items)
        self.along = along
        self.carried = consequences.taken_along(model, along)
        self.own = frozenset(items) if model.lists else frozenset()
        self.last = LastOne(model)
        self.decided: set[int] = set()
        self.known: Editors = {}

    def batches(self, start: int, size: Callable[[], int]) -> Iterator[Batch]:
        """Shorter ones where records of other tables go along, which count as well."""
        cut = self._weighed if self.carried else super().batches
        for batch in cut(start, size):
            if self.model.mentioned_in:
                consequences.foresee(self.model, batch.items, self.known)
            yield batch

    def _weighed(self, start: int, size: Callable[[], int]) -> Iterator[Batch]:
        rows = Rows(self.model)
        while start < self.total:
            ids = self.items[start : start + self.LOOKED_AT]
            weights = consequences.weights(rows, self.carried, ids)
            done = 0
            while done < len(ids):
                end = done + fitting(weights[done:], size())
                yield Batch(self.model, ids[done:end], start + end)
                done = end
            start += len(ids)

    def decide(self, rows: Rows, batch: Batch, *, lock: bool) -> Decision:
        found = rows.snapshots(batch.items, lock=lock)
        decision = Decision()
        for pk in batch.items:
            if pk in found:
                label = label_text(found[pk].get(rows.label_column, pk))
                decision.changes.append(Change(pk, label, found[pk], None))
            else:
                decision.problems.append((pk, Problem.GONE.value))
        if self.last:
            decision.keep_last(rows, self.last, {}, lock=lock)
        if self.carried or self.model.mentioned_in or self.model.lists:
            self._carry(rows, batch, decision, lock=lock)
        return decision

    def _carry(
        self, rows: Rows, batch: Batch, decision: Decision, *, lock: bool
    ) -> None:
        found = consequences.of_deletion(
            rows,
            decision.changes,
            along=self.along,
            own=self.own,
            # Without a lock nothing is written, so what is gone can still be read.
            gone=() if lock else self.decided,
            known=self.known,
            lock=lock,
        )
        decision.follow(found)
        if not lock:
            self.decided.update(change.record_id for change in decision.changes)


def fitting(weights: Sequence[int], most: int) -> int:
    """How many of the first together weigh no more than that; at least one."""
    sums = accumulate(weights)
    return max(1, sum(1 for _ in takewhile(lambda total: total <= most, sums)))


class CreateWork(SlicedWork):
    """Create records from mappings of field → value. What is left out gets MoviePilot's
    default.

    Raises InvalidValues when a value cannot be stored.
    """

    def __init__(self, model: type[Record], items: Sequence[Mapping[str, Any]]) -> None:
        self.rows = Rows(model)
        self.fields = [f for f in model._meta.fields if f.attname in self.rows.types]
        self.names = {name for f in self.fields for name in (f.name, f.attname)}
        super().__init__(model, [self._prepare(item) for item in items])
        self.checks = RecordChecks(self.rows, self.names)

    def _prepare(self, item: Mapping[str, Any]) -> dict[str, Any]:
        errors = {
            name: [str(_("There is no such column."))]
            for name in item.keys() - self.names
        }
        prepared = {}
        for field_ in self.fields:
            name = field_.attname if field_.attname in item else field_.name
            value = item[name] if name in item else default(field_)
            try:
                prepared[field_.attname] = self._stored(field_, value)
            except ValidationError as error:
                errors[name] = error.messages
        if errors:
            raise InvalidValues(errors)
        return prepared

    def _stored(self, field_: models.Field[Any, Any], value: Any) -> Any:
        if field_.primary_key:
            return value
        is_locked = field_.attname in self.rows.model.locked_fields
        if is_locked and isinstance(field_, JSONColumn) and value != default(field_):
            # Not even a new record may bring a workflow's context: it is unpickled.
            raise ValidationError(_("This column cannot be edited."))
        return stored_value(self.rows, field_, value)

    def decide(self, rows: Rows, batch: Batch, *, lock: bool) -> Decision:
        decision = Decision()
        named = [item["id"] for item in batch.items if item["id"] is not None]
        unnamed = len(batch.items) - len(named)
        try:
            is_real = lock and unnamed
            fresh = iter(rows.free_ids(unnamed, named) if is_real else range(unnamed))
        except NoFreeId as error:
            decision.problems += [(0, str(error))] * unnamed
            fresh = iter(())
        for item in batch.items:
            values = dict(item)
            pk = values.pop("id")
            pk = next(fresh, None) if pk is None else pk
            if pk is not None:
                label = label_text(values.get(rows.label_column, pk))
                decision.changes.append(Change(pk, label, None, values))
        if self.checks:
            self._check(rows, decision, lock=lock)
        return decision

    def _check(self, rows: Rows, decision: Decision, *, lock: bool) -> None:
        decision.changes, misfits = self.checks.refuse(
            rows, decision.changes, {}, lock=lock
        )
        for error in misfits.values():
            if self.total == 1:
                raise InvalidValues(error.message_dict)
            decision.problems.append((0, " ".join(error.messages)))


def default(field_: models.Field[Any, Any]) -> Any:
    """What MoviePilot writes to a column that it is given no value for.

    None where there has to be one; Django would make an empty text of that.
    """
    return field_.get_default() if field_.has_default() else None


def by_column(
    model: type[Record], operations: Mapping[str, Operation]
) -> dict[str, Operation]:
    """The operations by the names of their columns. Raises InvalidValues."""
    try:
        return {model.column(name).attname: each for name, each in operations.items()}
    except FieldDoesNotExist:
        known = {name for f in model._meta.fields for name in (f.name, f.attname)}
        text = str(_("There is no such column."))
        raise InvalidValues(
            {name: [text] for name in operations if name not in known}
        ) from None


def fixed(
    model: type[Record], operations: Mapping[str, Operation], ids: Sequence[int]
) -> dict[str, Operation]:
    """The operations on exactly these records. Raises InvalidValues."""
    rows, found, errors = Rows(model), {}, {}
    by_column(model, operations)
    for name, operation in operations.items():
        try:
            found[name] = operation.fixed(rows, name, ids)
        except ValidationError as error:
            errors[name] = error.messages
    if errors:
        raise InvalidValues(errors)
    return found


def check_editable(rows: Rows, column: str, unlocked: Collection[str] = ()) -> None:
    """Raises ValidationError for a column that nobody edits, or that is not there."""
    if column in rows.model.locked_fields and column not in unlocked:
        raise ValidationError(_("This column cannot be edited."))
    if column not in rows.types:
        raise ValidationError(_("There is no such column."))


class InvalidValues(Exception):
    """Values that cannot be stored; `errors` maps field → messages."""

    def __init__(self, errors: Mapping[str, Sequence[str]]) -> None:
        super().__init__(
            "; ".join(f"{name}: {' '.join(why)}" for name, why in errors.items())
        )
        self.errors = {name: [*why] for name, why in errors.items()}
