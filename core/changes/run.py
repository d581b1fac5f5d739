"""Write-ahead, batch by batch: how every change reaches MoviePilot's database.

For each batch, in this order:

1. begin MoviePilot's write transaction and read what the records hold (`Work.decide`);
2. commit the entries to the console's database as a *pending* batch (`journal`);
3. write the rows, commit;
4. mark the batch *applied* and note how far the change set has come (`mark`).

Killed between any two of these, nothing is lost: a pending batch is settled by looking
at what its records hold (core.changes.settle), and the change set can be resumed or
undone.
"""

from __future__ import annotations

import os
import socket
import time
import uuid
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from django.db import DataError, IntegrityError, connections, transaction
from django.db.models import F
from django.utils import timezone

from core.changes.door import write_transaction
from core.changes.models import BatchState, ChangeBatch, ChangeEntry, ChangeSet, State
from core.changes.rows import NoFreeId, Rows
from core.changes.snapshot import dump_pairs
from core.changes.work import Batch, Decision, Problem, Work
from core.current import current_operator

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from core.changes.rows import Change
    from core.models.base import Record
    from core.models.operators import Operator

CONSOLE = "default"
LEASE = timedelta(minutes=3)
MOST_PROBLEMS = 1000


class Pace:
    """How many records fit into one short hold of MoviePilot's write lock."""

    smallest, largest = 50, 5000
    hold = 0.09
    """Seconds a batch should hold the lock: MoviePilot's longest wait is to stay under
    250 ms.
    """
    breath = 0.026
    """Seconds between two batches. SQLite's waiters look at the lock every 25 ms at
    first.
    """

    def __init__(self) -> None:
        self.size = 1000
        self.released = 0.0

    @contextmanager
    def measured(self, count: int) -> Iterator[None]:
        """Adjust the size after a batch that is full, by how long it took."""
        time.sleep(max(0.0, self.released + self.breath - time.monotonic()))
        started = time.monotonic()
        yield
        self.released = time.monotonic()
        if count >= self.size:
            factor = self.hold / max(self.released - started, 0.001)
            factor = min(max(factor, 0.25), 2.0)
            self.size = int(min(max(self.size * factor, self.smallest), self.largest))


@cache
def _process_token(pid: int) -> str:
    return uuid.uuid4().hex


def this_worker() -> str:
    """Name of this process, told apart from a later one with the same number."""
    return f"{socket.gethostname()} {os.getpid()} {_process_token(os.getpid())}"


def open_change_set(
    work: Work,
    kind: str,
    *,
    by: Operator | None = None,
    reason: str = "",
    **values: Any,
) -> ChangeSet:
    """The change set of a work about to be run, by this operator or the one at work."""
    operator = by or current_operator()
    return ChangeSet.objects.create(
        operator=operator,
        operator_name=operator.get_username() if operator else "system",
        table=work.model._meta.label_lower,
        kind=kind,
        reason=reason,
        total=work.total,
        worker=this_worker(),
        lease_until=timezone.now() + LEASE,
        **values,
    )


def run(change_set: ChangeSet, work: Work) -> None:
    """Do the work from where the change set stands to the end.

    An error stops the change set, which can then be resumed or undone, and is raised.
    """
    pace = Pace()
    try:
        for batch in work.batches(change_set.position, lambda: pace.size):
            write_batch(change_set, work, batch, pace)
    except BaseException:
        finish(change_set, State.STOPPED)
        raise
    finish(change_set, State.APPLIED)


def write_batch(change_set: ChangeSet, work: Work, batch: Batch, pace: Pace) -> None:
    """One batch through all four steps; where a record is refused, the others still get
    there.
    """
    rows = Rows(batch.model)
    number = None
    try:
        with pace.measured(len(batch.items)), write_transaction():
            decision = work.decide(rows, batch, lock=True)
            if decision.changes:
                number = journal(change_set, batch, decision)
                rows.write(decision.changes)
    except (IntegrityError, DataError, NoFreeId) as error:
        discard(change_set, number)
        if len(batch.items) == 1:
            mark(change_set, None, batch, refused(batch, error))
            return
        for half in halves(change_set, batch):
            write_batch(change_set, work, half, pace)
        return
    mark(change_set, number, batch, decision)


def journal(change_set: ChangeSet, batch: Batch, decision: Decision) -> int:
    """Commit what is about to be written as a pending batch; returns its number."""
    with transaction.atomic(CONSOLE, durable=True):
        number = change_set.batches.count() + 1
        ChangeBatch.objects.create(
            change_set=change_set, number=number, position=batch.end
        )
        insert_entries(change_set.pk, number, batch.model, decision.changes)
    return number


def insert_entries(
    change_set_id: int, number: int, model: type[Record], changes: Sequence[Change]
) -> None:
    """Bulk insert; bulk_create takes four times as long on 5,000 entries."""
    columns = (
        "change_set_id",
        "batch",
        "table",
        "record_id",
        "label",
        "before",
        "after",
    )
    connection = connections[CONSOLE]
    quote = connection.ops.quote_name
    sql = (
        f"INSERT INTO {quote(ChangeEntry._meta.db_table)} "
        f"({', '.join(map(quote, columns))}) "
        f"VALUES ({', '.join(['%s'] * len(columns))})"
    )
    head = (change_set_id, number, model._meta.label_lower)
    with connection.cursor() as cursor:
        cursor.executemany(sql, [head + entry for entry in dump_pairs(model, changes)])


def mark(
    change_set: ChangeSet, number: int | None, batch: Batch, decision: Decision
) -> None:
    """Note that the batch is applied and the change set has come this far."""
    gone, failed = sort_problems(decision)
    with transaction.atomic(CONSOLE):
        if number is not None:
            change_set.batches.filter(number=number).update(state=BatchState.APPLIED)
        change_set.position = batch.end
        change_set.problems = (change_set.problems + decision.problems)[:MOST_PROBLEMS]
        ChangeSet.objects.filter(pk=change_set.pk).update(
            position=batch.end,
            problems=change_set.problems,
            changed=F("changed") + len(decision.changes),
            unchanged=F("unchanged") + decision.unchanged,
            skipped=F("skipped") + gone,
            failed=F("failed") + failed,
            lease_until=timezone.now() + LEASE,
        )


def sort_problems(decision: Decision) -> tuple[int, int]:
    """How many records were skipped for a known reason, and how many refused."""
    known = {*Problem.values}
    skipped = sum(
        why in known and why != Problem.NEW_ID for _pk, why in decision.problems
    )
    return skipped, sum(why not in known for _pk, why in decision.problems)


def discard(change_set: ChangeSet, number: int | None) -> None:
    """The batch was journaled but never written."""
    if number is not None:
        change_set.batches.filter(number=number).update(state=BatchState.DISCARDED)


def halves(change_set: ChangeSet, batch: Batch) -> list[Batch]:
    """The batch in two, to find the record the database refuses."""
    middle = len(batch.items) // 2
    first = Batch(
        batch.model, batch.items[:middle], batch.end - len(batch.items) + middle
    )
    return [first, Batch(batch.model, batch.items[middle:], batch.end)]


def refused(batch: Batch, error: Exception) -> Decision:
    """The database did not take this record."""
    item = batch.items[0]
    record_id = item if isinstance(item, int) else getattr(item, "record_id", 0)
    return Decision(problems=[(record_id, first_line(error))])


def first_line(error: Exception) -> str:
    """What went wrong, without the values a database likes to repeat in its second
    line.
    """
    return str(error).strip().partition("\n")[0][:300]


def finish(change_set: ChangeSet, state: State) -> None:
    """Close the change set; reads back the counts the batches have added up."""
    ChangeSet.objects.filter(pk=change_set.pk).update(
        state=state, finished_at=timezone.now(), lease_until=None
    )
    change_set.refresh_from_db()
