"""After a crash: find out what really happened to the batch that was being written.

MoviePilot's transaction of a batch either committed or did not, so its records hold
`after` or `before`; a record holding neither was changed by someone else in between and
tells nothing.
"""

from __future__ import annotations

import logging
import os
import socket
from collections import defaultdict
from typing import TYPE_CHECKING

from django.db import Error
from django.utils import timezone

from core.changes.door import write_transaction
from core.changes.journal import (
    LEASE,
    Outcome,
    TakenOver,
    discard,
    finish,
    mark,
    release,
    this_run,
    this_worker,
)
from core.changes.models import BatchState, ChangeSet, State
from core.changes.rows import Rows, holds
from core.changes.snapshot import load
from core.changes.work import Problem
from core.secrets import UnreadableSecret

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.changes.models import ChangeBatch, ChangeEntry

logger = logging.getLogger(__name__)


def settle_all() -> list[ChangeSet]:
    """Settle every change set whose process is gone; returns those that could be."""
    settled = []
    for change_set in ChangeSet.objects.filter(state=State.APPLYING):
        try:
            if settle(change_set):
                settled.append(change_set)
        except (Error, UnreadableSecret):
            logger.exception("Change set %s cannot be settled.", change_set.pk)
    return settled


def settle(change_set: ChangeSet) -> bool:
    """Settle this one, unless it is finished or its process is still at work.

    Afterwards it is *stopped* (or *applied*, when only the last mark was missing),
    every batch is applied or discarded, and the counts are right. Returns whether there
    was anything to do.
    """
    if change_set.state != State.APPLYING or is_at_work(change_set):
        return False
    if not _claim(change_set):
        return False
    try:
        settle_pending(change_set)
        is_complete = change_set.position >= change_set.total
        finish(change_set, State.APPLIED if is_complete else State.STOPPED)
    except TakenOver:
        return False
    except BaseException:
        release(change_set)
        raise
    return True


def is_at_work(change_set: ChangeSet) -> bool:
    """Whether the process that works on the change set may still be alive."""
    if change_set.lease_until is None or change_set.lease_until < timezone.now():
        return False
    host, pid, token = [*change_set.worker.split(" "), "", "", ""][:3]
    if host != socket.gethostname() or not pid.isdigit():
        return True
    if int(pid) == os.getpid():
        return this_worker() == f"{host} {pid} {token}"
    return _is_running(int(pid))


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _claim(change_set: ChangeSet) -> bool:
    """Take the change set over; of two who try, one gets it."""
    claimed = ChangeSet.objects.filter(
        pk=change_set.pk, state=State.APPLYING, worker=change_set.worker
    ).update(
        worker=this_run(),
        lease_until=timezone.now() + LEASE,
    )
    change_set.refresh_from_db()
    return claimed == 1


def settle_pending(change_set: ChangeSet) -> None:
    """Settle the batches of a change set that is ours. Raises TakenOver."""
    for pending in change_set.batches.filter(state=BatchState.PENDING):
        settle_batch(change_set, pending)


def settle_batch(change_set: ChangeSet, pending: ChangeBatch) -> None:
    """Compare each record with its entry; keep as applied what the records confirm."""
    entries = [*change_set.entries.filter(batch=pending.number)]
    with write_transaction():  # waits for the end of whoever may still be writing it
        written, unwritten = sort_entries(entries)
    if unwritten and not written:
        discard(change_set, pending)
        return
    lost = [entry.record_id for entry in unwritten]
    tables = {entry.table for entry in entries}
    kept = [entry for entry in entries if entry not in unwritten]
    changed = sum(entry.table == change_set.table for entry in kept)
    outcome = Outcome(
        position=pending.position,
        changed=changed,
        carried=len(kept) - changed,
        unchanged=pending.unchanged,
        problems=[
            *((pk, why) for pk, why in pending.problems if pk not in lost),
            *((pk, Problem.LOST.value) for pk in lost),
        ],
        table=pending.table,
        aside=[
            (table, [e.record_id for e in unwritten if e.table == table])
            for table in sorted(tables)
        ],
    )
    mark(change_set, pending, outcome)


def sort_entries(
    entries: Sequence[ChangeEntry],
) -> tuple[list[ChangeEntry], set[ChangeEntry]]:
    """Entries whose records hold `after`, and those whose hold `before` still."""
    written, unwritten = [], set()
    by_table: dict[str, list[ChangeEntry]] = defaultdict(list)
    for entry in entries:
        by_table[entry.table].append(entry)
    for group in by_table.values():
        ids = [entry.record_id for entry in group]
        current = Rows(group[0].model).snapshots(ids, lock=True)
        for entry in group:
            now = current.get(entry.record_id)
            if holds(now, load(entry.after)):
                written.append(entry)
            elif holds(now, load(entry.before)):
                unwritten.add(entry)
    return written, unwritten
