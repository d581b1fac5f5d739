"""Plans: made, previewed, and applied only to what was previewed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from core.changes import idset
from core.changes.actions import Action, Create, Edit, Kept, action_of
from core.changes.journal import CONSOLE, open_change_set, reopen
from core.changes.models import ChangeSet, Kind, Plan, State
from core.changes.run import run
from core.changes.selection import Selection
from core.changes.undo import work_of_undo
from core.current import current_operator

if TYPE_CHECKING:
    from core.changes.operations import Operation
    from core.changes.work import Work
    from core.models.base import Record
    from core.models.operators import Operator


PLANS_KEPT = timedelta(days=7)


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


class InvalidRecords(Exception):
    """Some records cannot be changed so, and nobody said to go on without them."""

    def __init__(self, count: int) -> None:
        super().__init__(f"{count} records cannot be changed so.")
        self.count = count


def draft(selection: Selection, *, by: Operator | None = None) -> Plan:
    """A plan that knows its records but no operations yet. Raises FilterError."""
    return _draft(selection, selection.record_ids(), by)


def _draft(selection: Selection, ids: list[int], by: Operator | None) -> Plan:
    forget_old_plans()
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
    doing: Mapping[str, Operation] | Action,
    *,
    selection: Selection | None = None,
    reason: str = "",
    by: Operator | None = None,
) -> Plan:
    """What to do to which records (default: all of the table), previewed.

    Raises InvalidValues when a value fits no record, FilterError for a bad selection.
    """
    action = _action(doing)
    if isinstance(action, Create):
        selection = Selection(model, ids=[])
    selection = selection or Selection(model)
    return complete(_draft(selection, action.ids(selection), by), action, reason=reason)


def _action(doing: Mapping[str, Operation] | Action) -> Action:
    return Edit(doing) if isinstance(doing, Mapping) else doing


def complete(
    made: Plan, doing: Mapping[str, Operation] | Action, *, reason: str = ""
) -> Plan:
    """Give a draft its operations and preview it. Raises InvalidValues."""
    action = _action(doing).fixed(made.model, made.record_ids())
    made.kind = action.kind
    made.operations, made.payload = action.keep(made.model)
    made.reason = reason
    work = action.work(made.model, made.record_ids())
    made.outcome = action.preview(work, seed=made.token).to_json()
    made.count = work.total
    made.save()
    return made


def apply(
    made: Plan, *, by: Operator | None = None, skip_invalid: bool = False
) -> ChangeSet:
    """Do what was previewed, to exactly those records.

    Raises what `claim` raises; then nothing has been written.
    """
    change_set, work = claim(made, by=by, skip_invalid=skip_invalid)
    run(change_set, work)
    return change_set


def claim(
    made: Plan,
    *,
    by: Operator | None = None,
    skip_invalid: bool = False,
    state: State = State.APPLYING,
) -> tuple[ChangeSet, Work]:
    """Open the plan's change set, which nobody else can do from then on.

    Raises PlanUsed; SelectionMoved when other records match now than were previewed;
    InvalidRecords unless the records that cannot be changed are to be passed over;
    InvalidValues; ValueError for a draft.
    """
    if not made.kind:
        raise ValueError("A draft says nothing to do.")
    used = Plan.objects.filter(pk=made.pk).exclude(change_set=None).first()
    if used is not None:
        # Told first: a plan that was applied hardly ever selects the same once more.
        raise PlanUsed(used.change_set)
    invalid = made.preview.invalid_count
    if invalid and not skip_invalid:
        raise InvalidRecords(invalid)
    action = action_of(made)
    work = action.work(made.model, prove(made))
    kept = action.lasting(Kept(made.operations, bytes(made.payload)))
    return _open(made, work, kept, by, state), work


def prove(made: Plan) -> list[int]:
    """The previewed ids, proven to be those that match now. Raises SelectionMoved."""
    now = action_of(made).ids(Selection.from_json(made.selection))
    if idset.digest(now) != made.digest:
        shown, found = set(made.record_ids()), set(now)
        raise SelectionMoved(sorted(found - shown), sorted(shown - found))
    return now


def _open(
    made: Plan, work: Work, kept: Kept, by: Operator | None, state: State
) -> ChangeSet:
    """Open the plan's change set; of two who try, one gets it."""
    with transaction.atomic(CONSOLE):
        change_set = open_change_set(
            work,
            made.kind,
            by=by or made.operator,
            reason=made.reason,
            state=state,
            selection=made.selection,
            operations=kept.operations,
            payload=kept.payload,
            ids=made.ids,
        )
        unused = Plan.objects.filter(pk=made.pk, change_set=None)
        # The change set has its own payload until it is done.
        if unused.update(change_set=change_set, payload=b"") == 1:
            return change_set
        transaction.set_rollback(True, using=CONSOLE)
    raise PlanUsed(Plan.objects.get(pk=made.pk).change_set)


def work_of(change_set: ChangeSet) -> Work:
    """The work a change set stands for, to be begun or gone on with."""
    if change_set.kind == Kind.UNDO:
        return work_of_undo(change_set)
    ids = idset.unpack(bytes(change_set.ids))
    return action_of(change_set).work(change_set.model, ids)


def resume(change_set: ChangeSet) -> ChangeSet:
    """Go on with a stopped change set where it stopped. Raises ValueError for others.

    A creation cannot be gone on with: its rows are kept as entries only.
    """
    change_set, work = reclaim(change_set)
    run(change_set, work)
    return change_set


def reclaim(
    change_set: ChangeSet, *, state: State = State.APPLYING
) -> tuple[ChangeSet, Work]:
    """Reopen a stopped change set, which nobody else can do from then on. Raises
    ValueError.
    """
    if not change_set.can_be_resumed:
        raise ValueError("Only a stopped change can be resumed, and no creation.")
    work = work_of(change_set)
    with transaction.atomic(CONSOLE):
        change_set = ChangeSet.objects.select_for_update().get(pk=change_set.pk)
        if not change_set.can_be_resumed or not reopen(change_set, state):
            raise ValueError("Somebody else goes on with it, or takes it back.")
    return change_set, work


def forget_old_plans() -> None:
    """Delete plans nobody will apply any more: each may hold a million ids."""
    Plan.objects.filter(created_at__lt=timezone.now() - PLANS_KEPT).delete()
