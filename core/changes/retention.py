"""Old entries are deleted to save space; that there was a change is kept for ever.

A pruned change set says who did what, when and why, and how many records it wrote. What
they held before is gone, so it can no longer be undone.
"""

from __future__ import annotations

import logging
import shutil
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import Error, connections, transaction
from django.db.models import Count, Exists, Max, Min, OuterRef, Sum
from django.utils import timezone

from core.changes.journal import CONSOLE
from core.changes.models import ChangeBatch, ChangeEntry, ChangeSet, Kind, State
from core.schema.place import sqlite_path

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from django.db.models import QuerySet

    from core.models.operators import Operator

BREATH = 0.03
"""Seconds between two transactions: SQLite's waiters look at the lock every 25 ms."""
DAY = 24 * 60 * 60
WORTH_IT = 0.25
"""The free part of a SQLite file from which it is made smaller."""
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Prunable:
    """What is old enough."""

    change_sets: int
    entries: int
    first: dt.datetime | None
    last: dt.datetime | None
    left: int = 0
    """Entries of change sets whose pruning was broken off."""

    @property
    def is_something(self) -> bool:
        """Whether anything is to be deleted."""
        return bool(self.change_sets or self.left)


def old_changes(days: int) -> QuerySet[ChangeSet]:
    """Finished change sets older than that, whose entries nobody needs to go on."""
    limit = timezone.now() - timedelta(days=days)
    unfinished = ChangeSet.objects.filter(undoes=OuterRef("pk"))
    unfinished = unfinished.exclude(state=State.APPLIED)
    return ChangeSet.objects.filter(
        ~Exists(unfinished),
        state=State.APPLIED,
        pruned_at=None,
        finished_at__lt=limit,
    )


def look(days: int) -> Prunable:
    """How much `prune` would delete."""
    found = old_changes(days).aggregate(
        count=Count("pk"),
        changed=Sum("changed", default=0),
        carried=Sum("carried", default=0),
        first=Min("created_at"),
        last=Max("created_at"),
    )
    entries = found["changed"] + found["carried"]
    left = ChangeEntry.objects.filter(change_set__in=half_pruned()).count()
    return Prunable(found["count"], entries, found["first"], found["last"], left)


def record(
    days: int, found: Prunable, *, by: Operator | None = None, **detail: object
) -> None:
    """Keep that this is about to be pruned, and by whom."""
    from core.models.audit import AuditEvent, AuditKind

    AuditEvent.objects.record(
        AuditKind.PRUNE,
        "change log",
        by=by,
        days=days,
        changes=found.change_sets,
        entries=found.entries + found.left,
        **detail,
    )


def prune(
    days: int, *, seconds: float | None = None
) -> Iterator[tuple[ChangeSet, int]]:
    """Prune what is older than that; each change set with its deleted entries.

    Killed in between it loses nothing: the next call goes on, as it does where this one
    stopped after so many seconds. Two at once do no harm.
    """
    end = None if seconds is None else time.monotonic() + seconds
    begun = [*half_pruned().values_list("pk", flat=True)]
    old = [*old_changes(days).order_by("pk").values_list("pk", flat=True)]
    for pk in [*begun, *old]:
        if pk in begun or _claim(pk, days):
            yield from _emptied(pk, end)
            if _is_over(end):
                return


def _is_over(end: float | None) -> bool:
    return end is not None and time.monotonic() >= end


def half_pruned() -> QuerySet[ChangeSet]:
    """Change sets whose pruning was broken off."""
    batches = ChangeBatch.objects.filter(change_set=OuterRef("pk"))
    return ChangeSet.objects.filter(Exists(batches), pruned_at__isnull=False)


def _claim(pk: int, days: int) -> bool:
    """From here on nobody can undo it, and no undo of it is under way."""
    with transaction.atomic(CONSOLE):
        # Locked before it is looked at: an undo locks it to be opened.
        change_set = ChangeSet.objects.select_for_update().filter(pk=pk).first()
        if change_set is None or not old_changes(days).filter(pk=pk).exists():
            return False
        change_set.pruned_at = timezone.now()
        change_set.payload = b""
        if change_set.kind != Kind.UNDO:  # of those it says what they have dealt with
            change_set.ids = b""
        change_set.save(update_fields=["pruned_at", "payload", "ids"])
    return True


def _emptied(pk: int, end: float | None) -> Iterator[tuple[ChangeSet, int]]:
    """Delete the entries, a batch in one short transaction; until then, if given."""
    change_set = ChangeSet.objects.filter(pk=pk).first()
    if change_set is None:
        return
    deleted = 0
    for number in [*change_set.batches.values_list("number", flat=True)]:
        with transaction.atomic(CONSOLE):
            count, _tables = change_set.entries.filter(batch=number).delete()
            change_set.batches.filter(number=number).delete()
        deleted += count
        if _is_over(end):
            break
        time.sleep(BREATH)
    yield change_set, deleted


# --- Space


def free_share() -> float:
    """The part of the console's SQLite file that holds nothing; 0 on PostgreSQL, which
    uses it again by itself.
    """
    connection = connections[CONSOLE]
    if connection.vendor != "sqlite":
        return 0.0
    with connection.cursor() as cursor:
        pages, free = (
            cursor.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("page_count", "freelist_count")
        )
    return free / pages if pages else 0.0


def has_room() -> bool:
    """Whether a second copy of the console's SQLite file fits beside it."""
    path = sqlite_path(connections[CONSOLE].settings_dict["NAME"])
    return shutil.disk_usage(path.parent).free > 2 * path.stat().st_size


def give_space_back() -> None:
    """Make the console's SQLite file as small as what it holds.

    It can be read meanwhile; changes wait. What is deleted without this is used again
    for later changes, so the file grows no further either way.
    """
    with connections[CONSOLE].cursor() as cursor:
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


# --- By itself


@contextmanager
def pruning_daily() -> Iterator[None]:
    """While it lasts, prune now and once a day what MPADMIN_KEEP_CHANGES_DAYS says."""
    days = settings.KEEP_CHANGES_DAYS
    if not days:
        yield
        return
    stopped = threading.Event()
    thread = threading.Thread(target=_prune_daily, args=(days, stopped), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join(10)


def _prune_daily(days: int, stopped: threading.Event) -> None:
    while not stopped.is_set():
        try:
            if (found := look(days)).is_something:
                record(days, found)
            for change_set, entries in prune(days):
                logger.info("Change %s: %s entries pruned.", change_set.pk, entries)
                if stopped.is_set():
                    break
        except Error:
            logger.exception("Pruning stopped; it is tried again tomorrow.")
        finally:
            connections.close_all()
        stopped.wait(DAY)
