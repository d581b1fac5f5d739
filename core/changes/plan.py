"""Plans: made, previewed, and applied only to what was previewed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from core.changes import idset
from core.changes.journal import CONSOLE, open_change_set, reopen
from core.changes.models import ChangeSet, Kind, Plan
from core.changes.operations import (
    Operation,
    operations_from_json,
    operations_to_json,
    rows_from_json,
    rows_to_json,
)
from core.changes.preview import preview
from core.changes.run import run
from core.changes.selection import Selection
from core.changes.undo import work_of_undo
from core.changes.work import CreateWork, DeleteWork, EditWork, Work
from core.current import current_operator

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.models.base import Record
    from core.models.operators import Operator


PLANS_KEPT = timedelta(days=7)


@dataclass(frozen=True)
class Create:
    """Create these records: field → value each."""

    rows: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Delete:
    """Delete the selected records. Never a file."""


class PlanUsed(Exception):
    """The plan has been applied already; `change_set` is what came of it."""

    def __init__(self, change_set: ChangeSet | None) -> None:
        super().__init__("This plan has been applied already.")
        self.change_set = change_set


class SelectionMoved(Exception):
    """The records that match are no longer those that were previewed."""

    def __init__(self, added: list[int], removed: list[int]) -> None:
        super().__init__(
            f"{len(added)} records more and {len(removed)} fewer match than shown."
        )
        self.added, self.removed = added, removed


def draft(selection: Selection, *, by: Operator | None = None) -> Plan:
    """A plan that knows its records but no operations yet. Raises FilterError."""
    forget_old_plans()
    ids = selection.record_ids()
    return Plan.objects.create(
        operator=by or current_operator(),
        table=selection.model._meta.label_lower,
        selection=selection.to_json(),
        ids=idset.pack(ids),
        count=len(ids),
        digest=idset.digest(ids),
    )


def plan(
    model: type[Record],
    operations: Mapping[str, Operation] | Create | Delete,
    *,
    selection: Selection | None = None,
    reason: str = "",
    by: Operator | None = None,
) -> Plan:
    """What to do to which records (default: all of the table), previewed.

    Raises InvalidValues when a value fits no record, FilterError for a bad selection.
    """
    if isinstance(operations, Create):
        selection = Selection(model, ids=[])
    made = draft(selection or Selection(model), by=by)
    return complete(made, operations, reason=reason)


def complete(
    made: Plan,
    operations: Mapping[str, Operation] | Create | Delete,
    *,
    reason: str = "",
) -> Plan:
    """Give a draft its operations and preview it. Raises InvalidValues."""
    made.kind, made.operations = _describe(made.model, operations)
    made.reason = reason
    work = work_of(made, made.record_ids())
    made.outcome = preview(work).to_json()
    made.count = work.total
    made.save()
    return made


def _describe(
    model: type[Record], operations: Mapping[str, Operation] | Create | Delete
) -> tuple[Kind, dict[str, Any]]:
    if isinstance(operations, Create):
        return Kind.CREATE, {"rows": rows_to_json(model, operations.rows)}
    if isinstance(operations, Delete):
        return Kind.DELETE, {}
    return Kind.EDIT, operations_to_json(model, operations)


def work_of(made: Plan | ChangeSet, ids: Sequence[int]) -> Work:
    """The work a plan or change set stands for."""
    if made.kind == Kind.CREATE:
        return CreateWork(made.model, rows_from_json(made.operations["rows"]))
    if made.kind == Kind.DELETE:
        return DeleteWork(made.model, ids)
    return EditWork(made.model, ids, operations_from_json(made.operations))


def apply(made: Plan, *, by: Operator | None = None) -> ChangeSet:
    """Do what was previewed, to exactly those records.

    Raises PlanUsed, and SelectionMoved when other records match now than were
    previewed, then nothing has been written; ValueError for a draft.
    """
    if not made.kind:
        raise ValueError("A draft says nothing to do.")
    used = Plan.objects.filter(pk=made.pk).exclude(change_set=None).first()
    if used is not None:
        # Told first: a plan that was applied hardly ever selects the same once more.
        raise PlanUsed(used.change_set)
    ids = prove(made)
    work = work_of(made, ids)
    change_set = _claim(made, work, by)
    run(change_set, work)
    return change_set


def prove(made: Plan) -> list[int]:
    """The previewed ids, proven to be those that match now. Raises SelectionMoved."""
    if made.kind == Kind.CREATE:
        return []
    now = Selection.from_json(made.selection).record_ids()
    if idset.digest(now) != made.digest:
        shown, found = set(made.record_ids()), set(now)
        raise SelectionMoved(sorted(found - shown), sorted(shown - found))
    return now


def _claim(made: Plan, work: Work, by: Operator | None) -> ChangeSet:
    """Open the plan's change set; of two who try, one gets it."""
    with transaction.atomic(CONSOLE):
        change_set = open_change_set(
            work,
            made.kind,
            by=by or made.operator,
            reason=made.reason,
            selection=made.selection,
            operations=_lasting(made),
            ids=made.ids,
        )
        unused = Plan.objects.filter(pk=made.pk, change_set=None)
        if unused.update(change_set=change_set) == 1:
            return change_set
        transaction.set_rollback(True, using=CONSOLE)
    raise PlanUsed(Plan.objects.get(pk=made.pk).change_set)


def _lasting(made: Plan) -> dict[str, Any]:
    """The operations as the change set keeps them: the rows of a creation are its
    entries.
    """
    return {} if made.kind == Kind.CREATE else made.operations


def resume(change_set: ChangeSet) -> ChangeSet:
    """Go on with a stopped edit, deletion or undo where it stopped.

    Raises ValueError for others.
    """
    work = _work_left(change_set)
    with transaction.atomic(CONSOLE):
        change_set = ChangeSet.objects.select_for_update().get(pk=change_set.pk)
        if not change_set.can_be_resumed or not reopen(change_set):
            raise ValueError("Somebody else goes on with it, or takes it back.")
    run(change_set, work)
    return change_set


def _work_left(change_set: ChangeSet) -> Work:
    if not change_set.can_be_resumed:
        raise ValueError("Only a stopped edit, deletion or undo can be resumed.")
    if change_set.kind == Kind.UNDO:
        return work_of_undo(change_set)
    return work_of(change_set, idset.unpack(bytes(change_set.ids)))


def forget_old_plans() -> None:
    """Delete plans nobody will apply any more: each may hold a million ids."""
    Plan.objects.filter(created_at__lt=timezone.now() - PLANS_KEPT).delete()
