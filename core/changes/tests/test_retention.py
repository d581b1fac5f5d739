"""Pruning: entries go, that there was a change stays."""

import datetime as dt
import threading
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from django.utils import timezone

from core.changes import (
    ChangeBatch,
    ChangeEntry,
    ChangeSet,
    NothingToUndo,
    State,
    retention,
    undo,
)
from core.changes.run import Pace
from core.changes.tests.support import add_messages, add_sites, edit
from core.models import Message
from sites.models import Site


def age(*change_sets, days=100):
    """Let them have ended so many days ago."""
    then = timezone.now() - dt.timedelta(days=days)
    chosen = ChangeSet.objects.filter(pk__in=[each.pk for each in change_sets])
    chosen.update(created_at=then, finished_at=then)


def prune(days=90):
    return {change_set.pk: count for change_set, count in retention.prune(days)}


def again(change_set):
    return ChangeSet.objects.get(pk=change_set.pk)


def prune_changes(*arguments):
    out = StringIO()
    call_command("prune_changes", *arguments, stdout=out)
    return out.getvalue()


def test_an_old_change_loses_its_entries_and_keeps_its_story(library, operator):
    add_sites(library, 3)
    old = edit(Site, timeout=60)
    new = edit(Site, timeout=70)
    ChangeSet.objects.filter(pk=old.pk).update(operator=operator, reason="slow lines")
    age(old)
    before = library.dump()

    assert prune() == {old.pk: 3}

    kept = again(old)
    assert (kept.changed, kept.operator, kept.reason) == (3, operator, "slow lines")
    assert kept.pruned_at is not None
    assert not kept.entries.exists()
    assert not kept.batches.exists()
    assert new.entries.count() == 3
    assert library.dump() == before


def test_what_was_pruned_can_neither_be_undone_nor_gone_on_with(library):
    add_sites(library, 2)
    change_set = edit(Site, timeout=60)
    age(change_set)
    prune()

    kept = again(change_set)

    assert not kept.can_be_undone
    assert not kept.can_be_resumed
    with pytest.raises(NothingToUndo):
        undo(kept)
    with pytest.raises(NothingToUndo):
        undo(kept, force=[1])


@pytest.mark.parametrize("state", [State.QUEUED, State.APPLYING, State.STOPPED])
def test_what_is_unfinished_is_never_pruned(library, state):
    add_sites(library, 2)
    change_set = edit(Site, timeout=60)
    age(change_set)
    ChangeSet.objects.filter(pk=change_set.pk).update(state=state)

    assert prune() == {}
    assert change_set.entries.count() == 2


def test_what_an_unfinished_undo_needs_is_never_pruned(library):
    add_sites(library, 2)
    change_set = edit(Site, timeout=60)
    undoing = undo(change_set).change_set
    age(change_set, undoing)
    ChangeSet.objects.filter(pk=undoing.pk).update(state=State.STOPPED)

    assert prune() == {}


def test_an_undo_may_be_pruned_before_what_it_undoes(library):
    first, second = add_sites(library, 2)
    before = library.dump()
    change_set = edit(Site, timeout=60)
    [entry, _other] = change_set.entries.order_by("pk")
    part = undo(change_set, entries=[entry.pk]).change_set
    age(part)
    assert prune() == {part.pk: 1}

    rest = undo(change_set)

    assert rest.restored == [second]
    assert library.dump() == before
    assert first


def test_pruning_that_was_broken_off_goes_on(library, small_batches):
    add_messages(library, 200)
    change_set = edit(Message, text="x")
    age(change_set)
    assert change_set.batches.count() == 4
    # As a process leaves it that was killed after its first batch.
    ChangeSet.objects.filter(pk=change_set.pk).update(pruned_at=timezone.now())
    change_set.entries.filter(batch=1).delete()
    change_set.batches.filter(number=1).delete()

    assert prune() == {change_set.pk: 150}
    assert not ChangeEntry.objects.exists()
    assert not ChangeBatch.objects.exists()
    assert prune() == {}


def test_an_undo_and_pruning_at_once_do_one_or_the_other(library):
    add_messages(library, 50)
    before = library.dump()
    change_set = edit(Message, text="x")
    age(change_set)
    outcomes = []

    def take_back():
        try:
            outcomes.append(undo(change_set).change_set.changed)
        except NothingToUndo:
            outcomes.append("pruned")
        finally:
            connections.close_all()

    thread = threading.Thread(target=take_back)
    thread.start()
    pruned = prune()
    thread.join(60)

    if outcomes == ["pruned"]:
        assert pruned == {change_set.pk: 50}
    else:
        assert outcomes == [50]
        assert library.dump() == before


def test_the_command_says_what_it_would_do_and_does_it(library):
    add_sites(library, 3)
    old, new = edit(Site, timeout=60), edit(Site, timeout=70)
    age(old)

    told = prune_changes("--days", "90", "--dry-run")
    assert "1 changes with 3 entries are older than 90 days" in told
    assert old.entries.count() == 3
    told = prune_changes("--days", "90")

    assert "Deleted 3 entries of 1 changes." in told
    assert not old.entries.exists()
    assert new.entries.exists()
    assert "0 changes" in prune_changes("--days", "90")


@pytest.mark.parametrize("days", ["-1", "40000"])
def test_the_command_wants_a_number_of_days(library, days):
    with pytest.raises(CommandError):
        prune_changes("--days", days)


def test_space_is_given_back(sqlite_library, console):
    add_messages(sqlite_library, 4000, text="x" * 200)
    change_set = edit(Message, text="y" * 2000)
    age(change_set)
    size = console.stat().st_size

    told = prune_changes("--days", "90")

    assert "smaller" in told
    assert console.stat().st_size < size / 2
    assert again(change_set).pruned_at


def test_space_is_left_alone_when_told_so(sqlite_library, console):
    add_messages(sqlite_library, 4000, text="x" * 200)
    age(edit(Message, text="y" * 2000))

    assert "smaller" not in prune_changes("--days", "90", "--no-vacuum")
    assert retention.free_share() > 0.5


def test_a_worker_prunes_by_itself_where_it_is_set(library, settings):
    add_sites(library, 2)
    change_set = edit(Site, timeout=60)
    age(change_set)

    settings.KEEP_CHANGES_DAYS = 0
    with retention.pruning_daily():
        pass
    assert change_set.entries.exists()
    settings.KEEP_CHANGES_DAYS = 90
    with retention.pruning_daily():
        # Told to end, it ends after the change set it is at.
        wait_until(lambda: again(change_set).pruned_at and not left(change_set))

    assert not change_set.entries.exists()


def left(change_set):
    return change_set.batches.exists()


def wait_until(is_so):
    """Until another thread has done it; the test's own time limit ends it."""
    while not is_so():
        threading.Event().wait(0.01)


def test_pruning_costs_a_few_queries_for_each_batch(
    library, django_assert_max_num_queries
):
    add_sites(library, 20)
    age(edit(Site, timeout=60))
    assert Pace.size

    with django_assert_max_num_queries(14):
        prune()
