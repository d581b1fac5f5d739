"""After a crash: find out what really happened to the batch that was being written.

MoviePilot's transaction of a batch either committed or did not, so its records hold
`after` or `before`; a record holding neither was changed by someone else in between and
tells nothing.
"""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from core.changes.models import BatchState, ChangeSet, State
from core.changes.rows import Rows
from core.changes.run import CONSOLE, LEASE, finish, this_worker
from core.changes.snapshot import load
from core.changes.undo import holds

if TYPE_CHECKING:
    from core.changes.models import ChangeBatch, ChangeEntry


def settle_all() -> list[ChangeSet]:
    """Settle every change set whose process is gone; returns them."""
    unfinished = ChangeSet.objects.filter(state=State.APPLYING)
    return [change_set for change_set in unfinished if settle(change_set)]


def settle(change_set: ChangeSet) -> bool:
    """Settle this one, unless it is finished or its process is still at work.

    Afterwards it is *stopped* (or *applied*, when only the last mark was missing),
    every batch is applied or discarded, and the counts are right. Returns whether there
    was anything to do.
    """
    if (
        change_set.state != State.APPLYING
        or is_at_work(change_set)
        or not _claim(change_set)
    ):
        return False
    for batch in change_set.batches.filter(state=BatchState.PENDING):
        settle_batch(change_set, batch)
    is_complete = change_set.position >= change_set.total
    finish(change_set, State.APPLIED if is_complete else State.STOPPED)
    return True


def is_at_work(change_set: ChangeSet) -> bool:
    """Whether the process that applies the change set may still be alive."""
    if change_set.lease_until is None or change_set.lease_until < timezone.now():
        return False
    host, pid, _token = [*change_set.worker.split(" "), "", "", ""][:3]
    if host != socket.gethostname() or not pid.isdigit():
        return True
    if int(pid) == os.getpid():
        return change_set.worker == this_worker()
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
    """Take the change set over; one of two processes that try gets it."""
    claimed = ChangeSet.objects.filter(
        pk=change_set.pk, state=State.APPLYING, worker=change_set.worker
    ).update(worker=this_worker() + " settling", lease_until=timezone.now() + LEASE)
    change_set.refresh_from_db()
    return claimed == 1


def settle_batch(change_set: ChangeSet, batch: ChangeBatch) -> None:
    """Compare each record with its entry; keep as applied what the records confirm."""
    entries = [*change_set.entries.filter(batch=batch.number)]
    written, unwritten = sort_entries(entries)
    with transaction.atomic(CONSOLE):
        if not written and unwritten:
            batch.state = BatchState.DISCARDED
        else:
            batch.state = BatchState.APPLIED
            _set_aside(change_set, unwritten)
            change_set.changed += len(entries) - len(unwritten)
            change_set.unchanged += batch.position - change_set.position - len(entries)
            change_set.position = batch.position
        batch.save(update_fields=["state"])
        change_set.save(update_fields=["changed", "unchanged", "position"])


def sort_entries(
    entries: list[ChangeEntry],
) -> tuple[list[ChangeEntry], list[ChangeEntry]]:
    """Entries whose records hold `after`, and those whose hold `before` still."""
    if not entries:
        return [], []
    current = Rows(entries[0].model).snapshots([entry.record_id for entry in entries])
    written = [e for e in entries if holds(current.get(e.record_id), load(e.after))]
    unwritten = [
        e
        for e in entries
        if e not in written and holds(current.get(e.record_id), load(e.before))
    ]
    return written, unwritten


def _set_aside(change_set: ChangeSet, entries: list[ChangeEntry]) -> None:
    """Move entries that were not written to a discarded batch of their own."""
    if not entries:
        return
    number = change_set.batches.count() + 1
    change_set.batches.create(
        number=number, state=BatchState.DISCARDED, position=change_set.position
    )
    ids = [entry.pk for entry in entries]
    change_set.entries.filter(pk__in=ids).update(batch=number)
