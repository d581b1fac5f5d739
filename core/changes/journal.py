"""The console's side of a change set: opened, journaled, marked, closed.

A change set belongs to the process that works on it, its `worker`. Each step here is
taken only while that is still so, hence a process that was held up for longer than its
lease, and whose change set another one has settled meanwhile, writes nothing more.
"""

from __future__ import annotations

import os
import socket
import uuid
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from django.db import connections, transaction
from django.db.models import F
from django.utils import timezone

from core.changes.door import MOVIEPILOT
from core.changes.models import BatchState, ChangeBatch, ChangeEntry, ChangeSet, State
from core.changes.snapshot import dump_pairs
from core.changes.work import Problem
from core.current import current_operator
from core.schema import place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.changes.rows import Change
    from core.changes.work import Batch, Decision, Work
    from core.models.base import Record
    from core.models.operators import Operator

CONSOLE = "default"
LEASE = timedelta(minutes=3)
MOST_PROBLEMS = 1000
COLUMNS = ("change_set_id", "batch", "table", "record_id", "label", "before", "after")


class TakenOver(Exception):
    """Another process has settled the change set: this one was given up for dead."""


@dataclass(frozen=True)
class Outcome:
    """What came of a batch: records written in the change set's table and carried in
    others; `table` is that of the batch, `aside` are (table, ids) of records not
    written after all.
    """

    position: int
    changed: int
    carried: int = 0
    unchanged: int = 0
    problems: Sequence[tuple[int, str]] = ()
    table: str = ""
    aside: Sequence[tuple[str, Sequence[int]]] = ()


@cache
def _process_token(pid: int) -> str:
    return uuid.uuid4().hex


def this_worker() -> str:
    """Name of this process, told apart from a later one with the same number."""
    return f"{socket.gethostname()} {os.getpid()} {_process_token(os.getpid())}"


def this_run() -> str:
    """Name of one run of this process: two of its threads may come to one change set,
    the second when the first was given up for dead.
    """
    return f"{this_worker()} {uuid.uuid4().hex}"


def open_change_set(
    work: Work,
    kind: str,
    *,
    by: Operator | None = None,
    reason: str = "",
    **values: Any,
) -> ChangeSet:
    """The change set of a work about to be run, by this operator or the one at work.

    In `state` QUEUED it waits for the worker that will `take` it.
    """
    operator = by or current_operator()
    is_queued = values.get("state") == State.QUEUED
    return ChangeSet.objects.create(
        operator=operator,
        operator_name=operator.get_username() if operator else "system",
        database=place(connections[MOVIEPILOT]),
        table=work.model._meta.label_lower,
        kind=kind,
        reason=reason,
        total=work.total,
        **({} if is_queued else _mine()),
        **values,
    )


def take(change_set: ChangeSet) -> bool:
    """Begin with a queued change set; of two who try, one gets it."""
    return _move(change_set, State.QUEUED, State.APPLYING, **_mine(change_set))


def reopen(change_set: ChangeSet, state: State = State.APPLYING) -> bool:
    """Take a stopped change set up again, or queue it; of two who try, one gets it."""
    is_queued = state == State.QUEUED
    began = {"started_at": timezone.now()} if is_queued else _mine(change_set)
    return _move(
        change_set,
        State.STOPPED,
        state,
        finished_at=None,
        cancel_requested=False,
        error="",
        **began,
    )


def give_up(change_set: ChangeSet, error: str) -> bool:
    """Stop a queued change set that nobody can begin with."""
    return _move(
        change_set,
        State.QUEUED,
        State.STOPPED,
        finished_at=timezone.now(),
        error=error,
    )


def cancel(change_set: ChangeSet) -> bool:
    """Have it stop after the batch being written, or not begin at all.

    Returns False for one that is neither queued nor at work.
    """
    over = {"finished_at": timezone.now(), "cancel_requested": True}
    if _move(change_set, State.QUEUED, State.STOPPED, **over):
        return True
    at_work = ChangeSet.objects.filter(pk=change_set.pk, state=State.APPLYING)
    return at_work.update(cancel_requested=True) == 1


def _mine(change_set: ChangeSet | None = None) -> dict[str, Any]:
    """What makes a change set this process's."""
    now = timezone.now()
    return {
        "worker": this_run(),
        "lease_until": now + LEASE,
        "started_at": now,
        "started_position": change_set.position if change_set else 0,
    }


def _move(change_set: ChangeSet, old: State, new: State, **values: Any) -> bool:
    """From one state to the next; of two who try, one gets it."""
    moved = ChangeSet.objects.filter(pk=change_set.pk, state=old).update(
        state=new, **values
    )
    change_set.refresh_from_db()
    return moved == 1


def wait_for_console() -> None:
    """Wait for whoever writes to the console's database for long, as VACUUM does:
    before MoviePilot's lock is taken, or MoviePilot would wait as well.
    """
    with transaction.atomic(CONSOLE, durable=True):
        pass


def journal(change_set: ChangeSet, batch: Batch, decision: Decision) -> ChangeBatch:
    """Commit what is about to be written as a pending batch. Raises TakenOver."""
    with transaction.atomic(CONSOLE, durable=True):
        _note(change_set, lease_until=timezone.now() + LEASE)
        pending = ChangeBatch.objects.create(
            change_set=change_set,
            number=change_set.batches.count() + 1,
            position=batch.end,
            table=batch.model._meta.label_lower,
            unchanged=decision.unchanged,
            problems=decision.problems,
        )
        for model, changes in (*decision.carried, (batch.model, decision.changes)):
            _insert_entries(pending, model, changes)
    return pending


def mark(change_set: ChangeSet, pending: ChangeBatch | None, outcome: Outcome) -> None:
    """Note what came of a batch and how far the change set has come.

    Raises TakenOver.
    """
    skipped, failed = count_problems(outcome.problems)
    problems = [*change_set.problems, *map(list, outcome.problems)][:MOST_PROBLEMS]
    with transaction.atomic(CONSOLE):
        _note(
            change_set,
            position=outcome.position,
            problems=problems,
            changed=F("changed") + outcome.changed,
            carried=F("carried") + outcome.carried,
            unchanged=F("unchanged") + outcome.unchanged,
            skipped=F("skipped") + skipped,
            failed=F("failed") + failed,
            lease_until=timezone.now() + LEASE,
        )
        if pending is None and outcome.problems:
            pending = change_set.batches.create(
                number=change_set.batches.count() + 1,
                position=outcome.position,
                table=outcome.table,
            )
        if pending is not None:
            is_written = outcome.changed or outcome.carried
            if is_written:
                _set_aside(pending, outcome.aside)
            state = BatchState.APPLIED if is_written else BatchState.DISCARDED
            _close(pending, state, outcome.problems)
    change_set.position, change_set.problems = outcome.position, problems


def discard(change_set: ChangeSet, pending: ChangeBatch) -> None:
    """Note that a batch was journaled but never written. Raises TakenOver."""
    with transaction.atomic(CONSOLE):
        _note(change_set, lease_until=timezone.now() + LEASE)
        _close(pending, BatchState.DISCARDED, [])


def finish(change_set: ChangeSet, state: State, error: str = "") -> None:
    """Close the change set and read back the counts its batches have added up.

    `error` says what stopped it. Raises TakenOver.
    """
    # What is needed to go on may be long, or secret.
    spent = {"payload": b""} if state == State.APPLIED else {}
    _note(
        change_set,
        state=state,
        error=error,
        finished_at=timezone.now(),
        lease_until=None,
        **spent,
    )
    change_set.refresh_from_db()


def must_stop(change_set: ChangeSet) -> bool:
    """Whether somebody has cancelled it since it began."""
    asked = ChangeSet.objects.filter(pk=change_set.pk, cancel_requested=True)
    return asked.exists()


def release(change_set: ChangeSet) -> None:
    """Leave the change set unfinished, for whoever can settle it."""
    mine = ChangeSet.objects.filter(pk=change_set.pk, worker=change_set.worker)
    mine.filter(state=State.APPLYING).update(lease_until=None)


def count_problems(problems: Sequence[tuple[int, str]]) -> tuple[int, int]:
    """How many records were skipped for a known reason, and how many refused."""
    skipped = sum(why in (Problem.GONE, Problem.CONFLICT) for _pk, why in problems)
    written = sum(why == Problem.NEW_ID for _pk, why in problems)
    return skipped, len(problems) - skipped - written


def _note(change_set: ChangeSet, **values: Any) -> None:
    """Update the change set, which must still be ours. Raises TakenOver."""
    ours = ChangeSet.objects.filter(
        pk=change_set.pk, state=State.APPLYING, worker=change_set.worker
    )
    if not ours.update(**values):
        raise TakenOver


def _close(
    pending: ChangeBatch, state: BatchState, problems: Sequence[tuple[int, str]]
) -> None:
    """Say what became of a batch; its problems are those that were counted."""
    pending.state, pending.problems = state, [*problems]
    pending.save(update_fields=["state", "problems"])


def _set_aside(
    pending: ChangeBatch, unwritten: Sequence[tuple[str, Sequence[int]]]
) -> None:
    """Move the entries of records not written to a discarded batch of their own."""
    if not any(ids for _table, ids in unwritten):
        return
    change_set = pending.change_set
    aside = change_set.batches.create(
        number=change_set.batches.count() + 1,
        state=BatchState.DISCARDED,
        position=pending.position,
    )
    entries = change_set.entries.filter(batch=pending.number)
    for table, ids in unwritten:
        entries.filter(table=table, record_id__in=ids).update(batch=aside.number)


def _insert_entries(
    pending: ChangeBatch, model: type[Record], changes: Sequence[Change]
) -> None:
    """Bulk insert; bulk_create takes four times as long on 5,000 entries."""
    connection = connections[CONSOLE]
    quote = connection.ops.quote_name
    sql = (
        f"INSERT INTO {quote(ChangeEntry._meta.db_table)} "
        f"({', '.join(map(quote, COLUMNS))}) "
        f"VALUES ({', '.join(['%s'] * len(COLUMNS))})"
    )
    head = (pending.change_set_id, pending.number, model._meta.label_lower)
    with connection.cursor() as cursor:
        cursor.executemany(sql, [head + entry for entry in dump_pairs(model, changes)])
