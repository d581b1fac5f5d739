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

import logging
import time
from collections import Counter
from typing import TYPE_CHECKING

from django.db import (
    DatabaseError,
    DataError,
    Error,
    IntegrityError,
    OperationalError,
    transaction,
)
from django.utils.translation import gettext

from core.changes.door import MOVIEPILOT, write_transaction
from core.changes.journal import (
    Outcome,
    TakenOver,
    finish,
    journal,
    mark,
    must_stop,
    release,
    wait_for_console,
)
from core.changes.models import State
from core.changes.rows import Rows
from core.changes.settle import settle_pending
from core.changes.signals import written
from core.changes.work import InvalidValues, Problem
from core.redaction import error_line
from core.secrets import UnreadableSecret

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.changes.models import ChangeBatch, ChangeSet
    from core.changes.rows import Change
    from core.changes.work import Batch, Decision, Work

Refusals = dict[int, str]
"""Record id → why the database did not take it."""

ROLLED_BACK = {"40001", "40P01"}
"""PostgreSQL's codes for a transaction that lost against another: try it again."""
TRIES = 4
logger = logging.getLogger(__name__)


class Pace:
    """How many records fit into one short hold of MoviePilot's write lock."""

    smallest, largest = 250, 5000
    hold = 0.09
    """Seconds a batch should hold the lock: MoviePilot's longest wait is to stay under
    250 ms.
    """
    breaths = ((0.1, 0.026), (0.2, 0.055), (float("inf"), 0.105))
    """Seconds to leave the lock free, by how long it was held. SQLite's waiters look at
    it every 25 ms at first, then every 50 and every 100.
    """

    size = 1000
    taken = released = 0.0

    def rest(self) -> None:
        """Let others have the lock before the next batch."""
        breath = next(rest for held, rest in self.breaths if self.taken < held)
        time.sleep(max(0.0, self.released + breath - time.monotonic()))

    def note(self, count: int, taken: float) -> None:
        """Adjust the size by how long a full batch took, from lock to commit."""
        self.taken, self.released = taken, time.monotonic()
        if count >= self.size:
            factor = min(max(self.hold / max(taken, 0.001), 0.25), 2.0)
            self.size = int(min(max(self.size * factor, self.smallest), self.largest))


def run(change_set: ChangeSet, work: Work) -> None:
    """Do the work from where the change set stands to the end.

    An error stops the change set, which can then be resumed or undone, and is raised.
    One that somebody cancels is stopped too, after the batch being written, as is what
    a process was doing that is told to end.
    """
    pace = Pace()
    # Who may go depends on who comes in the same batch: as large as in the preview.
    is_cut = work.model.at_least_one is None
    try:
        for batch in work.batches(
            change_set.position, lambda: pace.size if is_cut else pace.largest
        ):
            if pace.released and (leaving.is_asked or must_stop(change_set)):
                finish(change_set, State.STOPPED, leaving.told())
                return
            write_patiently(change_set, work, batch, pace)
    except BaseException as error:
        stop(change_set, told(error))
        raise
    finish(change_set, State.APPLIED)


class Leaving:
    """Whether this process is to end as soon as it can."""

    is_asked = False

    def ask(self) -> None:
        """From a signal handler, say: no lock is taken."""
        self.is_asked = True

    def told(self) -> str:
        """What the change set says of it."""
        return gettext("The console was stopped.") if self.is_asked else ""


leaving = Leaving()


def told(error: BaseException) -> str:
    """An error as the change set keeps it. Of an unforeseen one no more than its name:
    its text may repeat a value.
    """
    if isinstance(error, DatabaseError):
        return gettext("MoviePilot's database refused: %s") % error_line(error)
    if isinstance(error, InvalidValues | UnreadableSecret):
        return str(error)
    return type(error).__name__


def stop(change_set: ChangeSet, error: str) -> None:
    """Find out what became of the batch being written, and close the change set."""
    try:
        settle_pending(change_set)
        finish(change_set, State.STOPPED, error)
    except TakenOver:
        return
    except (Error, UnreadableSecret):
        # What stopped the work may well stop this; it can be settled later.
        logger.exception("Change set %s is left unsettled.", change_set.pk)
        release(change_set)


def write_patiently(
    change_set: ChangeSet, work: Work, batch: Batch, pace: Pace
) -> None:
    """Write the batch, again when it lost a deadlock against MoviePilot."""
    for tries_left in reversed(range(TRIES)):
        try:
            write_batch(change_set, work, batch, pace)
        except OperationalError as error:
            code = getattr(error.__cause__, "sqlstate", None)
            if not tries_left or code not in ROLLED_BACK:
                raise
            settle_pending(change_set)
        else:
            return


def write_batch(change_set: ChangeSet, work: Work, batch: Batch, pace: Pace) -> None:
    """One batch through all four steps; a refused record does not stop the others."""
    pending: ChangeBatch | None = None
    refused: Refusals = {}
    pace.rest()
    wait_for_console()
    with write_transaction():
        started = time.monotonic()
        rows = Rows(batch.model)
        decision = work.decide(rows, batch, lock=True)
        if decision.changes:
            pending = journal(change_set, batch, decision)
            refused = write_decision(rows, decision)
    pace.note(len(batch.items), time.monotonic() - started)
    mark(change_set, pending, outcome(work, batch, decision, refused))
    tell(batch, decision)


def write_decision(rows: Rows, decision: Decision) -> Refusals:
    """Write what was decided; with records of other tables it is all or nothing."""
    if not decision.carried and not decision.is_whole:
        return write_rows(rows, decision.changes)
    parts = [(Rows(model), changes) for model, changes in decision.carried]
    parts.append((rows, decision.changes))
    try:
        with transaction.atomic(MOVIEPILOT):  # a savepoint
            for each, changes in parts:
                each.write(changes)
    except (IntegrityError, DataError) as error:
        if write_parked(parts):
            return {}
        return dict.fromkeys((c.record_id for c in decision.changes), error_line(error))
    return {}


def write_rows(rows: Rows, changes: Sequence[Change]) -> Refusals:
    """Write what the database takes; the rest is told apart by halves."""
    try:
        with transaction.atomic(MOVIEPILOT):  # a savepoint
            rows.write(changes)
    except (IntegrityError, DataError) as error:
        if len(changes) == 1:
            return {changes[0].record_id: error_line(error)}
        if write_parked([(rows, changes)]):
            return {}
        middle = len(changes) // 2
        return write_rows(rows, changes[:middle]) | write_rows(rows, changes[middle:])
    return {}


def write_parked(parts: Sequence[tuple[Rows, Sequence[Change]]]) -> bool:
    """Write records of which some get keys that others of them still hold."""
    try:
        with transaction.atomic(MOVIEPILOT):  # a savepoint
            parked = [rows.park(changes) for rows, changes in parts]
            if True not in parked:
                return False
            for rows, changes in parts:
                rows.write(changes)
    except (IntegrityError, DataError):
        return False
    return True


def tell(batch: Batch, decision: Decision) -> None:
    """Say which tables were written, to whoever keeps something of them in memory."""
    if decision.changes:
        for model in {batch.model, *(model for model, _ in decision.carried)}:
            for _receiver, error in written.send_robust(sender=model):
                if error is not None:
                    logger.error("Told of a write, a receiver failed.", exc_info=error)


def outcome(work: Work, batch: Batch, decision: Decision, refused: Refusals) -> Outcome:
    """What came of a batch that has been committed."""
    problems = [
        (pk, why)
        for pk, why in decision.problems
        if why != Problem.NEW_ID or pk not in refused
    ]
    count = len(decision.changes) - len(refused)
    written = Counter({batch.model: count})
    for model, changes in decision.carried if count else ():
        written[model] += len(changes)
    return Outcome(
        position=batch.end,
        changed=written.pop(work.model, 0),
        carried=written.total(),
        unchanged=decision.unchanged,
        problems=[*problems, *refused.items()],
        table=batch.model._meta.label_lower,
        aside=[(batch.model._meta.label_lower, [*refused])],
    )
