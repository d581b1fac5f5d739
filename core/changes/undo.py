"""Undo: a change set that puts `before` back where a record still holds `after`.

Of a change set all can be taken back, or a part: entries chosen by id. What an undo has
dealt with is never taken back a second time, the rest can be; so parts add up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

from core.changes import idset
from core.changes.journal import CONSOLE, open_change_set, reopen
from core.changes.models import ChangeSet, Kind, State
from core.changes.parts import dealt_with, entry_ids
from core.changes.run import run
from core.changes.settle import settle
from core.changes.undo_work import UndoWork
from core.changes.work import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.models.operators import Operator


STANDING = ("pk", "state", "position", "changed", "carried", "unchanged", "pruned_at")


class NothingToUndo(Exception):
    """The change set is at work, wrote nothing, was pruned, or has been taken back."""


@dataclass(frozen=True)
class UndoResult:
    """The change set an undo made: what it put back, and what it left alone."""

    change_set: ChangeSet

    @property
    def restored(self) -> list[int]:
        """Ids of the records put back."""
        return sorted(self.change_set.record_ids())

    @property
    def conflicts(self) -> list[int]:
        """Ids of the records somebody changed since (the first 1,000)."""
        return [pk for pk, why in self.change_set.problems if why == Problem.CONFLICT]


@dataclass(frozen=True)
class Todo:
    """What an undo is to take back."""

    ids: list[int] | None
    """Of entries, ascending; None for all there are."""
    fresh: int
    """How many of them no undo has dealt with before."""
    forced: frozenset[int] = frozenset()


def undo(
    change_set: ChangeSet,
    *,
    by: Operator | None = None,
    reason: str = "",
    entries: Iterable[int] | None = None,
    force: Iterable[int] = (),
) -> UndoResult:
    """Take a change set back, as a new change set that can itself be undone.

    `entries` are ids of its entries: then only those. A record that no longer holds
    what the change set wrote is a conflict and is left alone, unless its entry is
    among `force`, which are taken back whatever the records hold, also after an undo
    has left them alone; without `entries` nothing but those. An undo that was stopped
    is gone on with when all of the rest is wanted. Raises NothingToUndo.
    """
    undoing, work = claim_undo(
        change_set, by=by, reason=reason, entries=entries, force=force
    )
    run(undoing, work)
    return UndoResult(undoing)


def claim_undo(
    change_set: ChangeSet,
    *,
    by: Operator | None = None,
    reason: str = "",
    entries: Iterable[int] | None = None,
    force: Iterable[int] = (),
    state: State = State.APPLYING,
) -> tuple[ChangeSet, UndoWork]:
    """Open the undo, or take a stopped one up again, for somebody to run.

    Nobody else can undo any of the change set until it ends. Raises NothingToUndo.
    """
    for unfinished in change_set.undone_by.filter(state=State.APPLYING):
        settle(unfinished)
    forced = frozenset(force)
    wanted = None if entries is None and not forced else forced.union(entries or ())
    # Of a million entries it takes seconds to tell; whoever writes a batch meanwhile
    # needs the console's database, and holds MoviePilot's.
    seen = _standing(change_set.pk)
    todo = _todo(ChangeSet.objects.get(pk=change_set.pk), wanted, forced)
    with transaction.atomic(CONSOLE):
        # Two operators may press the button at once: the second waits here.
        change_set = ChangeSet.objects.select_for_update().get(pk=change_set.pk)
        if _standing(change_set.pk) != seen:
            todo = _todo(change_set, wanted, forced)
        stopped = _stopped_undo(change_set, todo)
        if stopped is None:
            return _open(change_set, todo, by=by, reason=reason, state=state)
        if not reopen(stopped, state):
            raise NothingToUndo
    return stopped, work_of_undo(stopped)


def work_of_undo(undoing: ChangeSet) -> UndoWork:
    """The work an undo stands for. Raises NothingToUndo where the undone is gone."""
    undone = undoing.undoes
    if undone is None or undone.pruned_at or undoing.selection.get("force"):
        raise NothingToUndo
    forced = frozenset(idset.unpack(bytes(undoing.payload)))
    ids = idset.unpack(bytes(undoing.ids)) if undoing.ids else None
    return UndoWork(undone, ids, forced)


def _standing(pk: int) -> list[tuple[object, ...]]:
    """What tells whether a change set, its undos, theirs and so on have gone on."""
    found: list[tuple[object, ...]] = []
    level = [pk]
    while level:
        among = ChangeSet.objects.filter(pk__in=level).order_by("pk")
        found += among.values_list(*STANDING)
        undos = ChangeSet.objects.filter(undoes__in=level)
        level = [*undos.values_list("pk", flat=True)]
    return found


def _todo(
    change_set: ChangeSet, wanted: frozenset[int] | None, forced: frozenset[int]
) -> Todo:
    """What is left of what is wanted. Raises NothingToUndo."""
    is_idle = not change_set.is_active and not change_set.pruned_at
    active = [undo for undo in change_set.undone_by.all() if undo.is_active]
    if not is_idle or active or not change_set.written:
        raise NothingToUndo
    done = dealt_with(change_set)
    if wanted is None and not done:
        return Todo(None, change_set.written)
    applied = entry_ids(change_set.applied_entries())
    fresh = [pk for pk in applied if pk not in done and _is_in(pk, wanted)]
    again = [pk for pk in applied if pk in done and pk in forced]
    if not fresh and not again:
        raise NothingToUndo
    return Todo(sorted(fresh + again), len(fresh), forced.intersection(applied))


def _is_in(pk: int, wanted: frozenset[int] | None) -> bool:
    return wanted is None or pk in wanted


def _stopped_undo(change_set: ChangeSet, todo: Todo) -> ChangeSet | None:
    """The stopped undo that has exactly this left to do."""
    stopped = change_set.undone_by.filter(state=State.STOPPED).order_by("-pk").first()
    if stopped is None or todo.forced or stopped.payload or not stopped.can_be_resumed:
        return None
    left = stopped.total - stopped.position
    if todo.ids is None or not stopped.ids:
        is_same = not stopped.ids and todo.fresh == left
    else:
        is_same = todo.ids == idset.unpack(bytes(stopped.ids))[:left]
    return stopped if is_same else None


def _open(
    change_set: ChangeSet, todo: Todo, *, by: Operator | None, reason: str, state: State
) -> tuple[ChangeSet, UndoWork]:
    work = UndoWork(change_set, todo.ids, todo.forced)
    undoing = open_change_set(
        work,
        Kind.UNDO,
        by=by,
        reason=reason,
        state=state,
        undoes=change_set,
        selection=_kept(todo),
        ids=b"" if todo.ids is None else idset.pack(todo.ids),
        payload=idset.pack(sorted(todo.forced)) if todo.forced else b"",
    )
    return undoing, work


def _kept(todo: Todo) -> dict[str, int]:
    """What an undo of a part remembers beside the ids."""
    if todo.ids is None:
        return {}
    return {
        "part": len(todo.ids),
        "fresh": todo.fresh,
        "forced": len(todo.forced),
    }
