"""How far a change has come, in numbers and words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.changes import ChangeSet, State
from core.permissions import may

if TYPE_CHECKING:
    import datetime as dt

    from core.changes.models import ChangeSet as ChangeSetType
    from core.permissions import Person

PATIENCE = 10
"""Seconds a change waits before its page says what may be the matter."""
STEP = 10
"""Percent between two times that a screen reader is told."""
MINUTE, HOUR = 60, 3600
MOST = 100
"""Changes that the top bar counts."""


@dataclass(frozen=True)
class Progress:
    """What the progress bar of a change shows."""

    done: int
    total: int
    is_waiting: bool
    is_cancelled: bool
    left: str
    """How long it will take yet, in words; '' where nobody can tell."""
    hint: str
    """What to do about a change that nobody takes."""
    url: str
    said: int
    """The last percentage that was said aloud."""
    is_news: bool = False
    """Whether it is to be said now."""

    @classmethod
    def of(cls, change_set: ChangeSetType, said: int = 0) -> Progress:
        """Of one that waits or runs; `said` is the percentage last said aloud."""
        step = percent(change_set) // STEP * STEP
        return cls(
            done=change_set.position,
            total=change_set.total,
            is_waiting=change_set.state == State.QUEUED,
            is_cancelled=change_set.cancel_requested,
            left=time_left(change_set),
            hint=hint(change_set),
            url=reverse("admin:core_changeset_progress", args=[change_set.pk]),
            said=step,
            is_news=step > said,
        )


@dataclass(frozen=True)
class Running:
    """What the top bar says of changes that wait or run."""

    text: str
    url: str


def running(person: Person) -> Running | None:
    """Of the changes the operator may see. One query, on every page."""
    if not person.has_perm("core.view_changeset"):
        return None
    active = ChangeSet.objects.active().only("state", "position", "total", "table")
    found = [each for each in active[:MOST] if may(person, "view", each.table)]
    if not found:
        return None
    if len(found) > 1:
        url = reverse("admin:core_changeset_changelist")
        count = ngettext("%d change is running", "%d changes are running", len(found))
        return Running(count % len(found), url)
    url = reverse("admin:core_changeset_change", args=[found[0].pk])
    if found[0].state == State.QUEUED:
        return Running(_("1 change is waiting"), url)
    text = _("1 change is running, %d %%") % percent(found[0])
    return Running(text, url)


def percent(change_set: ChangeSetType) -> int:
    """How much of it is done, of a hundred."""
    return min(100, 100 * change_set.position // max(1, change_set.total))


def time_left(change_set: ChangeSetType) -> str:
    """How long it will take yet, at the pace it has had."""
    done = change_set.position - change_set.started_position
    if change_set.state != State.APPLYING or change_set.started_at is None or not done:
        return ""
    taken = (timezone.now() - change_set.started_at).total_seconds()
    return words_of(taken / done * max(0, change_set.total - change_set.position))


def words_of(seconds: float) -> str:
    """A time as one would say it."""
    if seconds >= HOUR:
        count = round(seconds / HOUR)
        return ngettext("about %d hour left", "about %d hours left", count) % count
    if seconds >= MINUTE:
        count = round(seconds / MINUTE)
        return ngettext("about %d minute left", "about %d minutes left", count) % count
    count = max(1, round(seconds))
    return ngettext("about %d second left", "about %d seconds left", count) % count


def is_late(change_set: ChangeSetType) -> bool:
    """Whether it has been waiting for longer than a worker takes to look."""
    if change_set.state != State.QUEUED:
        return False
    since: dt.datetime = change_set.started_at or change_set.created_at
    return (timezone.now() - since).total_seconds() >= PATIENCE


def hint(change_set: ChangeSetType) -> str:
    """Why nobody takes it, as far as can be told."""
    if not is_late(change_set):
        return ""
    if ChangeSet.objects.filter(state=State.APPLYING).exists():
        return _("The workers are busy with other changes; this one is next.")
    return _(
        "No worker takes it: is one running? “make serve” starts one, and “manage.py "
        "worker” another. Then queue it again."
    )
